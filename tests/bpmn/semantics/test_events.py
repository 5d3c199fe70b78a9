"""Events that are caught and thrown: at activities, in event subprocesses, between flows (BPMN 2.0 §13.5)."""

from __future__ import annotations

import re

import pytest

from tests.bpmn.semantics.rows import called, check
from tests.support.diagrams import task
from tests.support.parts import (
    CONDITION,
    ENDS,
    ERROR,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    TIMER,
    boundary,
    event,
    handler,
    subprocess_of,
)
from tests.support.semantics import Row

A, B, C, D = (task(key) for key in "abcd")
CYCLE = "<timerEventDefinition><timeCycle>R3/P7D</timeCycle></timerEventDefinition>"
DATE = "<timerEventDefinition><timeDate>2026-04-01</timeDate></timerEventDefinition>"
FROM_OUTSIDE = {
    "timer": (TIMER, "advance P14D"), "message": (MESSAGE, "message Answer"), "signal": (SIGNAL, "signal Moved"),
    "condition": (CONDITION, 'x={"days": 2}'),
}  # fmt: skip
"""Trigger -> (definition, what lets it come). A condition becomes true by a task beside."""
GIVES = '<extensionElements><handslag:input name="v" value="=1 + 1"/></extensionElements>'
EACH = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=all" element="x"/></extensionElements></multiInstanceLoopCharacteristics>'
LINK_OUT = event("out", "intermediateThrowEvent", '<linkEventDefinition name="L"/>')
LINK_IN = event("in", "intermediateCatchEvent", '<linkEventDefinition name="L"/>')
BESIDE = '<parallelGateway id="fork"/>' + task("x")


def all_of(drawn: str) -> str:
    """An event that waits for all of its triggers."""
    return re.sub(
        r"(<(?:boundaryEvent|startEvent|intermediateCatchEvent) )", r'\1parallelMultiple="true" ', drawn, count=1
    )


def beside_a_task(name: str, definition: str, comes: str, *, interrupting: bool) -> Row:
    """An event at a task, while another task goes on."""
    is_condition = name == "condition"
    edge = boundary("edge", "a", definition, interrupting=interrupting)
    does = [comes, "b", *([] if interrupting else ["a"]), *([] if is_condition else ["x"])]
    trace = [
        "start fork a+ x+",
        ("x- " if is_condition else "") + ("a! " if interrupting else "") + "edge b+",
        "b- end",
    ]
    trace += [*([] if interrupting else ["a- end"]), *([] if is_condition else ["x-"])]
    return Row(
        f"{name} at a task, interrupting: {interrupting}", ENDS + BESIDE + A + B + edge,
        "start > fork; fork > a > end; fork > x; edge > b > end", data={"days": 9}, does="; ".join(does), trace=" | ".join(trace),
    )  # fmt: skip


def in_a_subprocess(name: str, definition: str, comes: str, *, interrupting: bool) -> Row:
    """An event subprocess in a subprocess with two tasks."""
    is_condition = name == "condition"
    inner = (
        BESIDE + A + handler("h", definition, "w", interrupting=interrupting) + "[[begin > fork; fork > a; fork > x]]"
    )
    left = [] if interrupting else ["a"] if is_condition else ["a", "x"]
    gone = ("a! " if is_condition else "a! x! ") if interrupting else ""
    ends = ["w- h-", *(f"{key}-" for key in left)]
    ends[-1] += " s- end"
    return Row(
        f"{name} starts an event subprocess, interrupting: {interrupting}", ENDS + subprocess_of("s", inner), "start > s > end",
        data={"days": 9}, does="; ".join([comes, "w", *left]),
        trace=" | ".join(["start s+ begin fork a+ x+", ("x- " if is_condition else "") + f"{gone}h+ h_start w+", *ends]),
    )  # fmt: skip


UP, BAD = event("up", "intermediateThrowEvent", ESCALATION), event("up", "endEvent", ERROR)
RISES = A + UP + C + "[[begin > a > up > c]]"


def thrown_inside(definition: str, *, interrupting: bool = True) -> str:
    """A subprocess of two branches, of which one throws what an event subprocess catches."""
    thrown = event("up", "endEvent", definition)
    caught = handler("h", definition, "w", interrupting=interrupting)
    return ENDS + subprocess_of("s", A + B + thrown + caught + "[[begin > a > up; begin > b]]")


