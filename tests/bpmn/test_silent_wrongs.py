"""What SpiffWorkflow passes over in silence: each either runs right here, or is refused by the rule that is named.

The list is that of a survey of SpiffWorkflow 3.2.0, in which each was run: link events that strand a token, signal ends that send
nothing, handlers that start at once, conditions that are not asked. The kernel's own tests of them are in tests/spiff.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.bpmn.check import check
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
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
    undone_by,
)

LINK = '<linkEventDefinition name="L"/>'
MANY = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=all" element="one"/></extensionElements>'
MANY += "</multiInstanceLoopCharacteristics>"
TWO_TIMERS = event("first", "intermediateCatchEvent", TIMER) + event("second", "intermediateCatchEvent", TIMER)
BEGIN_AGAIN = "start > m > t > g; g > m : again; g > end *"

RUNS: dict[str, tuple[str, str, Callable[[bytes], bool]]] = {
    "a link event": (
        ENDS + event("out", "intermediateThrowEvent", LINK) + event("in", "intermediateCatchEvent", LINK) + task("t"),
        "start > out; in > t > end",
        lambda data: Case(data).open == ["t"],
    ),
    "compensation": (
        ENDS + task("t") + undone_by("t", "u") + event("undo", "intermediateThrowEvent", "<compensateEventDefinition/>"),
        "start > t > undo > end",
        lambda data: Case(data).complete("t").open == ["u"],
    ),
    "a signal end event": (
        '<startEvent id="start"/>' + event("end", "endEvent", SIGNAL),
        "start > end",
        lambda data: [thrown.name for thrown in Case(data).thrown] == ["Moved"],
    ),
    "an event subprocess that an error starts": (
        ENDS + task("t") + handler("h", ERROR, "work"),
        "start > t > end",
        lambda data: (case := Case(data)).open == ["t"] and case.error("t", "NoSlot") and case.open == ["work"],
    ),
    "an event subprocess that an escalation starts": (
        ENDS + event("up", "intermediateThrowEvent", ESCALATION) + handler("h", ESCALATION, "work"),
        "start > up > end",
        lambda data: Case(data).open == ["work"],
    ),
    "an event subprocess that interrupts": (
        ENDS + task("t") + handler("h", MESSAGE, "work"),
        "start > t > end",
        lambda data: Case(data).trigger("h_start").open == ["work"],
    ),
    "a condition on the only flow out of a task": (
        ENDS + task("t") + task("u"),
        "start > t; t > u : yes; t > end *; u > end",
        lambda data: Case(data).complete("t", yes=False).status == "completed",
    ),
    "a task that two flows lead to": (
        ENDS + gateways(parallel="fork") + task("t"),
        "start > fork; fork > t; fork > t; t > end",
        lambda data: Case(data).open == ["t", "t"],
    ),
    "two timers behind one event-based gateway": (
        ENDS + gateways(eventBased="g") + TWO_TIMERS + task("a") + task("b"),
        "start > g; g > first > a; g > second > b; a > end; b > end",
        lambda data: Case(data).open == ["first", "second"] and Case(data).trigger("second").open == ["b"],
    ),
    "a multi-instance task without output that a loop comes back to": (
        ENDS + '<exclusiveGateway id="m"/>' + gateways(exclusive="g") + task("t", inner=MANY),
        BEGIN_AGAIN,
        lambda data: Case(data, all=["a", "b"], again=True).complete("t").complete("t").open == ["t", "t"],
    ),
    "an interrupting timer on a multi-instance task": (
        ENDS + task("t", inner=MANY.replace("element=", 'output="got" outputElement="=said" element=')) + boundary("b", "t", TIMER) + task("after"),
        "start > t > end; b > after > end",
        lambda data: Case(data, all=["a", "b"]).complete("t", said=1).trigger("b")["got"] == [1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("construct", RUNS)
def test_it_runs_right(construct: str) -> None:
    body, flows, runs = RUNS[construct]
    data = bpmn(body, flows, declared=NAMES)
    assert [finding.sentence for finding in check(data) if finding.severity == "error"] == []
    assert runs(data)


MISSING = "<dataInputAssociation><sourceRef>gone</sourceRef><targetRef>i</targetRef></dataInputAssociation>"
REFUSED = {
    "a node that cannot be reached": (ENDS + task("t") + task("u"), "start > t > end; u > end", "unreachable"),
    "a gateway without a way to choose": (ENDS + gateways(exclusive="g") + task("t"), "start > g; g > t; g > end; t > end", "condition-required"),
    "an expression in Python": (ENDS + task("t") + task("u"), "start > t; t > u : approved == True; t > end *; u > end", "expression"),
    "a service task of another engine": (ENDS + task("t", "serviceTask"), "start > t > end", "operation-required"),
    "a data object that is not there, in a subprocess": (
        ENDS + f'<subProcess id="s"><startEvent id="b"/>{task("t", inner=MISSING)}[[b > t]]</subProcess>', "start > s > end", "data-association",
    ),
    "a timer that says when in words": (ENDS + task("t") + boundary("b", "t", TIMER.replace("P14D", "14 days")), "start > t > end; b > end", "timer-literal"),
    "an event definition that is not there": (
        ENDS + event("t", "intermediateCatchEvent", "<eventDefinitionRef>gone</eventDefinitionRef>"), "start > t > end", "event-definition",
    ),
    "a loop without an end": (ENDS + task("t", inner="<standardLoopCharacteristics/>"), "start > t > end", "loop-end"),
    "a flow out of an end event": (ENDS + task("t"), "start > t > end > t", "sequence-flow"),
    "a message without a name": (ENDS + event("t", "intermediateCatchEvent", "<messageEventDefinition/>"), "start > t > end", "message-name"),
}  # fmt: skip


@pytest.mark.parametrize("construct", REFUSED)
def test_it_is_refused(construct: str) -> None:
    body, flows, rule = REFUSED[construct]
    assert rule in {finding.rule for finding in check(bpmn(body, flows)) if finding.severity == "error"}
