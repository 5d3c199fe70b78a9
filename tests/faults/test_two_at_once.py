"""Two officers hand in the same task at the same instant, to a real server: one is first, the other is told so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx
from sqlalchemy import select

from committee.access import store_token
from committee.organisations import Body, Membership, Person
from engine.models import Task
from store.database import Database
from tests.api.register import PEOPLE
from tests.faults.conftest import start
from tests.faults.crew import crew

TASKS = 10


def test_of_two_officers_who_complete_a_task_at_once_one_wins(office: Database, tmp_path: Path) -> None:
    tokens = {"Hanna": PEOPLE["officer"].token, "Gun": "hs_test_second_officer"}
    second = _second_officer(office, tokens["Gun"])
    start(office, TASKS)
    together = Barrier(2)
    with crew(office, tmp_path) as (api, _), ThreadPoolExecutor(2) as pool:

        def complete(name: str) -> list[httpx.Response]:
            headers = {"Authorization": f"Bearer {tokens[name]}"}
            answers = []
            for task in tasks:
                tag = api.client.get(task, headers=headers).headers["ETag"]
                together.wait(30)
                answers.append(
                    api.client.post(
                        f"{task}/complete", json={"values": {"text": name}}, headers={**headers, "If-Match": tag}
                    )
                )
            return answers

        with office.reading() as db:
            tasks = [f"/api/v1/tasks/{key}" for key in db.scalars(select(Task.id))]
        pairs = list(zip(*pool.map(complete, tokens), strict=True))
    with office.reading() as db:
        done = {str(task.id): task for task in db.scalars(select(Task))}
    for pair in pairs:
        (name, won), (_, lost) = sorted(zip(tokens, pair, strict=True), key=lambda each: each[1].status_code)
        assert won.status_code == 200, won.text
        assert lost.status_code in (409, 412), lost.text
        assert lost.json()["code"] in ("task_not_open", "stale") and lost.json()["detail"].endswith(".")
        task = done[won.json()["id"]]
        assert task.result is not None and task.result["text"] == name
        assert (task.completed_by == second) == (name == "Gun")


def _second_officer(office: Database, token: str) -> object:
    with office.transaction() as db:
        body = db.scalars(select(Body).where(Body.key == "stab")).one()
        person = Person(organization_id=body.organization_id, key="gun", name="Gun", kind="official")
        db.add(person)
        db.flush()
        db.add(Membership(organization_id=body.organization_id, person_id=person.id, body_id=body.id, role="officer"))
        store_token(db, person, "test", token)
        return person.id
