"""Unary tests: what stands in the input cells of a decision table and after `in` (DMN 1.3 §10.3.2.8)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.feel.scope import Missing, Run, Scope
from engine.feel.tree import Node, RangeOf, compared
from engine.feel.values import Range, Value, contains, equal


@dataclass(frozen=True, slots=True)
class Test:
    """One unary test: the input against a comparison, a range, a list or a value."""

    node: Node
    operator: str = ""
    asks_input: bool = False
    """The test names the input itself, as `?`, and is its own answer."""

    def holds(self, run: Run, scope: Scope, subject: Value) -> bool | None:
        """Whether the input passes."""
        value = run.value(self.node, scope)
        if self.operator:
            return compared(run, self.operator, subject, value)
        if self.asks_input:
            return value if isinstance(value, bool) else None
        if value is None and isinstance(self.node, RangeOf):
            return None  # a range that is none holds nothing, not even null
        return matches(run, subject, value)


def matches(run: Run, subject: Value, value: Value) -> bool | None:
    """Whether a value is the other, in it, or passes it."""
    if isinstance(value, Range) and not isinstance(subject, Range):
        return contains(value, subject)
    if isinstance(value, list):
        if isinstance(subject, list) and equal(subject, value, run.spend):
            return True
        return any(matches(run, subject, item) for item in value)
    return equal(subject, value, run.spend)


@dataclass(frozen=True, slots=True)
class In:
    """`x in tests`."""

    value: Node
    tests: tuple[Test, ...]

    def evaluate(self, run: Run, scope: Scope) -> Value:
        subject = run.value(self.value, scope)
        return any_holds(run, Scope({"?": subject}, scope), self.tests, subject)


def any_holds(run: Run, scope: Scope, tests: tuple[Test, ...], subject: Value) -> bool | None:
    """True when one of the tests holds, null when none does and one cannot be told."""
    result: bool | None = False
    for test in tests:
        value = test.holds(run, scope, subject)
        if value:
            return True
        result = None if value is None else result
    return result


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The cell of a decision table: tests of which one must hold, or `not(…)`; no tests (`-`) always hold."""

    tests: tuple[Test, ...]
    negated: bool = False

    def evaluate(self, run: Run, scope: Scope) -> Value:
        if not self.tests:
            return True
        subject = scope.find("?")
        held = any_holds(run, scope, self.tests, None if isinstance(subject, Missing) else subject)
        return (None if held is None else not held) if self.negated else held
