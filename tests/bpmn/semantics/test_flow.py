"""Splits, merges and gateways (BPMN 2.0 §13.4)."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import check
from tests.support.diagrams import task
from tests.support.parts import (
    CONDITION,
    ENDS,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    TIMER,
    boundary,
    event,
    gateways,
    subprocess_of,
)
from tests.support.semantics import Row

A, B, C, D = (task(key) for key in "abcd")

ROWS = [
    Row("several flows out of an activity are a split, several into one a merge", ENDS + A + B + C + D,
        "start > a; a > b > d; a > c > d; d > end", does="a; b; d; c; d",
        trace="start a+ | a- b+ c+ | b- d+ | d- end | c- d+ | d- end"),
    Row("conditional flows out of an activity are each taken when true", ENDS + A + B + C + D,
        "start > a; a > b : x > 1\na > c : x > 2\na > d *\nb > end; c > end; d > end", does='a={"x": 3}; b; c',
        trace="start a+ | a- b+ c+ | b- end | c- end"),
    Row("a variable that is called like a function is null until it is set", ENDS + A + B + C + D,
        'start > a; a > b : mode = null and count([1]) = 1\na > d *\nb > c : mode = "remiss"\nb > d *\nc > end; d > end',
        does='a; b={"mode": "remiss"}; c', trace="start a+ | a- b+ | b- c+ | c- end", ends_with={"mode": "remiss"}),
    Row("the default flow out of an activity is taken when no other is", ENDS + A + B + C + D,
        "start > a; a > b : x > 1\na > c : x > 2\na > d *\nb > end; c > end; d > end", does='a={"x": 0}; d',
        trace="start a+ | a- d+ | d- end"),
    Row("an exclusive gateway takes the first true flow and merges without waiting",
        ENDS + gateways(parallel="fork") + '<exclusiveGateway id="gate"/><exclusiveGateway id="merge"/>' + A + B + C,
        "start > gate; gate > a : x > 0\ngate > b : x > 1\ngate > c *\na > merge; b > merge; c > merge; merge > fork; fork > end",
        data={"x": 2}, does="a", trace="start gate a+ | a- merge fork end"),
    Row("two tokens through a merge stay two", ENDS + gateways(parallel="fork", exclusive="merge") + A,
        "start > fork; fork > merge; fork > merge; merge > a > end", does="a; a",
        trace="start fork merge merge a+ a+ | a- end | a- end"),
    Row("a parallel join waits for a token on every flow", ENDS + '<parallelGateway id="fork"/><parallelGateway id="join"/>' + A + B + C,
        "start > fork; fork > a > join; fork > b > join; fork > c > join; join > end", does="c; a; b",
        trace="start fork a+ b+ c+ | c- | a- | b- join end"),
    Row("branches that write different names keep both, and of one name the later value stays",
        ENDS + '<parallelGateway id="fork"/><parallelGateway id="join"/>' + A + B + C, "start > fork; fork > a > join; fork > b > join; join > c > end",
        data={"v": 0}, does='b={"v": 2, "y": "b"}; a={"v": 1, "x": "a"}; c', ends_with={"v": 1, "x": "a", "y": "b"},
        trace="start fork a+ b+ | b- | a- join c+ | c- end"),
    Row("a parallel join with two tokens on one flow opens once for each pair",
        ENDS + '<parallelGateway id="fork"/><parallelGateway id="join"/>' + A + B + C,
        "start > fork; fork > a > c; fork > b > join; fork > b; fork > c > join; join > end", does="c; a; b; c; b",
        trace="start fork a+ b+ b+ c+ | c- | a- c+ | b- join end | c- | b- join end"),
    Row("a parallel join in a loop waits anew in every lap",
        ENDS + '<parallelGateway id="fork"/><parallelGateway id="join"/>' + gateways(exclusive="gate") + '<exclusiveGateway id="back"/>' + A + B + C,
        "start > back > fork; fork > a > join; fork > b > join; join > c > gate; gate > back : again\ngate > end *",
        does='a; b; c={"again": true}; b; a; c={"again": false}',
        trace="start back fork a+ b+ | a- | b- join c+ | c- gate back fork a+ b+ | b- | a- join c+ | c- gate end"),
    Row("an inclusive join waits for those that can come and no longer", ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>' + A + B + C + D,
        "start > fork; fork > a : x > 0\nfork > b : x > 1\nfork > c *\na > join; b > join; c > join; join > d > end",
        data={"x": 2}, does="b; a; d", trace="start fork a+ b+ | b- | a- join d+ | d- end"),
    Row("an inclusive join takes the default way alone", ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>' + A + B + C + D,
        "start > fork; fork > a : x > 0\nfork > b : x > 1\nfork > c *\na > join; b > join; c > join; join > d > end",
        data={"x": 0}, does="c; d", trace="start fork c+ | c- join d+ | d- end"),
    Row("an inclusive join in a loop opens in every lap for those of that lap",
        ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/><exclusiveGateway id="gate"/><exclusiveGateway id="back"/>' + A + B + C,
        "start > back > fork; fork > a : x > 0\nfork > b : x > 1\na > join; b > join; join > c > gate; gate > back : again\ngate > end *",
        data={"x": 2}, does='a; b; c={"again": true, "x": 1}; a; c={"again": false}',
        trace="start back fork a+ b+ | a- | b- join c+ | c- gate back fork a+ | a- join c+ | c- gate end"),
    Row("an inclusive join waits while a token goes round in an inner loop before it",
        ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/><exclusiveGateway id="gate"/><exclusiveGateway id="back"/>' + A + B,
        "start > fork; fork > a : true\nfork > back : true\na > join; back > b > gate; gate > back : again\ngate > join *\njoin > end",
        does='a; b={"again": true}; b={"again": true}; b={"again": false}',
        trace="start fork a+ back b+ | a- | b- gate back b+ | b- gate back b+ | b- gate join end"),
    Row("two inclusive joins, one behind the other, open in turn",
        ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="j1"/><inclusiveGateway id="j2"/>' + A + B + C + D,
        "start > fork; fork > a : true\nfork > b : true\nfork > c : true\na > j1; b > j1; j1 > d > j2; c > j2; j2 > end",
        does="c; a; b; d", trace="start fork a+ b+ c+ | c- | a- | b- j1 d+ | d- j2 end"),
    Row("an inclusive join with many tokens takes one of each flow and keeps the rest for the next meeting",
        ENDS + '<parallelGateway id="fork"/><inclusiveGateway id="join"/>' + A + B + C,
        "start > fork; fork > a > join; fork > a; fork > b > join; join > c > end", does="a; a; b; c; c",
        trace="start fork a+ a+ b+ | a- | a- | b- join c+ join c+ | c- end | c- end"),
    Row("an inclusive join does not wait for one who goes past it",
        ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/><exclusiveGateway id="gate"/>' + A + B + C,
        "start > fork; fork > a : true\nfork > b : true\na > gate; gate > join : ok\ngate > end *\nb > join; join > c > end", does='b; a={"ok": false}; c',
        trace="start fork a+ b+ | b- | a- gate end join c+ | c- end"),
    Row("an inclusive join does not wait for one whom an event led past it", ENDS + '<parallelGateway id="fork"/><inclusiveGateway id="join"/>' + A + B + C + boundary("late", "a", SIGNAL) + D,
        "start > fork; fork > a > join; fork > b > join; late > d > end; join > c > end", does="b; signal Moved; c; d", trace="start fork a+ b+ | b- | a! late d+ join c+ | c- end | d- end"),
    Row("an inclusive join waits for an activity beside which an event has led to it already",
        ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>' + A + boundary("late", "a", TIMER, interrupting=False) + B + C + D,
        "start > fork; fork > a : true\nfork > c : true\na > join; late > b > join; c > join; join > d > end", does="advance P14D; b; c; a; d",
        trace="start fork a+ c+ | late b+ | b- | c- | a- join d+ | d- end"),
    Row("an inclusive join waits for a subprocess of which an escalation has led to it already", ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>'
        + subprocess_of("s", event("up", "intermediateThrowEvent", ESCALATION) + A + "[[begin > up > a]]") + boundary("edge", "s", ESCALATION, interrupting=False) + C + D,
        "start > fork; fork > s : true\nfork > c : true\ns > join; edge > join; c > join; join > d > end", does="c; a; d",
        trace="start fork s+ c+ begin up+ edge up- a+ | c- | a- s- join d+ | d- end"),
    Row("an inclusive join waits for what goes on in a subprocess", ENDS + '<parallelGateway id="fork"/><inclusiveGateway id="join"/>' + subprocess_of("s", A + "[[begin > a]]") + B + C,
        "start > fork; fork > s > join; fork > b > join; join > c > end", does="b; a; c", trace="start fork s+ b+ begin a+ | b- | a- s- join c+ | c- end"),
    Row("an inclusive join that stands in a loop is passed in every lap", ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>' + gateways(exclusive="gate")
        + '<exclusiveGateway id="back"/>' + A + B + C, "start > fork; fork > a : true\nfork > back : true\na > join; back > b > join; join > c > gate; gate > back : again\ngate > end *",
        does='a; b; c={"again": true}; b; c={"again": false}', trace="start fork a+ back b+ | a- | b- join c+ | c- gate back b+ | b- join c+ | c- gate end"),
    Row("an inclusive join waits for tokens that are counted before it", ENDS + '<parallelGateway id="fork"/><inclusiveGateway id="join"/><userTask id="d" name="d" startQuantity="2"/>' + A + B + C,
        "start > fork; fork > a > d; fork > b > d; fork > c > join; d > join; join > end", does="c; a; b; d", trace="start fork a+ b+ c+ | c- | a- | b- d+ | d- join end"),
    Row("a join for which tokens are left over stops the step", ENDS + '<parallelGateway id="fork"/><parallelGateway id="join"/><userTask id="a" name="a" completionQuantity="2"/>' + gateways(exclusive="gate") + B + C,
        "start > gate; gate > fork : true\ngate > end *\nfork > a > join; fork > b > join; join > c > end", does="a; b; c", status="failed", trace="start gate fork a+ b+ | a- | b- join c+ | c- end join?"),
    Row("an event-based gateway in a loop waits anew in every lap",
        ENDS + '<exclusiveGateway id="back"/><exclusiveGateway id="gate"/><eventBasedGateway id="e"/>' + event("m", "intermediateCatchEvent", MESSAGE)
        + event("t", "intermediateCatchEvent", TIMER) + A, "start > back > e; e > m > a > gate; e > t > end; gate > back : again\ngate > end *",
        does='message Answer; a={"again": true}; advance P14D', trace="start back e+ m+ t+ | m- t! e- a+ | a- gate back e+ m+ t+ | t- m! e- end"),
    Row("an event behind an event-based gateway may have several triggers", ENDS + gateways(eventBased="e") + event("m", "intermediateCatchEvent", MESSAGE + SIGNAL)
        + event("t", "intermediateCatchEvent", TIMER) + A + B, "start > e; e > m > a > end; e > t > b > end", does="signal Moved; a", trace="start e+ m+ t+ | m- t! e- a+ | a- end"),
    Row("a condition behind an event-based gateway that holds at once is chosen", ENDS + gateways(eventBased="e") + event("c", "intermediateCatchEvent", CONDITION)
        + event("t", "intermediateCatchEvent", TIMER) + A + B, "start > e; e > c > a > end; e > t > b > end", data={"days": 1}, does="a", trace="start e+ c+ t+ c- t! e- a+ | a- end"),
    Row("an event-based gateway goes the way of the first event and forgets the others",
        ENDS + gateways(eventBased="gate") + event("m", "intermediateCatchEvent", MESSAGE) + event("s", "intermediateCatchEvent", SIGNAL)
        + event("t1", "intermediateCatchEvent", TIMER) + event("t2", "intermediateCatchEvent", TIMER.replace("P14D", "P7D")) + A + B + C + D,
        "start > gate; gate > m > a > end; gate > s > b > end; gate > t1 > c > end; gate > t2 > d > end", does="advance P8D; d",
        trace="start gate+ m+ s+ t1+ t2+ | t2- m! s! t1! gate- d+ | d- end"),
    Row("an event-based gateway takes a message to a receive task behind it",
        ENDS + gateways(eventBased="gate") + '<receiveTask id="r" messageRef="m1"/>' + event("t", "intermediateCatchEvent", TIMER) + A,
        "start > gate; gate > r > a > end; gate > t > end", does='message Answer:{"stance": "ja"}; a', ends_with={"stance": "ja"},
        trace="start gate+ r+ t+ | r- t! gate- a+ | a- end"),
    Row("links carry the token over, from several places",
        ENDS + '<parallelGateway id="fork"/>' + A + B + C + event("out1", "intermediateThrowEvent", '<linkEventDefinition name="L"/>')
        + event("out2", "intermediateThrowEvent", '<linkEventDefinition name="L"/>') + event("in", "intermediateCatchEvent", '<linkEventDefinition name="L"/>'),
        "start > fork; fork > a > out1; fork > b > out2; in > c > end", does="a; c; b; c",
        trace="start fork a+ b+ | a- out1 in c+ | c- end | b- out2 in c+ | c- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_tokens_move(row: Row) -> None:
    check(row)
