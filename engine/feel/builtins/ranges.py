# ruff: noqa: ARG001 - every built-in is given the run
"""How points and ranges lie to each other (DMN 1.3 §10.3.4.9, after Allen's interval algebra)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.scope import Run
from engine.feel.values import Range, Value, compare, contains

_PAIR = "point1: point | range, point2: point | range"


def _as_range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _order(left: Value, right: Value) -> int | None:
    return None if left is None or right is None else compare(left, right)


def _ends_before(first: Range, second: Range) -> bool | None:
    order = _order(first.end, second.start)
    if order is None:
        return None
    return order < 0 or (order == 0 and not (first.end_included and second.start_included))


def _starts_order(first: Range, second: Range) -> int | None:
    """Which starts earlier; an included end lies before an excluded one."""
    order = _order(first.start, second.start)
    return order or (second.start_included - first.start_included) if order is not None else None


def _ends_order(first: Range, second: Range) -> int | None:
    order = _order(first.end, second.end)
    return order or (first.end_included - second.end_included) if order is not None else None


@builtin(f"before({_PAIR})")
def before(run: Run, first: Value, second: Value) -> Value:
    return _ends_before(_as_range(first), _as_range(second))


@builtin(f"after({_PAIR})")
def after(run: Run, first: Value, second: Value) -> Value:
    return _ends_before(_as_range(second), _as_range(first))


@builtin("meets(range1: range, range2: range)")
def meets(run: Run, first: Range, second: Range) -> Value:
    order = _order(first.end, second.start)
    return None if order is None else order == 0 and first.end_included and second.start_included


@builtin("met by(range1: range, range2: range)")
def met_by(run: Run, first: Range, second: Range) -> Value:
    return meets(run, second, first)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Run, first: Range, second: Range) -> Value:
    apart = (_ends_before(first, second), _ends_before(second, first))
    return None if None in apart else not any(apart)


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Run, first: Range, second: Range) -> Value:
    starts, ends = _starts_order(first, second), _ends_order(first, second)
    apart = _ends_before(first, second)
    return None if starts is None or ends is None or apart is None else starts < 0 and ends <= 0 and not apart


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Run, first: Range, second: Range) -> Value:
    return overlaps_before(run, second, first)


@builtin("finishes(point: point, range: range)")
def finishes_point(run: Run, point: Value, over: Range) -> Value:
    order = _order(point, over.end)
    return None if order is None else over.end_included and order == 0


@builtin("finishes(range1: range, range2: range)")
def finishes(run: Run, first: Range, second: Range) -> Value:
    starts, ends = _starts_order(first, second), _ends_order(first, second)
    return None if starts is None or ends is None else starts >= 0 and ends == 0


@builtin("finished by(range: range, point: point)")
def finished_by_point(run: Run, over: Range, point: Value) -> Value:
    return finishes_point(run, point, over)


@builtin("finished by(range1: range, range2: range)")
def finished_by(run: Run, first: Range, second: Range) -> Value:
    return finishes(run, second, first)


@builtin("includes(range: range, point: point)")
def includes_point(run: Run, over: Range, point: Value) -> Value:
    return contains(over, point)


@builtin("includes(range1: range, range2: range)")
def includes(run: Run, first: Range, second: Range) -> Value:
    starts, ends = _starts_order(first, second), _ends_order(first, second)
    return None if starts is None or ends is None else starts <= 0 and ends >= 0


@builtin("during(point: point, range: range)")
def during_point(run: Run, point: Value, over: Range) -> Value:
    return contains(over, point)


@builtin("during(range1: range, range2: range)")
def during(run: Run, first: Range, second: Range) -> Value:
    return includes(run, second, first)


@builtin("starts(point: point, range: range)")
def starts_point(run: Run, point: Value, over: Range) -> Value:
    order = _order(point, over.start)
    return None if order is None else over.start_included and order == 0


@builtin("starts(range1: range, range2: range)")
def starts(run: Run, first: Range, second: Range) -> Value:
    start, end = _starts_order(first, second), _ends_order(first, second)
    return None if start is None or end is None else start == 0 and end <= 0


@builtin("started by(range: range, point: point)")
def started_by_point(run: Run, over: Range, point: Value) -> Value:
    return starts_point(run, point, over)


@builtin("started by(range1: range, range2: range)")
def started_by(run: Run, first: Range, second: Range) -> Value:
    return starts(run, second, first)


@builtin("coincides(point1: point, point2: point)")
def coincides_point(run: Run, first: Value, second: Value) -> Value:
    order = _order(first, second)
    return None if order is None else order == 0


@builtin("coincides(range1: range, range2: range)")
def coincides(run: Run, first: Range, second: Range) -> Value:
    start, end = _starts_order(first, second), _ends_order(first, second)
    return None if start is None or end is None else start == 0 and end == 0
