"""The processes that are delivered: complete, without findings, and drawn so that a person can read them."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

import committee.operations  # noqa: F401 - registers the operations that the diagrams name
from engine import forms
from engine.bpmn.check import CheckContext, check
from engine.bpmn.model import EventType, Node, NodeType, Process
from engine.bpmn.read import read
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations

PROCESSES = Path(__file__).parents[2] / "processes"
DIAGRAMS = sorted(PROCESSES.glob("*.bpmn"))
FORMS = frozenset(path.stem for path in PROCESSES.glob("forms/*.form"))
DECISIONS = frozenset(path.stem for path in PROCESSES.glob("*.dmn"))
BODIES = frozenset({"run", "run_au", "samrad", "pkd", "pkd_au", "rs", "rf", "stab"})
MESSAGES: dict[str, set[tuple[str, ...]]] = {
    "ReferralReceived": {()},
    "CaseWithdrawn": {("case_id",)},
    "MeetingMoved": {("case_id",), ("meeting_id",)},
    "MeetingCancelled": {("meeting_id",)},
    "MeetingSummoned": {("meeting_id",)},
    "MinutesAdjusted": {("meeting_id",)},
    "ReplyByChanged": {("case_id",)},
    "ExtensionGranted": {("case_id",)},
    "ExtensionRefused": {("case_id",)},
    "StatementLate": {("case_id",)},
    "ConsultationProlonged": {("case_id",)},
    "Summoned": {("agenda_item_id",)},
    "ItemRemoved": {("agenda_item_id",)},
    "OutcomeRecorded": {("agenda_item_id",)},
    "ParagraphAdjusted": {("agenda_item_id",)},
    "NoticePosted": {("agenda_item_id",), ("meeting_id",)},
    "AppealReceived": {("agenda_item_id",)},
    "SamradOutcomeRecorded": {("agenda_item_id",)},
    "ConsulteeAnswered": {("consultee_id",)},
    "ConsulteeExtensionAsked": {("consultee_id",)},
    "ConsultationStopped": {("referral_id",)},
}
"""What the domain publishes, and the sets of keys by which it does (a message reaches one waiting instance)."""
_DI = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
TASTE = {"unset-name", "fake-join", "no-gateway-join-fork", "label-required"}
"""Advice that these diagrams do not take: callers set names, and ways that meet at a task need no gateway of their own."""
Box = tuple[float, float, float, float]

each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def test_all_processes_of_the_referral_and_the_strategy_are_there() -> None:
    assert {path.stem for path in DIAGRAMS} == {
        "committee_decision", "external_referral", "internal_strategy", "meeting_cycle", "municipal_consultation",
        "samrad_handshake",
    }  # fmt: skip


@each_diagram
def test_a_diagram_has_no_finding_but_on_names_that_come_from_outside(path: Path) -> None:
    context = CheckContext(
        bodies=BODIES, forms=FORMS, decisions=DECISIONS, processes=frozenset(other.stem for other in DIAGRAMS)
    )
    findings = [finding for finding in check(path.read_bytes(), context) if finding.rule not in TASTE]
    assert [f"{finding.element_id}: {finding.sentence}" for finding in findings] == []


@each_diagram
def test_every_operation_and_function_that_a_diagram_names_is_there(path: Path) -> None:
    context = CheckContext(
        operations=frozenset(operations()), functions=frozenset(bound_functions(FunctionContext(None, None, None)))
    )
    assert [
        finding.sentence for finding in check(path.read_bytes(), context) if finding.rule.startswith("unknown-")
    ] == []


def test_no_two_operations_are_called_the_same_where_one_is_chosen() -> None:
    found = list(operations().values())
    for labels in ([each.label_sv for each in found], [each.label_en for each in found]):
        assert len(labels) == len(set(labels)) == len(found)


@each_diagram
def test_every_message_is_one_of_the_domain_with_its_keys(path: Path) -> None:
    process = process_of(path)
    for node in process.scope.walk():
        if node.event.type is EventType.MESSAGE:
            keys = tuple(item.name for item in node.correlation)
            assert keys in MESSAGES[node.event.ref or ""], (node.id, node.event.ref, keys)


@each_diagram
def test_every_task_has_a_label_a_performer_and_a_form_of_its_own_language(path: Path) -> None:
    for node in process_of(path).scope.walk():
        if node.type is NodeType.USER_TASK:
            assert node.name, node.id
            assert node.performer is not None, node.id
            assert node.form in FORMS, node.id
            assert node.due, node.id
        if node.type is NodeType.START_EVENT and node.form:
            assert node.form in FORMS, node.id


@each_diagram
def test_what_a_call_activity_gives_and_takes_is_named(path: Path) -> None:
    for node in process_of(path).scope.walk():
        if node.type is NodeType.CALL_ACTIVITY:
            assert node.inputs and node.outputs, node.id
            assert node.binding == "deployment", node.id
            called = process_of(PROCESSES / f"{node.called_element}.bpmn")
            assert {item.name for item in node.inputs} >= performers_need(called), node.id


@pytest.mark.parametrize("path", sorted(PROCESSES.glob("forms/*.form")), ids=lambda path: path.stem)
def test_every_form_can_be_read_is_used_and_limits_its_texts(path: Path) -> None:
    assert forms.check(path.read_bytes()) == []
    for field in forms.read(path.read_bytes()).fields.values():
        assert field.label, field.key
        if field.type in ("textfield", "textarea"):
            assert field.validate.get("maxLength"), field.key
    used = {node.form for diagram in DIAGRAMS for node in process_of(diagram).scope.walk()}
    assert path.stem in used


@each_diagram
def test_every_element_is_drawn(path: Path) -> None:
    shapes, edges, _ = drawing(path)
    for process in read(path.read_bytes()).processes.values():
        assert {node.id for node in process.scope.walk()} <= set(shapes)
        flows = {key for scope in scopes(process) for key in scope.flows}
        assert flows <= set(edges)


@each_diagram
def test_no_two_shapes_of_one_level_overlap_and_each_stands_in_its_scope(path: Path) -> None:
    shapes, _, _ = drawing(path)
    process = process_of(path)
    pool = next(box for key, box in shapes.items() if key.startswith("Pool_"))
    for scope in scopes(process):
        drawn = [node for node in scope.nodes.values() if node.type is not NodeType.BOUNDARY_EVENT]
        for one, other in combinations(drawn, 2):
            assert not overlap(shapes[one.id], shapes[other.id]), (one.id, other.id)
    for node in process.scope.walk():
        assert contains(pool, shapes[node.id]), node.id
        for inner in node.scope.nodes.values() if node.scope else ():
            assert contains(shapes[node.id], shapes[inner.id]), inner.id


@each_diagram
def test_flows_run_at_right_angles_from_edge_to_edge_and_labels_stay_in_the_pool(path: Path) -> None:
    shapes, edges, labels = drawing(path)
    pool = next(box for key, box in shapes.items() if key.startswith("Pool_"))
    for key, points in edges.items():
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, key
    for scope in scopes(process_of(path)):
        for flow in scope.flows.values():
            assert on_edge(shapes[flow.source], edges[flow.id][0]), flow.id
            assert on_edge(shapes[flow.target], edges[flow.id][-1]), flow.id
    for key, box in labels.items():
        assert contains(pool, box), key


def process_of(path: Path) -> Process:
    """The only process of a file; it is named as the file is."""
    return read(path.read_bytes()).processes[path.stem]


def scopes(process: Process):  # type: ignore[no-untyped-def]
    """The process's scope and those of its subprocesses."""
    yield process.scope
    yield from (node.scope for node in process.scope.walk() if node.scope is not None)


