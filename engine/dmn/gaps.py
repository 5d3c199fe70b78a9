"""What the rules of a table leave open, say twice, or can never say.

Each column is cut at the values that its tests name; one value of every piece stands for the piece. Which rules hold
for it is a bit mask, and the masks of the columns are combined, one case for each. Exact for tables whose tests
are values and ranges; tables with other tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from functools import cmp_to_key
from itertools import pairwise

from engine.dmn.table import DecisionTable, Input
from engine.feel.builtins.conversion import show
from engine.feel.errors import FeelError
from engine.feel.scope import Run, Scope
from engine.feel.tree import Literal
from engine.feel.unary import UnaryTests
from engine.feel.values import DECIMAL, Range, Value, YearsMonthsDuration, compare, type_name

_MAX_STATES = 5_000
_MAX_SHOWN = 60
"""Characters of one value in a sentence."""
_SCOPE = Scope({})
_EDGE = Context(prec=DECIMAL.prec, Emin=DECIMAL.Emin, Emax=DECIMAL.Emax, traps=[])
"""FEEL's numbers, where what is beyond the largest is infinite instead of an error."""
_STEPS: dict[str, Value] = {
    "number": Decimal(1), "date": timedelta(days=1), "date and time": timedelta(seconds=1),
    "days and time duration": timedelta(seconds=1), "years and months duration": YearsMonthsDuration(1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hole:
    """Values for which no rule holds, or several do; rules count from 0."""

    rules: tuple[int, ...]
    case: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a column in which all values pass the same tests: one of them, and where in the order the part lies."""

    value: Value
    between: tuple[Value, Value] | None = None
    """What it lies between, both excluded; null is no end. None for a value alone."""
    has_order: bool = False

    @property
    def start(self) -> Value:
        return self.value if self.between is None else self.between[0]

    @property
    def end(self) -> Value:
        return self.value if self.between is None else self.between[1]


class _NotConstantError(Exception):
    """A test depends on something else than its input, or the values of a column have no order."""


def holes(table: DecisionTable) -> tuple[list[Hole], list[int]] | None:
    """Gaps and overlaps, and rules that never come first; None where the table cannot be told."""
    run = Run({}, [])
    states: dict[int, tuple[str, ...]] = {(1 << len(table.rules)) - 1: ()}
    try:
        for number, column in enumerate(table.inputs):
            masks = _masks(run, table, number, column)
            combined: dict[int, tuple[str, ...]] = {}
            for mask, case in states.items():
                for other, told in masks.items():
                    combined.setdefault(mask & other, (*case, told) if told else case)
                if len(combined) > _MAX_STATES:
                    return None
            states = combined
    except (_NotConstantError, FeelError, ArithmeticError):  # the last: beyond the largest number or the last day
        return None
    found = [
        Hole(_bits(mask), " and ".join(case) or "anything is given")
        for mask, case in states.items()
        if mask & (mask - 1) or not mask
    ]
    first = {_bits(mask)[0] for mask in states if mask}
    return found, [number for number in range(len(table.rules)) if number not in first]


def _masks(run: Run, table: DecisionTable, number: int, column: Input) -> dict[int, str]:
    """For each set of rules that values of the column leave standing, in words which values."""
    tests = [rule.tests[number] for rule in table.rules]
    allowed = [part for part in (column.values, column.type.allowed) if isinstance(part, UnaryTests)]
    masks: dict[int, str] = {}
    alike: list[_Piece] = []
    last = -1
    for piece in [*_pieces(_named(run, [*tests, *allowed]), kind=column.type.type.name), None]:
        mask = -1
        if piece is not None and all(_holds(run, part, piece.value) for part in allowed):
            mask = sum(1 << index for index, test in enumerate(tests) if _holds(run, test, piece.value))
        if alike and (mask != last or not alike[0].has_order):
            masks.setdefault(last, _told(run, column.label, alike[0], alike[-1]))
            alike = []
        if piece is not None and mask >= 0:
            alike.append(piece)
        last = mask
    return masks


def _told(run: Run, label: str, first: _Piece, last: _Piece) -> str:
    """Where the values from one piece to another lie; nothing where that is everywhere."""
    if not first.has_order or (first is last and first.between is None):
        return f"{label} is {_short(run, first.value)}" if first.value is not None else ""
    at_start, at_end = first.between is None, last.between is None
    if first.start is None:
        return f"{label} {'<=' if at_end else '<'} {_short(run, last.end)}" if last.end is not None else ""
    if last.end is None:
        return f"{label} {'>=' if at_start else '>'} {_short(run, first.start)}"
    inside = f"{_short(run, first.start)}..{_short(run, last.end)}"
    return f"{label} is in {'[' if at_start else '('}{inside}{']' if at_end else ')'}"


def _holds(run: Run, tests: UnaryTests, value: Value) -> bool:
    return value is None or run.value(tests, Scope({"?": value})) is True if tests.tests else True


def _named(run: Run, all_tests: Iterable[UnaryTests]) -> list[Value]:
    """All values that the tests name."""
    values: list[Value] = []
    for tests in all_tests:
        for test in tests.tests:
            if test.asks_input:
                raise _NotConstantError
            before = len(run.notes or ())
            value = run.value(test.node, _SCOPE)
            if len(run.notes or ()) > before or (value is None and test.node != Literal(None)):
                raise _NotConstantError
            values.extend(_ends(value))
    return values


def _ends(value: Value) -> Iterator[Value]:
    if isinstance(value, Range):
        yield from (end for end in (value.start, value.end) if end is not None)
    elif isinstance(value, list):
        for item in value:
            yield from _ends(item)
    elif value is not None:
        yield value


def _pieces(values: list[Value], *, kind: str) -> list[_Piece]:
    """The pieces that the named values cut the column into, in their order; null stands for any value at all."""
    if kind == "boolean" or any(isinstance(value, bool) for value in values):
        return [_Piece(True), _Piece(False)]
    if not values:
        return [_Piece(None)]
    kinds = {type_name(value) for value in values}
    if len(kinds) > 1 or "context" in kinds:
        raise _NotConstantError
    name = kinds.pop()
    if name == "string":
        return [_Piece(text) for text in (*dict.fromkeys(values), "another value", *_other_texts(values))]
    if name not in _STEPS:
        raise _NotConstantError
    return _around(values, _STEPS[name])


def _other_texts(values: list[Value]) -> Iterator[str]:
    """A text before all, one behind all, and one between each two, where one is found that people can read."""
    ordered = sorted({value for value in values if isinstance(value, str)})
    yield ""
    yield f"{ordered[-1]}a"
    for low, high in pairwise(ordered):
        middle = chr((ord(low[:1] or " ") + ord(high[0])) // 2)
        candidates = (middle, *(low + letter for letter in "aA0 "))
        yield from [text for text in candidates if low < text < high][:1]


def _around(values: list[Value], step: Value) -> list[_Piece]:
    ordered = sorted(set(values), key=cmp_to_key(_order))
    pieces = [_Piece(_moved(ordered[0], step, -1), (None, ordered[0]), has_order=True)]
    for low, high in pairwise(ordered):
        pieces += (_Piece(low, has_order=True), _Piece(_between(low, high), (low, high), has_order=True))
    last = ordered[-1]
    pieces += (_Piece(last, has_order=True), _Piece(_moved(last, step, 1), (last, None), has_order=True))
    return [piece for piece in pieces if piece.value is not None]


def _order(left: Value, right: Value) -> int:
    order = compare(left, right)
    if order is None:  # date-times with and without a zone
        raise _NotConstantError
    return order


def _moved(value: Value, step: Value, sign: int) -> Value:
    if isinstance(value, Decimal):
        return _next_number(value, sign)
    try:
        if isinstance(value, YearsMonthsDuration):
            return YearsMonthsDuration(value.months + sign)
        assert isinstance(value, date | timedelta)
        assert isinstance(step, timedelta)
        return value + sign * step
    except OverflowError:
        return None


def _next_number(value: Decimal, sign: int) -> Decimal | None:
    """One further; where one is less than the last of 34 digits, the next number there is, if there is one."""
    moved = _EDGE.add(value, Decimal(sign))
    if moved == value:
        moved = _EDGE.next_plus(value) if sign > 0 else _EDGE.next_minus(value)
    return moved if moved.is_finite() else None


def _between(low: Value, high: Value) -> Value:
    """A value between two; none where they are neighbours of a type that has neighbours."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return DECIMAL.add(DECIMAL.divide(low, Decimal(2)), DECIMAL.divide(high, Decimal(2)))
    if isinstance(low, YearsMonthsDuration) and isinstance(high, YearsMonthsDuration):
        return YearsMonthsDuration(low.months + 1) if high.months - low.months > 1 else None
    if isinstance(low, timedelta) and isinstance(high, timedelta):
        return low + (high - low) / 2
    if isinstance(low, datetime) and isinstance(high, datetime):
        return low + (high - low) / 2
    assert isinstance(low, date)
    assert isinstance(high, date)
    return low + timedelta(days=1) if (high - low).days > 1 else None


def _bits(mask: int) -> tuple[int, ...]:
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


def _short(run: Run, value: Value) -> str:
    text = show(run, value)
    return text if len(text) <= _MAX_SHOWN else str(value)[:_MAX_SHOWN]  # 9E+6144 for a number of 6,145 digits
