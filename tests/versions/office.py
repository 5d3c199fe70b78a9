"""Processes in a database without a register: deployed, started, stepped and migrated by the engine alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import versions
from engine import definitions, instances, messages
from engine.bpmn.check import CheckContext
from engine.feel import from_json
from engine.models import Definition, Instance, Subscription, Task, Timer
from engine.spiff import Thrown
from engine.stepping import Sent
from engine.steps import step
from store.base import Base
from store.database import Database
from store.ids import new_id

TABLES: tuple[type[Base], ...] = (Instance, Task, Timer, Subscription)


class Office:
    """An organisation of its own in a database."""

    def __init__(self, database: Database) -> None:
        self.database, self.id = database, new_id()

    def deploy(self, **files: bytes) -> UUID:
        """Put files in use (`p_bpmn=…`); the id of the newest version of the process `p`, if there is one."""
        contents = {name.replace("_", "."): data for name, data in files.items()}
        with self.database.transaction() as db:
            definitions.deploy(db, self.id, contents, context=CheckContext())
            found = definitions.latest_id(db, self.id, "process", "p")
        assert found is not None
        return found

    def start(self, definition_id: UUID, **variables: Any) -> UUID:
        """Start an instance."""
        with self.database.transaction() as db:
            values = {name: from_json(value) for name, value in variables.items()}
            return instances.start(db, db.get_one(Definition, definition_id), values).id

    def do(self, element: str, **values: Any) -> None:
        """Complete the oldest open task of an element."""
        with self.database.transaction() as db:
            instances.complete_task(db, self._open(db, element), values, actor_id=None)

    def change(self, element: str, **values: Any) -> None:
        """What a person changes in a task without doing it: claims it, saves a draft."""
        with self.database.transaction() as db:
            task = self._open(db, element)
            for name, value in values.items():
                setattr(task, name, value)

    def publish(self, name: str) -> None:
        """Publish a message."""
        with self.database.transaction() as db:
            messages.publish(db, self.id, name, {})

    def signal(self, name: str) -> None:
        """Give a signal to all who wait for it now."""
        with self.database.transaction() as db, step(db, self.id, None) as current:
            messages.broadcast(current, Sent(new_id(), Thrown("signal", name, ""), {}))

    def migrate(
        self, source: UUID, target: UUID, mapping: Mapping[str, str] | None = None, **how: Any
    ) -> versions.Outcome:
        """Carry all instances over."""
        wish = versions.Wish(source, target, mapping or {}, **how)
        return versions.carry_over(self.database, self.id, wish, "Prov", actor_id=None)

    def undo(self, done: versions.Outcome) -> list[str]:
        """Take a migration back; what has become of each instance."""
        assert done.id is not None
        return [each.state for each in versions.take_back(self.database, self.id, done.id, actor_id=None)]

    def rows(self, *, without: tuple[str, ...] = ("version", "advances")) -> dict[str, list[dict[str, Any]]]:
        """All that is there of instances and their waits."""
        with self.database.reading() as db:
            return {
                table.__tablename__: [
                    {
                        column.key: getattr(row, column.key)
                        for column in table.__table__.columns
                        if column.key not in without
                    }
                    for row in db.scalars(select(table).where(table.organization_id == self.id).order_by(table.id))  # type: ignore[attr-defined]
                ]
                for table in TABLES
            }

    def one(self, table: str) -> dict[str, Any]:
        """The only row of a table."""
        (row,) = self.rows()[table]
        return row

    @property
    def open(self) -> list[str]:
        """The elements of open tasks."""
        return sorted(row["element_id"] for row in self.rows()["task"] if row["state"] == "open")

    def _open(self, db: Session, element: str) -> Task:
        found = db.scalars(
            select(Task)
            .where(Task.organization_id == self.id, Task.element_id == element, Task.state == "open")
            .order_by(Task.id)
        ).first()
        assert found is not None, f"{element} is not open"
        return found
