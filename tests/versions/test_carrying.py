"""What becomes of tokens, and of what listens, when an instance is carried to another version of its diagram."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case, program
from tests.support.parts import (
    ENDS,
    MESSAGE,
    NAMES,
    TIMER,
    boundary,
    event,
    gateways,
    handler,
    subprocess_of,
    undone_by,
)

CATCH = "intermediateCatchEvent"
SEVERAL = "<multiInstanceLoopCharacteristics{}><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"


def drawn(body: str, flows: str) -> bytes:
    return bpmn(ENDS + body, flows, declared=NAMES)


def carried(case: Case, data: bytes, mapping: Mapping[str, str] | None = None) -> list[str]:
    """Carry a case over; the sentences that say why it cannot be. The case goes on in the new version."""
    target = program(data)
    made = case.run.migrated(target, mapping or {})
    if not made.obstacles:
        case.program, case.run = target, made.run
        case._next()
    return [f"{obstacle.element_id}: {obstacle.sentence}" for obstacle in made.obstacles]


def test_a_step_that_is_inserted_after_the_open_one_is_gone_through() -> None:
    case = Case(drawn(task("a") + task("b"), "start > a > b > end"))
    assert carried(case, drawn(task("a") + task("j") + task("b"), "start > a > j > b > end")) == []
    assert case.complete("a").complete("j").complete("b").status == "completed"


def test_a_step_that_is_gone_needs_one_that_takes_its_place() -> None:
    newer = drawn(task("b"), "start > b > end")
    case = Case(drawn(task("a"), "start > a > end"))
    assert carried(case, newer) == ["a: 'a' is not in the new version. Say which element takes its place."]
    case = Case(drawn(task("a"), "start > a > end"))
    key = case.wait("a").key
    assert carried(case, newer, {"a": "b"}) == []
    assert case.wait("b").key == key, "the task is the same task"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (task("a"), task("a", "serviceTask"), "is a user task, and in the new version a service task"),
        (
            task("a"),
            event("a", CATCH, MESSAGE),
            "an intermediate catch event",
        ),
        (
            event("a", CATCH, MESSAGE),
            event("a", CATCH, TIMER),
            "is waiting for a message, and in the new version waiting for a timer",
        ),
        (task("a"), task("a", inner=SEVERAL.format("")), "is done once, and in the new version done several times"),
        (
            task("a", inner=SEVERAL.format("")),
            task("a", inner=SEVERAL.format(' isSequential="true"')),
            "(parallel), and in the new version done several times (sequential)",
        ),
    ],
)
def test_what_waits_cannot_go_on_as_something_else(old: str, new: str, sentence: str) -> None:
    case = Case(drawn(old, "start > a > end"))
    (said,) = carried(case, drawn(new, "start > a > end"))
    assert sentence in said


def test_work_for_people_stays_work_for_people() -> None:
    case = Case(drawn(task("a", "manualTask"), "start > a > end"))
    assert carried(case, drawn(task("a"), "start > a > end")) == []
    assert case.wait("a").kind == "user"


def test_a_subprocess_that_is_drawn_around_an_open_step_is_opened_around_it() -> None:
    case = Case(drawn(task("a"), "start > a > end"), x=1)
    inner = task("a") + handler("late", MESSAGE, "help", interrupting=False) + "[[begin > a]]"
    newer = drawn(subprocess_of("s", inner) + boundary("stop", "s", TIMER) + task("after"), "start > s > after > end")
    assert carried(case, newer) == []
    assert (case.open, case.listening) == (["a"], ["late_start", "stop"])
    assert case.trace[-1] == ("s", "entered")
    assert case.complete("a").open == ["after"]


def test_a_subprocess_that_is_removed_dissolves_around_its_open_step() -> None:
    older = drawn(
        subprocess_of("s", task("a") + "[[begin > a]]") + boundary("stop", "s", TIMER), "start > s > end; stop > end"
    )
    case = Case(older)
    assert carried(case, drawn(task("a"), "start > a > end")) == []
    assert (case.open, case.listening) == (["a"], [])
    assert case.complete("a").status == "completed"


def test_a_step_that_is_drawn_outside_its_subprocess_leaves_it_empty() -> None:
    older = drawn(subprocess_of("s", task("a") + task("b") + "[[begin > a > b]]"), "start > s > end")
    newer = drawn(subprocess_of("s", task("b") + "[[begin > b]]") + task("a"), "start > a > s > end")
    case = Case(older)
    assert carried(case, newer) == []
    assert case.complete("a").complete("b").status == "completed"
    assert case.passed("s") == 1


def test_two_tokens_are_not_put_into_one_subprocess() -> None:
    split = gateways(parallel="fork", exclusive="meet")
    case = Case(drawn(split + task("a"), "start > fork > meet > a > end; fork > meet"))
    assert case.open == ["a", "a"]
    newer = drawn(split + subprocess_of("s", task("a") + "[[begin > a]]"), "start > fork > meet > s > end; fork > meet")
    (said,) = carried(case, newer)
    assert "all would come into one subprocess" in said


def test_a_step_is_not_put_into_what_is_repeated() -> None:
    case = Case(drawn(task("a"), "start > a > end"))
    inner = SEVERAL.format("") + task("a") + "[[begin > a]]"
    (said,) = carried(case, drawn(subprocess_of("s", inner), "start > s > end"))
    assert "'s' there, which is repeated" in said


def test_iterations_go_on_with_the_answers_given() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=them" element="who" '
        'output="answers" outputElement="=said"/></extensionElements></multiInstanceLoopCharacteristics>'
    )
    case = Case(drawn(task("a", inner=loop), "start > a > end"), them=["x", "y"])
    case.complete("a", said=1)
    assert carried(case, drawn(task("a", inner=loop) + task("b"), "start > a > b > end")) == []
    assert case.complete("a", said=2).open == ["b"]
    assert [int(each) for each in case["answers"]] == [1, 2]


JOINED = gateways(parallel="fork") + gateways(parallel="join") + task("a") + task("b") + task("c")


def test_a_token_at_a_join_goes_with_its_flow() -> None:
    case = Case(drawn(JOINED, "start > fork > a > join > end; fork > b > join")).complete("a")
    newer = "start > fork > a > join > end; fork > b > c > join"
    assert carried(case, drawn(JOINED, newer)) == []
    assert case.complete("b").complete("c").status == "completed"


def test_a_token_at_a_join_that_has_lost_its_flow_cannot_go_on() -> None:
    case = Case(drawn(JOINED, "start > fork > a > join > end; fork > b > join")).complete("a")
    (said,) = carried(case, drawn(JOINED, "start > fork > a > c > join > end; fork > b > join"))
    assert said == "join: 'join' has a token that came from 'a', and in the new version no flow leads from there to it."


def test_a_join_that_waits_for_nothing_more_opens() -> None:
    case = Case(drawn(JOINED, "start > fork > a > join > c > end; fork > b > join")).complete("a")
    fewer = drawn(gateways(parallel="join") + task("a") + task("b") + task("c"), "start > a > join > c > end")
    assert carried(case, fewer, {"b": "c"}) == []
    assert case.open == ["c", "c"]


def test_what_listens_at_an_open_step_comes_and_goes_with_the_version() -> None:
    older = drawn(
        task("a") + boundary("old", "a", TIMER) + boundary("kept", "a", TIMER), "start > a > end; old > end; kept > end"
    )
    newer = drawn(
        task("a") + boundary("kept", "a", TIMER) + boundary("new", "a", MESSAGE),
        "start > a > end; kept > end; new > end",
    )
    case = Case(older)
    key = case.wait("kept").key
    assert carried(case, newer) == []
    assert case.listening == ["kept", "new"]
    assert case.wait("kept").key == key


def test_two_events_that_become_one_are_waited_for_once() -> None:
    older = drawn(
        task("a") + boundary("x", "a", TIMER) + boundary("y", "a", TIMER), "start > a > end; x > end; y > end"
    )
    case = Case(older)
    newer = drawn(task("a") + boundary("z", "a", TIMER), "start > a > end; z > end")
    assert carried(case, newer, {"x": "z", "y": "z"}) == []
    assert case.listening == ["z"]


def test_an_event_subprocess_that_is_new_listens_but_not_while_another_has_taken_over() -> None:
    older = drawn(task("a") + handler("h", MESSAGE, "w"), "start > a > end")
    newer = drawn(task("a") + handler("h", MESSAGE, "w") + handler("i", TIMER, "v"), "start > a > end")
    case = Case(older)
    assert carried(case, newer) == []
    assert case.listening == ["h_start", "i_start"]
    taken = Case(older).trigger("h_start")
    assert carried(taken, newer) == []
    assert (taken.open, taken.listening) == (["w"], [])


def test_a_choice_of_events_gets_the_new_one() -> None:
    def choice(*names: str) -> bytes:
        caught = "".join(event(name, CATCH, MESSAGE) for name in names)
        return drawn(gateways(eventBased="g") + caught, "start > g;" + ";".join(f"g > {name} > end" for name in names))

    case = Case(choice("x", "y"))
    assert carried(case, choice("y", "z")) == []
    assert case.open == ["y", "z"]
    assert case.trigger("z").status == "completed"


def test_what_is_just_being_undone_waits_until_it_is() -> None:
    undo = undone_by("a", "u") + event("t", "intermediateThrowEvent", "<compensateEventDefinition/>")
    diagram = drawn(task("a") + undo, "start > a > t > end")
    case = Case(diagram).complete("a")
    (said,) = carried(case, diagram)
    assert "is just undoing what was done" in said


DONE = task("a") + undone_by("a", "ua")
UNDO = event("u", "intermediateThrowEvent", "<compensateEventDefinition/>")
FLAT = drawn(DONE + task("w") + UNDO, "start > a > w > u > end")
WITHIN = drawn(subprocess_of("s", DONE + task("w") + UNDO + "[[begin > a > w > u]]"), "start > s > end")
BEFORE = drawn(subprocess_of("s", DONE + "[[begin > a]]") + task("w") + UNDO, "start > s > w > u > end")


@pytest.mark.parametrize(
    ("older", "newer"),
    [(FLAT, WITHIN), (WITHIN, FLAT), (BEFORE, FLAT)],
    ids=["drawn into a subprocess", "its subprocess dissolves", "its subprocess is done, and gone"],
)
def test_what_was_done_can_be_undone_wherever_it_is_drawn(older: bytes, newer: bytes) -> None:
    case = Case(older).complete("a", room="A1")
    assert carried(case, newer) == []
    assert case.complete("w").open == ["ua"]
    assert case.complete("ua").status == "completed"


@pytest.mark.parametrize("older", [FLAT, WITHIN])
def test_what_was_done_stays_where_its_subprocess_does_not_go_on(older: bytes) -> None:
    case = Case(older).complete("a")
    (said,) = carried(case, BEFORE)
    assert said == "a: 'a' was done and can be undone, and stands in 's' there, which does not go on."


def test_what_can_be_undone_in_an_event_subprocess_stays_with_what_it_stands_in() -> None:
    late = '<subProcess id="h" triggeredByEvent="true"><startEvent id="h_start" isInterrupting="false">'
    late += f"{MESSAGE}</startEvent>{DONE}{task('b')}[[h_start > a > b]]</subProcess>"
    diagram = drawn(late + task("w") + UNDO, "start > w > u > end")
    case = Case(diagram).trigger("h_start").complete("a")
    assert carried(case, diagram) == []
    case.complete("b")
    assert carried(case, diagram) == []
    assert case.complete("w").open == ["ua"]


def several(element: str, output: str, kind: str = "true") -> bytes:
    loop = f'<handslag:loop collection="=[1, 2, 3]" element="{element}" output="{output}" outputElement="={element}"/>'
    inner = f'<multiInstanceLoopCharacteristics isSequential="{kind}"><extensionElements>{loop}</extensionElements>'
    return drawn(task("m", inner=f"{inner}</multiInstanceLoopCharacteristics>"), "start > m > end")


@pytest.mark.parametrize("kind", ["true", "false"])
def test_the_item_and_the_answers_of_several_have_the_names_of_the_new_version(kind: str) -> None:
    case = Case(several("n", "r", kind)).complete("m")
    assert carried(case, several("q", "answers", kind)) == []
    assert (case["answers"], case["r"]) == ([1], None)
    case.complete("m").complete("m")
    assert (case.status, case["answers"]) == ("completed", [1, 2, 3])


def test_answers_that_were_not_kept_are_not_made_up() -> None:
    older = several("n", "r").replace(b' output="r" outputElement="=n"', b"")
    case = Case(older).complete("m")
    assert carried(case, several("n", "r")) == [
        "m: 'm' gives its answers as 'r' in the new version, and those that were given have not been kept."
    ]
    counted = SEVERAL.format(' isSequential="true"')
    case = Case(drawn(task("m", inner=counted), "start > m > end"))
    (said,) = carried(case, several("n", "r"))
    assert "was begun a number of times" in said
