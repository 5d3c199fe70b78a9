"""Compensation and transactions (BPMN 2.0 §13.5.5, §13.3.4): what is done is undone, the latest first."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import check
from tests.support.diagrams import task
from tests.support.parts import ENDS, ERROR, boundary, event, handler, subprocess_of, undone_by
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
    Row("an error leaves a transaction without undoing it", ENDS + TRIP.replace(event("no", "endEvent", CANCEL), event("no", "endEvent", ERROR))
        + "[[begin > a > b > no]]</transaction>" + boundary("hazard", "trip", ERROR) + D + "", "start > trip > end; hazard > d > end",
        does="a; b; d", trace="start trip+ begin a+ | a- b+ | b- no trip! hazard d+ | d- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_what_is_done_is_undone(row: Row) -> None:
    check(row)
