"""A region with very many open tasks: rows as the engine writes them, but put in by the hundred thousand."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bench.workload import MANAGER, OFFICER, Region
from committee.cases import Case
from committee.deadlines import Deadline
from committee.incoming import Incoming
from committee.organisations import Body, Membership, Person
from engine.models import Incident, Instance, Task, Timer
from store import clock
from store.base import Base
from store.database import Database
from store.events import Event, Outbox
from store.ids import new_id

MINE = 40
"""Tasks that one officer has claimed, however many there are in all."""
HISTORY = 200
"""Events of the one case whose history is read."""
WAITING = 60
"""What waits in the tray, however much has come in over the years."""
FAILED = 100
"""Steps that have failed; every other has been done again."""
STATUSES = ("received", "in_work", "consulting", "scheduled", "closed", "withdrawn")
Row = Mapping[str, Any]


def fill(region: Region, count: int) -> UUID:
    """Add so many cases, each with an open and a done task and what else comes with a case. Give one with a long history."""
    makers = _Makers(region, random.Random(count))
    cases = [new_id() for _ in range(count)]

    def load(model: type[Base], rows: Iterable[Row]) -> None:
        _load(region.database, model, rows)

    load(Case, (makers.case(key, number) for number, key in enumerate(cases)))
    load(Instance, (makers.instance(key) for key in cases))
    load(Task, chain.from_iterable(makers.tasks(key, number) for number, key in enumerate(cases)))
    load(Deadline, (makers.deadline(key) for key in cases))
    load(Timer, (makers.timer(key) for key in cases))
    load(Outbox, (makers.mail(key) for key in cases))
    load(Incoming, (makers.incoming(key, number) for number, key in enumerate(cases)))
    load(Incident, (makers.incident(key, number) for number, key in enumerate(cases[:: len(cases) // FAILED])))
    load(Event, (makers.event(key) for key in chain(cases, [cases[0]] * HISTORY)))
    if not region.database.is_sqlite:  # SQLite has no statistics until somebody makes them: nobody does in use either
        with region.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    return cases[0]


class _Makers:
    """Rows about a case. An instance has the id of its case, which saves looking it up."""

    def __init__(self, region: Region, chance: random.Random) -> None:
        self.tenant, self.chance = region.tenant, chance
        self.now, self.today = clock.now(), clock.today()
        officer = region.actor(OFFICER)
        self.officer, self.own = officer.person_id, (officer.roles[0].body_id, officer.roles[0].role)
        self.others = [new_id() for _ in range(500)]
        (model,) = region.start(1)
        with region.database.reading() as db:
            roles = select(Membership.body_id, Membership.role).join(Body, Body.id == Membership.body_id)
            self.roles: list[tuple[UUID, str]] = [(body, role) for body, role in db.execute(roles)]
            self.model = db.get_one(Instance, model)
            self.people = db.scalars(select(Person.id)).all()

    def case(self, key: UUID, number: int) -> Row:
        return {
            "id": key, "organization_id": self.tenant, "title": f"Remiss om förslag {key.hex[-6:]}", "version": 1,
            "case_type": "external_referral", "status": self.chance.choice(STATUSES), "received_at": self._moment(),
            "registry_number": f"RS 2021-{number + 1}", "sender": "Miljödepartementet", "reply_by": self._day(),
            "slack_days": self.chance.randint(-5, 60), "case_officer_id": self.chance.choice(self.people),
        }  # fmt: skip

    def instance(self, key: UUID) -> Row:
        return {
            "id": key, "organization_id": self.tenant, "definition_id": self.model.definition_id, "case_id": key, "version": 1,
            "process_key": "external_referral", "root_id": key, "status": "running", "has_incident": False, "state": self.model.state,
            "started_at": self.now,
        }  # fmt: skip

    def tasks(self, key: UUID, number: int) -> Iterator[Row]:
        for state in ("open", "completed"):
            mine = number < MINE and state == "open"
            body, role = self.own if mine else self.chance.choice(self.roles)
            claimed = mine or self.chance.random() < 0.3
            assignee = self.officer if mine else self.chance.choice(self.others)
            yield {
                "id": new_id(), "organization_id": self.tenant, "instance_id": key, "case_id": key, "version": 1,
                "key": state, "process_key": "external_referral", "element_id": f"step_{number % 40}",
                "name": f"Steg {number % 40}", "state": state, "candidate_body_id": body, "candidate_role": role,
                "assignee_id": assignee if claimed else None, "locals": {}, "due_on": self._day(),
                "created_at": self._moment(),
            }  # fmt: skip

    def deadline(self, key: UUID) -> Row:
        return {
            "id": new_id(), "organization_id": self.tenant, "case_id": key, "version": 1, "kind": "reply_by",
            "due_on": self._day() or self.today, "precision": "day", "roll": "backward", "basis": "sender",
            "state": "open",
        }  # fmt: skip

    def timer(self, key: UUID) -> Row:
        return {
            "id": new_id(), "organization_id": self.tenant, "instance_id": key, "case_id": key, "key": "late",
            "element_id": "late", "type": "timeDuration", "expression": "P30D", "armed_at": self.now,
            "due_at": self.now + timedelta(minutes=self.chance.randint(1, 500_000)),
        }  # fmt: skip

    def mail(self, key: UUID) -> Row:
        return {
            "id": new_id(), "organization_id": self.tenant, "key": key.hex, "channel": "email", "state": "sent",
            "payload": {"to": "u1@demo.invalid", "subject": "Påminnelse"}, "due_at": self.now, "sent_at": self.now,
            "created_at": self._moment(), "case_id": key,
        }  # fmt: skip

    def incoming(self, key: UUID, number: int) -> Row:
        waits = number < WAITING
        return {
            "id": new_id(), "organization_id": self.tenant, "version": 1, "source": "list", "digest": key.hex,
            "title": f"Remiss om förslag {key.hex[-6:]}", "sender": "Miljödepartementet", "reply_by": self._day(),
            "file_names": [], "received_at": self._moment(), "state": "waiting" if waits else "registered",
            "case_id": None if waits else key,
        }  # fmt: skip

    def incident(self, key: UUID, number: int) -> Row:
        return {
            "id": new_id(), "organization_id": self.tenant, "instance_id": key, "case_id": key, "version": 1,
            "element_id": "step_1", "action": "fire_timer", "action_data": {}, "code": "step_failed",
            "sentence": "The step failed.", "detail": "", "created_at": self._moment(),
            "state": "open" if number % 2 else "resolved",
        }  # fmt: skip

    def event(self, key: UUID) -> Row:
        return {
            "organization_id": self.tenant, "at": self.now, "type": "task.completed", "subject_type": "task",
            "subject_id": new_id(), "case_id": key, "instance_id": key, "data": {"element_id": "step_1", "name": "Steg 1"},
        }  # fmt: skip

    def _day(self) -> date | None:
        """A day of the coming year; one in ten has none, one in twelve has passed."""
        if self.chance.random() < 0.1:
            return None
        return self.today + timedelta(days=self.chance.randint(-30, 330))

    def _moment(self) -> datetime:
        return self.now - timedelta(minutes=self.chance.randint(0, 500_000))


def _load(database: Database, model: type[Base], rows: Iterable[Row]) -> None:
    """Put rows in as fast as the driver can; what they do not say is as the model's defaults have it."""
    table, dialect = model.__table__, database.engine.dialect
    unsaid = {column.name: _default(column) for column in table.c if column.default is not None}
    source = ({**unsaid, **row} for row in rows)
    first = next(source)
    names: Sequence[str] = list(first)
    processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]

    def written() -> Iterator[tuple[Any, ...]]:
        for row in chain([first], source):
            values = zip(names, processors, strict=True)
            yield tuple(process(row[name]) if process is not None else row[name] for name, process in values)

    raw = database.engine.raw_connection()
    try:
        cursor: Any = raw.cursor()
        if database.is_sqlite:
            cursor.execute("BEGIN")
            marks = ", ".join("?" * len(names))
            cursor.executemany(f"INSERT INTO {model.__tablename__} ({', '.join(names)}) VALUES ({marks})", written())
            cursor.execute("COMMIT")
        else:
            with cursor.copy(f"COPY {model.__tablename__} ({', '.join(names)}) FROM STDIN") as copy:
                for row in written():
                    copy.write_row(row)
            raw.commit()
    finally:
        raw.close()


def middle(database: Database, *conditions: Any) -> tuple[date | None, UUID]:
    """The place in the middle of the open tasks that conditions choose, in the order of their days."""
    with database.reading() as db:
        found = select(Task.due_on, Task.id).where(Task.state == "open", Task.due_on.is_not(None), *conditions)
        rows = db.execute(found.order_by(Task.due_on, Task.id)).all()
    day, key = next(islice(rows, len(rows) // 2, None))
    return day, key


__all__ = ["MANAGER", "OFFICER", "fill", "middle"]


def _default(column: Any) -> Any:
    """The value of a column that a row does not name."""
    made: Any = column.default
    return made.arg(None) if made.is_callable else made.arg
