"""What can be called: functions written in FEEL, built-in ones, and those of the product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.feel.scope import Run, Scope
from engine.feel.types import Type, coerce

if TYPE_CHECKING:
    from engine.feel.tree import Node
    from engine.feel.values import NativeFunction, Value


class Function:
    """A FEEL value that can be called."""

    __slots__ = ()

    def call(self, run: Run, args: Sequence[Value], named: Mapping[str, Value] | None) -> Value:
        """The result; null and a note where the arguments do not fit."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter with its type; `any` where none is given."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Closure(Function):
    """A function of the text, with the names that were in scope where it was written."""

    parameters: tuple[Parameter, ...]
    body: Node
    scope: Scope
    result: Type | None = None

    def call(self, run: Run, args: Sequence[Value], named: Mapping[str, Value] | None) -> Value:
        names = [parameter.name for parameter in self.parameters]
        if named is not None:
            if set(named) != set(names):
                run.note(f"A function has the parameters {', '.join(names)}; it got {', '.join(named)}.")
                return None
            args = [named[name] for name in names]
        if len(args) != len(names):
            run.note(f"A function takes {len(names)} arguments; it got {len(args)}.")
            return None
        values: dict[str, Value] = {}
        for parameter, value in zip(self.parameters, args, strict=True):
            coerced = coerce(value, parameter.type, run.spend)
            if value is not None and coerced is None:
                run.note(f"The argument '{parameter.name}' is not of the type {parameter.type.name}.")
                return None
            values[parameter.name] = coerced
        result = run.value(self.body, Scope(values, self.scope))
        return coerce(result, self.result, run.spend) if self.result is not None else result


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in; `rest` is the type of any number of further arguments."""

    parameters: tuple[Parameter, ...]
    required: int
    run: Callable[..., Any]
    rest: Type | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Builtin(Function):
    """A function of the standard; the first signature that fits is taken."""

    name: str
    signatures: tuple[Signature, ...]

    def call(self, run: Run, args: Sequence[Value], named: Mapping[str, Value] | None) -> Value:
        for signature in self.signatures:
            given = list(args) if named is None else _positions(signature, named)
            if given is not None and _fits(run, signature, given):
                run.weigh(given)
                return self._computed(run, signature, given)
        run.note(f"The function '{self.name}' cannot take these arguments.")
        return None

    def _computed(self, run: Run, signature: Signature, args: list[Value]) -> Value:
        try:
            return signature.run(run, *args)  # type: ignore[no-any-return]
        except (ArithmeticError, ValueError):  # a date after the last year, a number of too many digits
            run.note(f"The result of '{self.name}' is outside of what can be computed.")
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Native(Function):
    """A function of the product."""

    function: NativeFunction

    def call(self, run: Run, args: Sequence[Value], named: Mapping[str, Value] | None) -> Value:
        names = self.function.parameters
        if named is not None:
            if set(named) != set(names):
                run.note(f"The function '{self.function.name}' has the parameters {', '.join(names)}.")
                return None
            args = [named[name] for name in names]
        if len(args) != len(names):
            run.note(f"The function '{self.function.name}' takes {len(names)} arguments; it got {len(args)}.")
            return None
        return self.function.call(*args)


def _positions(signature: Signature, named: Mapping[str, Value]) -> list[Value] | None:
    names = [parameter.name for parameter in signature.parameters]
    if not set(named) <= set(names) or not set(names[: signature.required]) <= set(named):
        return None
    last = max((names.index(name) for name in named), default=-1)
    return [named.get(name) for name in names[: last + 1]]


def _fits(run: Run, signature: Signature, args: list[Value]) -> bool:
    """Whether the arguments fit; coerces them in place. A missing optional argument may be given as null."""
    known = len(signature.parameters)
    if len(args) < signature.required or (len(args) > known and signature.rest is None):
        return False
    for index, value in enumerate(args):
        kind = signature.parameters[index].type if index < known else signature.rest
        if kind is None or kind.name == "Any" or (value is None and signature.required <= index < known):
            continue
        coerced = coerce(value, kind, run.spend)
        if coerced is None:
            return False
        args[index] = coerced
    return True
