"""What starts a process: its start events, and receive tasks and gateways that instantiate."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.check.events import is_feel
from engine.bpmn.check.finding import CheckContext, Finding, found, label, scopes
from engine.bpmn.check.unsupported import BESIDE_A_FORM
from engine.bpmn.model import Diagram, EventDefinition, EventType, Node, NodeType, Process
from engine.bpmn.starts import can_instantiate, starts
from engine.feel import parse, strip_marker
from store.errors import HandslagError
from store.sentences import say

_STARTS = (
    EventType.NONE, EventType.MESSAGE, EventType.SIGNAL, EventType.TIMER, EventType.CONDITIONAL, EventType.UNKNOWN,
)  # fmt: skip
_BY_ITSELF = (EventType.TIMER, EventType.CONDITIONAL)


def process_starts(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """A process starts at events that come from outside, and at messages that a task or gateway waits for."""
    for node in process.scope.nodes.values():
        if node.type is NodeType.START_EVENT:
            yield from _start_event(node)
    yield from _by_itself(process)
    yield from _twice(process, context)
    for owner, scope in scopes(process):
        for node in scope.nodes.values():
            if node.instantiate and (owner is not None or not can_instantiate(node, scope)):
                yield found(node, "instantiate", "%(element)s is to start the process, and cannot do so here.")


def _start_event(event: Node) -> Iterator[Finding]:
    if wrong := [each.type for each in event.events if each.type not in _STARTS]:
        yield found(
            event,
            "process-start",
            "%(element)s is to start a process by a %(kind)s event, which nothing does.",
            kind=say(wrong[0].value),
        )
    if event.outputs and event.event.type is EventType.NONE:
        yield found(event, "start-output", "The outputs of %(element)s would not be written.")


def _twice(process: Process, context: CheckContext) -> Iterator[Finding]:
    """What comes starts one thing: of two that wait for it the second would never start."""
    seen: set[tuple[EventType, str]] = set()
    for start in starts(process):
        name, kind = start.event.ref or "", start.event.type
        if kind not in (EventType.MESSAGE, EventType.SIGNAL) or not name:
            continue
        if (kind, name) in seen:
            yield found(
                start.node,
                "process-start",
                "The %(kind)s '%(name)s' of %(element)s starts the process at another place already.",
                "Lead both ways from one start.",
                kind=say(kind.value),
                name=name,
            )
        seen.add((kind, name))
        other = context.started.get(name, process.id) if kind is EventType.MESSAGE else process.id
        if other != process.id:
            yield found(
                start.node,
                "process-start",
                "The message '%(name)s' of %(element)s starts the process '%(other)s', and goes to one alone.",
                "Give the message another name, or use a signal.",
                name=name,
                other=other,
            )


def _by_itself(process: Process) -> Iterator[Finding]:
    """A timer or condition starts a process without anybody: it knows nothing yet, and nobody fills in a form."""
    asks = [node for node in process.scope.nodes.values() if node.type is NodeType.START_EVENT and node.form]
    for start in starts(process):
        if start.event.type not in _BY_ITSELF:
            continue
        if asks:
            yield found(
                start.node,
                "process-start",
                "%(element)s would start the process without what the form of %(other)s asks for.",
                BESIDE_A_FORM.hint,
                other=label(asks[0]),
            )
        elif start.event.type is EventType.TIMER and (names := _names(start.event)):
            yield found(
                start.node,
                "process-start",
                "The timer of %(element)s reads '%(name)s', but nothing is known before a process starts.",
                "Write a date, a duration or a cycle, or calculate it from today().",
                name=names[0],
            )


def _names(event: EventDefinition) -> list[str]:
    """The variables that a timer reads."""
    if not event.expression or not is_feel(event.expression):
        return []
    try:
        parsed = parse(strip_marker(event.expression))
    except HandslagError:
        return []  # another rule says so
    return sorted(parsed.free_names - parsed.called)
