"""The FEEL functions of the product: deadlines of the case, working days, meetings, and the product's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from committee import calendar, deadlines
from engine.feel import NativeFunction, Value
from engine.functions import FunctionContext, provide
from store import clock

MAX_WORKING_DAYS = 2_000


@provide
def functions(context: FunctionContext) -> Mapping[str, NativeFunction]:
    """The product's functions, bound to the case of a step."""

    def deadline(kind: Value) -> Value:
        if context.db is None or context.case_id is None or not isinstance(kind, str):
            return None
        found = deadlines.of_kind(context.db, context.case_id, kind)
        return found.due_date if found is not None else None

    made = (
        NativeFunction("deadline", ("kind",), deadline),
        NativeFunction("working days before", ("date", "days"), _before),
        NativeFunction("working days after", ("date", "days"), _after),
        NativeFunction("working days between", ("from", "to"), _between),
        NativeFunction("is working day", ("date",), _is_working_day),
        NativeFunction("today", (), clock.today),
        NativeFunction("now", (), lambda: clock.now().astimezone(clock.STOCKHOLM)),
    )
    return {function.name: function for function in made}


def _before(day: Value, days: Value) -> Value:
    return _moved(day, days, -1)


def _after(day: Value, days: Value) -> Value:
    return _moved(day, days, 1)


def _moved(day: Value, days: Value, sign: int) -> Value:
    start = _date(day)
    if start is None or not isinstance(days, Decimal) or days != int(days) or abs(days) > MAX_WORKING_DAYS:
        return None
    return calendar.working_days_after(start, sign * int(days))


def _between(start: Value, end: Value) -> Value:
    first, last = _date(start), _date(end)
    if first is None or last is None or abs((last - first).days) > 366 * 20:
        return None
    return Decimal(calendar.working_days_between(first, last))


def _is_working_day(day: Value) -> Value:
    found = _date(day)
    return calendar.is_working_day(found) if found is not None else None


def _date(value: Value) -> date | None:
    if isinstance(value, datetime):
        return clock.local_date(value) if value.tzinfo is not None else value.date()
    return value if isinstance(value, date) else None
