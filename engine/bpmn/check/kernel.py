"""The last rule: what all others have passed is built, so that nothing can be deployed that cannot be started."""

from __future__ import annotations

from collections.abc import Iterator

from engine import spiff
from engine.bpmn.check.finding import CheckContext, Finding, found, label
from engine.bpmn.model import Diagram, Process


def builds(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """The kernel can run the process. To be asked of a lowered process without other errors."""
    refused = list(spiff.refusals(process.scope))
    for node, reason in refused:
        yield found(node, "not-runnable", f"{label(node)} {reason}.")
    if not refused:
        spiff.build(process)
