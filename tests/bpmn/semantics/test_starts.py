"""What starts a process from outside (BPMN 2.0 §10.5.2, §10.3.3, §10.6.6)."""

from __future__ import annotations

import pytest

from tests.bpmn.semantics.rows import called, check
from tests.bpmn.semantics.test_tasks import GIVEN, OBJECT
from tests.support.diagrams import task
from tests.support.parts import CONDITION, MESSAGE, SIGNAL, TIMER, event, handler
from tests.support.semantics import Row

A, B, C = (task(key) for key in "abc")
END = '<endEvent id="end"/>'
WITHDRAWN = '<messageEventDefinition messageRef="m2"/>'
KEY = '<extensionElements><handslag:correlation name="k" value="=k"/></extensionElements>'
RECEIVE = '<receiveTask id="r" instantiate="true" messageRef="m1"/>'


def timer(kind: str, text: str) -> str:
    """A timer event definition."""
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def start(definition: str, key: str = "start") -> str:
    """A start event."""
    return event(key, "startEvent", definition)


def gate(kind: str, *definitions: str) -> str:
    """An event-based gateway that instantiates, and its events `ev1`, `ev2`, … with one correlation key."""
    caught = (event(f"ev{n}", "intermediateCatchEvent", KEY + each) for n, each in enumerate(definitions, 1))
    return f'<eventBasedGateway id="gate" instantiate="true" eventGatewayType="{kind}"/>' + "".join(caught)


TWO_WAYS = "gate > ev1 > a > end; gate > ev2 > b > end"

