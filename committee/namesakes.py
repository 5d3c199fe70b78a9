"""What people call the elements of a diagram where several have one name: by the steps that lead to them."""

from __future__ import annotations

from collections import Counter

from engine.bpmn.model import Process

MOST_STEPS_BEFORE = 8


def named_steps(process: Process) -> list[tuple[str, str]]:
    """The id of every element that has a name, and what to call it; those of one name stand together.

    A name that several have is told with the nearest step before that tells them apart.
    """
    nodes = {node.id: node for node in process.scope.walk()}
    before = {node.id: node.attached_to for node in nodes.values() if node.attached_to is not None}
    for scope in (process.scope, *(node.scope for node in nodes.values() if node.scope is not None)):
        before |= {flow.target: flow.source for flow in scope.flows.values()}
    ways = {node.id: [node.id] for node in nodes.values() if node.name}

    def told(way: list[str]) -> str:
        names = [nodes[each].name for each in way if nodes[each].name]
        return " → ".join((names[0], "…", names[-1]) if len(names) > 2 else names)

    for _step in range(MOST_STEPS_BEFORE):
        times = Counter(map(told, ways.values()))
        for way in ways.values():
            if times[told(way)] > 1 and way[0] in before and before[way[0]] not in way:
                way.insert(0, before[way[0]])
    found = ((nodes[key].name.casefold(), told(way), key) for key, way in ways.items())
    return [(key, called) for _name, called, key in sorted(found)]
