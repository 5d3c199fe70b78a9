"""When a timer is due. Pure: the instant at which the wait began and the value of its expression go in.

Dates without a time mean midnight in Europe/Stockholm when that day begins. Durations are added on the calendar of
Europe/Stockholm, so that a day stays a day over the nights of daylight saving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from engine.bpmn.model import TimerType
from engine.errors import ExpressionFailed
from engine.feel import DaysTimeDuration, Value, YearsMonthsDuration, parse, shown
from store import clock
from store.sentences import say

SHORTEST_CYCLE = timedelta(minutes=1)
"""A cycle of nothing would be due for ever, and one of seconds would be caught up with for hours after a pause."""
_CYCLE = re.compile(r"R(?P<count>\d*)/(?:(?P<start>\d{4}-[^/]+)/)?(?P<period>P[^/]+)")

_WITHOUT_SECONDS = re.compile(r"(T\d\d:\d\d)(Z|[+-]\d\d:\d\d|@.+)?$")


@dataclass(frozen=True, slots=True)
class Due:
    """The next firing; None while the deadline behind it has no date. `remaining` counts firings of a cycle."""

    at: datetime | None
    remaining: int | None = 1


@contextmanager
def _in_the_calendar() -> Iterator[None]:
    try:
        yield
    except (OverflowError, ValueError) as error:
        raise ExpressionFailed("A timer must fall due between the years 1 and 9999.") from error


@_in_the_calendar()
def due(timer_type: TimerType, value: Value, armed_at: datetime) -> Due:
    """The first firing of a timer. Raises ExpressionFailed for a value that is no date, duration or cycle."""
    if value is None:
        return Due(None)
    match timer_type:
        case TimerType.DATE:
            return Due(_there(_instant(value)))
        case TimerType.DURATION:
            return Due(_there(add(armed_at, _duration(value))))
        case TimerType.CYCLE:
            count, start, period = _cycle(value)
            return Due(_there(start or add(armed_at, period)), count)


@_in_the_calendar()
def next_due(value: Value, armed_at: datetime, last: datetime, now: datetime, remaining: int | None) -> Due | None:
    """The next firing of a cycle after one at `last`; periods missed while nobody worked are skipped, not fired.

    Each is counted from where the cycle began, so that what begins on the 31st or in an hour that a spring night lacks
    comes back to it.
    """
    _, start, period = _cycle(value)
    began = start or armed_at
    before = _passed(period, began, last)
    number = max(before, _passed(period, began, now)) + 1
    if remaining is not None:
        remaining -= number - before
        if remaining <= 0:
            return None
    return Due(_there(_nth(period, began, number)), remaining)


def _there(instant: datetime) -> datetime:
    """An instant that has a time in Stockholm too: people are told of it so. Raises OverflowError."""
    instant.astimezone(clock.STOCKHOLM)
    return instant


def _nth(period: DaysTimeDuration | YearsMonthsDuration, began: datetime, number: int) -> datetime:
    """The time at which a cycle comes for the n-th time after its beginning."""
    if isinstance(period, YearsMonthsDuration):
        return add(began, YearsMonthsDuration(number * period.months))
    return add(began, number * period) if period.days else began + number * period


def _passed(period: DaysTimeDuration | YearsMonthsDuration, began: datetime, now: datetime) -> int:
    """How many times a cycle has come until an instant: guessed by its length, and corrected by the calendar."""
    length = timedelta(days=31 * period.months) if isinstance(period, YearsMonthsDuration) else period
    number = max(0, (now - began) // length - 1)
    while _nth(period, began, number + 1) <= now:
        number += 1
    return number


def add(instant: datetime, duration: DaysTimeDuration | YearsMonthsDuration) -> datetime:
    """An instant moved on the calendar of Europe/Stockholm: whole days and months keep the time of day."""
    local = instant.astimezone(clock.STOCKHOLM)
    if isinstance(duration, YearsMonthsDuration):
        return (local + relativedelta(months=duration.months)).astimezone(UTC)
    whole = timedelta(days=duration.days)
    if not whole:  # in the hour that comes twice the calendar would lead back to its first time, and never on
        return instant + duration
    return (local + whole).astimezone(UTC) + (duration - whole)


def _instant(given: Value) -> datetime:
    value = _literal(given) if isinstance(given, str) else given
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=clock.STOCKHOLM)
        return aware.astimezone(UTC)
    if isinstance(value, date):
        return clock.start_of(value)
    raise ExpressionFailed(
        say("A timer needs a date or a date and time, but its expression gave %(given)s.", given=shown(given))
    )


def _duration(given: Value) -> DaysTimeDuration | YearsMonthsDuration:
    value = _literal(given) if isinstance(given, str) else given
    if isinstance(value, DaysTimeDuration | YearsMonthsDuration):
        return value
    raise ExpressionFailed(
        say("A timer needs a duration such as P14D, but its expression gave %(given)s.", given=shown(given))
    )


def _cycle(value: Value) -> tuple[int | None, datetime | None, DaysTimeDuration | YearsMonthsDuration]:
    if isinstance(value, DaysTimeDuration | YearsMonthsDuration):
        return None, None, _period(value)
    found = _CYCLE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ExpressionFailed(
            say(
                "A repeating timer needs a cycle such as R3/P7D, but its expression gave %(value)s.", value=shown(value)
            )
        )
    count = int(found["count"]) if found["count"] else None
    if count == 0:
        raise ExpressionFailed(
            "A cycle that comes 0 times never comes. Write how often, R1/… for once, or null for none."
        )
    start = _instant(found["start"]) if found["start"] else None
    return count, start, _period(_duration(found["period"]))


def _period(duration: DaysTimeDuration | YearsMonthsDuration) -> DaysTimeDuration | YearsMonthsDuration:
    too_short = duration.months < 1 if isinstance(duration, YearsMonthsDuration) else duration < SHORTEST_CYCLE
    if too_short:
        raise ExpressionFailed("A repeating timer needs at least a minute between two times.")
    return duration


def _literal(text: str) -> Value:
    """An ISO 8601 text as FEEL's own constructors read it, but that it may leave the seconds out."""
    quoted = _WITHOUT_SECONDS.sub(r"\1:00\2", text.replace("\\", "").replace('"', ""))
    function = "duration" if "P" in quoted[:2] else "date and time" if "T" in quoted else "date"
    return parse(f'{function}("{quoted}")').evaluate({})
