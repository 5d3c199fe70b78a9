"""References: everything that a diagram names must be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.bpmn.check.finding import CheckContext, Finding, advice, error, label
from engine.bpmn.check.structure import scopes
from engine.bpmn.model import Diagram, EventType, Node, NodeType, Process


class _Needed(NamedTuple):
    """What a task of a type cannot do without."""

    type: NodeType
    given: Callable[[Node], object]
    rule: str
    sentence: str
    hint: str


_NEEDED = (
    _Needed(
        NodeType.SCRIPT_TASK,
        lambda node: node.operation,
        "script",
        "The script task {} holds a script; diagrams run no code.",
        "Name an operation instead.",
    ),
    _Needed(
        NodeType.SERVICE_TASK,
        lambda node: node.operation,
        "operation-required",
        "The service task {} names no operation.",
        "Choose one of the operations.",
    ),
    _Needed(
        NodeType.SEND_TASK,
        lambda node: node.operation or node.events,
        "operation-required",
        "The send task {} names neither a message nor an operation.",
        "Choose one.",
    ),
    _Needed(
        NodeType.BUSINESS_RULE_TASK,
        lambda node: node.decision,
        "decision-required",
        "The business rule task {} names no decision.",
        "Choose a decision table.",
    ),
    _Needed(
        NodeType.CALL_ACTIVITY,
        lambda node: node.called_element,
        "called-element",
        "The call activity {} names no process.",
        "Choose the process to call.",
    ),
    _Needed(
        NodeType.RECEIVE_TASK,
        lambda node: node.event.ref,
        "message-name",
        "The receive task {} names no message.",
        "Choose a message with a name.",
    ),
)
_NAMED = (EventType.MESSAGE, EventType.SIGNAL)
_ACTIVITIES = {kind for kind in NodeType if kind.value.endswith(("Task", "task", "Process", "Activity", "transaction"))}


def names(diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Operations, forms, decisions, bodies and called processes exist."""
    for node in process.scope.walk():
        yield from _known(node, "operation", node.operation, context.operations)
        yield from _known(node, "form", node.form, context.forms)
        yield from _known(node, "decision", node.decision, context.decisions)
        if context.processes is not None:
            yield from _known(node, "process", node.called_element, context.processes | set(diagram.processes))
        body = node.performer.body if node.performer else None
        yield from _known(node, "body", None if body and body.startswith("=") else body, context.bodies)


def tasks(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every task says what it does, and who."""
    for node in process.scope.walk():
        for needed in _NEEDED:
            if node.type is needed.type and not needed.given(node):
                yield error(node, needed.rule, needed.sentence.format(label(node)), needed.hint)
        if node.type is NodeType.USER_TASK and node.performer is None:
            yield advice(
                node, "no-performer", f"Nobody is named to do {label(node)}.", "Give its lane or the task a performer."
            )
        if node.performer is not None and not node.performer.role:
            yield error(node, "performer-role", f"The performer of {label(node)} has no role.", "Give the role.")


def events(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Events name what they wait for or throw."""
    for _, scope in scopes(process):
        links = [node for node in scope.nodes.values() if node.event.type is EventType.LINK]
        for node in scope.nodes.values():
            if node.event.type in _NAMED and not node.event.ref:
                yield error(
                    node,
                    f"{node.event.type.value}-name",
                    f"{label(node)} names no {node.event.type.value}, or one without a name.",
                    "Choose one with a name.",
                )
            if node.type is NodeType.BOUNDARY_EVENT:
                yield from _boundary(node, scope.nodes.get(node.attached_to or ""))
            if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type in (
                EventType.NONE,
                EventType.ERROR,
                EventType.ESCALATION,
            ):
                yield error(
                    node,
                    "catch-trigger",
                    f"{label(node)} catches nothing that can be waited for here.",
                    "Give it a message, timer, signal or condition.",
                )
        yield from _links(links)


def loops(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Multi-instance activities say how many."""
    for node in process.scope.walk():
        if (
            node.loop is not None
            and node.loop.kind != "standard"
            and not (node.loop.cardinality or node.loop.collection)
        ):
            yield error(
                node,
                "loop-count",
                f"{label(node)} is to be done several times but does not say how many.",
                "Give a collection or a cardinality.",
            )


def _known(node: Node, what: str, name: str | None, known: frozenset[str] | set[str] | None) -> Iterator[Finding]:
    if name and known is not None and name not in known:
        yield error(
            node,
            f"unknown-{what}",
            f"{label(node)} names the {what} '{name}', which does not exist.",
            f"Choose a {what} that exists, or deploy it together with this diagram.",
        )


def _boundary(node: Node, host: Node | None) -> Iterator[Finding]:
    if host is None or host.type not in _ACTIVITIES:
        yield error(
            node,
            "boundary-host",
            f"The boundary event {label(node)} is not attached to an activity.",
            "Attach it to a task or subprocess.",
        )
    if node.event.type is EventType.NONE:
        yield error(node, "boundary-trigger", f"The boundary event {label(node)} has no trigger.", "Give it one.")
    if not node.outgoing and not node.is_for_compensation and node.event.type is not EventType.COMPENSATION:
        yield error(
            node, "boundary-flow", f"Nothing follows the boundary event {label(node)}.", "Draw what is to happen."
        )


def _links(links: list[Node]) -> Iterator[Finding]:
    catching = [node for node in links if node.type is NodeType.INTERMEDIATE_CATCH_EVENT]
    names = [node.event.link for node in catching]
    for node in catching:
        if names.count(node.event.link) > 1:
            yield error(
                node, "link", f"The link '{node.event.link}' is caught twice.", "Give one of them another name."
            )
    for node in links:
        if node.type is not NodeType.INTERMEDIATE_CATCH_EVENT and node.event.link not in names:
            yield error(node, "link", f"Nothing catches the link '{node.event.link}'.", "Draw the catching link.")
