"""Tokens through gateways, splits and merges (BPMN 2.0 §13.3 and §13.4)."""

from __future__ import annotations

import pytest

from engine.spiff import KernelError
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case

ENDS = '<startEvent id="start"/><endEvent id="end"/>'


def test_a_process_goes_from_task_to_task_to_its_end() -> None:
    case = Case(bpmn(ENDS + task("draft") + task("approve"), "start > draft > approve > end"))
    assert case.open == ["draft"]
    assert case.complete("draft", title="Skog").open == ["approve"]
    assert case["title"] == "Skog"
    assert case.complete("approve").status == "completed"
    assert case.trace[:3] == [("start", "entered"), ("start", "completed"), ("draft", "entered")]


@pytest.mark.parametrize(("route", "expected"), [("ordinary", "run"), ("chair", "chair"), ("other", "fallback")])
def test_an_exclusive_gateway_takes_the_first_true_flow_or_the_default(route: str, expected: str) -> None:
    body = ENDS + '<exclusiveGateway id="gate"/>' + task("run") + task("chair") + task("fallback")
    flows = """start > gate
        gate > run : route = "ordinary"
        gate > chair : route = "chair"
        gate > fallback *
        run > end; chair > end; fallback > end"""
    assert Case(bpmn(body, flows), route=route).open == [expected]


@pytest.mark.parametrize("route", ["neither", None])
def test_a_gateway_without_a_way_out_is_a_fault_and_never_a_guess(route: object) -> None:
    body = ENDS + task("ask") + '<exclusiveGateway id="gate"/>' + task("run") + task("chair")
    flows = "start > ask > gate; gate > run : route = 1; gate > chair : route > 2; run > end; chair > end"
    with pytest.raises(KernelError) as fault:
        Case(bpmn(body, flows), route=route).complete("ask")
    assert fault.value.element_id == "gate"


def test_a_parallel_join_waits_for_every_branch_and_loses_nothing_they_wrote() -> None:
    body = ENDS + '<parallelGateway id="split"/><parallelGateway id="join"/>' + task("a") + task("b") + task("after")
    case = Case(bpmn(body, "start > split; split > a > join; split > b > join; join > after > end"), seen="before")
    case.complete("a", from_a=1, seen="a")
    assert case.open == ["b"]
    case.complete("b", from_b=2)
    assert case.open == ["after"]
    assert (case["from_a"], case["from_b"], case["seen"]) == (1, 2, "a")


def test_a_loop_back_over_a_parallel_join_never_brings_old_values_back() -> None:
    """spiffworkflow.md §1.7-A and §1.7-C: SpiffWorkflow reverted data here."""
    body = ENDS + "".join(
        f'<{kind}Gateway id="{key}"/>'
        for kind, key in [("parallel", "split"), ("parallel", "join"), ("exclusive", "merge"), ("exclusive", "gate")]
    )
    flows = """start > merge > split; split > a > join; split > b > join; join > check > gate
        gate > merge : again
        gate > end *"""
    case = Case(bpmn(body + task("a") + task("b") + task("check"), flows), lap=0)
    for lap in range(1, 6):
        case.complete("a", views={"text": {"lap": lap}}, A=lap).complete("b", lap=lap)
        assert (case["views"]["text"]["lap"], case["A"], case["lap"]) == (lap, lap, lap)
        case.complete("check", again=lap < 5)
    assert case.status == "completed"


def test_a_thousand_laps_neither_stall_nor_grow_the_state() -> None:
    """spiffworkflow.md §1.7: SpiffWorkflow stalls silently at depth 1,000."""
    body = ENDS + '<exclusiveGateway id="merge"/><exclusiveGateway id="gate"/>' + task("ask")
    case = Case(bpmn(body, "start > merge > ask > gate; gate > merge : again; gate > end *"))
    sizes = set()
    for _ in range(1_200):
        case.complete("ask", again=True)
        sizes.add(len(case.run.save()))
    assert max(sizes) - min(sizes) < 10
    assert case.complete("ask", again=False).status == "completed"


def test_two_tokens_through_a_gateway_with_one_way_in_stay_two() -> None:
    """spiffworkflow.md §7: SpiffWorkflow made one of them."""
    body = (
        ENDS + '<parallelGateway id="split"/><exclusiveGateway id="merge"/><parallelGateway id="pass"/>' + task("ask")
    )
    case = Case(bpmn(body, "start > split; split > merge; split > merge; merge > pass > ask > end"))
    assert case.open == ["ask", "ask"]
    assert case.complete("ask").complete("ask").status == "completed"


