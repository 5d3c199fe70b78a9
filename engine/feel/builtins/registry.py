"""How a Python function becomes a built-in: its FEEL signature is written as the standard writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from engine.feel.functions import Builtin, Parameter, Signature
from engine.feel.types import ANY, Type

BUILTINS: dict[str, Builtin] = {}
_F = TypeVar("_F", bound=Callable[..., Any])
_SIGNATURE = re.compile(r"(?P<name>[^(]+)\((?P<parameters>.*)\)")


def builtin(*signatures: str) -> Callable[[_F], _F]:
    """Register a function under `name(parameter: type, optional?: type, ...rest: type)`; `|` joins types.

    The function gets the run and then arguments of these types; it gives null where it has no answer.
    """

    def register(function: _F) -> _F:
        for text in signatures:
            name, signature = _signature(text, function)
            known = BUILTINS[name].signatures if name in BUILTINS else ()
            BUILTINS[name] = Builtin(name, (*known, signature))
        return function

    return register


def _signature(text: str, function: Callable[..., Any]) -> tuple[str, Signature]:
    found = _SIGNATURE.fullmatch(text)
    assert found is not None, text
    parameters: list[Parameter] = []
    required = 0
    rest: Type | None = None
    for part in filter(None, found["parameters"].split(", ")):
        name, _, kind = part.partition(": ")
        if name.startswith("..."):
            rest = _type(kind)
            continue
        required += not name.endswith("?")
        parameters.append(Parameter(name.removesuffix("?"), _type(kind)))
    return found["name"], Signature(tuple(parameters), required, function, rest)


def _type(text: str) -> Type:
    names = text.split(" | ")
    if names == ["any"]:
        return ANY
    return Type(names[0]) if len(names) == 1 else Type("|", tuple(Type(name) for name in names))
