"""The last rule: what the kernel cannot run is said, so that nothing can be deployed that cannot be started."""

from __future__ import annotations

from collections.abc import Iterator

from engine import spiff
from engine.bpmn.check.finding import Finding, found
from engine.bpmn.model import Process


def refused(process: Process) -> Iterator[Finding]:
    """Every node of a lowered process that the kernel cannot run."""
    for node, reason in spiff.refusals(process.scope):
        yield found(node, "not-runnable", "%(element)s %(reason)s.", reason=reason)


def build(process: Process) -> None:
    """Build a process without errors, as it will be when it starts: a fault of ours shows itself here."""
    spiff.build(process)
