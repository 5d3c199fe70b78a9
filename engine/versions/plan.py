"""The plan of a migration: which element of the new version takes the place of which, and why one has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import definitions
from engine.bpmn.model import Node, NodeType
from engine.definitions import Compiled
from engine.models import Definition
from engine.spiff.likeness import unlike
from store.errors import Invalid
from store.sentences import say

_STANDS = frozenset(NodeType) - {
    NodeType.START_EVENT, NodeType.END_EVENT, NodeType.EXCLUSIVE_GATEWAY, NodeType.INTERMEDIATE_THROW_EVENT, NodeType.TASK,
    NodeType.SERVICE_TASK, NodeType.SCRIPT_TASK, NodeType.SEND_TASK, NodeType.BUSINESS_RULE_TASK,
}  # fmt: skip
"""Where an instance can stand between two steps; the others are passed at once."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What becomes of what stands at an element of the older version."""

    old: str
    name: str
    new: str | None
    """None: nothing of the new version takes its place, and an instance that stands there cannot be carried over."""
    why: str | None = None
    perhaps: str | None = None
    """An element that is new, of the same kind and name: perhaps it only got another id."""
    fitting: tuple[Node, ...] = ()
    """Where nothing takes its place: the elements of the new version that could."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How instances of one version become instances of another."""

    source: Compiled
    target: Compiled
    mapping: Mapping[str, str]
    recompute: bool = False

    @property
    def instructions(self) -> list[Instruction]:
        """The whole plan, in the order of the older diagram."""
        return [self._instruction(node) for node in self.source.nodes.values() if node.type in _STANDS]

    def partner(self, element_id: str) -> str:
        """The element that is meant for one of the older version, whether the new one has it or not."""
        return self.mapping.get(element_id, element_id)

    def _instruction(self, node: Node) -> Instruction:
        name, found = node.name or node.id, self.target.nodes.get(self.partner(node.id))
        if found is None:
            why: str | None = say("is not in the new version")
            return Instruction(node.id, name, None, why, self._namesake(node), self._fitting(node))
        why = unlike(node, found)
        return Instruction(node.id, name, None if why else found.id, why, fitting=self._fitting(node) if why else ())

    def _fitting(self, node: Node) -> tuple[Node, ...]:
        found = (each for each in self.target.nodes.values() if unlike(node, each) is None)
        return tuple(sorted(found, key=lambda each: each.name or each.id))

    def _namesake(self, node: Node) -> str | None:
        new = (each for each in self.target.nodes.values() if each.id not in self.source.nodes)
        found = [each.id for each in new if node.name and each.name == node.name and unlike(node, each) is None]
        return found[0] if len(found) == 1 else None


def propose(
    db: Session, source: Definition, target: Definition, mapping: Mapping[str, str], *, recompute: bool = False
) -> Plan:
    """A plan by element id, with what the mapping says otherwise. Raises Invalid for what is no plan."""
    for each in (source, target):
        if each.kind != "process":
            raise Invalid(
                say("'%(key)s' is no process; only instances of processes can be carried over.", key=each.key)
            )
    if source.key != target.key:
        raise Invalid(
            say(
                "'%(source)s' and '%(target)s' are different processes. Choose two versions of one.",
                source=source.key,
                target=target.key,
            )
        )
    if source.id == target.id:
        raise Invalid("This is the version that the instances have already.")
    made = Plan(definitions.compiled(db, source.id), definitions.compiled(db, target.id), dict(mapping), recompute)
    for old, new in mapping.items():
        if old not in made.source.nodes:
            raise Invalid(say("The older version has no element '%(old)s'. Take the ids from its diagram.", old=old))
        if new not in made.target.nodes:
            raise Invalid(say("The new version has no element '%(new)s'. Take the ids from its diagram.", new=new))
        if (why := unlike(made.source.nodes[old], made.target.nodes[new])) is not None:
            raise Invalid(say("'%(new)s' cannot take the place of '%(old)s': it %(why)s.", new=new, old=old, why=why))
    return made
