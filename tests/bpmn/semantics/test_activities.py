"""Activities, calls, loops and multi-instances (BPMN 2.0 §13.3)."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import called, check
from tests.support.diagrams import task
from tests.support.parts import ENDS, ERROR, ESCALATION, MESSAGE, SIGNAL, boundary, event, handler, subprocess_of
from tests.support.semantics import Row

A, B, C, D = (task(key) for key in "abcd")
PLAN = task("a", "serviceTask", '<extensionElements><handslag:operation name="plan"/></extensionElements>')
SCRIPT = task("a", "scriptTask", '<extensionElements><handslag:operation name="plan"/></extensionElements>')


def many(
    what: str = "", *, loop: str = 'collection="=all" element="x"', sequential: bool = False, attributes: str = ""
) -> str:
    """Multi-instance characteristics over the variable `all`."""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" {attributes}>'
        f"<extensionElements><handslag:loop {loop}/></extensionElements>{what}</multiInstanceLoopCharacteristics>"
    )


ENOUGH = "<completionCondition>numberOfCompletedInstances &gt;= 2</completionCondition>"
ANSWERS = 'collection="=all" element="x" output="answers" outputElement="=stance"'
NESTED = subprocess_of("s", task("a", inner=many(loop='collection="=x" element="y"')) + "[[begin > a]]" + many())
LATE = b'<escalationEventDefinition id="late" escalationRef="x1"/>'
THREE = {"all": [1, 2, 3]}

ROWS = [
    Row("an error end that nothing catches stops the step: an incident in a running case, `failed` in a trial", ENDS.replace('<endEvent id="end"/>', event("end", "endEvent", ERROR)) + A, "start > a > end",
        does="a", status="failed", trace="start a+ | a- end end?"),
    Row("iterations run together and answers stand in the order of the items", ENDS + task("a", inner=many(loop=ANSWERS)), "start > a > end", data=THREE,
        does='a={"stance": "ja"}; a={"stance": "nej"}; a={"stance": "avstår"}', ends_with={"answers": ["ja", "nej", "avstår"]},
        trace="start a+ a+ a+ a+ | a- | a- | a- a- end"),
    Row("iterations one after the other", ENDS + task("a", inner=many(sequential=True)), "start > a > end", data=THREE, does="a; a; a",
        trace="start a+ a+ | a- a+ | a- a+ | a- a- end"),
    Row("a multi-instance over nothing is passed", ENDS + task("a", inner=many()), "start > a > end", data={"all": []}, trace="start a end"),
    Row("a multi-instance by cardinality", ENDS + task("a", inner="<multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality></multiInstanceLoopCharacteristics>"),
        "start > a > end", data={"n": 2}, does="a; a", trace="start a+ a+ a+ | a- | a- a- end"),
    Row("a completion condition ends a multi-instance and keeps the answers given", ENDS + task("a", inner=many(ENOUGH, loop=ANSWERS)), "start > a > end",
        data=THREE, does='a={"stance": "ja"}; a={"stance": "nej"}', ends_with={"answers": ["ja", "nej"]}, trace="start a+ a+ a+ a+ | a- | a- a! a- end"),
    Row("a completion condition ends a sequential multi-instance", ENDS + task("a", inner=many(ENOUGH, sequential=True)), "start > a > end", data=THREE,
        does="a; a", trace="start a+ a+ | a- a+ | a- a- end"),
    Row("a deadline that interrupts a multi-instance keeps the answers given", ENDS + task("a", inner=many(loop=ANSWERS)) + boundary("stop", "a", SIGNAL) + B,
        "start > a > end; stop > b > end", data=THREE, does='a={"stance": "ja"}; signal Moved; b', ends_with={"answers": ["ja"]},
        trace="start a+ a+ a+ a+ | a- | a! a! a! stop b+ | b- end"),
    Row("a multi-instance in a multi-instance", ENDS + NESTED, "start > s > end", data={"all": [[1, 2], [3]]}, does="a; a; a",
        trace="start s+ s+ s+ begin begin a+ a+ a+ a+ a+ | a- | a- a- s- | a- a- s- s- end"),
    Row("a nested completion condition ends its own iterations alone", ENDS + NESTED.replace(
        'element="y"/></extensionElements>', 'element="y"/></extensionElements><completionCondition>numberOfCompletedInstances = 1</completionCondition>'),
        "start > s > end", data={"all": [[1, 2], [3, 4]]}, does="a; a",
        trace="start s+ s+ s+ begin begin a+ a+ a+ a+ a+ a+ | a- a! a- s- | a- a! a- s- s- end"),
    Row("behaviour None: every iteration's end throws its event", ENDS + task("a", inner=many(attributes='behavior="None" noneBehaviorEventRef="late"'))
        + boundary("edge", "a", ESCALATION, interrupting=False) + B, "start > a > end; edge > b > end", data={"all": [1, 2]}, does="a; a; b; b", more=LATE,
        trace="start a+ a+ a+ | edge a- b+ | edge a- a- b+ end | b- end | b- end"),
    Row("behaviour One: the first iteration's end throws its event", ENDS + task("a", inner=many(attributes='behavior="One" oneBehaviorEventRef="late"'))
        + boundary("edge", "a", ESCALATION) + B, "start > a > end; edge > b > end", data=THREE, does="a; b", more=LATE,
        trace="start a+ a+ a+ a+ | a! a! a! a! edge b+ | b- end"),
    Row("behaviour Complex: an iteration's end throws what its condition chooses", ENDS + task("a", inner=many(
        '<complexBehaviorDefinition><condition>numberOfCompletedInstances = 2</condition><event><escalationEventDefinition escalationRef="x1"/></event>'
        "</complexBehaviorDefinition>", attributes='behavior="Complex"')) + boundary("edge", "a", ESCALATION, interrupting=False) + B,
        "start > a > end; edge > b > end", data=THREE, does="a; a; b; a", trace="start a+ a+ a+ a+ | a- | edge a- b+ | b- end | a- a- end"),
    Row("a standard loop asks before", ENDS + task("a", inner='<standardLoopCharacteristics testBefore="true"><loopCondition>again</loopCondition></standardLoopCharacteristics>'),
        "start > a > end", data={"again": False}, trace="start a end"),
    Row("a standard loop asks after, up to its maximum", ENDS + task("a", inner='<standardLoopCharacteristics loopMaximum="3"><loopCondition>again</loopCondition></standardLoopCharacteristics>'),
        "start > a > end", data={"again": True}, does="a; a; a", trace="start a+ a+ | a- a+ | a- a+ | a- a- end"),
    Row("a standard loop with a maximum alone", ENDS + task("a", inner='<standardLoopCharacteristics loopMaximum="2"/>'), "start > a > end", does="a; a",
        trace="start a+ a+ | a- a+ | a- a- end"),
    Row("a standard loop builds on what its laps wrote", ENDS + subprocess_of("s", A + "[[begin > a]]" + '<standardLoopCharacteristics testBefore="true"><loopCondition>n &lt; 2'
        "</loopCondition></standardLoopCharacteristics>"), "start > s > end", data={"n": 0}, does='a={"n": 1}; a={"n": 2}', ends_with={"n": 2},
        trace="start s+ s+ begin a+ | a- s- s+ begin a+ | a- s- s- end"),
    Row("an event at a standard loop counts for all laps", ENDS + task("a", inner='<standardLoopCharacteristics loopMaximum="2"/>') + boundary("edge", "a", SIGNAL, interrupting=False) + B,
        "start > a > end; edge > b > end", does="signal Moved; a; signal Moved; a; b; b", trace="start a+ a+ | edge b+ | a- a+ | edge b+ | a- a- end | b- end | b- end"),
    Row("an event at a sequential multi-instance stops it between two", ENDS + task("a", inner=many(sequential=True)) + boundary("edge", "a", SIGNAL) + B, "start > a > end; edge > b > end",
        data=THREE, does="a; signal Moved; b", trace="start a+ a+ | a- a+ | a! a! edge b+ | b- end"),
    Row("an event at a multi-instance subprocess in a loop is there again in the next lap",
        ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>' + subprocess_of("s", A + "[[begin > a]]" + many()) + boundary("edge", "s", SIGNAL) + B,
        "start > back > s > gate; gate > back : again\ngate > end *\nedge > b > gate", data={"all": [1, 2], "again": False},
        does='a; signal Moved; b={"again": true}; a; a={"again": false}',
        trace="start back s+ s+ s+ begin begin a+ a+ | a- s- | a! s! s! edge b+ | b- gate back s+ s+ s+ begin begin a+ a+ | a- s- | a- s- s- gate end"),
    Row("an event subprocess beside is each iteration's own", ENDS + subprocess_of("s", A + handler("h", SIGNAL, "w", interrupting=False) + "[[begin > a]]" + many()), "start > s > end",
        data={"all": [1, 2]}, does="signal Moved; a; w; w; a", trace="start s+ s+ s+ begin begin a+ a+ | h+ h_start w+ h+ h_start w+ | a- | w- h- s- | w- h- | a- s- s- end"),
    Row("an event subprocess that interrupts ends its own iteration alone", ENDS + subprocess_of("s", A + handler("h", MESSAGE, "w") + "[[begin > a]]" + many()), "start > s > end",
        data={"all": [1, 2]}, does="message Answer; w; a", trace="start s+ s+ s+ begin begin a+ a+ | a! h+ h_start w+ | w- h- s- | a- s- s- end"),
    Row("a terminate end in an iteration ends that iteration alone", ENDS + subprocess_of("s", A + B + '<parallelGateway id="fork"/>' + event("kill", "endEvent", "<terminateEventDefinition/>")
        + "[[begin > fork; fork > a > kill; fork > b]]" + many()) + C, "start > s > c > end", data={"all": [1, 2]}, does="a; b; a; c",
        trace="start s+ s+ s+ begin begin fork fork a+ b+ a+ b+ | a- kill b! s- | b- | a- kill s- s- c+ | c- end"),
    Row("each iteration waits for a date of its own", ENDS + subprocess_of("s", event("t", "intermediateCatchEvent", "<timerEventDefinition><timeDate>=x</timeDate></timerEventDefinition>")
        + "[[begin > t]]" + many()), "start > s > end", data={"all": ["2026-04-01", "2026-04-05"]}, does="advance P31D; advance P4D",
        trace="start s+ s+ s+ begin begin t+ t+ | t- s- | t- s- s- end"),
    Row("a completion condition may ask how many go on", ENDS + task("a", inner=many("<completionCondition>numberOfActiveInstances = 1</completionCondition>")), "start > a > end", data=THREE,
        does="a; a", trace="start a+ a+ a+ a+ | a- | a- a! a- end"),
    Row("a multi-instance by cardinality none is passed", ENDS + task("a", inner="<multiInstanceLoopCharacteristics><loopCardinality>0</loopCardinality></multiInstanceLoopCharacteristics>"),
        "start > a > end", trace="start a end"),
    Row("behaviour One: a signal that the first end throws reaches others too", ENDS + task("a", inner=many(attributes='behavior="One" oneBehaviorEventRef="moved"'))
        + boundary("edge", "a", SIGNAL, interrupting=False) + B, "start > a > end; edge > b > end", data={"all": [1, 2]}, does="a; a; b",
        more=b'<signalEventDefinition id="moved" signalRef="s1"/>', trace="start a+ a+ a+ | a- edge b+ | a- a- end | b- end"),
    Row("loops never bring old values back", ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/><parallelGateway id="fork"/><parallelGateway id="join"/>' + A + B + C,
        "start > back > fork; fork > a > join; fork > b > join; join > c > gate; gate > back : n &lt; 3\ngate > end *".replace("&lt;", "<"), data={"n": 0, "deep": {"v": 0}},
        does='a={"deep": {"v": 1}}; b={"y": 1}; c={"n": 1}; b={"y": 2}; a={"deep": {"v": 2}}; c={"n": 2}; a; b={"y": 3}; c={"n": 3}',
        ends_with={"deep": {"v": 2}, "y": 3, "n": 3},
        trace="start back fork a+ b+ | a- | b- join c+ | c- gate back fork a+ b+ | b- | a- join c+ | c- gate back fork a+ b+ | a- | b- join c+ | c- gate end"),
    Row("a subprocess has tokens of its own and ends when the last of them has", ENDS + subprocess_of("s", A + B + '<endEvent id="ea"/><endEvent id="eb"/>[[begin > a > ea; begin > b > eb]]') + C,
        "start > s > c > end", does="b; a; c", trace="start s+ begin a+ b+ | b- eb | a- ea s- c+ | c- end"),
    Row("a subprocess's inputs are its own, and what its tasks find out is the process's",
        ENDS + subprocess_of("s", A + "[[begin > a]]").replace('<subProcess id="s">', '<subProcess id="s"><extensionElements><handslag:input name="x" value="=x + 1"/></extensionElements>'),
        "start > s > end", data={"x": 1}, does='a={"x": 9, "y": 2}', ends_with={"x": 1, "y": 2}, trace="start s+ begin a+ | a- s- end"),
    Row("a terminate end stops its own subprocess alone", ENDS + subprocess_of("s", A + B + '<parallelGateway id="fork"/>' + event("kill", "endEvent", "<terminateEventDefinition/>")
        + "[[begin > fork; fork > a; fork > b > kill]]") + C, "start > s > c > end", does="b; c", trace="start s+ begin fork a+ b+ | b- kill a! s- c+ | c- end"),
    Row("a terminate end of the process stops everything", ENDS.replace('<endEvent id="end"/>', event("end", "endEvent", "<terminateEventDefinition/>")) + A + B,
        "start > a > end; start > b", does="a", trace="start a+ b+ | a- end b!"),
    Row("lanes say who does the work and change nothing else", '<laneSet><lane id="l1"><flowNodeRef>start</flowNodeRef><flowNodeRef>a</flowNodeRef></lane><lane id="l2"><childLaneSet>'
        '<lane id="l3"><flowNodeRef>b</flowNodeRef></lane></childLaneSet><flowNodeRef>end</flowNodeRef></lane></laneSet>' + ENDS + A + B, "start > a > b > end", does="a; b",
        trace="start a+ | a- b+ | b- end"),
    Row("pools and message flows are drawings around the processes that run", ENDS + event("send", "intermediateThrowEvent", MESSAGE), "start > send > end", does="w",
        trace="start send end qs w+ | w- qe",
        more=b'<collaboration id="col"><participant id="one" processRef="p"/><participant id="other" processRef="q"/><participant id="closed" name="Region"/>'
        b'<messageFlow id="mf" sourceRef="send" targetRef="other"/></collaboration>'
        + called(f'<startEvent id="qs">{MESSAGE}</startEvent><userTask id="w"/><endEvent id="qe"/>', "qs > w > qe")),
    Row("pools send each other messages, and a message starts a pool",
        ENDS + event("send", "intermediateThrowEvent", MESSAGE) + event("wait", "intermediateCatchEvent", '<messageEventDefinition messageRef="m2"/>'),
        "start > send > wait > end", does="w", trace="start send wait+ qs w+ | w- qe wait- end",
        more=called(f'<startEvent id="qs">{MESSAGE}</startEvent><userTask id="w"/><endEvent id="qe"><messageEventDefinition messageRef="m2"/></endEvent>', "qs > w > qe")),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_activities_run(row: Row) -> None:
    check(row)
