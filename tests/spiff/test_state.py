"""The state of an instance as bytes: what it holds, what it refuses, and that old ones are read for ever."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from engine.feel import Value, YearsMonthsDuration
from engine.spiff import Run, StateUnreadable, state
from tests.support.diagrams import bpmn, task
from tests.support.kernel import Case, evaluate, program
from tests.support.parts import ENDS, gateways

GOLDEN = Path(__file__).with_name("golden")
"""`<version>.bpmn` and the state that the release with that version wrote for it. Never written anew."""
WAITING = {
    ("answer", "user"), ("compile", "job"), ("late", "timer"), ("reminder", "timer"), ("moved_start", "signal"),
    ("replan", "user"), ("near", "condition"), ("granted", "message"), ("silence", "timer"), ("consult", "call"),
}  # fmt: skip


@pytest.mark.parametrize("version", range(1, state.VERSION + 1))
def test_a_state_of_every_version_there_was_is_read_and_goes_on(version: int) -> None:
    compiled = program((GOLDEN / f"{version}.bpmn").read_bytes())
    run = Run.restore(compiled, (GOLDEN / f"{version}.json").read_bytes(), evaluate)
    snapshot = run.snapshot()
    assert {(wait.element_id, wait.kind.value) for wait in snapshot.waiting} == WAITING
    assert run.variables()["stances"] == ["approve"]
    assert run.variables()["reply_by"] == date(2027, 4, 8)
    while (snapshot := run.snapshot()).status == "running":
        first = next(wait for wait in snapshot.waiting if wait.interrupting is None)
        run.complete(first.key, {"stance": "object"})
    assert snapshot.status == "completed"
    assert run.variables()["stances"] == ["approve", "object", "object"]


def test_an_older_state_goes_through_every_migrator_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(bpmn(ENDS + task("a"), "start > a > end"))
    old = orjson.loads(case.run.save())
    old["tasks"], old["version"] = {"renamed": old["tasks"]}, -1
    monkeypatch.setitem(state.MIGRATORS, -1, lambda found: found | {"version": 0, "tasks": found["tasks"]["renamed"]})
    monkeypatch.setitem(state.MIGRATORS, 0, lambda found: found | {"version": state.VERSION})
    case.run = Run.restore(case.program, orjson.dumps(old), evaluate)
    assert case.complete("a").status == "completed"


@pytest.mark.parametrize("damage", [
    {"version": 0}, {"version": state.VERSION + 1}, {"version": "1"}, {"version": None},
    {"tasks": [["1", None, "nowhere", {"role": "process"}]]},
    {"tasks": [["2", "1", "a", {"role": "activity"}]]},
    {"tasks": []},
    {"tasks": "abc"},
])  # fmt: skip
def test_a_state_that_cannot_be_read_is_refused_with_a_sentence(damage: dict[str, object]) -> None:
    case = Case(bpmn(ENDS + task("a"), "start > a > end"))
    with pytest.raises(StateUnreadable):
        Run.restore(case.program, orjson.dumps(orjson.loads(case.run.save()) | damage), evaluate)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_bytes_that_are_no_state_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(StateUnreadable):
        Run.restore(program(bpmn(ENDS + task("a"), "start > a > end")), data, evaluate)


def test_1_7_h_values_come_back_as_what_they_were() -> None:
    """spiffworkflow.md §1.7-H: a date could not be saved, a moment came back as a text, numbers as keys as texts."""
    given: dict[str, Value] = {
        "date": date(2028, 2, 29),
        "moment": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        "amount": Decimal("0.10"),
        "large": Decimal("9" * 34),
        "week": timedelta(days=7, microseconds=1),
        "year": YearsMonthsDuration(12),
        "text": "å🙂\u2028\x00",
        "mixed": [None, True, Decimal(1), {"typename": "datetime", "": []}],
        "": "no name",
    }
    compiled = program(bpmn(ENDS + task("a"), "start > a > end"))
    run = Run.restore(compiled, Run.start(compiled, given, evaluate).save(), evaluate)
    assert run.variables() == given
    assert str(run.variables()["amount"]) == "0.10"


def test_two_rounds_of_restore_and_save_give_the_same_bytes() -> None:
    body = ENDS + gateways(parallel="fork") + task("a") + task("b")
    first = Case(bpmn(body, "start > fork; fork > a > end; fork > b > end"), x=[1, {"y": None}])
    saved = first.run.save()
    assert Run.restore(first.program, saved, evaluate).save() == saved


def test_a_key_is_never_given_twice() -> None:
    case = Case(bpmn(ENDS + gateways(exclusive="merge") + task("a"), "start > merge > a > merge"))
    keys = {case.wait("a").key}
    for lap in range(2, 50):
        keys.add(case.complete("a").wait("a").key)
        assert len(keys) == lap


def test_threads_share_a_program_without_disturbing_each_other() -> None:
    body = ENDS + gateways(inclusive="split") + '<inclusiveGateway id="join"/>' + task("a") + task("b")
    compiled = program(
        bpmn(body, "start > split; split > a : x > 0; split > b : x > 1; a > join; b > join; join > end")
    )

    def play(number: int) -> tuple[list[str], Value]:
        run = Run.start(compiled, {"x": Decimal(number % 2 + 1)}, evaluate)
        seen: list[str] = []
        while (snapshot := run.snapshot()).status == "running":
            seen += [wait.element_id for wait in snapshot.waiting]
            run = Run.restore(compiled, run.save(), evaluate)
            run.complete(snapshot.waiting[0].key, {"number": Decimal(number)})
        return seen, run.variables()["number"]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            played = list(pool.map(play, range(100)))
    finally:
        sys.setswitchinterval(interval)
    assert played == [(["a"] if number % 2 == 0 else ["a", "b", "b"], Decimal(number)) for number in range(100)]
