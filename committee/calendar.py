"""Swedish working days and the dates that laws and committees count with.

Two kinds of dates roll in opposite directions: what the law sets rolls forward to the next working day (lag 1930:173
2 §), what a sender or the region itself has set must be met on the working day before.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays
from dateutil.relativedelta import relativedelta

from store import clock
from store.errors import Invalid

APPEAL_WEEKS = 3
"""Weeks from the notice within which a decision can be appealed (KL 13:5)."""


class Precision(StrEnum):
    """How exactly a date was promised. Anything but a day means the last working day of the period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Roll(StrEnum):
    """Where a date goes that falls on a day when nobody works."""

    FORWARD = "forward"
    BACKWARD = "backward"
    NONE = "none"


@lru_cache(maxsize=128)
def _closed(year: int) -> frozenset[date]:
    """Public holidays with midsommarafton, julafton and nyårsafton: the set that the law of 1930 names."""
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def is_working_day(day: date) -> bool:
    """Whether the day is neither Saturday, Sunday nor one of the law's holidays."""
    return day.weekday() < 5 and day not in _closed(day.year)


def roll(day: date, direction: Roll) -> date:
    """The day itself if people work then, else the nearest working day in the direction."""
    step = timedelta(days=-1 if direction is Roll.BACKWARD else 1)
    while direction is not Roll.NONE and not is_working_day(day):
        day += step
    return day


def working_days_after(day: date, count: int) -> date:
    """The working day that comes `count` working days after; 0 gives the day itself, negative counts go back."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_before(day: date, count: int) -> date:
    """The working day that comes `count` working days before."""
    return working_days_after(day, -count)


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=offset)) for offset in range(1, (end - start).days + 1))


def is_bridge_day(day: date) -> bool:
    """A klämdag: a working day between two days when nobody works. Many are away; it warns and never excludes."""
    one = timedelta(days=1)
    return is_working_day(day) and not is_working_day(day - one) and not is_working_day(day + one)


def is_holiday_period(day: date) -> bool:
    """Weeks 28 to 31 and 22 December to 6 January, when committees do not meet. It warns and never excludes."""
    return day.isocalendar().week in range(28, 32) or (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 6)


def end_of_period(day: date, precision: Precision) -> date:
    """The last working day of the week, month or quarter that holds the day; the day itself for a day."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.WEEK:
            last = day + timedelta(days=6 - day.weekday())
        case Precision.MONTH:
            last = day.replace(day=1) + relativedelta(months=1, days=-1)
        case Precision.QUARTER:
            last = day.replace(month=(day.month - 1) // 3 * 3 + 3, day=1) + relativedelta(months=1, days=-1)
    return roll(last, Roll.BACKWARD)


def last_appeal_day(posted: date) -> date:
    """The last day to appeal: the weekday of the notice three weeks on, rolled forward by the law of 1930."""
    return roll(posted + timedelta(weeks=APPEAL_WEEKS), Roll.FORWARD)


def latest_adjustment(meeting: date) -> date:
    """The last day to adjust the minutes: fourteen days after the meeting (KL 5:69), rolled forward."""
    return roll(meeting + timedelta(days=14), Roll.FORWARD)


def require_come(day: date, field: str) -> None:
    """Refuse a day on which something was done, but which has not come. Raises Invalid, at the field that named it."""
    if day > clock.today():
        sentence = "This day has not come. Give the day on which it was done."
        raise Invalid("The day cannot be right.", errors=[{"field": field, "sentence": sentence}])
