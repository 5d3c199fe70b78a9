"""The checker: everything that is wrong with a diagram, all at once, before anybody depends on it."""

from __future__ import annotations

from engine.bpmn.check import (
    activities,
    data,
    events,
    expressions,
    gateways,
    kernel,
    references,
    structure,
    unsupported,
)  # fmt: skip
from engine.bpmn.check.extensions import check_extensions
from engine.bpmn.check.finding import CheckContext, FileRule, Finding, Rule, about_file
from engine.bpmn.lower import lower
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable

__all__ = ["CheckContext", "Finding", "about_file", "check", "process_ids"]

RULES: tuple[Rule, ...] = (
    unsupported.constructs,
    structure.elements, structure.size, structure.flows, structure.starts, structure.reachability,
    structure.implicit_ends, structure.lanes,
    gateways.choices,
    events.triggers, events.boundaries, events.links, events.timers,
    activities.tasks, activities.performers, activities.loops,
    references.names,
    data.associations, data.objects,
    expressions.syntax, expressions.unset_names,
)  # fmt: skip
FILE_RULES: tuple[FileRule, ...] = (check_extensions, references.calls)


def check(content: bytes, context: CheckContext | None = None) -> list[Finding]:
    """All findings of a file, in the order of its lines. A file that cannot be read has exactly one."""
    try:
        diagram = read(content)
    except DiagramUnreadable as problem:
        return [about_file("unreadable", problem.message, problem.line)]
    executable = [lower(process) for process in diagram.processes.values() if process.is_executable]
    if not executable:
        return [about_file("no-process", "The file holds no executable process.")]
    known = context or CheckContext()
    found = [finding for rule in FILE_RULES for finding in rule(diagram, known)]
    for process in executable:
        told = [finding for rule in RULES for finding in rule(diagram, process, known)]
        found += told
        if not any(finding.severity == "error" for finding in told):
            found += kernel.builds(diagram, process, known)
    return sorted(set(found), key=lambda finding: (finding.line, finding.element_id, finding.rule, finding.sentence))


def process_ids(content: bytes) -> frozenset[str]:
    """The executable processes that a file brings; none when it cannot be read."""
    try:
        return frozenset(key for key, process in read(content).processes.items() if process.is_executable)
    except DiagramUnreadable:
        return frozenset()
