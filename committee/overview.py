"""What managers ask: what is late, and what will be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.calendar import working_days_after
from committee.cases import ENDED, Case
from committee.deadlines import Deadline
from committee.organisations import Body
from engine.models import Task
from store import clock

AT_RISK_WORKING_DAYS = 3
"""Fewer working days than this left means that something is at risk."""


@dataclass(frozen=True, slots=True)
class Late:
    """A step or deadline whose day has passed or is near, or the plan of a case that does not hold."""

    what: str
    kind: str
    due: date
    days_late: int
    case_id: UUID
    registry_number: str | None
    title: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"due": self.due.isoformat(), "case_id": str(self.case_id)}


@dataclass(frozen=True, slots=True)
class Count:
    """How many open tasks of a body stand at a step, and how many of them are late or soon will be."""

    body: str | None
    element_id: str
    name: str
    open: int
    overdue: int
    at_risk: int


def overdue(db: Session, organization_id: UUID, *, limit: int = 200) -> list[Late]:
    """The open tasks and deadlines whose day has passed, the latest first."""
    today = clock.today()
    return _until(db, organization_id, None, today, limit)


def at_risk(db: Session, organization_id: UUID, *, limit: int = 200) -> list[Late]:
    """The cases whose plan leaves less than three working days, and what falls due within three working days."""
    today = clock.today()
    near = _until(db, organization_id, today, working_days_after(today, AT_RISK_WORKING_DAYS), limit)
    return [*_tight(db, organization_id, limit), *near][:limit]


def counts(db: Session, actor: Actor) -> list[Count]:
    """Open, overdue and soon overdue tasks per body and step."""
    access.require(actor, "manager", "head", "director", "process_owner", "operator")
    today = clock.today()
    soon = working_days_after(today, AT_RISK_WORKING_DAYS)
    rows = db.execute(
        select(
            Body.key,
            Task.element_id,
            func.max(Task.name),
            func.count(),
            func.count().filter(Task.due_on < today),
            func.count().filter(Task.due_on >= today, Task.due_on < soon),
        )
        .select_from(Task)
        .outerjoin(Body, Body.id == Task.candidate_body_id)
        .where(Task.organization_id == actor.organization_id, Task.state == "open")
        .group_by(Body.key, Task.element_id)
        .order_by(Body.key, Task.element_id)
    )
    return [Count(*row) for row in rows]


def _tight(db: Session, organization_id: UUID, limit: int) -> list[Late]:
    """The cases that no meeting can decide in time, or hardly: seen when they are planned, months ahead."""
    rows = db.execute(
        select(Case, Deadline.due_date)
        .join(Deadline, Deadline.case_id == Case.id)
        .where(Deadline.kind == "reply_by", Deadline.state == "open", Case.organization_id == organization_id)
        .where(Case.slack_days < AT_RISK_WORKING_DAYS, Case.status.not_in(ENDED))
        .order_by(Deadline.due_date, Case.id)
        .limit(limit)
    )
    today = clock.today()
    return [
        Late(_what(case), "plan", due, (today - due).days, case.id, case.registry_number, case.title)
        for case, due in rows
    ]


def _what(case: Case) -> str:
    if case.planned_decision_on is None:
        return "Inget sammanträde kan besluta"
    return f"Beslut kan fattas {case.planned_decision_on.isoformat()}"


def _until(db: Session, organization_id: UUID, start: date | None, end: date, limit: int) -> list[Late]:
    today = clock.today()
    tasks = (
        select(Task.name, Task.due_on, Case.id, Case.registry_number, Case.title)
        .join(Case, Case.id == Task.case_id)
        .where(Task.organization_id == organization_id, Task.state == "open", Task.due_on < end)
    )
    dates = (
        select(Deadline.kind, Deadline.due_date, Case.id, Case.registry_number, Case.title)
        .join(Case, Case.id == Deadline.case_id)
        .where(Deadline.organization_id == organization_id, Deadline.state == "open", Deadline.due_date < end)
    )
    if start is not None:
        tasks, dates = tasks.where(Task.due_on >= start), dates.where(Deadline.due_date >= start)
    found: list[tuple[str, Any]] = [
        ("task", row) for row in db.execute(tasks.order_by(Task.due_on, Task.id).limit(limit))
    ]
    found += [("deadline", row) for row in db.execute(dates.order_by(Deadline.due_date, Deadline.id).limit(limit))]
    late = [Late(row[0], kind, row[1], (today - row[1]).days, row[2], row[3], row[4]) for kind, row in found]
    return sorted(late, key=lambda item: (item.due, item.title, item.what))[:limit]
