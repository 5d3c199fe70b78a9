"""A process compiled for the kernel: one SpiffWorkflow task spec a node, and what a step asks of the diagram.

Immutable once it is built, so that all instances and threads share it. Specs are never part of an instance's state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.model import EventType, Flow, Loop, Node, NodeType, Process, Scope
from engine.bpmn.reach import reach
from engine.bpmn.starts import can_instantiate, starting
from engine.spiff.snapshot import KernelError
from store.sentences import say

ROOT = "\x00process"
"""Name of the spec of the process itself; no element id can contain a NUL."""

STARTED_BY_EVENT = (EventType.MESSAGE, EventType.TIMER, EventType.SIGNAL, EventType.CONDITIONAL)
"""Events that are waited for; errors and escalations find who catches them when they happen."""
_RAISED = (EventType.ERROR, EventType.ESCALATION)
_SENT = (EventType.MESSAGE, EventType.SIGNAL, EventType.ESCALATION)
_ENDING = (EventType.ERROR, EventType.TERMINATE, EventType.COMPENSATION, EventType.CANCEL)
_EVENTS = {
    NodeType.START_EVENT: {EventType.NONE, *STARTED_BY_EVENT, *_RAISED, EventType.COMPENSATION},
    NodeType.END_EVENT: {EventType.NONE, *_SENT, *_ENDING},
    NodeType.INTERMEDIATE_CATCH_EVENT: {*STARTED_BY_EVENT, EventType.LINK},
    NodeType.INTERMEDIATE_THROW_EVENT: {EventType.NONE, *_SENT, EventType.LINK, EventType.COMPENSATION},
    NodeType.BOUNDARY_EVENT: {*STARTED_BY_EVENT, *_RAISED, EventType.COMPENSATION, EventType.CANCEL},
}
"""What the kernel gives a meaning; the rest is refused, since SpiffWorkflow would make a none event of it."""
_REACHED = (NodeType.INCLUSIVE_GATEWAY, NodeType.COMPLEX_GATEWAY)
"""Joins that ask who can still come."""
_JOINS = (NodeType.PARALLEL_GATEWAY, *_REACHED)


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
    compensation: Node | None
    """The event subprocess that undoes the subprocess when it has completed."""
    links: Mapping[str, Node]
    nodes: Mapping[str, Node]
    scope: Scope


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
        self.handlers: dict[str, tuple[Node, Node]] = {}
        """Activity -> its compensation event and the activity that undoes it."""
        for node, reason in refusals(process.scope):
            raise KernelError(
                self.element(node.id), say("'%(node)s' %(reason)s.", node=node.name or node.id, reason=reason)
            )
        self._add(ROOT, process.scope)
        nodes = [place.node for place in self.places.values()]
        self.has_joins = any(node.start_quantity > 1 or _joins(node, _JOINS) for node in nodes)
        self.has_conditions = any(event.type is EventType.CONDITIONAL for node in nodes for event in node.events)
        self.compensable = frozenset(node.id for node in nodes if self._is_compensable(node))
        """Activities that can be undone once they have completed."""
        reached = [name for area in self.areas.values() for name, node in area.nodes.items() if _joins(node, _REACHED)]
        around = {name: area.scope for area in self.areas.values() for name in area.nodes}
        self.reach = {name: reach(around[name], name) for name in reached}
        """Inclusive or complex join -> node of its scope -> the join's incoming flows that a token at the node can still reach.

        Paths through the join itself do not count (BPMN 2.0 §13.4.3).
        """
        self.reach_by_flows = {name: reach(around[name], name, by_events=False) for name in reached}
        """The same without boundary events, of which none may ever happen: only by a sequence flow a token is sure to be
        led to a flow that has one already, and need not be waited for (BPMN 2.0 §13.4.3)."""

    def element(self, node_id: str) -> str:
        """The diagram's element behind a lowered node."""
        return self.origin.get(node_id, node_id)

    def beginning(self, node_id: str) -> Node:
        """Where a token begins when the process is started at one of its starts. Raises KernelError for anything else."""
        node = starting(self.process.scope).get(node_id)
        if node is None:
            raise KernelError(
                node_id,
                say(
                    "The process '%(process)s' has no start event '%(node_id)s'.",
                    process=self.process.id,
                    node_id=node_id,
                ),
            )
        return node

    def _is_compensable(self, node: Node) -> bool:
        if node.id in self.handlers:
            return True
        inside = node.scope.nodes.values() if node.scope is not None else ()
        return any(self._is_compensable(inner) for inner in inside) or (
            node.id in self.areas and self.areas[node.id].compensation is not None
        )

    def _add(self, name: str, scope: Scope) -> None:
        nodes = scope.nodes.values()
        self.handlers |= compensation_handlers(scope)
        attached: dict[str | None, list[Node]] = {}
        for node in nodes:
            attached.setdefault(node.attached_to, []).append(node)
        for node in nodes:
            self.specs[node.id] = NodeSpec(self.spec, node.id)
            incoming, outgoing = (tuple(scope.flows[flow] for flow in way) for way in (node.incoming, node.outgoing))
            self.places[node.id] = Place(node, incoming, outgoing, node.default, tuple(attached.get(node.id, ())))
            if node.scope is not None:
                self._add(node.id, node.scope)
        handlers = tuple(
            (node, start)
            for node in nodes
            if node.triggered_by_event and node.scope is not None
            for start in start_events(node.scope)
        )
        undoing = (node for node, start in handlers if start.event.type is EventType.COMPENSATION)
        self.areas[name] = Area(
            starts=_starts(scope),
            event_subprocesses=handlers,
            compensation=next(undoing, None),
            links={
                node.event.link or node.name: node
                for node in nodes
                if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK
            },
            nodes=scope.nodes,
            scope=scope,
        )


