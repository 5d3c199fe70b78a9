# ruff: noqa: ARG001 - every built-in is given the run
"""`string`, `not` and `is` (DMN 1.3 §10.3.4.1, §10.3.4.2, §10.3.4.9)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.feel import temporal
from engine.feel.builtins.registry import builtin
from engine.feel.functions import Function
from engine.feel.scope import Run
from engine.feel.values import Range, Value, YearsMonthsDuration, equal, type_name


@builtin("not(negand: any)")
def not_(run: Run, negand: Value) -> Value:
    return not negand if isinstance(negand, bool) else None


@builtin("is(value1: any, value2: any)")
def is_(run: Run, first: Value, second: Value) -> Value:
    if type_name(first) != type_name(second):
        return False
    if isinstance(first, time | datetime) and isinstance(second, time | datetime):
        return first.replace(tzinfo=None) == second.replace(tzinfo=None) and str(first.tzinfo) == str(second.tzinfo)
    return equal(first, second, run.spend) is True


@builtin("string(from: any)")
def string(run: Run, value: Value) -> Value:
    if value is None or isinstance(value, str):
        return value
    return show(run, value)


@builtin("range(from: string)")
def range_(run: Run, text: str) -> Value:
    from engine.feel.cursor import Names
    from engine.feel.parser import parsed
    from engine.feel.scope import Scope
    from engine.feel.tree import RangeOf
    from store.errors import Invalid

    run.spend(len(text))
    try:
        node, _ = parsed(text, Names(), as_tests=False)
    except Invalid:
        return None
    return run.value(node, Scope({})) if isinstance(node, RangeOf) else None


def show(run: Run, value: Value) -> str:
    """A value as it would be written in an expression."""
    text = _show(run, value)
    run.make(len(text))
    return text


def _show(run: Run, value: Value) -> str:
    run.spend(1)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(show(run, item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {show(run, item)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _show_range(run, value)
    if isinstance(value, date | time | timedelta | YearsMonthsDuration):
        return temporal.show(value)
    assert isinstance(value, Function)
    return "function"


def _key(key: str) -> str:
    return key if key.replace(" ", "").replace("_", "").isalnum() else '"' + key.replace('"', '\\"') + '"'


def _show_range(run: Run, value: Range) -> str:
    start = "" if value.start is None else show(run, value.start)
    end = "" if value.end is None else show(run, value.end)
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"
