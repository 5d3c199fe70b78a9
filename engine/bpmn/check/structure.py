"""Structure: ids, starts, ends, flows and what can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.bpmn.check.finding import CheckContext, Finding, about_file, found, has_id, label, scopes, way
from engine.bpmn.check.unsupported import (
    OF_THE_PROCESS,
    PROCESS_WITHOUT_START,
    SEVERAL_STARTS,
    SUBPROCESS_WITHOUT_START,
)
from engine.bpmn.model import Diagram, EventType, Lane, Node, NodeType, Process, Scope
from store.sentences import say

MAX_REACH = 1_000_000
"""Nodes times inclusive joins of their scope, in a file: what the kernel must know of who can reach which join."""
_JOINS = (NodeType.INCLUSIVE_GATEWAY, NodeType.COMPLEX_GATEWAY)


def elements(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Everything is known and has an id."""
    if not has_id(process):
        yield found(process, "id-required", "The process %(element)s has no id.")
    for _, scope in scopes(process):
        for unknown in scope.unknown:
            yield found(
                unknown,
                "unknown-element",
                "%(element)s is a '%(kind)s', which processes of BPMN 2.0 do not hold.",
                kind=unknown.kind,
            )
        for node in scope.nodes.values():
            if not has_id(node):
                yield found(
                    node,
                    "id-required",
                    "A %(kind)s on line %(number)s has no id.",
                    kind=node.type.value,
                    number=node.line,
                )


def size(processes: Sequence[Process]) -> Iterator[Finding]:
    """What the kernel works out for inclusive joins is bounded."""
    total = 0
    for scope in (scope for process in processes for _, scope in scopes(process)):
        nodes = scope.nodes.values()
        total += len(nodes) * sum(node.type in _JOINS and len(node.incoming) > 1 for node in nodes)
    if total > MAX_REACH:
        yield about_file("size", "The file has too many inclusive gateways that join, for so many nodes beside them.")


