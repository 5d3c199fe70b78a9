"""Changes of rows that can be taken back: what a column said and what it was made to say, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Uuid, inspect
from sqlalchemy.orm import Session

from engine.models import Incident, Instance, Subscription, Task, Timer
from store.base import Base, UtcDateTime

Row = Task | Timer | Subscription | Instance | Incident
_TABLES: Mapping[str, type[Row]] = {
    kind.__tablename__: kind for kind in (Task, Timer, Subscription, Instance, Incident)
}


class Changes:
    """The changes of one instance's rows, as they are made."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []

    def write(self, row: Row, **values: object) -> dict[str, tuple[Any, Any]]:
        """Let a row say something else; give what differs, as (old, new)."""
        differing = {name: (was, value) for name, value in values.items() if (was := getattr(row, name)) != value}
        for name, (_, value) in differing.items():
            setattr(row, name, value)
        if differing:
            told = {name: [_dump(was), _dump(value)] for name, (was, value) in differing.items()}
            self.made.append({"table": row.__tablename__, "id": str(row.id), "values": told})
        return differing

    def remove(self, row: Timer | Subscription) -> None:
        """Remember a row that goes."""
        said = {name: _dump(getattr(row, name)) for name in _columns(type(row))}
        self.made.append({"table": row.__tablename__, "id": str(row.id), "removed": said})


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What is to be looked at once more, when rows say again what they said."""

    listening: list[Subscription] = field(default_factory=list)
    """Those that are there again."""
    moved: list[Task] = field(default_factory=list)
    """Tasks whose day was moved meanwhile, as the version said that they have left."""


def take_back(db: Session, made: list[Any]) -> TakenBack:
    """Let rows say what they said before.

    What somebody has changed since (a claimed task's draft, a deadline that was moved) stays as it is now.
    """
    done = TakenBack()
    for change in reversed(made):
        kind = _TABLES[change["table"]]
        if "removed" in change:
            row = kind(**{name: _load(column, change["removed"][name]) for name, column in _columns(kind).items()})
            db.add(row)
            if isinstance(row, Subscription):
                done.listening.append(row)
            continue
        found = db.get(kind, UUID(change["id"]))
        if found is None:
            continue
        columns = _columns(kind)
        for name, (was, became) in change["values"].items():
            if getattr(found, name) == _load(columns[name], became):
                setattr(found, name, _load(columns[name], was))
            elif name == "due_on" and isinstance(found, Task):
                done.moved.append(found)
    return done


def _columns(kind: type[Base]) -> Mapping[str, Column[Any]]:
    return {attribute.key: attribute.columns[0] for attribute in inspect(kind).column_attrs}  # type: ignore[misc]


def _dump(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _load(column: Column[Any], value: Any) -> Any:
    match column.type:
        case _ if value is None:
            return None
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Uuid():
            return UUID(value)
        case _:
            return value