ROWS = [
    Row("a process starts at a date", start(timer("timeDate", "2026-04-01")) + END + A, "start > a > end",
        does="advance P29D; advance P1D; a; advance P60D", trace=" |  | start a+ | a- end | "),
    Row("a process starts at a date that FEEL calculates without any data", start(timer("timeDate", '=date("2026-03-31") + duration("P1D")')) + END + A,
        "start > a > end", does="advance P31D; a", trace=" | start a+ | a- end"),
    Row("a date that has passed starts nothing", start(timer("timeDate", "2026-03-01")) + END + A, "start > a > end", does="advance P60D", status="waiting", trace=" | "),
    Row("a process starts once a duration after it was put in use", start(TIMER) + END + A, "start > a > end", does="advance P14D; a; advance P14D",
        trace=" | start a+ | a- end | "),
    Row("a process starts again and again, as often as its cycle says", start(timer("timeCycle", "R2/P7D")) + END + A, "start > a > end",
        does="advance P7D; advance P7D; advance P30D; a; a", trace=" | start a+ | start a+ |  | a- end | a- end"),
    Row("a cycle that began before goes on with its next time", start(timer("timeCycle", "R5/2026-02-20T08:00:00Z/P7D")) + END + A, "start > a > end",
        does="advance P3D; advance P1D; advance P60D; a; a; a", trace=" |  | start a+ | start a+ start a+ | a- end | a- end | a- end"),
    Row("a process with a timer start and a start without trigger starts at both", start("", "by_hand") + start(TIMER) + END + A + B,
        "by_hand > a > end; start > b > end", does="advance P14D; a; b", trace="by_hand a+ | start b+ | a- end | b- end"),
    Row("a start with a timer and a message starts at each of them", start(TIMER + MESSAGE) + END + A, "start > a > end", does="message Answer; advance P14D; a; a",
        trace=" | start a+ | start a+ | a- end | a- end"),
    Row("a process starts when its condition is true of what is given", start(CONDITION) + END + A, "start > a > end", data={"days": 2}, does="a",
        ends_with={"days": 2}, trace="start a+ | a- end"),
    Row("a process does not start when its condition is not true of what is given", start(CONDITION) + END + A, "start > a > end", data={"days": 9},
        status="waiting", trace=""),
    Row("of several conditional starts the first that is true starts", start(CONDITION, "few") + start(CONDITION.replace("&lt; 3", "&gt; 5"), "many") + END + A + B,
        "few > a > end; many > b > end", data={"days": 9}, does="b", trace="many b+ | b- end"),
    Row("a message start writes what its outputs name, and the keys", start('<extensionElements><handslag:output name="view" value="=stance"/></extensionElements>' + MESSAGE) + END + A,
        "start > a > end", does='message Answer:{"stance": "ja"}; a', ends_with={"view": "ja", "stance": None}, trace=" | start a+ | a- end"),
    Row("a message start gives what it received to a data object", start(GIVEN + MESSAGE) + OBJECT + END + A, "start > a > end", does='message Answer:{"said": "ja", "more": 1}; a',
        ends_with={"stance": "ja", "said": None, "more": None}, trace=" | start a+ | a- end"),
    Row("a receive task that instantiates starts at its message", RECEIVE + END + A, "r > a > end", does='message Answer:{"stance": "ja"}; a',
        ends_with={"stance": "ja"}, trace=" | r a+ | a- end"),
    Row("a receive task that instantiates writes what its outputs name",
        RECEIVE.replace("/>", '><extensionElements><handslag:output name="view" value="=stance"/></extensionElements></receiveTask>') + END + A,
        "r > a > end", does='message Answer:{"stance": "ja"}; a', ends_with={"view": "ja", "stance": None}, trace=" | r a+ | a- end"),
    Row("a start event without trigger may stand before a receive task that instantiates", start("") + RECEIVE + END + A, "start > r > a > end",
        does="message Answer; a", trace="start r+ | r- a+ | a- end"),
    Row("two receive tasks that instantiate each start the process", RECEIVE + RECEIVE.replace('"r"', '"s"').replace("m1", "m2") + END + A + B,
        "r > a > end; s > b > end", does="message Withdrawn; b; message Answer; a", trace=" | s b+ | b- end | r a+ | a- end"),
    Row("what a receive task that instantiates has done is undone too", RECEIVE + END + event("undo", "intermediateThrowEvent", "<compensateEventDefinition/>")
        + '<boundaryEvent id="r_c" attachedToRef="r"><compensateEventDefinition/></boundaryEvent><userTask id="ur" isForCompensation="true"/>'
        '<association id="x" associationDirection="One" sourceRef="r_c" targetRef="ur"/>', "r > undo > end", does="message Answer; ur",
        trace=" | r undo+ r_c ur+ | ur- undo- end"),
    Row("an event-based gateway that instantiates starts with the event that came", gate("Exclusive", MESSAGE, SIGNAL) + END + A + B, TWO_WAYS,
        does="signal Moved; b; message Answer; a", trace=" | gate+ ev1+ ev2 ev1! gate- b+ | b- end | gate+ ev1+ ev2+ ev1- ev2! gate- a+ | a- end"),
    Row("an event-based gateway that instantiates starts with its timer", gate("Exclusive", MESSAGE, TIMER) + END + A + B, TWO_WAYS, does="advance P14D; b",
        trace=" | gate+ ev1+ ev2 ev1! gate- b+ | b- end"),
    Row("a parallel event-based gateway starts with the first message and waits for the others", gate("Parallel", MESSAGE, WITHDRAWN) + END + A + B, TWO_WAYS,
        does='message Withdrawn:{"k": 1}; b; message Answer:{"k": 1}; a', trace=" | gate+ ev1+ ev2 b+ | b- end | ev1- gate- a+ | a- end"),
    Row("a parallel event-based gateway waits for the others by their keys", gate("Parallel", MESSAGE, WITHDRAWN) + END + A + B, TWO_WAYS,
        does='message Answer:{"k": 1}; message Withdrawn:{"k": 2}; message Withdrawn:{"k": 1}', status="waiting",
        trace=" | gate+ ev1+ ev2+ ev1- a+ | gate+ ev1+ ev2 b+ | ev2- gate- b+"),
    Row("an event subprocess of a process that a message starts listens from the first", RECEIVE + END + A + handler("h", SIGNAL, "w", interrupting=False),
        "r > a > end", does="message Answer; signal Moved; a; w", trace=" | r a+ | h+ h_start w+ | a- end | w- h-"),
    Row("a pool starts another by a message, which its receive task takes", start("") + event("send", "intermediateThrowEvent", MESSAGE) + END, "start > send > end",
        does="w", trace="start send end r w+ | w- qe", more=called(RECEIVE + '<userTask id="w"/><endEvent id="qe"/>', "r > w > qe")),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_processes_start(row: Row) -> None:
    check(row)
