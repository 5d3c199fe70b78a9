"""API and worker are killed with SIGKILL at random through hundreds of steps; nothing is lost, doubled or stuck.

`HANDSLAG_FAULTS_STEPS` and `HANDSLAG_FAULTS_SEED` make a longer or another run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
from sqlalchemy import func, select

from committee.cases import Case
from engine.models import Incident, Instance, Task
from store.database import Database
from store.events import Event
from tests.api.register import PEOPLE
from tests.faults.conftest import is_drained, start
from tests.faults.crew import Api, Member, crew
from tests.support.eventually import eventually

STEPS = int(os.environ.get("HANDSLAG_FAULTS_STEPS", "500"))
SEED = int(os.environ.get("HANDSLAG_FAULTS_SEED", "20"))
OPENED = STEPS // 5
"""Cases that are opened over HTTP; the others' tasks are there from the beginning."""
KILLS = 10
"""Deaths of the API, and as many of the worker."""
CLIENTS = 4


@dataclass
class Clients:
    """People who work on while processes die under them, and what they were answered."""

    api: Api
    worker: Member
    fatal: dict[int, str]
    unheard: set[int]
    """Numbers of the requests whose answers the network loses."""
    requests: Any = field(default_factory=lambda: count(1))
    lock: Any = field(default_factory=Lock)
    lost: int = 0
    completed: dict[str, str] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, method: str, path: str, **options: Any) -> tuple[httpx.Response, bool]:
        """An answer, and whether an earlier one to the same request was lost on the way."""
        headers = {"Authorization": f"Bearer {PEOPLE[who].token}", **options.pop("headers", {})}
        was_lost = False
        while True:
            number = self._perhaps_kill()
            try:
                answer = self.api.client.request(method, f"/api/v1{path}", headers=headers, **options)
            except httpx.TransportError:
                was_lost = True
                with self.lock:
                    self.lost += 1
                self.api.await_answer()
                continue
            if number in self.unheard:
                was_lost = True
                continue
            if answer.json().get("code") != "idempotency_in_flight":
                return answer, was_lost

    def _perhaps_kill(self) -> int:
        with self.lock:
            number = next(self.requests)
            victim = self.fatal.pop(number, None)
            if victim is not None:
                member = self.api if victim == "api" else self.worker
                member.kill()
                member.start()
        return number

    def complete(self, task: str) -> None:
        """Hand in a text of one's own, once."""
        read, _ = self.ask("officer", "GET", f"/tasks/{task}")
        text = f"Svar {task}"
        answer, was_lost = self.ask(
            "officer",
            "POST",
            f"/tasks/{task}/complete",
            json={"values": {"text": text}},
            headers={"If-Match": read.headers["ETag"]},
        )
        assert answer.status_code == 200 or (was_lost and answer.status_code in (409, 412)), answer.text
        self.completed[task] = text

    def open(self, number: int) -> None:
        """Open a case, once, and complete its task."""
        body = {"case_type": "small_referral", "title": f"Ärende {number}"}
        answer, _ = self.ask("registrar", "POST", "/cases", json=body, headers={"Idempotency-Key": f"case-{number}"})
        assert answer.status_code == 201, answer.text
        case = answer.json()["id"]
        self.opened[case] = body["title"]
        tasks, _ = self.ask("officer", "GET", f"/tasks?case_id={case}")
        (task,) = tasks.json()["items"]
        self.complete(task["id"])


def test_nothing_is_lost_doubled_or_stuck_when_processes_are_killed(office: Database, tmp_path: Path) -> None:
    start(office, STEPS - OPENED)
    with office.reading() as db:
        waiting = [str(each) for each in db.scalars(select(Task.id).order_by(Task.id))]
    chance = random.Random(SEED)
    points = chance.sample(range(20, 2 * STEPS), 2 * KILLS)
    with crew(office, tmp_path) as (api, worker):
        fatal = {point: ("api", "worker")[turn % 2] for turn, point in enumerate(points)}
        clients = Clients(api, worker, fatal, set(chance.sample(range(2 * STEPS), STEPS // 5)))
        work: list[Callable[[], None]] = [lambda task=task: clients.complete(task) for task in waiting]  # type: ignore[misc]
        work += [lambda number=number: clients.open(number) for number in range(OPENED)]  # type: ignore[misc]
        chance.shuffle(work)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda each: each(), work))
        assert (api.deaths, worker.deaths) == (KILLS, KILLS)
        assert clients.lost, "no request was under way when the API was killed"
        api.kill()
        eventually(lambda: is_drained(office), "the worker goes on alone", 180)
        assert worker.stop() == 0
        assert "Traceback" not in worker.log and "failed" not in worker.log
    look(office, clients)


def look(office: Database, clients: Clients) -> None:
    """What must hold afterwards."""
    with office.reading() as db:
        tasks = {str(task.id): task for task in db.scalars(select(Task))}
        cases = {str(case.id): case.title for case in db.scalars(select(Case))}
        statuses = db.scalars(select(Instance.status)).all()
        told = db.execute(select(Event.type, Event.subject_id)).all()
        assert db.scalar(select(func.count()).select_from(Incident)) == 0
    assert len(tasks) == len(clients.completed) == STEPS
    assert {key: task.result["text"] for key, task in tasks.items() if task.result} == clients.completed
    assert cases == clients.opened
    assert statuses == ["completed"] * STEPS, "an instance is stuck"
    for kind in ("task.opened", "task.completed", "timer.fired", "instance.completed"):
        times = Counter(subject for type_, subject in told if type_ == kind)
        assert len(times) == STEPS and set(times.values()) == {1}, kind
