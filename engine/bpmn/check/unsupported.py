"""What BPMN 2.0 has and Handslag does not run. What is in this table is refused, and nothing else of BPMN is.

`docs/bpmn.md` shows the same table to process owners; `tests/bpmn/test_docs.py` draws each of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding, found, scopes
from engine.bpmn.model import Diagram, EventType, Loop, Node, NodeType, Process
from store.sentences import say

_ENDING = (EventType.ERROR, EventType.TERMINATE, EventType.COMPENSATION, EventType.CANCEL, EventType.LINK)
_SENT = (EventType.MESSAGE, EventType.SIGNAL, EventType.ESCALATION)
_THROWING = (NodeType.END_EVENT, NodeType.INTERMEDIATE_THROW_EVENT)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A construct, what to draw instead, the rule that refuses it, and how a node that uses it is recognised."""

    construct: str
    hint: str
    rule: str = "unsupported"
    is_used: Callable[[Process, Node], bool] | None = None
    """None where the rule has words of its own for it."""


def _starts_by_all(process: Process, node: Node) -> bool:
    is_start = node.type is NodeType.START_EVENT and node.id in process.scope.nodes
    return is_start and node.parallel_multiple and len(node.events) > 1


def _throws_together(_process: Process, node: Node) -> bool:
    return node.type in _THROWING and len(node.events) > 1 and any(each.type in _ENDING for each in node.events)


def _waits_together(process: Process, node: Node) -> bool:
    if node.type in _THROWING or len(node.events) < 2 or _starts_by_all(process, node):
        return False
    others = [EventType.COMPENSATION, EventType.CANCEL, EventType.LINK]
    if node.parallel_multiple or node.type is NodeType.INTERMEDIATE_CATCH_EVENT:
        others += [EventType.ERROR, EventType.ESCALATION]
    return any(each.type in others for each in node.events)


def _behaves_otherwise(_process: Process, node: Node) -> bool:
    thrown = _thrown(node.loop) if node.loop is not None else ()
    return any(kind not in _SENT for kind in thrown)


def _thrown(loop: Loop) -> tuple[EventType, ...]:
    """What the ends of iterations throw, as far as the diagram says."""
    match loop.behavior:
        case "None":
            events = [loop.none_event]
        case "One":
            events = [loop.one_event]
        case "Complex":
            events = [event for _, event in loop.complex_behavior]
        case _:
            events = []
    return tuple(event.type for event in events if event is not None)


def _asks_whether_it_waits(process: Process, node: Node) -> bool:
    if node.type is not NodeType.COMPLEX_GATEWAY:
        return False
    ways = (
        scope.flows[flow].condition for _, scope in scopes(process) for flow in node.outgoing if flow in scope.flows
    )
    return any(re.search(r"\bwaitingForStart\b", text) for text in (node.activation_condition, *ways) if text)


CORRELATION = Unsupported(
    "`correlationKey`, `correlationSubscription`", "Say the keys with handslag:correlation, at the events."
)
BESIDE_A_FORM = Unsupported(
    "a timer or condition that starts a process which a form starts too",
    "Let it start a process of its own, that calls this one.",
    "process-start",
)
OF_THE_PROCESS = Unsupported(
    "a compensation event subprocess of the process itself",
    "Put it into the subprocess that it is to undo.",
    "event-subprocess",
)
PROCESS_WITHOUT_START = Unsupported(
    "a process without a start event",
    "Draw a start event, and a parallel gateway behind it where several activities begin at once.",
    "start-event-required",
)
SUBPROCESS_WITHOUT_START = Unsupported(
    "a subprocess without a start event",
    "Draw a start event in it, or make it an ad-hoc subprocess, whose activities begin by themselves.",
    "start-event-required",
)
SEVERAL_STARTS = Unsupported(
    "a subprocess with several start events",
    "Keep one start event, and draw a parallel gateway behind it.",
    "subprocess-start",
)
WITHOUT_CANCEL_EVENT = Unsupported(
    "a transaction that is cancelled and has no cancel event at its edge",
    "Attach a cancel event to the transaction, and draw what is to happen then.",
    "cancel",
)
UNSUPPORTED = (
    Unsupported("a script", "Name an operation, or write it in FEEL with handslag:output.", "script"),
    Unsupported("a data store that is read or written", "Name an operation that reads or writes it.", "data-store"),
    CORRELATION,
    Unsupported(
        "a start event of a process that waits for all of its triggers",
        "Draw an event-based gateway of type Parallel that instantiates, with an event behind it for each message.",
        is_used=_starts_by_all,
    ),
    BESIDE_A_FORM,
    Unsupported(
        "an event that throws several things, of which one is no message, signal or escalation",
        "Draw an event for each, one behind the other.",
        is_used=_throws_together,
    ),
    Unsupported(
        "an event with several triggers, of which one is a compensation, cancel or link, or an error or escalation that is waited for with others",
        "Draw an event for each trigger.",
        is_used=_waits_together,
    ),
    Unsupported(
        "a multi-instance `behavior` that throws something else than a message, signal or escalation",
        "Throw an escalation, and draw at its boundary event what is to happen.",
        is_used=_behaves_otherwise,
    ),
    Unsupported(
        "a complex gateway that asks `waitingForStart`",
        "Draw behind the gateway what is to follow once, and on a way past it what is to follow each late token.",
        is_used=_asks_whether_it_waits,
    ),
    OF_THE_PROCESS,
    PROCESS_WITHOUT_START,
    SUBPROCESS_WITHOUT_START,
    SEVERAL_STARTS,
    WITHOUT_CANCEL_EVENT,
)


def constructs(diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Refuse what the engine does not run."""
    for node in process.scope.walk():
        for entry in UNSUPPORTED:
            if entry.is_used is not None and entry.is_used(process, node):
                yield found(
                    node,
                    entry.rule,
                    "%(element)s is or has %(construct)s, which Handslag does not run.",
                    entry.hint,
                    construct=say(entry.construct),
                )
    for one in diagram.correlations:
        yield found(
            one,
            CORRELATION.rule,
            "%(element)s says by a %(kind)s which messages belong together, which Handslag does not read.",
            CORRELATION.hint,
            kind=one.kind,
        )
