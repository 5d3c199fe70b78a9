"""Complex gateways, ad-hoc subprocesses and token quantities (BPMN 2.0 §13.4.5, §13.3.5, §13.3.2)."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import check
from tests.support.diagrams import task
from tests.support.parts import ENDS, ERROR, ESCALATION, MESSAGE, SIGNAL, boundary, event, handler, subprocess_of
from tests.support.semantics import Row

A, B, C, D = (task(key) for key in "abcd")
FORK = '<parallelGateway id="fork"/>'
TWO = '<complexGateway id="two"><activationCondition>activationCount &gt;= 2</activationCondition></complexGateway>'
THREE_WAYS = "fork > a > two; fork > b > two; fork > c > two; two > d > end"
EACH = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=all" element="x"/></extensionElements></multiInstanceLoopCharacteristics>'
LAP = '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>'


def ad_hoc(inner: str, flows: str = "", *, ordering: str = "Parallel", until: str = "", cancel: bool = True) -> str:
    """An ad-hoc subprocess `s`."""
    condition = f"<completionCondition>{until}</completionCondition>" if until else ""
    return (
        f'<adHocSubProcess id="s" ordering="{ordering}" cancelRemainingInstances="{str(cancel).lower()}">'
        f"{inner}[[{flows}]]{condition}</adHocSubProcess>"
    )


ROWS = [
    Row("a complex gateway opens when two of three have come, and swallows the third", ENDS + FORK + TWO + A + B + C + D, "start > fork; " + THREE_WAYS,
        does="c; a; d; b", trace="start fork a+ b+ c+ | c- | a- two d+ | d- end | b-"),
    Row("a complex gateway begins again when the rest has come",
        ENDS + FORK + TWO + LAP + A + B + C + D, "start > back > fork; " + THREE_WAYS.replace("d > end", "d > gate") + "; gate > back : again\ngate > end *",
        does='a; b; c; d={"again": true}; b; c; a; d={"again": false}',
        trace="start back fork a+ b+ c+ | a- | b- two d+ | c- | d- gate back fork a+ b+ c+ | b- | c- two d+ | a- | d- gate end"),
    Row("a complex gateway keeps for the next round what comes a second time before it is reset",
        ENDS + FORK + TWO + '<exclusiveGateway id="in"/>' + task("a2") + A + B + C + D,
        "start > fork; fork > a > in > two; fork > a2 > in; fork > b > two; fork > c > two; two > d > end",
        does="a; b; a2; c; d", status="failed", trace="start fork a+ a2+ b+ c+ | a- in | b- two d+ | a2- in | c- | d- end two?"),
    Row("a complex gateway does not wait for what can come no more before it begins again",
        ENDS + FORK + TWO + '<exclusiveGateway id="gate"/>' + A + B + C + D, "start > fork; fork > a > two; fork > b > two; fork > c > gate; "
        "gate > two : x\ngate > end *\ntwo > d > end",
        does='a; b; c={"x": false}; d', trace="start fork a+ b+ c+ | a- | b- two d+ | c- gate end | d- end"),
    Row("a complex gateway that is to begin again waits for an activity beside which an event has led to it", ENDS + FORK + TWO + A + boundary("late", "a", SIGNAL, interrupting=False) + B + C + D,
        "start > fork; fork > a > two; fork > c > two; late > b > two; two > d > end", does="signal Moved; b; c; d; a",
        trace="start fork a+ c+ | late b+ | b- | c- two d+ | d- end | a-"),
    Row("a complex gateway that splits takes every flow that is true", ENDS + '<complexGateway id="split"/>' + A + B,
        "start > split; split > a : x > 0\nsplit > b : x > 1\na > end; b > end", data={"x": 2}, does="a; b", trace="start split a+ b+ | a- end | b- end"),
    Row("ad-hoc activities begin together and all are awaited", ENDS + ad_hoc(A + B + C, "a > c"), "start > s > end", does="b; a; c",
        trace="start s+ a+ b+ | b- | a- c+ | c- s- end"),
    Row("an ad-hoc subprocess ends when its condition is true, and cancels the rest", ENDS + ad_hoc(A + B, until="enough"), "start > s > end",
        data={"enough": False}, does='b={"enough": true}', trace="start s+ a+ b+ | b- a! s- end"),
    Row("an ad-hoc subprocess that cancels nothing waits for what has begun", ENDS + ad_hoc(A + B, until="enough", cancel=False), "start > s > end",
        data={"enough": False}, does='b={"enough": true}; a', trace="start s+ a+ b+ | b- | a- s- end"),
    Row("a sequential ad-hoc subprocess does one activity after the other", ENDS + ad_hoc(A + B + C + D, "a > c", ordering="Sequential"), "start > s > end",
        does="a; c; b; d", trace="start s+ a+ | a- c+ | c- b+ | b- d+ | d- s- end"),
    Row("a sequential ad-hoc subprocess stops when its condition is true", ENDS + ad_hoc(A + B + C, ordering="Sequential", until="enough"), "start > s > end",
        data={"enough": False}, does='a; b={"enough": true}', trace="start s+ a+ | a- b+ | b- s- end"),
    Row("a sequential ad-hoc subprocess that cancels nothing begins no more", ENDS + ad_hoc(A + B + C, ordering="Sequential", until="enough", cancel=False),
        "start > s > end", data={"enough": False}, does='a={"enough": true}', trace="start s+ a+ | a- s- end"),
    Row("an activity with a start quantity begins when as many tokens have come", ENDS + FORK + A + B + '<userTask id="d" name="d" startQuantity="2"/>',
        "start > fork; fork > a > d; fork > b > d; d > end", does="a; b; d", trace="start fork a+ b+ | a- | b- d+ | d- end"),
    Row("an activity that never gets its start quantity is a fault", ENDS + '<userTask id="d" name="d" startQuantity="2"/><exclusiveGateway id="gate"/>',
        "start > gate; gate > d : true\ngate > end *\nd > end", status="failed", trace="start gate d?"),
    Row("an activity with a completion quantity sends as many tokens on", ENDS + '<userTask id="d" name="d" completionQuantity="3"/>' + A, "start > d > a > end",
        does="d; a; a; a", trace="start d+ | d- a+ a+ a+ | a- end | a- end | a- end"),
    Row("a complex gateway counts in each iteration by itself", ENDS + subprocess_of("s", FORK + TWO + A + B + C + D + "[[begin > fork; fork > a > two; fork > b > two; fork > c > two; two > d]]" + EACH),
        "start > s > end", data={"all": [1, 2]}, does="a; b; d; c; a; b; c; d",
        trace="start s+ s+ s+ begin begin fork fork a+ b+ c+ a+ b+ c+ | a- | b- two d+ | d- | c- s- | a- | b- two d+ | c- | d- s- s- end"),
    Row("a complex gateway may count by data", ENDS + FORK + TWO.replace("2", "need") + A + B + C + D, "start > fork; " + THREE_WAYS, data={"need": 3}, does="a; b; c; d",
        trace="start fork a+ b+ c+ | a- | b- | c- two d+ | d- end"),
    Row("a complex gateway that can never open stops the step", ENDS + FORK + TWO.replace("2", "4") + A + B + C + D, "start > fork; " + THREE_WAYS, does="a; b; c", status="failed",
        trace="start fork a+ b+ c+ | a- | b- | c- two?"),
    Row("an event at an activity of a sequential ad-hoc subprocess leads on inside it", ENDS + ad_hoc(A + B + boundary("edge", "a", SIGNAL) + C, "edge > c", ordering="Sequential"),
        "start > s > end", does="signal Moved; c; b", trace="start s+ a+ | a! edge c+ | c- b+ | b- s- end"),
    Row("an event beside an activity of a sequential ad-hoc subprocess is done before the next begins",
        ENDS + ad_hoc(A + B + boundary("edge", "a", SIGNAL, interrupting=False) + C, "edge > c", ordering="Sequential"), "start > s > end", does="signal Moved; a; c; b",
        trace="start s+ a+ | edge c+ | a- | c- b+ | b- s- end"),
    Row("an event subprocess that interrupts a sequential ad-hoc subprocess takes the place of what was to follow",
        ENDS + ad_hoc(A + B + handler("h", SIGNAL, "w"), ordering="Sequential"), "start > s > end", does="signal Moved; w",
        trace="start s+ a+ | a! h+ h_start w+ | w- h- s- end"),
    Row("an error that a sequential ad-hoc subprocess catches itself ends what was to follow",
        ENDS + ad_hoc(A + B + handler("h", ERROR, "w"), ordering="Sequential"), "start > s > end", does="a=!NoSlot; w",
        trace="start s+ a+ | a? h+ h_start w+ | w- h- s- end"),
    Row("an ad-hoc subprocess with an activity that is done for each of many", ENDS + ad_hoc(task("a", inner=EACH) + B, until="enough"), "start > s > end",
        data={"all": [1, 2], "enough": False}, does='a; a={"enough": true}', trace="start s+ a+ b+ a+ a+ | a- | a- a- b! s- end"),
    Row("an ad-hoc subprocess for each of many", ENDS + ad_hoc(A + B + EACH), "start > s > end", data={"all": [1, 2]}, does="a; b; a; b",
        trace="start s+ s+ s+ a+ b+ a+ b+ | a- | b- s- | a- | b- s- s- end"),
    Row("an ad-hoc subprocess with events, and an event subprocess that interrupts it", ENDS + ad_hoc(A + B + event("m", "intermediateCatchEvent", MESSAGE) + handler("h", SIGNAL, "w"), "a > m"),
        "start > s > end", does="a; message Answer; signal Moved; w", trace="start s+ a+ b+ | a- m+ | m- | b! h+ h_start w+ | w- h- s- end"),
    Row("an activity that waits for several tokens may be done for each of many", ENDS + FORK + task("a", inner=EACH).replace('<userTask id="a"', '<userTask startQuantity="2" id="a"'),
        "start > fork; fork > a; fork > a; a > end", data={"all": [1, 2]}, does="a; a", trace="start fork a+ a+ a+ | a- | a- a- end"),
    Row("an escalation of an ad-hoc activity is caught at its edge", ENDS + ad_hoc(A + B + event("up", "intermediateThrowEvent", ESCALATION), "a > up")
        + boundary("edge", "s", ESCALATION) + C, "start > s > end; edge > c > end", does="a; c", trace="start s+ a+ b+ | a- up b! s! edge c+ | c- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_tokens_are_counted(row: Row) -> None:
    check(row)
