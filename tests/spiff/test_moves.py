"""What an operator does to an instance that stands wrong: in the right scope, whole or not at all, with no token lost or made."""

from __future__ import annotations

import pytest

from engine.feel import from_json
from engine.spiff import Begin, Cancel, ElementUnknown, MoveRefused, Restart, Write
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
from tests.support.parts import (
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
    subprocess_of,
    undone_by,
)

EACH = (
    "<multiInstanceLoopCharacteristics{}><extensionElements>"
    '<handslag:loop collection="=towns" element="town" output="answers" outputElement="=stance"/>'
    "</extensionElements></multiInstanceLoopCharacteristics>"
)
AT_ONCE, ONE_BY_ONE = EACH.format(""), EACH.format(' isSequential="true"')
CANCEL = "<cancelEventDefinition/>"
TOWNS = ["umea", "dorotea", "mala"]
IN_A_ROW = ENDS + task("write") + task("check") + task("send")


def in_a_row() -> Case:
    return Case(bpmn(IN_A_ROW, "start > write > check > send > end"))


def in_parallel(kind: str = "parallel") -> Case:
    body = ENDS + gateways(**{kind: "fork"}) + gateways(**{kind: "join"}) + task("a") + task("b") + task("after")
    return Case(bpmn(body, "start > fork > a > join > after > end; fork > b > join"))


def inside(*, loop: str = "", edge: str = "", **variables: object) -> Case:
    """A subprocess of two tasks, then a task."""
    inner = task("first") + task("second") + "[[begin > first > second]]" + loop
    body = ENDS + task("before") + subprocess_of("sub", inner) + task("after") + edge
    flows = "start > before > sub > after > end" + ("; edge > after" if edge else "")
    return Case(bpmn(body, flows, declared=NAMES), **variables)


def refused(case: Case, *moves: object, says: str) -> None:
    """Refused with a sentence, and nothing has changed."""
    before = case.run.save()
    with pytest.raises((MoveRefused, ElementUnknown), match=says):
        case.modify(*moves)  # type: ignore[arg-type]
    assert case.run.save() == before


def test_a_token_is_moved_on_and_back_and_the_rest_of_the_process_is_what_it_was() -> None:
    case = in_a_row().modify(Cancel("write"), Begin("send"))
    assert (case.open, case.passed("write", "cancelled")) == (["send"], 1)
    case.modify(Cancel(case.keys("send")[0]), Begin("write", after=True))
    assert case.open == ["check"]
    assert case.complete("check").complete("send").status == "completed"


def test_a_token_can_be_put_at_any_element_that_the_diagram_has() -> None:
    case = in_a_row().modify(Cancel("write"), Begin("end"))
    assert case.status == "completed"
    refused(in_a_row(), Begin("nowhere"), says="no element 'nowhere'")
    refused(in_a_row(), Begin("end", after=True), says="leads nowhere")
    refused(in_a_row(), Cancel("send"), says="Nothing goes on at 'send'")
    refused(in_a_row(), Cancel("1"), says="whole process")


def test_a_process_ends_by_a_cancel_only_when_that_is_meant() -> None:
    refused(in_a_row(), Cancel("write"), says="Nothing would go on")
    case = in_a_row().modify(Cancel("write"), may_end=True)
    assert (case.status, case.open) == ("cancelled", [])


def test_variables_are_written_before_what_is_begun_after_them() -> None:
    body = ENDS + task("ask") + gateways(exclusive="which") + task("long") + task("short")
    drawn = bpmn(body, "start > ask > which; which > long : days > 30; which > short *; long > end; short > end")
    case = Case(drawn, days=10).modify(Write({"days": from_json(90)}), Cancel("ask"), Begin("ask", after=True))
    assert (case.open, case["days"]) == (["long"], 90)


def test_all_is_cancelled_and_begun_anew_from_a_step() -> None:
    case = in_parallel().complete("a").modify(Restart("after"))
    assert (case.open, case.passed("b", "cancelled"), case.keys("join", "join")) == (["after"], 1, [])
    assert case.complete("after").status == "completed"


def test_a_branch_is_not_taken_away_from_a_join_that_would_wait_for_it_for_ever() -> None:
    refused(in_parallel(), Cancel("a"), says="wait at 'join' for others that never come")
    refused(in_parallel(), Cancel("a"), Begin("after"), says="wait at 'join'")
    refused(in_parallel(), Begin("a"), says="wait at 'join'")
    refused(in_parallel(), Restart("b"), says="wait at 'join'")
    both = in_parallel().modify(Restart("b"), Begin("a"))
    assert both.open == ["a", "b"]
    assert both.complete("a").complete("b").open == ["after"], "one token goes on from the join"