OUTSIDE = [
    make(name, definition, comes, interrupting=interrupting)
    for make in (beside_a_task, in_a_subprocess)
    for name, (definition, comes) in FROM_OUTSIDE.items()
    for interrupting in (True, False)
]
ROWS = [
    *OUTSIDE,
    Row("an escalation interrupts a subprocess at its edge", ENDS + subprocess_of("s", RISES) + B + boundary("edge", "s", ESCALATION), "start > s > end; edge > b > end",
        does="a; b", trace="start s+ begin a+ | a- up s! edge b+ | b- end"),
    Row("an escalation at the edge of a subprocess lets it go on", ENDS + subprocess_of("s", RISES) + B + boundary("edge", "s", ESCALATION, interrupting=False),
        "start > s > end; edge > b > end", does="a; b; c", trace="start s+ begin a+ | a- up+ edge up- b+ c+ | b- end | c- s- end"),
    Row("an error ends a subprocess at its edge", ENDS + subprocess_of("s", A + BAD + C + "[[begin > a > up; begin > c]]") + B + boundary("edge", "s", ERROR),
        "start > s > end; edge > b > end", does="a; b", trace="start s+ begin a+ c+ | a- up c! s! edge b+ | b- end"),
    Row("an error starts an event subprocess", thrown_inside(ERROR), "start > s > end", does="a; w", trace="start s+ begin a+ b+ | a- up b! h+ h_start w+ | w- h- s- end"),
    Row("an escalation starts an event subprocess that interrupts", thrown_inside(ESCALATION), "start > s > end", does="a; w",
        trace="start s+ begin a+ b+ | a- up+ b! up- h+ h_start w+ | w- h- s- end"),
    Row("an escalation starts an event subprocess beside", thrown_inside(ESCALATION, interrupting=False), "start > s > end", does="a; b; w",
        trace="start s+ begin a+ b+ | a- up+ h+ up- h_start w+ | b- | w- h- s- end"),
    Row("a timer at a date", ENDS + event("t", "intermediateCatchEvent", DATE), "start > t > end", does="advance P29D; advance P1D", trace="start t+ |  | t- end"),
    Row("a cycle at a task fires as often as it says", ENDS + A + boundary("edge", "a", CYCLE, interrupting=False) + B, "start > a > end; edge > b > end",
        does="advance P60D; a; b; b; b", trace="start a+ | edge b+ edge b+ edge b+ | a- end | b- end | b- end | b- end"),
    Row("a cycle starts an event subprocess again and again", ENDS + A + handler("h", CYCLE, "w", interrupting=False), "start > a > end",
        does="advance P8D; advance P8D; w; a; w", trace="start a+ | h+ h_start w+ | h+ h_start w+ | w- h- | a- end | w- h-"),
    Row("a condition that holds from the first is met at once", ENDS + event("c", "intermediateCatchEvent", CONDITION), "start > c > end", data={"days": 1},
        trace="start c end"),
    Row("a condition fires when it becomes true, and again when it has been false", ENDS + BESIDE + A + C + boundary("edge", "a", CONDITION, interrupting=False) + B,
        "start > fork; fork > x > c > end; fork > a > end; edge > b > end", data={"days": 9}, does='x={"days": 1}; b={"days": 8}; c={"days": 2}; b; a',
        trace="start fork x+ a+ | x- c+ edge b+ | b- end | c- end edge b+ | b- end | a- end"),
    Row("a message comes to the wait whose keys it has", ENDS + '<parallelGateway id="fork"/>' + "".join(
        event(key, "intermediateCatchEvent", f'<extensionElements><handslag:correlation name="k" value="{key}"/></extensionElements>{MESSAGE}') for key in ("m", "n")),
        "start > fork; fork > m > end; fork > n > end", does='message Answer:{"k": "n"}; message Answer:{"k": "m"}', trace="start fork m+ n+ | n- end | m- end"),
    Row("a signal thrown reaches every instance that waits, also its own", ENDS + '<callActivity id="a" calledElement="q"/>' + B
        + boundary("edge", "b", SIGNAL) + '<parallelGateway id="fork"/>', "start > fork; fork > a > end; fork > b > end; edge > end",
        does="w", trace="start fork a+ b+ qs w+ | w- up qe a- end b! edge end",
        more=called(f'<startEvent id="qs"/><userTask id="w"/>{event("up", "intermediateThrowEvent", SIGNAL)}<endEvent id="qe"/>', "qs > w > up > qe")),
    Row("a signal is not heard by what begins to wait after it was thrown", ENDS + event("up", "intermediateThrowEvent", SIGNAL) + event("c", "intermediateCatchEvent", SIGNAL),
        "start > up > c > end", does="signal Moved", trace="start up c+ | c- end"),
    Row("a signal is heard by a token that stands at the event when it is thrown", ENDS + '<parallelGateway id="fork"/>' + event("up", "intermediateThrowEvent", SIGNAL)
        + event("c", "intermediateCatchEvent", SIGNAL), "start > fork; fork > up > end; fork > c > end", trace="start fork up c+ end c- end"),
    Row("a loop that waits for a signal and throws it waits anew in every lap", ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>'
        + event("c", "intermediateCatchEvent", SIGNAL) + event("up", "intermediateThrowEvent", SIGNAL), "start > back > c > up > gate; gate > back : true\ngate > end *", status="waiting",
        does="signal Moved; signal Moved", trace="start back c+ | c- up gate back c+ | c- up gate back c+"),
    Row("a signal is not heard by a process that is called after it was thrown", ENDS + event("up", "intermediateThrowEvent", SIGNAL) + '<callActivity id="a" calledElement="q"/>',
        "start > up > a > end", status="waiting", trace="start up a+ qs qc+",
        more=called(f'<startEvent id="qs"/>{event("qc", "intermediateCatchEvent", SIGNAL)}<endEvent id="qe"/>', "qs > qc > qe")),
    Row("a signal end is heard by an event subprocess of the process", ENDS.replace('<endEvent id="end"/>', event("end", "endEvent", SIGNAL)) + A + B
        + handler("h", SIGNAL, "w", interrupting=False), "start > a > end; start > b", does="a; w; b", trace="start a+ b+ | a- end h+ h_start w+ | w- h- | b-"),
    Row("an event with several triggers is met by the first", ENDS + event("m", "intermediateCatchEvent", MESSAGE + SIGNAL + TIMER), "start > m > end",
        does="signal Moved", trace="start m+ | m- end"),
    Row("an event that waits for all its triggers is met by the last", ENDS + event("m", "intermediateCatchEvent", MESSAGE + SIGNAL).replace(
        '<intermediateCatchEvent id="m"', '<intermediateCatchEvent id="m" parallelMultiple="true"'), "start > m > end",
        does='message Answer:{"y": 1}; signal Moved', ends_with={"y": 1}, trace="start m+ |  | m- end"),
    Row("a boundary event with several triggers fires at each of them", ENDS + A + B + boundary("edge", "a", MESSAGE + SIGNAL, interrupting=False),
        "start > a > end; edge > b > end", does="signal Moved; message Answer; a; b; b", trace="start a+ | edge b+ | edge b+ | a- end | b- end | b- end"),
    Row("a boundary event with several triggers interrupts at the first", ENDS + A + B + boundary("edge", "a", TIMER + ERROR),
        "start > a > end; edge > b > end", does="a=!NoSlot; b", trace="start a+ | a? edge b+ | b- end"),
    Row("an event subprocess with several triggers starts at each of them", ENDS + A + handler("h", MESSAGE + SIGNAL, "w", interrupting=False), "start > a > end",
        does="signal Moved; message Answer; w; w; a", trace="start a+ | h+ h_start w+ | h+ h_start w+ | w- h- | w- h- | a- end"),
    Row("an event that throws several things throws all of them", ENDS + event("up", "intermediateThrowEvent", SIGNAL + MESSAGE) + '<parallelGateway id="fork"/>' + A
        + event("m", "intermediateCatchEvent", MESSAGE) + event("s", "intermediateCatchEvent", SIGNAL), "start > fork; fork > m > end; fork > s > end; fork > a > up > end",
        does="a", trace="start fork m+ s+ a+ | a- up end s- end m- end"),
    Row("the inner of two that catch an error wins, and an exact code before any code", ENDS + subprocess_of("s", A + event("bad", "endEvent", ERROR) + "[[begin > a > bad]]")
        + boundary("every", "s", "<errorEventDefinition/>") + boundary("exact", "s", ERROR) + B + C, "start > s > end; every > b > end; exact > c > end", does="a; c",
        trace="start s+ begin a+ | a- bad s! exact c+ | c- end"),
    Row("a signal starts every process that waits for it", ENDS + event("up", "intermediateThrowEvent", SIGNAL), "start > up > end", status="waiting",
        trace="start up end qs w+", more=called(f'<startEvent id="qs">{SIGNAL}</startEvent><userTask id="w"/><endEvent id="qe"/>', "qs > w > qe")),
    Row("a process with several starts begins at the one whose message comes", event("one", "startEvent", MESSAGE) + event("two", "startEvent", '<messageEventDefinition messageRef="m2"/>')
        + '<endEvent id="end"/>' + A + B, "one > a > end; two > b > end", does='message Withdrawn:{"why": "x"}; b', ends_with={"why": "x"}, trace=" | two b+ | b- end"),
    Row("a start with several triggers begins at each of them", event("start", "startEvent", MESSAGE + SIGNAL) + '<endEvent id="end"/>' + A, "start > a > end",
        does="signal Moved; message Answer; a; a", trace=" | start a+ | start a+ | a- end | a- end"),
    Row("a boundary event of several triggers that are all needed interrupts at the last", ENDS + A + all_of(boundary("edge", "a", MESSAGE + SIGNAL)) + B,
        "start > a > end; edge > b > end", does="signal Moved; message Answer; b", trace="start a+ |  | a! edge b+ | b- end"),
    Row("a boundary event beside of several triggers that are all needed waits for all of them again", ENDS + A + all_of(boundary("edge", "a", MESSAGE + SIGNAL, interrupting=False)) + B,
        "start > a > end; edge > b > end", does="signal Moved; message Answer; b; message Answer; signal Moved; b; a",
        trace="start a+ |  | edge b+ | b- end |  | edge b+ | b- end | a- end"),
    Row("an event subprocess of several triggers that are all needed starts at the last", ENDS + A + all_of(handler("h", MESSAGE + SIGNAL, "w")), "start > a > end",
        does="signal Moved; message Answer; w", trace="start a+ |  | a! h+ h_start w+ | w- h-"),
    Row("an event with a timer and a message that are both needed", ENDS + all_of(event("m", "intermediateCatchEvent", MESSAGE + TIMER)), "start > m > end",
        does="message Answer; advance P14D", trace="start m+ |  | m- end"),
    Row("a timer whose date is not known yet waits", ENDS + event("t", "intermediateCatchEvent", DATE.replace("2026-04-01", "=day")), "start > t > end", data={"day": None},
        does="advance P400D", status="waiting", trace="start t+ | "),
    Row("a timer takes what FEEL calculates of the variables", ENDS + event("t", "intermediateCatchEvent", TIMER.replace("P14D", "=duration(pause)")), "start > t > end",
        data={"pause": "P3D"}, does="advance P2D; advance P1D", trace="start t+ |  | t- end"),
    Row("a duration that has passed comes at once", ENDS + event("t", "intermediateCatchEvent", TIMER.replace("P14D", "-PT1H")), "start > t > end", does="advance PT1M",
        trace="start t+ | t- end"),
    Row("a cycle between two flows comes once", ENDS + event("t", "intermediateCatchEvent", CYCLE), "start > t > end", does="advance P7D; advance P60D", trace="start t+ | t- end | "),
    Row("a timer at an activity counts anew each time that the activity is entered", ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>' + A + boundary("late", "a", TIMER) + B,
        "start > back > a > gate; gate > back : again\ngate > end *\nlate > b > end", does='advance P10D; a={"again": true}; advance P10D; advance P4D; b',
        trace="start back a+ |  | a- gate back a+ |  | a! late b+ | b- end"),
    Row("a timer of an event subprocess counts anew each time that its subprocess is entered",
        ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>' + subprocess_of("s", A + handler("h", TIMER, "w", interrupting=False) + "[[begin > a]]"),
        "start > back > s > gate; gate > back : again\ngate > end *", does='advance P13D; a={"again": true}; advance P13D; advance P1D; w; a={"again": false}',
        trace="start back s+ begin a+ |  | a- s- gate back s+ begin a+ |  | h+ h_start w+ | w- h- | a- s- gate end"),
    Row("a message event subprocess takes its keys anew in every lap",
        ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>' + subprocess_of("s", A + handler("h",
            '<extensionElements><handslag:correlation name="k" value="=k"/></extensionElements>' + MESSAGE, "w", interrupting=False) + "[[begin > a]]"),
        "start > back > s > gate; gate > back : again\ngate > end *", data={"k": 1},
        does='message Answer:{"k": 1}; w; a={"k": 2, "again": true}; message Answer:{"k": 2}; w; a={"again": false}',
        trace="start back s+ begin a+ | h+ h_start w+ | w- h- | a- s- gate back s+ begin a+ | h+ h_start w+ | w- h- | a- s- gate end"),
    Row("what several messages brought to an event subprocess beside stays apart", ENDS + A + handler("h", MESSAGE, "w", interrupting=False).replace(
        task("w"), task("w", inner='<extensionElements><handslag:output name="got" value="=v"/></extensionElements>')), "start > a > end",
        does='message Answer:{"v": 1}; message Answer:{"v": 2}; w; a; w', ends_with={"v": None},
        trace="start a+ | h+ h_start w+ | h+ h_start w+ | w- h- | a- end | w- h-"),
    Row("an event subprocess inside an event subprocess", ENDS + A + handler("h", SIGNAL, "w", interrupting=False).replace("[[h_start > w]]",
        handler("hh", MESSAGE, "ww", interrupting=False) + "[[h_start > w]]"), "start > a > end", does="signal Moved; message Answer; w; ww; a",
        trace="start a+ | h+ h_start w+ | hh+ hh_start ww+ | w- | ww- hh- h- | a- end"),
    Row("an event subprocess that interrupts ends also those that run beside", ENDS + A + handler("h", MESSAGE, "w", interrupting=False) + handler("h2", SIGNAL, "w2"), "start > a > end",
        does="message Answer; signal Moved; w2", trace="start a+ | h+ h_start w+ | a! w! h! h2+ h2_start w2+ | w2- h2-"),
    Row("an error in an event subprocess goes out of the scope that it stands in", ENDS + subprocess_of("s", A + handler("h", ERROR, "w").replace(
        "[[h_start > w]]", event("bad2", "endEvent", ERROR) + "[[h_start > w > bad2]]") + event("bad", "endEvent", ERROR) + "[[begin > a > bad]]")
        + boundary("edge", "s", ERROR) + B, "start > s > end; edge > b > end", does="a; w; b", trace="start s+ begin a+ | a- bad h+ h_start w+ | w- bad2 h! s! edge b+ | b- end"),
    Row("a terminate end in an event subprocess ends that alone", ENDS + A + handler("h", SIGNAL, "w", interrupting=False).replace("[[h_start > w]]",
        event("kill", "endEvent", "<terminateEventDefinition/>") + "[[h_start > w > kill]]"), "start > a > end", does="signal Moved; w; a",
        trace="start a+ | h+ h_start w+ | w- kill h- | a- end"),
    Row("a scope waits for an event subprocess that runs beside", ENDS + subprocess_of("s", A + handler("h", SIGNAL, "w", interrupting=False) + "[[begin > a]]") + B,
        "start > s > b > end", does="signal Moved; a; w; b", trace="start s+ begin a+ | h+ h_start w+ | a- | w- h- s- b+ | b- end"),
    Row("an escalation that an event subprocess of its own scope catches goes no further", ENDS + subprocess_of("s", A + UP + handler("h", ESCALATION, "w", interrupting=False)
        + "[[begin > a > up]]") + boundary("edge", "s", ESCALATION) + B, "start > s > end; edge > b > end", does="a; w", trace="start s+ begin a+ | a- up+ h+ up- h_start w+ | w- h- s- end"),
    Row("an escalation end rises from every iteration", ENDS + subprocess_of("s", A + event("up", "endEvent", ESCALATION) + "[[begin > a > up]]" + EACH)
        + boundary("edge", "s", ESCALATION, interrupting=False) + B, "start > s > end; edge > b > end", data={"all": [1, 2]}, does="a; a; b; b",
        trace="start s+ s+ s+ begin begin a+ a+ | a- up+ edge up- s- b+ | a- up+ edge up- s- s- b+ end | b- end | b- end"),
    Row("an escalation and an error bring what they say", ENDS + subprocess_of("s", A + event("up", "intermediateThrowEvent", GIVES + ESCALATION) + "[[begin > a > up]]")
        + boundary("edge", "s", ESCALATION, interrupting=False) + B, "start > s > end; edge > b > end", does="a; b", ends_with={"v": 2},
        trace="start s+ begin a+ | a- up+ edge up- s- b+ end | b- end"),
    Row("a signal brings what it says", ENDS + '<parallelGateway id="fork"/>' + event("s", "intermediateCatchEvent", SIGNAL) + event("up", "intermediateThrowEvent", GIVES + SIGNAL) + A,
        "start > fork; fork > s > end; fork > a > up > end", does="a", ends_with={"v": 2}, trace="start fork s+ a+ | a- up end s- end"),
    Row("links of one name in two scopes are two links", ENDS + subprocess_of("s", LINK_OUT + LINK_IN + A + "[[begin > out; in > a]]")
        + LINK_OUT.replace('"out"', '"out2"') + LINK_IN.replace('"in"', '"in2"') + B, "start > s > out2; in2 > b > end", does="a; b",
        trace="start s+ begin out in a+ | a- s- out2 in2 b+ | b- end"),
    Row("several start events without trigger begin together", '<startEvent id="one"/><startEvent id="two"/><endEvent id="end"/>' + A + B, "one > a > end; two > b > end", does="a; b",
        trace="one two a+ b+ | a- end | b- end"),
    Row("an escalation that nothing catches is only noted", ENDS + event("up", "intermediateThrowEvent", ESCALATION) + A, "start > up > a > end", does="a",
        trace="start up a+ | a- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_events_come(row: Row) -> None:
    check(row)
