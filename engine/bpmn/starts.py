"""What starts a process from outside: its start events, and receive tasks and event-based gateways that instantiate.

A receive task or gateway that instantiates (BPMN 2.0 §10.3.3, §10.6.6) says the same as a start event in front of it. Nothing
leads to it, or a start event without trigger does; the token comes from there, and finds what it waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.model import EventDefinition, EventType, Node, NodeType, Process, Scope


@dataclass(frozen=True, slots=True)
class Start:
    """One thing that starts a process."""

    node: Node
    """What waits for it: a start event, a receive task, or an event behind a gateway."""
    event: EventDefinition
    number: int
    """Which of the node's triggers."""
    begins_at: Node
    """Where the token begins: the node, the gateway before it, or the start event before both."""


def starts(process: Process) -> Iterator[Start]:
    """Everything that starts a process but a caller, in the order of the diagram."""
    for node, begins_at in _nodes(process.scope):
        for number, event in enumerate(node.events):
            if event.type is not EventType.NONE:
                yield Start(node, event, number, begins_at)


def starting(scope: Scope) -> dict[str, Node]:
    """Id of each node of a process's scope that starts it -> where the token begins."""
    return {node.id: begins_at for node, begins_at in _nodes(scope)}


def started_by(process: Process, kind: EventType, name: str) -> Start | None:
    """What of a process waits for a message or signal of a name."""
    found = (each for each in starts(process) if each.event.type is kind and each.event.ref == name)
    return next(found, None)


def _nodes(scope: Scope) -> Iterator[tuple[Node, Node]]:
    for node in scope.nodes.values():
        if node.type is NodeType.START_EVENT:
            yield node, node
        elif node.instantiate and (begins_at := entry(node, scope)) is not None:
            if node.type is NodeType.RECEIVE_TASK:
                yield node, begins_at
            elif node.type is NodeType.EVENT_BASED_GATEWAY:
                yield from ((other, begins_at) for other in behind(node, scope))


def entry(node: Node, scope: Scope) -> Node | None:
    """Where the token of a node that instantiates begins; None where something else leads to it."""
    if not node.incoming:
        return node
    sources = [scope.nodes.get(scope.flows[flow].source) for flow in node.incoming]
    first = sources[0]
    if len(sources) > 1 or first is None or first.type is not NodeType.START_EVENT:
        return None
    return first if first.event.type is EventType.NONE and len(first.outgoing) == 1 else None


def behind(gateway: Node, scope: Scope) -> list[Node]:
    """What waits behind an event-based gateway."""
    targets = (scope.nodes.get(scope.flows[flow].target) for flow in gateway.outgoing)
    return [node for node in targets if node is not None]


def can_instantiate(node: Node, scope: Scope) -> bool:
    """Whether a receive task or event-based gateway of a process's own scope can start it."""
    if entry(node, scope) is None or node.loop is not None:
        return False
    if node.type is not NodeType.EVENT_BASED_GATEWAY:
        return node.type is NodeType.RECEIVE_TASK
    waiting = behind(node, scope)
    waited_for = {event.type for other in waiting for event in other.events}
    is_plain = not any(other.parallel_multiple for other in waiting)
    return is_plain and (node.event_gateway_type != "Parallel" or waited_for == {EventType.MESSAGE})
