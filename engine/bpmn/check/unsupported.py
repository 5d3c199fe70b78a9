"""The constructs that the engine does not run. What is in this table is refused, and nothing else of BPMN is.

`docs/bpmn.md` shows the same table to process owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding, found, label
from engine.bpmn.model import Diagram, Node, Process


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A construct, how it is recognised, and what to draw instead."""

    construct: str
    is_used: Callable[[Node], bool]
    hint: str


UNSUPPORTED = (
    Unsupported(
        "an instantiating receive task or gateway",
        lambda node: node.instantiate or node.event_gateway_type == "Parallel",
        "Use a message start event.",
    ),
)


def constructs(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Refuse what the engine does not run."""
    for node in process.scope.walk():
        for entry in UNSUPPORTED:
            if entry.is_used(node):
                sentence = f"{label(node)} is or uses {entry.construct}, which Handslag does not run."
                yield found(node, "unsupported", sentence, entry.hint)
