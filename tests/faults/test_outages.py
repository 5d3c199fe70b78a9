"""The database goes away, or the disk is full: a clear answer, nothing half done, and work goes on when it is back."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from api.app import create_app
from engine.models import Task
from store import migrate
from store.database import Database
from store.settings import Settings
from tests.api.conftest import Caller
from tests.api.register import PEOPLE
from tests.faults.conftest import is_drained, set_up, start
from tests.faults.crew import Api, Member, crew
from tests.support import postgres
from tests.support.eventually import eventually


class Officer:
    """Somebody who completes tasks over HTTP."""

    def __init__(self, api: Api) -> None:
        self._client, self._headers = api.client, {"Authorization": f"Bearer {PEOPLE['officer'].token}"}

    def tasks(self) -> list[tuple[str, str]]:
        """The address of each waiting task, with its tag."""
        items = self._client.get("/api/v1/tasks?limit=200", headers=self._headers).json()["items"]
        found = [f"/api/v1/tasks/{each['id']}" for each in items]
        return [(each, self._client.get(each, headers=self._headers).headers["ETag"]) for each in found]

    def complete(self, address: str, tag: str) -> httpx.Response:
        """Hand in a text."""
        headers = {**self._headers, "If-Match": tag}
        return self._client.post(f"{address}/complete", json={"values": {"text": "Tillstyrks."}}, headers=headers)


def test_postgresql_is_stopped_and_started_again(tmp_path: Path) -> None:
    with postgres.own_server() as server:
        url = postgres.create_database(server.url, "handslag")
        database = Database(url.replace("postgresql:", "postgresql+psycopg:", 1))
        migrate.upgrade(database)
        set_up(database)
        start(database, 3)
        with crew(database, tmp_path) as (api, worker):
            officer = Officer(api)
            first, second, third = officer.tasks()
            assert officer.complete(*first).status_code == 200
            eventually(lambda: is_drained(database), "the worker fired the first timer")
            database.dispose()
            server.stop()
            refused(officer.complete(*second))
            refused(api.client.get("/readyz"))
            assert api.client.get("/livez").status_code == 200
            eventually(lambda: "tick.failed" in worker.log, "the worker noticed")
            server.start()
            goes_on(database, officer, api, worker, [second, third])
        database.dispose()


def test_the_disk_is_full_and_then_has_room_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/handslag.db")
    migrate.upgrade(database)
    set_up(database)
    start(database, 6)
    with crew(database, tmp_path, worker_poll_seconds="1") as (api, worker):
        officer = Officer(api)
        *waiting, last = officer.tasks()
        with no_room_to_write(worker):
            assert officer.complete(*last).status_code == 200
            eventually(lambda: "code=unavailable" in worker.log, "the worker could not fire the timer")
            with no_room_to_write(api):
                assert all(refused(officer.complete(*task)) for task in waiting)
                assert len(officer.tasks()) == len(waiting), "what can still be read is answered"
        goes_on(database, officer, api, worker, waiting)
    database.dispose()


def test_a_database_of_another_release_is_told_apart_from_a_lost_one(database: Database, tmp_path: Path) -> None:
    migrate.downgrade(database, "base")
    officer = Caller(create_app(Settings(data_dir=tmp_path), database).test_client(), PEOPLE["officer"].token)
    for path in ("/readyz", "/tasks", "/cases"):
        answer = officer.get(path)
        assert (answer.status_code, answer.json["code"]) == (503, "database_not_upgraded"), path
        assert "handslag db upgrade" in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) > 10, "an upgrade takes longer than a restart"


def refused(answer: httpx.Response) -> bool:
    """Whether an answer says clearly that the database is away; it is an error when not."""
    assert answer.status_code == 503, answer.text
    problem: dict[str, Any] = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "unavailable" and problem["detail"].endswith(".")
    assert int(answer.headers["Retry-After"]) > 0
    return True


def goes_on(database: Database, officer: Officer, api: Api, worker: Member, undone: list[tuple[str, str]]) -> None:
    """The same requests as before succeed now; the worker, which never ended, does its part."""
    api.await_answer()
    assert sorted(officer.tasks()) == sorted(undone), "something was half done"
    for task in undone:
        assert officer.complete(*task).status_code == 200
    eventually(lambda: is_drained(database), "the worker goes on by itself", 180)
    with database.reading() as db:
        assert set(db.scalars(select(Task.state))) == {"completed"}
    assert "Traceback" not in worker.log
    assert worker.stop() == 0


@contextmanager
def no_room_to_write(member: Member) -> Iterator[None]:
    """Let no file of a process grow over what its log needs: what a full disk looks like from inside (setrlimit(2))."""
    process, hard = member.process.pid, resource.RLIM_INFINITY
    assert process is not None
    resource.prlimit(process, resource.RLIMIT_FSIZE, (16 * 1024, hard))
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, (hard, hard))
