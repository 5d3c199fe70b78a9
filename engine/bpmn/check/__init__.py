"""The checker: everything that is wrong with a diagram, all at once, before anybody depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.check import (
    activities,
    branches,
    collaboration,
    data,
    events,
    expressions,
    gateways,
    iterations,
    kernel,
    references,
    soundness,
    starts,
    structure,
    twice,
    undoing,
    unsupported,
)  # fmt: skip
from engine.bpmn.check.extensions import check_extensions, other_engines
from engine.bpmn.check.finding import CheckContext, FileRule, Finding, Rule, about_file, found
from engine.bpmn.check.style import check_style
from engine.bpmn.lower import lower
from engine.bpmn.model import Diagram, Process
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from store.sentences import say

__all__ = ["CheckContext", "Finding", "Opened", "about_file", "check", "check_opened", "found", "given_names", "opened"]

RULES: tuple[Rule, ...] = (
    unsupported.constructs,
    structure.elements, structure.flows, structure.starts, starts.process_starts, structure.reachability,
    structure.implicit_ends, structure.lanes,
    gateways.choices,
    events.triggers, events.boundaries, events.links, events.timers, twice.caught_twice, undoing.undoing,
    activities.tasks, activities.ad_hoc, activities.performers, activities.loops, activities.counts,
    references.names, references.versions,
    data.associations, data.objects,
    expressions.meaning, branches.same_name, iterations.gone_after_it,
)  # fmt: skip
MAX_FINDINGS = 1_000
FILE_RULES: tuple[FileRule, ...] = (check_extensions, other_engines, references.calls, collaboration.message_flows)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that has been read once, for all that is asked about it."""

    content: bytes
    diagram: Diagram | None
    processes: tuple[Process, ...] = ()
    """The executable ones, lowered."""
    unreadable: tuple[Finding, ...] = ()


def opened(content: bytes) -> Opened:
    """Read a file; what is wrong with it as a file becomes its one finding."""
    try:
        diagram = read(content)
    except DiagramUnreadable as problem:
        return Opened(content, None, unreadable=(about_file("unreadable", problem.message, problem.line),))
    return Opened(
        content, diagram, tuple(lower(process) for process in diagram.processes.values() if process.is_executable)
    )


def check(content: bytes, context: CheckContext | None = None) -> list[Finding]:
    """All findings of a file, in the order of its lines. A file that cannot be read has exactly one."""
    return check_opened(opened(content), context or CheckContext())


def check_opened(file: Opened, context: CheckContext) -> list[Finding]:
    """As `check`, of a file that has been read already."""
    if file.diagram is None:
        return list(file.unreadable)
    if not file.processes:
        return [about_file("no-process", "The file holds no executable process.")]
    if too_large := [*structure.size(file.processes), *expressions.size(file.processes)]:
        return too_large  # the other rules would take too long
    told = [finding for rule in FILE_RULES for finding in rule(file.diagram, context)]
    told += check_style(file.content)
    for process in file.processes:
        told += _of_process(file.diagram, process, context)
    return _bounded(sorted(set(told), key=lambda finding: (finding.line, finding.element_id, finding.rule)))


def _of_process(diagram: Diagram, process: Process, context: CheckContext) -> list[Finding]:
    told = [finding for rule in RULES for finding in rule(diagram, process, context)]
    if not any(finding.rule == "sequence-flow" for finding in told):  # the kernel trusts that flows end somewhere
        wrong = {finding.element_id for finding in told if finding.severity == "error"}
        told += (finding for finding in kernel.refused(process) if finding.element_id not in wrong)
    if not any(finding.severity == "error" for finding in told):
        kernel.build(process)
        told += soundness.dead_ends(diagram, process, context)
    return told


def _bounded(findings: list[Finding]) -> list[Finding]:
    """Errors first where there are too many to show: an answer of a million findings helps nobody."""
    if len(findings) <= MAX_FINDINGS:
        return findings
    shown = sorted(findings, key=lambda finding: finding.severity != "error")[:MAX_FINDINGS]
    return [
        *shown,
        about_file("more-findings", say("There are %(count)s more findings.", count=len(findings) - MAX_FINDINGS)),
    ]


def given_names(file: Opened) -> Iterator[tuple[str, str]]:
    """(called process, variable that it is given) of every call activity of a file."""
    for process in file.processes:
        for node in process.scope.walk():
            if node.called_element:
                yield from ((node.called_element, item.name) for item in node.inputs)
