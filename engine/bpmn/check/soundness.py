"""Whether what has begun can always end: the tokens of each scope are moved through with every choice open.

Each token is led on by itself, one at a time. That finds every dead end and spares the many orders in which branches can
go, because what a token may do depends on no other token but at joins (a free-choice net; persistent sets, Godefroid 1996).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations

from engine.bpmn.check.finding import CheckContext, Finding, found, label, scopes
from engine.bpmn.model import Diagram, EventType, Node, NodeType, Process, Scope
from engine.bpmn.reach import reach
from store.sentences import listed

MAX_MARKINGS = 3_000
"""Looked at in one scope. A larger one is not judged."""
MAX_TOKENS = 3
"""On one place. More of them means that a loop makes tokens, which is not judged either."""
MAX_SUBSETS = 6
"""Flows out of an inclusive split of which every combination is tried."""

Marking = tuple[tuple[str, int], ...]
"""How many tokens are on each node, and how many wait on each flow into a parallel join."""
_CHOOSE_ONE = (NodeType.EXCLUSIVE_GATEWAY, NodeType.EVENT_BASED_GATEWAY)
_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY)
_NONE: frozenset[str] = frozenset()
_HAPPENED = "!"
"""Before the id of an event that does not interrupt and has happened: once at each visit of its activity is enough."""


class _TooMany(Exception):
    """The scope is too large to be judged."""


def dead_ends(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """At no join tokens wait for others that can never come."""
    for owner, scope in scopes(process):
        if not _is_judged(owner, scope):
            continue
        try:
            stuck, can_end = _Game(scope).play(_beginnings(scope))
        except _TooMany:
            yield found(owner or process, "end-unknown", "Whether %(element)s can always end is not known.")
            continue
        for key, after in stuck.items():
            join = scope.nodes[key]
            template = "At %(element)s tokens can wait for others that never come."
            if after:
                template = "At %(element)s tokens can wait for others that never come after %(others)s."
            others = listed(label(scope.nodes[each]) for each in after[-3:])
            yield found(join, "dead-end" if can_end else "never-ends", template, others=others)


def joins_that_starve(owner: Node | None, scope: Scope, standing: Mapping[str, int]) -> frozenset[str]:
    """The joins at which everything can stop when so many tokens stand at these nodes and wait on these flows into joins.

    `owner` is the subprocess that has the scope, None for the process. None also where the scope is too large to be judged.
    """
    if not _is_judged(owner, scope):
        return frozenset()
    try:
        stuck, _ = _Game(scope).play([_frozen(Counter(standing))])
    except _TooMany:
        return frozenset()
    return frozenset(stuck)


def _is_judged(owner: Node | None, scope: Scope) -> bool:
    nodes = scope.nodes.values()
    if owner is not None and owner.type is NodeType.AD_HOC_SUB_PROCESS:
        return False
    if any(node.type is NodeType.COMPLEX_GATEWAY for node in nodes):
        return False
    return any(_is_join(node) or node.start_quantity > 1 for node in nodes) or _wait_for_each_other(scope)


def _wait_for_each_other(scope: Scope) -> bool:
    """Whether two inclusive joins may: from each of them a token can come to the other."""
    joins = [node.id for node in scope.nodes.values() if _is_inclusive_join(node)]
    reached = {join: reach(scope, join) for join in joins} if len(joins) > 1 else {}
    return any(one in reached[two] and two in reached[one] for one, two in combinations(reached, 2))


def _is_join(node: Node) -> bool:
    return node.type is NodeType.PARALLEL_GATEWAY and len(node.incoming) > 1


def _is_inclusive_join(node: Node) -> bool:
    return node.type is NodeType.INCLUSIVE_GATEWAY and len(node.incoming) > 1


class _Game:
    """The token game of one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.links: dict[str | None, str] = {}
        self.events: dict[str, list[Node]] = {}
        nodes = scope.nodes.values()
        self.reach = {
            node.id: (reach(scope, node.id), reach(scope, node.id, by_events=False))
            for node in nodes
            if _is_inclusive_join(node)
        }
        for key, node in scope.nodes.items():
            if node.type is NodeType.INTERMEDIATE_CATCH_EVENT and node.event.type is EventType.LINK:
                self.links[node.event.link] = key
            if node.attached_to is not None:
                self.events.setdefault(node.attached_to, []).append(node)

    def play(self, beginnings: Iterable[Marking]) -> tuple[dict[str, tuple[str, ...]], bool]:
        """The joins at which everything can stop, each with the last choices before it; and whether any way ends well."""
        stuck: dict[str, tuple[str, ...]] = {}
        can_end = False
        todo: list[tuple[Marking, tuple[str, ...]]] = [(marking, ()) for marking in beginnings]
        seen = {marking for marking, _ in todo}
        while todo:
            marking, path = todo.pop()
            moves = self._moves(Counter(dict(marking)))
            if moves is None:
                waiting = [at for place, _ in marking if (at := self._at(place)) is not None]
                can_end = can_end or not waiting
                for join in waiting:
                    stuck.setdefault(join, path)
                continue
            moving, after = moves
            new = set(after) - seen
            seen |= new
            if len(seen) > MAX_MARKINGS:
                raise _TooMany
            todo += [(each, (*path, moving) if len(after) > 1 else path) for each in new]
        return stuck, can_end

    def _moves(self, marking: Counter[str]) -> tuple[str, list[Marking]] | None:
        """The node from which a token moves on, and every marking that it can lead to. None when all tokens wait."""
        for key in sorted(marking):
            if (node := self.scope.nodes.get(key)) is not None and marking[key] >= node.start_quantity:
                return key, list(self._from(marking, node))
        return self._inclusive_join(marking)

    def _inclusive_join(self, marking: Counter[str]) -> tuple[str, list[Marking]] | None:
        """An inclusive join opens for those who came when nobody else can come any more."""
        for flow in sorted(marking):
            join = self.scope.nodes[self.scope.flows[flow].target] if flow in self.scope.flows else None
            if join is not None and join.id in self.reach and not self._is_waited_for(marking, join):
                came = marking.copy()
                came.subtract([each for each in join.incoming if marking[each]])
                came[join.id] += 1
                return join.id, [_frozen(came)]
        return None

    def _at(self, place: str) -> str | None:
        """The node that a token stands at or waits before."""
        return (
            self.scope.flows[place].target
            if place in self.scope.flows
            else place
            if place in self.scope.nodes
            else None
        )

    def _is_waited_for(self, marking: Counter[str], join: Node) -> bool:
        """Whether somebody who waits elsewhere could come to the join, as the kernel asks it."""
        by_any, by_flows = self.reach[join.id]
        taken = {flow for flow in join.incoming if marking[flow]}
        others = {self._at(place) for place in +marking} - {join.id, None}
        return any(by_any.get(at, _NONE) - taken and not by_flows.get(at, _NONE) & taken for at in others if at)

    def _from(self, marking: Counter[str], node: Node) -> Iterator[Marking]:
        if node.type is NodeType.END_EVENT and node.event.type is EventType.TERMINATE:
            yield ()
            return
        for flows in _ways(self.scope, node):
            yield self._sent(marking, node, flows * node.completion_quantity)
        for event in self.events.get(node.id, ()):
            if event.interrupting:
                yield self._sent(marking, node, event.outgoing)
            elif not marking[_HAPPENED + event.id]:
                stays = marking + Counter({node.id: node.start_quantity, _HAPPENED + event.id: 1})
                yield self._sent(stays, node, event.outgoing, stays=True)

    def _sent(self, marking: Counter[str], node: Node, flows: tuple[str, ...], *, stays: bool = False) -> Marking:
        after = marking.copy()
        after[node.id] -= node.start_quantity
        for event in () if stays else self.events.get(node.id, ()):
            del after[_HAPPENED + event.id]
        if node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
            after[self.links[node.event.link]] += 1
        for name in flows:
            target = self.scope.nodes[self.scope.flows[name].target]
            waits = target.type in _JOINS and len(target.incoming) > 1
            after[name if waits else target.id] += 1
            while _is_join(target) and all(after[each] for each in target.incoming):
                after.subtract(target.incoming)
                after[target.id] += 1
        return _frozen(after)


