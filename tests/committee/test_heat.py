"""The heat of a process: counted on a stage that is worked out by hand, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from committee import heat
from committee.organisations import Body
from committee.overview import Wanted
from engine import definitions
from engine.bpmn.check import CheckContext
from engine.models import Instance, Task
from store.database import Database
from store.errors import Forbidden, NotFound
from store.ids import new_id
from tests.api.register import populate
from tests.support.diagrams import bpmn
from tests.support.people import acting

NOW = datetime(2021, 2, 15, 9, tzinfo=UTC)
SINCE = date(2021, 1, 1)
DIAGRAM = bpmn(
    '<startEvent id="s"/><userTask id="write" name="Skriv"/><callActivity id="ask" name="Fråga" calledElement="asking"/><endEvent id="e"/>',
    "s > write > ask > e", process="referral",
)  # fmt: skip
ASKING = bpmn(
    '<startEvent id="s"/><userTask id="answer" name="Svara"/><endEvent id="e"/>', "s > answer > e", process="asking"
)


class Stage:
    """A process with instances, tasks and calls that began and ended when the test says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        populate(database)
        with database.transaction() as db:
            self.own = db.scalars(select(Body.organization_id)).first()
            assert self.own is not None
            files = {"referral.bpmn": DIAGRAM, "asking.bpmn": ASKING}
            for each in definitions.deploy(db, self.own, files, context=CheckContext()):
                setattr(self, each.key, each.id)
        self.caller = self.instance("referral")

    def instance(
        self, key: str, began: int = 0, took: int | None = None, *, called: bool = False, status: str = ""
    ) -> UUID:
        """An instance that began so many hours ago and took so many; called by the first one."""
        with self.database.transaction() as db:
            key_id, began_at = new_id(), NOW - timedelta(hours=began)
            ended_at = None if took is None else began_at + timedelta(hours=took)
            made = Instance(
                id=key_id, root_id=key_id, organization_id=self.own, definition_id=getattr(self, key), process_key=key, state=b"",
                started_at=began_at, ended_at=ended_at, status=status or ("running" if took is None else "completed"),
            )  # fmt: skip
            if called:
                made.parent_id, made.parent_element_id = self.caller, "ask"
            db.add(made)
            return key_id

    def task(self, began: int, took: int | None = None, due_in: int | None = None, **other: str) -> None:
        """A task that began so many hours ago and took so many; None: it is open, and due in so many days."""
        with self.database.transaction() as db:
            began_at = NOW - timedelta(hours=began)
            ended_at = None if took is None else began_at + timedelta(hours=took)
            due_on = None if due_in is None else (NOW + timedelta(days=due_in)).date()
            values = {
                "element_id": "write",
                "process_key": "referral",
                "state": "open" if took is None else "completed",
            } | other
            db.add(
                Task(
                    organization_id=self.own, instance_id=self.caller, key=new_id().hex, name="Skriv", locals={},
                    due_on=due_on, created_at=began_at, completed_at=ended_at, **values,
                )
            )  # fmt: skip


@pytest.fixture
def stage(database: Database, travel: object) -> Stage:
    """Five drafts done (1, 2, 3, 10 and 100 hours), three open of which one is late; two calls ended, one goes on."""
    made = Stage(database)
    for took in (10, 1, 100, 3, 2):
        made.task(400, took)
    for due_in in (-1, 0, None):
        made.task(24, due_in=due_in)
    made.task(24 * 90, 5)  # before the period
    made.task(24, 5, state="cancelled")
    made.task(24, 5, process_key="asking")
    made.task(24, 6, element_id="old")
    for took in (48, 24):
        made.instance("asking", 100, took, called=True)
    made.instance("asking", 100, called=True)
    made.instance("asking", 100, 5, called=True, status="cancelled")
    return made


def test_heat_is_counted_by_step(database: Database, stage: Stage) -> None:
    with database.reading() as db:
        found = heat.read_heat(db, acting(stage.database, "manager"), "referral", SINCE)
    steps = {step.element_id: step for step in found.steps}
    assert [(step.element_id, step.name, step.is_in_diagram) for step in found.steps] == [
        ("write", "Skriv", True), ("ask", "Fråga", True), ("old", "Skriv", False),
    ]  # fmt: skip
    write, ask = steps["write"], steps["ask"]
    assert (write.waiting, write.overdue, ask.waiting, ask.overdue) == (3, 1, 1, 0)
    assert write.spread is not None and ask.spread is not None
    assert (write.spread.count, write.spread.median, write.spread.p90) == (5, timedelta(hours=3), timedelta(hours=64))
    assert (ask.spread.count, ask.spread.median, ask.spread.p90) == (2, timedelta(hours=36), timedelta(hours=45.6))
    assert found.levels("waiting") == {"write": 4, "ask": 2}
    assert found.levels("median") == {"ask": 4, "old": 1, "write": 1}
    assert found.levels("overdue") == {"write": 4}


def test_every_number_has_as_many_rows_behind_it(database: Database, stage: Stage) -> None:
    manager = acting(stage.database, "manager")
    with database.reading() as db:
        for step in heat.read_heat(db, manager, "referral", SINCE).steps:
            wanted = Wanted(process_key="referral", step=step.element_id)
            for state in heat.STATES:
                behind = heat.passages(db, manager, state, wanted, SINCE)
                assert len(behind) == step.of(state), (step.element_id, state)
                places = [(each.at, each.id) for each in behind]
                assert places == sorted(places)
                beyond = heat.passages(db, manager, state, wanted, SINCE, after=places[0]) if places else []
                assert [each.id for each in beyond] == [each.id for each in behind[1:]]
            lasted = sorted(each.lasted for each in heat.passages(db, manager, "done", wanted, SINCE))
            assert step.spread is None or lasted[len(lasted) // 2] >= step.spread.median


def test_heat_is_for_those_who_lead_and_of_a_process_that_there_is(database: Database, stage: Stage) -> None:
    with database.reading() as db:
        with pytest.raises(NotFound):
            heat.read_heat(db, acting(stage.database, "manager"), "nothing", SINCE)
        for who in ("officer", "umea"):
            with pytest.raises(Forbidden):
                heat.read_heat(db, acting(stage.database, who), "referral", SINCE)
            with pytest.raises(Forbidden):
                heat.passages(db, acting(stage.database, who), "done", Wanted(), SINCE)
