"""Events name what they wait for or throw, and stand where that means something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from engine.bpmn.check.finding import CheckContext, Finding, found, scopes
from engine.bpmn.imports.juel import explained, is_juel
from engine.bpmn.model import ACTIVITIES, Diagram, EventDefinition, EventType, Node, NodeType, Process, Scope, TimerType
from engine.errors import ExpressionFailed
from engine.feel import parse, strip_marker
from engine.iso8601 import is_literal
from engine.schedule import due
from store import clock
from store.errors import HandslagError
from store.sentences import say

_THROWING = (NodeType.END_EVENT, NodeType.INTERMEDIATE_THROW_EVENT)
_NOT_WAITED_FOR = (EventType.NONE, EventType.ERROR, EventType.ESCALATION)
_SOME_DAY = clock.start_of(date(2000, 1, 1))
_MEANT_AS_LITERAL = re.compile(r"\s*(P\d|PT|R\d*/|\d{4}-)")
"""FEEL would read `P14X` as a name and `2026-01` as a subtraction."""


def triggers(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every event has a trigger that is in the file and can come where it stands."""
    for node in process.scope.walk():
        for event in node.events:
            yield from _reference(node, event)
            if event.type is EventType.UNKNOWN:
                yield found(
                    node,
                    "event-definition",
                    "%(element)s has an event definition that is not one of BPMN 2.0, or not in the file.",
                )
            elif event.type is EventType.CONDITIONAL and not event.expression:
                yield found(node, "condition", "%(element)s waits for a condition that is not written.")
        if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type in _NOT_WAITED_FOR:
            yield found(node, "catch-trigger", "%(element)s catches nothing that can be waited for here.")


def _reference(node: Node, event: EventDefinition) -> Iterator[Finding]:
    kind = event.type
    if kind in (EventType.MESSAGE, EventType.SIGNAL) and not event.ref:
        yield found(
            node, f"{kind.value}-name", "%(element)s names no %(kind)s, or one without a name.", kind=say(kind.value)
        )
    if kind in (EventType.ERROR, EventType.ESCALATION) and event.ref == "":
        yield found(
            node, f"{kind.value}-name", "%(element)s names an %(kind)s that is not in the file.", kind=say(kind.value)
        )
    if kind is EventType.ESCALATION and event.ref is None and node.type in _THROWING:
        yield found(node, "escalation-name", "%(element)s throws an escalation without saying which.")
    catches = node.type in (NodeType.BOUNDARY_EVENT, NodeType.START_EVENT)
    if kind is EventType.ERROR and catches and not node.interrupting:
        yield found(node, "error-interrupts", "%(element)s catches an error without interrupting.")


def boundaries(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Boundary events are attached to activities, have a trigger, and lead somewhere."""
    for _, scope in scopes(process):
        for node in scope.nodes.values():
            if node.type is NodeType.BOUNDARY_EVENT:
                yield from _boundary(node, scope.nodes.get(node.attached_to or ""))


def _boundary(node: Node, host: Node | None) -> Iterator[Finding]:
    if host is None or host.type not in ACTIVITIES:
        yield found(node, "boundary-host", "The boundary event %(element)s is not attached to an activity.")
    elif host.triggered_by_event:
        yield found(
            node,
            "event-subprocess",
            "The boundary event %(element)s is attached to an event subprocess, where it would never come.",
        )
    if node.event.type is EventType.NONE:
        yield found(node, "boundary-trigger", "The boundary event %(element)s has no trigger.")
    if not node.outgoing and node.event.type is not EventType.COMPENSATION:
        yield found(node, "boundary-flow", "Nothing follows the boundary event %(element)s.")


def links(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every throwing link has exactly one catching link in its scope."""
    for _, scope in scopes(process):
        yield from _links(scope)


def _links(scope: Scope) -> Iterator[Finding]:
    nodes = [node for node in scope.nodes.values() if node.event.type is EventType.LINK]
    caught: dict[str | None, int] = {}
    for node in nodes:
        if node.type is NodeType.INTERMEDIATE_CATCH_EVENT:
            caught[node.event.link] = caught.get(node.event.link, 0) + 1
    for node in nodes:
        if not node.event.link:
            yield found(node, "link", "The link %(element)s has no name.")
        elif node.type is NodeType.INTERMEDIATE_CATCH_EVENT and caught[node.event.link] > 1:
            yield found(node, "link", "The link '%(link)s' is caught twice.", link=node.event.link)
        elif node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.link not in caught:
            yield found(node, "link", "Nothing catches the link '%(link)s'.", link=node.event.link)


def timers(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Timers have a date, duration or cycle, and a literal is one that exists."""
    for node in process.scope.walk():
        for event in node.events:
            if event.type is not EventType.TIMER:
                continue
            if event.timer is None or not event.expression:
                yield found(node, "timer-source", "The timer %(element)s says no date, duration or cycle, or several.")
            elif not is_feel(event.expression):
                yield from _literal(node, event)


def is_feel(text: str) -> bool:
    """Whether the text of a timer is to be read as FEEL; the leading `=` is optional."""
    if text.lstrip().startswith("="):
        return True
    return not _MEANT_AS_LITERAL.match(text) and _can_be_read(text)


def _literal(node: Node, event: EventDefinition) -> Iterator[Finding]:
    assert event.timer is not None
    assert event.expression is not None
    text = event.expression.strip()
    wrong = _wrong_literal(event.timer, text)
    if wrong is not None:
        template, why, hint = wrong
        yield found(node, "timer-literal", template, hint, text=text[:200], why=why)


def _wrong_literal(timer: TimerType, text: str) -> tuple[str, str, str] | None:
    """What is wrong with what a timer says, if anything is: (template, why, hint)."""
    if is_juel(text):
        return "The timer %(element)s says '%(text)s', which cannot be read: %(why)s", *explained(text)
    if timer is TimerType.CYCLE and is_literal(TimerType.DURATION, text):
        template = (
            "The timer %(element)s says '%(text)s' once, and a cycle needs to say how often: "
            "R/%(text)s for ever, R3/%(text)s three times."
        )
        return template, "", ""
    if not is_literal(timer, text):
        return "The timer %(element)s says '%(text)s', which is neither ISO 8601 nor FEEL.", "", ""
    try:
        due(timer, text, _SOME_DAY)
    except (ExpressionFailed, OverflowError, ValueError) as problem:
        why = problem.message if isinstance(problem, ExpressionFailed) else say("It is beyond the calendar.")
        return "The timer %(element)s says '%(text)s'. %(why)s", why, ""
    return None


def _can_be_read(text: str) -> bool:
    try:
        parse(strip_marker(text))
    except HandslagError:
        return False
    return True
