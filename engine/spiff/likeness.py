"""Whether what stands at an element of one version can go on at an element of another."""

from __future__ import annotations

from engine.bpmn.model import EventType, Node, NodeType
from engine.bpmn.words import article, spaced
from engine.spiff.program import start_events

_PEOPLE = {NodeType.USER_TASK, NodeType.MANUAL_TASK}


def unlike(old: Node, new: Node) -> str | None:
    """What keeps a token that stands at `old` from going on at `new`, as the end of a sentence; None when nothing does."""
    if old.type is not new.type and not {old.type, new.type} <= _PEOPLE:
        return _differ(_kind(old), _kind(new))
    if _triggers(old) != _triggers(new):
        return _differ(_waiting(old), _waiting(new))
    if _repetition(old) != _repetition(new):
        return _differ(_repetition(old), _repetition(new))
    if (old.triggered_by_event, old.is_for_compensation) != (new.triggered_by_event, new.is_for_compensation):
        return "begins in another way in the new version"
    if old.parallel_multiple != new.parallel_multiple:
        return "waits for another number of its triggers in the new version"
    if old.triggered_by_event and old.scope is not None and new.scope is not None:
        return unlike(start_events(old.scope)[0], start_events(new.scope)[0])
    return None


def _differ(was: str, becomes: str) -> str:
    return f"is {was}, and in the new version {becomes}"


def _kind(node: Node) -> str:
    return article(spaced(node.type.value))


def _waiting(node: Node) -> str:
    return f"waiting for {article(' and '.join(_triggers(node)) or 'sign')}"


def _triggers(node: Node) -> list[str]:
    return [event.type.value for event in node.events if event.type is not EventType.NONE]


def _repetition(node: Node) -> str:
    if node.loop is None:
        return "done once"
    return "done in a loop" if node.loop.kind == "standard" else f"done several times ({node.loop.kind})"
