"""Subprocesses, multi-instance activities and loops, and what becomes of variables (BPMN 2.0 §13.3.6, §13.3.7)."""

from __future__ import annotations

import pytest

from engine.spiff import KernelError
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case
from tests.support.parts import ENDS, NAMES, TIMER, boundary, event, gateways


def collecting(collection: str, element: str, output: str, output_element: str) -> str:
    """Multi-instance over a collection, in parallel."""
    return (
        f'<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="{collection}" '
        f'element="{element}" output="{output}" outputElement="{output_element}"/></extensionElements>'
        "</multiInstanceLoopCharacteristics>"
    )


def each(*, sequential: bool = False, condition: str = "") -> str:
    """Multi-instance over municipalities that collects their stances."""
    inner = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements>'
        '<handslag:loop collection="=municipalities" element="municipality" output="stances" outputElement="=stance"/>'
        f"</extensionElements>{inner}</multiInstanceLoopCharacteristics>"
    )


def asked(**options: object) -> bytes:
    body = ENDS + task("ask", inner=each(**options)) + boundary("late", "ask", TIMER) + task("compile")  # type: ignore[arg-type]
    return bpmn(body, "start > ask > compile > end; late > compile")


THREE = ["umea", "mala", "sorsele"]


def test_answers_are_collected_in_the_order_of_the_items_not_of_the_answers() -> None:
    """spiffworkflow.md §1.1: the output list was in order of completion."""
    case = Case(asked(), municipalities=THREE)
    assert [wait.locals["municipality"] for wait in case.snapshot.waiting if wait.element_id == "ask"] == THREE
    case.complete("ask", which=2, stance="c").complete("ask", which=0, stance="a").complete("ask", stance="b")
    assert (case.open, case["stances"]) == (["compile"], ["a", "b", "c"])
    assert case["stance"] is None, "an answer leaked out of its iteration"


def test_a_deadline_keeps_the_answers_that_had_come() -> None:
    """spiffworkflow.md §1.7-E: they were lost."""
    case = Case(asked(), municipalities=THREE).complete("ask", which=1, stance="b")
    case.trigger("late")
    assert (case.open, case["stances"]) == (["compile"], ["b"])


def test_a_deadline_on_a_multi_instance_subprocess_interrupts_it_whole() -> None:
    """spiffworkflow.md §7: TaskNotFoundException."""
    inner = '<startEvent id="i"/>' + task("answer") + task("register") + "[[i > answer > register]]"
    body = (
        ENDS + f'<subProcess id="sub">{inner}{each()}</subProcess>' + boundary("late", "sub", TIMER) + task("compile")
    )
    case = Case(bpmn(body, "start > sub > compile > end; late > compile"), municipalities=THREE)
    assert case.open == ["answer"] * 3
    case.complete("answer", stance="ja").complete("register")
    case.complete("answer", stance="nej").trigger("late")
    assert (case.open, case["stances"]) == (["compile"], ["ja"])


def test_one_after_another_asks_the_next_only_when_the_last_has_answered() -> None:
    case = Case(asked(sequential=True), municipalities=THREE)
    for name in THREE:
        assert [wait.locals["municipality"] for wait in case.snapshot.waiting if wait.element_id == "ask"] == [name]
        case.complete("ask", stance=name[0])
    assert (case.open, case["stances"]) == (["compile"], ["u", "m", "s"])


@pytest.mark.parametrize("sequential", [True, False])
def test_it_stops_when_enough_have_answered(sequential: bool) -> None:
    condition = "numberOfCompletedInstances / numberOfInstances >= 0.6"
    case = Case(asked(sequential=sequential, condition=condition), municipalities=THREE)
    case.complete("ask", stance="a").complete("ask", stance="b")
    assert (case.open, case["stances"]) == (["compile"], ["a", "b"])


def test_an_empty_list_passes_and_something_else_than_a_list_is_a_fault() -> None:
    assert Case(asked(), municipalities=[]).open == ["compile"]
    with pytest.raises(KernelError, match="not a list"):
        Case(asked(), municipalities="umea")


