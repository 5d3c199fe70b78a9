"""Structure: starts, ends, flows and what can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.check.finding import CheckContext, Finding, advice, error, label
from engine.bpmn.model import Diagram, EventType, Flow, Node, NodeType, Process, Scope

_GATEWAYS = (NodeType.EXCLUSIVE_GATEWAY, NodeType.INCLUSIVE_GATEWAY)


def scopes(process: Process) -> Iterator[tuple[Node | None, Scope]]:
    """The process's scope and that of each subprocess."""
    yield None, process.scope
    for node in process.scope.walk():
        if node.scope is not None:
            yield node, node.scope


def flows(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every flow goes from somewhere to somewhere in its own scope."""
    for _, scope in scopes(process):
        for flow in scope.flows.values():
            for end, where in ((flow.source, "starts"), (flow.target, "ends")):
                if end not in scope.nodes:
                    yield _flow_finding(
                        flow, f"The sequence flow {where} at '{end}', which is not in the same process or subprocess."
                    )
            if flow.source in scope.nodes and scope.nodes[flow.source].type is NodeType.END_EVENT:
                yield _flow_finding(flow, "A sequence flow leaves an end event.")
            if flow.target in scope.nodes and scope.nodes[flow.target].type in (
                NodeType.START_EVENT,
                NodeType.BOUNDARY_EVENT,
            ):
                yield _flow_finding(flow, "A sequence flow goes into a start or boundary event.")


def starts(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every scope can start, and an event subprocess has exactly one start event with a trigger."""
    for node, scope in scopes(process):
        events = [inner for inner in scope.nodes.values() if inner.type is NodeType.START_EVENT]
        owner = node or _process_node(process)
        if node is not None and node.triggered_by_event:
            if len(events) != 1 or events[0].event.type is EventType.NONE:
                yield error(
                    owner,
                    "event-subprocess-start",
                    f"The event subprocess {label(owner)} needs exactly one start event with a trigger.",
                    "Give it a message, timer, signal, condition, error or escalation start.",
                )
        elif not events:
            yield error(owner, "start-event-required", f"{label(owner)} has no start event.", "Draw a start event.")
        elif node is not None and (len(events) > 1 or events[0].event.type is not EventType.NONE):
            yield error(
                owner,
                "subprocess-start",
                f"The subprocess {label(owner)} must start with one start event without trigger.",
                "Remove the trigger, or make it an event subprocess.",
            )
        if not scope.nodes:
            yield error(owner, "empty", f"{label(owner)} is empty.", "Draw what it does, or remove it.")


def reachability(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every node can be reached, and from every node the end can be reached."""
    for _, scope in scopes(process):
        forward = {key: _next(scope, node) for key, node in scope.nodes.items()}
        roots = [key for key, node in scope.nodes.items() if _is_root(node)]
        reached = _closure(roots, forward)
        for key, node in scope.nodes.items():
            if key not in reached:
                yield error(
                    node, "unreachable", f"{label(node)} can never be reached.", "Draw a flow to it, or remove it."
                )
        backward: dict[str, list[str]] = {key: [] for key in scope.nodes}
        for key, targets in forward.items():
            for target in targets:
                backward[target].append(key)
        ends = [key for key, targets in forward.items() if not targets]
        ending = _closure(ends, backward)
        for key in reached - ending:
            node = scope.nodes[key]
            yield error(
                node, "no-way-to-an-end", f"From {label(node)} no end can be reached.", "Draw a way out of the circle."
            )


def implicit_ends(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """A node that just stops is allowed, but seldom meant."""
    for _, scope in scopes(process):
        for node in scope.nodes.values():
            ends = node.type is NodeType.END_EVENT or node.triggered_by_event or node.event.type is EventType.LINK
            if not node.outgoing and not ends:
                yield advice(
                    node, "implicit-end", f"The flow stops at {label(node)} without an end event.", "Draw an end event."
                )


def gateways(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Gateways choose by conditions; event-based ones by events."""
    for _, scope in scopes(process):
        for node in scope.nodes.values():
            outgoing = [scope.flows[flow] for flow in node.outgoing]
            if node.default is not None and node.default not in node.outgoing:
                yield error(
                    node,
                    "default-flow",
                    f"The default flow of {label(node)} does not leave it.",
                    "Choose one of its own flows as default.",
                )
            if node.type in _GATEWAYS and len(outgoing) > 1:
                yield from _conditions(node, outgoing)
            if node.type is NodeType.EVENT_BASED_GATEWAY:
                yield from _choices(scope, node, outgoing)
            if node.type is NodeType.PARALLEL_GATEWAY and any(flow.condition for flow in outgoing):
                yield error(
                    node,
                    "parallel-condition",
                    f"A flow out of the parallel gateway {label(node)} has a condition, which would be ignored.",
                    "Use an inclusive gateway.",
                )


def _conditions(node: Node, outgoing: list[Flow]) -> Iterator[Finding]:
    for flow in outgoing:
        if flow.condition is None and flow.id != node.default:
            yield error(
                node,
                "condition-required",
                f"The flow '{flow.name or flow.id}' out of {label(node)} has neither a condition nor is it the default.",
                "Give it a condition, or make it the default flow.",
            )
    if node.default is None:
        yield advice(
            node,
            "no-default",
            f"{label(node)} has no default flow: when no condition is true the case stops with an incident.",
            "Draw a default flow.",
        )


def _choices(scope: Scope, node: Node, outgoing: list[Flow]) -> Iterator[Finding]:
    allowed = (EventType.MESSAGE, EventType.TIMER, EventType.SIGNAL, EventType.CONDITIONAL)
    for flow in outgoing:
        target = scope.nodes.get(flow.target)
        if target is None:
            continue
        catches = target.type is NodeType.INTERMEDIATE_CATCH_EVENT and target.event.type in allowed
        if not catches and target.type is not NodeType.RECEIVE_TASK:
            yield error(
                target,
                "event-gateway-target",
                f"The event-based gateway {label(node)} leads to {label(target)}, which waits for nothing.",
                "Put a catching event behind the gateway.",
            )
        elif len(target.incoming) > 1:
            yield error(
                target,
                "event-gateway-target",
                f"{label(target)} stands behind an event-based gateway and has other flows into it.",
                "Give the event to the gateway alone.",
            )
    if len(outgoing) < 2:
        yield error(
            node,
            "event-gateway-choice",
            f"The event-based gateway {label(node)} has fewer than two events.",
            "Draw two or more.",
        )


def _flow_finding(flow: Flow, sentence: str) -> Finding:
    return Finding(
        flow.id.replace("\x00", ""), flow.name, flow.line, "error", "sequence-flow", sentence, "Draw the flow again."
    )


def _process_node(process: Process) -> Node:
    return Node(process.id, NodeType.SUB_PROCESS, process.name, process.line)


def _is_root(node: Node) -> bool:
    if node.type is NodeType.START_EVENT or node.triggered_by_event or node.is_for_compensation:
        return True
    if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK:
        return True
    return False


def _next(scope: Scope, node: Node) -> list[str]:
    following = [scope.flows[flow].target for flow in node.outgoing if scope.flows[flow].target in scope.nodes]
    following += [other.id for other in scope.nodes.values() if other.attached_to == node.id]
    if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
        following += [
            other.id
            for other in scope.nodes.values()
            if other.type is NodeType.INTERMEDIATE_CATCH_EVENT and other.event.link == node.event.link
        ]
    return following


def _closure(roots: list[str], edges: dict[str, list[str]]) -> set[str]:
    reached, todo = set(roots), list(roots)
    while todo:
        for target in edges[todo.pop()]:
            if target not in reached:
                reached.add(target)
                todo.append(target)
    return reached
