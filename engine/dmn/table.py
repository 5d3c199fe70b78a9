"""Decision tables: rules, hit policies and aggregators (DMN 1.3 §8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.dmn.types import ANY_ITEM, ItemType, conform
from engine.feel.builtins.lists import max_, min_, sum_
from engine.feel.scope import Run, Scope
from engine.feel.tree import Node
from engine.feel.unary import Test, UnaryTests
from engine.feel.values import Value, equal
from store.sentences import say

HIT_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
BY_PRIORITY = ("PRIORITY", "OUTPUT ORDER")
"""Hit policies that go by the order of the output values."""
_AGGREGATORS = {"SUM": sum_, "MIN": min_, "MAX": max_}


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is asked."""

    label: str
    node: Node
    type: ItemType = ANY_ITEM
    values: UnaryTests | None = None
    """What the input may be."""
    text: str = ""
    """The expression as it is written."""


@dataclass(frozen=True, slots=True)
class Output:
    """A column that is answered."""

    name: str
    type: ItemType = ANY_ITEM
    values: UnaryTests | None = None
    """What the output may be, the most important first."""
    default: Node | None = None
    label: str = ""
    """What people call it."""

    @property
    def order(self) -> tuple[Test, ...]:
        """The values that are listed, the most important first; those of the type where the column lists none."""
        listed = self.values or self.type.allowed
        return listed.tests if isinstance(listed, UnaryTests) else ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A row."""

    id: str
    line: int
    tests: tuple[UnaryTests, ...]
    outputs: tuple[Node, ...]
    texts: tuple[str, ...] = ()
    """The tests as they are written."""
    answers: tuple[str, ...] = ()
    """The answers as they are written."""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table; a node like any other."""

    id: str
    name: str
    line: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "UNIQUE"
    aggregator: str = ""

    def reference(self, rule: Rule) -> tuple[str, str]:
        """How a rule is told from all others of its file: by the ids, or name and number where a tool wrote none."""
        return self.id or self.name, rule.id or str(self.rules.index(rule) + 1)

    def evaluate(self, run: Run, scope: Scope) -> Value:
        """The answer of the rules that fit, as the hit policy says."""
        asked: list[Value] = []
        for column in self.inputs:
            value = conform(run, run.value(column.node, scope), column.type, column.label)
            if column.values is not None and value is not None and not self._passes(run, scope, column.values, value):
                run.on_fault(
                    say(
                        "'%(column)s' has a value that the table '%(table)s' does not know.",
                        column=column.label,
                        table=self.name,
                    )
                )
                return None
            asked.append(value)
        hits = self._hits(run, scope, asked)
        run.hits += (self.reference(rule) for rule in hits)
        if not hits:
            return self._default(run, scope)
        return self._answer(run, hits, [self._result(run, scope, rule) for rule in hits])

    def _passes(self, run: Run, scope: Scope, tests: UnaryTests, value: Value) -> bool:
        return run.value(tests, Scope({"?": value}, scope)) is True

    def _hits(self, run: Run, scope: Scope, asked: list[Value]) -> list[Rule]:
        hits = []
        for rule in self.rules:
            pairs = zip(rule.tests, asked, strict=True)
            if all(not tests.tests or self._passes(run, scope, tests, value) for tests, value in pairs):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def _result(self, run: Run, scope: Scope, rule: Rule) -> Value:
        values: dict[str, Value] = {}
        for output, node in zip(self.outputs, rule.outputs, strict=True):
            values[output.name] = conform(run, run.value(node, scope), output.type, output.name)
        return values if len(self.outputs) > 1 else next(iter(values.values()))

    def _default(self, run: Run, scope: Scope) -> Value:
        if any(output.default is not None for output in self.outputs):
            values = {
                output.name: run.value(output.default, scope) if output.default is not None else None
                for output in self.outputs
            }
            return values if len(self.outputs) > 1 else next(iter(values.values()))
        if self.hit_policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
            return [] if not self.aggregator else Decimal(0) if self.aggregator == "COUNT" else None
        run.on_fault(
            say(
                "No rule of the table '%(table)s' fits. Add a rule for this case, or a default output.", table=self.name
            )
        )
        return None

    def _answer(self, run: Run, hits: list[Rule], results: list[Value]) -> Value:
        match self.hit_policy:
            case "UNIQUE" if len(hits) > 1:
                numbers = ", ".join(str(self.rules.index(rule) + 1) for rule in hits)
                told = {"rules": numbers, "table": self.name}
                run.on_fault(say("Rules %(rules)s of the table '%(table)s' fit at once, but only one may.", **told))
                return None
            case "ANY" if not all(equal(results[0], other, run.spend) for other in results[1:]):
                run.on_fault(
                    say(
                        "Several rules of the table '%(table)s' fit at once and give different answers.",
                        table=self.name,
                    )
                )
                return None
            case "PRIORITY":
                return self._by_priority(run, results)[0]
            case "OUTPUT ORDER":
                return self._by_priority(run, results)
            case "RULE ORDER":
                return results
            case "COLLECT":
                return self._collected(run, results)
        return results[0]

    def _collected(self, run: Run, results: list[Value]) -> Value:
        if not self.aggregator:
            return results
        if self.aggregator == "COUNT":
            return Decimal(len(results))
        return _AGGREGATORS[self.aggregator](run, results)

    def _by_priority(self, run: Run, results: list[Value]) -> list[Value]:
        orders = [self._order(run, output) for output in self.outputs]

        def key(result: Value) -> tuple[int, ...]:
            values = list(result.values()) if isinstance(result, dict) and len(self.outputs) > 1 else [result]
            return tuple(
                next((place for place, known in enumerate(order) if equal(value, known, run.spend)), len(order))
                for value, order in zip(values, orders, strict=True)
            )

        return sorted(results, key=key)

    @staticmethod
    def _order(run: Run, output: Output) -> list[Value]:
        return [run.value(test.node, Scope({})) for test in output.order]
