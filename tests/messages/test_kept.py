"""What was kept for a suspended instance comes to others who wait, when that one is the next no more."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from engine import instances, modification, suspension
from engine.models import Instance, Message
from engine.spiff import Begin, Cancel
from store.database import Database
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, MESSAGE, NAMES, event
from tests.versions.office import Office

WAITS = event("c", "intermediateCatchEvent", MESSAGE)


@pytest.fixture
def office(database: Database, travel: object) -> Office:
    return Office(database)


def drawn(body: str, flows: str) -> bytes:
    return bpmn(ENDS + body, flows, declared=NAMES)


def waiting(office: Office, number: int) -> tuple[UUID, list[UUID]]:
    """The version, and instances that wait for the answer; the first of them is suspended, and one answer has come."""
    version = office.deploy(p_bpmn=drawn(WAITS + task("z"), "start > c > z > end"))
    started = [office.start(version) for _ in range(number)]
    hold(office, started[0])
    office.publish("Answer")
    assert office.open == []
    return version, started


def hold(office: Office, instance_id: UUID, *, again: bool = False) -> None:
    verb = suspension.resume if again else suspension.suspend
    with office.database.transaction() as db:
        verb(db, db.get_one(Instance, instance_id, with_for_update=True), "Prov", actor_id=None)


def receivers(office: Office) -> list[UUID | None]:
    with office.database.reading() as db:
        return list(db.scalars(select(Message.delivered_to).order_by(Message.id)))


def test_when_it_is_moved_elsewhere(office: Office) -> None:
    _, (held, other) = waiting(office, 2)
    with office.database.transaction() as db:
        instance = db.get_one(Instance, held, with_for_update=True)
        modification.modify_instance(db, instance, [Cancel("c"), Begin("z")], "Prov", actor_id=None)
    assert receivers(office) == [other]
    hold(office, held, again=True)
    assert office.open == ["z", "z"]


def test_when_it_is_cancelled(office: Office) -> None:
    _, (held, other) = waiting(office, 2)
    with office.database.transaction() as db:
        instances.cancel(db, db.get_one(Instance, held, with_for_update=True), actor_id=None)
    assert receivers(office) == [other]


def test_when_its_new_version_waits_for_something_else_and_again_when_it_is_taken_back(office: Office) -> None:
    version, (held, other) = waiting(office, 2)
    renamed = office.deploy(p_bpmn=drawn(WAITS.replace("m1", "m2") + task("z"), "start > c > z > end"))
    done = office.migrate(version, renamed, instance_ids=[held])
    assert receivers(office) == [other]
    late = office.start(renamed)
    office.publish("Withdrawn")
    assert receivers(office) == [other, None], "kept for the one that is suspended, which waited before"
    assert office.undo(done) == ["undone"]
    assert receivers(office) == [other, late]


def test_when_it_is_resumed_and_has_got_its_own(office: Office) -> None:
    _, (held, other, third) = waiting(office, 3)
    office.publish("Answer")
    assert receivers(office) == [None, None], "both wait behind the one that is suspended"
    hold(office, held, again=True)
    assert receivers(office) == [held, other]
    office.publish("Answer")
    assert receivers(office) == [held, other, third]


def test_a_message_that_came_under_the_new_name_is_given_by_the_migration(office: Office) -> None:
    version = office.deploy(p_bpmn=drawn(WAITS + task("z"), "start > c > z > end"))
    instance = office.start(version)
    office.publish("Withdrawn")
    office.migrate(version, office.deploy(p_bpmn=drawn(WAITS.replace("m1", "m2") + task("z"), "start > c > z > end")))
    assert (office.open, receivers(office)) == (["z"], [instance])
