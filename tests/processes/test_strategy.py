"""The ways that a strategy of the region's own can take (internal_strategy), from its directive to legal force."""

from __future__ import annotations

import pytest

from tests.processes.test_referral import BODIES
from tests.processes.walk import Walk

GOTLAND = BODIES | {"deciding_body": "rs", "preparing_body": "regu"}


def directed(bodies: dict[str, str] = BODIES) -> Walk:
    walk = Walk("internal_strategy", {}, **bodies)
    return walk.do("register_strategy", registry_number="RUN 1-2018").do("write_directive")


def drafted(bodies: dict[str, str] = BODIES) -> Walk:
    walk = directed(bodies).do("decide_directive", outcome="adopted").do("analyse")
    walk.do("plan_dialogues", themes=["tillit", "klimat"], dialogues_by="2018-12-05").do("hold_dialogue")
    walk.do("hold_dialogue").do("write_dialogue_document", actors=["umea"], views_by="2019-05-31")
    return walk.do("actors_propose", "draft_strategy", "samrad_on_draft")


def revised() -> Walk:
    walk = drafted().do("release_remiss", outcome="adopted")
    walk.do("plan_remiss", consultation_by="2020-03-31", other_consultees=["trafikverket"], municipalities=15)
    return walk.do("municipal_consultation", "other_consultation", "write_remiss_report", "revise_strategy")


def proposed() -> Walk:
    walk = revised().do("prepare_in_au", outcome="forwarded").do("samrad_on_proposal")
    return walk.do("propose", outcome="forwarded")


def test_a_strategy_goes_by_dialogues_and_consultations_to_the_assembly() -> None:
    walk = proposed().do("board_prepares", outcome="forwarded").do("assembly_adopts", outcome="adopted")
    assert walk.do("publish_strategy", "close_case").status == "completed"
    assert walk.operations[-1] == "archive_case"


def test_every_theme_has_a_dialogue_of_its_own_and_a_reminder_before_the_last_day() -> None:
    walk = directed().do("decide_directive", outcome="adopted").do("analyse")
    walk.do("plan_dialogues", themes=["tillit", "klimat"], dialogues_by="2018-12-05")
    assert walk.open == ["hold_dialogue"] * 2
    assert walk.come("dialogues_near").operations[-1] == "notify"
    assert walk.do("hold_dialogue", "hold_dialogue").open == ["write_dialogue_document"]


def test_municipalities_and_others_are_asked_beside_each_other_and_both_are_waited_for() -> None:
    walk = drafted().do("release_remiss", outcome="adopted")
    walk.do("plan_remiss", consultation_by="2020-03-31", other_consultees=["trafikverket"], municipalities=15)
    assert walk.open == ["municipal_consultation", "other_consultation"]
    walk.do("other_consultation", answers_count=1, no_reply_count=3)
    assert (walk.open, walk["other_silent"], walk["municipal_silent"]) == (["municipal_consultation"], 3, None)
    assert walk.do("municipal_consultation").open == ["write_remiss_report"]


def test_a_consultation_that_is_prolonged_goes_on() -> None:
    walk = drafted().do("release_remiss", outcome="adopted")
    walk.do("plan_remiss", consultation_by="2020-03-31", other_consultees=["trafikverket"], municipalities=15)
    walk.come("consultation_prolonged", new_date="2020-04-30").come("consultation_prolonged", new_date="2020-05-29")
    assert walk.operations[-2:] == ["prolong_consultation"] * 2
    assert walk.open == ["municipal_consultation", "other_consultation"]


@pytest.mark.parametrize("body", ["prepare_in_au", "propose", "board_prepares", "assembly_adopts"])
def test_what_a_body_refers_back_is_revised_and_goes_the_whole_way_again(body: str) -> None:
    walk = revised()
    while walk.open != [body]:
        walk.do(*walk.open, outcome="forwarded")
    walk.do(body, outcome="refer_back", instruction="Tydliggör målen.")
    assert (walk.open, walk["instruction"]) == (["revise_strategy"], "Tydliggör målen.")
    assert walk.do("revise_strategy").open == ["prepare_in_au"]


@pytest.mark.parametrize(
    ("body", "back_to"), [("decide_directive", "write_directive"), ("release_remiss", "draft_strategy")]
)
def test_a_directive_and_a_draft_can_be_referred_back_too(body: str, back_to: str) -> None:
    walk = directed() if body == "decide_directive" else drafted()
    assert walk.do(body, outcome="refer_back").open == [back_to]


@pytest.mark.parametrize("outcome", ["table", "not_handled"])
def test_what_a_body_tables_comes_up_at_its_next_meeting(outcome: str) -> None:
    for walk, body in ((directed(), "decide_directive"), (drafted(), "release_remiss"), (proposed(), "board_prepares")):
        assert walk.do(body, outcome=outcome).open == [body]


def test_a_strategy_that_is_rejected_is_closed_and_never_published() -> None:
    walk = proposed().do("board_prepares", outcome="rejected")
    assert walk.open == ["revise_strategy"]  # who prepares a matter does not decide it: it is worked over
    walk = proposed().do("board_prepares", outcome="forwarded")
    assert walk.do("assembly_adopts", outcome="rejected").open == ["close_case"]
    assert walk.do("close_case").status == "completed"


def test_a_strategy_that_a_court_annuls_is_revised() -> None:
    walk = proposed().do("board_prepares", outcome="forwarded").do("assembly_adopts", outcome="annulled")
    assert walk.open == ["revise_strategy"]


def test_a_withdrawn_strategy_ends_and_late_answers_are_kept() -> None:
    walk = revised().come("statement_late", consultee_id="c1")
    assert (walk.open, walk.operations[-1]) == (["prepare_in_au"], "register_late_answer")
    assert walk.come("case_withdrawn").status == "completed"


def test_gotland_asks_no_municipalities_and_its_board_proposes_once() -> None:
    walk = drafted(GOTLAND).do("release_remiss", outcome="adopted")
    walk.do("plan_remiss", consultation_by="2020-03-31", other_consultees=["trafikverket"], municipalities=0)
    assert walk.open == ["other_consultation"]
    walk.do("other_consultation", "write_remiss_report", "revise_strategy")
    walk.do("prepare_in_au", outcome="forwarded").do("samrad_on_proposal").do("propose", outcome="forwarded")
    assert walk.open == ["assembly_adopts"]