def test_a_loop_back_asks_them_all_again() -> None:
    """spiffworkflow.md §1.1: 'Multiinstance input item … already exists'."""
    body = ENDS + '<exclusiveGateway id="merge"/><exclusiveGateway id="gate"/>' + task("ask", inner=each())
    case = Case(
        bpmn(body, "start > merge > ask > gate; gate > merge : again; gate > end *"),
        municipalities=["a", "b"],
        again=True,
    )
    for lap in (1, 2, 3):
        assert case.open == ["ask", "ask"]
        if lap == 3:
            case.run.set_variables({"again": False})
        case.complete("ask", stance=lap).complete("ask", stance=lap)
    assert (case.status, case["stances"]) == ("completed", [3, 3])


@pytest.mark.parametrize(("kind", "count"), [("2", 2), ("=1 + 2", 3), ("0", 0)])
def test_a_cardinality_says_how_many(kind: str, count: int) -> None:
    loop = f"<multiInstanceLoopCharacteristics><loopCardinality>{kind}</loopCardinality></multiInstanceLoopCharacteristics>"
    assert len(Case(bpmn(ENDS + task("a", inner=loop) + task("b"), "start > a > b > end")).open) == (count or 1)


def test_a_standard_loop_repeats_while_its_condition_holds_up_to_its_maximum() -> None:
    loop = '<standardLoopCharacteristics testBefore="{}" loopMaximum="3"><loopCondition>more</loopCondition>'
    loop += "</standardLoopCharacteristics>"
    after = bpmn(ENDS + task("a", inner=loop.format("false")) + task("b"), "start > a > b > end")
    case = Case(after, more=True)
    assert case.complete("a", more=True).complete("a", more=False).open == ["b"]
    before = bpmn(ENDS + task("a", inner=loop.format("true")) + task("b"), "start > a > b > end")
    assert Case(before, more=False).open == ["b"]
    case = Case(before, more=True)
    assert case.complete("a").complete("a").complete("a").open == ["b"]


def test_a_long_loop_over_tasks_that_wait_for_nothing_does_not_nest() -> None:
    loop = "<multiInstanceLoopCharacteristics isSequential='true'><loopCardinality>3000</loopCardinality>"
    loop += "</multiInstanceLoopCharacteristics>"
    case = Case(bpmn(ENDS + task("a", "task", loop) + task("b"), "start > a > b > end"))
    assert case.open == ["b"]
    assert case.passed("a") == 3001


def test_a_chain_of_two_thousand_tasks_is_no_recursion() -> None:
    """spiffworkflow.md §7: RecursionError."""
    keys = [f"t{number}" for number in range(2_000)]
    body = ENDS + "".join(task(key, "task") for key in keys)
    assert Case(bpmn(body, f"start > {' > '.join(keys)} > end")).status == "completed"


def test_inputs_are_local_and_outputs_are_all_that_leaves() -> None:
    mapping = '<extensionElements><handslag:input name="x" value="=amount + 1"/>'
    mapping += '<handslag:output name="total" value="=x + answer"/></extensionElements>'
    case = Case(bpmn(ENDS + task("a", "callActivity", mapping) + task("b"), "start > a > b > end"), amount=1)
    assert case.wait("a").locals == {"x": 2}
    case.complete("a", answer=40, secret="s")
    assert (case["total"], case["answer"], case["secret"], case["x"]) == (42, None, None, None)


def test_names_that_collide_with_the_library_are_names_like_any_other() -> None:
    """spiffworkflow.md §7 and §1.7-G: ids 'Start' and 'End', data with the key 'typename'."""
    body = '<startEvent id="Start"/><endEvent id="End"/>' + task("Root")
    case = Case(bpmn(body, "Start > Root > End"))
    case.complete("Root", typename="datetime", data={"typename": "x", "@date": 1})
    assert (case["typename"], case["data"], case.status) == ("datetime", {"typename": "x", "@date": 1}, "completed")


def test_iterations_inside_iterations_keep_their_answers_apart() -> None:
    inner = (
        '<startEvent id="i"/>' + task("ask", inner=collecting("=bodies", "body", "answers", "=answer")) + "[[i > ask]]"
    )
    outer = collecting("=municipalities", "municipality", "all_answers", "=answers")
    sub = '<subProcess id="sub"><extensionElements><handslag:input name="answers" value="=[]"/></extensionElements>'
    body = ENDS + f"{sub}{inner}{outer}</subProcess>" + task("after")
    case = Case(bpmn(body, "start > sub > after > end"), municipalities=["u", "m"], bodies=["ks", "kf"])
    seen = [(wait.locals["municipality"], wait.locals["body"]) for wait in case.snapshot.waiting]
    assert seen == [("u", "ks"), ("u", "kf"), ("m", "ks"), ("m", "kf")]
    for which in (3, 1, 1, 0):
        case.complete("ask", which=which, answer=f"answer {which}")
    assert case["all_answers"] == [["answer 0", "answer 1"], ["answer 1", "answer 3"]]
    assert case.open == ["after"]


