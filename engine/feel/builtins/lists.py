# ruff: noqa: ARG001 - every built-in is given the run
"""List and context functions (DMN 1.3 §10.3.4.4, §10.3.4.7)."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cmp_to_key

from engine.feel.arithmetic import calculate
from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelError
from engine.feel.functions import Closure, Function
from engine.feel.limits import MAX_VALUE_DEPTH
from engine.feel.scope import Run
from engine.feel.values import DECIMAL, Value, YearsMonthsDuration, compare, equal


def _same(run: Run, left: Value, right: Value) -> bool:
    return equal(left, right, run.spend) is True


def _numbers(items: Sequence[Value]) -> list[Decimal] | None:
    numbers = [item for item in items if isinstance(item, Decimal)]
    return numbers if numbers and len(numbers) == len(items) else None


def _made(run: Run, items: list[Value]) -> list[Value]:
    run.make(len(items))
    run.spend(len(items))
    return items


@builtin("list contains(list: list, element: any)")
def list_contains(run: Run, items: list[Value], element: Value) -> Value:
    return any(_same(run, item, element) for item in items)


@builtin("count(list: list)")
def count(run: Run, items: list[Value]) -> Value:
    return Decimal(len(items))


@builtin("min(list: list)")
def min_(run: Run, items: list[Value]) -> Value:
    return _extreme(run, items, -1)


@builtin("min(...values: any)")
def min_of(run: Run, *items: Value) -> Value:
    return _extreme(run, items, -1)


@builtin("max(list: list)")
def max_(run: Run, items: list[Value]) -> Value:
    return _extreme(run, items, 1)


@builtin("max(...values: any)")
def max_of(run: Run, *items: Value) -> Value:
    return _extreme(run, items, 1)


def _extreme(run: Run, items: Sequence[Value], sign: int) -> Value:
    if not items:
        return None
    best = items[0]
    run.spend(len(items))
    for item in items:
        order = compare(item, best)
        if order is None:
            return None
        best = item if order == sign else best
    return best


@builtin("sum(list: list)")
def sum_(run: Run, items: list[Value]) -> Value:
    if not items or not isinstance(items[0], Decimal | timedelta | YearsMonthsDuration):
        return None
    run.spend(len(items))
    total: Value = items[0]
    for item in items[1:]:
        total = calculate(run, "+", total, item)
    return total


@builtin("sum(...values: any)")
def sum_of(run: Run, *items: Value) -> Value:
    return sum_(run, list(items))


@builtin("mean(list: list)")
def mean(run: Run, items: list[Value]) -> Value:
    return calculate(run, "/", sum_(run, items), Decimal(len(items))) if items else None


@builtin("mean(...values: any)")
def mean_of(run: Run, *items: Value) -> Value:
    return mean(run, list(items))


@builtin("product(list: list)")
def product(run: Run, items: list[Value]) -> Value:
    numbers = _numbers(items)
    if numbers is None:
        return None
    run.spend(len(numbers))
    total: Value = Decimal(1)
    for number in numbers:
        total = calculate(run, "*", total, number)
    return total


@builtin("product(...values: any)")
def product_of(run: Run, *items: Value) -> Value:
    return product(run, list(items))


@builtin("median(list: list)")
def median(run: Run, items: list[Value]) -> Value:
    numbers = _numbers(items)
    if numbers is None:
        return None
    run.spend(len(items))
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return DECIMAL.divide(DECIMAL.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("median(...values: any)")
def median_of(run: Run, *items: Value) -> Value:
    return median(run, list(items))


@builtin("stddev(list: list)")
def stddev(run: Run, items: list[Value]) -> Value:
    numbers = _numbers(items)
    if numbers is None or len(numbers) == 1:
        return None
    run.spend(len(items))
    with decimal.localcontext(DECIMAL):
        average = sum(numbers, Decimal(0)) / len(numbers)
        return (sum(((number - average) ** 2 for number in numbers), Decimal(0)) / (len(numbers) - 1)).sqrt()


@builtin("stddev(...values: any)")
def stddev_of(run: Run, *items: Value) -> Value:
    return stddev(run, list(items))


@builtin("mode(list: list)")
def mode(run: Run, items: list[Value]) -> Value:
    if not items:
        return []
    numbers = _numbers(items)
    if numbers is None:
        return None
    run.spend(len(items))
    counts: dict[Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)  # type: ignore[return-value]


@builtin("mode(...values: any)")
def mode_of(run: Run, *items: Value) -> Value:
    return mode(run, list(items))


@builtin("all(list: list)")
def all_(run: Run, items: list[Value]) -> Value:
    return _junction(items, stop=False)


@builtin("all(...values: any)")
def all_of(run: Run, *items: Value) -> Value:
    return _junction(items, stop=False) if items else None


@builtin("any(list: list)")
def any_(run: Run, items: list[Value]) -> Value:
    return _junction(items, stop=True)


@builtin("any(...values: any)")
def any_of(run: Run, *items: Value) -> Value:
    return _junction(items, stop=True) if items else None


def _junction(items: Sequence[Value], *, stop: bool) -> bool | None:
    if any(item is stop for item in items):
        return stop
    return not stop if all(isinstance(item, bool) for item in items) else None


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first = int(start)
    if first == 0 or abs(first) > len(items) or (length is not None and length < 0):
        return None
    begin = first - 1 if first > 0 else len(items) + first
    return _made(run, items[begin:] if length is None else items[begin : begin + int(length)])


@builtin("append(list: list, ...item: any)")
def append(run: Run, items: list[Value], *more: Value) -> Value:
    return _made(run, [*items, *more])


@builtin("concatenate(...list: list)")
def concatenate(run: Run, *lists: list[Value]) -> Value:
    return _made(run, [item for items in lists for item in items])


@builtin("union(...list: list)")
def union(run: Run, *lists: list[Value]) -> Value:
    return distinct_values(run, [item for items in lists for item in items])


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: list[Value]) -> Value:
    kept: list[Value] = []
    for item in items:
        if not any(_same(run, item, other) for other in kept):
            kept.append(item)
        run.spend(len(kept))
    return _made(run, kept)


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Run, items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    return None if place is None else _made(run, [*items[:place], item, *items[place:]])


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Value], position: Decimal) -> Value:
    place = _place(items, position)
    return None if place is None else _made(run, [*items[:place], *items[place + 1 :]])


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace(run: Run, items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    return None if place is None else _made(run, [*items[:place], item, *items[place + 1 :]])


@builtin("list replace(list: list, match: function, newItem: any)")
def list_replace_matching(run: Run, items: list[Value], match: Function, new: Value) -> Value:
    replaced: list[Value] = []
    for item in items:
        matched = match.call(run, [item, new], None)
        if not isinstance(matched, bool):
            return None
        replaced.append(new if matched else item)
    return _made(run, replaced)


def _place(items: list[Value], position: Decimal) -> int | None:
    number = int(position)
    if number == 0 or abs(number) > len(items):
        return None
    return number - 1 if number > 0 else len(items) + number


@builtin("reverse(list: list)")
def reverse(run: Run, items: list[Value]) -> Value:
    return _made(run, items[::-1])


@builtin("index of(list: list, match: any)")
def index_of(run: Run, items: list[Value], match: Value) -> Value:
    return [Decimal(number) for number, item in enumerate(items, 1) if _same(run, item, match)]


@builtin("flatten(list: list)")
def flatten(run: Run, items: list[Value]) -> Value:
    flat: list[Value] = []
    _flatten(run, items, flat, 0)
    return flat


def _flatten(run: Run, items: list[Value], flat: list[Value], depth: int) -> None:
    if depth > MAX_VALUE_DEPTH:
        raise FeelError("The expression was stopped: its lists are too deep.")
    run.spend(len(items))
    run.make(len(items))
    for item in items:
        if isinstance(item, list):
            _flatten(run, item, flat, depth + 1)
        else:
            flat.append(item)


@builtin("sort(list: list, precedes?: function)")
def sort(run: Run, items: list[Value], precedes: Function | None = None) -> Value:
    if isinstance(precedes, Closure) and len(precedes.parameters) != 2:
        return None
    failed = False

    def order(left: Value, right: Value) -> int:
        nonlocal failed
        if precedes is None:
            compared = compare(left, right)
            failed = failed or compared is None
            return compared or 0
        if precedes.call(run, [left, right], None) is True:
            return -1
        return 1 if precedes.call(run, [right, left], None) is True else 0

    ordered = sorted(_made(run, items), key=cmp_to_key(order))
    return None if failed else ordered


@builtin("get value(m: context, key: string)")
def get_value(run: Run, context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@builtin("get value(m: context, keys: list)")
def get_value_at(run: Run, context: dict[str, Value], keys: list[Value]) -> Value:
    value: Value = context if keys else None
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value


@builtin("get entries(m: context)")
def get_entries(run: Run, context: dict[str, Value]) -> Value:
    return _made(run, [{"key": key, "value": value} for key, value in context.items()])


@builtin("context(entries: list)")
def context_(run: Run, entries: list[Value]) -> Value:
    made: dict[str, Value] = {}
    run.make(len(entries))
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put(context: context, key: string, value: any)")
def context_put(run: Run, context: dict[str, Value], key: str, value: Value) -> Value:
    run.make(len(context))
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_at(run: Run, context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or not isinstance(keys[0], str) or len(keys) > MAX_VALUE_DEPTH:
        return None
    run.make(len(context))
    if len(keys) > 1:
        inner = context.get(keys[0])
        value = context_put_at(run, inner, keys[1:], value) if isinstance(inner, dict) else None
        if value is None:
            return None
    return {**context, keys[0]: value}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        run.make(len(context))
        merged.update(context)
    return merged
