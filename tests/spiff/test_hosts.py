"""Boundary events on every kind of activity: what they interrupt, and what goes on beside them (BPMN 2.0 §13.5.3)."""

from __future__ import annotations

import pytest

from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
from tests.support.parts import (
    CONDITION,
    ENDS,
    ERROR,
    ESCALATION,
    MESSAGE,
    NAMES,
    SIGNAL,
    TIMER,
    boundary,
    subprocess_of,
)

EACH = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
ONE_BY_ONE = EACH.replace(
    "<multiInstanceLoopCharacteristics>", '<multiInstanceLoopCharacteristics isSequential="true">'
)
AGAIN = '<standardLoopCharacteristics loopMaximum="3"/>'
HOSTS = {
    f"{kind}{name}": (host.replace("LOOP", loop), 3 if loop == EACH else 1)
    for kind, host in {
        "user": task("host", inner="LOOP"),
        "job": task("host", "serviceTask", "LOOP"),
        "call": task("host", "callActivity", "LOOP"),
        "receive": '<receiveTask id="host" messageRef="m2">LOOP</receiveTask>',
        "sub": subprocess_of("host", task("work") + "[[begin > work]]LOOP"),
    }.items()
    for name, loop in {"": "", " each": EACH, " one by one": ONE_BY_ONE, " again": AGAIN}.items()
}
"""Name -> (activity, how many wait in it at once)."""


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> tuple[str, int]:
    return HOSTS[request.param]


def hosted(host: str, definition: str, *, interrupting: bool) -> Case:
    body = ENDS + host + boundary("edge", "host", definition, interrupting=interrupting) + task("aside")
    return Case(bpmn(body, "start > host > end; edge > aside", declared=NAMES), days=10)


@pytest.mark.parametrize("definition", [TIMER, MESSAGE, SIGNAL, CONDITION])
def test_an_interrupting_event_ends_its_activity_whole(host: tuple[str, int], definition: str) -> None:
    case = hosted(host[0], definition, interrupting=True)
    work = case.open[0]
    assert (case.open, case.listening) == ([work] * host[1], ["edge"])
    case.trigger("edge")
    assert (case.open, case.listening) == (["aside"], [])
    assert case.passed(work, "cancelled") >= host[1]
    assert case.complete("aside").status == "completed"
    for key in ("host", work):
        assert case.passed(key, "entered") == case.passed(key) + case.passed(key, "cancelled")


@pytest.mark.parametrize("definition", [TIMER, MESSAGE, SIGNAL])
def test_an_event_that_does_not_interrupt_runs_beside_until_the_activity_ends(
    host: tuple[str, int], definition: str
) -> None:
    case = hosted(host[0], definition, interrupting=False)
    work = case.open[0]
    case.trigger("edge").trigger("edge")
    while work in case.open:
        case.complete(work)
    assert (case.open, case.listening) == (["aside", "aside"], []), "what was handed out outlives the activity"
    assert case.complete("aside").complete("aside").status == "completed"


def test_an_error_of_one_iteration_ends_them_all(host: tuple[str, int]) -> None:
    case = hosted(host[0], ERROR, interrupting=True)
    assert case.error(case.open[0], "NoSlot", reason="inget möte")
    assert (case.open, case["reason"]) == (["aside"], "inget möte")


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_from_outside_is_caught_at_the_edge(host: tuple[str, int], interrupting: bool) -> None:
    case = hosted(host[0], ESCALATION, interrupting=interrupting)
    before = case.open
    wait = case.wait(before[0])
    assert not case.run.escalate(wait.key, "Other", {})
    assert case.run.escalate(wait.key, "Late", {})
    assert case._next().open == (["aside"] if interrupting else sorted(["aside", *before]))


def test_the_keys_of_a_boundary_message_can_be_inputs_of_its_activity() -> None:
    keys = '<extensionElements><handslag:correlation name="item" value="=item"/></extensionElements>'
    given = '<extensionElements><handslag:input name="item" value="=number + 1"/></extensionElements>'
    body = ENDS + task("host", "callActivity", given) + boundary("edge", "host", keys + MESSAGE)
    case = Case(bpmn(body, "start > host > end; edge > end", declared=NAMES), number=1)
    assert case.wait("edge").correlation == {"item": 2}
