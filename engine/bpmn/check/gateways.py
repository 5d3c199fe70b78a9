"""Gateways and conditions: every choice is one that can be made."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.check.finding import CheckContext, Finding, found, label, scopes, way
from engine.bpmn.model import Diagram, EventType, Flow, Node, NodeType, Process, Scope

_CHOOSING = (NodeType.EXCLUSIVE_GATEWAY, NodeType.INCLUSIVE_GATEWAY)
_BLIND = (NodeType.PARALLEL_GATEWAY, NodeType.EVENT_BASED_GATEWAY)
_WAITED_FOR = (EventType.MESSAGE, EventType.TIMER, EventType.SIGNAL, EventType.CONDITIONAL)


def choices(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Gateways choose by conditions, event-based ones by events, and nothing that is written is passed over."""
    for _, scope in scopes(process):
        hosts = {node.attached_to for node in scope.nodes.values()}
        for node in scope.nodes.values():
            outgoing = [scope.flows[key] for key in node.outgoing]
            yield from _default(node, scope)
            if node.type not in _CHOOSING:  # which say so of every flow without a condition
                yield from (
                    _empty(way(flow, scope)) for flow in outgoing if flow.says_nothing and flow.id != node.default
                )
            if node.type in _BLIND:
                if node.default is not None:
                    yield found(
                        node, "ignored-condition", "The gateway %(element)s has a default flow, which would be ignored."
                    )
                yield from (_ignored(node, flow) for flow in outgoing if flow.condition)
            elif node.type in _CHOOSING and len(outgoing) > 1:
                yield from (
                    _unconditional(node, way(flow, scope)) for flow in outgoing if _has_no_condition(node, flow)
                )
            if node.type is NodeType.EVENT_BASED_GATEWAY:
                yield from _events(scope, hosts, node, outgoing)


def _default(node: Node, scope: Scope) -> Iterator[Finding]:
    conditional = [key for key in node.outgoing if scope.flows[key].condition]
    if node.default is None:
        if conditional and len(conditional) == len(node.outgoing) and node.type not in _BLIND:
            yield found(
                node,
                "no-default",
                "%(element)s has no default flow: when no condition is true the case stops with an incident.",
            )
    elif node.default not in node.outgoing:
        yield found(node, "default-flow", "The default flow of %(element)s does not leave it.")
    elif node.default in conditional:
        yield found(node, "default-condition", "The default flow of %(element)s has a condition, which is not asked.")
    elif node.type not in (*_BLIND, *_CHOOSING) and any(
        _has_no_condition(node, scope.flows[key]) for key in node.outgoing
    ):
        yield found(
            node,
            "default-never",
            "The default flow of %(element)s is never taken: another flow out of it has no condition.",
        )


def _ignored(node: Node, flow: Flow) -> Finding:
    return found(
        node,
        "ignored-condition",
        "A flow out of the gateway %(element)s has a condition, which would be ignored.",
        line=flow.line,
    )


def _empty(flow: Flow) -> Finding:
    return found(flow, "condition-required", "The flow %(element)s has a condition that says nothing.")


def _has_no_condition(node: Node, flow: Flow) -> bool:
    return flow.condition is None and flow.id != node.default


def _unconditional(node: Node, flow: Flow) -> Finding:
    template = "The flow %(flow)s out of %(element)s has neither a condition nor is it the default."
    return found(node, "condition-required", template, line=flow.line, flow=label(flow))


def _events(scope: Scope, hosts: set[str | None], node: Node, outgoing: list[Flow]) -> Iterator[Finding]:
    if len(outgoing) < 2:
        yield found(node, "event-gateway-choice", "The event-based gateway %(element)s has fewer than two events.")
    targets = [scope.nodes[flow.target] for flow in outgoing if flow.target in scope.nodes]
    catches_messages = any(_is_message_event(target) for target in targets)
    for target in targets:
        catches = target.type is NodeType.INTERMEDIATE_CATCH_EVENT and target.event.type in _WAITED_FOR
        if not catches and target.type is not NodeType.RECEIVE_TASK:
            yield found(
                target,
                "event-gateway-target",
                "The event-based gateway %(element)s leads to %(other)s, which waits for nothing.",
                element=label(node),
                other=label(target),
            )
        elif len(target.incoming) > 1:
            yield found(
                target,
                "event-gateway-target",
                "%(element)s stands behind an event-based gateway and has other flows into it.",
            )
        elif target.id in hosts or target.loop is not None:
            yield found(
                target,
                "event-gateway-receive",
                "%(element)s stands behind an event-based gateway and has boundary events or a repetition.",
            )
        elif target.type is NodeType.RECEIVE_TASK and catches_messages:
            yield found(
                target,
                "event-gateway-receive",
                "The receive task %(element)s stands behind %(other)s beside a message event.",
                other=label(node),
            )


def _is_message_event(node: Node) -> bool:
    is_event = node.type is NodeType.INTERMEDIATE_CATCH_EVENT
    return is_event and any(event.type is EventType.MESSAGE for event in node.events)
