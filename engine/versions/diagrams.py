"""What differs between two versions of a process, element by element, in the order of the newer diagram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.bpmn.model import Diagram, Flow, Lane, Node, Process, Scope
from engine.bpmn.read import read
from engine.bpmn.words import article, spaced
from engine.bpmn.xml import parse
from engine.versions import words
from engine.versions.change import ADDED, CHANGED, REMOVED, Change, changed

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_OWN_IDS = ("id", "bpmnElement")


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a process, by id."""

    process: Process
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, Lane]
    holders: Mapping[str, str] = field(default_factory=dict)
    """Node or flow -> the subprocess it stands in; the process itself has the name ''."""

    @classmethod
    def of(cls, process: Process) -> Side:
        """All that a process says, by id."""
        nodes: dict[str, Node] = {}
        flows: dict[str, Flow] = {}
        holders: dict[str, str] = {}

        def take(scope: Scope, holder: str) -> None:
            for node in scope.nodes.values():
                nodes[node.id], holders[node.id] = node, holder
                if node.scope is not None:
                    take(node.scope, node.id)
            for flow in scope.flows.values():
                flows[flow.id], holders[flow.id] = flow, holder

        take(process.scope, "")
        return cls(process, nodes, flows, {lane.id: lane for lane in process.lanes}, holders)

    def named(self, node_id: str) -> str:
        """How people call an element; one that has no name by its id."""
        node = self.nodes.get(node_id)
        return (node.name if node is not None else "") or node_id

    def called(self, node_id: str) -> str:
        """The same within a sentence."""
        return f"'{self.named(node_id)}'"

    def ends(self, flow: Flow) -> str:
        """From where to where a flow leads, by the names of both."""
        return f"{self.named(flow.source)} → {self.named(flow.target)}"

    def way(self, flow: Flow) -> str:
        """How people call a flow."""
        return flow.name or self.ends(flow)

    def lane(self, node: Node) -> str | None:
        """The name of a node's lane."""
        lane = self.lanes.get(node.lane or "")
        return (lane.name or lane.id) if lane is not None else None

    def otherwise(self, node: Node) -> str:
        """Id of the element that a node's default flow leads to; empty where it has none."""
        flow = self.flows.get(node.default or "")
        return flow.target if flow is not None else ""

    def by_lane(self, node: Node) -> bool:
        """Whether a node's performer is its lane's."""
        lane = self.lanes.get(node.lane or "")
        return lane is not None and lane.performer == node.performer


def diagrams(before: bytes, after: bytes, process: str | None = None) -> list[Change]:
    """All that differs between two files, or between the processes of one id in them."""
    old, new = read(before), read(after)
    found: list[Change] = []
    for earlier, later in _pairs(old, new, process):
        if later is None:
            assert earlier is not None
            found.append(_whole(earlier, REMOVED))
        elif earlier is None:
            found.append(_whole(later, ADDED))
        else:
            found += processes(earlier, later)
    return [*found, *_drawings(before, after)]


def processes(earlier: Process, later: Process) -> list[Change]:
    """All that differs between two versions of a process, its drawing left out."""
    old, new = Side.of(earlier), Side.of(later)
    return [*_of_process(earlier, later), *_lanes(old, new), *_typed(old, new), *_flows(old, new)]


def _pairs(old: Diagram, new: Diagram, process: str | None) -> Iterator[tuple[Process | None, Process | None]]:
    if process is None and len(old.processes) == len(new.processes) == 1:
        yield next(iter(old.processes.values())), next(iter(new.processes.values()))
        return
    for key in [process] if process is not None else list(dict.fromkeys([*new.processes, *old.processes])):
        yield old.processes.get(key), new.processes.get(key)


def _whole(process: Process, kind: str) -> Change:
    verb = "is new" if kind == ADDED else "is removed"
    return Change("process", process.id, process.name, kind, f"The process '{process.name or process.id}' {verb}.")


