"""Expressions: each is parsed at deploy, so that mistakes are found there and not when a case comes to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.bpmn.check.events import is_feel
from engine.bpmn.check.finding import CheckContext, Finding, about_file, found, scopes
from engine.bpmn.imports.juel import explained, is_juel
from engine.bpmn.model import Diagram, EventDefinition, EventType, Node, Process
from engine.bpmn.starts import starts
from engine.feel import parse, strip_marker
from engine.feel.builtins import BUILTINS
from store.errors import HandslagError
from store.sentences import say

_COUNTERS = {
    "loopCounter", "numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances",
    "numberOfTerminatedInstances", "activationCount",
}  # fmt: skip


MAX_EXPRESSIONS, MAX_CHARACTERS = 20_000, 500_000
"""Of one file: parsing takes a microsecond or three a character."""


def size(processes: Sequence[Process]) -> Iterator[Finding]:
    """There are not more expressions than can be read in a moment."""
    lengths = [len(text) for process in processes for _, text, _ in _expressions(process)]
    if len(lengths) > MAX_EXPRESSIONS or sum(lengths) > MAX_CHARACTERS:
        sentence = say(
            "The file has %(count)s expressions with %(total)s characters; too many.",
            count=len(lengths),
            total=sum(lengths),
        )
        yield about_file("size", sentence)


def meaning(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Every expression can be read, calls functions that exist, and (advice) reads names that something sets.

    A name that nothing in the diagram sets may be a slip of the pen, or come from the caller.
    """
    known = _COUNTERS | set(_set_names(process, context)) | context.given.get(process.id, frozenset())
    for node, text, of_result in _expressions(process):
        try:
            parsed = parse(strip_marker(text), functions=context.functions or ())
        except HandslagError as problem:
            told = explained(strip_marker(text)) if is_juel(text) else (problem.message, "")
            yield found(
                node,
                "expression",
                "The expression '%(text)s' at %(element)s cannot be read: %(why)s",
                told[1],
                text=text[:200],
                why=told[0],
            )
            continue
        if context.functions is not None:
            for name in sorted((parsed.called & parsed.free_names) - context.functions - BUILTINS.keys()):
                yield found(
                    node,
                    "unknown-function",
                    "The expression '%(text)s' at %(element)s calls '%(name)s', which does not exist.",
                    text=text[:200],
                    name=name,
                )
        for name in sorted(parsed.free_names - parsed.called - known) if not of_result else ():
            yield found(
                node, "unset-name", "Nothing in the diagram sets '%(name)s', which %(element)s reads.", name=name
            )


def _expressions(process: Process) -> Iterator[tuple[Node, str, bool]]:
    """(node, expression, whether it reads the names of a result: those of outputs do)."""
    for _, scope in scopes(process):
        for flow in scope.flows.values():
            if flow.condition and flow.source in scope.nodes:
                yield replace(scope.nodes[flow.source], line=flow.line), flow.condition, False
        for node in scope.nodes.values():
            yield from ((node, text, False) for text in of_node(node) if text)
            yield from ((node, item.value, True) for item in node.outputs if item.value.lstrip().startswith("="))


def of_node(node: Node) -> Iterator[str]:
    """The expressions of a node but for those of its outputs, which read the names of a result too."""
    marked = [item.value for item in (*node.inputs, *node.correlation)]
    if node.performer is not None:
        performer = node.performer
        marked += [text for text in (performer.role, performer.body, performer.organization) if text]
    yield from (text for text in marked if text.lstrip().startswith("="))
    yield from (text for text in (node.due, node.activation_condition, node.completion_condition) if text)
    for event in node.events:
        yield from _of_event(event)
    if (loop := node.loop) is not None:
        texts = [loop.cardinality, loop.completion_condition, loop.condition, loop.maximum]
        texts += [condition for condition, _ in loop.complex_behavior]
        yield from (text for text in texts if text)
        yield from (text for text in (loop.collection, loop.output_element) if text and text.startswith("="))


def _of_event(event: EventDefinition) -> Iterator[str]:
    if event.expression and (event.type is not EventType.TIMER or is_feel(event.expression)):
        yield event.expression


def _set_names(process: Process, context: CheckContext) -> Iterator[str]:
    for node in process.scope.walk():
        yield from (item.name for item in (*node.inputs, *node.outputs))
        yield from (name for name in (node.result, node.decision) if name)
        if not node.outputs:  # the whole result is written
            yield from context.results.get(node.operation or node.decision or "", ())
            yield from context.fields.get(node.form or "", ())
        if node.loop is not None:
            yield from (name for name in (node.loop.element, node.loop.output) if name)
    for start in starts(process):
        yield from (item.name for item in start.node.correlation)
