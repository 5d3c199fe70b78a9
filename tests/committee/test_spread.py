"""Medians and ninetieth percentiles are those of Python's statistics, whichever database finds them."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select, union_all

from committee.spread import spreads
from store.base import UtcDateTime
from store.database import Database
from store.spans import seconds_between

WAITS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-10, 10_000_000)), min_size=1, max_size=40)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WAITS)
def test_they_are_those_of_python(database: Database, waits: list[tuple[str, int]]) -> None:
    rows = union_all(
        *(select(literal(group).label("group"), literal(taken).label("seconds")) for group, taken in waits)
    )
    with database.reading() as db:
        found = spreads(db, select(rows.subquery()))
    assert found.keys() == {group for group, _ in waits}
    for group, spread in found.items():
        taken = [seconds for each, seconds in waits if each == group]
        assert spread.count == len(taken)
        assert spread.median == timedelta(seconds=statistics.median(taken))
        p90 = statistics.quantiles(taken, n=10, method="inclusive")[8] if len(taken) > 1 else taken[0]
        assert abs(spread.p90.total_seconds() - p90) < 0.001


def test_seconds_are_counted_over_the_end_of_summer_time_and_of_a_year(database: Database) -> None:
    began, ended = datetime(2020, 10, 24, 22, 30, 5, 900_000, UTC), datetime(2021, 1, 1, 0, 0, 4, 100_000, UTC)
    instants = (literal(each, UtcDateTime()) for each in (began, ended))
    with database.reading() as db:
        taken = db.scalar(select(seconds_between(*instants)))
    assert taken == (ended.replace(microsecond=0) - began.replace(microsecond=0)).total_seconds()
