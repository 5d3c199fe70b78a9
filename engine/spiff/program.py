"""A process compiled for the kernel: one SpiffWorkflow task spec a node, and what a step asks of the diagram.

Immutable once it is built, so that all instances and threads share it. Specs are never part of an instance's state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.model import EventType, Flow, Node, NodeType, Process, Scope
from engine.spiff.snapshot import KernelError

ROOT = "\x00process"
"""Name of the spec of the process itself; no element id can contain a NUL."""

STARTED_BY_EVENT = (EventType.MESSAGE, EventType.TIMER, EventType.SIGNAL, EventType.CONDITIONAL)
"""Events that are waited for; errors and escalations find who catches them when they happen."""
_RAISED = (EventType.ERROR, EventType.ESCALATION)
_SENT = (EventType.MESSAGE, EventType.SIGNAL, EventType.ESCALATION)
_EVENTS = {
    NodeType.START_EVENT: {EventType.NONE, *STARTED_BY_EVENT, *_RAISED},
    NodeType.END_EVENT: {EventType.NONE, *_SENT, EventType.ERROR, EventType.TERMINATE},
    NodeType.INTERMEDIATE_CATCH_EVENT: {*STARTED_BY_EVENT, EventType.LINK},
    NodeType.INTERMEDIATE_THROW_EVENT: {EventType.NONE, *_SENT, EventType.LINK},
    NodeType.BOUNDARY_EVENT: {*STARTED_BY_EVENT, *_RAISED},
}
"""What the kernel gives a meaning; the rest is refused, since SpiffWorkflow would make a none event of it."""
_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY)


@dataclass(frozen=True, slots=True)
class Place:
    """A node and what surrounds it."""

    node: Node
    incoming: tuple[Flow, ...]
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


class NodeSpec(TaskSpec):  # type: ignore[misc]  # SpiffWorkflow has no types
    """SpiffWorkflow's spec of a node. What the node does is in the modules beside this one, by type of node."""

    def __init__(self, workflow_spec: WorkflowSpec, name: str) -> None:
        super().__init__(workflow_spec, name)
        self.manual = True  # SpiffWorkflow never runs a token by itself; the agenda does

    def test(self) -> None:
        """Nothing to check: the checker has passed the diagram."""

    def serialize(self, _serializer: object, **_options: object) -> None:
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
        for node, reason in refusals(process.scope):
            raise KernelError(self.element(node.id), f"'{node.name or node.id}' {reason}.")
        self._add(ROOT, process.scope)
        nodes = [place.node for place in self.places.values()]
        self.has_joins = any(node.type in _JOINS and len(node.incoming) > 1 for node in nodes)
        self.has_conditions = any(event.type is EventType.CONDITIONAL for node in nodes for event in node.events)
        self.reach = {
            name: _reach(self, area, name)
            for area in self.areas.values()
            for name, node in area.nodes.items()
            if node.type is NodeType.INCLUSIVE_GATEWAY and len(node.incoming) > 1
        }
        """Inclusive join -> node of its scope -> the join's incoming flows that a token at the node can still reach.

        Paths through the join itself do not count (BPMN 2.0 §13.4.3).
        """

    def element(self, node_id: str) -> str:
        """The diagram's element behind a lowered node."""
        return self.origin.get(node_id, node_id)

    def start_event(self, node_id: str) -> Node:
        """A start event of the process itself. Raises KernelError for anything else."""
        node = self.process.scope.nodes.get(node_id)
        if node is None or node.type is not NodeType.START_EVENT:
            raise KernelError(node_id, f"The process '{self.process.id}' has no start event '{node_id}'.")
        return node

    def _add(self, name: str, scope: Scope) -> None:
        nodes = scope.nodes.values()
        attached: dict[str | None, list[Node]] = {}
        for node in nodes:
            attached.setdefault(node.attached_to, []).append(node)
        for node in nodes:
            self.specs[node.id] = NodeSpec(self.spec, node.id)
            incoming, outgoing = (tuple(scope.flows[flow] for flow in way) for way in (node.incoming, node.outgoing))
            self.places[node.id] = Place(node, incoming, outgoing, node.default, tuple(attached.get(node.id, ())))
            if node.scope is not None:
                self._add(node.id, node.scope)
        self.areas[name] = Area(
            starts=_starts(scope),
            event_subprocesses=tuple(
                (node, start)
                for node in nodes
                if node.triggered_by_event and node.scope is not None
                for start in start_events(node.scope)
            ),
            links={
                node.event.link or node.name: node
                for node in nodes
                if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK
            },
            nodes=scope.nodes,
        )


