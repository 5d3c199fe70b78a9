"""The parts that cases share: consultation, samråd, decision in a body, and the meeting itself."""

from __future__ import annotations

from typing import Any

from tests.processes.walk import Walk

SLOT: dict[str, Any] = {"slot_found": True, "agenda_item_id": "i1", "meeting_id": "m1", "meeting_date": "2023-10-19"}


def consultation() -> Walk:
    opened: dict[str, Any] = {"referral_id": "r1", "consultee_ids": ["a", "b", "c"]}
    facts = {"open_consultation": opened, "send_to_consultee": {"organization": "umea"}}
    walk = Walk("municipal_consultation", facts, case_id="c1", consultees=None, mode="delning", administration="stab")
    return walk.do("confirm_consultation", mode="remiss", question="Vad anser ni?")


def decision(wait_for: str = "adjusted", latest: str | None = None, **slot: Any) -> Walk:
    facts = {"request_slot": SLOT | slot}
    return Walk(
        "committee_decision", facts, case_id="c1", body="run", role="decision", wait_for=wait_for, after=None, latest=latest,
        administration="stab",
    )  # fmt: skip


def adopted_by_the_assembly() -> Walk:
    walk = decision("legal_force").do("deliver_material").come("summoned")
    walk.come("outcome_recorded", outcome="adopted", paragraph=12).come("paragraph_adjusted")
    return walk.come("notice_posted")


def samrad(**slot: Any) -> Walk:
    facts = {"find_samrad": SLOT | slot}
    return Walk(
        "samrad_handshake", facts, case_id="c1", body="samrad", after=None, deciding_body="run", administration="stab"
    )


def test_everybody_asked_answers_or_is_counted_as_silent() -> None:
    walk = consultation()
    assert walk.open == ["answer_consultation"] * 3
    walk.do("answer_consultation", answer_kind="approve").come("answered_by_mail", answer_kind="abstain")
    walk.come("reminder_due").come("reply_by_passed")
    assert walk.operations[-3:] == ["remind_consultee", "record_no_reply", "summarise_consultation"]
    assert walk.do("compile_consultation").status == "completed"


def test_somebody_who_asks_for_more_time_keeps_the_task_while_the_officer_thinks() -> None:
    walk = consultation().come("extension_asked", new_date="2021-05-15")
    assert walk.open == ["answer_consultation"] * 3 + ["grant_consultee_extension"]
    walk.do("grant_consultee_extension", granted=True)
    assert walk.open == ["answer_consultation"] * 3


def test_a_stopped_consultation_is_summarised_with_what_has_come() -> None:
    walk = consultation().do("answer_consultation", answer_kind="object").come("consultation_stopped")
    assert walk.open == ["compile_consultation"]


def test_a_decision_waits_for_its_adjustment_unless_it_was_adjusted_at_once() -> None:
    walk = decision().do("deliver_material").come("summoned")
    walk.come("outcome_recorded", outcome="adopted", paragraph=12, immediate_adjustment=False)
    assert walk.open == ["paragraph_adjusted"]
    assert walk.come("paragraph_adjusted").status == "completed"
    at_once = decision().do("deliver_material").come("summoned")
    at_once.come("outcome_recorded", outcome="adopted", paragraph=12, immediate_adjustment=True)
    assert (at_once.status, at_once["outcome"], at_once["decision_date"]) == ("completed", "adopted", "2023-10-19")


def test_what_is_referred_back_or_tabled_goes_to_the_caller() -> None:
    for outcome in ("refer_back", "table", "not_handled"):
        walk = decision().do("deliver_material").come("summoned").come("outcome_recorded", outcome=outcome)
        assert (walk.status, walk["outcome"]) == ("completed", outcome)


def test_without_a_meeting_in_time_the_caller_gets_the_error_no_slot() -> None:
    walk = decision(latest="2023-09-30", slot_found=False)
    assert (walk.status, walk.error) == ("failed", "NoSlot")


def test_a_case_that_has_no_last_day_gets_a_meeting_called_for_it() -> None:
    walk = decision(slot_found=False)
    assert walk.open == ["call_meeting"]
    walk.facts["request_slot"] = SLOT
    assert walk.do("call_meeting").open == ["deliver_material"]


def test_a_decision_that_nobody_appeals_is_in_legal_force_when_the_time_is_over() -> None:
    walk = adopted_by_the_assembly()
    assert walk.open == ["appeal_received", "appeal_time_over"]
    walk.come("appeal_time_over")
    assert (walk.status, walk["outcome"], walk.operations[-1]) == ("completed", "adopted", "record_legal_force")


