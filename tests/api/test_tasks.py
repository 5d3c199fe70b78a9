"""Tasks over HTTP: who sees them, who may take them, and what happens when two want the same."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from committee.organisations import Body, Membership
from store import clock
from store.database import Database
from tests.api.conftest import Callers
from tests.api.register import open_task


@pytest.fixture
def task(people: Callers, database: Database) -> UUID:
    """A task for the officers of the administration."""
    return open_task(database, "stab", "officer", due_on=date(2021, 4, 1))


def test_a_task_is_seen_by_those_who_may_do_it_and_by_overseers_only(people: Callers, task: UUID) -> None:
    for name, expected in {"officer": 200, "manager": 200, "chair": 404, "umea": 404, "stranger": 401}.items():
        assert getattr(people, name).get(f"/tasks/{task}").status_code == expected, name
        if expected != 401:
            listed = [each["id"] for each in getattr(people, name).get("/tasks?whose=all").json["items"]]
            assert (str(task) in listed) == (expected == 200), name


def test_an_officer_claims_a_task_and_gives_it_back(people: Callers, task: UUID) -> None:
    claimed = people.officer.post(f"/tasks/{task}/claim")
    assert claimed.status_code == 200
    assert claimed.json["assignee_id"] == people.officer.get("/me").json["person_id"]
    assert [each["id"] for each in people.officer.get("/tasks?whose=mine").json["items"]] == [str(task)]
    assert people.officer.post(f"/tasks/{task}/release").json["assignee_id"] is None


def test_an_overseer_sees_a_task_but_may_not_take_it(people: Callers, task: UUID) -> None:
    answer = people.manager.post(f"/tasks/{task}/claim")
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden"


def test_a_change_needs_the_version_that_was_read(people: Callers, task: UUID) -> None:
    body = {"values": {"text": "Ett utkast 📝"}}
    assert people.officer.put(f"/tasks/{task}/draft", body).status_code == 428
    read = people.officer.get(f"/tasks/{task}")
    first = people.officer.put(f"/tasks/{task}/draft", body, headers={"If-Match": read.headers["ETag"]})
    assert first.status_code == 200
    assert first.json["draft"] == body["values"]
    second = people.officer.put(f"/tasks/{task}/draft", body, headers={"If-Match": read.headers["ETag"]})
    assert second.status_code == 412
    assert second.json["code"] == "stale"
    fresh = people.officer.get(f"/tasks/{task}").headers["ETag"]
    assert fresh == first.headers["ETag"] != read.headers["ETag"]


@pytest.mark.parametrize("tag", ["*", '"x"', "W/", '"00000000000070008000000000000000.1"'])
def test_a_tag_of_something_else_changes_nothing(people: Callers, task: UUID, tag: str) -> None:
    answer = people.officer.put(f"/tasks/{task}/draft", {"values": {}}, headers={"If-Match": tag})
    assert answer.status_code == (428 if tag == "*" else 412)


def test_who_has_read_a_task_is_told_that_it_is_unchanged(people: Callers, task: UUID) -> None:
    tag = people.officer.get(f"/tasks/{task}").headers["ETag"]
    answer = people.officer.get(f"/tasks/{task}", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.data == b""
    people.officer.post(f"/tasks/{task}/claim")
    assert people.officer.get(f"/tasks/{task}", headers={"If-None-Match": tag}).status_code == 200


def test_a_task_is_handed_only_to_somebody_with_the_role(people: Callers, task: UUID) -> None:
    people.officer.post(f"/tasks/{task}/claim")
    tag = people.officer.get(f"/tasks/{task}").headers["ETag"]
    chair = people.chair.get("/me").json["person_id"]
    answer = people.officer.post(f"/tasks/{task}/assign", {"assignee_id": chair}, headers={"If-Match": tag})
    assert answer.status_code == 409
    nobody = {"assignee_id": str(task)}
    assert people.officer.post(f"/tasks/{task}/assign", nobody, headers={"If-Match": tag}).status_code == 404


def test_a_list_is_walked_page_by_page_without_loss_or_repetition(people: Callers, database: Database) -> None:
    days = [date(2021, 4, 1), None, date(2021, 3, 1), date(2021, 4, 1), None, date(2021, 5, 1), date(2021, 4, 1)]
    expected = {str(open_task(database, "stab", "officer", due_on=day)) for day in days}
    for sort in ("due_on", "-due_on", "created_at", "-created_at"):
        address, seen, dates = f"/tasks?limit=2&sort={sort}", [], []
        while address:
            page = people.officer.get(address).json
            seen += [each["id"] for each in page["items"]]
            dates += [each["due_on"] for each in page["items"]]
            address = page["next"]
        assert len(seen) == len(expected) and set(seen) == expected, sort
        if sort.endswith("due_on"):
            known = [day for day in dates if day]
            assert known == sorted(known, reverse=sort.startswith("-"))
            assert dates[len(known) :] == [None, None], "those without a day come last"


def test_the_next_page_stands_in_the_link_header_too(people: Callers, database: Database) -> None:
    for _ in range(3):
        open_task(database, "stab", "officer")
    page = people.officer.get("/tasks?limit=2")
    assert page.headers["Link"] == f'<{page.json["next"]}>; rel="next"'


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "sort=title",
        "cursor=nonsense",
        "state=done",
        "mine=true",
        "case_id=1",
        "overdue=maybe",
        "due_before=2021-02-29",
        "body=%00",
    ],
)
def test_a_question_that_is_not_understood_is_refused(people: Callers, query: str) -> None:
    answer = people.officer.get(f"/tasks?{query}")
    assert answer.status_code == 422
    assert answer.json["detail"].endswith(".")


def test_a_cursor_of_one_order_is_refused_in_another(people: Callers, database: Database) -> None:
    for _ in range(2):
        open_task(database, "stab", "officer")
    following = people.officer.get("/tasks?limit=1&sort=due_on").json["next"]
    answer = people.officer.get(following.replace("sort=due_on", "sort=created_at"))
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_cursor"


def test_what_was_claimed_in_a_role_that_has_ended_is_no_longer_ones_own(
    people: Callers, task: UUID, database: Database
) -> None:
    tag = people.officer.post(f"/tasks/{task}/claim").headers["ETag"]
    with database.transaction() as db:
        held = select(Membership).join(Body, Body.id == Membership.body_id).where(Membership.role == "officer")
        db.scalars(held.where(Body.key == "stab")).one().end_date = clock.today() - timedelta(days=1)
    assert people.officer.get("/me").json["roles"] == []
    for whose in ("mine", "bodies", "all"):
        assert people.officer.get(f"/tasks?whose={whose}").json["items"] == []
    body = {"values": {}}
    answers = [
        people.officer.get(f"/tasks/{task}"),
        people.officer.put(f"/tasks/{task}/draft", body, headers={"If-Match": tag}),
        people.officer.post(f"/tasks/{task}/complete", body, headers={"If-Match": tag}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert people.operator.post(f"/tasks/{task}/release").status_code == 200
