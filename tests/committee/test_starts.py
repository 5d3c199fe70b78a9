"""A message, a signal, a timer or a condition starts the processes in use whose start events wait for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from committee.organisations import Body
from engine import instances, schedule, stepping
from engine.models import Instance, Message, StartTimer, Task
from engine.timers import MAX_ATTEMPTS
from store import clock
from store.database import Database
from store.events import Event
from tests.api.conftest import Callers, app, people
from tests.api.test_cases import deploy
from tests.support.diagrams import bpmn, task
from worker.tick import start_processes

__all__ = ["app", "people"]

Travel = Callable[[datetime | timedelta], None]
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


def test_a_message_starts_one_process_and_a_second_that_waits_for_it_is_refused(people: Callers) -> None:
    def waiting(key: str, start: str = CAUGHT) -> bytes:
        return bpmn(start + task("t"), "start > t > end", process=key, declared=LETTER)

    _deploy(people, "one", waiting("one"))
    refused = deploy(people, two__bpmn=waiting("two"))
    assert [(each["rule"], each["element_id"]) for each in refused.json["errors"]] == [("process-start", "start")]
    together = deploy(people, one__bpmn=waiting("one", HEARD), two__bpmn=waiting("two"))
    assert together.status_code == 201, "the first process no longer waits for it"


def test_a_signal_starts_every_process_that_waits_for_it(people: Callers, database: Database) -> None:
    _deploy(people, "crier", bpmn(THROWS, "start > cry > end", process="crier", declared=LETTER))
    for key in ("one", "two"):
        _deploy(people, key, bpmn(HEARD + task(f"in_{key}"), f"start > in_{key} > end", process=key, declared=LETTER))
    _publish(people, "Letter")
    with database.reading() as db:
        assert sorted(db.scalars(select(Instance.process_key))) == ["crier", "one", "two"]


def test_a_signal_reaches_who_waited_when_it_was_thrown_and_not_what_begins_to_wait_in_the_same_step(
    people: Callers, database: Database
) -> None:
    catch = '<intermediateCatchEvent id="hear"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
    _deploy(people, "crier", bpmn(THROWS + catch, "start > cry > hear > end", process="crier", declared=LETTER))
    for statuses in (["running"], ["completed", "running"]):  # the second cry is heard by the first crier
        _publish(people, "Letter")
        with database.reading() as db:
            assert list(db.scalars(select(Instance.status).order_by(Instance.started_at))) == statuses


PING_PONG = {
    "message": CAUGHT.replace('<endEvent id="end"/>', '<endEvent id="end"><messageEventDefinition messageRef="m"/></endEvent>'),
    "signal": CAUGHT.replace('<endEvent id="end"/>', '<startEvent id="heard"><signalEventDefinition signalRef="s"/></startEvent>')
    + '<endEvent id="end"><signalEventDefinition signalRef="s"/></endEvent>',
}  # fmt: skip


@pytest.mark.parametrize("by", PING_PONG)
def test_a_process_that_sends_at_its_end_what_starts_it_is_refused_after_a_chain_of_them(
    people: Callers, database: Database, by: str
) -> None:
    flows = "start > end" if by == "message" else "start > end; heard > end"
    _deploy(people, "pong", bpmn(PING_PONG[by], flows, process="pong", declared=LETTER))
    refused = people.operator.post("/messages", {"name": "Letter", "correlation": {}, "payload": {}})
    assert (refused.status_code, refused.json["code"]) == (409, "step_failed")
    assert "send at its end what starts it" in refused.json["detail"]
    with database.reading() as db:
        assert db.scalars(select(Instance)).all() == []


def test_one_process_may_start_more_than_a_chain_of_others_side_by_side(people: Callers, database: Database) -> None:
    many = stepping.MAX_CHAIN + 6
    loop = f"<multiInstanceLoopCharacteristics><loopCardinality>{many}</loopCardinality></multiInstanceLoopCharacteristics>"
    send = HEARD + f'<sendTask id="send" messageRef="m">{loop}</sendTask>'
    _deploy(people, "sender", bpmn(send, "start > send > end", process="sender", declared=LETTER))
    _deploy(people, "taker", bpmn(CAUGHT, "start > end", process="taker", declared=LETTER))
    _deploy(people, "crier", bpmn(THROWS.replace('"m"', '"n"'), "start > cry > end", process="crier",
                                  declared=LETTER + '<message id="n" name="Alarm"/>'))  # fmt: skip
    _publish(people, "Alarm")
    with database.reading() as db:
        assert list(db.scalars(select(Instance.process_key))).count("taker") == many


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


WEEKLY = '<startEvent id="start"><timerEventDefinition><timeCycle>R/P7D</timeCycle></timerEventDefinition></startEvent>'


def weekly(name: str, start: str = WEEKLY) -> bytes:
    return bpmn(start + '<endEvent id="end"/>' + task(name), f"start > {name} > end", process="weekly")


def test_a_timer_starts_its_process_in_every_period_once_however_many_work(
    people: Callers, database: Database, travel: Travel
) -> None:
    _deploy(people, "weekly", weekly("look"))
    travel(timedelta(days=6))
    assert start_processes(database) == 0
    travel(timedelta(days=1))
    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(lambda _: start_processes(database), range(4))) == 1
    with database.reading() as db:
        (started,) = db.scalars(select(Instance))
        assert (started.process_key, started.case_id, started.status) == ("weekly", None, "running")
        assert db.scalars(select(Event.type).where(Event.type == "start_timer.fired")).all() == ["start_timer.fired"]
    travel(timedelta(days=7))
    assert start_processes(database) == 1


def test_what_was_missed_while_nobody_worked_starts_one_process_and_the_rhythm_stays(
    people: Callers, database: Database, travel: Travel
) -> None:
    begins = clock.now()
    _deploy(people, "weekly", weekly("look"))
    travel(timedelta(days=7 * 52 + 3))
    assert start_processes(database) == 1
    with database.reading() as db:
        assert db.scalars(select(StartTimer.due_at)).one() == schedule.add(begins, timedelta(days=7 * 53))


def test_a_newer_version_takes_over_the_timers_of_the_one_before_it(
    people: Callers, database: Database, travel: Travel
) -> None:
    _deploy(people, "weekly", weekly("old"))
    travel(timedelta(days=5))
    _deploy(people, "weekly", weekly("new"))
    travel(timedelta(days=5))
    assert start_processes(database) == 0, "the old version's timer was left"
    travel(timedelta(days=2))
    assert start_processes(database) == 1
    with database.reading() as db:
        assert db.scalars(select(Task.element_id)).all() == ["new"]
    _deploy(people, "weekly", weekly("last", '<startEvent id="start"/>'))
    travel(timedelta(days=30))
    assert start_processes(database) == 0


def test_a_start_that_fails_is_an_incident_that_an_operator_can_do_again(
    people: Callers, database: Database, travel: Travel
) -> None:
    who = '<extensionElements><handslag:performer role="officer" body=\'="delegation" + "en"\'/></extensionElements>'
    data = bpmn(WEEKLY + '<endEvent id="end"/>' + task("look", inner=who), "start > look > end", process="weekly")
    _deploy(people, "weekly", data)
    travel(timedelta(days=7))
    for _ in range(MAX_ATTEMPTS):
        assert start_processes(database) == 0
        travel(timedelta(hours=2))
    (incident,) = people.operator.get("/incidents").json["items"]
    assert (incident["action"], incident["instance_id"], incident["element_id"]) == ("start_process", None, None)
    with database.transaction() as db:
        db.execute(update(Body).where(Body.key == "samrad").values(key="delegationen"))
    done = people.operator.post(f"/incidents/{incident['id']}/retry")
    assert done.status_code == 200, done.text
    with database.reading() as db:
        assert db.scalars(select(Task.element_id)).all() == ["look"]
    travel(timedelta(days=7))
    assert start_processes(database) == 1


def test_a_timer_without_a_date_is_refused_when_it_is_deployed(people: Callers) -> None:
    start = WEEKLY.replace("R/P7D", '=deadline("reply_by")')
    refused = deploy(people, weekly__bpmn=weekly("look", start))
    assert (refused.status_code, refused.json["code"]) == (422, "diagram_refused")
    assert [(each["rule"], each["element_id"]) for each in refused.json["errors"]] == [("process-start", "start")]


def test_a_condition_starts_the_processes_of_which_it_is_true(people: Callers, database: Database) -> None:
    for key, condition in (("few", "days &lt; 3"), ("many", "days &gt; 3")):
        definition = f"<conditionalEventDefinition><condition>{condition}</condition></conditionalEventDefinition>"
        body = f'<startEvent id="start">{definition}</startEvent><endEvent id="end"/>' + task("t")
        _deploy(people, key, bpmn(body, "start > t > end", process=key))
    answer = people.operator.post("/conditions", {"variables": {"days": 2}})
    assert answer.status_code == 201, answer.text
    assert [each["process_key"] for each in answer.json["started"]] == ["few"]
    with database.reading() as db:
        (started,) = db.scalars(select(Instance))
        assert str(started.id) == answer.json["started"][0]["id"]
        assert instances.variables(db, started) == {"days": 2}
    assert people.operator.post("/conditions", {"variables": {"hours": 2}}).json == {"started": []}
    assert people.officer.post("/conditions", {"variables": {"days": 2}}).status_code == 403


def test_messages_start_a_process_at_its_gateway_and_find_it_by_their_keys(people: Callers, database: Database) -> None:
    keys = '<extensionElements><handslag:correlation name="place" value="=place"/></extensionElements>'
    caught = "".join(
        f'<intermediateCatchEvent id="{key}">{keys}<messageEventDefinition messageRef="{key}_m"/></intermediateCatchEvent>'
        for key in ("a", "b")
    )
    gate = '<eventBasedGateway id="gate" instantiate="true" eventGatewayType="Parallel"/><endEvent id="end"/>'
    names = '<message id="a_m" name="Letter"/><message id="b_m" name="Map"/>'
    _deploy(people, "both", bpmn(gate + caught, "gate > a > end; gate > b > end", process="both", declared=names))
    _publish(people, "Letter")
    with database.reading() as db:
        assert db.scalars(select(Instance.status)).all() == ["running"]
    _publish(people, "Map")
    with database.reading() as db:
        assert db.scalars(select(Instance.status)).all() == ["completed"]


def _deploy(people: Callers, key: str, data: bytes) -> None:
    answer = deploy(people, **{f"{key}__bpmn": data})
    assert answer.status_code == 201, answer.text


def _publish(people: Callers, name: str) -> None:
    answer = people.operator.post("/messages", {"name": name, "correlation": {"place": "Umeå"}})
    assert answer.status_code == 201, answer.text