def test_an_appealed_decision_waits_for_the_court_which_may_annul_it() -> None:
    stands = adopted_by_the_assembly().come("appeal_received").do("follow_appeal", annulled=False)
    assert (stands["outcome"], stands.operations[-1]) == ("adopted", "record_legal_force")
    falls = adopted_by_the_assembly().come("appeal_received").do("follow_appeal", annulled=True)
    assert (falls.status, falls["outcome"]) == ("completed", "annulled")
    assert "record_legal_force" not in falls.operations


def test_late_material_becomes_an_extra_item_or_waits_for_the_next_meeting() -> None:
    walk = decision().come("material_stop_near").come("material_stop_passed").come("summons_due")
    assert walk.do("place_material_late", choice="next_meeting").open == ["deliver_material"]
    assert walk["after"] == "2023-10-19"
    walk.come("summons_due").do("place_material_late", choice="extra_item").do("deliver_extra_material")
    assert walk.open == ["cancelled_before_summons", "summoned"]


def test_an_item_that_falls_away_looks_for_a_new_meeting() -> None:
    walk = decision().do("deliver_material").come("summoned").come("cancelled_after_summons")
    assert (walk.open, walk.operations.count("request_slot")) == (["deliver_material"], 2)


def test_a_handshake_needs_both_sides() -> None:
    walk = samrad().do("include_samrad_item", "samrad_preinput")
    walk.come("samrad_recorded", handshake=True, region_position="agrees", municipal_position="agrees_with_input")
    walk.do("write_samrad_extract")
    assert (walk.status, walk["handshake"], walk["samrad_outcome"]) == ("completed", True, "agrees_with_input")
    apart = samrad().do("include_samrad_item").come("samrad_day")
    apart.come("samrad_recorded", handshake=False, region_position="agrees", municipal_position="differs")
    apart.do("write_samrad_extract")
    assert (apart["handshake"], apart["samrad_outcome"]) == (False, "differs")


def test_samrad_that_cannot_be_held_in_time_is_told_and_does_not_stop_the_case() -> None:
    none = samrad(slot_found=False)
    assert (none.status, none["samrad_outcome"], none.operations[-1]) == ("completed", "not_handled", "notify")
    late = samrad().do("include_samrad_item", "samrad_preinput").come("summons_before_samrad")
    assert (late.status, late["samrad_outcome"]) == ("completed", "not_handled")
    moved = samrad().do("include_samrad_item", "samrad_preinput").come("samrad_cancelled")
    assert moved.open == ["include_samrad_item"]


def test_a_meeting_goes_from_its_agenda_to_the_archive() -> None:
    walk = _meeting().come("agenda_opens").come("material_stop").do("chair_briefing").come("summons_late")
    walk.do("summon_meeting").come("meeting_moved").come("meeting_day")
    walk.do("open_meeting", "close_meeting", "draft_minutes")
    walk.come("adjustment_due").come("adjustment_latest").do("adjust_minutes")
    walk.do("post_notice", "screen_publish").come("appeal_over")
    assert (walk.status, walk.operations[-2:]) == ("completed", ["remove_notice", "archive_meeting"])
    assert _meeting().come("meeting_cancelled").status == "completed"


def test_what_was_done_with_a_meeting_elsewhere_leaves_no_task_open() -> None:
    walk = _meeting().come("agenda_opens").come("material_stop").come("summoned")
    assert walk.open == ["meeting_day"]
    walk.come("meeting_day").do("open_meeting").come("minutes_adjusted")
    assert walk.come("notice_posted").open == ["screen_publish"]


def test_an_advisory_body_has_notes_that_are_neither_adjusted_nor_given_notice_of() -> None:
    walk = _meeting(authoritative=False).come("summoned").come("meeting_day")
    assert walk.do("open_meeting", "close_meeting", "draft_minutes").status == "completed"
    assert "remove_notice" not in walk.operations


def _meeting(*, authoritative: bool = True) -> Walk:
    return Walk("meeting_cycle", {}, meeting_id="m1", body="run", authoritative=authoritative)


def test_a_region_without_samrad_goes_on_at_once() -> None:
    walk = Walk("samrad_handshake", {}, case_id="c1", administration="stab", deciding_body="rs", body=None)
    assert (walk.status, walk.operations, walk["samrad_outcome"]) == ("completed", [], None)
