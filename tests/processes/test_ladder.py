"""The ladder of deadlines (decision_route): each rung is taken when, and only when, those above it do not hold."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import dmn
from engine.feel import Value

PROCESSES = Path(__file__).parents[2] / "processes"
NOTHING_FITS: dict[str, Value] = {
    "ordinary_fits": False, "immediate_fits": False, "extra_possible": False, "extension_possible": False, "au_fits": False,
    "chair_possible": False, "goal_setting": False, "importance": Decimal(2), "days_to_reply_by": Decimal(30),
    "no_slot": False, "au_no_slot": False, "extension_tried": False, "extra_meeting_tried": False, "preliminary_sent": False,
}  # fmt: skip
EVERYTHING_FITS = NOTHING_FITS | {
    name: True for name in NOTHING_FITS if name.endswith(("_fits", "_possible"))
}  # fmt: skip


def route(facts: dict[str, Value], **changed: Any) -> tuple[str, int]:
    found = decide("decision_route", facts | changed)
    return str(found["route"]), int(found["rung"])


def decide(name: str, facts: dict[str, Value]) -> Any:
    decisions = dmn.read((PROCESSES / f"{name}.dmn").read_bytes())
    return decisions.decide(name, facts, functions={})


@pytest.mark.parametrize("name", ["decision_route", "referral_triage"])
def test_a_table_has_no_findings(name: str) -> None:
    assert dmn.check((PROCESSES / f"{name}.dmn").read_bytes()) == []


def test_each_rung_is_taken_when_those_above_it_do_not_hold() -> None:
    rungs = [
        ("ordinary_fits", "ordinary"), ("immediate_fits", "immediate"), ("extra_possible", "extra"),
        ("extension_possible", "extension"), ("au_fits", "au_delegated"), ("chair_possible", "chair"),
    ]  # fmt: skip
    facts = dict(EVERYTHING_FITS)
    for number, (fact, expected) in enumerate(rungs, start=1):
        assert route(facts) == (expected, number)
        facts[fact] = False
    assert route(facts) == ("preliminary", 7)
    assert route(facts, importance=Decimal(3)) == ("abstain", 8)


def test_ds_2023_3_with_the_reply_due_on_the_day_of_the_meeting_is_adjusted_at_once() -> None:
    assert route(NOTHING_FITS, immediate_fits=True, au_fits=True, chair_possible=True) == ("immediate", 2)


def test_sou_2022_14_due_a_month_before_the_meeting_asks_for_an_extension_and_ends_with_the_chair() -> None:
    facts = NOTHING_FITS | {"extension_possible": True, "chair_possible": True, "goal_setting": True, "au_fits": True}
    assert route(facts) == ("extension", 4)
    assert route(facts, extension_tried=True) == ("chair", 6)
    assert decide("decision_route", facts | {"extension_tried": True})["warning"]


def test_a_matter_of_goals_is_never_delegated_to_the_working_committee() -> None:
    assert route(NOTHING_FITS, au_fits=True, goal_setting=True) != ("au_delegated", 5)
    assert route(NOTHING_FITS, au_fits=True) == ("au_delegated", 5)


def test_the_folk_high_school_memorandum_takes_the_ordinary_way() -> None:
    assert route(EVERYTHING_FITS) == ("ordinary", 1)


def test_a_rung_that_was_tried_in_vain_is_not_tried_again() -> None:
    assert route(EVERYTHING_FITS, no_slot=True) == ("extra", 3)
    assert route(EVERYTHING_FITS, no_slot=True, extra_meeting_tried=True) == ("extension", 4)
    assert route(EVERYTHING_FITS, no_slot=True, extra_meeting_tried=True, extension_tried=True, au_no_slot=True) == (
        "chair",
        6,
    )


def test_after_a_preliminary_answer_the_committee_still_decides_however_late() -> None:
    assert route(NOTHING_FITS, preliminary_sent=True, days_to_reply_by=Decimal(-20)) == ("ordinary", 7)


def test_a_reply_by_that_has_passed_leaves_no_way_but_to_abstain() -> None:
    assert route(NOTHING_FITS, chair_possible=True, days_to_reply_by=Decimal(-1)) == ("abstain", 8)


@pytest.mark.parametrize(
    ("days", "handling", "municipalities"), [(None, "answer", True), (-1, "abstain", False), (10, "join", False), (30, "answer", False), (90, "answer", True)]
)  # fmt: skip
def test_triage_suggests_by_the_time_that_there_is(days: int | None, handling: str, municipalities: bool) -> None:
    facts: dict[str, Value] = {"days_to_reply_by": None if days is None else Decimal(days), "ordinary_fits": True}
    found = decide("referral_triage", facts)
    assert (found["suggested_handling"], found["suggested_municipal_interest"]) == (handling, municipalities)
