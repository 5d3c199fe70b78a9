"""The checker: everything that is wrong with a diagram, all at once, before anybody depends on it."""

from __future__ import annotations

from engine.bpmn.check import data, expressions, kernel, references, structure, unsupported
from engine.bpmn.check.extensions import check_extensions
from engine.bpmn.check.finding import CheckContext, Finding, Rule
from engine.bpmn.lower import lower
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable

__all__ = ["CheckContext", "Finding", "check", "process_ids"]

RULES: tuple[Rule, ...] = (
    unsupported.constructs,
    structure.flows,
    structure.starts,
    structure.reachability,
    structure.implicit_ends,
    structure.gateways,
    references.names,
    references.tasks,
    references.events,
    references.loops,
    data.associations,
    data.objects,
    expressions.syntax,
    expressions.timers,
    expressions.unset_names,
)


def check(content: bytes, context: CheckContext | None = None) -> list[Finding]:
    """All findings of a file, in the order of its lines. A file that cannot be read has exactly one."""
    try:
        diagram = read(content)
    except DiagramUnreadable as problem:
        return [
            Finding("", "", problem.line, "error", "unreadable", problem.message, "Save it again from a BPMN tool.")
        ]
    executable = [lower(process) for process in diagram.processes.values() if process.is_executable]
    if not executable:
        sentence = "The file holds no executable process."
        return [Finding("", "", 0, "error", "no-process", sentence, "Mark one process as executable.")]
    known = context or CheckContext()
    found = list(check_extensions(diagram, known))
    for process in executable:
        told = [finding for rule in RULES for finding in rule(diagram, process, known)]
        found += told
        if not any(finding.severity == "error" for finding in told):
            found += kernel.builds(diagram, process, known)
    return sorted(set(found), key=lambda finding: (finding.line, finding.element_id, finding.rule, finding.sentence))


def process_ids(content: bytes) -> frozenset[str]:
    """The processes that a file brings; none when it cannot be read."""
    try:
        return frozenset(read(content).processes)
    except DiagramUnreadable:
        return frozenset()
