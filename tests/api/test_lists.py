"""Lists as managers and officers use them: walked to their end, narrowed by what everybody knows by name, sorted."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select

from committee.cases import Case
from committee.deadlines import set_deadline
from committee.organisations import Body, Membership, Organization, Person
from engine.models import Task
from store import clock
from store.database import Database
from tests.api.conftest import Caller, Callers
from tests.api.register import known_ids, open_task
from tests.api.test_cases import deploy, open_case
from tests.api.test_instances import STRAIGHT, Running
from tests.support.statements import executed, plan

Travel = Callable[[datetime | timedelta], None]
TODAY = date(2021, 2, 15)


def case(database: Database, title: str, officer: str | None = None) -> UUID:
    """A case with an officer."""
    with database.transaction() as db:
        tenant = db.scalars(select(Organization.id).where(Organization.kind == "region")).one()
        person = db.scalar(select(Person.id).where(Person.key == officer))
        made = Case(organization_id=tenant, title=title, case_type="p", status="in_work", received_at=clock.now(),
                    case_officer_id=person, reply_by=date(2021, 4, 30))  # fmt: skip
        db.add(made)
        db.flush()
        return made.id


def late(database: Database, case_id: UUID, body: str, *days: int) -> None:
    """Tasks of a body that were due so many days ago."""
    for number in days:
        task = open_task(database, body, "officer", due_on=TODAY - timedelta(days=number))
        with database.transaction() as db:
            db.get_one(Task, task).case_id = case_id


def also(database: Database, person: str, body: str) -> None:
    """Somebody is an officer of one more body."""
    with database.transaction() as db:
        who = db.scalars(select(Person).where(Person.key == person)).one()
        where = db.scalars(select(Body).where(Body.key == body)).one()
        db.add(Membership(organization_id=who.organization_id, person_id=who.id, body_id=where.id, role="officer"))


def promise(database: Database, case_id: UUID, kind: str, days_ago: int) -> None:
    """A deadline that was due so many days ago."""
    with database.transaction() as db:
        tenant = db.get_one(Case, case_id).organization_id
        set_deadline(db, tenant, case_id, kind, TODAY - timedelta(days=days_ago))


@pytest.fixture
def lateness(travel: Travel, people: Callers, database: Database) -> dict[str, UUID]:
    """Two cases, of which nine things are late, several on one day, and one is at risk."""
    cases = {"forest": case(database, "Stärkt äganderätt", "officer"), "school": case(database, "Folkhögskolor 100%")}
    late(database, cases["forest"], "stab", 3, 3, 10)
    late(database, cases["forest"], "run_au", 3)
    late(database, cases["school"], "stab", 3, 20, -1)
    promise(database, cases["forest"], "draft", 3)
    promise(database, cases["forest"], "reply_by", 10)
    promise(database, cases["school"], "draft", 3)
    return cases


def walk(who: Caller, address: str) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    seen: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        page = who.get(following)
        assert page.status_code == 200, page.text
        seen += page.json["items"]
        following = page.json["next"]
    return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
@pytest.mark.parametrize("sign", ["", "-"])
def test_what_is_late_is_walked_without_loss_or_repetition(
    people: Callers, lateness: dict[str, UUID], limit: int, sign: str
) -> None:
    seen = walk(people.manager, f"/overdue?limit={limit}&sort={sign}due_on")
    assert len({each["id"] for each in seen}) == len(seen) == 9
    days = [each["due_on"] for each in seen]
    assert days == sorted(days, reverse=bool(sign))
    assert {each["kind"] for each in seen} == {"task", "deadline"}
    for each in seen:
        assert people.manager.get(f"/{each['kind']}s/{each['id']}").status_code == 200
        assert each["days_late"] == (TODAY - date.fromisoformat(each["due_on"])).days


@pytest.mark.parametrize(
    "query, expected",
    [
        ("kind=task", 6), ("kind=deadline", 3), ("body=stab", 5), ("body=run_au", 1), ("body=nothing", 0),
        ("step=draft", 2), ("step=e", 6), ("text=äganderätt", 6), ("text=%25", 3), ("text=_", 0),
        ("due_from=2021-02-12", 6), ("due_before=2021-02-12", 3), ("due_from=2021-02-05&due_before=2021-02-06", 2),
        ("kind=deadline&body=stab", 0), ("text=äganderätt&kind=task&body=stab", 3),
    ],
)  # fmt: skip
def test_what_is_late_is_narrowed(people: Callers, lateness: dict[str, UUID], query: str, expected: int) -> None:
    assert len(walk(people.manager, f"/overdue?limit=2&{query}")) == expected


def test_what_is_late_is_narrowed_to_a_case_and_its_officer(people: Callers, lateness: dict[str, UUID]) -> None:
    officer = people.officer.get("/me").json["person_id"]
    of_officer = walk(people.manager, f"/overdue?case_officer_id={officer}")
    of_case = walk(people.manager, f"/overdue?case_id={lateness['forest']}")
    assert of_officer == of_case and len(of_case) == 6
    assert {each["case_officer_id"] for each in of_case} == {officer}


def test_a_plan_that_does_not_hold_is_at_risk_beside_what_is_near(
    people: Callers, lateness: dict[str, UUID], database: Database
) -> None:
    with database.transaction() as db:
        planned = db.get_one(Case, lateness["forest"])
        planned.slack_days, planned.planned_decision_on = -4, date(2021, 5, 20)
    for sign in ("", "-"):
        found = [
            (each["kind"], each["days_late"]) for each in walk(people.manager, f"/at-risk?limit=1&sort={sign}due_on")
        ]
        assert found == ([("task", -1), ("plan", 10)] if sign else [("plan", 10), ("task", -1)])
    (plan,) = walk(people.manager, "/at-risk?kind=plan&text=äganderätt")
    assert (plan["what"], plan["id"]) == ("Beslut kan fattas 2021-05-20", str(lateness["forest"]))
    assert walk(people.manager, "/at-risk?kind=plan&body=stab") == []


def test_tasks_are_counted_by_body_and_step(people: Callers, lateness: dict[str, UUID]) -> None:
    counted = {each["body"]: each for each in people.manager.get("/counts").json["items"]}
    assert (counted["stab"]["open"], counted["stab"]["overdue"], counted["stab"]["at_risk"]) == (6, 5, 1)
    (one,) = people.manager.get("/counts?body=run_au&element_id=e").json["items"]
    assert one == counted["run_au"]
    officer = people.officer.get("/me").json["person_id"]
    of_officer = people.manager.get(f"/counts?case_officer_id={officer}").json["items"]
    assert {each["body"]: each["open"] for each in of_officer} == {"stab": 3, "run_au": 1}


@pytest.mark.parametrize(
    "place", [["due_on", None, "01900000-0000-7000-8000-000000000000"], ["-due_on", "2021-02-12", "x"], 7]
)
def test_a_place_that_no_list_gave_is_refused(people: Callers, lateness: dict[str, UUID], place: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")
    answer = people.manager.get(f"/overdue?cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("limit", [1, 3, 200])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("whose", ["bodies", "mine"])
def test_tasks_of_several_bodies_are_one_list(
    people: Callers, lateness: dict[str, UUID], database: Database, whose: str, sign: str, limit: int
) -> None:
    open_task(database, "stab", "officer")  # without a day: it comes last
    also(database, "officer", "run_au")
    everything = {each["id"] for each in walk(people.manager, "/tasks?whose=all")}
    for task in everything if whose == "mine" else ():
        assert people.officer.post(f"/tasks/{task}/claim").status_code == 200
    seen = walk(people.officer, f"/tasks?whose={whose}&limit={limit}&sort={sign}due_on")
    days = [each["due_on"] for each in seen]
    assert {each["id"] for each in seen} == everything
    assert len(seen) == len(everything) == 8
    assert days[-1] is None and days[:-1] == sorted(days[:-1], reverse=bool(sign))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "query, index",
    [
        ("whose=mine", "ix_task_assignee_open"),
        ("whose=bodies", "ix_task_body_open"),
        ("whose=all", "ix_task_due_open"),
        ("whose=all&assignee_id={officer}", "ix_task_assignee_open"),
        ("whose=bodies&assignee_id={officer}", "ix_task_assignee_open"),
        ("whose=all&overdue=true", "ix_task_due_open"),
    ],
)
def test_tasks_are_listed_in_the_order_of_an_index(
    people: Callers, lateness: dict[str, UUID], database: Database, query: str, index: str
) -> None:
    """So a page takes as long among many tasks as among few; SQLite says how it will go about it, without statistics."""
    officer = people.officer.get("/me").json["person_id"]
    who = people.officer if "all" not in query else people.manager
    with executed(database) as statements:
        assert who.get(f"/tasks?{query.format(officer=officer)}").status_code == 200
    way = plan(database, next(each for each in statements if "FROM task" in each[0]))
    assert f"SEARCH task USING INDEX {index} (" in way
    assert "SCAN task" not in way and "ORDER BY" not in way


NARROWED = {
    "/tasks?whose=all&text=äganderätt": 4, "/tasks?whose=all&body=run_au": 1, "/tasks?whose=all&element_id=e": 7,
    "/tasks?whose=all&element_id=other": 0, "/tasks?whose=all&due_from=2021-02-12": 5, "/tasks?whose=all&case_officer_id={officer}": 4,
    "/tasks?whose=all&assignee_id={officer}": 0, "/tasks?whose=all&process_key=p": 7, "/tasks?whose=all&overdue=true": 6,
    "/cases?body=run_au": 1, "/cases?element_id=e": 2, "/cases?case_officer_id={officer}": 1, "/cases?text=100%25": 1,
    "/cases?reply_by_from=2021-04-30": 2, "/cases?reply_by_before=2021-04-30": 0, "/cases?status=in_work&sort=-title": 2,
    "/deadlines?kind=draft": 2, "/deadlines?due_from=2021-02-06": 2, "/deadlines?due_before=2021-02-06": 1,
    "/deadlines?case_officer_id={officer}": 2, "/deadlines?text=folk": 1, "/deadlines?kind=draft&state=met": 0,
    "/cases/{case}/events?type=case.opened": 0,
}  # fmt: skip


def test_every_list_is_narrowed_by_the_same_names(people: Callers, lateness: dict[str, UUID]) -> None:
    officer = people.officer.get("/me").json["person_id"]
    for address, expected in NARROWED.items():
        found = walk(people.manager, address.format(officer=officer, case=lateness["forest"]))
        assert len(found) == expected, address


def test_what_belongs_to_meetings_and_consultations_is_narrowed_too(
    travel: Travel, people: Callers, database: Database
) -> None:
    known = {name: ids[0] for name, ids in known_ids(database).items()}
    for address, expected in {
        "/consultees?organization=umea": 1, "/consultees?organization=mala": 0, "/consultees?text=ägande": 1,
        "/consultees?reply_by_from=2021-03-15": 1, "/consultees?reply_by_before=2021-03-15": 0,
        "/meetings?body=run": 1, "/meetings?body=run_au": 0, "/meetings?starts_from=2021-04-17T00:00:00Z": 0,
        f"/meetings/{known['meeting_id']}/agenda?role=decision": 1, f"/meetings/{known['meeting_id']}/agenda?text=xyz": 0,
        "/decisions?body=run&kind=adopted&decided_from=2021-01-01&decided_before=2022-01-01&text=x": 0,
        f"/documents?case_id={known['case_id']}": 1, "/documents?kind=incoming": 0,
    }.items():  # fmt: skip
        assert len(walk(people.officer, address)) == expected, address


def test_what_is_late_in_a_suspended_case_says_that_it_is_suspended(people: Callers, travel: Travel) -> None:
    performer = b'<handslag:performer role="officer" body="stab"/>'
    dated = STRAIGHT.replace(performer, performer + b'<handslag:due date="=deadline(&quot;reply_by&quot;)"/>', 1)
    assert deploy(people, p__bpmn=dated).status_code == 201
    running = Running(people.operator, open_case(people, reply_by="2021-03-01").json["id"])

    def told() -> set[tuple[str, bool]]:
        return {
            (each["kind"], each["suspended"])
            for question in ("overdue", "at-risk")
            for each in people.manager.get(f"/{question}?case_id={running.case}").json["items"]
        }

    travel(timedelta(days=20))
    assert told() == {("task", False), ("deadline", False)}
    running.do("suspend", reason="Avsändaren ändrar sig")
    assert told() == {("task", True), ("deadline", True)}
    running.do("resume", reason="Klart")
    assert told() == {("task", False), ("deadline", False)}


@pytest.mark.parametrize("address", ["/terms?kind=body", "/operations?limit=3", "/counts?colour=red"])
def test_a_parameter_that_a_list_does_not_have_is_refused(people: Callers, address: str) -> None:
    refused = people.manager.get(address)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == address.partition("?")[2].partition("=")[0]
