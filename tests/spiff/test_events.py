"""Boundary events, event subprocesses, event-based gateways, errors and escalations (BPMN 2.0 §13.5)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
from tests.support.parts import ENDS, NAMES, TIMER, boundary, handler


def test_a_deadline_interrupts_its_task() -> None:
    case = Case(
        bpmn(
            ENDS + task("draft") + boundary("late", "draft", TIMER) + task("escalate"),
            "start > draft > end; late > escalate > end",
        )
    )
    wait = case.wait("late")
    assert (wait.expression, wait.interrupting, wait.host) == ("P14D", True, case.wait("draft").key)
    case.trigger("late")
    assert (case.open, case.listening) == (["escalate"], [])
    assert case.passed("draft", "cancelled") == 1


def test_reminders_come_any_number_of_times_and_outlive_the_task_they_remind_of() -> None:
    """spiffworkflow.md §1.1 and §7: fired once only; completing the host cancelled what had been handed out."""
    body = ENDS + task("draft") + boundary("remind", "draft", TIMER, interrupting=False) + task("call")
    case = Case(bpmn(body, "start > draft > end; remind > call"))
    case.trigger("remind").trigger("remind").trigger("remind")
    assert case.open == ["call", "call", "call", "draft"]
    case.complete("draft")
    assert (case.open, case.listening) == (["call", "call", "call"], [])
    assert case.complete("call").complete("call").complete("call").status == "completed"


@pytest.mark.parametrize("winner", ["granted", "refused", "silence", "week"])
def test_of_several_events_behind_a_gateway_the_first_wins(winner: str) -> None:
    """spiffworkflow.md §1.1: two timers under one gateway collided."""
    event = '<intermediateCatchEvent id="{}">{}</intermediateCatchEvent>'
    week = TIMER.replace("P14D", "P7D")
    body = ENDS + '<eventBasedGateway id="gate"/>' + task("granted_task") + task("other")
    body += event.format("granted", '<messageEventDefinition messageRef="m1"/>')
    body += event.format("refused", '<messageEventDefinition messageRef="m2"/>')
    body += event.format("silence", TIMER) + event.format("week", week)
    flows = "start > gate; gate > granted > granted_task > end; gate > refused > other > end"
    case = Case(bpmn(body, flows + "; gate > silence > other; gate > week > other", declared=NAMES))
    assert case.wait("silence").expression == "P14D" and case.wait("week").expression == "P7D"
    case.trigger(winner, date="2027-01-01")
    assert case.open == (["granted_task"] if winner == "granted" else ["other"])
    (taken,) = (flow for flow in case.snapshot.flows if "_gate_" in flow)
    assert taken.endswith(winner)
    assert case["date"] == "2027-01-01"


def test_withdrawing_cancels_everything_and_runs_its_handler() -> None:
    """spiffworkflow.md §7: an interrupting message event subprocess left the user task open."""
    definition = '<messageEventDefinition messageRef="m2"/>'
    body = ENDS + '<parallelGateway id="fork"/>' + task("a") + task("b") + boundary("late", "b", TIMER)
    body += handler("withdrawn", definition, "clean")
    case = Case(bpmn(body, "start > fork; fork > a > end; fork > b > end; late > end", declared=NAMES))
    assert case.listening == ["late", "withdrawn_start"]
    case.trigger("withdrawn_start", reason="Återtagen")
    assert (case.open, case.listening, case["reason"]) == (["clean"], [], "Återtagen")
    assert case.complete("clean").status == "completed"


def test_a_handler_that_does_not_interrupt_runs_beside_any_number_of_times() -> None:
    """spiffworkflow.md §1.7-D: the shared spec was changed, and later instances never completed."""
    data = bpmn(
        ENDS + task("a") + handler("moved", '<signalEventDefinition signalRef="s1"/>', "replan", interrupting=False),
        "start > a > end",
        declared=NAMES,
    )
    for _ in range(2):
        case = Case(data).trigger("moved_start").trigger("moved_start")
        assert case.open == ["a", "replan", "replan"]
        case.complete("a")
        assert case.status == "running"
        assert case.complete("replan").complete("replan").status == "completed"


def test_handlers_of_a_subprocess_live_only_while_it_does() -> None:
    inner = '<startEvent id="i"/>' + task("x") + handler("inner", '<messageEventDefinition messageRef="m1"/>', "fix")
    body = ENDS + f'<subProcess id="sub">{inner}[[i > x]]</subProcess>' + task("after")
    data = bpmn(body, "start > sub > after > end", declared=NAMES)
    assert Case(data).trigger("inner_start").complete("fix").open == ["after"]
    assert Case(data).complete("x").listening == []


def test_an_error_is_caught_by_the_nearest_that_names_it() -> None:
    inner = '<startEvent id="i"/>' + task("x") + '<endEvent id="fail"><errorEventDefinition errorRef="e1"/></endEvent>'
    inner += "[[i > x > fail]]"
    body = ENDS + f'<subProcess id="sub">{inner}</subProcess>' + task("ladder") + task("any")
    body += boundary("every", "sub", "<errorEventDefinition/>")
    body += boundary("no_slot", "sub", '<errorEventDefinition errorRef="e1"/>')
    flows = "start > sub > end; no_slot > ladder > end; every > any > end"
    case = Case(bpmn(body, flows, declared=NAMES)).complete("x")
    assert case.open == ["ladder"]
    other = Case(bpmn(body, flows, declared=NAMES))
    assert other.error("x", "Other", text="hej")
    assert (other.open, other["text"]) == (["any"], "hej")


def test_an_error_event_subprocess_waits_until_there_is_an_error() -> None:
    """spiffworkflow.md §1.1: the handler started at once when the instance started."""
    body = ENDS + task("a", "serviceTask") + handler("rescue", '<errorEventDefinition errorRef="e1"/>', "repair")
    case = Case(bpmn(body, "start > a > end", declared=NAMES))
    assert case.open == ["a"]
    assert case.error("a", "NoSlot")
    assert case.open == ["repair"]
    again = Case(bpmn(body, "start > a > end", declared=NAMES))
    assert not again.error("a", "Unknown")
    assert again.open == ["a"]


def test_an_error_end_that_nobody_catches_fails_the_instance() -> None:
    body = (
        '<startEvent id="start"/>' + task("a") + '<endEvent id="end"><errorEventDefinition errorRef="e1"/></endEvent>'
    )
    case = Case(bpmn(body, "start > a > end", declared=NAMES)).complete("a")
    assert (case.status, case.snapshot.error) == ("failed", "NoSlot")


def test_an_escalation_is_caught_beside_or_instead_and_else_leaves_the_instance() -> None:
    throw = '<intermediateThrowEvent id="up"><escalationEventDefinition escalationRef="x1"/></intermediateThrowEvent>'
    inner = '<startEvent id="i"/>' + throw + task("x") + "[[i > up > x]]"
    sub = f'<subProcess id="sub">{inner}</subProcess>'
    catch = '<escalationEventDefinition escalationRef="x1"/>'
    flows = "start > sub > end; late > chief > end"
    beside = bpmn(
        ENDS + sub + task("chief") + boundary("late", "sub", catch, interrupting=False), flows, declared=NAMES
    )
    assert Case(beside).open == ["chief", "x"]
    instead = bpmn(ENDS + sub + task("chief") + boundary("late", "sub", catch), flows, declared=NAMES)
    assert Case(instead).open == ["chief"]
    alone = Case(bpmn(ENDS + sub, "start > sub > end", declared=NAMES))
    assert alone.open == ["x"]
    assert [(thrown.kind, thrown.name) for thrown in alone.thrown] == [("escalation", "Late")]


def test_signals_and_messages_leave_the_instance_with_payload_and_keys() -> None:
    """spiffworkflow.md §1.4: a signal end event was silently a none end event."""
    extension = '<extensionElements><handslag:correlation name="case_id" value="=case_id"/>'
    extension += '<handslag:input name="date" value="=reply_by"/></extensionElements>'
    body = f'<startEvent id="start"/><intermediateThrowEvent id="ask">{extension}'
    body += '<messageEventDefinition messageRef="m1"/></intermediateThrowEvent>'
    body += '<endEvent id="end"><signalEventDefinition signalRef="s1"/></endEvent>'
    case = Case(bpmn(body, "start > ask > end", declared=NAMES), case_id="7", reply_by="2027-04-08")
    message, signal = case.thrown
    assert (message.kind, message.name, message.correlation, message.payload) == (
        "message",
        "Answer",
        {"case_id": "7"},
        {"date": "2027-04-08"},
    )
    assert (signal.kind, signal.name, case.status) == ("signal", "Moved", "completed")


def test_a_message_wait_fixes_its_keys_when_it_begins() -> None:
    keys = '<extensionElements><handslag:correlation name="case_id" value="=case_id"/></extensionElements>'
    body = ENDS + f'<receiveTask id="wait" messageRef="m1">{keys}</receiveTask>'
    case = Case(bpmn(body, "start > wait > end", declared=NAMES), case_id="7")
    assert (case.wait("wait").name, case.wait("wait").correlation) == ("Answer", {"case_id": "7"})
    assert case.trigger("wait", stance="approve")["stance"] == "approve"


def test_a_condition_fires_when_it_becomes_true_and_not_before() -> None:
    condition = "<conditionalEventDefinition><condition>days &lt; 3</condition></conditionalEventDefinition>"
    body = ENDS + task("a") + task("b") + task("hurry") + boundary("near", "b", condition)
    case = Case(bpmn(body, "start > a > b > end; near > hurry > end"))
    case.complete("a", days=10)
    assert case.open == ["b"]
    case.run.set_variables({"days": Decimal(2)})
    case.run.recheck_conditions()
    assert case._next().open == ["hurry"]
