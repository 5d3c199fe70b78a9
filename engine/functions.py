"""FEEL functions of the product that expressions in diagrams and decision tables may call.

The engine knows only that they exist; `committee/functions.py` registers them. A provider gets the step's session and
instance, and gives functions bound to them, so that `deadline("reply_by")` means the deadline of this case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.feel import NativeFunction, Value


def _unknown(_function: str, _asked: Value) -> Value:
    return None


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What the functions of one step are bound to."""

    db: Session | None
    """None while a diagram is checked, when functions are only known by name, and while it is tried."""
    organization_id: UUID | None
    case_id: UUID | None
    elsewhere: Callable[[str, Value], Value] = _unknown
    """(function, what it is asked for) -> its value where there is no database: what the person who tries a diagram says."""


Provider = Callable[[FunctionContext], Mapping[str, "NativeFunction"]]
_providers: list[Provider] = []


def provide(provider: Provider) -> Provider:
    """Register a provider of functions."""
    _providers.append(provider)
    return provider


def bound_functions(context: FunctionContext) -> Mapping[str, NativeFunction]:
    """All product functions, bound to a step."""
    merged: dict[str, NativeFunction] = {}
    for provider in _providers:
        merged.update(provider(context))
    return merged