def _joins(node: Node, kinds: tuple[NodeType, ...]) -> bool:
    return node.type in kinds and len(node.incoming) > 1


def compensation_handlers(scope: Scope) -> dict[str, tuple[Node, Node]]:
    """Activity -> (its compensation event, the activity that undoes it), as the associations of a scope bind them."""
    found: dict[str, tuple[Node, Node]] = {}
    for ends in scope.associations:
        for source, target in (ends, ends[::-1]):
            boundary, handler = scope.nodes.get(source), scope.nodes.get(target)
            if boundary is None or handler is None or boundary.attached_to is None:
                continue
            if boundary.event.type is EventType.COMPENSATION and handler.is_for_compensation:
                found[boundary.attached_to] = boundary, handler
    return found


def refusals(scope: Scope, *, inside: bool = False, in_transaction: bool = False) -> Iterator[tuple[Node, str]]:
    """Every node of a scope and of those inside it that the kernel cannot run, and why."""
    undone = compensation_handlers(scope).values()
    events, handlers = {event.id for event, _ in undone}, {handler.id for _, handler in undone}
    for node in scope.nodes.values():
        if node.type is NodeType.END_EVENT and node.event.type is EventType.CANCEL and not in_transaction:
            yield node, "cancels a transaction, and stands in none"
        elif node.instantiate and (inside or not can_instantiate(node, scope)):
            yield node, "cannot start a process here"
        elif (reason := _undoes_nothing(node, events, handlers) or _refusal(node, scope)) is not None:
            yield node, reason
        if node.scope is not None:
            cancellable = in_transaction or node.type is NodeType.TRANSACTION
            yield from refusals(node.scope, inside=True, in_transaction=cancellable)


def _refusal(node: Node, scope: Scope) -> str | None:
    """Why the kernel cannot run a node, if it cannot. The checker has said so before; nothing must slip through."""
    match node:
        case Node(type=NodeType.COMPLEX_GATEWAY, activation_condition=None) if _joins(node, _REACHED):
            return "does not say in an activation condition when it opens"
        case Node(events=(_, _, *_)) if (reason := _not_together(node)) is not None:
            return reason
        case Node(type=NodeType.BOUNDARY_EVENT) if node.event.type is EventType.CANCEL and not _at_transaction(
            node, scope
        ):
            return "is a cancel event, and is not at the edge of a transaction"
        case Node(type=NodeType.TRANSACTION) if _cancels(node) and not _has_cancel_event(node, scope):
            return "can be cancelled, and has no cancel event at its edge"
        case Node(instantiate=False, event_gateway_type="Parallel"):
            return "waits for all of its events, which only a gateway that starts the process does"
        case Node(start_quantity=start, completion_quantity=completion) if min(start, completion) < 1:
            return "has a start or completion quantity that is no count"
        case Node(loop=loop) if loop is not None and loop.behavior.lower() != "all" and not _says_what(loop):
            return "has a multi-instance behaviour and does not say which signal, message or escalation it throws"
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


def _not_together(node: Node) -> str | None:
    """Why the several triggers of an event cannot be one event's."""
    kinds = {event.type for event in node.events}
    if node.type in (NodeType.END_EVENT, NodeType.INTERMEDIATE_THROW_EVENT):
        return None if kinds <= set(_SENT) else "throws several things that cannot be thrown together"
    if node.type is NodeType.INTERMEDIATE_CATCH_EVENT or node.parallel_multiple:
        return None if kinds <= set(STARTED_BY_EVENT) else "has several triggers that cannot be waited for together"
    return None if kinds <= {*STARTED_BY_EVENT, *_RAISED} else "has several triggers that do not go together"


def _undoes_nothing(node: Node, events: set[str], handlers: set[str]) -> str | None:
    if node.is_for_compensation and (node.id not in handlers or node.incoming or node.outgoing):
        return "is for compensation, and undoes no activity"
    if node.type is NodeType.BOUNDARY_EVENT and node.event.type is EventType.COMPENSATION and node.id not in events:
        return "is a compensation event that leads to nothing that undoes its activity"
    return None


def _at_transaction(boundary: Node, scope: Scope) -> bool:
    host = scope.nodes.get(boundary.attached_to or "")
    return host is not None and host.type is NodeType.TRANSACTION


def _cancels(node: Node) -> bool:
    """Whether a cancel end event stands in it; one of a transaction inside it cancels only that."""
    inside = node.scope.nodes.values() if node.scope is not None else ()
    return any(
        (each.type is NodeType.END_EVENT and each.event.type is EventType.CANCEL)
        or (each.type is not NodeType.TRANSACTION and _cancels(each))
        for each in inside
    )


def _has_cancel_event(transaction: Node, scope: Scope) -> bool:
    return any(
        node.attached_to == transaction.id and node.event.type is EventType.CANCEL for node in scope.nodes.values()
    )


def _says_what(loop: Loop) -> bool:
    """Whether a multi-instance behaviour throws something that the kernel can throw."""
    thrown = {"none": (loop.none_event,), "one": (loop.one_event,)}.get(
        loop.behavior.lower(), tuple(event for _, event in loop.complex_behavior)
    )
    return bool(thrown) and all(event is not None and event.type in _SENT for event in thrown)


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
