"""Item definitions: what a decision's input or result may be, with allowed values (DMN 1.3 §7.3.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.feel.scope import Run, Scope
from engine.feel.tree import Node
from engine.feel.types import ANY, Type, coerce
from engine.feel.values import Value
from store.sentences import say


@dataclass(frozen=True, slots=True)
class ItemType:
    """A FEEL type, and what its values must pass: unary tests for itself, for its items, for its entries."""

    type: Type
    allowed: Node | None = None
    item: ItemType | None = None
    members: tuple[tuple[str, ItemType], ...] = field(default=())


ANY_ITEM = ItemType(ANY)
_TOLD = {str(name): name for name in (say("string"), say("number"), say("boolean"), say("date"), say("time"))}
"""Types that have a name in the reader's language too, as the editor of tables shows them."""


def conform(run: Run, value: Value, kind: ItemType, what: str) -> Value:
    """The value as the type wants it; a fault (see Run), and null, where it is not of the type."""
    if kind is ANY_ITEM or value is None:
        return value
    coerced = coerce(value, kind.type, run.spend)
    if coerced is None:
        name = _TOLD.get(kind.type.name, kind.type.name)
        run.on_fault(say("The value of '%(what)s' is not of the type %(type)s.", what=what, type=name))
    elif not _allowed(run, coerced, kind):
        run.on_fault(say("The value of '%(what)s' is not one of those that are allowed.", what=what))
        return None
    return coerced


def _allowed(run: Run, value: Value, kind: ItemType) -> bool:
    run.spend(1)
    if kind.allowed is not None and run.value(kind.allowed, Scope({"?": value})) is not True:
        return False
    if kind.item is not None and isinstance(value, list):
        return all(item is None or _allowed(run, item, kind.item) for item in value)
    if isinstance(value, dict):
        present = [(value[name], member) for name, member in kind.members if value.get(name) is not None]
        return all(_allowed(run, entry, member) for entry, member in present)
    return True


@dataclass(frozen=True, slots=True)
class Typed:
    """A node whose value must be of a type."""

    node: Node
    type: ItemType
    what: str

    def evaluate(self, run: Run, scope: Scope) -> Value:
        """The value, or null where it is not of the type."""
        return conform(run, run.value(self.node, scope), self.type, self.what)