def test_an_iteration_knows_its_number_and_a_lap_too() -> None:
    case = Case(asked(), municipalities=THREE)
    assert [wait.locals["loopCounter"] for wait in case.snapshot.waiting if wait.element_id == "ask"] == [1, 2, 3]
    loop = '<standardLoopCharacteristics loopMaximum="2"/>'
    case = Case(bpmn(ENDS + task("a", inner=loop), "start > a > end"))
    assert case.wait("a").locals["loopCounter"] == 1
    assert case.complete("a").wait("a").locals["loopCounter"] == 2


def test_two_tokens_in_one_activity_have_each_their_own_deadline() -> None:
    body = ENDS + gateways(parallel="fork", exclusive="merge") + task("draft") + boundary("late", "draft", TIMER)
    case = Case(bpmn(body, "start > fork; fork > merge; fork > merge; merge > draft > end; late > end"))
    assert (case.open, case.listening) == (["draft", "draft"], ["late", "late"])
    assert len({wait.host for wait in case.snapshot.waiting if wait.element_id == "late"}) == 2
    case.trigger("late", which=1)
    assert (case.open, case.listening) == (["draft"], ["late"])
    assert case.wait("late").host == case.wait("draft").key
    assert case.complete("draft").status == "completed"


def test_terminate_in_an_iteration_ends_that_iteration_only() -> None:
    inner = '<startEvent id="i"/>' + gateways(parallel="fork") + task("x") + task("y")
    inner += event("stop", "endEvent", "<terminateEventDefinition/>") + "[[i > fork; fork > x; fork > y > stop]]"
    case = Case(
        bpmn(ENDS + f'<subProcess id="sub">{inner}{each()}</subProcess>', "start > sub > end"), municipalities=THREE
    )
    assert case.complete("y", stance="a").open == ["x", "x", "y", "y"]


def test_a_loop_over_a_subprocess_writes_to_the_process() -> None:
    loop = "<standardLoopCharacteristics><loopCondition>count &lt; 3</loopCondition></standardLoopCharacteristics>"
    inner = '<startEvent id="i"/>' + task("x") + f"[[i > x]]{loop}"
    case = Case(bpmn(ENDS + f'<subProcess id="sub">{inner}</subProcess>', "start > sub > end"))
    for count in (1, 2, 3):
        assert case.status == "running"
        case.complete("x", count=count)
    assert (case.status, case["count"]) == ("completed", 3)


def test_a_send_task_sends_to_each_with_what_its_iteration_knows() -> None:
    inner = '<handslag:correlation name="to" value="=municipality"/><handslag:input name="n" value="=n + loopCounter"/>'
    sends = f'<sendTask id="send" messageRef="m1"><extensionElements>{inner}</extensionElements>{each()}</sendTask>'
    case = Case(bpmn(ENDS + sends, "start > send > end", declared=NAMES), municipalities=THREE, n=10, stance=None)
    sent = [(thrown.correlation["to"], thrown.payload["n"]) for thrown in case.thrown]
    assert sent == [("umea", 11), ("mala", 12), ("sorsele", 13)]
    assert case["n"] == 10


def test_a_name_that_the_process_has_is_shared_by_iterations_unless_an_input_gives_each_its_own() -> None:
    own = '<extensionElements><handslag:input name="stance" value="=null"/></extensionElements>'
    inner = '<startEvent id="i"/>' + task("answer") + task("register") + "[[i > answer > register]]"
    for extension, seen in [("", ["b", "b", "b"]), (own, ["a", "b", None])]:
        sub = f'<subProcess id="sub">{extension}{inner}{each()}</subProcess>'
        case = Case(bpmn(ENDS + sub, "start > sub > end"), municipalities=THREE, stance="before")
        case.complete("answer", stance="a").complete("answer", stance="b")
        keys = [wait.key for wait in case.snapshot.waiting if wait.element_id in ("answer", "register")]
        assert [case.run.variables(key)["stance"] for key in keys] == seen
