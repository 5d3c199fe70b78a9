"""What the municipalities see and say: agendas of the bodies they sit on, and answers that come late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from store import clock
from tests.support.region import REFERRAL, Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]


def test_a_member_reads_the_agendas_of_the_bodies_they_sit_on_and_no_others(region: Region) -> None:
    case = region.registered(municipal_interest=False)
    samrad, run = region.meeting("samrad", "2021-04-01"), region.meeting("run", "2021-04-15")
    for meeting, role in ((samrad, "consultation"), (run, "decision")):
        body = {"case_id": case.rpartition("/")[2], "role": role}
        assert region("sekreterare").post(f"{meeting}/agenda", body).status_code == 201
    member = region("kommunalrad")
    assert {each["body_id"] for each in member.get("/meetings?limit=200").json["items"]} == {
        region("sekreterare").get(samrad).json["body_id"]
    }
    (item,) = member.get(f"{samrad}/agenda").json["items"]
    assert item["title"].startswith("SOU 2020:73")
    address = f"/agenda-items/{item['id']}"
    assert member.get(f"{address}/samrad").json["items"] == []
    assert [member.get(hidden).status_code for hidden in (run, f"{run}/agenda", case)] == [404, 404, 404]
    positions = {"region_position": "agrees", "municipal_position": "agrees"}
    assert member.post(f"{address}/samrad", positions).status_code == 403


def test_an_officer_of_a_municipality_sits_on_no_body(region: Region) -> None:
    assert region("umea").get("/meetings").json["items"] == []
    assert region("umea").get(region.meeting("samrad", "2021-04-01")).status_code == 404


@pytest.mark.parametrize("ended", [False, True], ids=["in a case at work", "in a case that has ended"])
def test_an_answer_that_comes_after_the_day_is_kept_as_late(region: Region, travel: Travel, *, ended: bool) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    travel(clock.now() + timedelta(days=40))
    fire_timers(region.database)
    (umea,) = region("handlaggare").get("/consultees?organization=umea").json["items"]
    assert umea["status"] == "no_reply"
    if ended:
        region.change("registrator", case, "withdraw", reason="Återtaget av departementet")
    body = {"answer_kind": "object", "answer_text": "Kommunen avstyrker."}
    tag = region("registrator").get(f"/consultees/{umea['id']}").headers["ETag"]
    address = f"/consultees/{umea['id']}/answer"
    answer = region("registrator").post(address, body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    assert (answer.json["status"], answer.json["answer_text"]) == ("late", "Kommunen avstyrker.")
    told = region(region.head).get(f"{case}/events?limit=200").json["items"]
    assert [each["data"]["status"] for each in told if each["type"] == "consultee.answered"] == ["late"]
    reminded = "Ett svar har kommit in efter remisstiden" in region.mails("handlaggare")
    assert reminded is not ended


def test_more_time_is_asked_for_once_and_ends_before_the_regions_own_day(region: Region) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
    (umea,) = region("umea").get("/consultees").json["items"]
    assert (umea["organization"], umea["organization_name"]) == ("umea", "Umeå kommun")
    address = f"/consultees/{umea['id']}"
    ask = {"new_date": "2021-04-30", "reason": "Nämnden sammanträder i april."}
    refused = region("umea").post(f"{address}/ask-extension", ask)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["sentence"].startswith("Give a day before 2021-04-30")
    ask["new_date"] = "2021-04-06"
    assert region("umea").post(f"{address}/ask-extension", ask).status_code == 200
    assert region("umea").post(f"{address}/ask-extension", ask).status_code == 409
    task = region("handlaggare").get(f"/tasks/{region.waiting('handlaggare')['grant_consultee_extension']}").json
    assert task["given"]["asked_because"] == "Nämnden sammanträder i april."
    draft = next(d for d in region("chef").get("/deadlines?limit=200").json["items"] if d["kind"] == "draft")["due_on"]
    assert task["given"]["after_planned"] == "Dagen som begärs ligger efter den dag då utkastet ska vara klart."
    assert (task["given"]["planned_draft"], task["given"].get("planned_decision")) == (draft, None)
    answered = {"answer_kind": "approve", "answer_text": "Tillstyrks."}
    told = region("umea").post(f"{address}/answer", answered)
    assert (told.status_code, told.json["detail"][:25]) == (403, "Answer in your own task. ")

    region.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")
    assert "grant_consultee_extension" not in region.open_in(case), "who has answered needs no more time"


def test_the_officer_of_a_case_is_an_officer(region: Region) -> None:
    assert region("registrator").post("/cases", REFERRAL).status_code == 201
    region.do("registrator", "register_referral")
    region.triage()
    address = f"/tasks/{region.waiting('chef')['assign_officer']}"
    values = {"case_officer_id": region("registrator").get("/me").json["person_id"]}
    tag = region("chef").get(address).headers["ETag"]
    refused = region("chef").post(f"{address}/complete", {"values": values}, headers={"If-Match": tag})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["sentence"].startswith("Ragna Registrator is no case officer")

    values["case_officer_id"] = region("handlaggare").get("/me").json["person_id"]
    region.do("chef", "assign_officer", **values)
    (case,) = region("chef").get("/cases").json["items"]
    change = {"case_officer_id": region("umea").get("/me").json["person_id"]}
    tag = region("chef").get(f"/cases/{case['id']}").headers["ETag"]
    refused = region("chef").post(f"/cases/{case['id']}/assign", change, headers={"If-Match": tag})
    assert refused.json["errors"][0]["field"] == "case_officer_id", (
        "an officer of a municipality is none of the region's"
    )
    region.change("chef", f"/cases/{case['id']}", "assign", case_officer_id=case["case_officer_id"])
