"""The constructs that the engine does not run. What is in this table is refused, and nothing else of BPMN is.

`docs/bpmn.md` shows the same table to process owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding, found, label
from engine.bpmn.model import Diagram, Node, NodeType, Process


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A construct, how it is recognised, and what to draw instead."""

    construct: str
    is_used: Callable[[Process, Node], bool]
    hint: str


UNSUPPORTED = (
    Unsupported(
        "a start event of a process that waits for all of its triggers",
        lambda process, node: (
            node.type is NodeType.START_EVENT
            and node.id in process.scope.nodes
            and node.parallel_multiple
            and len(node.events) > 1
        ),
        "Draw an event-based gateway of type Parallel that instantiates, with an event behind it for each message.",
    ),
)


def constructs(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Refuse what the engine does not run."""
    for node in process.scope.walk():
        for entry in UNSUPPORTED:
            if entry.is_used(process, node):
                sentence = f"{label(node)} is or uses {entry.construct}, which Handslag does not run."
                yield found(node, "unsupported", sentence, entry.hint)
