"""Diagrams broken at random: the checker never raises, and what it has no error for can be built, started and walked."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine import spiff
from engine.bpmn.check import check, opened
from engine.bpmn.model import NAMESPACE, NodeType, Process
from engine.feel import Value
from engine.spiff import Run, Waiting, WaitKind
from store.errors import HandslagError
from tests.support.diagrams import bpmn, task
from tests.support.kernel import evaluate
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

PROCESSES = Path(__file__).parents[2] / "processes"
LOOP = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=[1, 2]" element="one" output="all"'
LOOP += ' outputElement="=one"/></extensionElements><completionCondition>false</completionCondition></multiInstanceLoopCharacteristics>'
DATA = '<dataObject id="d" name="stance"/>'
READS = (
    '<ioSpecification><dataInput id="in" name="seen"/></ioSpecification><dataInputAssociation><sourceRef>d</sourceRef>'
)
READS += "<targetRef>in</targetRef></dataInputAssociation>"
EVERYTHING = bpmn(
    '<laneSet><lane id="l"><extensionElements><handslag:performer role="officer"/></extensionElements><flowNodeRef>a</flowNodeRef>'
    "</lane></laneSet>" + ENDS + DATA + gateways(exclusive="x", parallel="p1", inclusive="i1", eventBased="e")
    + '<parallelGateway id="p2"/><inclusiveGateway id="i2"/><exclusiveGateway id="m"/>'
    + task("a", inner=READS) + task("b", inner=LOOP) + boundary("late", "b", TIMER)
    + boundary("failed", "sub", ERROR) + boundary("told", "sub", ESCALATION, interrupting=False)
    + task("c", inner='<standardLoopCharacteristics loopMaximum="2"/>') + task("d1") + task("d2")
    + '<callActivity id="call" calledElement="q"/>' + task("s", "serviceTask", '<extensionElements><handslag:operation name="o"/></extensionElements>')
    + '<subProcess id="sub"><startEvent id="begin"/>' + task("inner") + event("up", "intermediateThrowEvent", ESCALATION)
    + event("stop", "endEvent", ERROR) + handler("h", SIGNAL, "work", interrupting=False) + "[[begin > inner > up > stop]]</subProcess>"
    + event("hear", "intermediateCatchEvent", MESSAGE) + event("wait", "intermediateCatchEvent", TIMER)
    + event("jump", "intermediateThrowEvent", '<linkEventDefinition name="L"/>')
    + event("land", "intermediateCatchEvent", '<linkEventDefinition name="L"/>')
    + handler("withdrawn", '<messageEventDefinition messageRef="m2"/>', "stopped"),
    "start > a > x; x > b : stance = 1; x > c *; b > m; c > m; late > m; m > p1; p1 > d1 > p2; p1 > d2 > p2; p2 > i1; i1 > call : true;"
    "i1 > s : false; call > i2; s > i2; i2 > sub > e; failed > e; told > end; e > hear > jump; e > wait > jump; land > end",
    declared=NAMES,
)  # fmt: skip
UNDO, CANCEL = "<compensateEventDefinition/>", "<cancelEventDefinition/>"
SELDOM = bpmn(
    ENDS + task("a") + undone_by("a", "ua") + '<parallelGateway id="fork"/><complexGateway id="two"><activationCondition>'
    'activationCount &gt;= 2</activationCondition></complexGateway>' + task("x") + task("y") + task("z")
    + '<adHocSubProcess id="adhoc" ordering="Sequential">' + task("m") + task("n") + "<completionCondition>stance = 1</completionCondition>"
    "[[m > n]]</adHocSubProcess>" + '<transaction id="trip"><startEvent id="begin"/>' + task("book") + undone_by("book", "unbook")
    + '<exclusiveGateway id="gate"/>' + event("no", "endEvent", CANCEL) + event("yes", "endEvent", "")
    + "[[begin > book > gate; gate > no : stance = 1; gate > yes *]]</transaction>" + boundary("cancelled", "trip", CANCEL)
    + subprocess_of("sub", task("deep") + handler("mend", UNDO, "mending") + "[[sub_begin > deep]]", "sub_begin")
    + event("undo", "intermediateThrowEvent", UNDO) + '<userTask id="many" startQuantity="2" completionQuantity="2"/>'
    + event("any", "intermediateCatchEvent", MESSAGE + SIGNAL),
    "start > a > fork; fork > x > two; fork > y > two; fork > z > two; two > adhoc > trip > sub > undo"
    " > any > many > end; cancelled > many",
    declared=NAMES,
)  # fmt: skip
ROOTS = [
    etree.fromstring(data)
    for data in (
        EVERYTHING,
        SELDOM,
        (PROCESSES / "samrad_handshake.bpmn").read_bytes(),
        (PROCESSES / "municipal_consultation.bpmn").read_bytes(),
    )
]
TAGS = [f"{{{NAMESPACE}}}{kind.value}" for kind in NodeType] + [
    f"{{{NAMESPACE}}}{name}"
    for name in (
        "sequenceFlow", "timerEventDefinition", "messageEventDefinition", "errorEventDefinition", "linkEventDefinition",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "laneSet", "lane", "process", "wrong",
        "compensateEventDefinition", "cancelEventDefinition", "association", "completionCondition", "terminateEventDefinition", "conditionalEventDefinition", "extensionElements",
    )
]  # fmt: skip
VALUES = ["", "true", "false", "0", "-1", "x y", "=", "=1 +", "=null", "Parallel", "None", "é", "1" * 300]
NAMES_OF_ATTRIBUTES = [
    "id", "name", "sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "errorRef", "signalRef", "calledElement",
    "cancelActivity", "isInterrupting", "triggeredByEvent", "isSequential", "behavior", "loopMaximum", "isForCompensation",
    "instantiate", "eventGatewayType", "completionQuantity", "parallelMultiple", "activityRef", "waitForCompletion", "ordering", "startQuantity", "isExecutable", "processRef", "operation", "binding",
]  # fmt: skip

GIVEN: dict[str, Value] = {"stance": Decimal(1), "body": "samrad", "consultee_ids": ["a", "b"], "handshake": True}
RESULT: dict[str, Value] = {
    "stance": Decimal(1),
    "slot_found": True,
    "mode": "survey",
    "answer_kind": "answer",
    **GIVEN,
}


def mutate(data: st.DataObject, root: etree._Element) -> None:
    """One slip of a pen, anywhere."""
    elements = [found for found in root.iter(f"{{{NAMESPACE}}}*", "{urn:handslag:bpmn:1.0}*") if found is not root]
    one: Any = data.draw(st.sampled_from(elements))
    other: Any = data.draw(st.sampled_from(elements))
    match data.draw(
        st.sampled_from(["drop", "double", "tag", "move", "attribute", "attribute", "swap", "swap", "lose", "text"])
    ):
        case "drop":
            one.getparent().remove(one)
        case "double":
            twin = copy.deepcopy(one)
            for inner in twin.iter("*"):
                if inner.get("id") and data.draw(st.booleans()):
                    inner.set("id", inner.get("id") + "_2")
            one.addnext(twin)
        case "tag":
            one.tag = data.draw(st.sampled_from(TAGS))
        case "move":
            if one not in list(other.iterancestors()) and one is not other:
                other.append(one)
        case "attribute":
            one.set(data.draw(st.sampled_from(NAMES_OF_ATTRIBUTES)), data.draw(st.sampled_from(VALUES)))
        case "swap":
            key = data.draw(st.sampled_from(NAMES_OF_ATTRIBUTES))
            mine, theirs = one.get(key), other.get(key)
            if mine is not None and theirs is not None:
                one.set(key, theirs)
                other.set(key, mine)
        case "lose":
            if one.attrib:
                del one.attrib[data.draw(st.sampled_from(sorted(one.attrib)))]
        case "text":
            one.text = data.draw(st.sampled_from(VALUES))


@given(st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_diagram_with_slips_gives_findings_or_runs(data: st.DataObject) -> None:
    root = copy.deepcopy(data.draw(st.sampled_from(ROOTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(data, root)
    broken = etree.tostring(root)
    if not any(finding.severity == "error" for finding in check(broken)):
        for process in opened(broken).processes:
            walk(process, data)


def test_the_diagrams_are_good_before_they_are_broken() -> None:
    for root in ROOTS:
        assert [one for one in check(etree.tostring(root)) if one.severity == "error"] == []


def walk(process: Process, data: st.DataObject) -> None:
    """Build, start, and let come whatever is waited for, a few times; a fault with a sentence is an answer too."""
    program = spiff.build(process)
    try:
        run = Run.start(program, GIVEN, evaluate)
        for _ in range(15):
            waiting = run.snapshot().waiting
            if not waiting:
                return
            go_on(run, data.draw(st.sampled_from(waiting)))
            run = Run.restore(program, run.save(), evaluate)
    except HandslagError as fault:
        assert fault.message


def go_on(run: Run, wait: Waiting) -> None:
    if wait.kind in (WaitKind.USER, WaitKind.MANUAL, WaitKind.JOB, WaitKind.CALL):
        run.complete(wait.key, RESULT)
    else:
        run.trigger(wait.key, {})
