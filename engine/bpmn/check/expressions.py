"""Expressions: each is parsed at deploy, so that mistakes are found there and not when a case comes to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.bpmn.check.finding import CheckContext, Finding, advice, error, label
from engine.bpmn.check.structure import scopes
from engine.bpmn.model import Diagram, EventType, Node, NodeType, Process, TimerType
from engine.feel import Expression, parse, strip_marker
from engine.feel.builtins import BUILTINS
from engine.iso8601 import is_literal
from store.errors import HandslagError

_COUNTERS = {
    "loopCounter", "numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
}  # fmt: skip


def syntax(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Every expression can be read and calls only functions that exist."""
    for node, text in _expressions(process):
        try:
            parsed = _parse(text, context)
        except HandslagError as problem:
            yield error(
                node,
                "expression",
                f"The expression '{text[:200]}' at {label(node)} cannot be read: {problem.message}",
                "Write it in FEEL.",
            )
            continue
        if context.functions is not None:
            for name in sorted(parsed.called - context.functions - parsed.free_names - BUILTINS.keys()):
                yield error(
                    node,
                    "unknown-function",
                    f"The expression '{text[:200]}' at {label(node)} calls '{name}', which does not exist.",
                    "Choose one of the functions of FEEL or of Handslag.",
                )


def timers(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Timers have a date, duration or cycle, and a literal is one of ISO 8601."""
    for node in process.scope.walk():
        for event in node.events:
            if event.type is not EventType.TIMER:
                continue
            if event.timer is None or not event.expression:
                yield error(
                    node,
                    "timer-source",
                    f"The timer {label(node)} says no date, duration or cycle.",
                    'Write for example =deadline("reply_by") or P14D.',
                )
            elif not is_literal(event.timer, event.expression) and not _parses(event.expression, context):
                yield error(
                    node,
                    "timer-literal",
                    f"The timer {label(node)} says '{event.expression}', which is neither ISO 8601 nor FEEL.",
                    'Write for example P14D, R3/P7D or =deadline("reply_by").',
                )


def unset_names(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Advice: a name that nothing in the diagram sets may be a slip of the pen (or come from the caller)."""
    known = _COUNTERS | set(_set_names(process))
    for node, text in _expressions(process):
        if not _parses(text, context):
            continue
        for name in sorted(_parse(text, context).free_names - known):
            yield advice(
                node,
                "unset-name",
                f"Nothing in the diagram sets '{name}', which {label(node)} reads.",
                "Check its spelling, unless it is given when the process starts.",
            )


def _expressions(process: Process) -> Iterator[tuple[Node, str]]:
    for _, scope in scopes(process):
        for flow in scope.flows.values():
            if flow.condition and flow.source in scope.nodes:
                yield replace(scope.nodes[flow.source], line=flow.line), flow.condition
        for node in scope.nodes.values():
            yield from ((node, text) for text in _of_node(node) if text)


def _of_node(node: Node) -> Iterator[str]:
    marked = [item.value for item in (*node.inputs, *node.outputs, *node.correlation)]
    if node.performer is not None:
        marked += [text for text in (node.performer.body, node.performer.organization) if text]
    yield from (text for text in marked if text.lstrip().startswith("="))
    yield from (text for text in (node.due,) if text)
    for event in node.events:
        if event.type is EventType.CONDITIONAL and event.expression:
            yield event.expression
        if (
            event.type is EventType.TIMER
            and event.expression
            and not is_literal(event.timer or TimerType.DATE, event.expression)
        ):
            if event.expression.lstrip().startswith("="):
                yield event.expression
    if node.loop is not None:
        loop = node.loop
        yield from (
            text for text in (loop.cardinality, loop.completion_condition, loop.condition, loop.maximum) if text
        )
        yield from (text for text in (loop.collection, loop.output_element) if text and text.startswith("="))


def _parse(text: str, context: CheckContext) -> Expression:
    return parse(strip_marker(text), functions=context.functions or ())


def _parses(text: str, context: CheckContext) -> bool:
    try:
        _parse(text, context)
    except HandslagError:
        return False
    return True


def _set_names(process: Process) -> Iterator[str]:
    for node in process.scope.walk():
        yield from (item.name for item in (*node.inputs, *node.outputs))
        yield from (name for name in (node.result, node.decision) if name)
        if node.loop is not None:
            yield from (name for name in (node.loop.element, node.loop.output) if name)
        if node.type is NodeType.START_EVENT:
            yield from (item.name for item in node.correlation)
