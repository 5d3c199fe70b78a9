"""What each word of another engine becomes, and what is said of those that become nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.bpmn.check import CheckContext, check
from engine.bpmn.imports import survey
from engine.bpmn.read import read
from engine.bpmn.xml import parse

SPACES = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
SPACES += 'xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" xmlns:drools="http://www.jboss.org/drools" '
SPACES += 'xmlns:signavio="http://www.signavio.com" xmlns:bizagi="http://www.bizagi.com/bpmn20" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def diagram(inner: str, declared: str = "", process: str = "") -> bytes:
    """One activity `t` (or what stands for it) between a start and an end, on line 3."""
    flows = '<sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'
    head = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" {SPACES} targetNamespace="urn:t">'
    body = f'<startEvent id="s"/>\n{inner}\n<endEvent id="e"/>{flows}'
    return f'{head}{declared}\n<process id="p" isExecutable="true" {process}>{body}</process></definitions>'.encode()


def held(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def user(attributes: str = "", inner: str = "") -> str:
    return f'<userTask id="t" name="Ask" {attributes}>{inner}</userTask>'


def service(attributes: str = "", inner: str = "") -> str:
    return f'<serviceTask id="t" name="Do" {attributes}>{inner}</serviceTask>'


def rule(attributes: str = "", inner: str = "") -> str:
    return f'<businessRuleTask id="t" name="Decide" {attributes}>{inner}</businessRuleTask>'


def call(attributes: str = "", inner: str = "") -> str:
    return f'<callActivity id="t" name="Call" {attributes}>{inner}</callActivity>'


def many(attributes: str = "", inner: str = "") -> str:
    return f'<userTask id="t"><multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics></userTask>'


def late(definition: str) -> str:
    return f'<intermediateCatchEvent id="t"><timerEventDefinition>{definition}</timerEventDefinition></intermediateCatchEvent>'


def parameters(inner: str) -> str:
    return held(f"<camunda:inputOutput>{inner}</camunda:inputOutput>")


def mapping(inner: str) -> str:
    return held(f"<zeebe:ioMapping>{inner}</zeebe:ioMapping>")


def owner(text: str) -> str:
    said = f"<formalExpression>{text}</formalExpression>"
    return f"<potentialOwner><resourceAssignmentExpression>{said}</resourceAssignmentExpression></potentialOwner>"


WAIT = '<intermediateCatchEvent id="t"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
KEY = '<message id="m" name="Answer">' + held('<zeebe:subscription correlationKey="{}"/>') + "</message>"

MAPPED: list[tuple[str, list[str]]] = [
    # people
    (user('camunda:candidateGroups="secretary"'), ["performer role='secretary'"]),
    (user('camunda:candidateGroups="run_au:secretary"'), ["performer role='secretary' body='run_au'"]),
    (user('camunda:candidateGroups="${group}"'), ["performer role='=group'"]),
    (user('camunda:assignee="${approver.role}" camunda:candidateUsers="x"'), ["performer role='=approver.role'"]),
    (user('flowable:candidateGroups="officer"'), ["performer role='officer'"]),
    (user('activiti:candidateUsers="anna"'), ["performer role='anna'"]),
    (user("", held('<zeebe:assignmentDefinition assignee="=who" candidateGroups="secretary"/>')), ["performer role='secretary'"]),
    (user("", held('<zeebe:assignmentDefinition assignee="=who"/>')), ["performer role='=who'"]),
    (user("", held('<zeebe:assignmentDefinition candidateGroups="=[&quot;secretary&quot;]"/>')), ["performer role='secretary'"]),
    (user("", owner("management")), ["performer role='management'"]),
    (user("", owner("group(run_au:chair)")), ["performer role='chair' body='run_au'"]),
    (user("", owner("${boss}").replace("potentialOwner", "humanPerformer")), ["performer role='=boss'"]),
    # forms
    (user('camunda:formKey="answer"'), ["form ref='answer'"]),
    (user('camunda:formKey="camunda-forms:deployment:forms/answer.form"'), ["form ref='answer'"]),
    (user('camunda:formRef="answer" camunda:formRefBinding="latest"'), ["form ref='answer'"]),
    (user("", held('<zeebe:formDefinition formId="answer"/>')), ["form ref='answer'"]),
    (user("", held('<zeebe:formDefinition formKey="camunda-forms:bpmn:answer"/>')), ["form ref='answer'"]),
    (user("", held('<camunda:formData><camunda:formField id="a"/><camunda:formField id="b"/></camunda:formData>')), ["form ref='t'"]),
    (user("", held('<activiti:formProperty id="a"/><activiti:formProperty id="b"/>')), ["form ref='t'"]),
    # dates
    (user('camunda:dueDate="${by}"'), ["due date='=by'"]),
    (user('camunda:dueDate="2031-04-30T12:00:00"'), ["due date='=date and time(\"2031-04-30T12:00:00\")'"]),
    (user('camunda:dueDate="2031-04-30"'), ["due date='=date(\"2031-04-30\")'"]),
    (user('camunda:dueDate="P3D"'), ["due date='=now() + duration(\"P3D\")'"]),
    (user('camunda:dueDate="${dateTime().plusWeeks(1).toDate()}"'), ["due date='=now() + duration(\"P7D\")'"]),
    (user("", held('<zeebe:taskSchedule dueDate="=now() + duration(&quot;P3D&quot;)"/>')), ["due date='=now() + duration(\"P3D\")'"]),
    (user("", held('<zeebe:taskSchedule dueDate="2031-04-30T12:00:00Z"/>')), ["due date='=date and time(\"2031-04-30T12:00:00Z\")'"]),
    (late("<timeDuration>P${days}D</timeDuration>"), ['="P" + string(days) + "D"']),
    (late("<timeDate xsi:type='tFormalExpression'>${by}</timeDate>"), ["=by"]),
    # operations
    (service('camunda:type="external" camunda:topic="archive"'), ["operation name='archive'"]),
    (service('camunda:delegateExpression="${archiver}"'), ["operation name='archiver'"]),
    (service('camunda:class="org.example.Archive"'), ["operation name='org.example.Archive'"]),
    (service('camunda:expression="${archive.put()}"'), ["operation name='archive.put'"]),
    (service('flowable:type="mail"'), ["operation name='mail'"]),
    (service("", held('<zeebe:taskDefinition type="archive" retries="3"/>')), ["operation name='archive'"]),
    ('<sendTask id="t" camunda:type="external" camunda:topic="post"/>', ["operation name='post'"]),
    ('<scriptTask id="t">' + held('<zeebe:script expression="=a + 1" resultVariable="b"/>') + "</scriptTask>", ["output name='b' value='=a + 1'"]),
    # decisions
    (rule('camunda:decisionRef="route" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="way"'), ["decision ref='route' result='way'"]),
    (rule("", held('<zeebe:calledDecision decisionId="route" resultVariable="way"/>')), ["decision ref='route' result='way'"]),
    (
        rule('camunda:decisionRef="route" camunda:mapDecisionResult="singleEntry"', parameters('<camunda:outputParameter name="way">${decisionResult}</camunda:outputParameter>')),
        ["decision ref='route' result='decisionResult'", "output name='way' value='=decisionResult'"],
    ),
    # calls
    (call('calledElement="q" camunda:calledElementBinding="deployment"'), ["call binding='deployment'"]),
    (call('calledElement="q" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="7"'), ["call binding='versionTag' versionTag='7'"]),
    (call('calledElement="q"', held('<camunda:in source="a" target="b"/><camunda:out sourceExpression="${c + 1}" target="d"/>')), ["input name='b' value='=a'", "output name='d' value='=c + 1'"]),
    (call('calledElement="q"', held('<camunda:in variables="all"/><camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out variables="all"/>')), ["call binding='latest' inputs='all'", "call binding='latest' inputs='all' outputs='all'"]),
    (call('calledElement="q"', held('<camunda:in source="loopCounter" target="n"/><camunda:in source="nrOfInstances" target="m"/>')), ["input name='n' value='=loopCounter - 1'", "input name='m' value='=numberOfInstances'"]),
    (call("", held('<zeebe:calledElement processId="q" propagateAllParentVariables="false"/>')), ["calledElement='q'", "call binding='latest' outputs='all'"]),
    (call("", held('<zeebe:calledElement processId="q" propagateAllChildVariables="false"/>')), ["calledElement='q'", "call binding='latest' inputs='all'"]),
    (
        call("", held('<zeebe:calledElement processId="q"/><zeebe:ioMapping><zeebe:output source="=a" target="b"/></zeebe:ioMapping>')),
        ["output name='b' value='=a'", "calledElement='q'", "call binding='latest' inputs='all'"],
    ),
    (call("", held('<zeebe:calledElement processId="q" bindingType="versionTag" versionTag="7" propagateAllChildVariables="true"/>')), ["calledElement='q'", "call binding='versionTag' versionTag='7' inputs='all' outputs='all'"]),
    # data
    (user("", parameters('<camunda:inputParameter name="a">plain</camunda:inputParameter><camunda:inputParameter name="b">${c} kr</camunda:inputParameter><camunda:inputParameter name="n"/>')), ["input name='a' value='plain'", "input name='b' value='=string(c) + \" kr\"'", "input name='n' value='=null'"]),
    (user("", parameters('<camunda:inputParameter name="a"><camunda:list><camunda:value>x</camunda:value><camunda:value>${y}</camunda:value></camunda:list></camunda:inputParameter>')), ["input name='a' value='=[\"x\", y]'"]),
    (user("", parameters('<camunda:inputParameter name="a"><camunda:map><camunda:entry key="k">${y}</camunda:entry></camunda:map></camunda:inputParameter>')), ["input name='a' value='={\"k\": y}'"]),
    (user("", mapping('<zeebe:input source="=a + 1" target="b"/><zeebe:input source="text" target="c"/><zeebe:output source="=d" target="e"/>')), ["input name='b' value='=a + 1'", "input name='c' value='text'", "output name='e' value='=d'"]),
    # loops
    (many('camunda:collection="${towns}" camunda:elementVariable="town"'), ["loop collection='=towns' element='town'"]),
    (many('camunda:collection="towns" camunda:elementVariable="town"'), ["loop collection='=towns' element='town'"]),
    (many("", "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition>"), ["=numberOfCompletedInstances = 2"]),
    (many("", "<loopCardinality>${n}</loopCardinality>"), ["=n"]),
    (many("", held('<zeebe:loopCharacteristics inputCollection="=towns" inputElement="town" outputCollection="answers" outputElement="=stance"/>')), ["loop collection='=towns' element='town' output='answers' outputElement='=stance'"]),
]  # fmt: skip


@pytest.mark.parametrize(("drawn", "became"), MAPPED, ids=[drawn[:110] for drawn, _ in MAPPED])
def test_a_word_of_another_engine_becomes_one_of_ours(drawn: str, became: list[str]) -> None:
    data = diagram(drawn)
    assert [one.became.removeprefix("handslag:") for one in read(data).mapped] == became
    assert {one.id for one in read(data).mapped} == {"t"}
    refused = [found.sentence for found in check(data) if found.severity == "error"]
    assert [sentence for sentence in refused if "names no" not in sentence and "not say how many" not in sentence] == []


def test_the_key_of_a_message_of_camunda_8_becomes_a_correlation_where_it_is_waited_for() -> None:
    for key, name in (("=case_id", "case_id"), ("=case.id", "correlationKey")):
        node = read(diagram(WAIT, KEY.format(key))).processes["p"].scope.nodes["t"]
        assert [(one.name, one.value) for one in node.correlation] == [(name, key)]


def test_the_tag_of_a_version_is_the_version_s_tag() -> None:
    assert read(diagram(user(), process='camunda:versionTag="2031-1"')).processes["p"].version_tag == "2031-1"
    tagged = diagram(user()).replace(b'<startEvent id="s"/>', held('<zeebe:versionTag value="2031-2"/>').encode() + b'<startEvent id="s"/>')  # fmt: skip
    assert read(tagged).processes["p"].version_tag == "2031-2"


@dataclass(frozen=True)
class Left:
    """What is left, with a part of what is said of it, and of what is to be done."""

    drawn: str
    severity: str
    said: str
    hint: str
    rule: str = ""


LEFT = [
    Left(user('camunda:candidateGroups="a,b"'), "advice", "is for several: a,b", "handslag:performer"),
    Left(user('camunda:assignee="anna"'), "advice", "for a person, 'anna'", "role that the person has"),
    Left(user('camunda:assignee="x" camunda:candidateGroups="y"'), "advice", "assignee", "handslag:performer"),
    Left(user("", held('<zeebe:assignmentDefinition assignee="=who" candidateGroups="secretary"/>')), "advice", "not read here: assignee", "handslag:performer"),
    Left(user('camunda:formKey="embedded:app:forms/x.html"'), "advice", "form that only Camunda 7 can show", "form-js"),
    Left(user('camunda:formRef="x" camunda:formRefBinding="version" camunda:formRefVersion="2"'), "error", "one version of another file", "latest"),
    Left(user("", held('<camunda:formData><camunda:formField id="a"/></camunda:formData>')), "advice", "has the fields of a form: a", "forms/t.form"),
    Left(user('camunda:followUpDate="${x}" camunda:asyncBefore="true"'), "advice", "does no harm: asyncBefore, followUpDate", "Nothing need be done."),
    Left(user("", held('<camunda:taskListener event="create" class="x.Y"/>')), "error", "code that only Camunda 7 could run: taskListener", "service task"),
    Left(user("", held('<camunda:executionListener event="start" expression="${x.y()}"/>')), "error", "executionListener", "service task"),
    Left(user("", held('<zeebe:executionListeners><zeebe:executionListener eventType="start" type="x"/></zeebe:executionListeners>')), "error", "Camunda 8 could run", "service task"),
    Left(user("", held('<camunda:properties><camunda:property name="a" value="b"/></camunda:properties>')), "advice", "holds notes for Camunda 7", "Nothing"),
    Left(user("", held('<zeebe:userTask/><zeebe:priorityDefinition priority="=50"/>')), "advice", "does no harm: priorityDefinition, userTask", "Nothing"),
    Left(user("", parameters('<camunda:inputParameter name="a"><camunda:script scriptFormat="groovy">1</camunda:script></camunda:inputParameter>')), "error", "computes 'a' by a script", "handslag:input"),
    Left(user("", parameters('<camunda:inputParameter name="a">${mailer.send(b)}</camunda:inputParameter>')), "error", "calls 'send' of 'mailer'", "operation", "expression"),
    Left(user("", parameters('<camunda:outputParameter name="a">${b}</camunda:outputParameter>')), "advice", "nothing else of its result is written", "handslag:output"),
    Left(user("", mapping('<zeebe:output source="=a" target="b.c"/>')), "error", "'b.c', which is no variable's name", "context"),
    Left(service("", held("<camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector>")), "error", "connector", "service task"),
    Left(service('camunda:expression="${a.b(c)}"'), "advice", "gives 'c' to 'a.b'", "handslag:input"),
    Left(service('camunda:delegateExpression="${a}" camunda:resultVariable="r"'), "advice", "keeps what 'a' gives as 'r'", "handslag:output"),
    Left(service('camunda:expression="${a + b}"'), "error", "done by an expression", "handslag:operation"),
    Left(service("", held('<zeebe:taskDefinition type="=kind"/>')), "error", "an expression chooses: =kind", "handslag:operation"),
    Left(service('camunda:type="external" camunda:topic="archive"'), "error", "'archive', which does not exist", "operations", "unknown-operation"),
    Left(rule('camunda:decisionRef="${d}"'), "error", "an expression chooses", "gateway"),
    Left(rule('camunda:decisionRef="d" camunda:resultVariable="r"'), "advice", "as a list of results in Camunda", "what reads"),
    Left(rule('camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="singleResult"'), "advice", "as a map, also where", "what reads"),
    Left(rule('camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="collectEntries"'), "advice", "as a list, also where", "what reads"),
    Left(service('flowable:expression="${a.b()}" flowable:triggerable="true"'), "error", "waits in Flowable until it is triggered", "receive task"),
    Left(service('flowable:expression="${a.b()}" flowable:triggerable="false"'), "advice", "does no harm: triggerable", "Nothing"),
    Left(user('flowable:skipExpression="${skip}"'), "error", "passed over in Flowable where ${skip} holds", "gateway"),
    Left(service('camunda:type="external" camunda:topic="a"', held('<camunda:errorEventDefinition errorRef="x" expression="${bad}"/>')), "error", "ends in an error in Camunda 7 where ${bad} holds", "gateway"),
    Left(call('calledElement="q"', held('<camunda:in businessKey="${order}"/>')), "advice", "the key '${order}'", "handslag:input"),
    Left(rule('camunda:decisionRef="d" camunda:decisionRefBinding="version" camunda:decisionRefVersion="2"'), "error", "one version", "latest"),
    Left(rule('camunda:class="x.Y"'), "error", "done by code of Camunda 7", "service task"),
    Left(rule("", held('<zeebe:calledDecision decisionId="=d"/>')), "error", "an expression chooses", "gateway"),
    Left(call('calledElement="q" camunda:calledElementBinding="version" camunda:calledElementVersion="2"'), "error", "one version", "tag"),
    Left(call("", held('<zeebe:calledElement processId="=q"/>')), "error", "calls a process that an expression chooses", "gateway"),
    Left(call('calledElement="${q}"'), "error", "calls a process that an expression chooses", "gateway"),
    Left('<scriptTask id="t" scriptFormat="groovy" camunda:resultVariable="r"><script>1</script></scriptTask>', "error", "holds a script", "handslag:output", "script"),
    Left(late("<timeDuration>${bean.wait()}</timeDuration>"), "error", "calls 'wait' of 'bean'", "operation", "timer-literal"),
    Left('<userTask id="t"><standardLoopCharacteristics><loopCondition language="groovy">a</loopCondition></standardLoopCharacteristics></userTask>', "error", "in the language 'groovy'", "FEEL"),
    Left(user('drools:taskName="x"'), "advice", "in the words of jBPM what means nothing here: taskName", "Handslag"),
    Left(user("", held('<zeebe:assignmentDefinition candidateGroups="=[&quot;a&quot;, &quot;b&quot;]"/>')), "advice", "is for several: a,b", "handslag:performer"),
    Left(user("", owner("group(a), user(b)")), "advice", "is for several: a,b", "handslag:performer"),
    Left(user("", held('<signavio:signavioMetaData metaKey="a"/><signavio:signavioLabel/>')), "advice", "2 marks of Signavio are kept", "Nothing", "other-tool"),
    Left(user("", held("<bizagi:BizagiExtensions/>")), "advice", "1 marks of Bizagi", "Nothing", "other-tool"),
]  # fmt: skip


@pytest.mark.parametrize("row", LEFT, ids=lambda row: row.drawn[:110])
def test_what_becomes_nothing_of_ours_is_said_with_its_place_and_what_to_do(row: Left) -> None:
    told = [
        found
        for found in check(diagram(row.drawn), CheckContext(operations=frozenset({"a", "a.b"})))
        if row.said in found.sentence and row.hint in found.hint
    ]
    assert told, [(found.sentence, found.hint) for found in check(diagram(row.drawn))]
    for found in told:
        assert found.severity == row.severity
        assert found.line == (1 if found.rule == "other-tool" else 3)
        assert found.element_id == ("" if found.rule == "other-tool" else "t")
        assert not row.rule or found.rule == row.rule


@pytest.mark.parametrize("name", ["${x}", "=x + y"])
def test_a_message_whose_name_an_expression_would_give_is_refused(name: str) -> None:
    told = [found for found in check(diagram(WAIT, f'<message id="m" name="{name}"/>')) if found.element_id == "m"]
    assert "other-engine-code" in {found.rule for found in told}


def test_an_element_may_speak_the_words_of_several_engines() -> None:
    both = user(
        'camunda:candidateGroups="secretary" flowable:formKey="answer"', held("<zeebe:taskSchedule dueDate='=by'/>")
    )
    node = read(diagram(both)).processes["p"].scope.nodes["t"]
    assert node.performer is not None
    assert (node.performer.role, node.form, node.due) == ("secretary", "answer", "=by")


def test_a_role_that_is_a_resource_is_its_name() -> None:
    drawn = user("", "<potentialOwner><resourceRef>r</resourceRef></potentialOwner>")
    node = read(diagram(drawn, '<resource id="r" name="officer"/>')).processes["p"].scope.nodes["t"]
    assert node.performer is not None
    assert node.performer.role == "officer"


def test_a_diagram_that_speaks_our_words_is_read_as_it_stands() -> None:
    own = '<handslag:form xmlns:handslag="urn:handslag:bpmn:1.0" ref="answer"/>'
    data = diagram(user('camunda:candidateGroups="secretary" camunda:formKey="other"', held(own)))
    found = read(data)
    node = found.processes["p"].scope.nodes["t"]
    assert (node.form, node.performer, found.mapped) == ("answer", None, ())
    assert [one.sentence for one in found.foreign] == ["is said in the words of Camunda 7: candidateGroups"]
    assert [one.became for one in survey(parse(data)).mapped] == ["handslag:performer role='secretary'"]
