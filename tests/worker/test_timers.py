"""A timer that cannot be fired is tried again, waits for an operator at last, and never stops those behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from committee import operating
from committee.organisations import Body, Person
from engine.models import Timer
from engine.timers import MAX_ATTEMPTS
from store import clock
from store.database import Database
from store.events import Event, Outbox
from tests.api.conftest import Callers
from tests.api.test_cases import deploy, open_case
from tests.worker.conftest import after, notify, reminded
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]

FOR_A_BODY_TO_COME = """<userTask id="write" name="Skriv"><extensionElements>
  <handslag:performer role="officer" body='="delegation" + "en"'/></extensionElements></userTask>"""
NO_WAY_ON = '<exclusiveGateway id="which"/><userTask id="a" name="a"/><userTask id="b" name="b"/>'


def put_in_use(people: Callers, diagram: bytes) -> None:
    answer = deploy(people, p__bpmn=diagram)
    assert answer.status_code == 201, answer.text


def test_a_timer_that_meets_a_refusal_is_tried_later_and_later_until_an_operator_is_asked(
    people: Callers, database: Database, travel: Travel
) -> None:
    put_in_use(people, after("P1D", FOR_A_BODY_TO_COME, "write"))
    assert open_case(people).status_code == 201
    travel(timedelta(days=1))
    waits = []
    for _ in range(MAX_ATTEMPTS):
        assert people.operator.get("/incidents").json["items"] == []
        assert fire_timers(database) == 0
        with database.reading() as db:
            timer = db.scalars(select(Timer)).one()
        assert timer.retry_at is not None
        waits.append((timer.retry_at - clock.now()).total_seconds())
        attempts = timer.attempts
        assert fire_timers(database) == 0
        with database.reading() as db:
            assert db.scalars(select(Timer.attempts)).one() == attempts, "it was tried again at once"
            is_told_of = db.scalar(operating.counted(operating.questions()["timers_due"])) == 1
            assert is_told_of or attempts == MAX_ATTEMPTS, "it is late from its first failure, until it is an incident"
        travel(timer.retry_at)
    assert waits == [30 * 2**n for n in range(MAX_ATTEMPTS)]
    (incident,) = people.operator.get("/incidents").json["items"]
    assert incident["action"] == "fire_timer" and "delegationen" in incident["sentence"]
    assert incident["element_id"] == "wait" and incident["attempts"] == MAX_ATTEMPTS, (
        "where it stopped, and how often it did"
    )
    assert people.operator.post(f"/incidents/{incident['id']}/retry").status_code == 409, "nothing was mended yet"
    with database.transaction() as db:
        db.execute(update(Body).where(Body.key == "samrad").values(key="delegationen"))
    done = people.operator.post(f"/incidents/{incident['id']}/retry")
    assert done.status_code == 200 and done.json["state"] == "resolved", done.text
    with database.reading() as db:
        assert db.scalars(select(Event.type).where(Event.type == "timer.fired")).all() == ["timer.fired"]


def test_a_fault_of_the_diagram_is_an_incident_at_once(people: Callers, database: Database, travel: Travel) -> None:
    ways = "which; which > a : 1 = 2; which > b : 1 = 3; a > end; b"
    put_in_use(people, after("P1D", NO_WAY_ON, ways))
    open_case(people)
    travel(timedelta(days=1))
    assert fire_timers(database) == 0
    (incident,) = people.operator.get("/incidents").json["items"]
    travel(timedelta(days=1))
    assert fire_timers(database) == 0
    assert len(people.operator.get("/incidents").json["items"]) == 1, "it went on trying"
    assert people.operator.post(f"/incidents/{incident['id']}/retry").status_code == 409


@pytest.mark.parametrize("bad, good", [(5, 3)])
def test_those_that_fail_stop_none_behind_them(
    people: Callers, database: Database, travel: Travel, bad: int, good: int
) -> None:
    put_in_use(people, after("P1D", FOR_A_BODY_TO_COME, "write"))
    for _ in range(bad):
        open_case(people)
    put_in_use(people, after("P2D", '<userTask id="write" name="Skriv"/>', "write"))
    for _ in range(good):
        open_case(people)
    travel(timedelta(days=2))
    assert fire_timers(database) == good


def test_a_worker_that_was_off_for_a_week_sends_one_reminder_not_seven(
    people: Callers, database: Database, travel: Travel
) -> None:
    with database.transaction() as db:
        db.execute(update(Person).where(Person.key == "officer").values(email="hanna@region.example"))
    put_in_use(people, reminded("R/P1D"))
    open_case(people)
    travel(timedelta(days=1))
    assert fire_timers(database) == 1
    travel(timedelta(days=7, hours=1))
    assert fire_timers(database) == 1
    with database.reading() as db:
        assert len(db.scalars(select(Outbox.id)).all()) == 2
        next_time = db.scalars(select(Timer.due_at)).one()
    assert next_time == clock.now() + timedelta(hours=23), "the next reminder keeps the time of day"


def test_a_single_wait_that_ended_long_ago_fires_once(people: Callers, database: Database, travel: Travel) -> None:
    put_in_use(people, after("P1D", notify("tell"), "tell"))
    open_case(people)
    travel(timedelta(days=8))
    assert (fire_timers(database), fire_timers(database)) == (1, 0)
