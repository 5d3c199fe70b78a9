"""What is decided by delegation names its point in the register and is reported to the body (KL 6:37-40, 7:5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from committee.delegations import Delegation
from engine.instances import running, variables
from store import clock
from tests.support.region import REFERRAL, Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]


def test_the_one_who_has_it_delegated_decides_and_it_is_reported_at_the_next_meeting(region: Region) -> None:
    case = _case(region)
    made = _decide(region, "chef", case, point="2.1")
    assert made.status_code == 201, made.text
    assert (made.json["series"], made.json["paragraph"], made.json["method"]) == ("delegation", 1, "delegation")
    (item,) = region("sekreterare").get(f"{region.meeting('run', '2021-03-15')}/agenda").json["items"]
    assert (item["role"], item["id"]) == ("reporting", made.json["reported_item_id"])
    assert region("chef").get("/decisions?unreported=true").json["items"] == []
    assert _decide(region, "chef", case, point="2.1").json["paragraph"] == 2


@pytest.mark.parametrize(
    ("who", "point", "status", "code", "words"),
    [
        ("chef", "9.9", 409, "not_delegated", "has no point 9.9"),
        ("handlaggare", "2.1", 403, "forbidden", "only the director"),
        ("ordforande", "1.1", 403, "forbidden", "at its meetings"),
    ],
)
def test_nobody_decides_what_is_not_delegated_to_them(
    region: Region, who: str, point: str, status: int, code: str, words: str
) -> None:
    answer = _decide(region, who, _case(region), point=point)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert words in answer.json["detail"]
    assert region("chef").get("/decisions").json["items"] == []


def test_a_point_is_of_use_only_while_it_is_in_force(region: Region, travel: Travel) -> None:
    with region.database.transaction() as db:
        point = db.scalars(select(Delegation).where(Delegation.point == "2.1")).one()
        point.valid_to = date(2021, 2, 28)
    case = _case(region)
    assert _decide(region, "chef", case, point="2.1").status_code == 201
    travel(datetime.fromisoformat("2021-02-28T23:00:00+00:00"))
    assert _decide(region, "chef", case, point="2.1").json["code"] == "not_delegated"


def test_a_decision_waits_to_be_reported_until_a_meeting_opens_its_agenda(region: Region, travel: Travel) -> None:
    _without_meetings(region, "run")
    made = _decide(region, "chef", _case(region), point="2.1").json
    assert [each["id"] for each in region("chef").get("/decisions?unreported=true").json["items"]] == [made["id"]]
    added = region("sekreterare").post("/meetings", {"body": "run", "starts_at": "2021-06-17T09:00:00+02:00"})
    meeting = added.headers["Location"]
    assert region("sekreterare").get(f"{meeting}/agenda").json["items"] == []
    travel(clock.at(date(2021, 5, 20), 8))
    while fire_timers(region.database):
        pass
    assert [item["role"] for item in region("sekreterare").get(f"{meeting}/agenda").json["items"]] == ["reporting"]
    assert region("chef").get("/decisions?unreported=true").json["items"] == []


def test_what_was_to_be_reported_at_a_cancelled_meeting_is_reported_at_the_next(region: Region) -> None:
    _decide(region, "chef", _case(region), point="2.1")
    region.change("sekreterare", region.meeting("run", "2021-03-15"), "cancel", reason="Snöstorm")
    (item,) = region("sekreterare").get(f"{region.meeting('run', '2021-04-15')}/agenda").json["items"]
    assert (item["role"], item["state"]) == ("reporting", "confirmed")


def test_a_subcommittee_decides_for_its_committee_only_by_delegation(region: Region, travel: Travel) -> None:
    decided = _au_decides(region, travel, "2021-03-31")
    assert decided.status_code == 201, decided.text
    assert (decided.json["series"], decided.json["method"]) == ("minutes", "acclamation")
    assert decided.json["delegation_id"] is not None
    assert decided.json["reported_item_id"] is not None
    with region.database.transaction() as db:
        db.execute(delete(Delegation).where(Delegation.point == "2.1"))
        db.scalars(select(Delegation).where(Delegation.point == "1.1")).one().valid_to = date(2021, 1, 31)
    refused = _au_decides(region, travel, "2021-04-30")
    assert (refused.status_code, refused.json["code"]) == (409, "not_delegated")
    assert "Take the matter to RUN" in refused.json["detail"]


def test_one_person_does_not_decide_at_a_meeting(region: Region, travel: Travel) -> None:
    answer = _au_decides(region, travel, "2021-03-31", method="chair")
    assert answer.status_code == 422


def test_without_delegation_the_ladder_has_fewer_rungs(region: Region) -> None:
    """SOU 2022:14 in small: reply in ten days, no meeting of RUN before it. The chair may decide, if anybody."""
    assert _route(region, _urgent(region)) == "chair"
    with region.database.transaction() as db:
        db.scalars(select(Delegation).where(Delegation.point == "1.2")).one().valid_to = date(2021, 1, 31)
    assert _route(region, _urgent(region)) == "preliminary"


def _urgent(region: Region) -> str:
    return region.registered(municipal_interest=False, extension=False, reply_by="2021-02-25")


def _case(region: Region) -> str:
    made = region("registrator").post("/cases", REFERRAL)
    assert made.status_code == 201, made.text
    return f"/cases/{made.json['id']}"


def _decide(region: Region, who: str, case: str, **body: str) -> Any:
    return region(who).post(f"{case}/delegated-decisions", {"body": "run", "text": "Regionen avstår.", **body})


def _without_meetings(region: Region, body: str) -> None:
    found = region("sekreterare").get(f"/meetings?body={body}&limit=200").json["items"]
    for meeting in found:
        region.change("sekreterare", f"/meetings/{meeting['id']}", "cancel", reason="Ny tidplan")


def _au_decides(region: Region, travel: Travel, day: str, **outcome: str) -> Any:
    meeting = region.meeting("run_au", day)
    body = {"case_id": _case(region).rpartition("/")[2], "role": "decision"}
    item = region("sekreterare").post(f"{meeting}/agenda", body).headers["Location"]
    region.change("sekreterare", meeting, "summon")
    travel(clock.at(date.fromisoformat(day), 12))
    return region("sekreterare").post(f"{item}/outcome", {"outcome": "adopted", "text": "AU beslutar.", **outcome})


def _route(region: Region, case: str) -> str:
    """The rung that the ladder has chosen."""
    with region.database.reading() as db:
        (instance,) = (each for each in running(db, UUID(case.rpartition("/")[2])) if each.parent_id is None)
        return str(variables(db, instance)["route"])
