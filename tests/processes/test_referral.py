"""The ways that a referral can take from its arrival to its answer (external_referral)."""

from __future__ import annotations

from typing import Any

from tests.processes.walk import Walk

BODIES = {
    "case_id": "c1", "preparing_body": "run_au", "consulting_body": "samrad", "deciding_body": "run", "board": "rs",
    "assembly": "rf", "administration": "stab",
}  # fmt: skip
PLAN: dict[str, Any] = {
    "days_to_reply_by": 90, "ordinary_fits": True, "immediate_fits": True, "extra_possible": True,
    "extension_possible": True, "au_fits": True, "chair_possible": True, "consultation_days": 30,
}  # fmt: skip
NO_MEETING: dict[str, Any] = {
    "ordinary_fits": False,
    "immediate_fits": False,
    "extra_possible": False,
    "au_fits": False,
}


def triaged(handling: str = "answer", *, municipalities: bool = True, goals: bool = False, **plan: Any) -> Walk:
    walk = Walk("external_referral", {"plan_case": PLAN | plan}, **BODIES)
    walk.do("register_referral", registry_number="RUN 1-2021")
    return walk.do(
        "triage_referral", handling=handling, importance=1, municipal_interest=municipalities, goal_setting=goals
    )


def drafted(**plan: Any) -> Walk:
    walk = triaged(municipalities=False, **plan).do("assign_officer")
    return walk.do("draft_statement").do("approve_statement", approved=True)


def replanned(walk: Walk, **plan: Any) -> Walk:
    walk.facts["plan_case"] = walk.facts["plan_case"] | plan
    return walk


def test_a_referral_goes_by_municipalities_au_samrad_and_committee_to_its_answer() -> None:
    walk = triaged().do("assign_officer")
    assert walk.open == ["draft_statement", "municipal_consultation"]
    walk.do("draft_statement").do("municipal_consultation", answers_count=12)
    walk.do("merge_views").do("approve_statement", approved=True)
    assert walk.open == ["prepare_in_au"]
    walk.do("prepare_in_au", outcome="forwarded")
    walk.do("samrad_handshake", handshake=True, samrad_outcome="agrees_with_input")
    walk.do("adjust_to_samrad").do("decide", outcome="adopted", immediate_adjustment=True)
    assert walk.open == ["dispatch_statement"]
    walk.do("dispatch_statement", "close_case")
    assert walk.status == "completed"
    assert walk.operations[-2:] == ["make_extract", "archive_case"]


def test_a_short_time_leaves_the_municipalities_out() -> None:
    assert triaged(consultation_days=13).do("assign_officer").open == ["draft_statement"]


def test_what_is_not_ours_is_handed_over() -> None:
    assert triaged("not_ours").do("transfer_case").status == "completed"


def test_abstaining_and_joining_another_answer_are_dispatched_too() -> None:
    assert triaged("abstain").do("abstain_case").open == ["dispatch_statement"]
    assert triaged("join").do("join_answer").open == ["dispatch_statement"]


def test_a_returned_draft_is_revised_and_the_ladder_is_asked_again() -> None:
    walk = triaged(municipalities=False).do("assign_officer", "draft_statement")
    walk.do("approve_statement", approved=False).do("revise_statement").do("approve_statement", approved=True)
    assert walk.open == ["prepare_in_au"]
    assert walk.operations.count("plan_case") == 3


def test_a_referral_that_is_referred_back_goes_through_au_again() -> None:
    walk = drafted().do("prepare_in_au", outcome="forwarded").do("samrad_handshake", samrad_outcome="agrees")
    walk.do("decide", outcome="refer_back", instruction="Skriv om landsbygden")
    assert walk.open == ["revise_statement"]
    walk.do("revise_statement").do("approve_statement", approved=True)
    assert walk.open == ["prepare_in_au"]


def test_a_tabled_referral_waits_for_the_next_meeting_without_au_unless_the_ladder_says_otherwise() -> None:
    walk = drafted().do("prepare_in_au", outcome="forwarded").do("samrad_handshake", samrad_outcome="agrees")
    assert walk.do("decide", outcome="table").open == ["decide"]
    replanned(walk, **NO_MEETING, extension_possible=False)
    assert walk.do("decide", outcome="table").open == ["record_chair_decision"]


def test_au_may_refer_back_and_table() -> None:
    assert drafted().do("prepare_in_au", outcome="refer_back").open == ["revise_statement"]
    assert drafted().do("prepare_in_au", outcome="table").open == ["prepare_in_au"]


