"""What comes is caught once: of two that wait for the same at the same place the second would never come."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.check.finding import CheckContext, Finding, found, scopes
from engine.bpmn.model import Assignment, Diagram, EventDefinition, EventType, Node, NodeType, Process, Scope

_KINDS = (EventType.ERROR, EventType.ESCALATION, EventType.CANCEL, EventType.MESSAGE)
Caught = tuple[EventType, str | None, tuple[Assignment, ...]]


def caught_twice(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Boundary events of one activity, event subprocesses of one scope and events behind one gateway differ."""
    for _, scope in scopes(process):
        for group in _groups(scope):
            seen: set[Caught] = set()
            for node in group:
                caught = {_caught(node, event) for event in node.events if event.type in _KINDS}
                if caught & seen:
                    yield found(node, "caught-twice", "What %(element)s waits for comes to another event before it.")
                seen |= caught


def _groups(scope: Scope) -> Iterator[list[Node]]:
    hosts: dict[str, list[Node]] = {}
    for node in scope.nodes.values():
        if node.attached_to is not None:
            hosts.setdefault(node.attached_to, []).append(node)
        elif node.type is NodeType.EVENT_BASED_GATEWAY:
            yield [
                scope.nodes[scope.flows[key].target] for key in node.outgoing if scope.flows[key].target in scope.nodes
            ]
    yield from hosts.values()
    handlers = (node.scope for node in scope.nodes.values() if node.triggered_by_event and node.scope is not None)
    yield [node for inner in handlers for node in inner.nodes.values() if node.type is NodeType.START_EVENT]


def _caught(node: Node, event: EventDefinition) -> Caught:
    keys = (
        tuple(Assignment(item.name, item.value) for item in node.correlation) if event.type is EventType.MESSAGE else ()
    )
    return event.type, event.ref, keys