def test_a_branch_is_moved_to_the_join_itself_on_the_way_that_nobody_else_comes() -> None:
    for gone, left in (("a", "b"), ("b", "a")):
        case = in_parallel().modify(Cancel(gone), Begin("join"))
        assert (case.open, len(case.keys("join", "join"))) == ([left], 1)
        assert case.complete(left).open == ["after"]


def test_a_token_that_waits_at_a_join_can_be_moved() -> None:
    case = in_parallel().complete("a")
    case.modify(Cancel(case.keys("join", "join")[0]), Begin("a"))
    assert case.open == ["a", "b"]
    assert case.complete("a").complete("b").open == ["after"]


def test_an_inclusive_join_does_not_wait_for_a_branch_that_was_cancelled() -> None:
    case = in_parallel("inclusive").complete("a")
    assert case.open == ["b"]
    assert case.modify(Cancel("b")).open == ["after"]


def test_beginning_inside_a_subprocess_begins_the_subprocess_around_it() -> None:
    timer = boundary("edge", "sub", TIMER)
    case = inside(edge=timer).modify(Cancel("before"), Begin("second"))
    assert (case.open, case.listening, case.passed("sub", "entered")) == (["second"], ["edge"], 1)
    assert case.complete("second").open == ["after"]
    assert (case.passed("sub"), case.passed("first", "entered"), case.passed("begin", "entered")) == (1, 0, 0)


def test_beginning_inside_a_subprocess_that_goes_on_begins_there() -> None:
    case = inside().complete("before").modify(Cancel("first"), Begin("second"))
    assert (case.open, case.passed("sub", "entered"), case.passed("sub", "cancelled")) == (["second"], 1, 0)
    assert case.complete("second").open == ["after"]


def test_a_subprocess_in_which_nothing_goes_on_any_more_is_cancelled_and_not_completed() -> None:
    case = inside(edge=boundary("edge", "sub", TIMER)).complete("before")
    refused(case, Cancel("first"), says="Nothing would go on")
    case.modify(Cancel("first"), Begin("before"))
    assert (case.open, case.listening, case.passed("sub", "cancelled")) == (["before"], [], 1)
    assert case.passed("after", "entered") == 0


def test_several_things_begun_in_one_subprocess_begin_it_once() -> None:
    inner = task("a") + task("b") + gateways(parallel="fork") + gateways(parallel="join") + task("done")
    body = ENDS + task("before") + subprocess_of("sub", inner + "[[begin > fork > a > join > done; fork > b > join]]")
    case = Case(bpmn(body, "start > before > sub > end")).modify(Cancel("before"), Begin("a"), Begin("b"))
    assert (case.open, case.passed("sub", "entered")) == (["a", "b"], 1)
    assert case.complete("a").complete("b").complete("done").status == "completed"


def test_in_one_of_several_subprocesses_only_when_it_is_named() -> None:
    case = inside(loop=AT_ONCE, towns=TOWNS).complete("before")
    refused(case, Begin("second"), says="goes on 3 times. Say in which: its key is one of")
    dorotea = case.keys("sub", "iteration")[1]
    case.modify(Cancel(case.wait("first", 1).key), Begin("second", within=dorotea))
    assert case.open == ["first", "first", "second"]
    assert case.wait("second").locals["town"] == "dorotea"
    refused(case, Begin("second", within="999"), says="not the key of a scope")
    refused(case, Begin("after", within=dorotea), says="not the key of a scope")
    refused(inside(loop=AT_ONCE, towns=TOWNS), Begin("second"), says="Begin before it as a whole")
    whole = inside(loop=AT_ONCE, towns=TOWNS).modify(Restart("sub"))
    assert whole.open == ["first"] * 3


def test_one_of_several_is_cancelled_and_the_others_are_still_waited_for() -> None:
    drawn = bpmn(ENDS + task("answer", inner=AT_ONCE) + task("after"), "start > answer > after > end")
    case = Case(drawn, towns=TOWNS).complete("answer", stance="yes")
    case.modify(Cancel(case.wait("answer", 1).key))
    assert case.open == ["answer"]
    assert case.complete("answer", stance="no").open == ["after"]
    assert case["answers"] == ["yes", "no"]
    last = Case(drawn, towns=TOWNS).complete("answer", stance="yes").complete("answer", stance="no")
    assert last.modify(Cancel(last.wait("answer").key)).open == ["after"], "nobody is left to wait for"
    assert last["answers"] == ["yes", "no"]


def test_one_after_the_other_the_next_comes_when_one_is_cancelled() -> None:
    drawn = bpmn(ENDS + task("answer", inner=ONE_BY_ONE) + task("after"), "start > answer > after > end")
    case = Case(drawn, towns=TOWNS)
    case.modify(Cancel(case.wait("answer").key))
    assert case.wait("answer").locals["town"] == "dorotea"
    assert case.complete("answer", stance="yes").complete("answer", stance="no").open == ["after"]
    inner = inside(loop=ONE_BY_ONE, towns=TOWNS).complete("before").modify(Cancel("first"))
    assert (inner.open, inner.wait("first").locals["town"]) == (["first"], "dorotea")


