"""FEEL's values, and what it means that two of them are equal or ordered (DMN 1.3 §10.3.2.13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any, TypeAlias, Union

if TYPE_CHECKING:
    from engine.feel.functions import Function

DECIMAL = Context(prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow])
"""IEEE 754 decimal128, as DMN asks; rounding half even."""

DaysTimeDuration = timedelta
_MAX_MONTHS = 12 * 10**9


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A number of whole months, since a month has no fixed number of days."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) >= _MAX_MONTHS:
            raise OverflowError


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two; an end that is None is open."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True)
class NativeFunction:
    """A function of the product that expressions may call, such as `working days before(date, days)`."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Value]


Value: TypeAlias = Union[
    bool, Decimal, str, date, time, datetime, timedelta, YearsMonthsDuration, list["Value"], dict[str, "Value"], Range,
    "Function", None,
]  # fmt: skip


def type_name(value: Value) -> str:
    """The FEEL name of a value's type."""
    name = _TYPE_NAMES.get(type(value))
    if name is not None:
        return name
    for kind, name in _TYPE_NAMES.items():
        if isinstance(value, kind):
            return name
    return "function"


_TYPE_NAMES: dict[type, str] = {
    type(None): "null", bool: "boolean", Decimal: "number", str: "string", datetime: "date and time", date: "date",
    time: "time", timedelta: "days and time duration", YearsMonthsDuration: "years and months duration",
    list: "list", dict: "context", Range: "range",
}  # fmt: skip


def equal(left: Value, right: Value, spend: Callable[[int], None]) -> bool | None:
    """Whether two values are equal; None where they are of different types. `spend` counts the work."""
    if left is None or right is None:
        return left is right
    kind = type_name(left)
    if kind != type_name(right):
        return None
    spend(1)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b, spend) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key], spend) for key in left)
    if isinstance(left, Range) and isinstance(right, Range):
        same = (left.start_included, left.end_included) == (right.start_included, right.end_included)
        return same and bool(equal(left.start, right.start, spend)) and bool(equal(left.end, right.end, spend))
    if kind in ("time", "date and time"):
        return bool(_moment(left) == _moment(right))
    return bool(left == right)


def compare(left: Value, right: Value) -> int | None:
    """Less than, equal or more than 0 as left is before, at or after right; None where they have no order."""
    kind = type_name(left)
    if kind != type_name(right) or kind not in _ORDERED:
        return None
    if kind in ("time", "date and time"):
        first, second = _moment(left), _moment(right)
        if type(first) is not type(second):
            return None  # one has a zone and the other has none
    else:
        first, second = left, right
    return 0 if first == second else -1 if first < second else 1


_ORDERED = {
    "number", "string", "date", "time", "date and time", "days and time duration", "years and months duration",
}  # fmt: skip


def contains(container: Range, value: Value) -> bool | None:
    """Whether a value is in a range; None where it cannot be compared with the ends."""
    if container.start is not None:
        start = compare(value, container.start)
        if start is None:
            return None
        if start < 0 or (start == 0 and not container.start_included):
            return False
    if container.end is not None:
        end = compare(value, container.end)
        if end is None:
            return None
        if end > 0 or (end == 0 and not container.end_included):
            return False
    return True


def _moment(value: Any) -> Any:
    """A form in which instants are compared: Python compares two clocks of one zone by their faces.

    With an offset or a zone it is the time since an epoch in UTC, else the value itself. Never moved to another
    zone, since the first and last days of the calendar cannot be.
    """
    moment = datetime.combine(EPOCH, value) if isinstance(value, time) else value
    offset = moment.utcoffset()
    return value if offset is None else moment.replace(tzinfo=None) - datetime.combine(EPOCH, time()) - offset


EPOCH = date(1970, 1, 1)
