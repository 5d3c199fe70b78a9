"""Compensation and cancelling: what is thrown finds something to undo, and what can be cancelled is a transaction."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.check.finding import CheckContext, Finding, found
from engine.bpmn.check.unsupported import WITHOUT_CANCEL_EVENT
from engine.bpmn.model import Diagram, EventType, Node, NodeType, Process, Scope

_THROWING = (NodeType.END_EVENT, NodeType.INTERMEDIATE_THROW_EVENT)


def undoing(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Nothing that is to undo or to cancel does so in vain."""
    yield from _in_scope(process.scope, _undoable(process.scope), in_transaction=False)


def _in_scope(scope: Scope, undoable: set[str], *, in_transaction: bool) -> Iterator[Finding]:
    """`undoable` is of the scope that is undone: an event subprocess undoes what was done beside it."""
    caught_at = {node.attached_to for node in scope.nodes.values() if _catches_cancel(node)}
    for node in scope.nodes.values():
        for event in node.events:
            if event.type is EventType.CANCEL:
                yield from _cancel(node, scope, in_transaction=in_transaction)
            if event.type is EventType.COMPENSATION and node.type in _THROWING:
                yield from _throw(node, event.activity_ref, undoable)
        if node.type is NodeType.TRANSACTION and _ends_cancelled(node) and node.id not in caught_at:
            yield found(
                node,
                WITHOUT_CANCEL_EVENT.rule,
                "The transaction %(element)s can be cancelled, and has no cancel event at its edge.",
                WITHOUT_CANCEL_EVENT.hint,
            )
        if node.scope is not None:
            is_transaction = in_transaction or node.type is NodeType.TRANSACTION
            inner = undoable if node.triggered_by_event else _undoable(node.scope)
            yield from _in_scope(node.scope, inner, in_transaction=is_transaction)


def _ends_cancelled(node: Node) -> bool:
    """Whether a cancel end event stands in it, but for those of transactions inside it."""
    inner = node.scope.nodes.values() if node.scope is not None else ()
    return any(
        (each.type is NodeType.END_EVENT and each.event.type is EventType.CANCEL)
        or (each.type is not NodeType.TRANSACTION and _ends_cancelled(each))
        for each in inner
    )


def _catches_cancel(node: Node) -> bool:
    return node.attached_to is not None and any(event.type is EventType.CANCEL for event in node.events)


def _cancel(node: Node, scope: Scope, *, in_transaction: bool) -> Iterator[Finding]:
    if node.type is NodeType.END_EVENT and not in_transaction:
        yield found(node, "cancel", "The cancel end event %(element)s stands in no transaction.")
    if node.type is NodeType.BOUNDARY_EVENT:
        host = scope.nodes.get(node.attached_to or "")
        if host is None or host.type is not NodeType.TRANSACTION:
            yield found(node, "cancel", "The cancel event %(element)s is not at the edge of a transaction.")
        elif not node.interrupting:
            yield found(node, "cancel", "The cancel event %(element)s does not interrupt.")


def _throw(node: Node, activity: str | None, undoable: set[str]) -> Iterator[Finding]:
    if activity is not None and activity not in undoable:
        yield found(
            node,
            "compensation",
            "%(element)s is to undo '%(activity)s', which is not in its scope or cannot be undone.",
            activity=activity,
        )
    elif not undoable:
        yield found(
            node, "compensation", "%(element)s is to undo what was done, but nothing in its scope can be undone."
        )


def _undoable(scope: Scope) -> set[str]:
    """The activities of a scope that can be undone: by a compensation event at their edge, or from inside."""
    known = {node.attached_to for node in scope.nodes.values() if _compensates(node) and node.attached_to}
    return known | {key for key, node in scope.nodes.items() if node.scope is not None and _from_inside(node.scope)}


def _from_inside(scope: Scope) -> bool:
    return any(
        _compensates(node) or (node.scope is not None and _from_inside(node.scope)) for node in scope.nodes.values()
    )


def _compensates(node: Node) -> bool:
    catches = node.type in (NodeType.BOUNDARY_EVENT, NodeType.START_EVENT)
    return catches and any(event.type is EventType.COMPENSATION for event in node.events)
