"""Tasks of every type, and the data that they read and write (BPMN 2.0 §13.3.3, §10.4)."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import check
from tests.dmn.test_decisions import decision, definitions, table
from tests.support.diagrams import task
from tests.support.parts import ENDS, ERROR, MESSAGE, SIGNAL, boundary, event, subprocess_of
from tests.support.semantics import Row

A, B = task("a"), task("b")


def extended(*elements: str) -> str:
    """Extension elements of ours."""
    return f"<extensionElements>{''.join(f'<handslag:{each}/>' for each in elements)}</extensionElements>"


OPERATION = 'operation name="plan"'
ROUTE = (("route.dmn", definitions(decision("route", table(["days"], ["way"], '< 5 -> "quick"', '[5..9] -> "slow"')))),)  # fmt: skip
TWO = (("route.dmn", definitions(decision("route", table(["days"], ["way", "who"], '< 5 -> "quick" | "chair"')))),)
RULE = task("a", "businessRuleTask", extended('decision ref="route" result="chosen"'))
OBJECT = '<dataObject id="obj"/><dataObjectReference id="ref" name="stance" dataObjectRef="obj"/>'
OBJECT += '<dataObjectReference id="again" name="stance [decided]" dataObjectRef="obj"><dataState name="decided"/></dataObjectReference>'
PROPERTY = '<property id="obj" name="stance"/>'


def reading(source: str = "ref", more: str = "") -> str:
    """What makes an activity read data as its own variable `seen`."""
    own = '<ioSpecification><dataInput id="in_1" name="seen"/></ioSpecification>'
    ends = f"<sourceRef>{source}</sourceRef><targetRef>in_1</targetRef>"
    return f"{own}<dataInputAssociation>{ends}{more}</dataInputAssociation>"


def writing(target: str = "ref", more: str = "") -> str:
    """What makes an activity write its output `said` as data."""
    own = '<ioSpecification><dataOutput id="out_1" name="said"/></ioSpecification>'
    ends = f"<sourceRef>out_1</sourceRef><targetRef>{target}</targetRef>"
    return f"{own}<dataOutputAssociation>{ends}{more}</dataOutputAssociation>"


MANY = (
    '<ioSpecification><dataInput id="in_1" name="all"/><dataOutput id="out_1" name="answers"/></ioSpecification>'
    "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>in_1</targetRef></dataInputAssociation>"
    "<dataOutputAssociation><sourceRef>out_1</sourceRef><targetRef>got</targetRef></dataOutputAssociation>"
    "<multiInstanceLoopCharacteristics><loopDataInputRef>in_1</loopDataInputRef><loopDataOutputRef>out_1</loopDataOutputRef>"
    '<inputDataItem id="i" name="who"/><outputDataItem id="o" name="answer"/></multiInstanceLoopCharacteristics>'
)
GIVEN = '<dataOutput id="out_1" name="said"/><dataOutputAssociation><sourceRef>out_1</sourceRef><targetRef>ref</targetRef></dataOutputAssociation>'
SENT = '<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>in_1</targetRef></dataInputAssociation><dataInput id="in_1" name="view"/>'

TASKS = [
    Row("tasks without work of their own pass at once; people, jobs and messages are waited for",
        ENDS + '<task id="t"/><manualTask id="b"/><userTask id="c"/><receiveTask id="d" messageRef="m1"/><sendTask id="e" messageRef="m2"/>',
        "start > t > b > c > d > e > end", does="b; c; message Answer", trace="start t b+ | b- c+ | c- d+ | d- e end"),
    Row("a user task writes what was sent in", ENDS + A, "start > a > end", does='a={"stance": "ja", "note": 1}', ends_with={"stance": "ja", "note": 1},
        trace="start a+ | a- end"),
    Row("a user task with outputs writes those alone", ENDS + task("a", inner=extended('output name="view" value="=stance"')), "start > a > end",
        does='a={"stance": "ja", "note": 1}', ends_with={"view": "ja", "stance": None, "note": None}, trace="start a+ | a- end"),
    Row("a user task's operation takes what was sent in, and its answer is the result", ENDS + task("a", inner=extended(OPERATION)), "start > a > end",
        answers=(("plan", {"number": 7}),), does='a={"stance": "ja"}', ends_with={"number": 7, "stance": None}, trace="start a+ | a- end"),
    Row("a user task whose operation fails with a BPMN error goes on at the boundary", ENDS + task("a", inner=extended(OPERATION)) + boundary("no", "a", ERROR) + B,
        "start > a > end; no > b > end", answers=(("plan", "NoSlot"),), does="a; b", trace="start a+ | a? no b+ | b- end"),
    Row("a user task's inputs are its own", ENDS + task("a", inner=extended('input name="x" value="=x + 1"', 'output name="y" value="=x"')), "start > a > end",
        data={"x": 1}, does="a", ends_with={"x": 1, "y": 2}, trace="start a+ | a- end"),
    Row("a manual task is done by a person, and may say something", ENDS + task("a", "manualTask"), "start > a > end", does='a={"done": true}', ends_with={"done": True},
        trace="start a+ | a- end"),
    Row("a service task takes what its operation gives", ENDS + task("a", "serviceTask", extended(OPERATION)) + B, "start > a > b > end",
        answers=(("plan", {"route": 7}),), does="b", ends_with={"route": 7}, trace="start a b+ | b- end"),
    Row("a service task maps what its operation gives", ENDS + task("a", "serviceTask", extended(OPERATION, 'output name="way" value="=route + 1"')),
        "start > a > end", answers=(("plan", {"route": 7}),), ends_with={"way": 8, "route": None}, trace="start a end"),
    Row("a script task is an operation too", ENDS + task("a", "scriptTask", extended(OPERATION)), "start > a > end", answers=(("plan", {"route": 7}),),
        ends_with={"route": 7}, trace="start a end"),
    Row("a script task without operation gives its outputs their values", ENDS + task("a", "scriptTask", extended('output name="y" value="=x * 2"')), "start > a > end",
        data={"x": 3}, ends_with={"y": 6}, trace="start a end"),
    Row("a send task runs its operation", ENDS + task("a", "sendTask", extended(OPERATION)), "start > a > end", answers=(("plan", {"sent": True}),),
        ends_with={"sent": True}, trace="start a end"),
    Row("a send task sends its inputs to the one who waits with its keys",
        ENDS + '<parallelGateway id="fork"/>' + "".join(f'<receiveTask id="r{n}" messageRef="m1">{extended(f"""correlation name="k" value="={n}" """)}</receiveTask>' for n in (1, 2))
        + '<sendTask id="s" messageRef="m1">' + extended('input name="stance" value="=view"', 'correlation name="k" value="=2"') + "</sendTask>",
        "start > fork; fork > r1 > end; fork > r2 > end; fork > s > end", data={"view": "ja"}, status="waiting", ends_with={"stance": "ja"},
        trace="start fork r1+ r2+ s end r2- end"),
    Row("a receive task takes a message that came before it", ENDS + A + '<receiveTask id="r" messageRef="m1"/>', "start > a > r > end",
        does='message Answer:{"stance": "ja"}; a', ends_with={"stance": "ja"}, trace="start a+ |  | a- r end"),
    Row("a receive task writes what its outputs name", ENDS + '<receiveTask id="r" messageRef="m1">' + extended('output name="view" value="=stance"') + "</receiveTask>",
        "start > r > end", does='message Answer:{"stance": "ja"}', ends_with={"view": "ja", "stance": None}, trace="start r+ | r- end"),
    Row("receive tasks of a multi-instance are each met by their own key",
        ENDS + '<receiveTask id="r" messageRef="m1">' + extended('correlation name="k" value="=x"') + "<multiInstanceLoopCharacteristics>"
        + extended('loop collection="=all" element="x" output="views" outputElement="=stance"') + "</multiInstanceLoopCharacteristics></receiveTask>", "start > r > end",
        data={"all": [1, 2]}, does='message Answer:{"k": 2, "stance": "nej"}; message Answer:{"k": 1, "stance": "ja"}', ends_with={"views": ["ja", "nej"]},
        trace="start r+ r+ r+ | r- | r- r- end"),
    Row("a business rule task asks its decision", ENDS + RULE, "start > a > end", data={"days": 3}, beside=ROUTE, ends_with={"chosen": "quick"}, trace="start a end"),
    Row("a decision without a result's name gives its own", ENDS + RULE.replace(' result="chosen"', ""), "start > a > end", data={"days": 7}, beside=ROUTE,
        ends_with={"route": "slow"}, trace="start a end"),
    Row("several outputs of a decision go to their own names", ENDS + RULE.replace(' result="chosen"', ""), "start > a > end", data={"days": 3}, beside=TWO,
        ends_with={"way": "quick", "who": "chair", "route": None}, trace="start a end"),
    Row("a decision of which no rule fits stops the step", ENDS + RULE, "start > a > end", data={"days": 30}, beside=ROUTE, status="failed", trace="start a+"),
    Row("a decision sees the inputs of its task", ENDS + task("a", "businessRuleTask", extended('decision ref="route" result="chosen"', 'input name="days" value="=weeks * 7"')),
        "start > a > end", data={"weeks": 1}, beside=ROUTE, ends_with={"chosen": "slow"}, trace="start a end"),
    Row("an operation that fails with a BPMN error goes on at the boundary", ENDS + task("a", "serviceTask", extended(OPERATION)) + B + boundary("no", "a", ERROR),
        "start > a > end; no > b > end", answers=(("plan", "NoSlot"),), does="b", trace="start a+ a? no b+ | b- end"),
    Row("an operation's error that nothing catches stops the step: an incident in a running case, `failed` in a trial", ENDS + task("a", "serviceTask", extended(OPERATION)) + boundary("no", "a", ERROR),
        "start > a > end; no > end", answers=(("plan", "Other"),), status="failed", trace="start a+ a?"),
    Row("an error of a task goes out to the nearest scope that catches it", ENDS + subprocess_of("s", task("a", "serviceTask", extended(OPERATION)) + "[[begin > a]]") + B
        + boundary("no", "s", ERROR), "start > s > end; no > b > end", answers=(("plan", "NoSlot"),), does="b", trace="start s+ begin a+ a? s! no b+ | b- end"),
    Row("an error event that names no code catches every code", ENDS + task("a", "serviceTask", extended(OPERATION)) + B + boundary("no", "a", "<errorEventDefinition/>"),
        "start > a > end; no > b > end", answers=(("plan", "Other"),), does="b", trace="start a+ a? no b+ | b- end"),
    Row("attributes may be written as 1 and 0", ENDS + A + B + boundary("edge", "a", SIGNAL, interrupting=False).replace('"false"', '"0"'), "start > a > end; edge > b > end",
        does="signal Moved; a; b", trace="start a+ | edge b+ | a- end | b- end"),
]  # fmt: skip
DATA = [
    Row("a data object is one variable, whatever its state", ENDS + OBJECT + task("a", inner=writing()) + task("b", inner=reading("again")
        + extended('output name="copy" value="=seen"')), "start > a > b > end", does='a={"said": "ja", "gossip": 1}; b', ends_with={"stance": "ja", "gossip": None, "copy": "ja"},
        trace="start a+ | a- b+ | b- end"),
    Row("a property of the process is a variable", ENDS + PROPERTY + task("a", inner=writing("obj")) + task("b", inner=reading("obj")
        + extended('output name="copy" value="=seen"')), "start > a > b > end", does='a={"said": "ja"}; b', ends_with={"stance": "ja", "copy": "ja"},
        trace="start a+ | a- b+ | b- end"),
    Row("transformations and assignments are FEEL", ENDS + OBJECT + task("a", inner=writing(more="<transformation>upper case(said)</transformation>"))
        + task("b", inner=reading(more="<assignment><from>string length(stance)</from><to>in_1</to></assignment>") + extended('output name="n" value="=seen"')),
        "start > a > b > end", does='a={"said": "ja"}; b', ends_with={"stance": "JA", "n": 2}, trace="start a+ | a- b+ | b- end"),
    Row("a data object of a subprocess is its own", ENDS + subprocess_of("s", OBJECT + task("a", inner=writing()) + "[[begin > a]]"), "start > s > end",
        data={"stance": "outer"}, does='a={"said": "inner"}', ends_with={"stance": "outer"}, trace="start s+ begin a+ | a- s- end"),
    Row("a property of a subprocess is its own", ENDS + subprocess_of("s", PROPERTY + task("a", inner=writing("obj")) + "[[begin > a]]"), "start > s > end",
        data={"stance": "outer"}, does='a={"said": "inner"}', ends_with={"stance": "outer"}, trace="start s+ begin a+ | a- s- end"),
    Row("a multi-instance activity loops over its data input and collects its data output",
        ENDS + OBJECT.replace("stance", "consultees") + '<dataObject id="got" name="got"/>' + task("a", inner=MANY), "start > a > end", data={"consultees": ["x", "y"]},
        does='a={"answer": 1}; a={"answer": 2}', ends_with={"got": [1, 2]}, trace="start a+ a+ a+ | a- | a- a- end"),
    Row("an event gives what it received to a data object", ENDS + OBJECT + event("m", "intermediateCatchEvent", GIVEN + MESSAGE), "start > m > end",
        does='message Answer:{"said": "ja", "more": 1}', ends_with={"stance": "ja", "more": None}, trace="start m+ | m- end"),
    Row("an event sends what it reads of a data object", ENDS + OBJECT + '<parallelGateway id="fork"/>' + event("m", "intermediateCatchEvent", MESSAGE)
        + event("up", "intermediateThrowEvent", SENT + MESSAGE), "start > fork; fork > m > end; fork > up > end", data={"stance": "ja"}, ends_with={"view": "ja"},
        trace="start fork m+ up end m- end"),
    Row("an arrow that a tool draws to a data object without saying what of it moves nothing",
        ENDS + OBJECT + task("a", inner="<dataOutputAssociation><targetRef>ref</targetRef></dataOutputAssociation>"), "start > a > end", does='a={"view": 1}',
        ends_with={"view": 1, "stance": None}, trace="start a+ | a- end"),
]  # fmt: skip
ROWS = [*TASKS, *DATA]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_tasks_run(row: Row) -> None:
    check(row)
