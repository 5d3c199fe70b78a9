"""A published message or a signal starts the processes in use whose start events wait for it."""

from __future__ import annotations

from sqlalchemy import select

from engine.models import Instance, Message, Task
from store.database import Database
from tests.api.conftest import Callers, app, people
from tests.api.test_cases import deploy
from tests.support.diagrams import bpmn, task

__all__ = ["app", "people"]

LETTER = '<message id="m" name="Letter"/><signal id="s" name="Storm"/>'
CAUGHT = '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent><endEvent id="end"/>'
HEARD = '<startEvent id="start"><signalEventDefinition signalRef="s"/></startEvent><endEvent id="end"/>'
THROWS = CAUGHT + '<intermediateThrowEvent id="cry"><signalEventDefinition signalRef="s"/></intermediateThrowEvent>'


def test_a_message_starts_the_newest_version_of_the_process_that_waits_for_it(
    people: Callers, database: Database
) -> None:
    for name in ("first", "second"):
        _deploy(
            people,
            "answering",
            bpmn(CAUGHT + task(name), f"start > {name} > end", process="answering", declared=LETTER),
        )
    _publish(people, "Letter")
    with database.reading() as db:
        started = db.scalars(select(Instance)).one()
        message = db.scalars(select(Message)).one()
        assert (started.process_key, message.state, message.delivered_to) == ("answering", "delivered", started.id)
        assert db.scalars(select(Task.element_id)).all() == ["second"]


def test_a_signal_starts_every_process_that_waits_for_it(people: Callers, database: Database) -> None:
    _deploy(people, "crier", bpmn(THROWS, "start > cry > end", process="crier", declared=LETTER))
    for key in ("one", "two"):
        _deploy(people, key, bpmn(HEARD + task(f"in_{key}"), f"start > in_{key} > end", process=key, declared=LETTER))
    _publish(people, "Letter")
    with database.reading() as db:
        assert sorted(db.scalars(select(Instance.process_key))) == ["crier", "one", "two"]


def test_a_message_does_not_start_the_process_of_a_case_without_its_case(people: Callers, database: Database) -> None:
    form = '<extensionElements><handslag:form ref="opening"/></extensionElements>'
    body = CAUGHT + f'<startEvent id="opened">{form}</startEvent>' + task("t")
    data = bpmn(body, "start > t; opened > t > end", process="matter", declared=LETTER)
    opening = b'{"type": "default", "id": "opening", "components": []}'
    answer = deploy(people, matter__bpmn=data, opening__form=opening)
    assert answer.status_code == 201, answer.text
    refused = people.operator.post("/messages", {"name": "Letter", "correlation": {"place": "Umeå"}})
    assert (refused.status_code, "POST /cases" in refused.json["detail"]) == (422, True)
    with database.reading() as db:
        assert db.scalars(select(Instance)).all() == []


def _deploy(people: Callers, key: str, data: bytes) -> None:
    answer = deploy(people, **{f"{key}__bpmn": data})
    assert answer.status_code == 201, answer.text


def _publish(people: Callers, name: str) -> None:
    answer = people.operator.post("/messages", {"name": name, "correlation": {"place": "Umeå"}})
    assert answer.status_code == 201, answer.text
