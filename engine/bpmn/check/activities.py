"""Activities: every task says what it does, by whom, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from engine.bpmn.check.finding import CheckContext, Finding, found
from engine.bpmn.model import Diagram, Loop, Node, NodeType, Process
from engine.feel import strip_marker
from store.sentences import say

MAX_COUNT = 10_000
"""Iterations of an activity, and tokens that it takes or gives."""


def tasks(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every task says what it does."""
    for node in process.scope.walk():
        match node:
            case Node(type=NodeType.SCRIPT_TASK, operation=None) if node.script or not node.outputs:
                if node.script:
                    yield found(node, "script", "The script task %(element)s holds a script; diagrams run no code.")
                else:
                    yield found(node, "script", "The script task %(element)s names no operation.")
            case Node(type=NodeType.SERVICE_TASK, operation=None):
                yield found(node, "operation-required", "The service task %(element)s names no operation.")
            case Node(type=NodeType.SEND_TASK, operation=str(), events=(_, *_)):
                yield found(
                    node,
                    "operation-required",
                    "The send task %(element)s names a message and an operation, and only one is done.",
                    "Let the operation send it, or draw two tasks.",
                )
            case Node(type=NodeType.SEND_TASK, operation=None, events=()):
                yield found(
                    node, "operation-required", "The send task %(element)s names neither a message nor an operation."
                )
            case Node(type=NodeType.BUSINESS_RULE_TASK, decision=None):
                yield found(node, "decision-required", "The business rule task %(element)s names no decision.")
            case Node(type=NodeType.CALL_ACTIVITY, called_element=None):
                yield found(node, "called-element", "The call activity %(element)s names no process.")
            case Node(type=NodeType.RECEIVE_TASK, events=()):
                yield found(node, "message-name", "The receive task %(element)s names no message.")


def ad_hoc(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """The standard lets people choose what they do in an ad-hoc subprocess, and how often; here nobody does."""
    for node in process.scope.walk():
        if node.type is NodeType.AD_HOC_SUB_PROCESS:
            how = say("one after the other") if node.ordering == "Sequential" else say("all at once")
            yield found(
                node,
                "ad-hoc",
                "The activities of %(element)s begin by themselves, %(how)s, and each once: nobody chooses.",
                how=how,
            )


def performers(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """Every user task says who does it."""
    for node in process.scope.walk():
        if node.type is NodeType.USER_TASK and node.performer is None:
            yield found(node, "no-performer", "Nobody is named to do %(element)s.")
        if node.performer is not None and not node.performer.role:
            yield found(node, "performer-role", "The performer of %(element)s has no role.")
        elif node.performer is not None and node.performer.role in (context.bodies or ()):
            yield found(
                node,
                "performer-role",
                "The performer of %(element)s has the role '%(role)s', which is a body.",
                "Give it as body, and the role that does it there.",
                role=node.performer.role,
            )
        elif node.performer is not None and not node.performer.body and not node.performer.organization:
            yield found(
                node, "performer-body", "%(element)s is for a role, but in no body: only those who see all see it."
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
            yield found(node, "count", "%(element)s takes or gives more than %(most)s tokens at once.", most=MAX_COUNT)
        for what, text, least in ((say("cardinality"), loop.cardinality, 0), (say("maximum"), loop.maximum, 1)):
            number = _number(text or "")
            if number is not None and not (least <= number <= MAX_COUNT and number == int(number)):
                yield found(node, "count", "The %(what)s of %(element)s is %(number)s.", what=what, number=number)


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
            yield found(node, "loop-end", "%(element)s is repeated without end.")
        return
    if not (loop.cardinality or loop.collection):
        yield found(node, "loop-count", "%(element)s is to be done several times but does not say how many.")
    if loop.output and not loop.output_element:
        yield found(
            node, "loop-output", "%(element)s collects '%(output)s' but does not say what of each.", output=loop.output
        )
