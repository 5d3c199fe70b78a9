"""`handslag import`: somebody comes with a diagram of another engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cli.main import main
from engine import forms
from store.errors import Invalid
from tests.cli.conftest import Answer, Handslag

CAMUNDA_7 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://bpmn.io/schema/bpmn">
  <!-- Bidrag: handläggaren föreslår, chefen beslutar -->
  <bpmn:process id="bidrag" name="Bidrag" isExecutable="true" camunda:versionTag="2031-1" camunda:historyTimeToLive="180">
    <bpmn:startEvent id="start" name="Ansökan kommer" camunda:formRef="ansokan" />
    <bpmn:businessRuleTask id="route" name="Vem beslutar?" camunda:decisionRef="delegation" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="who" />
    <bpmn:userTask id="propose" name="Föreslå" camunda:candidateGroups="officer" camunda:formKey="camunda-forms:deployment:forslag.form" camunda:dueDate="${dateTime().plusDays(3).toDate()}">
      <bpmn:extensionElements>
        <camunda:inputOutput>
          <camunda:inputParameter name="heading">Ansökan ${number}</camunda:inputParameter>
          <camunda:outputParameter name="approved">${yes == 'true'}</camunda:outputParameter>
        </camunda:inputOutput>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:exclusiveGateway id="ok" name="Bifall?" default="no" />
    <bpmn:serviceTask id="pay" name="Betala ut" camunda:type="external" camunda:topic="pay" camunda:asyncBefore="true">
      <bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="${parts}" camunda:elementVariable="part">
        <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${nrOfCompletedInstances >= limit}</bpmn:completionCondition>
      </bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:callActivity id="tell" name="Meddela" calledElement="meddela" camunda:calledElementBinding="latest">
      <bpmn:extensionElements>
        <camunda:in source="number" target="about" />
        <camunda:out sourceExpression="${receipt}" target="sent" />
      </bpmn:extensionElements>
    </bpmn:callActivity>
    <bpmn:intermediateCatchEvent id="pause" name="Överklagandetid">
      <bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P${weeks * 7}D</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="end" name="Klart" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="route" />
    <bpmn:sequenceFlow id="f2" sourceRef="route" targetRef="propose" />
    <bpmn:sequenceFlow id="f3" sourceRef="propose" targetRef="ok" />
    <bpmn:sequenceFlow id="yes" name="Ja" sourceRef="ok" targetRef="pay">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${approved &amp;&amp; who == 'chef'}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="no" name="Nej" sourceRef="ok" targetRef="tell" />
    <bpmn:sequenceFlow id="f4" sourceRef="pay" targetRef="tell" />
    <bpmn:sequenceFlow id="f5" sourceRef="tell" targetRef="pause" />
    <bpmn:sequenceFlow id="f6" sourceRef="pause" targetRef="end" />
  </bpmn:process>
  <bpmn:process id="meddela" name="Meddela" isExecutable="true">
    <bpmn:startEvent id="m_start" />
    <bpmn:serviceTask id="send" name="Skicka" camunda:delegateExpression="${sender}" />
    <bpmn:endEvent id="m_end" />
    <bpmn:sequenceFlow id="m1" sourceRef="m_start" targetRef="send" />
    <bpmn:sequenceFlow id="m2" sourceRef="send" targetRef="m_end" />
  </bpmn:process>
</bpmn:definitions>
"""
CAMUNDA_8 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="remiss" name="Remiss" isExecutable="true">
    <bpmn:extensionElements><zeebe:versionTag value="2031-1" /></bpmn:extensionElements>
    <bpmn:startEvent id="start" name="Remiss" />
    <bpmn:scriptTask id="count" name="Räkna">
      <bpmn:extensionElements><zeebe:script expression="=count(towns)" resultVariable="asked" /></bpmn:extensionElements>
    </bpmn:scriptTask>
    <bpmn:userTask id="ask" name="Svara">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:formDefinition formId="svar" />
        <zeebe:assignmentDefinition candidateGroups="officer" />
        <zeebe:taskSchedule dueDate="=now() + duration(&#34;P14D&#34;)" />
        <zeebe:ioMapping><zeebe:output source="=stance" target="stance" /></zeebe:ioMapping>
      </bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics>
        <bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=towns" inputElement="town" outputCollection="answers" outputElement="=stance" /></bpmn:extensionElements>
      </bpmn:multiInstanceLoopCharacteristics>
    </bpmn:userTask>
    <bpmn:intermediateCatchEvent id="decision" name="Beslut">
      <bpmn:extensionElements><zeebe:ioMapping><zeebe:output source="=outcome" target="outcome" /></zeebe:ioMapping></bpmn:extensionElements>
      <bpmn:messageEventDefinition messageRef="m" />
    </bpmn:intermediateCatchEvent>
    <bpmn:exclusiveGateway id="ok" name="Bifall?" default="no" />
    <bpmn:callActivity id="send" name="Expediera">
      <bpmn:extensionElements><zeebe:calledElement processId="expediera" propagateAllChildVariables="true" /></bpmn:extensionElements>
    </bpmn:callActivity>
    <bpmn:endEvent id="end" name="Klart" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="count" />
    <bpmn:sequenceFlow id="f2" sourceRef="count" targetRef="ask" />
    <bpmn:sequenceFlow id="f3" sourceRef="ask" targetRef="decision" />
    <bpmn:sequenceFlow id="f4" sourceRef="decision" targetRef="ok" />
    <bpmn:sequenceFlow id="yes" name="Ja" sourceRef="ok" targetRef="send">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=outcome = "bifall" and count(answers) = asked</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="no" name="Nej" sourceRef="ok" targetRef="end" />
    <bpmn:sequenceFlow id="f5" sourceRef="send" targetRef="end" />
  </bpmn:process>
  <bpmn:process id="expediera" name="Expediera" isExecutable="true">
    <bpmn:startEvent id="e_start" />
    <bpmn:serviceTask id="post" name="Posta">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="post" retries="3" />
        <zeebe:ioMapping><zeebe:input source="=outcome" target="letter" /><zeebe:output source="=number" target="posted" /></zeebe:ioMapping>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:endEvent id="e_end" />
    <bpmn:sequenceFlow id="e1" sourceRef="e_start" targetRef="post" />
    <bpmn:sequenceFlow id="e2" sourceRef="post" targetRef="e_end" />
  </bpmn:process>
  <bpmn:message id="m" name="Beslut"><bpmn:extensionElements><zeebe:subscription correlationKey="=case_id" /></bpmn:extensionElements></bpmn:message>
