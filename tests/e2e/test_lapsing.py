"""A day that the plan of a case counts on passes without the case: the worker makes the plan anew, and says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from store import clock
from store.settings import Settings
from tests.support.region import REFERRAL, Region
from worker.tick import Done, tick

Travel = Callable[[datetime | timedelta], None]


def _round(region: Region) -> Done:
    return tick(region.database, Settings(smtp_host=""))


def _days(region: Region, case: str) -> dict[str, date]:
    found = region("chef").get(f"/deadlines?limit=200&case_id={case.rpartition('/')[2]}&state=open").json["items"]
    return {each["kind"]: date.fromisoformat(each["due_on"]) for each in found}


def _told(region: Region, case: str, type_: str) -> list[dict[str, Any]]:
    found = region("chef").get(f"{case}/events?limit=200").json["items"]
    return [each["data"] for each in found if each["type"] == type_]


def test_a_case_that_nobody_took_on_is_planned_anew_when_the_papers_were_due_without_it(
    region: Region, travel: Travel
) -> None:
    case = f"/cases/{region('registrator').post('/cases', REFERRAL).json['id']}"
    region.do("registrator", "register_referral")
    stop = _days(region, case)["material_stop"]
    travel(clock.at(stop, 9) - clock.now())
    before = region("chef").get(case).json
    assert _round(region).plans == 0, "the papers are due today: it may still be there"

    travel(timedelta(days=1))
    assert _round(region).plans == 1
    after, plan = region("chef").get(case).json, region("chef").get(f"{case}/plan").json["plan"]
    assert after["slack_days"] == plan["slack_days"] < before["slack_days"]
    assert _days(region, case).get("material_stop") != stop
    assert _told(region, case, "case.plan_lapsed") == [{"kind": "material_stop", "due_on": stop.isoformat()}]
    assert [subject for subject in region.mails("chef") if "planen håller inte" in subject.lower()]
    assert _round(region).plans == 0, "once"

    travel(datetime.fromisoformat("2021-07-12T08:00:00+00:00"))
    _round(region)
    assert _round(region).plans == 0
    assert not {"material_stop", "preparation", "joint_consultation"} & _days(region, case).keys()


def test_a_case_keeps_its_place_when_the_day_of_its_papers_has_passed(region: Region, travel: Travel) -> None:
    case = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    region.do("chef", "approve_statement", approved=True)
    (slot,) = region("chef").get(f"{case}/plan").json["slots"]
    days = _days(region, case)
    travel(clock.at(days["material_stop"] + timedelta(days=1), 9) - clock.now())
    _round(region)
    assert [each["meeting_id"] for each in region("chef").get(f"{case}/plan").json["slots"]] == [slot["meeting_id"]]
    assert _days(region, case)["preparation"] == days["preparation"]
    assert _told(region, case, "case.plan_lapsed") == []


def test_nothing_is_planned_while_a_case_is_suspended(region: Region, travel: Travel) -> None:
    case = f"/cases/{region('registrator').post('/cases', REFERRAL).json['id']}"
    region.do("registrator", "register_referral")
    (instance,) = region("drift").get(f"/instances?case_id={case.rpartition('/')[2]}").json["items"]
    region.change("drift", f"/instances/{instance['id']}", "suspend", reason="Avsändaren återkommer.")
    travel(clock.at(_days(region, case)["material_stop"] + timedelta(days=1), 9) - clock.now())
    assert _round(region).plans == 0
    region.change("drift", f"/instances/{instance['id']}", "resume", reason="Avsändaren har återkommit.")
    assert _round(region).plans == 1
