"""A meeting's own process over HTTP: its steps come at their time, follow it when it moves, and end with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from committee.meetings import Meeting
from engine.models import Instance, Task, Timer
from store import clock
from tests.support.region import Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
DAY = date(2021, 4, 22)
"""An extra RUN: the summons is due on 15 April, papers by 8 April, the agenda opens on 23 March."""

REMINDED, LATE = "Underlaget ska lämnas inom tre arbetsdagar", "Materialstopp har passerat utan underlag"


@pytest.fixture
def meeting(region: Region) -> str:
    """The address of an extra meeting of RUN."""
    made = region("sekreterare").post("/meetings", {"body": "run", "starts_at": clock.at(DAY, 9).isoformat()})
    assert made.status_code == 201, made.text
    return str(made.headers["Location"])


def test_the_steps_of_a_meeting_come_at_their_time(region: Region, meeting: str, travel: Travel) -> None:
    _go(region, travel, date(2021, 4, 8))
    assert _steps(region, meeting) == {}
    _go(region, travel, date(2021, 4, 9))
    assert _steps(region, meeting) == {"chair_briefing": "2021-04-15"}
    region.do("ordforande", "chair_briefing", order="Som föreslaget.")
    region.do("sekreterare", "summon_meeting", agenda_complete=True)
    assert region("sekreterare").get(meeting).json["state"] == "summoned"
    assert region.mails("ordforande").count("Kallelse: RUN 22 april 2021") == 1
    _go(region, travel, DAY)
    region.do("sekreterare", "open_meeting", present="Alla", adjusters="Anna", adjust_on="2021-04-27")
    assert _steps(region, meeting) == {"close_meeting": "2021-04-22"}


def test_a_step_of_a_meeting_that_is_late_is_on_the_managers_list(region: Region, meeting: str, travel: Travel) -> None:
    _go(region, travel, date(2021, 4, 14))
    mine = meeting.rpartition("/")[2]

    def listed(which: str) -> list[tuple[str, str, int]]:
        rows = region("ledare").get(f"/{which}?kind=task&body=run").json["items"]
        return [(row["what"], row["title"], row["days_late"]) for row in rows if row["meeting_id"] == mine]

    assert listed("at-risk") == [("Förbered med ordföranden", "Regionala utvecklingsnämnden", -1)]
    _go(region, travel, date(2021, 4, 16))
    assert listed("overdue") == [("Förbered med ordföranden", "Regionala utvecklingsnämnden", 1)]
    region.change("sekreterare", meeting, "summon")
    assert listed("overdue") == []


def test_what_is_done_with_the_meeting_itself_leaves_no_task_behind(
    region: Region, meeting: str, travel: Travel
) -> None:
    _go(region, travel, date(2021, 4, 9))
    region.change("sekreterare", meeting, "summon")
    assert _steps(region, meeting) == {}
    _go(region, travel, DAY)
    assert set(_steps(region, meeting)) == {"open_meeting"}
    _go(region, travel, date(2021, 4, 28))
    region.change("sekreterare", meeting, "adjust", adjusted_on="2021-04-27")
    assert set(_steps(region, meeting)) == {"post_notice"}
    region.change("sekreterare", meeting, "notice", notice_posted_on="2021-04-28")
    region.do("sekreterare", "screen_publish", screened=True)
    _go(region, travel, date(2021, 5, 19))
    assert _status(region, meeting) == "running"
    _go(region, travel, date(2021, 5, 20))
    assert _status(region, meeting) == "completed"


def test_a_moved_meeting_takes_its_steps_with_it(region: Region, meeting: str, travel: Travel) -> None:
    _go(region, travel, date(2021, 4, 9))
    later = clock.at(date(2021, 6, 10), 9).isoformat()
    region.change("sekreterare", meeting, "move", starts_at=later, reason="Krock med fullmäktige")
    assert _steps(region, meeting) == {"chair_briefing": "2021-06-03"}
    region.change("sekreterare", meeting, "summon")
    _go(region, travel, DAY)
    assert _steps(region, meeting) == {}
    _go(region, travel, date(2021, 6, 10))
    assert _steps(region, meeting) == {"open_meeting": "2021-06-10"}


def test_a_timer_that_waits_moves_with_the_meeting_before_it_fires(
    region: Region, meeting: str, travel: Travel
) -> None:
    later = clock.at(date(2021, 6, 10), 9).isoformat()
    region.change("sekreterare", meeting, "move", starts_at=later, reason="Krock med fullmäktige")
    _go(region, travel, date(2021, 4, 9))
    assert _timers(region, meeting) == ["agenda_opens"]
    _go(region, travel, date(2021, 5, 28))
    assert set(_steps(region, meeting)) == {"chair_briefing"}


def test_a_cancelled_meeting_ends_its_process_and_tells_the_members(
    region: Region, meeting: str, travel: Travel
) -> None:
    _go(region, travel, date(2021, 4, 9))
    region.change("sekreterare", meeting, "cancel", reason="Snöstorm")
    assert _steps(region, meeting) == {}
    assert _status(region, meeting) == "completed"
    assert region.mails("ordforande") == ["Sammanträdet är inställt"]


def test_a_case_whose_meeting_is_cancelled_gets_a_place_at_the_next(region: Region) -> None:
    case = _wants_au(region, reply_by="2021-06-30")
    au, following = region.meeting("run_au", "2021-03-31"), region.meeting("run_au", "2021-04-30")
    first = region.item(au)
    region.change("sekreterare", au, "cancel", reason="Snöstorm")
    assert region("sekreterare").get(first).json["state"] == "withdrawn"
    assert region("sekreterare").get(region.item(following)).json["state"] == "confirmed"
    assert _due(region, case, "deliver_material") == region("sekreterare").get(following).json["material_stop"]


def test_a_case_that_has_delivered_its_papers_is_asked_for_them_again_at_the_next_meeting(region: Region) -> None:
    case = _wants_au(region, reply_by="2021-06-30")
    region.do("handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet.")
    assert region.open_in(case) == []
    region.change("sekreterare", region.meeting("run_au", "2021-03-31"), "cancel", reason="Snöstorm")
    assert region.open_in(case) == ["deliver_material"]


def test_a_cancelled_samrad_gives_its_items_to_the_next_wherever_they_stand(region: Region, travel: Travel) -> None:
    case = _wants_au(region, reply_by="2021-08-30")
    region.do("handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet.")
    au = region.meeting("run_au", "2021-03-31")
    region.change("sekreterare", au, "summon")
    _go(region, travel, date(2021, 3, 31))
    forwarded = {"outcome": "forwarded", "text": "AU föreslår RUN att anta yttrandet."}
    assert region("sekreterare").post(f"{region.item(au)}/outcome", forwarded).status_code == 201
    days = [each["day"] for each in region("sekreterare").get("/meetings?body=samrad&limit=200").json["items"]]
    first, second, third = (day for day in days if "2021-04-01" <= day < "2021-07-01")
    assert region.open_in(case) == ["include_samrad_item"]
    region.change("sekreterare", region.meeting("samrad", first), "cancel", reason="Lokalen")
    assert region.open_in(case) == ["include_samrad_item"]
    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")
    region.change("sekreterare", region.meeting("samrad", second), "cancel", reason="Lokalen")
    assert region.open_in(case) == ["include_samrad_item"]
    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")
    region.do("pkd", "samrad_preinput", text="Inga.")
    region.change("sekreterare", region.meeting("samrad", third), "cancel", reason="Lokalen")
    assert region.open_in(case) == ["include_samrad_item"]


def test_when_no_other_meeting_is_in_time_the_case_goes_down_the_ladder(region: Region) -> None:
    case = _wants_au(region)
    for day in ("2021-02-26", "2021-03-31"):
        region.change("sekreterare", region.meeting("run_au", day), "cancel", reason="Snöstorm")
    assert region.open_in(case) == ["ask_extension"], "nobody could prepare it for an extra meeting"


def test_a_case_whose_item_is_taken_off_the_agenda_looks_for_another_meeting(region: Region) -> None:
    case = _wants_au(region)
    first = region.item(region.meeting("run_au", "2021-03-31"))
    region.change("sekreterare", first, "withdraw", reason="Ordföranden vill vänta")
    assert region("sekreterare").get(first).json["state"] == "withdrawn"
    assert region.open_in(case) == ["deliver_material"]
    tag = region("sekreterare").get(first).headers["ETag"]
    again = region("sekreterare").post(f"{first}/withdraw", {"reason": "Igen"}, headers={"If-Match": tag})
    assert (again.status_code, again.json["code"]) == (409, "conflict")


def test_what_was_taken_off_an_agenda_comes_back_to_it_only_by_hand(region: Region) -> None:
    case = _wants_au(region, reply_by="2021-06-30")
    secretary, first = region("sekreterare"), region.meeting("run_au", "2021-03-31")
    assert _deadlines(region, case)["preparation"] == "2021-03-31"
    region.change("sekreterare", region.item(first), "withdraw", reason="Kompletteras")
    elsewhere = region.item(region.meeting("run_au", "2021-04-30"))
    assert secretary.get(elsewhere).json["state"] == "confirmed"
    assert _deadlines(region, case)["preparation"] == "2021-04-30"
    assert region.open_in(case) == ["deliver_material"]
    again = {"case_id": case.rpartition("/")[2], "role": "preparation"}
    assert secretary.post(f"{first}/agenda", again).status_code == 201
    states = [each["state"] for each in secretary.get(f"{first}/agenda").json["items"]]
    assert (states, secretary.get(elsewhere).json["state"]) == (["withdrawn", "confirmed"], "withdrawn")
    assert _deadlines(region, case)["preparation"] == "2021-03-31"


def test_what_no_other_meeting_can_take_in_time_goes_down_the_ladder_when_it_is_taken_off(region: Region) -> None:
    case = _wants_au(region)
    region.change("sekreterare", region.meeting("run_au", "2021-02-26"), "cancel", reason="Snöstorm")
    region.change("sekreterare", region.item(region.meeting("run_au", "2021-03-31")), "withdraw", reason="Vänta")
    assert region.open_in(case) == ["ask_extension"], "nobody could prepare it for an extra meeting"
    assert region("handlaggare").get(f"{case}/plan").json["plan"]["slack_days"] < 0


def test_a_case_that_counts_on_a_meeting_is_planned_again_when_it_moves(region: Region, travel: Travel) -> None:
    case = _wants_au(region)
    assert _deadlines(region, case)["joint_consultation"] == "2021-04-01"
    samrad, au = region.meeting("samrad", "2021-04-01"), region.meeting("run_au", "2021-03-31")
    moved = clock.at(date(2021, 4, 8), 9).isoformat()
    region.change("sekreterare", samrad, "move", starts_at=moved, reason="Lokalen")
    assert _deadlines(region, case)["joint_consultation"] == "2021-04-08"
    region.change("sekreterare", au, "move", starts_at=clock.at(date(2021, 4, 7), 9).isoformat(), reason="Påsk")
    dates = _deadlines(region, case)
    assert (dates["preparation"], dates["material_stop"]) == ("2021-04-07", "2021-03-24")
    assert _due(region, case, "deliver_material") == "2021-03-24"


def test_a_case_of_which_a_body_is_only_told_is_not_planned_to_be_decided_there(region: Region) -> None:
    case = region.registered(municipal_interest=False)

    def plan() -> Any:
        return region("handlaggare").get(f"{case}/plan").json["plan"]

    before, earlier = plan(), region.meeting("run", "2021-03-15")
    told = {"case_id": case.rpartition("/")[2], "role": "information"}
    assert region("sekreterare").post(f"{earlier}/agenda", told).status_code == 201
    assert plan() == before


@pytest.mark.parametrize(
    "body, day, to, late",
    [
        ("samrad", date(2021, 4, 1), date(2021, 4, 8), False),
        ("run", date(2021, 4, 15), date(2021, 4, 20), False),
        ("run", date(2021, 4, 15), date(2021, 5, 12), True),
        ("run_au", date(2021, 3, 31), date(2021, 3, 25), False),
    ],
)
def test_what_a_move_would_move_is_told_beforehand_and_comes_so(
    region: Region, body: str, day: date, to: date, late: bool
) -> None:
    case = _wants_au(region)
    meeting, starts_at = region.meeting(body, day.isoformat()), clock.at(to, 9)
    before = _deadlines(region, case)
    asked = region("sekreterare").get(f"{meeting}/move?starts_at={starts_at:%Y-%m-%dT%H:%M:%SZ}")
    assert asked.status_code == 200, asked.text
    (told,) = asked.json["cases"]
    assert (asked.json["refusal"], told["becomes_late"]) == (None, late)
    assert _deadlines(region, case) == before
    region.change("sekreterare", meeting, "move", starts_at=starts_at.isoformat(), reason="Lokalen")
    after = _deadlines(region, case)
    moved = {each["kind"]: (each["old_date"], each["new_date"]) for each in told["days"] if each["new_date"]}
    assert moved
    assert moved == {kind: (before[kind], after[kind]) for kind in after if after[kind] != before[kind]}
    assert region("handlaggare").get(f"{case}/plan").json["plan"]["slack_days"] == told["new_slack_days"]


def test_a_move_that_cannot_be_is_told_with_its_reason(region: Region) -> None:
    run, after_run = region.meeting("run", "2021-04-15"), region.meeting("samrad", "2021-04-01")

    def asked(who: str, meeting: str, day: date) -> Any:
        return region(who).get(f"{meeting}/move?starts_at={clock.at(day, 9):%Y-%m-%dT%H:%M:%SZ}")

    assert "prepares" in asked("sekreterare", run, date(2021, 3, 30)).json["refusal"]
    easter = asked("sekreterare", after_run, date(2021, 4, 2)).json
    assert (easter["refusal"], easter["warnings"]) == (None, ["no_working_day"])
    assert asked("sekreterare", run, date(2021, 2, 12)).json["errors"][0]["field"] == "starts_at"
    assert asked("handlaggare", run, date(2021, 4, 20)).status_code == 403
    assert asked("umea", run, date(2021, 4, 20)).status_code == 404


def test_what_is_asked_for_at_the_last_moment_is_not_reminded_of_at_once(region: Region, travel: Travel) -> None:
    """Papers for AU on 31 March are to be there on 17 March, and are reminded of on 12 March."""
    case = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    _go(region, travel, date(2021, 3, 12))
    region.do("chef", "approve_statement", approved=True)
    assert _due(region, case, "deliver_material") == "2021-03-17"
    _go(region, travel, date(2021, 3, 17))
    assert REMINDED not in region.mails("handlaggare")
    assert LATE not in region.mails("chef")
    _go(region, travel, date(2021, 3, 18))
    assert (REMINDED in region.mails("handlaggare"), region.mails("chef").count(LATE)) == (False, 1)


def test_what_is_reminded_of_comes_at_once_when_its_day_moves_so_near(region: Region, travel: Travel) -> None:
    _wants_au(region)
    _go(region, travel, date(2021, 3, 11))
    assert REMINDED not in region.mails("handlaggare")
    earlier = clock.at(date(2021, 3, 29), 9).isoformat()
    region.change("sekreterare", region.meeting("run_au", "2021-03-31"), "move", starts_at=earlier, reason="Påsk")
    _go(region, travel, date(2021, 3, 11))
    assert region.mails("handlaggare").count(REMINDED) == 1
    _go(region, travel, date(2021, 3, 12))
    assert region.mails("handlaggare").count(REMINDED) == 1


def test_a_withdrawn_case_leaves_the_agenda(region: Region) -> None:
    case = _wants_au(region)
    item = region.item(region.meeting("run_au", "2021-03-31"))
    region.change("registrator", case, "withdraw", reason="Återtaget av departementet")
    assert region("sekreterare").get(item).json["state"] == "withdrawn"


def _go(region: Region, travel: Travel, day: date) -> None:
    """Morning of a day; the worker has been at work."""
    travel(clock.at(day, 8))
    while fire_timers(region.database):
        pass  # one that fires may arm another that is due already


def _steps(region: Region, meeting: str) -> dict[str, str]:
    """The open steps of a meeting, with the day on which each is due."""
    with region.database.reading() as db:
        instance_id = db.get_one(Meeting, UUID(meeting.rpartition("/")[2])).instance_id
        found = db.scalars(select(Task).where(Task.instance_id == instance_id, Task.state == "open")).all()
    return {task.element_id: str(task.due_on) for task in found}


def _timers(region: Region, meeting: str) -> list[str]:
    """The points in time that a meeting waits for."""
    with region.database.reading() as db:
        instance_id = db.get_one(Meeting, UUID(meeting.rpartition("/")[2])).instance_id
        return list(db.scalars(select(Timer.element_id).where(Timer.instance_id == instance_id)))


def _status(region: Region, meeting: str) -> str:
    with region.database.reading() as db:
        instance_id = db.get_one(Meeting, UUID(meeting.rpartition("/")[2])).instance_id
        return db.get_one(Instance, instance_id).status


def _wants_au(region: Region, **case: str) -> str:
    """A case whose draft is approved and that has a place at RUN AU's meeting on 31 March; its address."""
    address = region.registered(municipal_interest=False, **case)
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    region.do("chef", "approve_statement", approved=True)
    return address


