"""Registry numbers: written as each region writes them, without a gap, from 1 each year in Stockholm."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.organisations import Organization
from committee.registry import Registry, formatted, next_number, require_pattern
from store.database import Database
from store.errors import Invalid
from store.ids import new_id

Travel = Callable[[datetime | timedelta], None]


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("{prefix} {year}/{seq}", "RS 2023/1400"),
        ("{prefix} {seq}-{year}", "RS 1400-2023"),
        ("{prefix}/{seq}/{year}", "RS/1400/2023"),
        ("{prefix}{yy}{seq:05}", "RS2301400"),
        ("{prefix}/{year}:{seq}", "RS/2023:1400"),
        ("{year}/{prefix} {seq:04}", "2023/RS 1400"),
    ],
)
def test_every_region_writes_its_numbers_in_its_own_way(pattern: str, number: str) -> None:
    assert formatted(pattern, "RS", 2023, 1400) == number


@pytest.mark.parametrize(
    "pattern", ["{prefix} {year}", "{prefix} {seq}", "{seq}-{year} {dnr}", "{seq}-{year}}", "{seq:5}"]
)
def test_a_pattern_that_would_give_a_number_twice_or_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid, match="pattern"):
        require_pattern(pattern)


@given(st.lists(st.tuples(st.integers(2000, 2099), st.integers(1, 99_999)), min_size=2, unique=True))
def test_no_two_numbers_of_a_padded_series_are_written_alike(drawn: list[tuple[int, int]]) -> None:
    assert len({formatted("RUN{yy}{seq:05}", "", year, seq) for year, seq in drawn}) == len(drawn)


def test_two_organisations_count_for_themselves(database: Database, travel: Travel) -> None:
    one, other = _registry(database, "RUN"), _registry(database, "RS")
    assert _take(database, one) == "RUN 1-2021"
    assert _take(database, other) == "RS 1-2021"
    assert _take(database, one) == "RUN 2-2021"


def test_a_year_begins_at_midnight_in_stockholm(database: Database, travel: Travel) -> None:
    tenant = _registry(database, "RUN")
    travel(datetime.fromisoformat("2021-12-31T22:59:59+00:00"))
    assert _take(database, tenant) == "RUN 1-2021"
    travel(datetime.fromisoformat("2021-12-31T23:00:00+00:00"))
    assert _take(database, tenant) == "RUN 1-2022"


def test_a_number_that_was_not_used_is_given_to_the_next(database: Database, travel: Travel) -> None:
    tenant = _registry(database, "RUN")
    with pytest.raises(Invalid), database.transaction() as db:
        next_number(db, tenant, "main")
        raise Invalid("The case cannot be registered.")
    assert _take(database, tenant) == "RUN 1-2021"


def test_many_at_once_leave_no_gap_and_share_no_number(database: Database, travel: Travel) -> None:
    tenant = _registry(database, "RUN")
    with ThreadPoolExecutor(8) as pool:
        given_out = list(pool.map(lambda _: _take(database, tenant), range(40)))
    assert sorted(given_out) == sorted(f"RUN {number}-2021" for number in range(1, 41))


def _registry(database: Database, prefix: str) -> UUID:
    tenant = new_id()
    with database.transaction() as db:
        db.add(Organization(id=tenant, organization_id=tenant, key=prefix.lower(), name=prefix, kind="region"))
        db.flush()
        db.add(Registry(organization_id=tenant, key="main", prefix=prefix, pattern="{prefix} {seq}-{year}"))
    return tenant


def _take(database: Database, tenant: UUID) -> str:
    with database.transaction() as db:
        return next_number(db, tenant, "main")