def test_a_whole_multi_instance_activity_is_cancelled_by_its_element() -> None:
    drawn = bpmn(ENDS + task("answer", inner=AT_ONCE) + task("after"), "start > answer > after > end")
    case = Case(drawn, towns=TOWNS).modify(Cancel("answer"), Begin("after"))
    assert (case.open, case.passed("answer", "cancelled")) == (["after"], 4)


def test_a_standard_loop_is_cancelled_with_its_lap() -> None:
    loop = '<standardLoopCharacteristics loopMaximum="3"/>'
    drawn = bpmn(ENDS + task("try", inner=loop) + task("after"), "start > try > after > end")
    case = Case(drawn).complete("try")
    case.modify(Cancel(case.wait("try").key), Begin("after"))
    assert case.open == ["after"]
    assert case.complete("after").status == "completed"


def test_what_listens_at_an_activity_goes_with_it_and_comes_with_it() -> None:
    body = ENDS + task("ask") + boundary("late", "ask", TIMER) + boundary("stop", "ask", MESSAGE) + task("after")
    case = Case(bpmn(body, "start > ask > after > end; late > end; stop > end", declared=NAMES))
    refused(case, Cancel(case.wait("late").key), says="listens beside a step")
    refused(case, Begin("late"), says="edge of a step")
    case.modify(Cancel("ask"), Begin("after"))
    assert case.listening == []
    case.modify(Cancel("after"), Begin("ask"))
    assert case.listening == ["late", "stop"]
    assert case.modify(Cancel("ask"), Begin("late", after=True)).status == "completed"


def test_a_choice_between_events_is_cancelled_whole() -> None:
    choice = gateways(eventBased="wait") + event("answer", "intermediateCatchEvent", MESSAGE)
    body = ENDS + choice + event("late", "intermediateCatchEvent", TIMER) + task("after")
    case = Case(bpmn(body, "start > wait > answer > after > end; wait > late > end", declared=NAMES))
    refused(case, Begin("wait", after=True), says="one of several events")
    case.modify(Cancel(case.wait("late").key), Begin("after"))
    assert (case.open, case.passed("answer", "cancelled")) == (["after"], 1)
    assert case.modify(Restart("answer")).open == ["answer"], "one of the events can be waited for alone"


def test_event_subprocesses_go_on_listening_and_listen_again_when_one_had_taken_over() -> None:
    body = (
        ENDS
        + task("work")
        + handler("stopped", MESSAGE, "wind_up")
        + handler("moved", SIGNAL, "tell", interrupting=False)
    )
    case = Case(bpmn(body, "start > work > end", declared=NAMES))
    kept = case.wait("stopped_start").key
    assert case.modify(Restart("work")).wait("stopped_start").key == kept, "what it waits for has not begun anew"
    case.trigger("stopped_start")
    assert (case.open, case.listening) == (["wind_up"], [])
    case.modify(Cancel("wind_up"), Begin("work"))
    assert (case.open, case.listening) == (["work"], ["moved_start", "stopped_start"])
    assert case.passed("stopped", "cancelled") == 1
    refused(case, Begin("wind_up"), says="begins only when its event comes")
    refused(case, Begin("stopped"), says="begins when its event comes")
    case.trigger("stopped_start")
    assert case.open == ["wind_up"]


def test_a_step_inside_an_event_subprocess_that_goes_on_can_be_begun_again() -> None:
    inner = '<subProcess id="stopped" triggeredByEvent="true"><startEvent id="came">' + MESSAGE + "</startEvent>"
    inner += task("one") + task("two") + "[[came > one > two]]</subProcess>"
    case = Case(bpmn(ENDS + task("work") + inner, "start > work > end", declared=NAMES)).trigger("came").complete("one")
    assert case.modify(Cancel("two"), Begin("one")).open == ["one"]
    assert case.complete("one").complete("two").status == "completed"


def test_a_call_is_cancelled_and_begun_again_as_any_other_step() -> None:
    called = '<callActivity id="call" calledElement="other"/>'
    case = Case(bpmn(ENDS + called + task("after"), "start > call > after > end"))
    first = case.wait("call").key
    case.modify(Restart("call"))
    assert case.wait("call").key != first, "the process is called anew"
    assert case.complete("call").open == ["after"]


def test_an_ad_hoc_subprocess_goes_on_with_the_next_when_one_is_cancelled() -> None:
    inner = task("one") + task("two")
    body = ENDS + f'<adHocSubProcess id="any" ordering="Sequential">{inner}</adHocSubProcess>'
    case = Case(bpmn(body, "start > any > end"))
    assert case.modify(Cancel("one")).open == ["two"]
    assert case.complete("two").status == "completed"