def test_several_flows_out_of_a_task_split_and_several_into_it_merge_without_waiting() -> None:
    case = Case(bpmn(ENDS + task("a") + task("b") + task("c"), "start > a; a > b > c; a > c > end"))
    case.complete("a")
    assert case.open == ["b", "c"]
    case.complete("b")
    assert case.open == ["c", "c"]


def test_conditional_flows_out_of_a_task_are_each_taken_when_true() -> None:
    body = ENDS + task("ask") + task("a") + task("b") + task("otherwise")
    flows = "start > ask; ask > a : x > 1; ask > b : x > 5; ask > otherwise *; a > end; b > end; otherwise > end"
    assert Case(bpmn(body, flows)).complete("ask", x=9).open == ["a", "b"]
    assert Case(bpmn(body, flows)).complete("ask", x=3).open == ["a"]
    assert Case(bpmn(body, flows)).complete("ask", x=0).open == ["otherwise"]


@pytest.mark.parametrize(("x", "tasks"), [(1, ["a"]), (7, ["a", "b"]), (0, ["c"])])
def test_an_inclusive_join_waits_for_those_that_can_still_come(x: int, tasks: list[str]) -> None:
    body = ENDS + '<inclusiveGateway id="split"/><inclusiveGateway id="join"/>'
    body += task("a") + task("b") + task("c") + task("after")
    flows = """start > split; split > a : x > 0
        split > b : x > 5
        split > c *
        a > join; b > join; c > join; join > after > end"""
    case = Case(bpmn(body, flows), x=x)
    assert case.open == tasks
    for number, key in enumerate(tasks):
        assert "after" not in case.open, f"the join opened before {tasks[number:]}"
        case.complete(key)
    assert case.open == ["after"]


def test_an_inclusive_join_does_not_wait_for_one_who_would_come_a_second_time() -> None:
    """A token that can still reach a way in that is taken already belongs to the next meeting (§13.4.3)."""
    body = ENDS + '<parallelGateway id="fork"/><exclusiveGateway id="merge"/><inclusiveGateway id="split"/>'
    body += '<inclusiveGateway id="join"/>' + "".join(task(key) for key in ("t1", "t2", "a", "b", "after"))
    flows = """fork > t1 > merge; fork > t2 > merge; start > fork; merge > split
        split > a : x > 0; split > b : x > 1
        a > join; b > join; join > after > end"""
    case = Case(bpmn(body, flows)).complete("t1", x=1).complete("a")
    assert case.open == ["after", "t2"]


def test_an_inclusive_join_in_a_loop_opens_every_lap() -> None:
    body = ENDS + '<exclusiveGateway id="merge"/><inclusiveGateway id="split"/><inclusiveGateway id="join"/>'
    body += '<exclusiveGateway id="gate"/>' + task("a") + task("b") + task("check")
    flows = """start > merge > split; split > a : x > 0; split > b : x > 1
        a > join; b > join; join > check > gate; gate > merge : again
        gate > end *"""
    case = Case(bpmn(body, flows), x=2)
    for lap in range(3):
        case.complete("a").complete("b").complete("check", again=lap < 2)
    assert case.status == "completed"


def test_links_carry_the_token_over() -> None:
    body = ENDS + task("a")
    body += '<intermediateThrowEvent id="out"><linkEventDefinition name="L"/></intermediateThrowEvent>'
    body += '<intermediateCatchEvent id="in"><linkEventDefinition name="L"/></intermediateCatchEvent>'
    assert Case(bpmn(body, "start > out; in > a > end")).complete("a").status == "completed"


def test_terminate_ends_its_scope_and_nothing_else() -> None:
    inner = '<startEvent id="i"/><parallelGateway id="fork"/><endEvent id="stop"><terminateEventDefinition/></endEvent>'
    inner += task("x") + task("y") + "[[i > fork; fork > x; fork > y > stop]]"
    body = ENDS + f'<subProcess id="sub">{inner}</subProcess>' + task("after")
    case = Case(bpmn(body, "start > sub > after > end")).complete("y")
    assert case.open == ["after"]
    assert case.passed("x", "cancelled") == 1


def test_a_process_without_an_end_event_completes_when_nothing_is_left() -> None:
    assert Case(bpmn('<startEvent id="start"/>' + task("a"), "start > a")).complete("a").status == "completed"


def test_a_circle_that_never_waits_is_a_fault() -> None:
    body = '<startEvent id="start"/><exclusiveGateway id="a"/><exclusiveGateway id="b"/>'
    with pytest.raises(KernelError, match="circle"):
        Case(bpmn(body, "start > a > b > a"))
