"""Swedish working days and the dates that laws count with; the fixtures are real calendars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.calendar import (
    Precision,
    Roll,
    end_of_period,
    is_bridge_day,
    is_working_day,
    last_appeal_day,
    latest_adjustment,
    roll,
    working_days_after,
    working_days_before,
    working_days_between,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(("year", "count"), [(2026, 251), (2027, 253), (2028, 251)])
def test_a_year_has_its_working_days(year: int, count: int) -> None:
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("posted", "last"),
    [
        (date(2026, 12, 4), date(2026, 12, 28)),
        (date(2026, 12, 10), date(2027, 1, 4)),
        (date(2026, 5, 29), date(2026, 6, 22)),
        (date(2027, 4, 15), date(2027, 5, 7)),
    ],
)
def test_the_last_day_to_appeal_rolls_forward_over_weekends_and_holidays(posted: date, last: date) -> None:
    assert last_appeal_day(posted) == last


def test_minutes_are_adjusted_within_fourteen_days_rolled_forward() -> None:
    assert latest_adjustment(date(2026, 6, 5)) == date(2026, 6, 22)


def test_days_of_ones_own_are_counted_back_over_midsummer() -> None:
    assert working_days_before(date(2023, 6, 26), 2) == date(2023, 6, 21)


def test_bridge_days_are_seen_and_are_working_days() -> None:
    found = [day for offset in range(365) if is_bridge_day(day := date(2026, 1, 1) + timedelta(days=offset))]
    assert found == [date(2026, 1, 2), date(2026, 1, 5), date(2026, 5, 15)]
    assert all(is_working_day(day) for day in found)


@pytest.mark.parametrize(
    ("precision", "last"),
    [
        (Precision.DAY, date(2026, 8, 12)),
        (Precision.WEEK, date(2026, 8, 14)),
        (Precision.MONTH, date(2026, 8, 31)),
        (Precision.QUARTER, date(2026, 9, 30)),
    ],
)
def test_a_promise_of_a_period_means_its_last_working_day(precision: Precision, last: date) -> None:
    assert end_of_period(date(2026, 8, 12), precision) == last


@given(DAYS)
def test_rolling_ends_on_a_working_day_in_its_direction(day: date) -> None:
    forward, backward = roll(day, Roll.FORWARD), roll(day, Roll.BACKWARD)
    assert is_working_day(forward) and is_working_day(backward)
    assert backward <= day <= forward
    assert roll(day, Roll.NONE) == day


@given(DAYS, st.integers(1, 60))
def test_counting_there_and_back_again(day: date, count: int) -> None:
    later = working_days_after(day, count)
    assert working_days_between(day, later) == count
    assert working_days_before(later, count) == roll(day, Roll.BACKWARD)