def _deadlines(region: Region, case: str) -> dict[str, str]:
    found = region("chef").get(f"/deadlines?limit=200&case_id={case.rpartition('/')[2]}").json["items"]
    return {each["kind"]: each["due_on"] for each in found}


def _due(region: Region, case: str, element: str) -> str:
    found = region("chef").get(f"/tasks?whose=all&case_id={case.rpartition('/')[2]}").json["items"]
    return str(next(task["due_on"] for task in found if task["element_id"] == element))


def test_a_day_that_a_case_does_not_go_to_any_more_is_no_longer_late(region: Region) -> None:
    region.registered(municipal_interest=False)
    states = _states(region)
    assert states["consultation"] == "waived", "nobody is asked"
    assert states["preparation"] == states["summons"] == "open"
    (reply_by,) = (each for each in _all_deadlines(region) if each["kind"] == "reply_by")
    address = f"/deadlines/{reply_by['id']}"
    for day, state in (("2021-02-26", "waived"), ("2021-04-30", "open")):  # no meeting can take it before the first
        region.change("handlaggare", address, "extend", new_date=day, reason="Fel dag", corrects=True)
        states = _states(region)
        assert {states[kind] for kind in ("preparation", "joint_consultation", "summons", "material_stop")} == {state}
        assert states["consultation"] == "waived"


def _all_deadlines(region: Region) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = region("chef").get("/deadlines?limit=200").json["items"]
    return found


def _states(region: Region) -> dict[str, str]:
    return {each["kind"]: each["state"] for each in _all_deadlines(region)}