def _of_process(old: Process, new: Process) -> Iterator[Change]:
    told = (
        ("id", "the id", old.id, new.id),
        ("name", "the name", old.name or None, new.name or None),
        ("version_tag", "the version tag", old.version_tag, new.version_tag),
        ("executable", "whether it is run", str(old.is_executable).lower(), str(new.is_executable).lower()),
        ("data_objects", "its data", _data(old), _data(new)),
        ("documentation", "the documentation", old.documentation or None, new.documentation or None),
    )
    for aspect, noun, was, now in told:
        if was != now:
            yield changed("process", new.id, new.name, aspect, noun, was, now)


def _data(process: Process) -> str | None:
    return ", ".join(process.scope.data_objects) or None


def _lanes(old: Side, new: Side) -> Iterator[Change]:
    for lane in new.lanes.values():
        before = old.lanes.get(lane.id)
        if before is None:
            yield Change("lane", lane.id, lane.name, ADDED, f"The lane '{lane.name or lane.id}' is new.")
            continue
        if before.name != lane.name:
            yield changed("lane", lane.id, lane.name, "name", "the name", before.name or None, lane.name or None)
        was, now = words.performer(before.performer), words.performer(lane.performer)
        if was != now:
            steps = sum(1 for node in new.nodes.values() if node.lane == lane.id and new.by_lane(node))
            noun = f"who does the work in the lane ({steps} elements)"
            yield changed("lane", lane.id, lane.name, "performer", noun, was, now)
    for lane in old.lanes.values():
        if lane.id not in new.lanes:
            yield Change("lane", lane.id, lane.name, REMOVED, f"The lane '{lane.name or lane.id}' is removed.")


def _typed(old: Side, new: Side) -> Iterator[Change]:
    """What differs between elements, with the kind of each."""
    for change in _nodes(old, new):
        node = new.nodes.get(change.id) or old.nodes[change.id]
        yield replace(change, type=node.type.value)


def _nodes(old: Side, new: Side) -> Iterator[Change]:
    for node in new.nodes.values():
        before = old.nodes.get(node.id)
        if before is None:
            yield Change("element", node.id, node.name, ADDED, _added(new, node))
        else:
            yield from _node(old, before, new, node)
    for node in old.nodes.values():
        if node.id not in new.nodes:
            kind = article(spaced(node.type.value))
            yield Change("element", node.id, node.name, REMOVED, f"{old.called(node.id)}, {kind}, is removed.")


def _added(new: Side, node: Node) -> str:
    """That an element is new, and where a reader finds it."""
    if node.attached_to:
        where = f" at {new.called(node.attached_to)}"
    else:
        before = [new.called(new.flows[flow].source) for flow in node.incoming]
        behind = [new.called(new.flows[flow].target) for flow in node.outgoing]
        where = f" after {' and '.join(before)}" if before else ""
        where += f"{' and' if before and behind else ''} before {' and '.join(behind)}" if behind else ""
    holder = f" in {new.called(new.holders[node.id])}" if new.holders[node.id] else ""
    return f"{new.called(node.id)} is new: {article(spaced(node.type.value))}{where}{holder}."


def _node(old: Side, before: Node, new: Side, node: Node) -> Iterator[Change]:
    def told(aspect: str, sentence: str, was: str | None, now: str | None) -> Change:
        return Change("element", node.id, node.name, CHANGED, sentence, aspect, was, now)

    for aspect in words.ASPECTS:
        was, now = aspect.value(before), aspect.value(node)
        if was != now:
            yield changed("element", node.id, node.name, aspect.key, aspect.noun, was, now)
    shown = new.called(node.id)
    if (holder := new.holders[node.id]) != (held := old.holders[node.id]):
        where = f"inside {new.called(holder)}" if holder else "outside all subprocesses"
        yield told("scope", f"{shown} now stands {where}.", old.named(held) or None, new.named(holder) or None)
    lanes = old.lane(before), new.lane(node)
    if lanes[0] != lanes[1] and before.lane != node.lane:
        sentence = f"{shown} has moved from the lane '{lanes[0] or '-'}' to the lane '{lanes[1] or '-'}'."
        yield told("lane", sentence, *lanes)
    yield from _performer(old, before, new, node)
    for kind, of in words.MAPPINGS.items():
        was_given, is_given = ({item.name: words.assigned(item) for item in of(each)} for each in (before, node))
        for name in dict.fromkeys([*is_given, *was_given]):
            values = was_given.get(name), is_given.get(name)
            if values[0] != values[1]:
                yield changed("element", node.id, node.name, kind, f"the {kind} '{name}'", *values)
    was_else, is_else = old.otherwise(before), new.otherwise(node)
    if was_else != is_else:
        ways = old.named(was_else) or None, new.named(is_else) or None
        yield changed("element", node.id, node.name, "default", "the way that is taken else", *ways)


