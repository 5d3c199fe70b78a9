"""What an evaluation carries with it: names in scope, functions, and the budget that bounds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from engine.feel import limits
from engine.feel.errors import FeelError

if TYPE_CHECKING:
    from engine.feel.tree import Node
    from engine.feel.values import NativeFunction, Value


class Missing:
    """Told apart from null: a name that nothing has set."""


MISSING: Final = Missing()


class Scope:
    """Names and values; what is not here is looked for in the scope outside."""

    __slots__ = ("outer", "values")

    def __init__(self, values: Mapping[str, Value], outer: Scope | None = None) -> None:
        self.values = values
        self.outer = outer

    def find(self, name: str) -> Value | Missing:
        """The value of a name, from inside out."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        return MISSING


class Run:
    """One evaluation."""

    __slots__ = ("depth", "functions", "hits", "made", "notes", "on_fault", "pattern_seconds", "steps")

    def __init__(self, functions: Mapping[str, NativeFunction], notes: list[str] | None) -> None:
        self.functions = functions
        self.notes = notes
        self.on_fault: Callable[[str], None] = self.note
        """What happens where a decision table has no answer: a note, or an error of the caller."""
        self.hits: list[tuple[str, str]] = []
        """(decision table, rule) of every rule of a table that fitted, by their ids."""
        self.steps = 0
        self.depth = 0
        self.made = 0
        self.pattern_seconds = limits.PATTERN_SECONDS

    def value(self, node: Node, scope: Scope) -> Value:
        """The value of a node. Raises FeelError when the evaluation goes over its limits."""
        self.steps += 1
        self.depth += 1
        if self.steps > limits.MAX_STEPS or self.depth > limits.MAX_DEPTH:
            self._stop()
        result = node.evaluate(self, scope)
        self.depth -= 1
        return result

    def spend(self, steps: int) -> None:
        """Count work that is done outside nodes, such as comparing long lists."""
        self.steps += steps
        if self.steps > limits.MAX_STEPS:
            self._stop()

    def weigh(self, values: Iterable[Value]) -> None:
        """Count the work of a function that may go over all that it is given."""
        items = sum(len(value) for value in values if isinstance(value, list | dict))
        self.spend(items // limits.ITEMS_A_STEP)

    def make(self, size: int) -> None:
        """Count characters or items about to be made."""
        self.made += size
        if size > limits.MAX_STRING or self.made > limits.MAX_MADE:
            raise FeelError("The expression was stopped: it makes values that are too large. Work on less at a time.")

    def note(self, sentence: str) -> None:
        """Say why something became null."""
        if self.notes is not None and len(self.notes) < 100:
            self.notes.append(sentence)

    def _stop(self) -> None:
        if self.depth > limits.MAX_DEPTH:
            raise FeelError("The expression was stopped: its functions call each other too deeply.")
        raise FeelError("The expression was stopped: it takes too many steps. Work on fewer items at a time.")
