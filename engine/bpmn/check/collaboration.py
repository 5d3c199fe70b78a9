"""Message flows: what carries a message is that one end sends one of the name that the other waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding, found
from engine.bpmn.model import Diagram, EventType, Node, NodeType

_THROWING = (NodeType.SEND_TASK, NodeType.END_EVENT, NodeType.INTERMEDIATE_THROW_EVENT)


@dataclass(frozen=True, slots=True)
class _End:
    """The messages that a node, or a pool whole, sends and waits for."""

    sent: frozenset[str]
    awaited: frozenset[str]
    has_others: bool
    """What an operation or a called process sends is not known here."""


def message_flows(diagram: Diagram, _context: CheckContext) -> Iterator[Finding]:
    """A message flow between two of the file's own nodes or pools shows a message that really goes there."""
    if not diagram.message_flows:
        return
    processes = {key: process for key, process in diagram.processes.items() if process.is_executable}
    ends = {key: _end(process.scope.walk()) for key, process in processes.items()}
    ends |= {node.id: _end([node]) for process in processes.values() for node in process.scope.walk()}
    seen: dict[tuple[str, str], bool] = {}  # a file may draw many flows between two large pools
    for flow in diagram.message_flows:
        pair = diagram.participants.get(flow.source, flow.source), diagram.participants.get(flow.target, flow.target)
        source, target = ends.get(pair[0]), ends.get(pair[1])
        if source is None or target is None or source.has_others:
            continue
        if pair not in seen:
            seen[pair] = source.sent.isdisjoint(target.awaited)
        if seen[pair]:
            yield found(
                flow,
                "message-flow",
                "The message flow %(element)s is only a drawing: no message of one name goes along it.",
            )


def _end(nodes: Iterable[Node]) -> _End:
    sent: set[str] = set()
    awaited: set[str] = set()
    has_others = False
    for node in nodes:
        has_others = has_others or bool(node.operation or node.called_element)
        messages = {event.ref for event in node.events if event.type is EventType.MESSAGE and event.ref}
        (sent if node.type in _THROWING else awaited).update(messages)
    return _End(frozenset(sent), frozenset(awaited), has_others)