def _beginnings(scope: Scope) -> Iterator[Marking]:
    for key, node in scope.nodes.items():
        if node.type is NodeType.START_EVENT or (node.instantiate and not node.incoming):
            yield ((key, 1),)


def _ways(scope: Scope, node: Node) -> Iterator[tuple[str, ...]]:
    """The sets of flows by which a token can leave a node."""
    inclusive = node.type is NodeType.INCLUSIVE_GATEWAY and len(node.outgoing) > 1
    if node.type in _CHOOSE_ONE and node.outgoing and node.event_gateway_type != "Parallel":
        yield from ((flow,) for flow in node.outgoing)
        return
    asked = [flow for flow in node.outgoing if flow != node.default and (inclusive or scope.flows[flow].condition)]
    always = tuple(flow for flow in node.outgoing if flow != node.default and flow not in asked)
    if not asked:
        yield node.outgoing
        return
    if node.default is not None or not inclusive:
        yield (*always, node.default) if node.default is not None else always
    sizes = range(1, len(asked) + 1) if len(asked) <= MAX_SUBSETS else (1, len(asked))
    yield from ((*always, *some) for some in chain.from_iterable(combinations(asked, size) for size in sizes))


def _frozen(marking: Counter[str]) -> Marking:
    kept = +marking
    if max(kept.values(), default=0) > MAX_TOKENS:
        raise _TooMany
    return tuple(sorted(kept.items()))
