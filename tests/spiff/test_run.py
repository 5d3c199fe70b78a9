"""The kernel's public face: starting, cancelling, variables from outside, and what it says when it is used wrongly."""

from __future__ import annotations

import pytest

from engine.feel import from_json
from engine.spiff import KernelError, Run
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case, evaluate, program
from tests.support.parts import (
    CONDITION,
    ENDS,
    ERROR,
    MESSAGE,
    NAMES,
    SIGNAL,
    TIMER,
    boundary,
    event,
    gateways,
    handler,
)

TWO_STARTS = bpmn(
    event("drawn", "startEvent", "") + event("received", "startEvent", MESSAGE) + task("a") + task("b"),
    "drawn > a; received > b",
    declared=NAMES,
)


def test_an_instance_starts_at_its_none_start_or_at_the_one_that_is_named() -> None:
    assert Case(TWO_STARTS).open == ["a"]
    assert Case(TWO_STARTS, start_event="received").open == ["b"]


@pytest.mark.parametrize("wrong", ["a", "nowhere", ""])
def test_it_starts_nowhere_else(wrong: str) -> None:
    with pytest.raises(KernelError, match="no start event"):
        Case(TWO_STARTS, start_event=wrong)


def test_cancelling_ends_everything_that_had_begun() -> None:
    body = ENDS + gateways(parallel="fork") + task("a") + task("b") + boundary("late", "b", TIMER)
    case = Case(bpmn(body, "start > fork; fork > a > end; fork > b > end; late > end"))
    case.run.cancel()
    case._next()
    assert (case.status, case.snapshot.waiting) == ("cancelled", ())
    assert (case.passed("a", "cancelled"), case.passed("b", "cancelled")) == (1, 1)


def test_an_error_that_fails_the_instance_ends_everything_that_had_begun() -> None:
    body = (
        '<startEvent id="start"/>' + gateways(parallel="fork") + task("a") + task("b") + event("bad", "endEvent", ERROR)
    )
    case = Case(bpmn(body, "start > fork; fork > a > bad; fork > b", declared=NAMES)).complete("a")
    assert (case.status, case.snapshot.error, case.snapshot.waiting) == ("failed", "NoSlot", ())
    assert case.passed("b", "cancelled") == 1


@pytest.mark.parametrize("call", ["complete", "trigger", "variables"])
def test_a_key_under_which_nothing_waits_any_more_is_told_apart(call: str) -> None:
    case = Case(bpmn(ENDS + task("a") + task("b"), "start > a > b > end"))
    key = case.wait("a").key
    case.complete("a")
    with pytest.raises(KernelError, match="Nothing waits"):
        getattr(case.run, call)(*((key,) if call == "variables" else (key, {})))


def test_variables_from_outside_land_where_the_name_lives() -> None:
    given = '<extensionElements><handslag:input name="own" value="=1"/></extensionElements>'
    case = Case(bpmn(ENDS + task("a", "callActivity", given), "start > a > end"), shared=0)
    key = case.wait("a").key
    case.run.set_variables({"own": "mine", "shared": "ours", "new": "born"}, key)
    assert case.run.variables(key) == {"own": "mine", "shared": "ours", "new": "born"}
    assert case.run.variables() == {"shared": "ours", "new": "born"}


def test_what_two_handlers_at_once_received_stays_apart() -> None:
    body = ENDS + task("a") + handler("h", MESSAGE, "register", interrupting=False)
    case = Case(bpmn(body, "start > a > end", declared=NAMES), consultee="none")
    case.trigger("h_start", consultee="umea").trigger("h_start", consultee="mala")
    seen = [wait.locals["consultee"] for wait in case.snapshot.waiting if wait.element_id == "register"]
    assert (seen, case["consultee"]) == (["umea", "mala"], "none")
    case.complete("register", registered=True)
    assert case["registered"] is True, "what its tasks find out belongs to the process"


def test_an_error_in_a_handler_goes_past_the_handlers_beside_it() -> None:
    failing = handler("h", MESSAGE, "work").replace(
        "</subProcess>", event("bad", "endEvent", ERROR) + "[[work > bad]]</subProcess>"
    )
    body = ENDS + task("a") + failing + handler("rescue", ERROR, "repair")
    case = Case(bpmn(body, "start > a > end", declared=NAMES)).trigger("h_start").complete("work")
    assert (case.status, case.snapshot.error) == ("failed", "NoSlot")


def test_a_condition_beside_a_task_fires_each_time_it_becomes_true() -> None:
    body = ENDS + task("a") + boundary("near", "a", CONDITION, interrupting=False) + task("note")
    case = Case(bpmn(body, "start > a > end; near > note", declared=NAMES), days=1)
    for days, notes in [(1, 1), (2, 1), (9, 1), (2, 2), (None, 2), (0, 3)]:
        case.run.set_variables({"days": from_json(days)})
        case.run.recheck_conditions()
        assert case._next().open.count("note") == notes


def test_a_signal_that_an_instance_throws_comes_back_through_the_engine() -> None:
    body = ENDS + event("up", "intermediateThrowEvent", SIGNAL) + task("a") + handler("h", SIGNAL, "work")
    case = Case(bpmn(body, "start > up > a > end", declared=NAMES))
    assert ([thrown.name for thrown in case.thrown], case.open) == (["Moved"], ["a"])
    assert case.trigger("h_start").open == ["work"]


def test_thrown_and_trace_are_handed_over_once() -> None:
    compiled = program(bpmn(ENDS + event("up", "intermediateThrowEvent", SIGNAL), "start > up > end", declared=NAMES))
    run = Run.start(compiled, {}, evaluate)
    first, second = run.snapshot(), run.snapshot()
    assert (len(first.thrown), len(first.trace)) == (1, 6)
    assert (second.thrown, second.trace) == ((), ())
