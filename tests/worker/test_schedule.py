"""Cycles: each time is counted from the beginning, and the next after a pause is the one that counting would have come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import schedule
from engine.bpmn.model import TimerType
from engine.feel import DaysTimeDuration, YearsMonthsDuration
from store import clock

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001
PERIODS = st.one_of(
    st.integers(1, 60 * 24).map(lambda minutes: DaysTimeDuration(minutes=minutes)),
    st.integers(1, 60).map(lambda days: DaysTimeDuration(days=days)),
    st.integers(1, 30).map(YearsMonthsDuration),
)


@given(INSTANTS, PERIODS, st.integers(0, 40), st.one_of(st.none(), st.integers(1, 400)))
@example(datetime(2026, 10, 24, 23, tzinfo=UTC), DaysTimeDuration(minutes=30), 4, None)  # the hour that comes twice
@example(datetime(2026, 3, 28, 12, tzinfo=UTC), DaysTimeDuration(days=1), 30, None)  # over the night of daylight saving
def test_what_was_missed_is_skipped_to_the_time_that_follows(
    began: datetime, period: DaysTimeDuration | YearsMonthsDuration, missed: int, remaining: int | None
) -> None:
    first = schedule.due(TimerType.CYCLE, period, began).at
    assert first is not None
    one_by_one, left = first, remaining
    for _ in range(missed + 1):
        found = schedule.next_due(period, began, one_by_one, one_by_one, left)
        if found is None or found.at is None:
            assert remaining is not None and remaining <= missed + 1
            return
        assert found.at > one_by_one
        last, one_by_one, left = one_by_one, found.at, found.remaining
    assert schedule.next_due(period, began, first, last, remaining) == schedule.Due(one_by_one, left)


def test_a_cycle_of_minutes_that_began_centuries_ago_is_found_at_once() -> None:
    began, now = datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, 30, tzinfo=UTC)
    found = schedule.next_due(DaysTimeDuration(minutes=1), began, began, now, None)
    assert found is not None and found.at == datetime(2026, 3, 2, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("began", "period", "times"),
    [
        ("2026-01-31T09:00", YearsMonthsDuration(1), ["2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00"]),
        ("2024-02-29T09:00", YearsMonthsDuration(12), ["2025-02-28T09:00", "2026-02-28T09:00", "2027-02-28T09:00", "2028-02-29T09:00"]),
        ("2026-03-28T02:30", DaysTimeDuration(days=1), ["2026-03-29T03:30", "2026-03-30T02:30"]),
    ],
    ids=["from the 31st", "from the day that leaps", "in the hour that a spring night lacks"],
)  # fmt: skip
def test_a_cycle_comes_back_to_where_it_began(began: str, period: object, times: list[str]) -> None:
    instant = at = datetime.fromisoformat(began).replace(tzinfo=clock.STOCKHOLM).astimezone(UTC)
    told = []
    for _ in times:
        found = schedule.next_due(period, instant, at, at, None)  # type: ignore[arg-type]
        assert found is not None and found.at is not None
        at = found.at
        told.append(f"{at.astimezone(clock.STOCKHOLM):%Y-%m-%dT%H:%M}")
    assert told == times


def test_a_pause_of_a_second_misses_nothing() -> None:
    began = datetime(2026, 3, 2, 8, tzinfo=UTC)
    found = schedule.next_due(DaysTimeDuration(days=1), began, began, began + timedelta(seconds=1), 2)
    assert found == schedule.Due(began + timedelta(days=1), 1)