def _performer(old: Side, before: Node, new: Side, node: Node) -> Iterator[Change]:
    """Who does it; where only the lane has another performer, the lane says so."""
    was, now = words.performer(before.performer), words.performer(node.performer)
    if was == now or (before.lane == node.lane and old.by_lane(before) and new.by_lane(node)):
        return
    sentence = f"{new.called(node.id)} is now done by {now or 'anybody'}, was by {was or 'anybody'}."
    yield Change("element", node.id, node.name, CHANGED, sentence, "performer", was, now)


def _flows(old: Side, new: Side) -> Iterator[Change]:
    partners = _partners(old, new)
    for flow in new.flows.values():
        before = old.flows.get(partners.get(flow.id, ""))
        way = f"The flow from {new.called(flow.source)} to {new.called(flow.target)}"
        if before is None:
            when = f", taken when {flow.condition}" if flow.condition else ""
            yield Change("flow", flow.id, new.way(flow), ADDED, f"{way} is new{when}.")
            continue
        if (before.source, before.target) != (flow.source, flow.target):
            sentence = f"{way} led from {old.called(before.source)} to {old.called(before.target)}."
            ends = (old.ends(before), new.ends(flow))
            yield Change("flow", flow.id, new.way(flow), CHANGED, sentence, "ends", *ends)
        if before.condition != flow.condition:
            sentence = (
                f"{way} is now taken when {flow.condition or '(always)'}, was when {before.condition or '(always)'}."
            )
            yield Change(
                "flow", flow.id, new.way(flow), CHANGED, sentence, "condition", before.condition, flow.condition
            )
        if before.name != flow.name:
            yield changed("flow", flow.id, flow.name, "name", "the name", before.name or None, flow.name or None)
    for flow in old.flows.values():
        if flow.id not in partners.values():
            way = f"The flow from {old.called(flow.source)} to {old.called(flow.target)}"
            yield Change("flow", flow.id, old.way(flow), REMOVED, f"{way} is removed.")


def _partners(old: Side, new: Side) -> dict[str, str]:
    """Flow of the newer version -> the same one in the older: by id, else by its ends (some tools give new ids)."""
    found = {key: key for key in new.flows if key in old.flows}
    by_ends = {(flow.source, flow.target): flow.id for flow in old.flows.values() if flow.id not in new.flows}
    for flow in new.flows.values():
        if flow.id not in found and (other := by_ends.pop((flow.source, flow.target), None)) is not None:
            found[flow.id] = other
    return found


def _drawings(before: bytes, after: bytes) -> Iterator[Change]:
    """What stands in both versions and is drawn elsewhere or otherwise."""
    old, new = _drawn(before), _drawn(after)
    for key, how in new.items():
        if key in old and old[key] != how:
            yield Change("drawing", key, "", CHANGED, f"'{key}' is drawn elsewhere or otherwise.", "layout")


def _drawn(data: bytes) -> dict[str, list[tuple[str, tuple[tuple[str, str], ...]]]]:
    """Element -> what its shape or edge says."""
    return {
        str(shape.get("bpmnElement")): [_said(part) for part in shape.iter(etree.Element)]
        for shape in parse(data).iter(f"{{{_DI}}}BPMNShape", f"{{{_DI}}}BPMNEdge")
    }


def _said(part: etree._Element) -> tuple[str, tuple[tuple[str, str], ...]]:
    said = sorted((str(name), str(value)) for name, value in part.attrib.items() if name not in _OWN_IDS)
    return str(part.tag), tuple(said)
