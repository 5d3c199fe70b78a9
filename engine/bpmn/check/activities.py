"""Activities: every task says what it does, by whom, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from engine.bpmn.check.finding import CheckContext, Finding, found, label
from engine.bpmn.model import Diagram, Loop, Node, NodeType, Process
from engine.feel import strip_marker

MAX_COUNT = 10_000
"""Iterations of an activity, and tokens that it takes or gives."""


def tasks(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every task says what it does."""
    for node in process.scope.walk():
        match node:
            case Node(type=NodeType.SCRIPT_TASK, operation=None) if node.script or not node.outputs:
                what = "holds a script; diagrams run no code" if node.script else "names no operation"
                yield found(node, "script", f"The script task {label(node)} {what}.")
            case Node(type=NodeType.SERVICE_TASK, operation=None):
                yield found(node, "operation-required", f"The service task {label(node)} names no operation.")
            case Node(type=NodeType.SEND_TASK, operation=str(), events=(_, *_)):
                sentence = f"The send task {label(node)} names a message and an operation, and only one is done."
                yield found(node, "operation-required", sentence, "Let the operation send it, or draw two tasks.")
            case Node(type=NodeType.SEND_TASK, operation=None, events=()):
                sentence = f"The send task {label(node)} names neither a message nor an operation."
                yield found(node, "operation-required", sentence)
            case Node(type=NodeType.BUSINESS_RULE_TASK, decision=None):
                yield found(node, "decision-required", f"The business rule task {label(node)} names no decision.")
            case Node(type=NodeType.CALL_ACTIVITY, called_element=None):
                yield found(node, "called-element", f"The call activity {label(node)} names no process.")
            case Node(type=NodeType.RECEIVE_TASK, events=()):
                yield found(node, "message-name", f"The receive task {label(node)} names no message.")


def ad_hoc(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """The standard lets people choose what they do in an ad-hoc subprocess, and how often; here nobody does."""
    for node in process.scope.walk():
        if node.type is NodeType.AD_HOC_SUB_PROCESS:
            how = "one after the other" if node.ordering == "Sequential" else "all at once"
            sentence = f"The activities of {label(node)} begin by themselves, {how}, and each once: nobody chooses."
            yield found(node, "ad-hoc", sentence)


def performers(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Every user task says who does it."""
    for node in process.scope.walk():
        if node.type is NodeType.USER_TASK and node.performer is None:
            yield found(node, "no-performer", f"Nobody is named to do {label(node)}.")
        if node.performer is not None and not node.performer.role:
            yield found(node, "performer-role", f"The performer of {label(node)} has no role.")
        elif node.performer is not None and node.performer.role in (context.bodies or ()):
            sentence = f"The performer of {label(node)} has the role '{node.performer.role}', which is a body."
            yield found(node, "performer-role", sentence, "Give it as body, and the role that does it there.")
        elif node.performer is not None and not node.performer.body and not node.performer.organization:
            yield found(
                node, "performer-body", f"{label(node)} is for a role, but in no body: only those who see all see it."
            )


def loops(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Repeated activities say how often, and what they collect."""
    for node in process.scope.walk():
        if node.loop is not None:
            yield from _loop(node, node.loop)


def counts(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """What is written as a number where something is counted can be one."""
    for node in process.scope.walk():
        loop = node.loop or Loop("standard")
        if max(node.start_quantity, node.completion_quantity) > MAX_COUNT:  # one below 1 the kernel refuses
            yield found(node, "count", f"{label(node)} takes or gives more than {MAX_COUNT} tokens at once.")
        for what, text, least in (("cardinality", loop.cardinality, 0), ("maximum", loop.maximum, 1)):
            number = _number(text or "")
            if number is not None and not (least <= number <= MAX_COUNT and number == int(number)):
                yield found(node, "count", f"The {what} of {label(node)} is {number}.")


def _number(text: str) -> Decimal | None:
    """The number that a text is; None where it is FEEL to be evaluated."""
    try:
        number = Decimal(strip_marker(text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _loop(node: Node, loop: Loop) -> Iterator[Finding]:
    if loop.kind == "standard":
        if not loop.condition and loop.maximum is None:
            yield found(node, "loop-end", f"{label(node)} is repeated without end.")
        return
    if not (loop.cardinality or loop.collection):
        yield found(node, "loop-count", f"{label(node)} is to be done several times but does not say how many.")
    if loop.output and not loop.output_element:
        yield found(node, "loop-output", f"{label(node)} collects '{loop.output}' but does not say what of each.")