def test_compensation_is_left_in_peace_or_skipped_step_by_step() -> None:
    body = ENDS + task("plan") + undone_by("plan", "unplan") + task("book") + undone_by("book", "unbook")
    body += event("undo", "endEvent", "<compensateEventDefinition/>")
    case = Case(bpmn(body, "start > plan > book > undo")).complete("plan").complete("book")
    assert case.open == ["unbook"]
    refused(case, Begin("unplan"), says="undoes another step")
    assert case.modify(Cancel("unbook")).open == ["unplan"]
    assert case.complete("unplan").status == "completed"


def test_an_error_after_a_move_is_caught_where_the_token_now_stands() -> None:
    case = inside(edge=boundary("edge", "sub", ERROR)).modify(Cancel("before"), Begin("second"))
    assert case.error("second", "NoSlot")
    assert (case.open, case.passed("sub", "failed") + case.passed("sub", "cancelled")) == (["after"], 1)


def test_nothing_begins_in_a_transaction_that_is_being_undone() -> None:
    inner = task("book") + undone_by("book", "unbook") + task("pay") + event("fail", "endEvent", CANCEL)
    body = f'<transaction id="trip"><startEvent id="begin"/>{inner}[[begin > book > pay > fail]]</transaction>'
    body = ENDS + body + boundary("failed", "trip", CANCEL) + task("excuse")
    case = Case(bpmn(body, "start > trip > end; failed > excuse")).complete("book")
    assert case.modify(Cancel("pay"), Begin("pay")).complete("pay").open == ["unbook"]
    refused(case, Begin("pay"), says="'trip' was cancelled and is being undone")
    refused(case, Begin("pay", within=case.keys("trip")[0]), says="'trip' was cancelled and is being undone")
    assert case.modify(Cancel("unbook")).open == ["excuse"], "what is undone by hand is skipped"


def test_of_two_runs_of_an_event_subprocess_the_one_is_named() -> None:
    inner = f'<startEvent id="came" isInterrupting="false">{SIGNAL}</startEvent>' + task("one") + task("two")
    inner = f'<subProcess id="moved" triggeredByEvent="true">{inner}[[came > one > two]]</subProcess>'
    case = Case(bpmn(ENDS + task("work") + inner, "start > work > end", declared=NAMES), days=1)
    case.trigger("came", day="first").trigger("came", day="second")
    refused(case, Begin("two"), says="goes on 2 times")
    second = case.keys("moved")[1]
    case.modify(Cancel(case.wait("one", 1).key), Begin("two", within=second))
    assert (case.open, case.wait("two").locals["day"]) == (["one", "two", "work"], "second")


def test_inside_subprocesses_in_subprocesses_all_of_them_begin_and_end() -> None:
    inner = subprocess_of("inner", task("deep") + "[[b2 > deep]]", "b2")
    outer = subprocess_of("outer", task("first") + inner + "[[b1 > first > inner]]" + AT_ONCE, "b1")
    case = Case(bpmn(ENDS + task("before") + outer, "start > before > outer > end"), towns=TOWNS).complete("before")
    dorotea = case.keys("outer", "iteration")[1]
    case.modify(Cancel(case.wait("first", 1).key), Begin("deep", within=dorotea))
    assert (case.open, case.wait("deep").locals["town"]) == (["deep", "first", "first"], "dorotea")
    case.modify(Cancel("deep"))
    assert (case.open, len(case.keys("outer", "iteration"))) == (["first"] * 2, 2), "nothing was left of the third"
    for _ in range(2):
        case.complete("first").complete("deep")
    assert case.status == "completed"


def test_no_token_begins_at_an_inclusive_join_to_which_all_its_branches_go_still() -> None:
    body = ENDS + '<inclusiveGateway id="fork"/><inclusiveGateway id="join"/>' + task("a") + task("b") + task("after")
    case = Case(bpmn(body, "start > fork; fork > a : true\nfork > b : true\na > join; b > join; join > after > end"))
    refused(case, Begin("join"), says="would lead on from it once more")
    case.modify(Cancel("b"), Begin("join"))
    assert case.complete("a").open == ["after"]


def test_a_sequential_ad_hoc_subprocess_does_one_step_at_a_time_and_each_once_also_when_it_is_moved() -> None:
    inner = f'<adHocSubProcess id="sub" ordering="Sequential">{task("a")}{task("b")}{task("c")}</adHocSubProcess>'
    case = Case(bpmn(ENDS + inner, "start > sub > end"))
    refused(case, Begin("b"), says="one step follows the other")
    case.modify(Cancel("a"), Begin("b"))
    assert [case.open, case.complete("b").open, case.complete("c").status] == [["b"], ["c"], "completed"]