def performers_need(process: Process) -> set[str]:
    """The variables that the performers of a process read from its start; what it finds out itself is not among them."""
    needed = {_variable(node) for node in process.scope.walk() if node.type is NodeType.USER_TASK}
    found_out = {item.name for node in process.scope.walk() for item in node.outputs}
    return {name for name in needed if name} - found_out


def _variable(node: Node) -> str | None:
    body = node.performer.body if node.performer else None
    return body.removeprefix("=") if body and body.startswith("=") else None


def drawing(path: Path) -> tuple[dict[str, Box], dict[str, list[tuple[float, float]]], dict[str, Box]]:
    """Boxes of shapes, points of edges and boxes of labels by the id of the element."""
    root = etree.parse(path).getroot()
    shapes: dict[str, Box] = {}
    edges: dict[str, list[tuple[float, float]]] = {}
    labels: dict[str, Box] = {}
    for element in root.iter(f"{{{_DI['bpmndi']}}}BPMNShape", f"{{{_DI['bpmndi']}}}BPMNEdge"):
        key = element.get("bpmnElement", "")
        if (bounds := element.find("dc:Bounds", _DI)) is not None:
            shapes[key] = _box(bounds)
        else:
            points = element.findall("di:waypoint", _DI)
            edges[key] = [(float(point.get("x", "")), float(point.get("y", ""))) for point in points]
        if (label := element.find("bpmndi:BPMNLabel/dc:Bounds", _DI)) is not None:
            labels[key] = _box(label)
    return shapes, edges, labels


def _box(bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def contains(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def on_edge(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point lies on the border of a box, give or take a pixel."""
    x, y = point
    near_x = min(abs(x - box[0]), abs(x - box[2])) <= 1 and box[1] - 1 <= y <= box[3] + 1
    near_y = min(abs(y - box[1]), abs(y - box[3])) <= 1 and box[0] - 1 <= x <= box[2] + 1
    return near_x or near_y
