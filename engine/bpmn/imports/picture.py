"""A picture for a diagram that has none, as other tools and people who write by hand leave it out.

Every step stands one column to the right of the nearest step before it, in its own lane. It is a beginning: whoever
goes on with the diagram moves what should stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.bpmn.model import NAMESPACE
from engine.bpmn.xml import DiagramUnreadable, parse, text_of

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_OPEN = (
    f'<bpmndi:BPMNDiagram xmlns:bpmndi="{_DI}" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="picture">'
)
GAP_X, GAP_Y, MARGIN, HEAD = 60, 40, 30, 30
"""Between steps, around them in what holds them, and of the band with the name of a pool or lane; in pixels."""
_SCOPES = ("subProcess", "adHocSubProcess", "transaction")

Xml = etree._Element


@dataclass(slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class _Picture:
    boxes: dict[str, _Box] = field(default_factory=dict)
    flat: set[str] = field(default_factory=set)
    """Pools and lanes, which lie."""
    open: set[str] = field(default_factory=set)
    """Subprocesses, which are drawn with what is in them."""
    flows: list[Xml] = field(default_factory=list)

    def move(self, ids: Sequence[str], x: float, y: float) -> None:
        for key in ids:
            self.boxes[key].x += x
            self.boxes[key].y += y


def drawn(data: bytes) -> bytes:
    """The same file with a picture, where it has none. Raises DiagramUnreadable."""
    root = parse(data)
    if next(root.iter(f"{{{_DI}}}BPMNDiagram"), None) is not None or (end := data.rfind(b"</")) < 0:
        return data
    plane, picture = _laid_out(root)
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    made = data[:end] + _written(plane, picture).encode(encoding, "xmlcharrefreplace") + data[end:]
    is_there = bool(plane) and next(_shown(made), None) is not None  # not in a comment behind the end
    return made if is_there else data


def _shown(data: bytes) -> Iterator[Xml]:
    try:
        yield from parse(data).iter(f"{{{_DI}}}BPMNDiagram")
    except DiagramUnreadable:
        return


def _laid_out(root: Xml) -> tuple[str, _Picture]:
    picture, processes = _Picture(), {each.get("id", ""): each for each in _children(root, "process")}
    collaboration = next(_children(root, "collaboration"), None)
    if collaboration is None:
        key, process = next(iter(processes.items()), ("", None))
        if process is not None:
            _place(picture, process, [[]])
        return key, picture
    y = 0.0
    for participant in _children(collaboration, "participant"):
        process = processes.get((participant.get("processRef") or "").rpartition(":")[2])
        y = _pool(picture, participant, process, y) + GAP_Y
    picture.flows += [each for each in _children(collaboration, "messageFlow") if _ends(each) <= picture.boxes.keys()]
    return collaboration.get("id", ""), picture


def _pool(picture: _Picture, participant: Xml, process: Xml | None, y: float) -> float:
    """One pool under the last, with its lanes; where it ends."""
    key = participant.get("id", "")
    picture.flat.add(key)
    if process is None:
        picture.boxes[key] = _Box(0, y, 600, 60)
        return y + 60
    known = set(picture.boxes)
    lanes = [
        each for each in process.iter(f"{{{NAMESPACE}}}lane") if next(_children(each, "childLaneSet"), None) is None
    ]
    members = [[text_of(ref) for ref in _children(lane, "flowNodeRef")] for lane in lanes]
    width, heights = _place(picture, process, members or [[]])
    picture.move([each for each in picture.boxes if each not in known], HEAD * 2, y)
    picture.boxes[key] = _Box(0, y, width + HEAD * 2, sum(heights))
    top = y
    for lane, height in zip(lanes, heights, strict=False):
        picture.flat.add(lane.get("id", ""))
        picture.boxes[lane.get("id", "")] = _Box(HEAD, top, width + HEAD, height)
        top += height
    return y + sum(heights)


def _place(picture: _Picture, scope: Xml, lanes: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """Lay out the steps of a process or subprocess from (0, 0) on; its width, and the height of each lane."""
    nodes = {each.get("id", ""): each for each in scope if _is_node(each)}
    flows = [each for each in _children(scope, "sequenceFlow") if _ends(each) <= nodes.keys()]
    edges = {each for each, node in nodes.items() if node.get("attachedToRef") in nodes}
    sizes = {each: _size(picture, nodes[each]) for each in nodes}
    columns = _columns(nodes, flows, edges)
    of_lane = {key: number for number, members in enumerate(lanes) for key in members}
    x, heights = float(MARGIN), [0.0] * len(lanes)
    for column in range(max(columns.values(), default=-1) + 1):
        here = [each for each in nodes if each not in edges and columns[each] == column]
        tops = [float(MARGIN)] * len(lanes)
        for key in here:
            lane = of_lane.get(key, 0)
            picture.boxes[key] = _Box(x, tops[lane], *sizes[key])
            tops[lane] += sizes[key][1] + GAP_Y
        heights = [max(old, top - GAP_Y + MARGIN) for old, top in zip(heights, tops, strict=True)]
        x += max((sizes[each][0] for each in here), default=0) + GAP_X
    heights = [max(each, 120.0) for each in heights]
    for key, node in nodes.items():
        if key not in edges:
            inside = [key, *_within(node, picture)]
            box = picture.boxes[key]
            picture.move(inside[1:], box.x, box.y)
            picture.move(inside, 0, sum(heights[: of_lane.get(key, 0)]))
    at_host: dict[str, int] = {}
    for key in (each for each in nodes if each in edges):
        name = nodes[key].get("attachedToRef", "")
        host, number = picture.boxes[name], at_host.get(name, 0)
        at_host[name] = number + 1
        picture.boxes[key] = _Box(host.x + 10 + 40 * number, host.y + host.height - 18, 36, 36)
    picture.flows += flows
    return x, heights


def _columns(nodes: dict[str, Xml], flows: Sequence[Xml], edges: set[str]) -> dict[str, int]:
    """How many steps it takes to come to each node; an event at the edge of a step stands where the step does."""
    after: dict[str, list[str]] = {key: [] for key in nodes}
    for flow in flows:
        after[flow.get("sourceRef", "")].append(flow.get("targetRef", ""))
    for key in edges:
        after[nodes[key].get("attachedToRef", "")] += [key, *after[key]]
    led_to = {target for targets in after.values() for target in targets}
    columns: dict[str, int] = {}
    for begin in [*(key for key in nodes if key not in led_to), *nodes]:
        front = [] if begin in columns else [begin]
        columns.setdefault(begin, 0)
        while front:
            key = front.pop(0)
            for target in after[key]:
                if target not in columns:
                    columns[target] = columns[key] + (target not in edges)
                    front.append(target)
    return columns


def _size(picture: _Picture, node: Xml) -> tuple[float, float]:
    kind = etree.QName(node).localname
    if kind in _SCOPES:
        picture.open.add(node.get("id", ""))
        width, heights = _place(picture, node, [[]])
        return max(width, 100), heights[0]
    return (36, 36) if kind.endswith("Event") else (50, 50) if kind.endswith("Gateway") else (100, 80)


def _within(node: Xml, picture: _Picture) -> list[str]:
    return [key for each in node.iterdescendants() if (key := each.get("id", "")) in picture.boxes]


def _written(plane: str, picture: _Picture) -> str:
    parts = [_OPEN, f'<bpmndi:BPMNPlane id="picture_plane" bpmnElement={quoteattr(plane)}>']
    for number, (key, box) in enumerate(sorted(picture.boxes.items(), key=lambda each: each[0] not in picture.flat)):
        more = ' isHorizontal="true"' if key in picture.flat else ' isExpanded="true"' if key in picture.open else ""
        bounds = f'<dc:Bounds x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"/>'
        parts.append(
            f'<bpmndi:BPMNShape id="picture_{number}" bpmnElement={quoteattr(key)}{more}>{bounds}</bpmndi:BPMNShape>'
        )
    for number, flow in enumerate(picture.flows):
        parts.append(f'<bpmndi:BPMNEdge id="picture_flow_{number}" bpmnElement={quoteattr(flow.get("id", ""))}>')
        parts += [f'<di:waypoint x="{x:g}" y="{y:g}"/>' for x, y in _way(flow, picture)]
        parts.append("</bpmndi:BPMNEdge>")
    return "".join([*parts, "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n"])


def _way(flow: Xml, picture: _Picture) -> Iterator[tuple[float, float]]:
    """From the right side to the left; backwards, and between pools, from the lower side to the upper."""
    one, other = (picture.boxes[flow.get(end, "")] for end in ("sourceRef", "targetRef"))
    if one.x + one.width < other.x and etree.QName(flow).localname == "sequenceFlow":
        middle = (one.x + one.width + other.x) / 2
        yield one.x + one.width, one.y + one.height / 2
        yield middle, one.y + one.height / 2
        yield middle, other.y + other.height / 2
        yield other.x, other.y + other.height / 2
    else:
        below = max(one.y + one.height, other.y + other.height) + GAP_Y / 2
        yield one.x + one.width / 2, one.y + one.height
        yield one.x + one.width / 2, below
        yield other.x + other.width / 2, below
        yield other.x + other.width / 2, other.y + other.height


def _children(element: Xml, name: str) -> Iterator[Xml]:
    return element.iterchildren(f"{{{NAMESPACE}}}{name}")


def _is_node(element: Xml) -> bool:
    kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
    is_known = kind in (*_SCOPES, "task", "callActivity") or kind.endswith(("Task", "Event", "Gateway"))
    return is_known and etree.QName(element).namespace == NAMESPACE and bool(element.get("id"))


def _ends(flow: Xml) -> set[str]:
    return {flow.get("sourceRef", ""), flow.get("targetRef", "")} if flow.get("id") else {""}