def flows(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every flow goes from somewhere to somewhere in its own scope."""
    for _, scope in scopes(process):
        for drawn in scope.flows.values():
            flow = way(drawn, scope)
            starts = "The sequence flow starts at '%(end)s', which is not in the same process or subprocess."
            ends = "The sequence flow ends at '%(end)s', which is not in the same process or subprocess."
            for end, template in ((flow.source, starts), (flow.target, ends)):
                if end not in scope.nodes:
                    yield found(flow, "sequence-flow", template, end=end)
            if (source := scope.nodes.get(flow.source)) and (what := _takes_none_out(source)):
                yield found(
                    flow,
                    "sequence-flow",
                    "A sequence flow leaves %(what)s (%(element)s).",
                    what=what,
                    element=label(source),
                )
            if (target := scope.nodes.get(flow.target)) and (what := _takes_none_in(target)):
                yield found(
                    flow,
                    "sequence-flow",
                    "A sequence flow goes into %(what)s (%(element)s).",
                    what=what,
                    element=label(target),
                )


def _takes_none_out(node: Node) -> str:
    if node.type is NodeType.END_EVENT:
        return say("an end event")
    if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
        return say("a throwing link")
    return say("an event subprocess") if node.triggered_by_event else ""


def _takes_none_in(node: Node) -> str:
    if node.type in (NodeType.START_EVENT, NodeType.BOUNDARY_EVENT):
        return say("a start or boundary event")
    if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK:
        return say("a catching link")
    return say("an event subprocess") if node.triggered_by_event else ""


def starts(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every scope can start, and an event subprocess has exactly one start event with a trigger."""
    for node, scope in scopes(process):
        events = [inner for inner in scope.nodes.values() if inner.type is NodeType.START_EVENT]
        owner = node or process
        if not scope.nodes:
            yield found(owner, "empty", "%(element)s is empty.")
        elif node is not None and node.triggered_by_event:
            yield from _event_subprocess(node, events)
            if process.scope.nodes.get(node.id) is node and any(_compensates(event) for event in events):
                yield found(
                    node,
                    "event-subprocess",
                    "The event subprocess %(element)s is to undo the process itself, which nothing asks for.",
                    OF_THE_PROCESS.hint,
                )
        elif node is not None and node.type is NodeType.AD_HOC_SUB_PROCESS:
            yield from (_no_start_in_ad_hoc(event) for event in events)
        elif node is None and process.is_global_task:
            continue
        elif not events and (node is not None or not any(inner.instantiate for inner in scope.nodes.values())):
            hint = (PROCESS_WITHOUT_START if node is None else SUBPROCESS_WITHOUT_START).hint
            yield found(owner, "start-event-required", "%(element)s has no start event.", hint)
        elif node is not None and len(events) > 1:
            yield found(
                node,
                "subprocess-start",
                "The subprocess %(element)s has %(count)s start events.",
                SEVERAL_STARTS.hint,
                count=len(events),
            )
        elif node is not None and events[0].event.type is not EventType.NONE:
            yield found(node, "subprocess-start", "The subprocess %(element)s has a start event with a trigger.")


def _no_start_in_ad_hoc(event: Node) -> Finding:
    return found(
        event,
        "subprocess-start",
        "%(element)s starts an ad-hoc subprocess, whose activities begin by themselves.",
        "Remove the start event.",
    )


def _compensates(event: Node) -> bool:
    return event.event.type is EventType.COMPENSATION


def _event_subprocess(node: Node, events: list[Node]) -> Iterator[Finding]:
    if len(events) != 1 or events[0].event.type is EventType.NONE:
        yield found(
            node,
            "event-subprocess-start",
            "The event subprocess %(element)s needs exactly one start event with a trigger.",
        )
    if node.loop is not None:
        yield found(node, "event-subprocess", "The event subprocess %(element)s is to be repeated.")
    if node.inputs or node.outputs:
        yield found(
            node,
            "event-subprocess",
            "The inputs and outputs of the event subprocess %(element)s would be passed over.",
            "Put them on its start event and its tasks.",
        )


def reachability(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Every node can be reached, and from every node the end can be reached."""
    for owner, scope in scopes(process):
        forward = following(scope)
        begins = process.is_global_task or (owner is not None and owner.type is NodeType.AD_HOC_SUB_PROCESS)
        roots = [key for key, node in scope.nodes.items() if _is_root(node) or (begins and not node.incoming)]
        if not roots:
            continue  # nothing begins here, which has been said
        reached = _closure(roots, forward)
        for key, node in scope.nodes.items():
            if key not in reached:
                yield found(node, "unreachable", "%(element)s can never be reached.")
        backward: dict[str, list[str]] = {key: [] for key in scope.nodes}
        for key, targets in forward.items():
            for target in targets:
                backward[target].append(key)
        ending = _closure([key for key, targets in forward.items() if not targets], backward)
        for key in sorted(reached - ending):
            node = scope.nodes[key]
            yield found(node, "no-way-to-an-end", "From %(element)s no end can be reached.")


def implicit_ends(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """A node that just stops is allowed, but seldom meant."""
    for owner, scope in scopes(process):
        if process.is_global_task or (owner is not None and owner.type is NodeType.AD_HOC_SUB_PROCESS):
            continue
        for node in scope.nodes.values():
            ends = node.type is NodeType.END_EVENT or node.triggered_by_event or node.is_for_compensation
            ends = ends or node.event.type in (EventType.LINK, EventType.COMPENSATION)
            if not node.outgoing and not ends:
                yield found(node, "implicit-end", "The flow stops at %(element)s without an end event.")


def lanes(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Whoever does a task is known: its lane holds it, and no other lane beside that one does."""
    known = {node.id for node in process.scope.walk()}
    holders: dict[str, Lane] = {}
    for lane in process.lanes:
        for key in lane.node_ids:
            holder = holders.get(key)
            if key not in known:
                yield found(lane, "lane", "The lane %(element)s names '%(key)s', which is not in its process.", key=key)
            elif holder is not None and lane.performer is not None and holder.id not in lane.within:
                yield found(
                    lane,
                    "lane",
                    "'%(key)s' is in the lanes %(element)s and %(other)s, which have different performers.",
                    key=key,
                    element=label(holder),
                    other=label(lane),
                )
            if lane.performer is not None:
                holders[key] = lane


def _is_root(node: Node) -> bool:
    if node.type is NodeType.START_EVENT or node.triggered_by_event or node.is_for_compensation:
        return True
    if node.instantiate and not node.incoming:
        return True
    return node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK


def following(scope: Scope) -> dict[str, list[str]]:
    """Where a token can go from each node: along flows, to the node's boundary events, and over links."""
    forward: dict[str, list[str]] = {key: [] for key in scope.nodes}
    caught: dict[str | None, list[str]] = {}
    for key, node in scope.nodes.items():
        if node.attached_to in forward:
            forward[node.attached_to].append(key)
        if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK:
            caught.setdefault(node.event.link, []).append(key)
    for flow in scope.flows.values():
        if flow.source in forward and flow.target in forward:
            forward[flow.source].append(flow.target)
    for key, node in scope.nodes.items():
        if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
            forward[key] += caught.get(node.event.link, ())
    return forward


def _closure(roots: list[str], edges: Mapping[str, list[str]]) -> set[str]:
    reached, todo = set(roots), list(roots)
    while todo:
        for target in edges[todo.pop()]:
            if target not in reached:
                reached.add(target)
                todo.append(target)
    return reached
