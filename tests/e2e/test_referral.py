"""A real referral from its arrival to its answer, over HTTP, with the worker keeping the deadlines.

SOU 2020:73 was sent in February 2021 with the reply due on 30 April: the municipalities are asked, one abstains, one is
silent; AU, samråd and RUN follow; the answer leaves in time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.support.region import REFERRAL, Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
SILENT, ABSTAINING = "storuman", "mala"


def test_a_referral_goes_from_arrival_to_answer(region: Region, travel: Travel) -> None:
    case = region.registered()
    assert region("chef").get(case).json["registry_number"] == "RUN 1-2021"
    _is_planned(region, case)
    _municipalities_answer(region, travel)
    _draft_is_approved(region)
    _au_and_samrad_agree(region, travel, case)
    run = region.meeting("run", "2021-04-15")
    region.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet.")
    region.change("sekreterare", run, "summon")
    travel(datetime.fromisoformat("2021-04-15T12:00:00+00:00"))
    fire_timers(region.database)
    _outcome(region, run, "adopted")
    decided = region("registrator").get(case).json
    assert (decided["status"], decided["planned_decision_on"]) == ("decided", "2021-04-15")
    assert sorted(_planned(region)) == ["reply_by", "send"]
    travel(datetime.fromisoformat("2021-04-20T12:00:00+00:00"))
    region.change("sekreterare", run, "adjust", adjusted_on="2021-04-20")

    assert _refused(region, "registrator", "dispatch_statement", channel="email", sent_on="2021-04-21") == ["sent_on"]
    region.do("registrator", "dispatch_statement", channel="email")
    sent = region("registrator").get(case).json
    assert (sent["status"], sent["sent_on"], sent["slack_days"]) == ("dispatched", "2021-04-20", None)
    reply_by = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "reply_by"]
    assert [d["state"] for d in reply_by] == ["met"]
    assert _refused(region, "handlaggare", "close_case") == ["cleaned"]
    region.do("handlaggare", "close_case", cleaned=True)
    assert region.open_in(case) == []


def test_a_tabled_case_goes_to_the_next_meeting_and_not_back_to_au(region: Region, travel: Travel) -> None:
    case = region.registered(municipal_interest=False)
    _draft_is_approved(region, consulted=False)
    _au_and_samrad_agree(region, travel, case, "adopted")  # which of a preparation says no more than that it goes on
    run = region.meeting("run", "2021-04-15")
    region.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet.")
    region.change("sekreterare", run, "summon")

    (reply_by,) = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "reply_by"]
    region.change("handlaggare", f"/deadlines/{reply_by['id']}", "extend", new_date="2021-05-31", reason="Anstånd.")
    assert _decision_day(region, case) == "2021-04-15", "it has its place there, though a later meeting would do"
    travel(datetime.fromisoformat("2021-04-15T12:00:00+00:00"))
    fire_timers(region.database)
    _outcome(region, run, "table")

    assert _decision_day(region, case) == "2021-05-17"
    assert region.open_in(case) == ["deliver_material"]
    item = region.item(region.meeting("run", "2021-05-17"))
    assert region("chef").get(item).json["role"] == "decision"
    assert "Planen håller inte längre; en annan väg till beslut behövs" not in region.mails("chef")


def test_the_samrad_that_the_secretary_chooses_is_the_one_that_counts(region: Region, travel: Travel) -> None:
    case = region.registered(municipal_interest=False, reply_by="2021-06-30")
    _draft_is_approved(region, consulted=False)
    today, chosen = region.meeting("samrad", "2021-04-01"), region.meeting("samrad", "2021-05-03")
    region.change("sekreterare", au := region.meeting("run_au", "2021-03-31"), "summon")
    travel(datetime.fromisoformat("2021-04-01T18:00:00+00:00"))
    _outcome(region, au, "forwarded")
    assert region.item(today), "the outcome of AU may be noted in the evening of the day of the samråd"
    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")

    put = {"case_id": case.rpartition("/")[2], "role": "consultation"}
    assert region("sekreterare").post(f"{chosen}/agenda", put).status_code == 201
    assert region("chef").get(region.item(today)).json["state"] == "withdrawn"
    assert _decision_day(region, case) == "2021-05-17", "the board decides after the samråd where there is time"
    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")
    region.change("sekreterare", chosen, "summon")
    travel(datetime.fromisoformat("2021-05-03T12:00:00+00:00"))
    fire_timers(region.database)
    positions = {"region_position": "agrees", "municipal_position": "agrees"}
    assert region("sekreterare").post(f"{region.item(chosen)}/samrad", positions).status_code == 201
    assert "write_samrad_extract" in region.waiting("sekreterare"), "the case goes on with what was said there"


def test_the_plan_follows_the_meetings_that_the_case_really_goes_to(region: Region, travel: Travel) -> None:
    case = region.registered(municipal_interest=False, reply_by="2021-11-30")
    assert _planned(region)["decision"] > "2021-10", "the latest meeting that fits leaves most time to write"
    _draft_is_approved(region, consulted=False)
    meetings = {"preparation": "2021-03-31", "joint_consultation": "2021-04-01", "decision": "2021-04-15"}
    assert _planned(region) | meetings == _planned(region)
    au = region.meeting("run_au", "2021-03-31")
    (told,) = region("sekreterare").get(f"{au}/move?starts_at=2021-03-30T08:00:00Z").json["cases"]
    assert "preparation" in [each["kind"] for each in told["days"]]
    region.change("sekreterare", au, "move", starts_at="2021-03-30T08:00:00Z", reason="Lokalen")
    assert _planned(region)["preparation"] == "2021-03-30"
    assert "case.replanned" in [each["type"] for each in region("chef").get(f"{case}/events?limit=200").json["items"]]


def test_what_au_decides_by_delegation_is_planned_for_its_day_and_not_for_the_committee_s(
    region: Region, travel: Travel
) -> None:
    case = region.registered(municipal_interest=False, extension=False, reply_by="2021-04-12")
    region.do("ordforande", "call_extra_meeting", extra_meeting="decline", reason="Ingen hinner.")
    assert "preparation" not in _planned(region)
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    region.do("chef", "approve_statement", approved=True)
    planned, plan = region("chef").get(case).json, region("handlaggare").get(f"{case}/plan").json
    assert (planned["planned_decision_on"], planned["slack_days"]) == ("2021-03-31", 2)
    assert (plan["route"], plan["plan"]["decision"]["day"]) == ("au_delegated", "2021-03-31")
    assert _planned(region)["summons"] == "2021-03-24"

    travel(datetime.fromisoformat("2021-03-18T08:00:00+00:00"))
    region.do("handlaggare", "deliver_material", proposal="AU antar yttrandet.")
    states = {each["kind"]: each["state"] for each in region("chef").get("/deadlines?limit=200").json["items"]}
    assert (states["draft"], states["material_stop"]) == ("met", "missed"), "the papers came a day late"


def _planned(region: Region) -> dict[str, str]:
    """The days that are left, by kind."""
    found = region("chef").get("/deadlines?limit=200&state=open").json["items"]
    return {each["kind"]: each["due_on"] for each in found}


def test_a_day_to_answer_by_comes_later_and_the_municipalities_follow_when_theirs_moves(region: Region) -> None:
    opened = region("registrator").post("/cases", {key: REFERRAL[key] for key in ("case_type", "title")}).json
    case = f"/cases/{opened['id']}"
    region.do("registrator", "register_referral")
    assert "decision" not in _planned(region)
    region.change("registrator", case, "reply-by", reply_by="2021-04-30")
    assert _planned(region)["decision"] == "2021-04-15"
    region.triage(municipal_interest=True)
    region.do("chef", "assign_officer", case_officer_id=region("handlaggare").get("/me").json["person_id"])
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    days = {each["kind"]: each for each in region("chef").get("/deadlines?limit=200").json["items"]}
    theirs = days["consultation"]
    assert _moved(region, theirs["id"], "2021-04-16") == 422, "the answers would come after the decision"
    assert _moved(region, theirs["id"], "2021-04-01") == 200
    assert {each["reply_by"] for each in region("chef").get("/consultees?limit=50").json["items"]} == {"2021-04-01"}
    assert region.mails("umea")[-1] == "Remisstiden är förlängd: svara senast 1 april 2021"
    assert _moved(region, theirs["id"], "2021-03-25") == 422, "a wrong day is corrected, and said to be"
    assert _moved(region, theirs["id"], "2021-03-25", corrects=True) == 200


def _moved(region: Region, deadline_id: str, new_date: str, **how: bool) -> int:
    """What is said to somebody who moves a deadline: the status."""
    address = f"/deadlines/{deadline_id}"
    body = {"new_date": new_date, "reason": "Enligt överenskommelse.", **how}
    tag = region("handlaggare").get(address).headers["ETag"]
    return region("handlaggare").post(f"{address}/extend", body, headers={"If-Match": tag}).status_code


def test_a_withdrawn_case_leaves_nothing_to_do(region: Region) -> None:
    case = region.registered()
    region.change("registrator", case, "withdraw", reason="Remissen återtogs av departementet.")
    assert region.open_in(case) == []
    assert region("chef").get(case).json["status"] == "withdrawn"


def test_more_time_from_the_sender_moves_the_day_and_opens_the_ordinary_way(region: Region) -> None:
    opened = region("registrator").post("/cases", REFERRAL | {"reply_by": "2021-02-26"}).json
    case = f"/cases/{opened['id']}"
    region.do("registrator", "register_referral")
    plan = region("handlaggare").get(f"{case}/plan").json
    assert (plan["health"], plan["route"], plan["rung"]) == ("at_risk", "extension", 4)
    assert [rung["route"] for rung in plan["ladder"] if not rung["fits"]][:2] == ["ordinary", "immediate"]
    assert plan["plan"]["decision"] is None and plan["plan"]["earliest_decision"] == "2021-04-15"
    (row,) = [each for each in region("ledare").get("/at-risk").json["items"] if each["kind"] == "plan"]
    assert row["what"] == "Beslut kan fattas 2021-04-15"
    region.triage(sender_allows_extension=True)
    region.do("chef", "assign_officer", case_officer_id=region("handlaggare").get("/me").json["person_id"])
    region.do("handlaggare", "ask_extension", new_date="2021-05-14", reason="Nämnden sammanträder i april.")

    assert region("registrator").post(f"{case}/extension-answer", {"granted": True}).status_code == 422
    answer = {"granted": True, "new_date": "2021-05-14"}
    (reply_by,) = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "reply_by"]
    assert _moved(region, reply_by["id"], "2021-05-14") == 409, "that is said as the sender's answer"
    assert region("sekreterare").post(f"{case}/extension-answer", answer).status_code == 403
    assert region("registrator").post(f"{case}/extension-answer", answer).status_code == 200
    assert region("registrator").post(f"{case}/extension-answer", answer).status_code == 409
    (reply_by,) = [d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "reply_by"]
    assert reply_by["due_on"] == "2021-05-14" == region("chef").get(case).json["reply_by"]
    assert list(region.waiting("handlaggare")) == ["draft_statement"]
    assert not [each for each in region("ledare").get("/at-risk").json["items"] if each["kind"] == "plan"]


def test_what_is_late_is_seen_when_the_day_has_passed(region: Region, travel: Travel) -> None:
    region("registrator").post("/cases", REFERRAL)
    assert region("ledare").get("/overdue").json["items"] == []
    travel(timedelta(days=4))
    late = region("ledare").get("/overdue").json["items"]
    assert [each["what"] for each in late if each["kind"] == "task"] == ["Registrera remissen"]


def _is_planned(region: Region, case: str) -> None:
    """The plan says what fits, and asking for it changes nothing."""
    before = region("chef").get(f"{case}/events?limit=200").json["items"]
    plan = region("handlaggare").get(f"{case}/plan").json
    assert (plan["reply_by"], plan["health"], plan["route"]) == ("2021-04-30", "on_track", "ordinary")
    assert plan["ladder"][0] == {"rung": 1, "route": "ordinary", "fits": True}
    days = [plan["plan"][name]["day"] for name in ("preparation", "joint_consultation", "decision")]
    assert days == ["2021-03-31", "2021-04-01", "2021-04-15"]
    assert plan["plan"]["send"] == "2021-04-28" and plan["slots"] == []
    assert region("umea").get(f"{case}/plan").status_code == 404
    assert region("chef").get(f"{case}/events?limit=200").json["items"] == before


def _au_and_samrad_agree(region: Region, travel: Travel, case: str, said: str = "forwarded") -> None:
    au, samrad = region.meeting("run_au", "2021-03-31"), region.meeting("samrad", "2021-04-01")
    travel(datetime.fromisoformat("2021-03-24T08:00:00+00:00"))
    fire_timers(region.database)
    region.change("sekreterare", au, "summon")
    travel(datetime.fromisoformat("2021-03-31T12:00:00+00:00"))
    fire_timers(region.database)
    _outcome(region, au, said)
    assert _decision_day(region, case) == "2021-04-15", "what AU has prepared needs no other AU"

    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")
    sent = region("pkd").get(f"/documents?case_id={case.rpartition('/')[2]}").json["items"]
    assert {each["title"] for each in sent} == {"Yttrande", "Förslag till samråd"}, "who is to comment can read it"
    region.change("sekreterare", samrad, "summon")
    travel(datetime.fromisoformat("2021-04-01T12:00:00+00:00"))
    fire_timers(region.database)
    positions = {"region_position": "agrees", "municipal_position": "agrees"}
    answer = region("sekreterare").post(f"{region.item(samrad)}/samrad", positions)
    assert answer.status_code in (200, 201), answer.text
    region.do("sekreterare", "write_samrad_extract", notes="Kommunerna och regionen skakar hand.")


def _decision_day(region: Region, case: str) -> str:
    """When a meeting can decide, as the plan says now."""
    plan = region("handlaggare").get(f"{case}/plan").json
    assert plan["health"] == "on_track"
    day: str = plan["plan"]["decision"]["day"]
    return day


def _draft_is_approved(region: Region, *, consulted: bool = True) -> None:
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    if consulted:
        region.do("handlaggare", "merge_views", summary="Kommunerna är eniga.")
    region.do("chef", "approve_statement", approved=True)
    region.do("handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet.")


def _municipalities_answer(region: Region, travel: Travel) -> None:
    """All are asked; all but one answer, each seeing only its own task; the worker closes for the silent one."""
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    municipalities = [key for key in region.users if "answer_consultation" in region.waiting(key)]
    assert len(municipalities) == 15
    for key in municipalities:
        assert list(region.waiting(key)) == ["answer_consultation"]
        if key != SILENT:
            kind = "abstain" if key == ABSTAINING else "approve"
            region.do(key, "answer_consultation", answer_kind=kind)
    travel(timedelta(days=17))
    fire_timers(region.database)
    travel(timedelta(days=8))
    fire_timers(region.database)
    assert region.waiting(SILENT) == {}
    statuses = [each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]]
    assert (statuses.count("answered"), statuses.count("abstained"), statuses.count("no_reply")) == (13, 1, 1)
    region.do("handlaggare", "compile_consultation", summary="Kommunerna är eniga.")


def _outcome(region: Region, meeting: str, outcome: str) -> None:
    body = {"outcome": outcome, "text": "Enligt förslaget."}
    answer = region("sekreterare").post(f"{region.item(meeting)}/outcome", body)
    assert answer.status_code in (200, 201), answer.text


def _refused(region: Region, key: str, element: str, **values: object) -> list[str]:
    """The fields for which a form is not accepted."""
    address = f"/tasks/{region.waiting(key)[element]}"
    tag = region(key).get(address).headers["ETag"]
    answer = region(key).post(f"{address}/complete", {"values": values}, headers={"If-Match": tag})
    assert answer.status_code == 422, answer.text
    return [each["field"] for each in answer.json["errors"]]
