"""Data objects and data associations move data as the standard says (BPMN 2.0 §10.4), or the diagram is refused."""

from __future__ import annotations

import pytest

from engine.bpmn.check import check
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
from tests.support.parts import ENDS, MESSAGE, NAMES, event, subprocess_of

OBJECT = '<dataObject id="obj"/><dataObjectReference id="ref" name="stance" dataObjectRef="obj"/>'
OBJECT += '<dataObjectReference id="again" name="stance [decided]" dataObjectRef="obj"><dataState name="decided"/></dataObjectReference>'


def reading(source: str = "ref", more: str = "") -> str:
    """What makes an activity read a data object as `seen`."""
    ends = f"<sourceRef>{source}</sourceRef><targetRef>in_1</targetRef>"
    own = '<ioSpecification><dataInput id="in_1" name="seen"/></ioSpecification>'
    return f"{own}<dataInputAssociation>{ends}{more}</dataInputAssociation>"


def writing(target: str = "ref", more: str = "") -> str:
    """What makes an activity write its output `said` to a data object."""
    ends = f"<sourceRef>out_1</sourceRef><targetRef>{target}</targetRef>"
    own = '<ioSpecification><dataOutput id="out_1" name="said"/></ioSpecification>'
    return f"{own}<dataOutputAssociation>{ends}{more}</dataOutputAssociation>"


def rules(data: bytes) -> set[str]:
    return {finding.rule for finding in check(data) if finding.severity == "error"}


def test_one_task_writes_a_data_object_and_the_next_reads_it_whatever_its_state() -> None:
    body = ENDS + OBJECT + task("say", inner=writing()) + task("look", inner=reading("again"))
    data = bpmn(body, "start > say > look > end")
    assert rules(data) == set()
    case = Case(data).complete("say", said="support", gossip=1)
    assert (case["stance"], case["gossip"]) == ("support", None)
    assert case.wait("look").locals == {"seen": "support"}


def test_transformations_and_assignments_are_feel() -> None:
    upper = "<transformation>upper case(said)</transformation>"
    assigned = "<assignment><from>count(seen_by) + 1</from><to>in_1</to></assignment>"
    body = ENDS + OBJECT + task("say", inner=writing(more=upper)) + task("look", inner=reading(more=assigned))
    data = bpmn(body, "start > say > look > end")
    assert rules(data) == set()
    case = Case(data, seen_by=["a"]).complete("say", said="support")
    assert case["stance"] == "SUPPORT"
    assert case.wait("look").locals == {"seen": 2}


def test_a_data_object_of_a_subprocess_is_its_own() -> None:
    inner = subprocess_of("sub", OBJECT + task("say", inner=writing()) + task("then") + "[[begin > say > then]]")
    case = Case(bpmn(ENDS + inner + task("after"), "start > sub > after > end"), stance="outer")
    case.complete("say", said="inner")
    assert case.run.variables(case.wait("then").key)["stance"] == "inner"
    assert case.complete("then")["stance"] == "outer"


def test_a_multi_instance_activity_loops_over_its_data_input() -> None:
    own = '<ioSpecification><dataInput id="in_1" name="all"/><dataOutput id="out_1" name="answers"/></ioSpecification>'
    own += "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>in_1</targetRef></dataInputAssociation>"
    own += "<dataOutputAssociation><sourceRef>out_1</sourceRef><targetRef>got</targetRef></dataOutputAssociation>"
    own += "<multiInstanceLoopCharacteristics><loopDataInputRef>in_1</loopDataInputRef>"
    own += '<loopDataOutputRef>out_1</loopDataOutputRef><inputDataItem id="i" name="who"/>'
    own += '<outputDataItem id="o" name="answer"/></multiInstanceLoopCharacteristics>'
    body = ENDS + OBJECT.replace("stance", "consultees") + '<dataObject id="got" name="got"/>' + task("ask", inner=own)
    data = bpmn(body, "start > ask > end")
    assert rules(data) == set()
    case = Case(data, consultees=["a", "b"])
    assert [wait.locals["who"] for wait in case.snapshot.waiting] == ["a", "b"]
    case.complete("ask", answer=1).complete("ask", answer=2)
    assert case["got"] == [1, 2]


def test_an_event_gives_its_payload_to_a_data_object() -> None:
    catching = event("hear", "intermediateCatchEvent", MESSAGE)
    given = '<dataOutput id="out_1" name="said"/><dataOutputAssociation><sourceRef>out_1</sourceRef>'
    given += "<targetRef>ref</targetRef></dataOutputAssociation>"
    catching = catching.replace(MESSAGE, given + MESSAGE)
    data = bpmn(ENDS + OBJECT + catching + task("then"), "start > hear > then > end", declared=NAMES)
    assert rules(data) == set()
    assert Case(data).trigger("hear", said="yes", more=1)["stance"] == "yes"


def test_an_arrow_to_a_data_object_without_source_is_only_a_drawing() -> None:
    drawn = "<dataOutputAssociation><targetRef>ref</targetRef></dataOutputAssociation>"
    drawn += '<property id="place" name="__targetRef_placeholder"/><dataInputAssociation><sourceRef>ref</sourceRef>'
    drawn += "<targetRef>place</targetRef></dataInputAssociation>"
    data = bpmn(ENDS + OBJECT + task("a", inner=drawn), "start > a > end")
    assert [(found.rule, found.severity) for found in check(data) if found.rule == "data-drawing"] == [
        ("data-drawing", "advice")
    ]
    assert Case(data).complete("a", view=1)["view"] == 1


STORE = '<dataStore id="store" name="archive"/>'


@pytest.mark.parametrize(("inner", "rule"), [
    (reading("nowhere"), "data-association"),
    (writing("nowhere"), "data-association"),
    (writing("archive"), "data-store"),
    (reading("ref</sourceRef><sourceRef>other"), "data-association"),
    (reading("odd"), "data-name"),
    (reading(more="<assignment><from>1</from><to>a - b</to></assignment>"), "data-name"),
    (reading(more="<transformation>1 +</transformation>"), "expression"),
])  # fmt: skip
def test_what_cannot_move_is_refused(inner: str, rule: str) -> None:
    more = '<dataObject id="other" name="other"/><dataObject id="odd" name="Letter (draft)"/>'
    more += '<dataStoreReference id="archive" dataStoreRef="store"/>'
    data = bpmn(ENDS + OBJECT + more + task("a", inner=inner), "start > a > end", declared=STORE)
    assert rule in rules(data)
