"""Messages and signals that meet an instance which another transaction moves at the same instant, on PostgreSQL.

The embedded database has one writing transaction at a time: there nothing of this can be.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import instances, messages
from engine.models import Message, Task
from store.database import Database
from tests.support.at_once import overlapping
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, MESSAGE, NAMES, SIGNAL, boundary, event
from tests.versions.office import Office

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
Act = Callable[[Session], object]


@pytest.fixture
def office(database: Database, travel: object) -> Office:
    return Office(database)


def drawn(body: str, flows: str) -> bytes:
    return bpmn(ENDS + body, flows, declared=NAMES)


def publishing(office: Office, name: str = "Answer") -> Act:
    return lambda db: messages.publish(db, office.id, name, {})


def completing(instance_id: UUID, element: str) -> Act:
    def complete(db: Session) -> None:
        found = select(Task.id).where(Task.instance_id == instance_id, Task.element_id == element, Task.state == "open")
        taken = instances.take_task(db, db.scalars(found).one())
        assert taken is not None
        instances.complete_task(db, taken[0], {}, actor_id=None, locked=taken[1])

    return complete


def later(office: Office, act: Act) -> Callable[[], None]:
    """An act in a transaction of its own."""

    def run() -> None:
        with office.database.transaction() as db:
            act(db)

    return run


def kept(office: Office) -> list[str]:
    with office.database.reading() as db:
        return [found.state for found in db.scalars(select(Message).order_by(Message.id))]


@pytest.mark.parametrize("message_first", [True, False])
def test_a_message_comes_to_who_begins_to_wait_at_the_instant_at_which_it_is_sent(
    office: Office, *, message_first: bool
) -> None:
    waits = event("c", "intermediateCatchEvent", MESSAGE)
    instance = office.start(office.deploy(p_bpmn=drawn(task("a") + waits + task("z"), "start > a > c > z > end")))
    acts = [publishing(office), completing(instance, "a")]
    first, second = acts if message_first else reversed(acts)
    overlapping(office.database, first, later(office, second))
    assert (office.open, kept(office)) == (["z"], ["delivered"])


def test_those_who_begin_to_wait_at_once_do_not_wait_for_each_other(office: Office) -> None:
    waits = event("c", "intermediateCatchEvent", MESSAGE)
    version = office.deploy(p_bpmn=drawn(task("a") + waits, "start > a > c > end"))
    one, other = office.start(version), office.start(version)
    waited = overlapping(office.database, completing(one, "a"), later(office, completing(other, "a")))
    assert not waited


@pytest.mark.parametrize("behind", ["end", "z > end"])
def test_a_message_for_one_who_is_just_served_is_kept_for_the_next(office: Office, behind: str) -> None:
    body = event("c", "intermediateCatchEvent", MESSAGE) + (task("z") if "z" in behind else "")
    version = office.deploy(p_bpmn=drawn(body, f"start > c > {behind}"))
    office.start(version)
    overlapping(office.database, publishing(office), later(office, publishing(office)))
    assert kept(office) == ["delivered", "waiting"]
    office.start(version)
    assert kept(office) == ["delivered", "delivered"]


def test_a_message_for_one_who_just_stops_waiting_goes_to_the_next_who_waits(office: Office) -> None:
    version = office.deploy(
        p_bpmn=drawn(task("a") + boundary("b", "a", MESSAGE) + task("z"), "start > a > end; b > z > end")
    )
    leaves, stays = office.start(version), office.start(version)
    overlapping(office.database, completing(leaves, "a"), later(office, publishing(office)))
    assert kept(office) == ["delivered"]
    assert [row["instance_id"] for row in office.rows()["task"] if row["state"] == "open"] == [stays]
    assert office.open == ["z"]


@pytest.mark.parametrize("behind", ["end", "w > end"])
def test_a_signal_passes_one_who_just_goes_on_and_comes_to_the_others(office: Office, behind: str) -> None:
    body = task("a") + boundary("b", "a", SIGNAL) + task("z") + (task("w") if "w" in behind else "")
    version = office.deploy(p_bpmn=drawn(body, f"start > a > {behind}; b > z > end"))
    leaves, hears = office.start(version), office.start(version)
    overlapping(office.database, completing(leaves, "a"), lambda: office.signal("Moved"))
    open_in = {row["instance_id"]: row["element_id"] for row in office.rows()["task"] if row["state"] == "open"}
    assert open_in[hears] == "z"
    assert open_in.get(leaves) == ("w" if "w" in behind else None)