def test_a_granted_extension_opens_the_ordinary_way() -> None:
    walk = triaged(municipalities=False, **NO_MEETING).do("assign_officer", "ask_extension")
    assert walk.open == ["extension_granted", "extension_refused", "extension_unanswered"]
    replanned(walk, ordinary_fits=True).come("extension_granted", new_date="2022-10-01")
    assert walk.open == ["draft_statement"]


def test_a_refused_or_unanswered_extension_leads_to_the_next_rung_and_is_not_asked_again() -> None:
    for answer in ("extension_refused", "extension_unanswered"):
        walk = (
            triaged(municipalities=False, goals=True, **NO_MEETING).do("assign_officer", "ask_extension").come(answer)
        )
        walk.do("draft_statement").do("approve_statement", approved=True)
        assert walk.do("record_chair_decision").open == ["dispatch_statement"]


def test_an_extra_meeting_is_called_once() -> None:
    walk = triaged(municipalities=False, **NO_MEETING | {"extra_possible": True}).do("assign_officer")
    replanned(walk, ordinary_fits=True).do("call_extra_meeting", "draft_statement").do(
        "approve_statement", approved=True
    )
    assert walk.open == ["prepare_in_au"]


def test_a_chair_who_calls_no_extra_meeting_leads_to_the_next_rung() -> None:
    walk = triaged(municipalities=False, **NO_MEETING | {"extra_possible": True}).do("assign_officer")
    replanned(walk, extension_possible=True)
    assert walk.do("call_extra_meeting", extra_meeting="decline").open == ["ask_extension"]


def test_au_decides_on_delegation() -> None:
    walk = drafted(**NO_MEETING | {"au_fits": True, "extension_possible": False})
    assert walk.do("decide_in_au", outcome="adopted").open == ["dispatch_statement"]


def test_a_full_calendar_leads_down_the_ladder_and_never_in_a_circle() -> None:
    walk = drafted(extra_possible=False, extension_possible=False)
    assert walk.fail("prepare_in_au", "NoSlot").open == ["decide_in_au"]
    assert walk.fail("decide_in_au", "NoSlot").open == ["record_chair_decision"]


def test_a_preliminary_answer_is_followed_by_the_decision_of_the_committee() -> None:
    walk = drafted(**NO_MEETING | {"extension_possible": False, "chair_possible": False}).do("send_preliminary")
    walk.do("prepare_in_au", outcome="forwarded").do("samrad_handshake", samrad_outcome="agrees")
    replanned(walk, days_to_reply_by=-10)
    assert walk.do("decide", outcome="table").open == ["decide"]
    assert walk.do("decide", outcome="adopted").open == ["dispatch_statement"]


def test_a_withdrawn_referral_ends_at_once() -> None:
    walk = triaged().do("assign_officer").come("case_withdrawn", reason="Remissen återkallad")
    assert (walk.status, walk.operations[-1]) == ("completed", "withdraw_case")


def test_a_moved_meeting_replans_beside_the_work_and_warns_when_the_way_no_longer_holds() -> None:
    walk = triaged(municipalities=False).do("assign_officer")
    walk.come("meeting_moved", meeting_id="m1")
    assert (walk.open, walk.operations[-1]) == (["draft_statement"], "plan_case")
    replanned(walk, ordinary_fits=False).come("reply_by_changed")
    assert (walk.open, walk.operations[-1]) == (["draft_statement"], "escalate")


def test_a_late_answer_is_kept_whenever_it_comes() -> None:
    walk = drafted().come("statement_late", consultee_id="k1").come("statement_late", consultee_id="k2")
    assert (walk.operations.count("register_late_answer"), walk.open) == (2, ["prepare_in_au"])


def test_a_missed_reply_by_is_reported_only_while_nothing_is_sent() -> None:
    assert drafted().come("reply_by_passed").operations[-1] == "report_missed_reply_by"
    walk = triaged("join").do("join_answer", "dispatch_statement").come("reply_by_passed")
    assert "report_missed_reply_by" not in walk.operations


def test_reminders_and_escalations_leave_the_work_where_it_is() -> None:
    walk = triaged().do("assign_officer").come("draft_near").come("draft_late")
    assert walk.operations[-2:] == ["notify", "escalate"]
    assert walk.open == ["draft_statement", "municipal_consultation"]