</bpmn:definitions>
"""
ACTS = {
    "camunda7": (
        CAMUNDA_7,
        "--process=bidrag", '--data={"number": "7", "parts": [1, 2, 3], "limit": 2, "weeks": 3}', '--operation=delegation={"who": "chef"}',
        "--operation=pay={}", '--operation=sender={"receipt": "kvitto 1"}', '--complete=propose={"yes": true}', "--advance=P21D",
    ),
    "camunda8": (
        CAMUNDA_8,
        "--process=remiss", '--data={"towns": ["Umeå", "Vilhelmina"], "case_id": "7"}', '--operation=post={"number": 12}',
        '--complete=ask={"stance": "ja"}', '--complete=ask={"stance": "nej"}', '--message=Beslut:{"case_id": "7", "outcome": "bifall"}',
    ),
}  # fmt: skip
ENDS = {
    "camunda7": {"approved": True, "who": "chef", "sent": "kvitto 1"},
    "camunda8": {"asked": 2, "answers": ["ja", "nej"], "posted": 12},
}


@pytest.fixture
def handslag(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Handslag:
    """The commands that need no database."""

    def run(*arguments: str) -> Answer:
        monkeypatch.setenv("COLUMNS", "250")
        monkeypatch.setenv("HANDSLAG_DATABASE_URL", "sqlite:////nowhere/at/all.db")
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.mark.parametrize("vendor", ACTS)
@pytest.mark.parametrize("as_imported", [False, True], ids=["as it came", "imported"])
def test_a_diagram_of_another_engine_runs_to_its_end(
    handslag: Handslag, tmp_path: Path, vendor: str, as_imported: bool
) -> None:
    drawn, *acts = ACTS[vendor]
    path = tmp_path / f"{vendor}.bpmn"
    path.write_text(drawn)
    if as_imported:
        theirs, path = path, tmp_path / "ours.bpmn"
        handslag("import", str(theirs), "-o", str(path))
        assert theirs.read_text() == drawn
    answer = handslag("try", str(path), "--at", "2031-03-03T08:00:00+01:00", *acts, "--json")
    assert (answer.code, answer.json["status"], answer.json["problem"]) == (0, "completed", None)
    assert answer.json["data"].items() >= ENDS[vendor].items()
    assert answer.json["notes"] == []


def test_the_report_says_what_is_read_as_what_and_what_is_left(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "theirs.bpmn"
    path.write_text(CAMUNDA_7)
    shown = handslag("import", str(path))
    assert shown.code == 1  # its operations are not ours
    for part in ("candidateGroups: officer", "handslag:performer role='officer'", "read, 2 to mend, "):
        assert part in shown.out
    assert not list(tmp_path.glob("*.bpmn"))[1:]
    told = handslag("import", "--json", str(path)).json[0]
    assert told["written"] == []
    assert {found["rule"] for found in told["findings"]} == {"unknown-operation", "other-engine"}
    first = told["mapped"][0]
    assert first.keys() == {"element_id", "name", "line", "engine", "word", "value", "became"}
    assert (first["element_id"], first["line"], first["word"]) == ("bidrag", 5, "versionTag")


def test_what_is_there_is_not_written_over_unless_one_asks(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "theirs.xml"
    path.write_text(CAMUNDA_8)
    refused = handslag("import", str(path), "-o", str(path))
    assert refused.code == 2
    assert "is there already" in refused.err
    assert path.read_text() == CAMUNDA_8
    assert handslag("import", str(path), "-o", str(path), "--force").code == 1
    assert "handslag:loop" in path.read_text()


def test_a_file_that_is_no_diagram_is_refused_in_a_sentence(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "note.bpmn"
    path.write_text("Hej")
    answer = handslag("import", str(path), "-o", str(tmp_path / "out.bpmn"))
    assert answer.code == 3
    assert "not well-formed XML" in answer.out
    assert not (tmp_path / "out.bpmn").exists()


FORMS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:activiti="http://activiti.org/bpmn"><process id="p" isExecutable="true">
  <extensionElements>
    <zeebe:userTaskForm id="held">{"type": "default", "components": [{"type": "number", "key": "sum"}]}</zeebe:userTaskForm>
    <zeebe:userTaskForm id="../../outside">{}</zeebe:userTaskForm>
  </extensionElements>
  <startEvent id="s"/>
  <userTask id="a"><extensionElements><zeebe:formDefinition formKey="camunda-forms:bpmn:held"/></extensionElements></userTask>
  <userTask id="b"><extensionElements><camunda:formData>
    <camunda:formField id="motivation" label="Motivering" type="string"><camunda:validation>
      <camunda:constraint name="required"/><camunda:constraint name="maxlength" config="20"/></camunda:validation></camunda:formField>
    <camunda:formField id="way" type="enum"><camunda:value id="yes" name="Ja"/><camunda:value id="no" name="Nej"/></camunda:formField>
    <camunda:formField id="day" type="date"/><camunda:formField id="late" type="boolean"/></camunda:formData></extensionElements></userTask>
  <userTask id="c"><extensionElements><activiti:formProperty id="days" name="Dagar" type="long" required="true"/></extensionElements></userTask>
  <endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
  <sequenceFlow id="f3" sourceRef="b" targetRef="c"/><sequenceFlow id="f4" sourceRef="c" targetRef="e"/></process></definitions>"""


