"""What differs between two versions is said in words, in an order that is always the same."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.model import Node
from engine.bpmn.read import read
from engine.versions import words
from engine.versions.diff import diff
from tests.support.diagrams import bpmn

PROCESSES = Path(__file__).parents[2] / "processes"
LANES = (
    '<laneSet id="ls"><lane id="l1" name="Chef"><extensionElements><handslag:performer role="{role}"/></extensionElements>'
    '<flowNodeRef>a</flowNodeRef></lane><lane id="l2" name="Stab"><flowNodeRef>{moved}</flowNodeRef></lane></laneSet>'
)
ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def said(before: bytes, after: bytes, kind: str = "process") -> list[str]:
    return [change.sentence for change in diff(kind, before, after)]


def test_the_same_file_has_no_differences() -> None:
    assert said(bpmn(ENDS, "s > e"), bpmn(ENDS, "s > e")) == []


def test_a_step_that_is_inserted_is_told_with_its_place_and_the_flows_that_changed() -> None:
    asks = '<userTask id="a" name="Fråga"/><userTask id="b" name="Svara"/>'
    before = bpmn(ENDS + asks, "s > a > b > e")
    after = bpmn(ENDS + asks + '<userTask id="j" name="Bedöm"/>', "s > a > b > e").replace(
        b'id="f1_a_b" sourceRef="a" targetRef="b">',
        b'id="f1_a_b" sourceRef="a" targetRef="j"></sequenceFlow><sequenceFlow id="new" sourceRef="j" targetRef="b">',
    )
    assert said(before, after) == [
        "'Bedöm' is new: a user task after 'Fråga' and before 'Svara'.",
        "The flow from 'Fråga' to 'Bedöm' led from 'Fråga' to 'Svara'.",
        "The flow from 'Bedöm' to 'Svara' is new.",
    ]
    assert said(after, before) == [
        "'Bedöm', a user task, is removed.",
        "The flow from 'Fråga' to 'Svara' led from 'Fråga' to 'Bedöm'.",
        "The flow from 'Bedöm' to 'Svara' is removed.",
    ]


def _task(inner: str = "", kind: str = "userTask", name: str = "Fråga", flows: str = "s > a > e") -> bytes:
    return bpmn(f'{ENDS}<{kind} id="a" name="{name}">{inner}</{kind}>', flows)


def _says(element: str) -> bytes:
    return _task(f"<extensionElements>{element}</extensionElements>")


def _timer(text: str) -> bytes:
    timer = f'<timerEventDefinition id="t"><timeDuration>{text}</timeDuration></timerEventDefinition>'
    return bpmn(f'{ENDS}<intermediateCatchEvent id="w" name="Vänta">{timer}</intermediateCatchEvent>', "s > w > e")


def _lanes(role: str, moved: str = "b") -> bytes:
    drawn = bpmn(ENDS + '<userTask id="a" name="A"/><userTask id="b" name="B"/>', "s > a > b > e")
    lanes = LANES.format(role=role, moved=moved)
    return drawn.replace(b'<startEvent id="s"/>', lanes.encode() + b'<startEvent id="s"/>')


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (_task(), _task(name="Svara"), ["'Fråga' is now called 'Svara'."]),
        (_task(), _task(kind="manualTask"), ["'Fråga' is now a manual task, was a user task."]),
        (
            _says('<handslag:performer role="head"/>'),
            _says('<handslag:performer role="chair" body="run_au"/>'),
            ["'Fråga' is now done by chair of run_au, was by head."],
        ),
        (_task(), _says('<handslag:form ref="f"/>'), ["'Fråga' now has the form: f."]),
        (_says('<handslag:operation name="o"/>'), _task(), ["'Fråga' no longer has the operation; it was o."]),
        (
            _says('<handslag:due date="=x"/>'),
            _says('<handslag:due date="=y"/>'),
            ["'Fråga': the due date is now =y, was =x."],
        ),
        (
            _says('<handslag:output name="o" value="=1"/>'),
            _says('<handslag:output name="o" value="=2"/>'),
            ["'Fråga': the output 'o' is now =2, was =1."],
        ),
        (
            _timer("P1D"),
            _timer("P2D"),
            ["'Vänta': the event is now the timer P2D (duration), was the timer P1D (duration)."],
        ),
        (
            _task(),
            _task("<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"),
            ["'Fråga' now has the repetition: parallel, 2 times."],
        ),
        (
            _task(),
            _task(flows="s > a; a > e : x = 1"),
            ["The flow from 'Fråga' to 'e' is now taken when x = 1, was when (always)."],
        ),
        (_lanes("head"), _lanes("chair"), ["'Chef': who does the work in the lane (1 elements) is now chair, was head."]),
        (_lanes("head"), _lanes("head", "a"), [
            "'A' has moved from the lane 'Chef' to the lane 'Stab'.",
            "'A' is now done by anybody, was by head.",
            "'B' has moved from the lane 'Stab' to the lane '-'.",
        ]),
        (_task(), _task() + b"<!-- a note -->", [
            "The files differ only in what has no effect: notes, spaces, or the order in which things are written."
        ]),
    ],
)  # fmt: skip
def test_each_kind_of_change_has_its_sentence(before: bytes, after: bytes, sentences: list[str]) -> None:
    assert said(before, after) == sentences


def test_the_way_that_is_taken_else_is_told_by_the_name_of_where_it_leads() -> None:
    ends = '<endEvent id="e1" name="Klart"/><endEvent id="e2" name="Avslutat"/>'
    drawn = f'<startEvent id="s"/>{ends}<exclusiveGateway id="g" name="Vidare?"/>'
    before, after = bpmn(drawn, "s > g; g > e1 *; g > e2"), bpmn(drawn, "s > g; g > e1; g > e2 *")
    assert said(before, after) == ["'Vidare?': the way that is taken else is now Avslutat, was Klart."]


def test_every_field_of_a_node_is_compared() -> None:
    """A field that the model gets must be compared, or be named as one that is compared elsewhere."""
    compared = {name for aspect in words.ASPECTS for name in aspect.fields}
    assert compared | words.ELSEWHERE == {field.name for field in fields(Node)}


def test_a_diagram_that_is_only_drawn_otherwise_is_said_to_be_so() -> None:
    data = (PROCESSES / "samrad_handshake.bpmn").read_bytes()
    moved = data.replace(b'<dc:Bounds x="', b'<dc:Bounds x="1', 1)
    assert moved != data
    (change,) = diff("process", data, moved)
    assert (change.subject, change.aspect) == ("drawing", "layout")


@pytest.mark.parametrize("path", sorted(PROCESSES.glob("*.bpmn")), ids=lambda path: path.stem)
def test_what_stands_inside_a_subprocess_is_in_its_lane_also_where_a_tool_names_only_the_subprocess(path: Path) -> None:
    before = path.read_bytes()
    inside = {n.id for p in read(before).processes.values() for h in p.scope.walk() if h.scope for n in h.scope.walk()}
    drawn = etree.fromstring(before)
    for ref in list(drawn.iter("{*}flowNodeRef")):
        if ref.text in inside and (lane := ref.getparent()) is not None:
            lane.remove(ref)
    after = etree.tostring(drawn)
    assert [change for change in diff("process", before, after) if change.subject != "file"] == []
    assert _places(after) == _places(before)


def _places(data: bytes) -> dict[str, tuple[str | None, str | None]]:
    every = (node for process in read(data).processes.values() for node in process.scope.walk())
    return {node.id: (node.lane, words.performer(node.performer)) for node in every}


def test_rules_of_a_decision_table_are_told_by_number_and_column() -> None:
    data = (PROCESSES / "referral_triage.dmn").read_bytes()
    first = data.index(b"<rule ")
    end = data.index(b"</rule>", first) + len(b"</rule>")
    shorter = data[:first] + data[end:]
    (gone,) = diff("decisions", data, shorter)
    assert (gone.subject, gone.kind) == ("rule", "removed")
    assert gone.sentence.startswith("Rule 1 of 'referral_triage' is removed: ")
    other = data.replace(b'hitPolicy="UNIQUE"', b'hitPolicy="FIRST"').replace(b'hitPolicy="FIRST"', b'hitPolicy="ANY"')
    assert [change.aspect for change in diff("decisions", data, other)] == ["hit_policy"]
    cell = data[: data.index(b"<text>", first) + 6] + b"not(1), " + data[data.index(b"<text>", first) + 6 :]
    (changed,) = diff("decisions", data, cell)
    assert (changed.subject, changed.kind) == ("rule", "changed")
    assert (changed.new or "").startswith("not(1), ")


def _form(*fields_: dict[str, object], text: str = "") -> bytes:
    return json.dumps({"components": [{"type": "text", "text": text}, *fields_]}).encode()


def test_fields_of_a_form_are_told_by_label() -> None:
    name: dict[str, object] = {"type": "textfield", "key": "name", "label": "Namn"}
    day: dict[str, object] = {"type": "datetime", "key": "day", "label": "Dag"}
    assert said(_form(name), _form(name | {"validate": {"required": True}}, day), "form") == [
        "'Namn' now has the rule 'required': true.",
        "The field 'Dag' is new.",
    ]
    assert said(_form(name, day), _form(name), "form") == ["The field 'Dag' is removed."]
    assert said(_form(name), _form(name, text="!"), "form") == [
        "The fields are the same; the form only looks otherwise."
    ]
