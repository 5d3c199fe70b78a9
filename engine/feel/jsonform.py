"""FEEL values as JSON: lossless and tagged for the store, plain for people, and from plain JSON that somebody sent.

The tagged form leaves null, booleans, strings, whole numbers and lists as they are. Everything else is an object with
the one key `@type` beside `@value`; a context that has a key beginning with `@` is wrapped likewise, so no key of a
user can be taken for a tag.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel import temporal
from engine.feel.errors import FeelError
from engine.feel.limits import MAX_ITEMS, MAX_STORED, MAX_VALUE_DEPTH
from engine.feel.values import DECIMAL, Range, Value, YearsMonthsDuration, type_name
from store.errors import Invalid
from store.sentences import say

_EXACT_INT = 2**53
"""Whole numbers below it are stored as JSON numbers: also a reader who knows doubles only reads them right."""
_MAX_FLOAT_EXPONENT = 308
"""Larger numbers are shown as texts, since no reader of JSON need know them."""
MAX_SHOWN = 200


def _second_hour(text: str) -> Value:
    first = temporal.parse_date_time(text)
    return first.replace(fold=1) if first is not None else None


_LOADERS: dict[str, Callable[[str], Value]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_date_time,
    "second hour": _second_hour,
    "duration": temporal.parse_duration,
    "number": Decimal,
}


def dump(value: Value) -> Any:
    """The value as JSON that `load` reads back. Raises FeelError for a function, which cannot be stored."""
    return _dump(value, _Count())


def load(data: Any) -> Value:
    """What `dump` wrote. Raises Invalid for anything else."""
    if data is None or isinstance(data, str | bool):
        return data
    if isinstance(data, int):
        return Decimal(data)
    if isinstance(data, list):
        return [load(item) for item in data]
    if isinstance(data, dict):
        return _load_tagged(data) if "@type" in data else {key: load(item) for key, item in data.items()}
    raise Invalid(say("A stored value is of the unknown kind %(kind)s.", kind=type(data).__name__))


def from_json(data: Any) -> Value:
    """Plain JSON as values: numbers become decimals. Raises Invalid for numbers that do not exist or deep nesting."""
    return _from_json(data, 0)


def to_json(value: Value) -> Any:
    """Plain JSON for people: dates and durations as ISO 8601, numbers as numbers.

    Whole numbers keep every digit. Other numbers become the nearest double, which is what readers of JSON make of
    them anyway (RFC 8259 §6): 15 digits are kept, and up to 17 shown. `dump` keeps all 34.
    """
    return _to_json(value, _Count())


def shown(value: Value) -> str:
    """A value in a sentence for people, as FEEL and JSON write it, and not too long: `null`, `true`, `["a", "b"]`."""
    try:
        text = json.dumps(to_json(value), ensure_ascii=False, default=str)
    except FeelError:
        return "more than can be shown"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


class _Count:
    """Items, characters and depth so far: a value may hold one part in many places, and so be small in memory only."""

    def __init__(self) -> None:
        self.items = 0
        self.characters = 0
        self.depth = 0

    def inside(self, value: list[Value] | dict[str, Value]) -> None:
        self.items += len(value)
        self.depth += 1
        if isinstance(value, dict):
            self.characters += sum(map(len, value))
        self.characters += sum(map(_length, value if isinstance(value, list) else value.values()))
        if self.items > MAX_ITEMS or self.depth > MAX_VALUE_DEPTH or self.characters > MAX_STORED:
            raise FeelError("The value is too large or too deep to be kept. Keep documents, not lists of their parts.")


def _length(value: Value) -> int:
    if isinstance(value, Range):
        return _length(value.start) + _length(value.end)
    return len(value) if isinstance(value, str) else 0


def measure(value: Value) -> None:
    """Raise FeelError for a value that is too large or too deep to be passed on."""
    if isinstance(value, list | dict):
        _measure(value, _Count())


def _measure(value: list[Value] | dict[str, Value], count: _Count) -> None:
    count.inside(value)
    for item in value if isinstance(value, list) else value.values():
        if isinstance(item, list | dict):
            _measure(item, count)
    count.depth -= 1


def _dump(value: Value, count: _Count) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return _dump_number(value)
    if isinstance(value, list):
        count.inside(value)
        items = [_dump(item, count) for item in value]
        count.depth -= 1
        return items
    if isinstance(value, dict):
        count.inside(value)
        entries = {key: _dump(item, count) for key, item in value.items()}
        count.depth -= 1
        return _tagged("context", entries) if any(key.startswith("@") for key in entries) else entries
    if isinstance(value, Range):
        ends = [_dump(value.start, count), _dump(value.end, count), value.start_included, value.end_included]
        return _tagged("range", ends)
    if isinstance(value, date | time | timedelta | YearsMonthsDuration):
        if isinstance(value, datetime) and temporal.is_second_hour(value):
            return _tagged("second hour", temporal.show(value.replace(fold=0)))
        name = type_name(value)
        return _tagged("duration" if "duration" in name else name, temporal.show(value))
    raise FeelError("A function cannot be kept as a value. Call it, and keep what it gives.")


def _dump_number(value: Decimal) -> Any:
    if value.as_tuple().exponent == 0 and -_EXACT_INT < value < _EXACT_INT and not (value == 0 and value.is_signed()):
        return int(value)
    return _tagged("number", str(value))


def _tagged(kind: str, value: Any) -> dict[str, Any]:
    return {"@type": kind, "@value": value}


def _load_tagged(data: dict[str, Any]) -> Value:
    kind, value = data["@type"], data.get("@value")
    if kind == "context" and isinstance(value, dict):
        return {key: load(item) for key, item in value.items()}
    if kind == "range" and isinstance(value, list):
        return Range(load(value[0]), load(value[1]), bool(value[2]), bool(value[3]))
    loader = _LOADERS.get(kind) if isinstance(kind, str) else None
    loaded = loader(value) if loader is not None and isinstance(value, str) else None
    if loaded is None:
        raise Invalid(say("A stored value of the kind '%(kind)s' cannot be read.", kind=kind))
    return loaded


def _from_json(data: Any, depth: int) -> Value:
    if depth > MAX_VALUE_DEPTH:
        raise Invalid(say("The data is nested more than %(most)s levels deep.", most=MAX_VALUE_DEPTH))
    if data is None or isinstance(data, str | bool):
        return data
    if isinstance(data, int | float | Decimal):
        return _number(data)
    if isinstance(data, list | tuple):
        return [_from_json(item, depth + 1) for item in data]
    if isinstance(data, dict):
        return {str(key): _from_json(item, depth + 1) for key, item in data.items()}
    if isinstance(data, date | time | timedelta | YearsMonthsDuration):
        return data
    raise Invalid(say("A value of the kind %(kind)s is not JSON.", kind=type(data).__name__))


def _number(data: float | Decimal) -> Decimal:
    try:
        number = DECIMAL.create_decimal(repr(data) if isinstance(data, float) else data)
    except (DecimalException, ValueError) as error:
        raise Invalid("A number is too large. Numbers have 34 digits.") from error
    if not number.is_finite():
        raise Invalid("A number is not finite.")
    return number


def _plain_number(value: Decimal) -> int | float | str:
    if value.adjusted() >= _MAX_FLOAT_EXPONENT:
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)


def _to_json(value: Value, count: _Count) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, list | dict):
        count.inside(value)
        plain = (
            [_to_json(item, count) for item in value]
            if isinstance(value, list)
            else {key: _to_json(item, count) for key, item in value.items()}
        )
        count.depth -= 1
        return plain
    if isinstance(value, Range):
        start, end = _to_json(value.start, count), _to_json(value.end, count)
        return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"
    if isinstance(value, date | time | timedelta | YearsMonthsDuration):
        return temporal.show(value)
    return "function"
