"""Random processes without blocks: any tasks, exclusive and parallel gateways in any order, and what tokens do in them.

`Net` is the token game of the standard (BPMN 2.0.2 §13), written over nothing but the flows: a token that has come to a
parallel join waits for one on each of its other flows; everywhere else each token goes on by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.support.diagrams import bpmn

Flow = tuple[str, str]
TASK, CHOICE, ALL = "userTask", "exclusiveGateway", "parallelGateway"
START, END = "start", "end"


@dataclass(frozen=True)
class Graph:
    """Nodes with their kinds, and the flows between them."""

    kinds: Mapping[str, str]
    flows: tuple[Flow, ...]

    def into(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow[1] == node]

    def out_of(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow[0] == node]

    def choices(self) -> dict[str, int]:
        """The exclusive gateways, with how many ways lead out of each."""
        return {node: len(self.out_of(node)) for node, kind in self.kinds.items() if kind == CHOICE}

    def diagram(self) -> bytes:
        """The process as a file; `pick_<gateway>` says which way a gateway takes."""
        elements = "".join(f'<{kind} id="{node}"/>' for node, kind in self.kinds.items())
        drawn = []
        for source, target in self.flows:
            ways = self.out_of(source)
            chosen = self.kinds[source] == CHOICE and len(ways) > 1
            is_last = chosen and ways[-1] == (source, target)
            condition = f" : pick_{source} = {ways.index((source, target))}" if chosen and not is_last else ""
            drawn.append(f"{source} > {target}" + (" *" if is_last else condition))
        return bpmn(elements, "\n".join(drawn))


@dataclass
class Net:
    """Where the tokens are: at tasks, and waiting at joins by the flow they came on."""

    graph: Graph
    picks: dict[str, int]
    at: Counter[str] = field(default_factory=Counter)
    waiting: Counter[Flow] = field(default_factory=Counter)

    def begin(self) -> None:
        self._send(START)

    def complete(self, task: str) -> None:
        self.at[task] -= 1
        self._send(task)

    @property
    def open(self) -> list[str]:
        return sorted(self.at.elements())

    @property
    def is_dead(self) -> bool:
        """Tokens wait at joins for others that nobody can send any more."""
        return not self.open and self.waiting.total() > 0

    def _send(self, node: str) -> None:
        ways = self.graph.out_of(node)
        if self.graph.kinds[node] == CHOICE and len(ways) > 1:
            ways = [ways[min(self.picks[node], len(ways) - 1)]]
        for flow in ways:
            self._come(flow)

    def _come(self, flow: Flow) -> None:
        node = flow[1]
        match self.graph.kinds[node]:
            case "userTask":
                self.at[node] += 1
            case "parallelGateway":
                self.waiting[flow] += 1
                if all(self.waiting[each] for each in self.graph.into(node)):
                    self.waiting.subtract(self.graph.into(node))
                    self._send(node)
            case "exclusiveGateway":
                self._send(node)
            case _:
                return


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> Graph:
    """Every node can be reached and can reach the end; a way back always leads to a task, so that somebody acts in each lap."""
    kinds = draw(st.lists(st.sampled_from([TASK, TASK, CHOICE, ALL]), min_size=1, max_size=most))
    nodes = {f"n{number}": kind for number, kind in enumerate(kinds)}
    order = [START, *nodes, END]
    flows: dict[Flow, None] = {}
    for index, node in enumerate(order[1:], 1):
        flows[order[draw(st.integers(0, index - 1))], node] = None
    for index, node in enumerate(order[:-1]):
        if node == START or not any(source == node for source, _ in flows):
            later = order[index + 1 :]
            flows.setdefault((node, later[draw(st.integers(0, len(later) - 1))]))
    tasks = [node for node, kind in nodes.items() if kind == TASK]
    if tasks:
        for source, target in draw(
            st.lists(st.tuples(st.sampled_from(list(nodes)), st.sampled_from(tasks)), max_size=3)
        ):
            flows.setdefault((source, target))
    kept = {START: "startEvent", **nodes, END: "endEvent"}
    return Graph(kept, tuple(flows))
