"""The frozen tree of an expression. Each node knows its own value; what it may not do is stop: `Run` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.feel import arithmetic, properties
from engine.feel.functions import Builtin, Closure, Function, Native, Parameter
from engine.feel.scope import MISSING, Missing, Run, Scope
from engine.feel.types import Type, conforms
from engine.feel.values import Range, Value, compare, equal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Node(Protocol):
    """A part of an expression."""

    def evaluate(self, run: Run, scope: Scope) -> Value:
        """The value of this part."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the text."""

    value: Value

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a function of the product or a built-in, looked for in this order."""

    name: str

    def evaluate(self, run: Run, scope: Scope) -> Value:
        value = scope.find(self.name)
        if not isinstance(value, Missing):
            return value
        if self.name in run.functions:
            return Native(run.functions[self.name])
        if self.name in BUILTINS:
            return BUILTINS[self.name]
        head, *parts = self.name.split(".")
        value = scope.find(head) if parts else MISSING
        if isinstance(value, Missing):
            run.note(f"'{self.name}' has no value here.")
            return None
        for part in parts:  # a name with a dot that is known elsewhere, and a path here
            value = properties.member(run, value, part.strip())
        return value


BUILTINS: Mapping[str, Builtin] = {}
"""Filled by `engine.feel.builtins`, which needs the tree's values."""


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` (stops at false) or `or` (stops at true), in three-valued logic."""

    stop: bool
    items: tuple[Node, ...]

    def evaluate(self, run: Run, scope: Scope) -> Value:
        result: Value = not self.stop
        for item in self.items:
            value = run.value(item, scope)
            if value is self.stop:
                return self.stop
            if not isinstance(value, bool):
                result = None
        return result


@dataclass(frozen=True, slots=True)
class Comparison:
    """`=`, `!=`, `<`, `<=`, `>`, `>=`."""

    operator: str
    left: Node
    right: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return compared(run, self.operator, run.value(self.left, scope), run.value(self.right, scope))


def compared(run: Run, operator: str, left: Value, right: Value) -> bool | None:
    """The outcome of a comparison; null where the values are of different types."""
    if operator in ("=", "!="):
        same = equal(left, right, run.spend)
        if same is None:
            run.note(f"Values of different types were compared with {operator}.")
            return None
        return same if operator == "=" else not same
    order = compare(left, right)
    if order is None:
        run.note(f"Values that have no order were compared with {operator}.")
        return None
    match operator:
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
    return order >= 0


@dataclass(frozen=True, slots=True)
class Between:
    """`x between low and high`, both included."""

    value: Node
    low: Node
    high: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        value = run.value(self.value, scope)
        above = compared(run, ">=", value, run.value(self.low, scope))
        below = compared(run, "<=", value, run.value(self.high, scope))
        return None if above is None or below is None else above and below


@dataclass(frozen=True, slots=True)
class Calculation:
    """A chain of `+ -`, `* /` or `**`, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    def evaluate(self, run: Run, scope: Scope) -> Value:
        value = run.value(self.first, scope)
        for operator, node in self.rest:
            value = arithmetic.calculate(run, operator, value, run.value(node, scope))
        return value


@dataclass(frozen=True, slots=True)
class Negation:
    """`-x`."""

    operand: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return arithmetic.negate(run, run.value(self.operand, scope))


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`x instance of type`; null is an instance of Null only."""

    value: Node
    type: Type

    def evaluate(self, run: Run, scope: Scope) -> Value:
        value = run.value(self.value, scope)
        if value is None or self.type.name == "Null":
            return value is None and self.type.name == "Null"
        return conforms(value, self.type, run.spend)


@dataclass(frozen=True, slots=True)
class Path:
    """`x.name`: an entry of a context, a property of a date, or the same of each item of a list."""

    value: Node
    name: str

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return properties.member(run, run.value(self.value, scope), self.name)


@dataclass(frozen=True, slots=True)
class Filter:
    """`list[condition]` or `list[number]`; a single value is a list of one."""

    value: Node
    condition: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        value = run.value(self.value, scope)
        items: list[Value] = value if isinstance(value, list) else [] if value is None else [value]
        if isinstance(self.condition, Literal | Negation) or not items:
            index = run.value(self.condition, scope)
            if isinstance(index, Decimal):
                return _at(items, index)
        kept: list[Value] = []
        for item in items:
            inner = Scope({"item": item}, scope)
            chosen = run.value(self.condition, Scope(item, inner) if isinstance(item, dict) else inner)
            if isinstance(chosen, Decimal):
                return _at(items, chosen)
            if chosen is True:
                kept.append(item)
        run.make(len(kept))
        return kept


def _at(items: list[Value], index: Decimal) -> Value:
    if index != index.to_integral_value() or index == 0 or abs(index) > len(items):
        return None
    return items[int(index) - 1 if index > 0 else int(index)]


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with arguments by place or by name."""

    function: Node
    args: tuple[Node, ...]
    names: tuple[str, ...] | None = None

    def evaluate(self, run: Run, scope: Scope) -> Value:
        function = run.value(self.function, scope)
        values = [run.value(arg, scope) for arg in self.args]
        if not isinstance(function, Function):
            run.note("Something that is not a function was called.")
            return None
        named = dict(zip(self.names, values, strict=True)) if self.names is not None else None
        return function.call(run, values, named)


@dataclass(frozen=True, slots=True)
class If:
    """`if … then … else …`; anything but true means else."""

    condition: Node
    then: Node
    otherwise: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return run.value(self.then if run.value(self.condition, scope) is True else self.otherwise, scope)


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Node, ...]

    def evaluate(self, run: Run, scope: Scope) -> Value:
        run.make(len(self.items))
        return [run.value(item, scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class ContextOf:
    """`{name: value}`; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]

    def evaluate(self, run: Run, scope: Scope) -> Value:
        run.make(len(self.entries))
        values: dict[str, Value] = {}
        inner = Scope(values, scope)
        for name, node in self.entries:
            values[name] = run.value(node, inner)
        return dict(values)


@dataclass(frozen=True, slots=True)
class RangeOf:
    """`[a..b]`, `(a..b)`, `]a..b[`, or one end as `(> a)`."""

    start: Node | None
    """None where the range has no such end."""
    end: Node | None
    start_included: bool
    end_included: bool

    def evaluate(self, run: Run, scope: Scope) -> Value:
        start = run.value(self.start, scope) if self.start is not None else None
        end = run.value(self.end, scope) if self.end is not None else None
        if (start is None and self.start is not None) or (end is None and self.end is not None):
            run.note("A range needs its ends; one of them is null.")
            return None
        if start is not None and end is not None and compare(start, end) is None:
            run.note("The ends of a range must be of one type that has an order.")
            return None
        return Range(start, end, self.start_included, self.end_included)


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """`function(a, b) body`."""

    parameters: tuple[Parameter, ...]
    body: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return Closure(self.parameters, self.body, scope)


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in list` or `name in start..end`, of for, some and every."""

    name: str
    source: Node
    end: Node | None = None

    def values(self, run: Run, scope: Scope) -> Sequence[Value] | None:
        """What the name stands for, one after the other; None where there is no such."""
        source = run.value(self.source, scope)
        if self.end is not None:
            return arithmetic.steps(run, source, run.value(self.end, scope))
        if isinstance(source, Range):
            return arithmetic.range_items(run, source)
        if isinstance(source, list):
            return source
        return [] if source is None else [source]


@dataclass(frozen=True, slots=True)
class For:
    """`for a in x, b in y return body`; `partial` is what was returned so far, copied only where it is read."""

    iterators: tuple[Iterator, ...]
    body: Node
    reads_partial: bool = False

    def evaluate(self, run: Run, scope: Scope) -> Value:
        results: list[Value] = []
        return results if self._loop(run, scope, 0, results) else None

    def _loop(self, run: Run, scope: Scope, index: int, results: list[Value]) -> bool:
        if index == len(self.iterators):
            run.make(1)
            if self.reads_partial:
                run.make(len(results))
                scope = Scope({"partial": list(results)}, scope)
            results.append(run.value(self.body, scope))
            return True
        iterator = self.iterators[index]
        items = iterator.values(run, scope)
        if items is None:
            run.note("A for needs a list or whole numbers to go over.")
            return False
        return all(self._loop(run, Scope({iterator.name: item}, scope), index + 1, results) for item in items)


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some` (stops at true) or `every` (stops at false) `… satisfies condition`."""

    stop: bool
    iterators: tuple[Iterator, ...]
    condition: Node

    def evaluate(self, run: Run, scope: Scope) -> Value:
        return self._loop(run, scope, 0)

    def _loop(self, run: Run, scope: Scope, index: int) -> bool | None:
        if index == len(self.iterators):
            value = run.value(self.condition, scope)
            return value if isinstance(value, bool) else None
        iterator = self.iterators[index]
        items = iterator.values(run, scope)
        if items is None:
            return None
        result: bool | None = not self.stop
        for item in items:
            value = self._loop(run, Scope({iterator.name: item}, scope), index + 1)
            if value is self.stop:
                return value
            result = None if value is None else result
        return result
