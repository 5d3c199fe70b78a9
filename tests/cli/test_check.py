"""`handslag check`: everything that is wrong with files, for people and machines, and an exit code that means something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import main
from cli.output import out
from tests.cli.conftest import Answer
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
Check = Callable[..., Answer]
GOOD = bpmn(ENDS + task("t"), "start > t > end")
BAD = bpmn(ENDS + task("t", "scriptTask", "<script>import os</script>"), "start > t > end")
FIELDS = {"file", "element_id", "name", "line", "severity", "rule", "sentence", "hint"}


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    """`check(name=content)` writes the files and checks them together."""

    def run(*options: str, **files: bytes) -> Answer:
        monkeypatch.setenv("COLUMNS", "250")
        monkeypatch.chdir(tmp_path)
        names = []
        for name, content in files.items():
            names.append(".".join(name.rsplit("_", 1)))
            Path(names[-1]).write_bytes(content)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(("check", *names, *options))
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    return run


def test_advice_alone_is_no_error(check: Check) -> None:
    answer = check("--json", good_bpmn=GOOD)
    assert answer.code == 0
    assert {found["severity"] for found in answer.json} == {"advice"}
    assert "Nobody is named to do 't'." in check(good_bpmn=GOOD).out


def test_an_error_gives_another_exit_code_and_comes_first(check: Check) -> None:
    answer = check("--json", good_bpmn=GOOD, bad_bpmn=BAD)
    assert answer.code == 1
    assert all(found.keys() == FIELDS for found in answer.json)
    first = answer.json[0]
    assert (first["file"], first["element_id"], first["line"], first["rule"]) == ("bad.bpmn", "t", 2, "script")
    severities = [found["severity"] for found in answer.json]
    assert severities == sorted(severities, reverse=True)


def test_the_table_says_where_what_and_what_to_do(check: Check) -> None:
    answer = check(bad_bpmn=BAD)
    assert answer.code == 1
    for part in ("bad.bpmn", "The script task 't' holds a script; diagrams run no code.", "Name an operation,"):
        assert part in answer.out


def test_text_that_looks_like_markup_is_shown_as_it_is(check: Check) -> None:
    answer = check(odd_bpmn=bpmn(ENDS + '<userTask id="t" name="[red]x[/nothing]"/>', "start > t > end"))
    assert "Nobody is named to do '[red]x[/nothing]'." in answer.out


def test_files_that_belong_together_are_checked_together(check: Check) -> None:
    calling = bpmn(ENDS + '<callActivity id="t" calledElement="p"/>', "start > t > end")
    called = bpmn(ENDS, "start > end", process="p")
    answer = check("--json", a_bpmn=calling, b_bpmn=called)
    assert [found["rule"] for found in answer.json if found["severity"] == "error"] == ["process-twice"]


def test_files_of_one_name_in_two_folders_are_both_checked(
    check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / folder / "same.bpmn" for folder in ("one", "two")]
    for path, content in zip(paths, (BAD, GOOD), strict=True):
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main(["check", "--json", *map(str, paths)])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert {found["file"] for found in told} == {str(path) for path in paths}


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"<a", b"{", bytes(range(256)), b"<a/>" * 2])
@pytest.mark.parametrize("ending", ["bpmn", "dmn", "form"])
def test_whatever_a_file_holds_it_gives_findings(check: Check, ending: str, content: bytes) -> None:
    answer = check("--json", **{f"odd_{ending}": content})
    assert answer.code == 1
    assert answer.json[0]["sentence"]
    assert answer.json[0]["hint"]


def test_a_file_of_another_kind_is_refused_in_a_sentence(check: Check) -> None:
    answer = check(plan_xlsx=b"PK")
    assert answer.code not in (0, 1)
    assert "plan.xlsx" in answer.err
    assert "Traceback" not in answer.err


NAMING = bpmn(
    ENDS
    + task("ask", "userTask", '<extensionElements><handslag:form ref="mispelt"/></extensionElements>')
    + task("choose", "businessRuleTask", '<extensionElements><handslag:decision ref="mispelt"/></extensionElements>')
    + '<callActivity id="call" calledElement="mispelt"/>',
    "start > ask > choose > call > end",
    process="naming",
)
FORM, TABLE = (
    path.read_bytes() for path in (PROCESSES / "forms" / "register_referral.form", PROCESSES / "decision_route.dmn")
)


def test_what_diagrams_name_is_looked_for_among_the_files_that_are_given_with_them(check: Check) -> None:
    def missing(**others: bytes) -> set[str]:
        found = check("--json", naming_bpmn=NAMING, **others).json
        return {each["rule"] for each in found if each["severity"] == "error"}

    assert missing() == set(), "it may all be deployed"
    assert missing(other_form=FORM) == {"unknown-form"}
    assert missing(decision_route_dmn=TABLE) == {"unknown-decision"}
    assert missing(other_bpmn=GOOD) == {"unknown-process"}
    assert missing(mispelt_form=FORM) == set()


def test_a_version_that_a_call_binds_is_looked_for_among_the_files_that_are_given_with_it(check: Check) -> None:
    bound = '<extensionElements><handslag:call binding="versionTag" versionTag="v1"/></extensionElements>'
    body = ENDS + f'<callActivity id="call" calledElement="q">{bound}</callActivity>'
    caller = bpmn(body, "start > call > end")
    untagged = bpmn(ENDS, "start > end", process="q")
    tagged = untagged.replace(b'id="q"', b'id="q" handslag:versionTag="v1"')

    def errors(**files: bytes) -> list[str]:
        return [each["sentence"] for each in check("--json", **files).json if each["severity"] == "error"]

    told = "'call' calls the version 'v1' of 'q', and no version of it has that tag."
    assert errors(caller_bpmn=caller, called_bpmn=untagged) == [told]
    assert errors(caller_bpmn=caller, called_bpmn=tagged) == []
    assert errors(caller_bpmn=caller) == [], "it may be deployed"


def test_a_narrow_terminal_cuts_no_id(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 40)
    key = "an_element_with_an_id_that_is_longer_than_the_terminal_is_wide_for_sure"
    wrong = bpmn(ENDS + task(key, "serviceTask"), f"start > {key} > end")
    answer = check(wrong_bpmn=wrong)
    assert f"  {key}  " in answer.out
    assert answer.out.splitlines()[-1].startswith("1 error, ")


def test_what_is_delivered_has_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    files = [*PROCESSES.glob("*.bpmn"), *PROCESSES.glob("*.dmn"), *PROCESSES.glob("forms/*.form")]
    with pytest.raises(SystemExit) as ended:
        main(["check", "--json", *map(str, files)])
    assert [found for found in json.loads(capsys.readouterr().out) if found["severity"] == "error"] == []
    assert ended.value.code == 0


CAMUNDA_7 = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://bpmn.io/schema/bpmn"
  exporter="Camunda Modeler" exporterVersion="5.31.0">
  <bpmn:process id="invoice" isExecutable="true" camunda:historyTimeToLive="180">
    <bpmn:extensionElements><camunda:properties><camunda:property name="a" value="b"/></camunda:properties></bpmn:extensionElements>
    <bpmn:startEvent id="start" camunda:formKey="embedded:app:start.html"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="approve" name="Approve" camunda:assignee="${approver}" camunda:candidateGroups="management" camunda:dueDate="${dateTime().plusDays(3).toDate()}">
      <bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter></camunda:inputOutput>
        <camunda:taskListener class="com.example.Listener" event="create"/></bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:exclusiveGateway id="ok"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing><bpmn:outgoing>f4</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:serviceTask id="archive" camunda:class="com.example.Archive" camunda:asyncBefore="true"/>
    <bpmn:scriptTask id="log" scriptFormat="groovy"><bpmn:script>println "hi"</bpmn:script></bpmn:scriptTask>
    <bpmn:businessRuleTask id="rule" camunda:decisionRef="x" camunda:mapDecisionResult="singleEntry"/>
    <bpmn:callActivity id="call" calledElement="other"><bpmn:extensionElements><camunda:in variables="all"/></bpmn:extensionElements></bpmn:callActivity>
    <bpmn:boundaryEvent id="late" attachedToRef="approve"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">${reminder}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="approve"/><bpmn:sequenceFlow id="f2" sourceRef="approve" targetRef="ok"/>
    <bpmn:sequenceFlow id="f3" sourceRef="ok" targetRef="archive"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${approved}</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f4" sourceRef="ok" targetRef="log"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${!approved}</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f5" sourceRef="archive" targetRef="rule"/><bpmn:sequenceFlow id="f6" sourceRef="rule" targetRef="call"/>
    <bpmn:sequenceFlow id="f7" sourceRef="call" targetRef="end"/><bpmn:sequenceFlow id="f8" sourceRef="log" targetRef="end"/><bpmn:sequenceFlow id="f9" sourceRef="late" targetRef="log"/>
  </bpmn:process>
</bpmn:definitions>"""
CAMUNDA_8 = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d"
  targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="start"/>
    <bpmn:serviceTask id="charge" name="Charge"><bpmn:extensionElements><zeebe:taskDefinition type="charge" retries="3"/>
      <zeebe:ioMapping><zeebe:input source="=total" target="amount"/></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:userTask id="ship" name="Ship"><bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="ship"/>
      <zeebe:assignmentDefinition candidateGroups="warehouse"/></bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>
      </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
    <bpmn:callActivity id="bill"><bpmn:extensionElements><zeebe:calledElement processId="bill"/></bpmn:extensionElements></bpmn:callActivity>
    <bpmn:exclusiveGateway id="ok" default="f5"/>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="charge"/><bpmn:sequenceFlow id="f2" sourceRef="charge" targetRef="ok"/>
    <bpmn:sequenceFlow id="f3" sourceRef="ok" targetRef="ship"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=paid = true</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f4" sourceRef="ship" targetRef="bill"/><bpmn:sequenceFlow id="f5" sourceRef="ok" targetRef="end"/><bpmn:sequenceFlow id="f6" sourceRef="bill" targetRef="end"/>
  </bpmn:process>
</bpmn:definitions>"""
VENDORS = {
    "Camunda 7": (CAMUNDA_7, {
        ("approve", "other-engine-code"), ("archive", "unknown-operation"), ("log", "script"),
    }),
    "Camunda 8": (CAMUNDA_8, {("charge", "unknown-operation")}),
}  # fmt: skip


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_diagram_of_another_vendor_is_told_element_by_element_what_is_missing(check: Check, vendor: str) -> None:
    content, expected = VENDORS[vendor]
    answer = check("--json", other_bpmn=content)
    assert answer.code == 1
    told = {(found["element_id"], found["rule"]) for found in answer.json if found["severity"] == "error"}
    assert told == expected
    assert all(found["line"] > 1 for found in answer.json)
