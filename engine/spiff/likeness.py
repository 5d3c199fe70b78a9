"""Whether what stands at an element of one version can go on at an element of another."""

from __future__ import annotations

from engine.bpmn.model import EventType, Node, NodeType
from engine.bpmn.words import article, spaced
from engine.spiff.program import start_events
from store.sentences import say

_PEOPLE = {NodeType.USER_TASK, NodeType.MANUAL_TASK}
_KINDS = {
    NodeType.USER_TASK: say("a user task"),
    NodeType.MANUAL_TASK: say("a manual task"),
    NodeType.SERVICE_TASK: say("a service task"),
    NodeType.SCRIPT_TASK: say("a script task"),
    NodeType.BUSINESS_RULE_TASK: say("a business rule task"),
    NodeType.SEND_TASK: say("a send task"),
    NodeType.RECEIVE_TASK: say("a receive task"),
    NodeType.CALL_ACTIVITY: say("a call activity"),
    NodeType.SUB_PROCESS: say("a sub process"),
    NodeType.INTERMEDIATE_CATCH_EVENT: say("an intermediate catch event"),
    NodeType.EXCLUSIVE_GATEWAY: say("an exclusive gateway"),
    NodeType.PARALLEL_GATEWAY: say("a parallel gateway"),
    NodeType.EVENT_BASED_GATEWAY: say("an event based gateway"),
}
"""What people meet most often, in words that a page can say in another language."""
_TRIGGERS = {
    "message": say("waiting for a message"),
    "timer": say("waiting for a timer"),
    "signal": say("waiting for a signal"),
}


def unlike(old: Node, new: Node) -> str | None:
    """What keeps a token that stands at `old` from going on at `new`, as the end of a sentence; None when nothing does."""
    if old.type is not new.type and not {old.type, new.type} <= _PEOPLE:
        return _differ(_kind(old), _kind(new))
    if _triggers(old) != _triggers(new):
        return _differ(_waiting(old), _waiting(new))
    if _repetition(old) != _repetition(new):
        return _differ(_repetition(old), _repetition(new))
    if (old.triggered_by_event, old.is_for_compensation) != (new.triggered_by_event, new.is_for_compensation):
        return say("begins in another way in the new version")
    if old.parallel_multiple != new.parallel_multiple:
        return say("waits for another number of its triggers in the new version")
    if old.triggered_by_event and old.scope is not None and new.scope is not None:
        return unlike(start_events(old.scope)[0], start_events(new.scope)[0])
    return None


def _differ(was: str, becomes: str) -> str:
    return say("is %(was)s, and in the new version %(becomes)s", was=was, becomes=becomes)


def _kind(node: Node) -> str:
    return _KINDS.get(node.type) or article(spaced(node.type.value))


def _waiting(node: Node) -> str:
    triggers = _triggers(node)
    if len(triggers) == 1 and triggers[0] in _TRIGGERS:
        return _TRIGGERS[triggers[0]]
    return say("waiting for %(what)s", what=article(" and ".join(triggers) or "sign"))


def _triggers(node: Node) -> list[str]:
    return [event.type.value for event in node.events if event.type is not EventType.NONE]


def _repetition(node: Node) -> str:
    if node.loop is None:
        return say("done once")
    if node.loop.kind == "standard":
        return say("done in a loop")
    is_parallel = node.loop.kind == "parallel"
    return say("done several times (parallel)") if is_parallel else say("done several times (sequential)")
