"""Every rule of the checker: the smallest diagram that breaks it, and what the finding says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from engine.bpmn.check import CheckContext, check
from engine.bpmn.check.catalogue import CATALOGUE
from engine.definitions import check_files
from tests.support.diagrams import bpmn, task
from tests.support.parts import (
    ENDS,
    ERROR,
    ESCALATION,
    MESSAGE,
    NAMES,
    SIGNAL,
    TIMER,
    boundary,
    event,
    gateways,
    handler,
    subprocess_of,
    undone_by,
)


@dataclass(frozen=True)
class Broken:
    """A diagram that breaks a rule at an element."""

    rule: str
    element: str
    body: str
    flows: str = "start > t > end"
    context: CheckContext | None = None


def extension(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def many(inner: str = "", **attributes: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<multiInstanceLoopCharacteristics{written}>{inner}</multiInstanceLoopCharacteristics>"


STANDARD_LOOP = '<standardLoopCharacteristics loopMaximum="{}"/>'


def writes(key: str) -> str:
    return task(key, inner=extension('<handslag:output name="view" value="=1"/>'))


def lane(key: str, role: str, *nodes: str) -> str:
    refs = "".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in nodes)
    return f'<lane id="{key}">{extension(f"<handslag:performer role={role!r}/>")}{refs}</lane>'


def drawn(*elements: str) -> bytes:
    """A diagram of which these elements are drawn, each on top of the other."""
    shape = '<di:BPMNShape bpmnElement="{}"><dc:Bounds x="0" y="0" width="9" height="9"/></di:BPMNShape>'
    drawing = "".join(shape.format(element) for element in elements)
    drawing = f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="p">{drawing}</di:BPMNPlane></di:BPMNDiagram></definitions>'
    spaces = b'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    data = bpmn(ENDS, "start > end").replace(b"<definitions ", b"<definitions " + spaces)
    return data.replace(b"</definitions>", drawing.encode())


def of_two_pools(source: str, target: str) -> bytes:
    """Two processes, with a message flow from one to the other; `s` of the first sends what `m` of the second awaits."""
    sending = '<startEvent id="a"/><endEvent id="b"/><sendTask id="s" messageRef="m1"/>' + task("t")
    waiting = ENDS + '<receiveTask id="m" messageRef="m1"/>' + task("u")
    drawing = f'<collaboration id="c"><messageFlow id="f" sourceRef="{source}" targetRef="{target}"/></collaboration>'
    first = bpmn(sending, "a > s > t > b", process="q").split(b"<process ", 1)[1].removesuffix(b"</definitions>")
    second = (
        bpmn(waiting, "start > m > u > end", declared=NAMES + drawing).replace(b'"f', b'"g').replace(b'"g"', b'"f"')
    )
    return second.replace(b"<process ", b"<process " + first + b"<process ", 1)


COUNT = "<loopCardinality>2</loopCardinality>"
NOTHING_KNOWN = CheckContext(*[frozenset({"known"})] * 6)
CALLING = extension("<handslag:call binding={}/>")
STORE = '<dataStoreReference id="archive" name="archive"/>'
READS = (
    '<ioSpecification><dataInput id="in" name="seen"/></ioSpecification><dataInputAssociation><sourceRef>{}</sourceRef>'
    "<targetRef>in</targetRef></dataInputAssociation>"
)

WRITES = extension('<handslag:output name="stance" value="=1"/>')
ROWS = [
    Broken("never-ends", "meet", ENDS + gateways(exclusive="part", parallel="meet") + task("a") + task("b"),
           "start > part; part > a : x; part > b *; a > meet; b > meet; meet > end"),
    Broken("end-unknown", "p", ENDS + gateways(parallel="fork") + task("a") + task("b") + '<parallelGateway id="meet"/>',
           "start > a > fork; fork > a; fork > b > meet; fork > meet; meet > end"),
    Broken("never-ends", "j1", ENDS + gateways(parallel="fork") + '<inclusiveGateway id="j1"/><inclusiveGateway id="j2"/><parallelGateway id="p1"/><parallelGateway id="p2"/>',
           "start > fork; fork > j1 > p1; fork > j2 > p2; p1 > j2; p2 > j1; p1 > end; p2 > end"),
    Broken("never-ends", "t", ENDS + '<userTask id="t" startQuantity="2"/>'),
    Broken("dead-end", "t", ENDS + gateways(inclusive="part") + task("a") + task("b") + '<userTask id="t" startQuantity="2"/>',
           "start > part; part > a : x; part > b : y; a > t; b > t; t > end"),
    Broken("dead-end", "meet", ENDS + gateways(exclusive="part", parallel="meet") + task("a") + task("b"),
           "start > a > part; start > b > meet; part > meet : x; part > end *; meet > end"),
    # the file
    Broken("id-required", "", ENDS + task("t") + "<task/>"),
    Broken("unknown-element", "c", ENDS + task("t") + '<choreographyTask id="c"/>'),
    Broken("extension", "t", ENDS + task("t", inner=extension('<handslag:frm ref="x"/>'))),
    Broken("extension", "t", ENDS + task("t", inner=extension('<handslag:form rf="x"/>'))),
    Broken("extension", "t", ENDS + task("t", inner=extension('<handslag:due date="=x" day="=y"/>'))),
    Broken("extension", "t", ENDS + task("t", inner=extension('<handslag:form ref="a"/><handslag:form ref="b"/>'))),
    Broken("extension", "t", ENDS + task("t", "serviceTask", extension('<handslag:operation name="o"/><handslag:form ref="f"/>'))),
    Broken("extension", "p", extension('<handslag:form ref="f"/>') + ENDS + task("t")),
    Broken("extension", "t", ENDS + task("t", inner='<handslag:form ref="f"/>')),
    Broken("extension", "t", ENDS + task("t", inner=extension('<handslag:output name="" value="=x"/>'))),
    Broken("extension", "t", ENDS + '<callActivity id="t" calledElement="q">' + CALLING.format('"newest"') + "</callActivity>"),
    Broken("extension", "t", ENDS + '<callActivity id="t" calledElement="q">' + CALLING.format('"versionTag"') + "</callActivity>"),
    # what is not run
    Broken("unsupported", "s", ENDS + task("t") + event("s", "startEvent", MESSAGE + SIGNAL).replace("<startEvent ", '<startEvent parallelMultiple="true" '), "start > t; s > t; t > end"),
    Broken("not-runnable", "t", ENDS + '<eventBasedGateway id="t" eventGatewayType="Parallel"/>' + event("a", "intermediateCatchEvent", TIMER) + event("b", "intermediateCatchEvent", MESSAGE), "start > t; t > a; t > b; a > end; b > end"),
    Broken("instantiate", "t", ENDS + task("u") + '<receiveTask id="t" instantiate="true" messageRef="m1"/>', "start > u > t > end"),
    Broken("instantiate", "t", ENDS + subprocess_of("s", '<receiveTask id="t" instantiate="true" messageRef="m1"/>[[begin > t]]'), "start > s > end"),
    Broken("instantiate", "t", ENDS + '<eventBasedGateway id="t" instantiate="true" eventGatewayType="Parallel"/>' + event("a", "intermediateCatchEvent", TIMER) + event("b", "intermediateCatchEvent", MESSAGE), "start > t; t > a; t > b; a > end; b > end"),
    Broken("not-runnable", "t", ENDS + event("t", "intermediateThrowEvent", TIMER)),
    Broken("not-runnable", "t", ENDS + task("a") + task("b") + '<complexGateway id="t"/>', "start > a > t; start > b > t; t > end"),
    Broken("not-runnable", "u", ENDS + task("t") + '<userTask id="u" isForCompensation="true"/>', "start > t > end"),
    Broken("not-runnable", "b", ENDS + task("t") + boundary("b", "t", "<compensateEventDefinition/>"), "start > t > end"),
    Broken("cancel", "t", ENDS + '<transaction id="t"><startEvent id="a"/><endEvent id="b"><cancelEventDefinition/></endEvent>[[a > b]]</transaction>', "start > t > end"),
    Broken("not-runnable", "t", ENDS + '<task id="t" completionQuantity="0"/>', "start > t > end"),
    Broken("not-runnable", "t", ENDS + '<task id="t" startQuantity="none"/>', "start > t > end"),
    Broken("not-runnable", "t", ENDS + task("t", inner=many(COUNT, behavior="One")), "start > t > end"),
    Broken("not-runnable", "t", ENDS + event("t", "intermediateThrowEvent", MESSAGE + TIMER), "start > t > end"),
    Broken("subprocess-start", "a", ENDS + f'<adHocSubProcess id="t"><startEvent id="a"/>{task("x")}[[a > x]]</adHocSubProcess>'),
    Broken("event-subprocess", "h", ENDS + handler("h", "<compensateEventDefinition/>", "x"), "start > end"),
    # data of branches
    Broken("same-name", "b", ENDS + gateways(parallel="fork") + writes("a") + writes("b"), "start > fork; fork > a > end; fork > b > end"),
    Broken("same-name", "b", ENDS + writes("a") + boundary("edge", "a", TIMER, interrupting=False) + writes("b"), "start > a > end; edge > b > end"),
    # structure
    Broken("resource-role", "t", ENDS + task("t", inner="<potentialOwner><resourceRef>officers</resourceRef></potentialOwner>")),
    Broken("sequence-flow", "f1_t_nowhere", ENDS + task("t") + task("u", inner=WRITES) + task("v", inner=WRITES), "start > t; t > nowhere; t > u > end; t > v > end"),
    Broken("sequence-flow", "f1_t_nowhere", ENDS + task("t"), "start > t; t > nowhere; t > end"),
    Broken("sequence-flow", "f0_nowhere_t", ENDS + task("t"), "nowhere > t; start > t > end"),
    Broken("sequence-flow", "f2_end_t", ENDS + task("t"), "start > t > end > t"),
    Broken("sequence-flow", "f1_t_start", ENDS + task("t"), "start > t; t > start; t > end"),
    Broken("sequence-flow", "f2_t_h", ENDS + task("t") + handler("h", MESSAGE, "x"), "start > t; t > h; t > end"),
    Broken("sequence-flow", "f2_h_t", ENDS + task("t") + handler("h", MESSAGE, "x"), "start > t; h > t; t > end"),
    Broken("sequence-flow", "f2_t_x", ENDS + task("t") + subprocess_of("s", task("x") + "[[begin > x]]"), "start > t; t > x; t > s > end"),
    Broken("start-event-required", "p", '<endEvent id="end"/>' + task("t"), "t > end"),
    Broken("start-event-required", "t", ENDS + subprocess_of("t", task("x"), "")),
    *(Broken("process-start", "s", ENDS + task("t") + event("s", "startEvent", each), "start > t; s > t; t > end") for each in (ERROR, ESCALATION)),
    Broken("process-start", "s", ENDS + task("t") + event("s", "startEvent", TIMER.replace("P14D", "=pause")), "start > t; s > t; t > end"),
    Broken("process-start", "s", ENDS.replace('<startEvent id="start"/>', '<startEvent id="start">' + extension('<handslag:form ref="f"/>') + "</startEvent>") + task("t") + event("s", "startEvent", TIMER), "start > t; s > t; t > end"),
    Broken("process-start", "s", event("one", "startEvent", MESSAGE) + event("s", "startEvent", MESSAGE) + '<endEvent id="end"/>', "one > end; s > end"),
    Broken("process-start", "s", event("one", "startEvent", SIGNAL) + event("s", "startEvent", SIGNAL + MESSAGE) + '<endEvent id="end"/>', "one > end; s > end"),
    *(Broken("caught-twice", "y", ENDS + task("t") + boundary("x", "t", each) + boundary("y", "t", each), "start > t > end; x > end; y > end") for each in (ERROR, ESCALATION, MESSAGE)),
    Broken("caught-twice", "y_start", ENDS + task("t") + handler("x", ERROR, "a") + handler("y", ERROR, "b"), "start > t > end"),
    Broken("caught-twice", "y", ENDS + gateways(eventBased="t") + event("x", "intermediateCatchEvent", MESSAGE) + event("y", "intermediateCatchEvent", MESSAGE), "start > t; t > x > end; t > y > end"),
    Broken("start-output", "s", ENDS + task("t") + event("s", "startEvent", extension('<handslag:output name="x" value="=y"/>')), "start > t; s > t; t > end"),
    Broken("subprocess-start", "t", ENDS + f'<subProcess id="t">{event("a", "startEvent", MESSAGE)}<endEvent id="b"/>[[a > b]]</subProcess>'),
    Broken("subprocess-start", "t", ENDS + subprocess_of("t", '<startEvent id="b"/>')),
    Broken("event-subprocess-start", "h", ENDS + task("t") + handler("h", "", "x")),
    Broken("event-subprocess-start", "h", ENDS + task("t") + f'<subProcess id="h" triggeredByEvent="true">{task("x")}</subProcess>'),
    Broken("event-subprocess", "h", ENDS + task("t") + handler("h", MESSAGE, "x").replace("</subProcess>", many(COUNT) + "</subProcess>")),
    Broken("event-subprocess", "b", ENDS + task("t") + handler("h", MESSAGE, "x") + boundary("b", "h", TIMER), "start > t > end; b > end"),
    Broken("event-subprocess", "h", ENDS + task("t") + handler("h", MESSAGE, "x").replace("<startEvent", extension('<handslag:input name="x" value="=1"/>') + "<startEvent", 1)),
    Broken("empty", "t", ENDS + '<subProcess id="t"/>'),
    Broken("unreachable", "u", ENDS + task("t") + task("u"), "start > t > end; u > end"),
    Broken("no-way-to-an-end", "t", ENDS + task("t") + task("u"), "start > t > u > t"),
    Broken("default-flow", "t", ENDS + '<task id="t" default="f0_start_t"/>'),
    Broken("condition-required", "t", ENDS + gateways(exclusive="t") + task("u"), "start > t; t > end; t > u > end"),
    Broken("ignored-condition", "t", ENDS + gateways(parallel="t") + task("u"), "start > t; t > end : x; t > u > end"),
    Broken("ignored-condition", "t", ENDS + gateways(parallel="t") + task("u"), "start > t; t > end *; t > u > end"),
    Broken("condition-required", "x", ENDS + task("t") + task("u") + '<sequenceFlow id="x" sourceRef="t" targetRef="u"><conditionExpression/></sequenceFlow>', "start > t > end; u > end"),
    Broken("unreadable", "", ENDS + event("t", "intermediateCatchEvent", "<conditionalEventDefinition><condition>a</condition><condition>b</condition></conditionalEventDefinition>")),
    Broken("unreadable", "", ENDS + task("t", inner='<standardLoopCharacteristics loopMaximum="2"/>' + many(COUNT))),
    Broken("operation-required", "t", ENDS + '<sendTask id="t" messageRef="m1">' + extension('<handslag:operation name="o"/>') + "</sendTask>"),
    Broken("timer-source", "t", ENDS + event("t", "intermediateCatchEvent", TIMER.replace("<timeDuration>", "<timeDate>2031-01-01</timeDate><timeDuration>"))),
    Broken("other-engine-code", "t", ENDS + event("t", "intermediateCatchEvent", TIMER.replace("<timeDuration>", '<timeDuration language="http://www.java.com/java">'))),
    Broken("unreadable", "", ENDS + '<adHocSubProcess id="t" ordering="Any"><userTask id="x"/></adHocSubProcess>'),
    Broken("unreadable", "", ENDS + '<userTask id="t"/>' + boundary("b", "t", TIMER).replace('"true"', '"no"'), "start > t > end; b > end"),
    Broken("ignored-condition", "t", ENDS + gateways(eventBased="t") + event("a", "intermediateCatchEvent", TIMER) + event("b", "intermediateCatchEvent", MESSAGE), "start > t; t > a : x; t > b; a > end; b > end"),
    Broken("event-gateway-target", "u", ENDS + gateways(eventBased="t") + event("a", "intermediateCatchEvent", TIMER) + task("u"), "start > t; t > a; t > u; a > end; u > end"),
    Broken("event-gateway-target", "a", ENDS + gateways(eventBased="t", parallel="g") + event("a", "intermediateCatchEvent", TIMER) + event("b", "intermediateCatchEvent", MESSAGE), "start > g; g > t; g > a; t > a; t > b; a > end; b > end"),
    Broken("event-gateway-receive", "r", ENDS + gateways(eventBased="t") + event("a", "intermediateCatchEvent", MESSAGE) + '<receiveTask id="r" messageRef="m2"/>', "start > t; t > a > end; t > r > end"),
    Broken("event-gateway-receive", "r", ENDS + gateways(eventBased="t") + event("a", "intermediateCatchEvent", TIMER) + '<receiveTask id="r" messageRef="m1"/>' + boundary("b", "r", TIMER), "start > t; t > a; t > r; a > end; r > end; b > end"),
    Broken("event-gateway-choice", "t", ENDS + gateways(eventBased="t") + event("a", "intermediateCatchEvent", TIMER), "start > t > a > end"),
    Broken("lane", "l", "<laneSet>" + lane("l", "officer", "t", "gone") + "</laneSet>" + ENDS + task("t")),
    Broken("lane", "m", "<laneSet>" + lane("l", "officer", "t") + lane("m", "chair", "t") + "</laneSet>" + ENDS + task("t")),
    Broken("implicit-end", "t", ENDS + task("t") + task("u"), "start > t; start > u > end"),
    Broken("no-default", "t", ENDS + gateways(exclusive="t") + task("u"), "start > t; t > end : x; t > u : not(x); u > end"),
    Broken("no-default", "t", ENDS + task("t"), "start > t; t > end : x"),
    Broken("default-condition", "t", ENDS + gateways(exclusive="t") + task("u"), "start > t; t > u : x; u > end; t > end * : y"),
    Broken("default-never", "t", ENDS + task("t") + task("u"), "start > t; t > u > end; t > end *"),
    # events
    Broken("event-definition", "t", ENDS + event("t", "intermediateCatchEvent", "<eventDefinitionRef>gone</eventDefinitionRef>")),
    Broken("event-definition", "t", ENDS + event("t", "intermediateThrowEvent", "<smokeEventDefinition/>")),
    Broken("message-name", "t", ENDS + event("t", "intermediateCatchEvent", "<messageEventDefinition/>")),
    Broken("message-name", "t", ENDS + '<receiveTask id="t"/>'),
    Broken("message-name", "t", ENDS + '<sendTask id="t" messageRef="gone"/>'),
    Broken("signal-name", "t", ENDS + event("t", "intermediateThrowEvent", '<signalEventDefinition signalRef="gone"/>')),
    Broken("error-name", "u", ENDS + task("t") + event("u", "endEvent", '<errorEventDefinition errorRef="gone"/>'), "start > t > end; t > u"),
    Broken("escalation-name", "t", ENDS + event("t", "intermediateThrowEvent", "<escalationEventDefinition/>")),
    Broken("escalation-name", "t", ENDS + event("t", "intermediateThrowEvent", '<escalationEventDefinition escalationRef="gone"/>')),
    Broken("error-interrupts", "b", ENDS + task("t") + boundary("b", "t", ERROR, interrupting=False), "start > t > end; b > end"),
    Broken("catch-trigger", "t", ENDS + event("t", "intermediateCatchEvent", "")),
    Broken("catch-trigger", "t", ENDS + event("t", "intermediateCatchEvent", ERROR)),
    Broken("boundary-host", "b", ENDS + task("t") + boundary("b", "start", TIMER), "start > t > end; b > end"),
    Broken("boundary-host", "b", ENDS + task("t") + boundary("b", "gone", TIMER), "start > t > end; b > end"),
    Broken("boundary-trigger", "b", ENDS + task("t") + boundary("b", "t", ""), "start > t > end; b > end"),
    Broken("boundary-flow", "b", ENDS + task("t") + boundary("b", "t", TIMER)),
    Broken("link", "t", ENDS + event("t", "intermediateThrowEvent", '<linkEventDefinition name="L"/>'), "start > t; start > end"),
    Broken("link", "t", ENDS + event("t", "intermediateThrowEvent", "<linkEventDefinition/>"), "start > t; start > end"),
    Broken("link", "a", ENDS + task("t") + "".join(event(key, "intermediateCatchEvent", '<linkEventDefinition name="L"/>') for key in "ab"), "start > t > end; a > end; b > end"),
    Broken("timer-source", "t", ENDS + event("t", "intermediateCatchEvent", "<timerEventDefinition/>")),
    *(Broken("timer-literal", "t", ENDS + event("t", "intermediateCatchEvent", each)) for each in (
        timer("P14X"), timer("14 days"), timer("2026-02-30", "timeDate"), timer("2026-02", "timeDate"), timer("P14D", "timeDate"),
        timer("R3/PT0S", "timeCycle"), timer("R/P0D", "timeCycle"), timer("R0/P7D", "timeCycle"), timer("R3/-P1D", "timeCycle"), timer("P99999999D"))),
    Broken("cancel", "e", ENDS + task("t") + event("e", "endEvent", "<cancelEventDefinition/>"), "start > t > end; t > e"),
    Broken("cancel", "b", ENDS + task("t") + boundary("b", "t", "<cancelEventDefinition/>"), "start > t > end; b > end"),
    Broken("compensation", "t", ENDS + event("t", "intermediateThrowEvent", "<compensateEventDefinition/>")),
    Broken("compensation", "t", ENDS + task("a") + undone_by("a", "u") + event("t", "intermediateThrowEvent", '<compensateEventDefinition activityRef="b"/>'), "start > a > t > end"),
    Broken("condition", "t", ENDS + event("t", "intermediateCatchEvent", "<conditionalEventDefinition/>")),
    # tasks
    Broken("script", "t", ENDS + task("t", "scriptTask", "<script>import os</script>")),
    Broken("operation-required", "t", ENDS + task("t", "serviceTask")),
    Broken("operation-required", "t", ENDS + task("t", "sendTask")),
    Broken("decision-required", "t", ENDS + task("t", "businessRuleTask")),
    Broken("called-element", "t", ENDS + task("t", "callActivity")),
    Broken("ad-hoc", "t", ENDS + f'<adHocSubProcess id="t">{task("x")}</adHocSubProcess>'),
    Broken("no-performer", "t", ENDS + task("t")),
    Broken("performer-role", "t", ENDS + task("t", inner=extension('<handslag:performer body="run"/>'))),
    Broken("performer-body", "t", ENDS + task("t", inner=extension('<handslag:performer role="officer"/>'))),
    Broken("performer-role", "t", ENDS + task("t", inner=extension('<handslag:performer role="run_au"/>')), context=CheckContext(bodies=frozenset({"run_au"}))),
    Broken("loop-count", "t", ENDS + task("t", inner=many())),
    *(Broken("count", "t", ENDS + task("t", inner=each)) for each in (
        many("<loopCardinality>10001</loopCardinality>"), many("<loopCardinality>-1</loopCardinality>"), STANDARD_LOOP.format("2.5"), STANDARD_LOOP.format("0"))),
    *(Broken("count", "t", ENDS + f'<task id="t" {each}Quantity="99999999"/>') for each in ("start", "completion")),
    Broken("loop-output", "t", ENDS + task("t", inner=many(extension('<handslag:loop collection="=x" output="y"/>')))),
    Broken("loop-end", "t", ENDS + task("t", inner="<standardLoopCharacteristics/>")),
    Broken("unknown-operation", "t", ENDS + task("t", "serviceTask", extension('<handslag:operation name="x"/>')), context=NOTHING_KNOWN),
    Broken("unknown-form", "t", ENDS + task("t", inner=extension('<handslag:form ref="x"/>')), context=NOTHING_KNOWN),
    Broken("unknown-decision", "t", ENDS + task("t", "businessRuleTask", extension('<handslag:decision ref="x"/>')), context=NOTHING_KNOWN),
    Broken("unknown-process", "t", ENDS + '<callActivity id="t" calledElement="x"/>', context=NOTHING_KNOWN),
    Broken("unknown-process", "t", ENDS + '<callActivity id="t" calledElement="p">' + CALLING.format('"versionTag" versionTag="v1"') + "</callActivity>"),
    Broken("unknown-process", "t", ENDS + '<callActivity id="t" calledElement="known">' + CALLING.format('"versionTag" versionTag="v1"') + "</callActivity>",
           context=CheckContext(processes=frozenset({"known"}), tags=frozenset({("known", "v2")}))),
    Broken("unknown-body", "t", ENDS + task("t", inner=extension('<handslag:performer role="chair" body="x"/>')), context=NOTHING_KNOWN),
    # data and expressions
    Broken("expression", "t", ENDS + task("t") + task("u"), "start > t; t > u : 1 +; u > end; t > end *"),
    Broken("expression", "t", ENDS + task("t", inner=extension('<handslag:due date="().__class__"/>'))),
    Broken("unknown-function", "t", ENDS + task("t", inner=extension('<handslag:due date="=easter(2027)"/>')), context=NOTHING_KNOWN),
    Broken("iteration-name", "t", ENDS + task("t", inner=extension('<handslag:output name="stance" value="=x"/>') + many("<loopCardinality>2</loopCardinality>")) + gateways(exclusive="g") + task("a"),
           "start > t > g; g > a : stance; g > end *; a > end"),
    Broken("iteration-name", "s", ENDS + subprocess_of("s", writes("t") + "[[begin > t]]" + many("<loopCardinality>2</loopCardinality>")) + task("a", inner=extension('<handslag:due date="=view"/>')),
           "start > s > a > end"),
    Broken("unset-name", "t", ENDS + task("t", inner=extension('<handslag:due date="=repyl_by"/>'))),
    Broken("data-association", "t", ENDS + task("t", inner=READS.format("gone"))),
    Broken("data-store", "t", ENDS + STORE + task("t", inner=READS.format("archive"))),
    Broken("data-name", "t", ENDS + '<dataObject id="d" name="Letter (draft)"/>' + task("t", inner=READS.format("d"))),
    Broken("data-object-place", "h", ENDS + task("t") + handler("h", MESSAGE, "x").replace("<startEvent", '<dataObject id="d"/><startEvent', 1)),
    Broken("data-drawing", "t", ENDS + '<dataObject id="d"/>' + task("t", inner="<dataOutputAssociation><targetRef>d</targetRef></dataOutputAssociation>")),
    Broken("data-set", "t", ENDS + task("t", inner='<ioSpecification><dataInput id="i"/><inputSet><dataInputRefs>i</dataInputRefs></inputSet></ioSpecification>')),
    Broken("data-set", "t", ENDS + task("t", inner='<ioSpecification><dataOutput id="o"/><outputSet><dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>')),
    Broken("data-state", "r", ENDS + task("t") + '<dataObject id="d"/><dataObjectReference id="r" dataObjectRef="d"><dataState name="decided"/></dataObjectReference>'),
    Broken("calls-itself", "p", ENDS + '<callActivity id="t" calledElement="p"/>'),
    Broken("other-engine", "t", ENDS + '<userTask id="t" xmlns:c="http://camunda.org/schema/1.0/bpmn" c:assignee="anna"/>'),
    Broken("other-engine", "t", ENDS + task("t", inner=extension('<z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="x"/>'))),
    Broken("other-engine-code", "t", ENDS + task("t", inner=extension('<c:taskListener xmlns:c="http://camunda.org/schema/1.0/bpmn" event="create"/>'))),
    Broken("extension", "t", ENDS + task("t", "serviceTask", extension('<handslag:operation name="o" result="x"/>'))),
    # style
    Broken("end-event-required", "p", '<startEvent id="start"/>' + task("t"), "start > t"),
    Broken("fake-join", "t", ENDS + task("t") + gateways(parallel="g"), "start > g; g > t; g > t; t > end"),
    Broken("global", "m1", ENDS + task("t")),
    Broken("label-required", "start", ENDS + task("t")),
    Broken("no-duplicate-sequence-flows", "f2_g_t", ENDS + task("t") + gateways(parallel="g"), "start > g; g > t; g > t; t > end"),
    Broken("no-gateway-join-fork", "t", ENDS + gateways(parallel="t", exclusive="g"), "start > g; g > t : x; g > t *; t > end; t > end"),
    Broken("no-implicit-split", "t", ENDS + task("t") + task("u"), "start > t; t > u > end; t > end"),
    Broken("single-blank-start-event", "p", ENDS + '<startEvent id="other"/>' + task("t"), "start > t > end; other > t"),
    Broken("superfluous-gateway", "t", ENDS + gateways(exclusive="t")),
    Broken("superfluous-termination", "u", '<startEvent id="start"/>' + event("u", "endEvent", "<terminateEventDefinition/>"), "start > u"),
]  # fmt: skip

FILES: Mapping[str, Mapping[str, bytes]] = {
    "imported": {
        "a.bpmn": bpmn(ENDS + task("t") + gateways(exclusive="g"), "start > g; g > t : ${a == 1}; g > end *; t > end")
    },
    "other-tool": {
        "a.bpmn": bpmn(
            ENDS + task("t", inner=extension('<s:meta xmlns:s="http://www.signavio.com"/>')), "start > t > end"
        )
    },
    "unreadable": {"a.bpmn": b"<definitions"},
    "no-process": {"a.bpmn": bpmn(ENDS, "start > end").replace(b'isExecutable="true"', b'isExecutable="false"')},
    "process-twice": {"a.bpmn": bpmn(ENDS, "start > end"), "b.bpmn": bpmn(ENDS + task("t"), "start > t > end")},
    "size": {
        "a.bpmn": bpmn(
            ENDS + "".join(f'<inclusiveGateway id="t{n}"/>' for n in range(1_001)),
            ";".join(f"start > t{n}; start > t{n}; t{n} > end" for n in range(1_001)),
        )
    },
    "style": {"a.bpmn": bpmn(ENDS, "start > end", declared="".join(f'<message id="n{n}"/>' for n in range(401)))},
    "more-findings": {"a.bpmn": bpmn(ENDS + "".join(f'<task id="t{n}"/>' for n in range(1_000)), "start > end")},
    "no-bpmndi": {"a.bpmn": drawn("start", "end")},
    "no-overlapping-elements": {"a.bpmn": drawn("start", "end", "f0_start_end")},
    "superfluous-label": {"a.bpmn": bpmn(ENDS, "start > end").replace(b"<sequenceFlow", b'<sequenceFlow name="then"')},
    "message-flow": {"a.bpmn": of_two_pools("t", "u")},
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.rule}-{row.element}")
def test_a_diagram_that_breaks_a_rule_is_told_so_at_the_element(row: Broken) -> None:
    findings = check(bpmn(row.body, row.flows, declared=NAMES), row.context)
    told = [finding for finding in findings if (finding.rule, finding.element_id) == (row.rule, row.element)]
    assert told, [(finding.rule, finding.element_id, finding.sentence) for finding in findings]
    for finding in told:
        assert finding.severity == CATALOGUE[row.rule].severity
        assert finding.line == 2
        assert finding.sentence.endswith((".", ")"))
        assert finding.hint.endswith(".")


@pytest.mark.parametrize("rule", FILES)
def test_a_file_that_breaks_a_rule_is_told_so(rule: str) -> None:
    told = [finding for finding in check_files(FILES[rule], CheckContext()) if finding["rule"] == rule]
    assert told
    assert {finding["severity"] for finding in told} == {CATALOGUE[rule].severity}


def test_a_message_flow_along_which_a_message_goes_is_not_spoken_of() -> None:
    assert "message-flow" not in {finding.rule for finding in check(of_two_pools("s", "m"))}


def test_a_flow_without_a_name_is_known_by_its_ends() -> None:
    body = ENDS + '<exclusiveGateway id="g" name="Bifall?"/>' + task("t") + task("u")
    told = check(bpmn(body, "start > g; g > t > end; g > u > end"))
    assert [each.name for each in told if each.rule == "condition-required" and "→" in each.sentence] == ["Bifall?"] * 2
    assert any("'Bifall? → t'" in each.sentence for each in told)
    twice = check(bpmn(ENDS + task("t") + task("u"), "start > t > u > end; t > u"))
    assert "t → u" in {each.name for each in twice if each.rule == "no-duplicate-sequence-flows"}


def test_names_that_a_form_a_decision_or_a_caller_brings_are_not_spoken_of() -> None:
    decide = extension('<handslag:decision ref="route"/>')
    given = extension('<handslag:input name="region" value="=1"/>')
    ask = extension('<handslag:form ref="ask"/><handslag:due date="=region + typo"/>')
    body = ENDS + task("a", inner=ask) + task("b", "businessRuleTask", decide) + gateways(exclusive="g") + task("c")
    table = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="n"><decision id="route" name="route">'
    table += b'<decisionTable><output name="rung"/></decisionTable></decision></definitions>'
    files = {
        "a.bpmn": bpmn(body, "start > a > b > g; g > c : views + rung = 2; c > end; g > end *"),
        "b.bpmn": bpmn(
            ENDS + f'<callActivity id="t" calledElement="p">{given}</callActivity>', "start > t > end", process="q"
        ),
        "ask.form": b'{"type":"default","schemaVersion":16,"components":[{"type":"number","key":"views"}]}',
        "route.dmn": table,
    }
    told = [found["sentence"] for found in check_files(files, CheckContext()) if found["rule"] == "unset-name"]
    assert told == ["Nothing in the diagram sets 'typo', which 'a' reads."]


def test_no_rule_is_untested_and_no_test_is_of_a_rule_that_is_gone() -> None:
    assert {row.rule for row in ROWS} | FILES.keys() == CATALOGUE.keys()


def test_a_diagram_that_keeps_every_rule_has_no_finding() -> None:
    body = '<laneSet><lane id="l" name="Officer"><extensionElements><handslag:performer role="officer" body="stab"/></extensionElements>'
    body += "<flowNodeRef>t</flowNodeRef></lane></laneSet>" + task("t") + ENDS.replace("/>", ' name="then"/>')
    assert check(bpmn(body, "start > t > end")) == []
