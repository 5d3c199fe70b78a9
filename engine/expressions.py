"""FEEL as the engine uses it: parsed once per text, evaluated with the product's functions bound to the step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.errors import ExpressionFailed
from engine.feel import Expression, NativeFunction, Value, parse, shown, strip_marker
from engine.feel.builtins import BUILTINS
from engine.functions import FunctionContext, bound_functions
from store.sentences import say


@lru_cache(maxsize=4096)
def _parsed(text: str, functions: frozenset[str]) -> tuple[Expression, dict[str, Value]]:
    """The expression, and the variables it reads that are called like functions: null where nothing has set them."""
    found = parse(strip_marker(text), functions=functions)
    if unknown := (found.called & found.free_names) - functions - BUILTINS.keys():
        # FEEL would give null, and a deadline would silently have no date.
        raise ExpressionFailed(
            say(
                "The expression '%(text)s' calls %(unknown)s, which this installation does not have.",
                text=text,
                unknown=sorted(unknown),
            )
        )
    return found, dict.fromkeys(found.shadowing)


class Evaluator:
    """Evaluates the expressions of one step. Made for each step, since the product's functions are bound to it."""

    def __init__(self, context: FunctionContext) -> None:
        self.functions: Mapping[str, NativeFunction] = bound_functions(context)
        self._names = frozenset(self.functions)

    def __call__(self, text: str, variables: Mapping[str, Value]) -> Value:
        """The value of an expression; a leading `=` is allowed.

        A name that is not called is a variable, also when there is a function of that name (mode, count, date).
        """
        expression, unset = _parsed(text, self._names)
        return expression.evaluate({**unset, **variables} if unset else variables, self.functions)

    def reads(self, text: str) -> frozenset[str]:
        """The variables that an expression reads from outside of itself."""
        return _parsed(text, self._names)[0].free_names

    def assigned(self, text: str | None, variables: Mapping[str, Value]) -> Value:
        """The value of an attribute that is FEEL when it starts with `=` and a literal string otherwise."""
        if text is None:
            return None
        return self(text, variables) if text.lstrip().startswith("=") else text

    def string(self, text: str | None, variables: Mapping[str, Value], what: str) -> str | None:
        """As `assigned`, where only a string or nothing makes sense."""
        value = self.assigned(text, variables)
        if value is not None and not isinstance(value, str):
            raise ExpressionFailed(
                say(
                    "%(what)s: the expression '%(text)s' gave %(value)s, but a text is needed.",
                    what=what,
                    text=text,
                    value=shown(value),
                )
            )
        return value
