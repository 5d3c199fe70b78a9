"""FEEL, the expression language of DMN 1.3: parsed once to a frozen tree, evaluated within limits, no Python behind it.

parse('route = "ordinary" and days > 3').evaluate({"route": "ordinary", "days": Decimal(4)})  # True
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.feel import builtins as _builtins
from engine.feel.cursor import Names
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.functions import Function
from engine.feel.jsonform import dump, from_json, load, measure, shown, to_json
from engine.feel.parser import parsed
from engine.feel.scope import Run, Scope
from engine.feel.tree import Node
from engine.feel.values import DaysTimeDuration, NativeFunction, Range, Value, YearsMonthsDuration

__all__ = [
    "DaysTimeDuration", "Expression", "FeelError", "FeelSyntaxError", "Function", "NativeFunction", "Range", "Value",
    "YearsMonthsDuration", "dump", "from_json", "load", "parse", "parse_unary_tests", "shown", "strip_marker", "to_json",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read without error."""

    text: str
    node: Node
    free_names: frozenset[str]
    """Variables that it reads from outside; names inside filters are left out, since they may be the items' own."""
    called: frozenset[str]
    """Functions that it calls by name."""
    shadowing: frozenset[str]
    """Names of functions that it reads without calling them: they may be meant as variables."""

    def evaluate(
        self,
        variables: Mapping[str, Value],
        functions: Mapping[str, NativeFunction] = {},
        *,
        input_value: Value = None,
        notes: list[str] | None = None,
    ) -> Value:
        """The value. What makes no sense gives null and a sentence in `notes`, as the standard says.

        `input_value` is what unary tests are about, `?` in them. Raises FeelError when a limit is passed.
        """
        run = Run(functions, notes)
        try:
            value = run.value(self.node, Scope({"?": input_value}, Scope(variables)))
            measure(value)
        except RecursionError as error:  # only where the caller's own stack was almost used up
            raise FeelError("The expression was stopped: it is nested too deeply.") from error
        return value


def strip_marker(text: str) -> str:
    """The expression without the `=` that marks it as one in an attribute."""
    stripped = text.strip()
    return stripped[1:].lstrip() if stripped.startswith("=") else stripped


def parse(text: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> Expression:
    """Read an expression. Known names are needed only where they hold more than words and spaces.

    Raises FeelSyntaxError with a sentence, line, column and hint.
    """
    return _expression(text, names, functions, as_tests=False)


def parse_unary_tests(text: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> Expression:
    """Read the tests of a decision table's input cell, such as `< 5, [10..20]`. Raises FeelSyntaxError."""
    return _expression(text, names, functions, as_tests=True)


def _expression(text: str, names: Collection[str], functions: Collection[str], *, as_tests: bool) -> Expression:
    node, parser = parsed(text, Names([*names, *functions]), as_tests=as_tests)
    known = set(_builtins.BUILTINS) | set(functions) | {"?"}
    called = frozenset(parser.called & parser.free)
    shadowing = frozenset((parser.free - parser.called) & known - {"?"})
    return Expression(text, node, frozenset(parser.free - known), called, shadowing)