def test_forms_that_stand_in_a_diagram_are_written_beside_it_and_check_what_is_sent_in(
    handslag: Handslag, tmp_path: Path
) -> None:
    path, folder = tmp_path / "theirs.bpmn", tmp_path / "ours"
    path.write_text(FORMS)
    folder.mkdir()
    told = handslag("import", str(path), "-o", str(folder), "--json")
    assert told.code == 0
    written = [str(Path(each).relative_to(folder)) for each in told.json[0]["written"]]
    assert written == ["theirs.bpmn", "forms/held.form", "forms/b.form", "forms/c.form"]
    assert {each.name for each in tmp_path.iterdir()} == {"theirs.bpmn", "ours"}
    checked = handslag("check", *(str(folder / name) for name in written), "--json")
    assert [found for found in checked.json if found["severity"] == "error"] == []
    form = forms.read((folder / "forms/b.form").read_bytes())
    sent = {"motivation": "Bra", "way": "yes", "day": "2031-04-30", "late": True}
    assert forms.accept(form, sent) == sent | {"day": date(2031, 4, 30)}
    for wrong in ({"motivation": ""}, {"motivation": "x" * 21}, {"way": "perhaps"}, {"day": "soon"}, {"other": 1}):
        with pytest.raises(Invalid):
            forms.accept(form, sent | wrong)


def test_a_folder_that_is_not_there_is_said_before_anything_is_written(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "theirs.bpmn"
    path.write_text(FORMS)
    answer = handslag("import", str(path), "-o", str(tmp_path / "no" / "x.bpmn"))
    assert (answer.code, list(tmp_path.iterdir())) == (2, [path])
