# ruff: noqa: ARG001 - every built-in is given the run
"""Making and asking dates, times and durations (DMN 1.3 §10.3.4.1, §10.3.4.8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.feel import temporal
from engine.feel.arithmetic import months_between
from engine.feel.builtins.registry import builtin
from engine.feel.values import Value, YearsMonthsDuration
from store import clock

if TYPE_CHECKING:
    from engine.feel.scope import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@builtin("date(from: string)")
def date_of_text(run: Run, text: str) -> Value:
    return temporal.parse_date(text)


@builtin("date(from: date and time | date)")
def date_of_date(run: Run, value: date) -> Value:
    return value.date() if isinstance(value, datetime) else value


@builtin("date(year: number, month: number, day: number)")
def date_of_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


@builtin("time(from: string)")
def time_of_text(run: Run, text: str) -> Value:
    return temporal.parse_time(text)


@builtin("time(from: date and time | time | date)")
def time_of_time(run: Run, value: date | time) -> Value:
    if isinstance(value, time):
        return value
    return value.timetz() if isinstance(value, datetime) else time(0, tzinfo=UTC)


@builtin("time(hour: number, minute: number, second: number, offset?: days and time duration)")
def time_of_parts(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> Value:
    try:
        zone = None if offset is None else timezone(offset)
        micro = int(second % 1 * 1_000_000)
        return time(int(hour), int(minute), int(second), micro, tzinfo=zone)
    except (ValueError, OverflowError, ArithmeticError):
        return None


@builtin("date and time(from: string)")
def date_time_of_text(run: Run, text: str) -> Value:
    return temporal.parse_date_time(text)


@builtin("date and time(date: date and time | date, time: time)")
def date_time_of_parts(run: Run, day: date, of_day: time) -> Value:
    return datetime.combine(day.date() if isinstance(day, datetime) else day, of_day)


@builtin("date and time(from: date and time)")
def date_time_of_date_time(run: Run, value: datetime) -> Value:
    return value


@builtin("date and time(from: date)")
def date_time_of_date(run: Run, value: date) -> Value:
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


@builtin("duration(from: string)")
def duration_of_text(run: Run, text: str) -> Value:
    return temporal.parse_duration(text)


@builtin("duration(from: duration)")
def duration_of_duration(run: Run, value: timedelta | YearsMonthsDuration) -> Value:
    return value


@builtin("years and months duration(from: date and time | date, to: date and time | date)")
def years_and_months(run: Run, start: date, end: date) -> Value:
    first = start.date() if isinstance(start, datetime) else start
    last = end.date() if isinstance(end, datetime) else end
    return YearsMonthsDuration(months_between(first, last))


@builtin("now()")
def now(run: Run) -> Value:
    return clock.now().astimezone(clock.STOCKHOLM)


@builtin("today()")
def today(run: Run) -> Value:
    return clock.now().astimezone(clock.STOCKHOLM).date()


@builtin("day of year(date: date and time | date)")
def day_of_year(run: Run, value: date) -> Value:
    return Decimal(value.timetuple().tm_yday)


@builtin("day of week(date: date and time | date)")
def day_of_week(run: Run, value: date) -> Value:
    return _DAYS[value.weekday()]


@builtin("month of year(date: date and time | date)")
def month_of_year(run: Run, value: date) -> Value:
    return _MONTHS[value.month - 1]


@builtin("week of year(date: date and time | date)")
def week_of_year(run: Run, value: date) -> Value:
    return Decimal(value.isocalendar().week)


@builtin("last day of month(date: date and time | date)")
def last_day_of_month(run: Run, value: date) -> Value:
    following = (value.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Decimal((following - timedelta(days=1)).day)
