"""Meetings over HTTP: kept in their order, moved in daylight, and an advisory body decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from store.database import Database
from tests.api.conftest import Callers
from tests.api.register import known_ids

AU_DAY, SAMRAD_DAY, RUN_DAY = "2021-04-01T09:00:00+02:00", "2021-04-08T09:00:00+02:00", "2021-04-15T09:00:00+02:00"
Travel = Callable[[datetime | timedelta], None]


@pytest.fixture
def calendar(travel: Travel, people: Callers) -> dict[str, str]:
    """AU, then samråd, then RUN, each prepared by the one before."""
    found: dict[str, str] = {}
    before: dict[str, str] = {}
    for body, who, day in (
        ("run_au", people.au_secretary, AU_DAY),
        ("samrad", people.samrad_secretary, SAMRAD_DAY),
        ("run", people.secretary, RUN_DAY),
    ):
        made = who.post("/meetings", {"body": body, "starts_at": day, **before})
        assert made.status_code == 201, made.text
        found[body] = made.headers["Location"]
        before = {"prepared_by_id": made.json["id"]}
    return found


def change(who: Any, address: str, verb: str, body: Any = None) -> Any:
    tag = who.get(address).headers["ETag"]
    return who.post(f"{address}/{verb}", body, headers={"If-Match": tag})


def put_on(who: Any, meeting: str, case_id: str, role: str) -> str:
    """Put a case on the agenda and send the summons; the address of the item."""
    added = who.post(f"{meeting}/agenda", {"case_id": case_id, "role": role})
    assert added.status_code == 201, added.text
    assert change(who, meeting, "summon").status_code == 200
    return str(added.headers["Location"])


def test_the_dates_around_a_meeting_follow_from_its_day(people: Callers, calendar: dict[str, str]) -> None:
    meeting = people.officer.get(calendar["run"]).json
    assert (meeting["starts_at"], meeting["day"]) == ("2021-04-15T07:00:00Z", "2021-04-15")
    assert meeting["summons_due"] == "2021-04-08"
    listed = people.officer.get("/meetings?body=run&starts_from=2021-04-01T00:00:00Z").json["items"]
    assert [each["id"] for each in listed] == [meeting["id"]]


def test_a_meeting_is_not_moved_before_the_one_that_prepares_it(people: Callers, calendar: dict[str, str]) -> None:
    body = {"starts_at": "2021-03-31T09:00:00+02:00", "reason": "Krock"}
    answer = change(people.secretary, calendar["run"], "move", body)
    assert answer.status_code == 409
    assert "prepares" in answer.json["detail"]
    assert people.officer.get(calendar["run"]).json["starts_at"] == "2021-04-15T07:00:00Z"
    body["starts_at"] = "2021-04-22T09:00:00+02:00"
    assert change(people.secretary, calendar["run"], "move", body).json["day"] == "2021-04-22"


@pytest.mark.parametrize(
    "starts_at", ["2021-04-22T09:00:00", "2021-02-29T09:00:00Z", "2021-04-22", "9999-12-31T23:59:59Z"]
)
def test_a_time_that_nobody_could_say_when_it_is_is_refused(
    people: Callers, calendar: dict[str, str], starts_at: str
) -> None:
    answer = change(people.secretary, calendar["run"], "move", {"starts_at": starts_at, "reason": "x"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "starts_at"


def test_an_advisory_body_decides_nothing_whoever_asks(
    people: Callers, calendar: dict[str, str], database: Database, travel: Travel
) -> None:
    case_id = known_ids(database)["case_id"][0]
    item = put_on(people.samrad_secretary, calendar["samrad"], case_id, "consultation")
    travel(datetime.fromisoformat(SAMRAD_DAY))
    for who in (people.samrad_secretary, people.operator):
        answer = who.post(f"{item}/outcome", {"outcome": "adopted", "text": "Bifall"})
        assert answer.status_code == 409
        assert answer.json["code"] == "advisory_body"
    assert people.officer.get("/decisions").json["items"] == []
    positions = {
        "region_position": "agrees",
        "municipal_position": "agrees_with_input",
        "municipal_input": "Med tillägg",
    }
    agreed = people.samrad_secretary.post(f"{item}/samrad", positions)
    assert agreed.json["outcome"] == "handshake"
    assert {each["side"] for each in people.officer.get(f"{item}/samrad").json["items"]} == {"region", "municipalities"}
    assert people.samrad_secretary.post(f"{item}/samrad", positions).status_code == 409


def test_a_decision_gets_its_paragraph_and_the_minutes_are_adjusted_in_time(
    people: Callers, calendar: dict[str, str], database: Database, travel: Travel
) -> None:
    case_id = known_ids(database)["case_id"][0]
    item = put_on(people.secretary, calendar["run"], case_id, "decision")
    travel(datetime.fromisoformat(RUN_DAY))
    back = {"outcome": "refer_back", "text": "Återremiss"}
    assert people.secretary.post(f"{item}/outcome", back).json["errors"][0]["field"] == "instruction"
    early = change(people.secretary, calendar["run"], "adjust", {"adjusted_on": RUN_DAY[:10]})
    assert early.status_code == 409 and "Record first" in early.json["detail"]
    decided = people.secretary.post(f"{item}/outcome", {"outcome": "adopted", "text": "Nämnden antar yttrandet."})
    assert decided.status_code == 201
    assert (decided.json["paragraph"], decided.json["decided_on"]) == (1, "2021-04-15")
    assert people.officer.get(f"/decisions?case_id={case_id}").json["items"] == [decided.json]
    assert people.officer.get(f"/decisions/{decided.json['id']}").json == decided.json
    assert people.secretary.post(f"{item}/outcome", {"outcome": "adopted", "text": "Igen"}).status_code == 409
    travel(datetime.fromisoformat(RUN_DAY) + timedelta(days=40))
    late = change(people.secretary, calendar["run"], "adjust", {"adjusted_on": "2021-05-15"})
    assert late.json["errors"][0]["field"] == "adjusted_on"
    assert change(people.secretary, calendar["run"], "notice", {"notice_posted_on": "2021-04-20"}).status_code == 409
    assert change(people.secretary, calendar["run"], "adjust", {"adjusted_on": "2021-04-20"}).status_code == 200
    posted = change(people.secretary, calendar["run"], "notice", {"notice_posted_on": "2021-04-21"})
    assert posted.json["last_appeal_on"] == "2021-05-12"


def test_nothing_of_a_meeting_is_recorded_before_its_day(
    people: Callers, calendar: dict[str, str], database: Database, travel: Travel
) -> None:
    case_id = known_ids(database)["case_id"][0]
    consulted = put_on(people.samrad_secretary, calendar["samrad"], case_id, "consultation")
    positions = {"region_position": "agrees", "municipal_position": "agrees"}
    decided = put_on(people.secretary, calendar["run"], case_id, "decision")
    outcome = {"outcome": "adopted", "text": "Nämnden antar yttrandet."}

    def early() -> list[Any]:
        return [
            people.samrad_secretary.post(f"{consulted}/samrad", positions),
            people.secretary.post(f"{decided}/outcome", outcome),
            change(people.secretary, calendar["run"], "adjust", {"adjusted_on": "2021-04-15"}),
        ]

    travel(datetime.fromisoformat("2021-04-07T23:59:00+02:00"))
    assert [(answer.status_code, answer.json["code"]) for answer in early()] == [(409, "not_yet")] * 3
    assert "The meeting is on 2021-04-08" in early()[0].json["detail"]
    assert [people.officer.get(item).json["state"] for item in (consulted, decided)] == ["confirmed"] * 2
    travel(datetime.fromisoformat("2021-04-08T00:01:00+02:00"))
    assert [answer.status_code for answer in early()] == [201, 409, 409]
    travel(datetime.fromisoformat("2021-04-15T00:01:00+02:00"))
    assert [answer.status_code for answer in early()] == [409, 201, 200]


def test_minutes_and_notice_are_noted_when_it_has_been_done(
    people: Callers, calendar: dict[str, str], travel: Travel
) -> None:
    assert change(people.secretary, calendar["run"], "summon").status_code == 200
    travel(datetime.fromisoformat("2021-04-20T12:00:00+02:00"))

    def noted(verb: str, field: str, *days: str) -> list[Any]:
        answers = [change(people.secretary, calendar["run"], verb, {field: day}) for day in days]
        return [answer.json["errors"][0]["sentence"] if answer.status_code == 422 else 200 for answer in answers]

    not_come = "This day has not come. Give the day on which it was done."
    assert noted("adjust", "adjusted_on", "2021-04-21", "2021-04-19") == [not_come, 200]
    before = "The notice is posted when the minutes have been adjusted, which was on 2021-04-19."
    assert noted("notice", "notice_posted_on", "2021-04-18", "2021-04-21", "2021-04-20") == [before, not_come, 200]


def test_a_cancelled_meeting_takes_no_more_cases(people: Callers, calendar: dict[str, str], database: Database) -> None:
    assert change(people.secretary, calendar["run"], "cancel", {"reason": "Snöstorm"}).json["state"] == "cancelled"
    assert change(people.secretary, calendar["run"], "cancel", {"reason": "Igen"}).status_code == 409
    body = {"case_id": known_ids(database)["case_id"][0], "role": "decision"}
    assert people.secretary.post(f"{calendar['run']}/agenda", body).status_code == 409


def test_a_case_put_on_an_agenda_by_hand_stands_there_once_and_by_whom_is_known(
    people: Callers, calendar: dict[str, str], database: Database
) -> None:
    known = known_ids(database)
    case, (outside,) = f"/cases/{known['case_id'][0]}", known["case_id"]
    body = {"case_id": outside, "role": "decision"}
    assert people.umea.post(f"{calendar['run']}/agenda", body).status_code == 404
    put_on(people.secretary, calendar["run"], outside, "decision")
    again = people.secretary.post(f"{calendar['run']}/agenda", body)
    assert again.status_code == 409 and "already" in again.json["detail"]
    added = people.officer.get(f"{case}/events?type=agenda_item.added&sort=-at").json["items"][0]
    assert added["actor_id"] == people.secretary.get("/me").json["person_id"]


def test_a_case_that_has_ended_is_put_on_an_agenda_only_to_be_told_of(
    people: Callers, calendar: dict[str, str], database: Database
) -> None:
    case_id = known_ids(database)["case_id"][0]
    assert change(people.registrar, f"/cases/{case_id}", "withdraw", {"reason": "Återtagen"}).status_code == 200
    for role, status in {"decision": 409, "preparation": 409, "information": 201}.items():
        added = people.secretary.post(f"{calendar['run']}/agenda", {"case_id": case_id, "role": role})
        assert added.status_code == status, added.text


def test_an_agenda_is_ordered_until_the_summons_and_what_is_said_of_an_item_goes_with_it(
    people: Callers, calendar: dict[str, str], database: Database
) -> None:
    case_id, run = known_ids(database)["case_id"][0], calendar["run"]
    items = {}
    for role in ("information", "reporting", "decision"):
        added = people.secretary.post(f"{run}/agenda", {"case_id": case_id, "role": role})
        items[role] = added.headers["Location"]
    ids = {role: address.rpartition("/")[2] for role, address in items.items()}

    def order() -> list[tuple[int, str]]:
        return [(each["position"], each["role"]) for each in people.officer.get(f"{run}/agenda").json["items"]]

    def put(role: str, before: str | None, who: Any = people.secretary) -> Any:
        return change(who, items[role], "order", {"before_id": ids[before] if before else None})

    assert put("decision", "information", people.officer).status_code == 403
    moved = put("decision", "information")
    assert (moved.status_code, moved.json["position"]) == (200, 1)
    assert order() == [(1, "decision"), (2, "information"), (3, "reporting")]
    assert put("decision", None).json["position"] == 3
    assert change(people.secretary, items["information"], "withdraw", {"reason": "Utgår"}).status_code == 200
    gone = put("decision", "information")
    assert gone.status_code == 409 and "no longer on the agenda" in gone.json["detail"]
    assert change(people.secretary, run, "summon").status_code == 200
    assert order() == [(1, "reporting"), (2, "decision"), (3, "information")]
    assert "summons" in put("decision", "reporting").json["detail"]
