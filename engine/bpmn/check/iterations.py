"""Names that live in one iteration of a multi-instance activity alone, and are read after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.bpmn.check.branches import writes
from engine.bpmn.check.expressions import of_node
from engine.bpmn.check.finding import CheckContext, Finding, found, label, scopes
from engine.bpmn.model import Diagram, Node, Process
from engine.bpmn.starts import starts
from engine.feel import parse, strip_marker
from store.errors import HandslagError


def gone_after_it(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """What only iterations write ends with them (docs/decisions/0002-variables.md), so nobody outside reads it."""
    for node in process.scope.walk():
        if node.loop is None or node.loop.kind == "standard":
            continue
        inside = {inner.id for inner in node.scope.walk()} if node.scope is not None else set()
        elsewhere = _set_elsewhere(process, context, {*inside, node.id})
        for name in sorted(set(writes(replace(node, loop=None), context)) - elsewhere):
            reader = next((at for at, text in _outside(process, node, inside) if _reads(text, name, context)), None)
            if reader is not None:
                yield found(
                    node,
                    "iteration-name",
                    "'%(name)s' is written in an iteration of %(element)s and is gone after it, but %(other)s reads it.",
                    name=name,
                    other=label(reader),
                )


def _set_elsewhere(process: Process, context: CheckContext, inside: set[str]) -> set[str]:
    """The names that something outside of the iterations sets: then they write that variable."""
    known = set(context.given.get(process.id, ()))
    known.update(item.name for start in starts(process) for item in start.node.correlation)
    for node in process.scope.walk():
        if node.id not in inside:
            known.update(item.name for item in node.inputs)
            known.update(writes(node, context))
    return known


def _outside(process: Process, activity: Node, inside: set[str]) -> Iterator[tuple[Node, str]]:
    """(node, expression) of all that is not evaluated in an iteration; a flow out of the activity is not."""
    for _, scope in scopes(process):
        for flow in scope.flows.values():
            if flow.condition and flow.source in scope.nodes and flow.source not in inside:
                yield scope.nodes[flow.source], flow.condition
        for node in scope.nodes.values():
            if node.id not in inside and node.id != activity.id:
                yield from ((node, text) for text in of_node(node) if text)


def _reads(text: str, name: str, context: CheckContext) -> bool:
    if name not in text:
        return False
    try:
        return name in parse(strip_marker(text), functions=context.functions or ()).free_names
    except HandslagError:
        return False  # another rule says so
