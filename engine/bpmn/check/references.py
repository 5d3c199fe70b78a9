"""References: everything that a diagram names must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from engine.bpmn.check.finding import CheckContext, Finding, found
from engine.bpmn.model import Diagram, Node, Process

_UNKNOWN = {
    "operation": "%(element)s names the operation '%(name)s', which does not exist.",
    "form": "%(element)s names the form '%(name)s', which does not exist.",
    "decision": "%(element)s names the decision '%(name)s', which does not exist.",
    "process": "%(element)s names the process '%(name)s', which does not exist.",
    "body": "%(element)s names the body '%(name)s', which does not exist.",
}


def names(diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Operations, forms, decisions, bodies and called processes exist."""
    called = None if context.processes is None else context.processes | diagram.processes.keys()
    for node in process.scope.walk():
        yield from _known(node, "operation", node.operation, context.operations)
        yield from _known(node, "form", node.form, context.forms)
        yield from _known(node, "decision", node.decision, context.decisions)
        yield from _known(node, "process", node.called_element, called)
        body = node.performer.body if node.performer else None
        yield from _known(node, "body", None if body and body.startswith("=") else body, context.bodies)


def _known(node: Node, what: str, name: str | None, known: frozenset[str] | None) -> Iterator[Finding]:
    if name and known is not None and name not in known:
        yield found(node, f"unknown-{what}", _UNKNOWN[what], name=name)


def versions(diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """A call that is bound to a tag finds a version that has it. Where only the file is known, its own processes count."""
    for node in process.scope.walk():
        key, tag = node.called_element, node.version_tag
        if node.binding != "versionTag" or not key or not tag or (key, tag) in (context.tags or ()):
            continue
        called = diagram.processes.get(key)
        if called is not None and called.version_tag == tag:
            continue
        if called is not None or (context.tags is not None and key in (context.processes or ())):
            hint = "Give the process the tag with handslag:versionTag, or bind the call to another version."
            yield found(
                node,
                "unknown-process",
                "%(element)s calls the version '%(tag)s' of '%(key)s', and no version of it has that tag.",
                hint,
                tag=tag,
                key=key,
            )


def calls(diagram: Diagram, _context: CheckContext) -> Iterator[Finding]:
    """Processes of a file that call each other in a circle are stopped when they are too deep."""
    circle = call_circle({key: called_by(process) for key, process in diagram.processes.items()})
    if circle:
        way = " → ".join(reversed(circle))
        yield found(
            diagram.processes[circle[0]],
            "calls-itself",
            "Processes call each other in a circle: %(way)s.",
            way=way[:500],
        )


def called_by(process: Process) -> set[str]:
    """The processes that a process calls."""
    return {node.called_element for node in process.scope.walk() if node.called_element}


def call_circle(calling: Mapping[str, set[str]]) -> list[str]:
    """One circle of processes that call each other; empty when there is none."""
    try:
        TopologicalSorter(calling).prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []
