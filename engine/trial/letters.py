"""Messages of a trial: whom they reach, by the rule that the engine has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.messages import canonical
from engine.spiff import Waiting, WaitKind

if TYPE_CHECKING:
    from engine.bpmn.starts import Start
    from engine.feel import Value


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way. One from outside has no keys of its own: they are in its payload, where whom it reaches has them."""

    name: str
    payload: Mapping[str, Value]
    keys: Mapping[str, Value] | None

    def fits(self, wait: Waiting) -> bool:
        """Whether it is for a wait: of the same name and, as the engine asks it, with the same keys and no others."""
        if wait.kind is not WaitKind.MESSAGE or wait.name != self.name:
            return False
        return canonical(self._keys(wait.correlation)) == canonical(wait.correlation)

    def starts_with(self, start: Start) -> Mapping[str, Value]:
        """The keys with which it starts a process."""
        return self._keys(item.name for item in start.node.correlation)

    def _keys(self, asked: Iterable[str]) -> Mapping[str, Value]:
        if self.keys is not None:
            return self.keys
        return {name: self.payload[name] for name in asked if name in self.payload}
