"""Cycles: the next time after a pause is the one that counting every time would have come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from engine import schedule
from engine.feel import DaysTimeDuration, YearsMonthsDuration

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001
PERIODS = st.one_of(
    st.integers(1, 60 * 24).map(lambda minutes: DaysTimeDuration(minutes=minutes)),
    st.integers(1, 60).map(lambda days: DaysTimeDuration(days=days)),
    st.integers(1, 30).map(YearsMonthsDuration),
)


def counted(value: object, last: datetime, now: datetime, remaining: int | None) -> schedule.Due | None:
    """The next time of a cycle, by going through all of them."""
    at, left = last, remaining
    while True:
        if left is not None:
            left -= 1
            if left <= 0:
                return None
        at = schedule.add(at, value)  # type: ignore[arg-type]
        if at > now:
            return schedule.Due(at, left)


@given(INSTANTS, PERIODS, st.integers(0, 400 * 24), st.one_of(st.none(), st.integers(1, 400)))
@example(datetime(2026, 10, 24, 23, tzinfo=UTC), DaysTimeDuration(minutes=30), 4, None)  # the hour that comes twice
@example(datetime(2026, 3, 28, 12, tzinfo=UTC), DaysTimeDuration(days=1), 30, None)  # over the night of daylight saving
def test_what_was_missed_is_skipped_to_the_time_that_follows(
    last: datetime, period: DaysTimeDuration | YearsMonthsDuration, hours: int, remaining: int | None
) -> None:
    if not isinstance(period, YearsMonthsDuration) and period < timedelta(hours=1):
        hours %= 50  # counting minutes through a year takes long
    now = last + timedelta(hours=hours)
    assert schedule.next_due(period, last, now, remaining) == counted(period, last, now, remaining)


def test_a_cycle_of_minutes_that_began_centuries_ago_is_found_at_once() -> None:
    began, now = datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, 30, tzinfo=UTC)
    found = schedule.next_due(DaysTimeDuration(minutes=1), began, now, None)
    assert found is not None and found.at == datetime(2026, 3, 2, 8, 1, tzinfo=UTC)
