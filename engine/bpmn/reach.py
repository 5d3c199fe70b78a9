"""Who can still come to a join: what an inclusive or complex gateway waits for (BPMN 2.0 §13.4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.model import EventType, NodeType, Scope


def reach(scope: Scope, gateway: str, *, by_events: bool = True) -> Mapping[str, frozenset[str]]:
    """Node of a scope -> the incoming flows of a join of it that a token at the node can still reach.

    Paths through the join itself do not count. Without `by_events` neither do those through boundary events.
    """
    before: dict[str, list[str]] = {}
    for node_id, target in _steps(scope, by_events):
        if node_id != gateway:
            before.setdefault(target, []).append(node_id)
    reached: dict[str, frozenset[str]] = {}
    for flow in (scope.flows[name] for name in scope.nodes[gateway].incoming):
        if flow.source == gateway:
            continue
        found, todo = {flow.source}, [flow.source]
        while todo:
            for node_id in before.get(todo.pop(), ()):
                if node_id not in found:
                    found.add(node_id)
                    todo.append(node_id)
        for node_id in found:
            reached[node_id] = reached.get(node_id, frozenset()) | {flow.id}
    return reached


def _steps(scope: Scope, by_events: bool) -> Iterator[tuple[str, str]]:
    """(node, node that a token can go to next); a boundary event or a link is reached without a flow."""
    links = {
        node.event.link or node.name: node.id
        for node in scope.nodes.values()
        if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK
    }
    for node in scope.nodes.values():
        yield from ((node.id, scope.flows[name].target) for name in node.outgoing)
        if by_events and node.attached_to is not None:
            yield node.attached_to, node.id
        if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
            target = links.get(node.event.link or node.name)
            if target is not None:
                yield node.id, target
