"""FEEL's types: what `instance of` asks, and what a parameter or a decision's variable accepts (DMN 1.3 §10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.feel.values import Range, YearsMonthsDuration

if TYPE_CHECKING:
    from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class Type:
    """A type: a simple one by name, or a list, context, range or function of others."""

    name: str
    items: tuple[Type, ...] = ()
    """The element of a list or range; the parameters of a function."""
    members: tuple[tuple[str, Type], ...] = field(default=())
    """The entries of a context."""
    result: Type | None = None


ANY = Type("Any")
_CLASSES: dict[str, tuple[type, ...]] = {
    "number": (Decimal,), "string": (str,), "boolean": (bool,), "time": (time,), "date and time": (datetime,),
    "days and time duration": (timedelta,), "years and months duration": (YearsMonthsDuration,),
    "day time duration": (timedelta,), "year month duration": (YearsMonthsDuration,),
    "dateTime": (datetime,), "dayTimeDuration": (timedelta,), "yearMonthDuration": (YearsMonthsDuration,),
    "duration": (timedelta, YearsMonthsDuration), "list": (list,), "context": (dict,), "range": (Range,),
    "point": (Decimal, str, date, time, timedelta, YearsMonthsDuration),
}  # fmt: skip
TYPE_NAMES = frozenset({*_CLASSES, "Any", "Null", "date", "function"})


def conforms(value: Value, kind: Type, spend: Callable[[int], None]) -> bool:
    """Whether a value is of a type; null is of every type here, `instance of` asks for itself. `spend` counts the work."""
    if value is None or kind.name == "Any":
        return True
    if kind.name == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind.name == "function":
        return _is_function(value, kind)
    if kind.name == "|":
        return any(conforms(value, option, spend) for option in kind.items)
    classes = _CLASSES.get(kind.name)
    if classes is None or not isinstance(value, classes):
        return False
    if isinstance(value, list) and kind.items:
        spend(len(value))
        return all(conforms(item, kind.items[0], spend) for item in value)
    if isinstance(value, Range) and kind.items:
        return conforms(value.start, kind.items[0], spend) and conforms(value.end, kind.items[0], spend)
    if isinstance(value, dict) and kind.members:
        spend(len(kind.members))
        return all(name in value and conforms(value[name], member, spend) for name, member in kind.members)
    return True


def coerce(value: Value, kind: Type, spend: Callable[[int], None]) -> Value:
    """The value as a type wants it, or null: one item for a list of one, a list of one for an item, a date's midnight."""
    if value is None or conforms(value, kind, spend):
        return value
    if isinstance(value, list) and len(value) == 1 and kind.name != "list":
        return value[0] if conforms(value[0], kind, spend) else None
    if kind.name == "list" and not isinstance(value, list):
        item = coerce(value, kind.items[0], spend) if kind.items else value
        return None if item is None else [item]
    if kind.name == "date and time" and isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _is_function(value: Value, kind: Type) -> bool:
    from engine.feel.functions import Closure, Function

    if not isinstance(value, Function):
        return False
    if kind.result is None or not isinstance(value, Closure):
        return True
    if len(value.parameters) != len(kind.items):
        return False
    return all(_accepts(mine.type, theirs) for mine, theirs in zip(value.parameters, kind.items, strict=True))


def _accepts(mine: Type, theirs: Type) -> bool:
    return mine == theirs or "Any" in (mine.name, theirs.name)
