"""A process compiled for the kernel: one SpiffWorkflow task spec a node, and what a step asks of the diagram.

Immutable once it is built, so that all instances and threads share it. Specs are never part of an instance's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.model import EventType, Flow, Node, NodeType, Process, Scope

ROOT = "\x00process"
"""Name of the spec of the process itself; no element id can contain a NUL."""

STARTED_BY_EVENT = (EventType.MESSAGE, EventType.TIMER, EventType.SIGNAL, EventType.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Place:
    """A node and what surrounds it."""

    node: Node
    outgoing: tuple[Flow, ...]
    default: str | None
    boundaries: tuple[Node, ...]
    """Boundary events attached to the node."""


@dataclass(frozen=True, slots=True)
class Area:
    """The inside of a process or subprocess."""

    starts: tuple[Node, ...]
    """Where tokens begin: none start events, or nodes without incoming flow when there is no start event."""
    event_subprocesses: tuple[tuple[Node, Node], ...]
    """(event subprocess, its start event)."""
    links: Mapping[str, Node]
    nodes: Mapping[str, Node]


class NodeSpec(TaskSpec):
    """SpiffWorkflow's spec of a node. What the node does is in the modules beside this one, by type of node."""

    def __init__(self, workflow_spec: WorkflowSpec, name: str) -> None:
        super().__init__(workflow_spec, name)
        self.manual = True  # SpiffWorkflow never runs a token by itself; the agenda does

    def test(self) -> None:
        """Nothing to check: the checker has passed the diagram."""

    def serialize(self, serializer: object, **kwargs: object) -> None:
        raise TypeError("specs are never part of a state")


class Program:
    """A process that runs can share."""

    def __init__(self, process: Process, origin: Mapping[str, str]) -> None:
        self.process = process
        self.origin = dict(origin)
        self.spec = WorkflowSpec(process.id)
        self.root = NodeSpec(self.spec, ROOT)
        self.spec.start = self.root
        self.places: dict[str, Place] = {}
        self.areas: dict[str, Area] = {}
        self.specs: dict[str, NodeSpec] = {ROOT: self.root}
        self.flows: dict[str, Flow] = {}
        self._reach: dict[str, dict[str, frozenset[str]]] = {}
        self._add(ROOT, process.scope)

    def element(self, node_id: str) -> str:
        """The diagram's element behind a lowered node."""
        return self.origin.get(node_id, node_id)

    def reach(self, gateway: str) -> dict[str, frozenset[str]]:
        """For each node of the gateway's scope: the gateway's incoming flows that a token there can still reach.

        Paths through the gateway itself do not count (BPMN 2.0 §13.4.3, inclusive gateway).
        """
        if gateway not in self._reach:
            self._reach[gateway] = self._compute_reach(gateway)
        return self._reach[gateway]

    def _add(self, name: str, scope: Scope) -> None:
        self.flows.update(scope.flows)
        nodes = scope.nodes.values()
        for node in nodes:
            self.specs[node.id] = NodeSpec(self.spec, node.id)
            outgoing = tuple(scope.flows[flow] for flow in node.outgoing)
            attached = tuple(other for other in nodes if other.attached_to == node.id)
            self.places[node.id] = Place(node, outgoing, node.default, attached)
            if node.scope is not None:
                self._add(node.id, node.scope)
        self.areas[name] = Area(
            starts=_starts(scope),
            event_subprocesses=tuple(
                (node, start)
                for node in nodes
                if node.triggered_by_event and node.scope is not None
                for start in node.scope.nodes.values()
                if start.type is NodeType.START_EVENT
            ),
            links={
                node.event.link or node.name: node
                for node in nodes
                if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK
            },
            nodes=scope.nodes,
        )

    def _compute_reach(self, gateway: str) -> dict[str, frozenset[str]]:
        area = next(area for area in self.areas.values() if gateway in area.nodes)
        reach: dict[str, set[str]] = {node_id: set() for node_id in area.nodes}
        changed = True
        while changed:
            changed = False
            for node_id in area.nodes:
                if node_id == gateway:
                    continue
                found = set[str]()
                for target, flow in self._next(area, node_id):
                    found |= {flow} if target == gateway and flow else reach[target]
                if not found <= reach[node_id]:
                    reach[node_id] |= found
                    changed = True
        return {node_id: frozenset(flows) for node_id, flows in reach.items()}

    def _next(self, area: Area, node_id: str) -> list[tuple[str, str]]:
        place = self.places[node_id]
        following = [(flow.target, flow.id) for flow in place.outgoing]
        following += [(boundary.id, "") for boundary in place.boundaries]
        node = place.node
        if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
            target = area.links.get(node.event.link or node.name)
            following += [(target.id, "")] if target else []
        return following


def _starts(scope: Scope) -> tuple[Node, ...]:
    events = [node for node in scope.nodes.values() if node.type is NodeType.START_EVENT]
    if events:
        return tuple(node for node in events if node.event.type is EventType.NONE) or tuple(events[:1])
    return tuple(
        node
        for node in scope.nodes.values()
        if not node.incoming
        and node.attached_to is None
        and not node.triggered_by_event
        and not node.is_for_compensation
        and node.event.type is not EventType.LINK
    )


def build(process: Process, origin: Mapping[str, str]) -> Program:
    """Compile a lowered process; `origin` leads its node ids to the diagram's elements."""
    return Program(process, origin)
