"""The constructs that the engine does not run. What is in this table is refused, and nothing else of BPMN is.

`docs/bpmn.md` shows the same table to process owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding, found, label
from engine.bpmn.model import Diagram, EventType, Node, NodeType, Process


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A construct, how it is recognised, and what to draw instead."""

    construct: str
    is_used: Callable[[Node], bool]
    hint: str


def _has(kind: EventType) -> Callable[[Node], bool]:
    return lambda node: any(event.type is kind for event in node.events)


UNSUPPORTED = (
    Unsupported(
        "a complex gateway",
        lambda node: node.type is NodeType.COMPLEX_GATEWAY,
        "Use a multi-instance activity with a completion condition, or an inclusive gateway.",
    ),
    Unsupported(
        "compensation",
        lambda node: _has(EventType.COMPENSATION)(node) or node.is_for_compensation,
        "Draw the tasks that undo the work after an error or escalation event.",
    ),
    Unsupported(
        "a transaction",
        lambda node: node.type is NodeType.TRANSACTION or _has(EventType.CANCEL)(node),
        "Use a subprocess with an error boundary event.",
    ),
    Unsupported(
        "an ad-hoc subprocess",
        lambda node: node.type is NodeType.AD_HOC_SUB_PROCESS,
        "Use an inclusive gateway, or non-interrupting event subprocesses.",
    ),
    Unsupported(
        "an instantiating receive task or gateway",
        lambda node: node.instantiate or node.event_gateway_type == "Parallel",
        "Use a message start event.",
    ),
    Unsupported(
        "a start or completion quantity",
        lambda node: node.start_quantity != 1 or node.completion_quantity != 1,
        "Use a multi-instance activity or a parallel gateway.",
    ),
    Unsupported(
        "a multi-instance behaviour other than All",
        lambda node: node.loop is not None and node.loop.behavior not in ("All", "all"),
        "Throw the event inside the activity or after it.",
    ),
    Unsupported(
        "an event with several triggers",
        lambda node: len(node.events) > 1,
        "Draw one event for each, after an event-based or parallel gateway.",
    ),
)


def constructs(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Refuse what the engine does not run."""
    for node in process.scope.walk():
        for entry in UNSUPPORTED:
            if entry.is_used(node):
                sentence = f"{label(node)} is or uses {entry.construct}, which Handslag does not run."
                yield found(node, "unsupported", sentence, entry.hint)
