"""Compensation and transactions (BPMN 2.0 §13.5.5, §13.3.4): what is done is undone, the latest first."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import called, check
from tests.support.diagrams import task
from tests.support.parts import ENDS, ERROR, SIGNAL, boundary, event, gateways, handler, subprocess_of, undone_by
from tests.support.semantics import Row

A, B, C, D = (task(key) for key in "abcd")
UNDO = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
THROW = event("undo", "intermediateThrowEvent", UNDO)
EACH = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=all" element="x"/></extensionElements></multiInstanceLoopCharacteristics>'
SUB = subprocess_of(
    "sub",
    A + B + undone_by("a", "ua") + undone_by("b", "ub") + event("done", "endEvent", "") + "[[begin > a > b > done]]",
)
TRIP = (
    '<transaction id="trip"><startEvent id="begin"/>'
    + A
    + B
    + undone_by("a", "ua")
    + undone_by("b", "ub")
    + event("no", "endEvent", CANCEL)
)
EDGE = boundary("cancelled", "trip", CANCEL)

ROWS = [
    Row("a throwing event undoes what has completed, the latest first, and waits for it", ENDS + A + B + C + undone_by("a", "ua") + undone_by("b", "ub") + THROW,
        "start > a > b > undo > c > end", does="a; b; ub; ua; c",
        trace="start a+ | a- b+ | b- undo+ b_c ub+ | ub- a_c ua+ | ua- undo- c+ | c- end"),
    Row("what has not been done is not undone, and what was undone is not undone again",
        ENDS + A + B + undone_by("a", "ua") + undone_by("b", "ub") + THROW + event("again", "intermediateThrowEvent", UNDO),
        "start > a > undo > again > b > end", does="a; ua; b", trace="start a+ | a- undo+ a_c ua+ | ua- undo- again b+ | b- end"),
    Row("an activity that was done three times is undone three times",
        ENDS + A + undone_by("a", "ua") + THROW + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/>',
        "start > back > a > gate; gate > back : again\ngate > undo *\nundo > end",
        does='a={"again": true}; a={"again": false}; ua; ua',
        trace="start back a+ | a- gate back a+ | a- gate undo+ a_c ua+ | ua- a_c ua+ | ua- undo- end"),
    Row("a throwing event that names an activity undoes that one alone", ENDS + A + B + C + undone_by("a", "ua") + undone_by("b", "ub")
        + event("undo", "intermediateThrowEvent", '<compensateEventDefinition activityRef="a"/>'),
        "start > a > b > undo > c > end", does="a; b; ua; c", trace="start a+ | a- b+ | b- undo+ a_c ua+ | ua- undo- c+ | c- end"),
    Row("an end event undoes before the process ends", ENDS.replace('<endEvent id="end"/>', "") + A + undone_by("a", "ua") + event("end", "endEvent", UNDO),
        "start > a > end", does="a; ua", trace="start a+ | a- end+ a_c ua+ | ua- end-"),
    Row("a throwing event that does not wait goes on beside the handlers", ENDS + A + B + undone_by("a", "ua")
        + event("undo", "intermediateThrowEvent", '<compensateEventDefinition waitForCompletion="false"/>'),
        "start > a > undo > b > end", does="a; b; ua", trace="start a+ | a- undo a_c b+ ua+ | b- end | ua-"),
    Row("a subprocess that has completed is undone from inside, the latest first", ENDS + SUB + THROW,
        "start > sub > undo > end", does="a; b; ub; ua",
        trace="start sub+ begin a+ | a- b+ | b- done sub- undo+ b_c ub+ | ub- a_c ua+ | ua- undo- end"),
    Row("a subprocess with an event subprocess of its own for it is undone by that",
        ENDS + SUB.replace("</subProcess>", handler("h", UNDO, "mend") + "</subProcess>") + THROW,
        "start > sub > undo > end", does="a; b; mend",
        trace="start sub+ begin a+ | a- b+ | b- done sub- undo+ h+ h_start mend+ | mend- h- undo- end"),
    Row("each iteration is undone with the variables that it had", ENDS + task("a", inner=EACH) + undone_by("a", "ua", "sendTask").replace(
        'isForCompensation="true"/>', 'isForCompensation="true" messageRef="m1"><extensionElements><handslag:input name="to" value="=x"/></extensionElements></sendTask>')
        + THROW,
        "start > a > undo > end", does="a; a", data={"all": ["Luleå", "Boden"]},
        trace="start a+ a+ a+ | a- | a- a- undo+ a_c ua a_c ua undo- end"),
    Row("an error event subprocess undoes what the scope has done", ENDS + subprocess_of("sub", A + B + undone_by("a", "ua") + event("bad", "endEvent", ERROR)
        + handler("h", ERROR, "mend").replace("[[h_start > mend]]", event("undo", "endEvent", UNDO) + "[[h_start > mend > undo]]") + "[[begin > a > b > bad]]"),
        "start > sub > end", does="a; b; mend; ua",
        trace="start sub+ begin a+ | a- b+ | b- bad h+ h_start mend+ | mend- undo+ a_c ua+ | ua- undo- h- sub- end"),
    Row("a cancelled transaction stops all in it, undoes it, and goes on at its cancel event",
        ENDS + TRIP + C + '<parallelGateway id="fork"/>[[begin > a > b > fork; fork > c; fork > no]]</transaction>' + EDGE + D,
        "start > trip > end; cancelled > d > end", does="a; b; ub; ua; d",
        trace="start trip+ begin a+ | a- b+ | b- fork c+ no c! b_c ub+ | ub- a_c ua+ | ua- trip! cancelled d+ | d- end"),
    Row("a transaction that is not cancelled ends as any subprocess",
        ENDS + TRIP + C + '<exclusiveGateway id="ok"/><endEvent id="yes"/>[[begin > a > b > ok; ok > no : bad\nok > c *\nc > yes]]</transaction>' + EDGE + D,
        "start > trip > end; cancelled > d > end", does='a; b={"bad": false}; c',
        trace="start trip+ begin a+ | a- b+ | b- ok c+ | c- yes trip- end"),
    Row("one iteration of a transaction cancels all of them, and what each has done is undone",
        ENDS + TRIP.replace(undone_by("b", "ub"), "") + '<exclusiveGateway id="gate"/><endEvent id="yes"/>[[begin > a > b > gate; gate > no : bad\ngate > yes *]]' + EACH
        + "</transaction>" + EDGE + D, "start > trip > end; cancelled > d > end", data={"all": [1, 2, 3]},
        does='a; a; a; b={"bad": false}; b={"bad": true}; ua; ua; ua; d',
        trace="start trip+ trip+ trip+ trip+ begin begin begin a+ a+ a+ | a- b+ | a- b+ | a- b+ | b- gate yes trip- | b- gate no b! trip! a_c ua+"
        " | ua- a_c ua+ | ua- a_c ua+ | ua- trip! trip! cancelled d+ | d- end"),
    Row("a transaction is undone in the reverse order, a multi-instance and a subprocess inside it too",
        ENDS + '<transaction id="trip"><startEvent id="begin"/>' + task("a", inner=EACH) + undone_by("a", "ua")
        + subprocess_of("inn", B + undone_by("b", "ub") + "[[first > b]]", "first") + event("no", "endEvent", CANCEL) + "[[begin > a > inn > no]]</transaction>" + EDGE + D,
        "start > trip > end; cancelled > d > end", data={"all": [1, 2]}, does="a; a; b; ub; ua; ua; d",
        trace="start trip+ begin a+ a+ a+ | a- | a- a- inn+ first b+ | b- inn- no b_c ub+ | ub- a_c ua+ | ua- a_c ua+ | ua- trip! cancelled d+ | d- end"),
    Row("a handler that fails goes on at the error event of the transaction",
        ENDS + TRIP.replace(undone_by("b", "ub"), "").replace(undone_by("a", "ua"), undone_by("a", "ua", "serviceTask").replace(
            'isForCompensation="true"/>', 'isForCompensation="true"><extensionElements><handslag:operation name="plan"/></extensionElements></serviceTask>'))
        + "[[begin > a > b > no]]</transaction>" + EDGE + boundary("hazard", "trip", ERROR) + C + D,
        "start > trip > end; cancelled > d > end; hazard > c > end", answers=(("plan", "NoSlot"),), does="a; b; c",
        trace="start trip+ begin a+ | a- b+ | b- no a_c ua+ ua? trip! hazard c+ | c- end"),
    Row("a cancel end in a subprocess of a transaction cancels the transaction",
        ENDS + '<transaction id="trip"><startEvent id="begin"/>' + A + undone_by("a", "ua")
        + subprocess_of("inn", B + event("no", "endEvent", CANCEL) + "[[first > b > no]]", "first") + "[[begin > a > inn]]</transaction>" + EDGE + D,
        "start > trip > end; cancelled > d > end", does="a; b; ua; d",
        trace="start trip+ begin a+ | a- inn+ first b+ | b- no inn! a_c ua+ | ua- trip! cancelled d+ | d- end"),
    Row("a cancel end in a transaction inside another cancels the inner one alone",
        ENDS + '<transaction id="outer"><startEvent id="first"/>' + TRIP + "[[begin > a > b > no]]</transaction>" + EDGE + D
        + '<endEvent id="out"/>[[first > trip > out; cancelled > d > out]]</transaction>',
        "start > outer > end", does="a; b; ub; ua; d",
        trace="start outer+ first trip+ begin a+ | a- b+ | b- no b_c ub+ | ub- a_c ua+ | ua- trip! cancelled d+ | d- out outer- end"),
    Row("a cancelled transaction undoes what was done in a subprocess that goes on, the one with the cancel end too",
        ENDS + '<transaction id="trip"><startEvent id="begin"/>' + gateways(parallel="fork") + subprocess_of("one", A + undone_by("a", "ua") + C + "[[first > a > c]]", "first")
        + subprocess_of("two", B + undone_by("b", "ub") + event("no", "endEvent", CANCEL) + "[[second > b > no]]", "second")
        + "[[begin > fork; fork > one; fork > two]]</transaction>" + EDGE + D,
        "start > trip > end; cancelled > d > end", does="a; b; ub; ua; d",
        trace="start trip+ begin fork one+ two+ first second a+ b+ | a- c+ | b- no c! one! two! b_c ub+ | ub- a_c ua+ | ua- trip! cancelled d+ | d- end"),
    Row("a cancelled transaction undoes in the reverse order, whether what it was done in has ended or goes on",
        ENDS + '<transaction id="trip"><startEvent id="begin"/>' + gateways(parallel="fork") + subprocess_of("one", A + undone_by("a", "ua") + C + "[[first > a > c]]", "first")
        + B + undone_by("b", "ub") + event("no", "endEvent", CANCEL) + "[[begin > fork; fork > one; fork > b > no]]</transaction>" + EDGE + D,
        "start > trip > end; cancelled > d > end", does="a; b; ub; ua; d",
        trace="start trip+ begin fork one+ b+ first a+ | a- c+ | b- no c! one! b_c ub+ | ub- a_c ua+ | ua- trip! cancelled d+ | d- end"),
    Row("one lap of a transaction cancels all of them, and what each has done is undone", ENDS + TRIP.replace(undone_by("b", "ub"), "")
        + '<exclusiveGateway id="gate"/><endEvent id="yes"/>[[begin > a > b > gate; gate > no : bad\ngate > yes *]]<standardLoopCharacteristics loopMaximum="3"/></transaction>' + EDGE + D,
        "start > trip > end; cancelled > d > end", does='a; b={"bad": false}; a; b={"bad": true}; ua; ua; d',
        trace="start trip+ trip+ begin a+ | a- b+ | b- gate yes trip- trip+ begin a+ | a- b+ | b- gate no a_c ua+ | ua- a_c ua+ | ua- trip! trip! cancelled d+ | d- end"),
    Row("what was done in a subprocess that was interrupted stays done", ENDS + subprocess_of("s", A + undone_by("a", "ua") + B + "[[begin > a > b]]")
        + boundary("stop", "s", SIGNAL) + THROW, "start > s > end; stop > undo > end", does="a; signal Moved",
        trace="start s+ begin a+ | a- b+ | b! s! stop undo end"),
    Row("what is interrupted while it undoes stops undoing", ENDS + subprocess_of("s", A + undone_by("a", "ua") + THROW + "[[begin > a > undo]]")
        + boundary("stop", "s", SIGNAL) + B, "start > s > end; stop > b > end", does="a; signal Moved; b",
        trace="start s+ begin a+ | a- undo+ a_c ua+ | ua! undo! s! stop b+ | b- end"),
    Row("iterations that had ended can be undone when their activity is interrupted", ENDS + task("a", inner=EACH) + undone_by("a", "ua")
        + boundary("stop", "a", SIGNAL) + THROW, "start > a > end; stop > undo > end", data={"all": [1, 2]}, does="a; signal Moved; ua",
        trace="start a+ a+ a+ | a- | a! a! stop undo+ a_c ua+ | ua- undo- end"),
    Row("a subprocess undoes what is done, and a call too", ENDS + A + '<boundaryEvent id="a_c" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<subProcess id="ua" isForCompensation="true"><startEvent id="first"/><callActivity id="call" calledElement="q"/>[[first > call]]</subProcess>'
        '<association id="x" sourceRef="a_c" targetRef="ua"/>' + THROW, "start > a > undo > end", does="a; w",
        more=called('<startEvent id="qs"/><userTask id="w"/><endEvent id="qe"/>', "qs > w > qe"),
        trace="start a+ | a- undo+ a_c ua+ first call+ qs w+ | w- qe call- ua- undo- end"),
    Row("a throwing event in a subprocess undoes nothing outside of it", ENDS + A + undone_by("a", "ua")
        + subprocess_of("s", B + undone_by("b", "ub") + THROW + "[[begin > b > undo]]"), "start > a > s > end", does="a; b; ub",
        trace="start a+ | a- s+ begin b+ | b- undo+ b_c ub+ | ub- undo- s- end"),
    Row("an event subprocess of the process undoes what the process has done", ENDS + A + undone_by("a", "ua") + B
        + handler("h", SIGNAL, "w", interrupting=False).replace("[[h_start > w]]", event("u", "endEvent", UNDO) + "[[h_start > w > u]]"),
        "start > a > b > end", does="a; signal Moved; w; ua; b", trace="start a+ | a- b+ | h+ h_start w+ | w- u+ a_c ua+ | ua- u- h- | b- end"),
    Row("an error leaves a transaction without undoing it", ENDS + TRIP.replace(event("no", "endEvent", CANCEL), event("no", "endEvent", ERROR))
        + "[[begin > a > b > no]]</transaction>" + boundary("hazard", "trip", ERROR) + D + "", "start > trip > end; hazard > d > end",
        does="a; b; d", trace="start trip+ begin a+ | a- b+ | b- no trip! hazard d+ | d- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_what_is_done_is_undone(row: Row) -> None:
    check(row)
