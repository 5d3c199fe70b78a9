"""Names that two branches write at the same time: of the two values the later stays, whichever that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.bpmn.check.finding import CheckContext, Finding, found, label, scopes
from engine.bpmn.check.structure import following
from engine.bpmn.model import Diagram, Node, NodeType, Process, Scope

MAX_WORK = 2_000_000
"""Splits times nodes of a scope; a larger one is not looked at, since this is advice."""
_ONE_WAY = (NodeType.EXCLUSIVE_GATEWAY, NodeType.EVENT_BASED_GATEWAY)


def same_name(_diagram: Diagram, process: Process, context: CheckContext) -> Iterator[Finding]:
    """No two branches that run at the same time write the same name (docs/decisions/0002-variables.md)."""
    for _, scope in scopes(process):
        writers: dict[str, list[str]] = {}
        for node in scope.nodes.values():
            for name in sorted(set(writes(node, context))):
                writers.setdefault(name, []).append(node.id)
        shared = {name: keys for name, keys in writers.items() if len(keys) > 1}
        if shared:
            yield from _in_scope(scope, shared)


def _in_scope(scope: Scope, writers: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    splits = list(_splits(scope))
    if sum(len(ways) for _, ways, _ in splits) * len(scope.nodes) > MAX_WORK:
        return
    forward = following(scope)
    told: set[tuple[str, str]] = set()
    for split, ways, blocked in splits:
        reached = [_closure(way, forward, {split, *blocked} - set(way)) for way in ways]
        for number, here in enumerate(reached):
            for there in reached[:number]:
                for name, first, second in _clashes(there - here, here - there, writers):
                    if (name, second) not in told:
                        told.add((name, second))
                        yield _finding(scope.nodes[first], scope.nodes[second], name)


def _splits(scope: Scope) -> Iterator[tuple[str, list[list[str]], list[str]]]:
    """(node, where each of its branches begins, what its branches do not pass) of all that makes several tokens."""
    for node in scope.nodes.values():
        if len(node.outgoing) > 1 and (node.type not in _ONE_WAY or node.event_gateway_type == "Parallel"):
            yield node.id, [[scope.flows[flow].target] for flow in node.outgoing], []
        host = scope.nodes.get(node.attached_to or "")
        if node.type is NodeType.BOUNDARY_EVENT and not node.interrupting and host is not None:
            yield node.id, [[host.id], [scope.flows[flow].target for flow in node.outgoing]], [node.id]


def _clashes(
    there: Collection[str], here: Collection[str], writers: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str, str]]:
    """(name, a node of the one branch, a node of the other) for each name that both write."""
    for name, keys in writers.items():
        first = next((key for key in keys if key in there), None)
        second = next((key for key in keys if key in here), None)
        if first is not None and second is not None:
            yield name, first, second


def writes(node: Node, context: CheckContext) -> Iterator[str]:
    """The names that an element writes outside of itself, as far as the diagram and what it names say."""
    loop = node.loop
    if loop is not None and loop.kind != "standard":
        yield from (name for name in (loop.output,) if name)  # what an iteration writes is its own
        return
    own = {item.name for item in node.inputs}
    if node.outputs:
        yield from (item.name for item in node.outputs)
    elif node.result:
        yield node.result
    else:
        yield from context.results.get(node.operation or node.decision or "", ())
        yield from context.fields.get(node.form or "", ())
    if node.scope is not None and not node.triggered_by_event:
        inside = (name for inner in node.scope.nodes.values() for name in writes(inner, context))
        yield from (name for name in inside if name not in own)


def _closure(start: Collection[str], forward: Mapping[str, Collection[str]], blocked: Collection[str]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        for target in forward.get(todo.pop(), ()):  # a flow may lead to nowhere, which another rule says
            if target not in reached and target not in blocked:
                reached.add(target)
                todo.append(target)
    return reached


def _finding(first: Node, second: Node, name: str) -> Finding:
    return found(
        second,
        "same-name",
        "%(element)s and %(other)s can go on at the same time, and both write '%(name)s': the later value stays.",
        element=label(first),
        other=label(second),
        name=name,
    )
