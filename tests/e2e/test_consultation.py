"""Consultations that go otherwise than drawn up: stopped before all have answered, answered all the same, or not held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from committee import referrals, responses
from committee.cases import Case
from store import clock
from store.errors import Invalid
from tests.support.people import acting
from tests.support.region import Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]


def test_municipalities_that_would_get_too_little_time_are_not_asked_and_the_case_says_so(region: Region) -> None:
    case = region.registered(municipal_interest=True, extension=False, reply_by="2021-03-05")
    assert region.open_in(case) == ["draft_statement"]
    (theirs,) = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "consultation"]
    assert theirs["state"] == "waived"
    (event,) = region("chef").get(f"{case}/events?limit=200&type=consultation.not_held").json["items"]
    assert event["data"]["reason"] == "Kommunerna skulle få mindre än 14 dagar på sig"


def test_a_consultation_that_is_stopped_goes_on_with_what_has_come(region: Region) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    (referral,) = region("umea").get("/referrals").json["items"]
    assert (referral["question"], referral["mode"], referral["stopped_at"]) == ("Vad anser kommunen?", "remiss", None)
    region.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")

    stop = f"/referrals/{referral['id']}/stop"
    assert region("umea").post(stop, {"reason": "Nej"}).status_code == 403
    assert region("handlaggare").post(stop, {"reason": "Departementet har återkallat förslaget."}).status_code == 200
    assert region("handlaggare").post(stop, {"reason": "Igen"}).status_code == 409
    assert region.waiting("mala") == {}
    assert "compile_consultation" in region.open_in(case)
    statuses = [each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]]
    assert sorted(set(statuses)) == ["answered", "stopped"] and statuses.count("answered") == 1

    (mala,) = region("mala").get("/consultees").json["items"]
    late = region("registrator").post(
        f"/consultees/{mala['id']}/answer", {"answer_kind": "object", "answer_text": "Nej."}
    )
    assert late.json["status"] == "late"
    assert region.mails("handlaggare")[-1] == "Ett svar har kommit in efter remisstiden"


@pytest.mark.parametrize("whole", [True, False], ids=["the consultation", "one of those who were asked"])
def test_whose_step_to_answer_in_an_operator_takes_away_is_waited_for_no_more(region: Region, *, whole: bool) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    region.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")
    mala = region("mala").get(f"/tasks/{region.waiting('mala')['answer_consultation']}").json
    instances = region("drift").get(f"/instances?case_id={case.rpartition('/')[2]}&limit=50").json["items"]
    top = next(each for each in instances if each["parent_id"] is None)
    address = f"/instances/{top['id'] if whole else mala['instance_id']}"
    standing = region("drift").get(address).json["standing"]
    wanted = "municipal_consultation" if whole else "answer_consultation"
    token = next(each for each in standing if each["element_id"] == wanted)
    further = {"begin_after": wanted} if whole else {"begin_before": "consultee_answered", "within": token["within"]}
    region.change("drift", address, "modification", acts=[{"cancel": token["key"]}, further], reason="Fel kommun")
    statuses = [each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]]
    assert (statuses.count("stopped"), statuses.count("answered")) == ((14, 1) if whole else (1, 1))
    (referral,) = region("umea").get("/referrals").json["items"]
    assert (referral["stopped_at"] is not None) is whole
    (event,) = region("chef").get(f"{case}/events?limit=200&type=referral.stopped").json["items"]
    assert event["data"]["reason"] == "Fel kommun"


def test_a_plan_goes_to_no_meeting_whose_papers_are_due_before_the_answers(region: Region) -> None:
    case = region.registered(reply_by="2021-05-31")
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    assert _decided(region, case) == ("2021-05-17", 3)

    theirs = _deadline(region, "consultation")
    region.change("handlaggare", f"/deadlines/{theirs['id']}", "extend", new_date="2021-03-26", reason="Sportlov.")
    run = region.meeting("run", "2021-05-17")
    (told,) = region("sekreterare").get(f"{run}/move?starts_at=2021-05-26T07:00:00Z").json["cases"]
    assert {day["kind"]: day["new_date"] for day in told["days"]}["decision"] == "2021-05-26"
    region.change("sekreterare", run, "move", starts_at="2021-05-26T07:00:00Z", reason="Krock.")
    assert _decided(region, case) == ("2021-05-26", 1), "the papers of April's round are due before the answers"

    stop = f"/referrals/{region('umea').get('/referrals').json['items'][0]['id']}/stop"
    assert region("handlaggare").post(stop, {"reason": "Vi hinner inte vänta."}).status_code == 200
    assert _decided(region, case) == ("2021-04-15", 19)


def _decided(region: Region, case: str) -> tuple[str, int]:
    """When a decision is expected in a case, and the working days to spare."""
    found = region("chef").get(case).json
    assert region("chef").get(f"{case}/plan").json["plan"]["slack_days"] == found["slack_days"], "counted anew"
    return found["planned_decision_on"], found["slack_days"]


def test_who_was_silent_when_the_wait_is_ended_still_counts_as_silent(region: Region, travel: Travel) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    (mala,) = region("mala").get("/consultees").json["items"]
    more = {"new_date": "2021-04-06", "reason": "Nämnden sammanträder i april."}
    assert region("mala").post(f"/consultees/{mala['id']}/ask-extension", more).status_code == 200
    region.do("handlaggare", "grant_consultee_extension", granted=True)
    region.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")
    travel(timedelta(days=30))
    fire_timers(region.database)
    assert _rate(region) == 1 / 14, "one has answered, thirteen were silent, one has time left"

    stop = f"/referrals/{mala['referral_id']}/stop"
    assert region("handlaggare").post(stop, {"reason": "Utkastet måste lämnas."}).status_code == 200
    statuses = [each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]]
    assert (statuses.count("no_reply"), statuses.count("stopped")) == (13, 1)
    assert region("skelleftea").get("/consultees").json["items"][0]["status"] == "no_reply"
    assert _rate(region) == 1 / 14
    assert "compile_consultation" in region.open_in(case)


def test_who_let_the_day_pass_is_silent_also_before_that_has_been_noted(region: Region, travel: Travel) -> None:
    region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    (umea,) = region("umea").get("/consultees").json["items"]
    travel(timedelta(days=30))  # and no worker has been round since
    stop = f"/referrals/{umea['referral_id']}/stop"
    assert region("handlaggare").post(stop, {"reason": "Ingen har svarat."}).status_code == 200
    assert {each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]} == {"no_reply"}


def _rate(region: Region) -> float | None:
    """The share of those whose day has come that have answered, as the board shows it."""
    with region.database.reading() as db:
        return responses.total(
            responses.responses(db, acting(region.database, "ledare"), clock.today().replace(month=1))
        ).rate


def test_whatever_is_written_anew_is_due_by_the_plan_as_it_is_then(region: Region) -> None:
    case = region.registered(reply_by="2021-05-31")
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    _move(region, "run", "2021-05-17", "2021-05-26")
    stop = f"/referrals/{region('umea').get('/referrals').json['items'][0]['id']}/stop"
    assert region("handlaggare").post(stop, {"reason": "Vi hinner inte vänta."}).status_code == 200
    region.do("handlaggare", "compile_consultation", summary="Få har svarat.")
    assert _due(region, case, "merge_views") == (before := _draft(region, case))
    _move(region, "run_au", "2021-03-31", "2021-03-26")
    assert _due(region, case, "merge_views") == (moved := _draft(region, case)) and moved < before
    region.do("handlaggare", "merge_views", summary="Synpunkterna är inarbetade.")
    assert _deadline(region, "draft")["state"] == "met"

    region.do("chef", "approve_statement", approved=False, comment="Skriv tydligare.")
    assert _due(region, case, "revise_statement") == _draft(region, case) == moved
    _move(region, "run_au", "2021-03-26", "2021-03-30")
    assert _due(region, case, "revise_statement") == _draft(region, case) > moved
    _move(region, "run_au", "2021-03-30", "2021-03-03")
    papers = region("chef").get(f"{case}/plan").json["plan"]["preparation"]["material_stop"]
    assert _due(region, case, "revise_statement") == papers == "2021-02-17", "less than three working days are left"
    region.do(
        "handlaggare", "revise_statement", position="approve", summary="Region Västerbotten tillstyrker förslaget."
    )
    assert _deadline(region, "draft")["state"] == "met"


def _move(region: Region, body: str, day: str, to: str) -> None:
    region.change("sekreterare", region.meeting(body, day), "move", starts_at=f"{to}T08:00:00Z", reason="Krock.")


def _draft(region: Region, case: str) -> str:
    """When the draft is to be ready by the plan as it is now."""
    return str(region("chef").get(f"{case}/plan").json["plan"]["draft"])


def _deadline(region: Region, kind: str) -> dict[str, Any]:
    (found,) = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == kind]
    return dict(found)


def _due(region: Region, case: str, element: str) -> str:
    """The day of an open step of a case."""
    open_ = region("handlaggare").get(f"/tasks?case_id={case.rpartition('/')[2]}&state=open&limit=200").json["items"]
    (found,) = [task for task in open_ if task["element_id"] == element]
    return str(found["due_on"])


def test_a_question_that_goes_out_after_its_day_leaves_time_to_answer_and_the_plan_follows(
    region: Region, travel: Travel
) -> None:
    case = region.registered(reply_by="2021-05-31")
    assert _planned_answers(region) == "2021-03-15"
    travel(timedelta(days=43))  # to Tuesday 30 March; Easter comes between
    fire_timers(region.database)
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    assert {each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]} == {"invited"}
    (umea,) = region("umea").get("/consultees").json["items"]
    (referral,) = region("umea").get("/referrals").json["items"]
    due = region("umea").get(f"/tasks/{region.waiting('umea')['answer_consultation']}").json["due_on"]
    assert {umea["reply_by"], referral["reply_by"], due, _planned_answers(region)} == {"2021-04-15"}
    plan = region("chef").get(f"{case}/plan").json
    assert plan["plan"]["slack_days"] == region("chef").get(case).json["slack_days"]
    fire_timers(region.database)
    assert "answer_consultation" in region.waiting("umea")
    assert [each for each in region.mails("umea") if "15 april" in each]


def test_the_officer_may_give_another_day_to_answer_by_that_has_not_passed(region: Region, travel: Travel) -> None:
    region.registered()
    travel(timedelta(days=63))  # to 19 April, less than ten working days before the region's own answer is due
    sending = {"mode": "remiss", "question": "Vad anser kommunen?"}
    for wrong in ({}, {"answer_by": "2021-04-19"}, {"answer_by": "2021-03-15"}, {"answer_by": "2021-04-30"}):
        assert _not_sent(region, **sending, **wrong) == ["answer_by"], wrong
    assert region("umea").get("/referrals").json["items"] == []
    region.do("handlaggare", "confirm_consultation", **sending, answer_by="2021-04-23")
    assert region("umea").get("/consultees").json["items"][0]["reply_by"] == "2021-04-23" == _planned_answers(region)


def test_nobody_is_asked_to_answer_by_a_day_that_has_passed(region: Region) -> None:
    case_id = UUID(region.registered().rpartition("/")[2])
    with region.database.transaction() as db, pytest.raises(Invalid, match="has passed"):
        yesterday = clock.today() - timedelta(days=1)
        referrals.open_referral(db, db.get_one(Case, case_id), "remiss", ["umea"], yesterday, None)


def _planned_answers(region: Region) -> str:
    """By when the answers are to be there, as the days of the case say."""
    found = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "consultation"]
    return str(found[0]["due_on"])


def _not_sent(region: Region, **values: str) -> list[str]:
    """The fields for which a question cannot go out."""
    address = f"/tasks/{region.waiting('handlaggare')['confirm_consultation']}"
    tag = region("handlaggare").get(address).headers["ETag"]
    answer = region("handlaggare").post(f"{address}/complete", {"values": values}, headers={"If-Match": tag})
    assert answer.status_code == 422, answer.text
    return [each["field"] for each in answer.json["errors"]]


def test_the_day_for_the_answers_is_the_last_that_anybody_has_and_kept_only_if_all_answered_by_it(
    region: Region, travel: Travel
) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    (mala,) = region("mala").get("/consultees").json["items"]
    more = {"new_date": "2021-03-25", "reason": "Nämnden sammanträder då."}
    assert region("mala").post(f"/consultees/{mala['id']}/ask-extension", more).status_code == 200
    region.do("handlaggare", "grant_consultee_extension", granted=True)
    assert _planned_answers(region) == "2021-03-25"
    prolonged = {"new_date": "2021-03-19", "reason": "Sportlov."}
    region.change("handlaggare", f"/deadlines/{_deadline(region, 'consultation')['id']}", "extend", **prolonged)
    assert [region(key).get("/consultees").json["items"][0]["reply_by"] for key in ("umea", "mala")] == [
        "2021-03-19", "2021-03-25",
    ]  # fmt: skip
    assert _planned_answers(region) == "2021-03-25"
    for day in (33, 6):
        travel(timedelta(days=day))
        fire_timers(region.database)
    assert "compile_consultation" in region.open_in(case)
    assert _deadline(region, "consultation")["state"] == "missed"


def test_the_day_for_the_answers_is_kept_when_all_have_answered_by_it(region: Region) -> None:
    region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    for key in [each for each in region.users if "answer_consultation" in region.waiting(each)]:
        region.do(key, "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")
    assert _deadline(region, "consultation")["state"] == "met"
