"""`+ - * / **` on numbers, strings, dates and durations (DMN 1.3 tables 53-58), and going over whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException

from dateutil.relativedelta import relativedelta

from engine.feel.errors import FeelError
from engine.feel.limits import MAX_ITEMS
from engine.feel.scope import Run
from engine.feel.values import DECIMAL, EPOCH, Range, Value, YearsMonthsDuration, compare
from store.sentences import say

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": DECIMAL.add,
    "-": DECIMAL.subtract,
    "*": DECIMAL.multiply,
    "/": DECIMAL.divide,
    "**": DECIMAL.power,
}


def calculate(run: Run, operator: str, left: Value, right: Value) -> Value:
    """The result, or null and a note where the operator has no meaning for these values."""
    try:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            number = _NUMBERS[operator](left, right)
            if number.is_finite():
                return number
            raise OverflowError
        if isinstance(left, str) and isinstance(right, str) and operator == "+":
            run.make(len(left) + len(right))
            return left + right
        result = _temporal(operator, left, right)
    except (DecimalException, OverflowError, ValueError, ZeroDivisionError):
        run.note(f"The result of {operator} is outside of what can be computed.")
        return None
    if result is None:
        run.note(f"{operator} has no meaning for these two values.")
    return result


def negate(run: Run, value: Value) -> Value:
    """The number or duration with the other sign."""
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value
    if _is_duration(value) and value != timedelta.max:
        return _negated(value)
    run.note("Only numbers and durations can be negated.")
    return None


def add_months(value: date, months: int) -> date:
    """A date moved by months, to the last day of a month that is too short."""
    return value + relativedelta(months=months)


def months_between(start: date, end: date) -> int:
    """Whole months from one date or date and time to another; negative when it lies before."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day and add_months(start, months) > end)


def steps(run: Run, start: Value, end: Value) -> Sequence[Value] | None:
    """Whole numbers or dates from one to another, upwards or downwards."""
    if _plain_date(start) and _plain_date(end):
        first, last = start.toordinal(), end.toordinal()  # type: ignore[union-attr]
        return [date.fromordinal(day) for day in _whole(run, first, last)]
    if not isinstance(start, Decimal) or not isinstance(end, Decimal) or not (_is_whole(start) and _is_whole(end)):
        return None
    return [Decimal(number) for number in _whole(run, int(start), int(end))]


def range_items(run: Run, over: Range) -> Sequence[Value] | None:
    """The whole numbers or dates in a range."""
    order = compare(over.start, over.end)
    items = steps(run, over.start, over.end)
    if items is None or order is None or order > 0:
        return None
    return items[0 if over.start_included else 1 : len(items) if over.end_included else -1]


def midnight(value: date) -> datetime:
    """A date as a date and time: its midnight in UTC, as the standard says."""
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _whole(run: Run, first: int, last: int) -> range:
    size = abs(last - first) + 1
    if size > MAX_ITEMS:
        raise FeelError(
            say("The expression was stopped: it goes over more than %(most)s numbers or days.", most=MAX_ITEMS)
        )
    run.make(size)
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _is_whole(value: Decimal) -> bool:
    return value.is_finite() and value == value.to_integral_value()


def _plain_date(value: Value) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _temporal(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "+":
            return _plus(left, right) if not _is_duration(left) or _is_duration(right) else _plus(right, left)
        case "-":
            return _plus(left, _negated(right)) if _is_duration(right) else _difference(left, right)
        case "*":
            return _times(left, right) if _is_duration(left) else _times(right, left)
        case "/":
            return _divided(left, right)
    return None


def _is_duration(value: Value) -> bool:
    return isinstance(value, timedelta | YearsMonthsDuration)


def _negated(value: Value) -> Value:
    if isinstance(value, YearsMonthsDuration):
        return YearsMonthsDuration(-value.months)
    assert isinstance(value, timedelta)
    return -value


def _plus(left: Value, right: Value) -> Value:
    if isinstance(right, YearsMonthsDuration):
        if isinstance(left, YearsMonthsDuration):
            return YearsMonthsDuration(left.months + right.months)
        return add_months(left, right.months) if isinstance(left, date) else None
    if not isinstance(right, timedelta):
        return None
    if isinstance(left, timedelta):
        return left + right
    if isinstance(left, datetime):
        return left + right if left.tzinfo is None else (left.astimezone(UTC) + right).astimezone(left.tzinfo)
    if isinstance(left, date):
        return (midnight(left) + right).date()
    if isinstance(left, time):
        moved = datetime.combine(EPOCH, left.replace(tzinfo=None)) + right % _DAY
        return moved.time().replace(tzinfo=left.tzinfo)
    return None


def _difference(left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, date):
        first = left if isinstance(left, datetime) else midnight(left)
        second = right if isinstance(right, datetime) else midnight(right)
        if (first.tzinfo is None) != (second.tzinfo is None):
            return None
        return first.astimezone(UTC) - second.astimezone(UTC) if first.tzinfo else first - second
    if isinstance(left, time) and isinstance(right, time):
        first, second = datetime.combine(EPOCH, left), datetime.combine(EPOCH, right)
        return None if (first.tzinfo is None) != (second.tzinfo is None) else first - second
    return None


def _times(duration: Value, factor: Value) -> Value:
    if not isinstance(factor, Decimal):
        return None
    if isinstance(duration, YearsMonthsDuration):
        return YearsMonthsDuration(int(DECIMAL.multiply(Decimal(duration.months), factor)))
    if isinstance(duration, timedelta):
        return timedelta(microseconds=int(DECIMAL.multiply(Decimal(duration // _MICROSECOND), factor)))
    return None


def _divided(left: Value, right: Value) -> Value:
    if isinstance(right, Decimal):
        return _shared(left, right)
    if isinstance(left, YearsMonthsDuration) and isinstance(right, YearsMonthsDuration):
        return DECIMAL.divide(Decimal(left.months), Decimal(right.months))
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return DECIMAL.divide(Decimal(left // _MICROSECOND), Decimal(right // _MICROSECOND))
    return None


def _shared(left: Value, right: Decimal) -> Value:
    if isinstance(left, YearsMonthsDuration):
        return YearsMonthsDuration(int(DECIMAL.divide(Decimal(left.months), right)))
    if isinstance(left, timedelta):
        return timedelta(microseconds=int(DECIMAL.divide(Decimal(left // _MICROSECOND), right)))
    return None