def _reach(program: Program, area: Area, gateway: str) -> Mapping[str, frozenset[str]]:
    before: dict[str, list[str]] = {}
    for node_id in area.nodes:
        if node_id != gateway:
            for target, _ in _next(program, area, node_id):
                before.setdefault(target, []).append(node_id)
    reach: dict[str, frozenset[str]] = {}
    for flow in program.places[gateway].incoming:
        if flow.source == gateway:
            continue
        found, todo = {flow.source}, [flow.source]
        while todo:
            for node_id in before.get(todo.pop(), ()):
                if node_id not in found:
                    found.add(node_id)
                    todo.append(node_id)
        for node_id in found:
            reach[node_id] = reach.get(node_id, frozenset()) | {flow.id}
    return reach


def _next(program: Program, area: Area, node_id: str) -> list[tuple[str, str]]:
    """(node, flow) that a token can go to next; a boundary event or a link is reached without a flow."""
    place = program.places[node_id]
    node = place.node
    following = [(flow.target, flow.id) for flow in place.outgoing]
    following += [(boundary.id, "") for boundary in place.boundaries]
    if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
        target = area.links.get(node.event.link or node.name)
        following += [(target.id, "")] if target else []
    return following


def refusals(scope: Scope) -> Iterator[tuple[Node, str]]:
    """Every node of a scope and of those inside it that the kernel cannot run, and why."""
    for node in scope.nodes.values():
        if (reason := _refusal(node, scope)) is not None:
            yield node, reason
        if node.scope is not None:
            yield from refusals(node.scope)


def _refusal(node: Node, scope: Scope) -> str | None:
    """Why the kernel cannot run a node, if it cannot. The checker has said so before; nothing must slip through."""
    match node:
        case Node(type=NodeType.COMPLEX_GATEWAY | NodeType.AD_HOC_SUB_PROCESS):
            return "is a kind of element that the kernel does not run"
        case Node(events=(_, _, *_)):
            return "has several triggers"
        case Node(is_for_compensation=True):
            return "is for compensation"
        case Node(instantiate=True) | Node(event_gateway_type="Parallel"):
            return "would start the process by itself"
        case Node(start_quantity=start, completion_quantity=completion) if (start, completion) != (1, 1):
            return "has a start or completion quantity"
        case Node(loop=loop) if loop is not None and loop.behavior.lower() != "all":
            return "has a multi-instance behaviour other than All"
        case Node(type=NodeType.SEND_TASK, operation=None) if node.event.type is EventType.NONE:
            return "has neither an operation nor a message to send"
        case Node(type=NodeType.EVENT_BASED_GATEWAY | NodeType.PARALLEL_GATEWAY) if any(
            scope.flows[flow].condition for flow in node.outgoing
        ):
            return "takes no conditions on the flows out of it"
        case Node(type=NodeType.EVENT_BASED_GATEWAY):
            return _not_a_choice(node, scope)
        case Node(triggered_by_event=True) if node.scope is None or len(start_events(node.scope)) != 1:
            return "needs exactly one start event, since it is an event subprocess"
        case _ if node.type in _EVENTS and node.event.type not in _EVENTS[node.type]:
            return f"cannot be an event of type '{node.event.type.value}'"
    return None


def _not_a_choice(node: Node, scope: Scope) -> str | None:
    behind = [scope.nodes[scope.flows[flow].target] for flow in node.outgoing]
    if all(
        other.type is NodeType.RECEIVE_TASK
        or (other.type is NodeType.INTERMEDIATE_CATCH_EVENT and other.event.type in STARTED_BY_EVENT)
        for other in behind
    ):
        return None
    return "leads to something else than an event that is waited for"


def start_events(scope: Scope) -> list[Node]:
    """The start events of a process or subprocess."""
    return [node for node in scope.nodes.values() if node.type is NodeType.START_EVENT]


def _starts(scope: Scope) -> tuple[Node, ...]:
    events = start_events(scope)
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


def build(process: Process, origin: Mapping[str, str] | None = None) -> Program:
    """Compile a lowered process; `origin` leads ids of nodes that the diagram does not have to its elements.

    Raises KernelError for the first node that the kernel cannot run.
    """
    return Program(process, origin or {})
