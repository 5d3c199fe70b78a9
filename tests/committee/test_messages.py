"""Messages that come before anybody waits for them are kept, but not for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from engine.models import Message
from store.database import Database
from store.events import Event
from store.settings import Settings
from tests.api.conftest import Callers, app, people
from tests.api.test_cases import deploy
from tests.support.diagrams import OPENING, bpmn
from worker.tick import expire_messages

__all__ = ["app", "people"]

Travel = Callable[[datetime | timedelta], None]
SETTINGS = Settings(message_days=30, message_days_by_name={"News": 2})
WAITS = bpmn(
    OPENING
    + """<userTask id="write" name="Skriv"><extensionElements>
      <handslag:performer role="officer" body="stab"/></extensionElements></userTask>
    <intermediateCatchEvent id="wait"><extensionElements><handslag:correlation name="case_id" value="=case_id"/>
      </extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent><endEvent id="end"/>""",
    "start > write > wait > end",
    process="patient",
    declared='<message id="m" name="Letter"/>',
)


def test_a_message_that_is_early_arrives_when_it_is_waited_for(
    people: Callers, database: Database, travel: Travel
) -> None:
    case = _open(people)
    _publish(people, "Letter", case_id=case)
    travel(timedelta(days=29))
    expire_messages(database, SETTINGS)
    assert _states(database) == {"Letter": "waiting"}
    task = people.officer.get("/tasks").json["items"][0]["id"]
    tag = people.officer.get(f"/tasks/{task}").headers["ETag"]
    assert people.officer.post(f"/tasks/{task}/complete", {"values": {}}, headers={"If-Match": tag}).status_code == 200
    assert _states(database) == {"Letter": "delivered"}


def test_a_message_that_nobody_waits_for_is_dropped_after_its_time_and_seen_in_the_log(
    people: Callers, database: Database, travel: Travel
) -> None:
    case = _open(people)
    _publish(people, "Letter", case_id=case)
    _publish(people, "News", case_id=case)
    travel(timedelta(days=2))
    expire_messages(database, SETTINGS)
    assert _states(database) == {"Letter": "waiting", "News": "expired"}
    travel(timedelta(days=28))
    expire_messages(database, SETTINGS)
    expire_messages(database, SETTINGS)
    assert _states(database) == {"Letter": "expired", "News": "expired"}
    with database.reading() as db:
        logged = db.scalars(select(Event).where(Event.type == "message.expired").order_by(Event.seq)).all()
    assert [event.data["name"] for event in logged] == ["News", "Letter"]


def _open(people: Callers) -> str:
    deployed = deploy(people, patient__bpmn=WAITS)
    assert deployed.status_code == 201, deployed.text
    made = people.registrar.post("/cases", {"case_type": "patient", "title": "Brev"})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def _publish(people: Callers, name: str, **correlation: str) -> None:
    answer = people.operator.post("/messages", {"name": name, "correlation": correlation})
    assert answer.status_code == 201, answer.text


def _states(database: Database) -> dict[str, str]:
    with database.reading() as db:
        return {message.name: message.state for message in db.scalars(select(Message))}
