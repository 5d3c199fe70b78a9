"""What managers ask: what is late, and what will be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, String, and_, case, cast, func, literal, null, select
from sqlalchemy.orm import Session, aliased

from committee import access
from committee.access import Actor
from committee.calendar import working_days_after
from committee.cases import ENDED, Case, of_case
from committee.deadlines import LABELS, Deadline
from committee.instances import SUSPENDED
from committee.meetings import Meeting
from committee.organisations import Body
from engine.models import Task
from store import clock
from store.query import Column, Condition, at_least, below, beyond, equal, narrowed

AT_RISK_WORKING_DAYS = 3
"""Fewer working days than this left means that something is at risk."""


@dataclass(frozen=True, slots=True)
class Late:
    """A step or deadline whose day has passed or is near, or the plan of a case that does not hold."""

    id: UUID
    """Of the task or the deadline; of the case for a plan."""
    kind: str
    """task, deadline or plan."""
    what: str
    """Name of the step or the deadline, or what the plan says; in Swedish."""
    step: str
    """Element of the diagram, kind of the deadline, or plan."""
    body: str | None
    """Key of the body that is to do the task."""
    assignee_id: UUID | None
    due_on: date
    days_late: int
    case_id: UUID | None
    registry_number: str | None
    title: str
    """Of the case; for a step of a meeting the name of the body that meets."""
    case_officer_id: UUID | None
    suspended: bool
    """An operator holds the step's process, or the case: nothing can be done in it until it is resumed."""
    meeting_id: UUID | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: None if value is None else _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a manager asks for: of which kind, where, whose, from and before which days. None asks for all."""

    kind: str | None = None
    body: str | None = None
    step: str | None = None
    case_officer_id: UUID | None = None
    case_id: UUID | None = None
    due_from: date | None = None
    due_before: date | None = None
    text: str | None = None


Place = tuple[date, UUID]
"""Where a page of a list ended."""
Arm = tuple[Select[*tuple[Any, ...]], Column, Column]
"""Rows of one table, with their day and their key."""
ALL = Wanted()
IS_OPEN = Task.state == literal("open", literal_execute=True)
"""Written into the statement, since the indexes are of open tasks only."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many open tasks of a body stand at a step, and how many of them are late or soon will be."""

    body: str | None
    element_id: str
    name: str
    open: int
    overdue: int
    at_risk: int


def overdue(
    db: Session,
    organization_id: UUID,
    wanted: Wanted = ALL,
    *,
    after: Place | None = None,
    descending: bool = False,
    limit: int = 200,
) -> list[Late]:
    """The open tasks and deadlines whose day has passed, those due first before the others."""
    return _page(db, _due(organization_id, wanted, None, clock.today()), after, descending, limit)


def at_risk(
    db: Session,
    organization_id: UUID,
    wanted: Wanted = ALL,
    *,
    after: Place | None = None,
    descending: bool = False,
    limit: int = 200,
) -> list[Late]:
    """What falls due within three working days, and the cases whose plan leaves less than three: seen months ahead."""
    today = clock.today()
    near = _due(organization_id, wanted, today, working_days_after(today, AT_RISK_WORKING_DAYS))
    return _page(db, [*near, *_tight(organization_id, wanted)], after, descending, limit)


def counts(
    db: Session,
    actor: Actor,
    *,
    body: str | None = None,
    element_id: str | None = None,
    process_key: str | None = None,
    case_officer_id: UUID | None = None,
) -> list[Count]:
    """Open, overdue and soon overdue tasks per body and step."""
    access.require(actor, "manager", "head", "director", "process_owner", "operator")
    today = clock.today()
    soon = working_days_after(today, AT_RISK_WORKING_DAYS)
    steps = narrowed(
        select(
            Task.candidate_body_id,
            Task.element_id,
            func.max(Task.name).label("name"),
            func.count().label("open"),
            func.count().filter(Task.due_on < today).label("overdue"),
            func.count().filter(Task.due_on >= today, Task.due_on < soon).label("at_risk"),
        )
        .where(Task.organization_id == actor.organization_id, IS_OPEN)
        .group_by(Task.candidate_body_id, Task.element_id),  # in the order of an index that holds all of it
        equal(Task.element_id, element_id),
        equal(Task.process_key, process_key),
        of_case(Task.case_id, case_officer_id=case_officer_id),
    ).subquery()
    columns = (Body.key, steps.c.element_id, steps.c.name, steps.c.open, steps.c.overdue, steps.c.at_risk)
    counted = narrowed(
        select(*columns).outerjoin_from(steps, Body, Body.id == steps.c.candidate_body_id), equal(Body.key, body)
    ).order_by(Body.key, steps.c.element_id)
    return [Count(*row) for row in db.execute(counted)]


def _page(db: Session, arms: Iterable[Arm], after: Place | None, descending: bool, limit: int) -> list[Late]:
    """A page of several tables in one order: each gives as many rows as could be needed, along its own index."""
    today = clock.today()
    found: list[Late] = []
    for statement, due, key in arms:
        order = (due.desc(), key.desc()) if descending else (due, key)
        page = narrowed(statement.order_by(*order).limit(limit), _beyond(due, key, after, descending=descending))
        found += [_late(row, today) for row in db.execute(page)]
    return sorted(found, key=lambda late: (late.due_on, late.id), reverse=descending)[:limit]


def _late(row: Row[Any], today: date) -> Late:
    late = Late(**row._mapping, days_late=(today - row.due_on).days)
    return replace(late, what=LABELS[late.step][0]) if late.kind == "deadline" else late


def _beyond(due: Column, key: Column, after: Place | None, *, descending: bool) -> Condition:
    if after is None:
        return None
    return beyond(due, key, after, descending=descending)


def _due(organization_id: UUID, wanted: Wanted, start: date | None, end: date) -> Iterator[Arm]:
    """The open tasks and deadlines that fall due from `start` and before `end`."""
    if wanted.kind in (None, "task"):
        tasks = (
            select(
                literal("task").label("kind"), Task.id, Task.name.label("what"), Task.element_id.label("step"),
                Body.key.label("body"), Task.assignee_id, Task.suspended, *_of_case(Task.due_on, _TITLE), Meeting.id.label("meeting_id"),
            )
            .outerjoin(Case, Case.id == Task.case_id)
            .outerjoin(Body, Body.id == Task.candidate_body_id)
            .outerjoin(Meeting, Meeting.instance_id == Task.instance_id)
            .outerjoin(_MEETING_BODY, _MEETING_BODY.id == Meeting.body_id)
            .where(Task.organization_id == organization_id, IS_OPEN, Task.due_on < end)
        )  # fmt: skip
        asked = (at_least(Task.due_on, start), equal(Task.element_id, wanted.step), equal(Body.key, wanted.body))
        yield narrowed(tasks, *asked, *_asked(wanted, Task.due_on)), Task.due_on, Task.id
    if wanted.kind in (None, "deadline") and wanted.body is None:
        dates = (
            select(
                literal("deadline").label("kind"), Deadline.id, Deadline.kind.label("what"),
                Deadline.kind.label("step"), *_NOBODY, *_of_case(Deadline.due_on),
            )
            .join(Case, Case.id == Deadline.case_id)
            .where(Deadline.organization_id == organization_id, Deadline.state == "open", Deadline.due_on < end)
        )  # fmt: skip
        asked = (at_least(Deadline.due_on, start), equal(Deadline.kind, wanted.step), None)
        yield narrowed(dates, *asked, *_asked(wanted, Deadline.due_on)), Deadline.due_on, Deadline.id


def _tight(organization_id: UUID, wanted: Wanted) -> Iterator[Arm]:
    """The cases that no meeting can decide in time, or hardly; due is the day to reply by."""
    if wanted.kind not in (None, "plan") or wanted.body is not None or wanted.step not in (None, "plan"):
        return
    never = literal("Inget sammanträde kan besluta")
    says = literal("Beslut kan fattas ") + cast(Case.planned_decision_on, String)
    plans = (
        select(
            literal("plan").label("kind"), Case.id,
            case((Case.planned_decision_on.is_(None), never), else_=says).label("what"),
            literal("plan").label("step"), *_NOBODY, *_of_case(Deadline.due_on),
        )
        .join(Deadline, and_(Deadline.case_id == Case.id, Deadline.kind == "reply_by", Deadline.state == "open"))
        .where(Case.organization_id == organization_id, Case.status.not_in(ENDED))
        .where(Case.slack_days < AT_RISK_WORKING_DAYS)
    )  # fmt: skip
    yield narrowed(plans, *_asked(wanted, Deadline.due_on)), Deadline.due_on, Case.id


_MEETING_BODY = aliased(Body)
_TITLE = func.coalesce(Case.title, _MEETING_BODY.name, Task.process_key).label("title")
_NOBODY = (null().label("body"), null().label("assignee_id"), (Case.status == SUSPENDED).label("suspended"))
"""What a deadline or a plan says where a task says whose it is and whether it is held."""


def _of_case(due: Column, title: Any = Case.title) -> tuple[Any, ...]:
    """The columns that all rows share."""
    officer = Case.case_officer_id.label("case_officer_id")
    return due.label("due_on"), Case.id.label("case_id"), Case.registry_number, title, officer


def _asked(wanted: Wanted, due: Column) -> tuple[Condition, ...]:
    about = of_case(Case.id, case_officer_id=wanted.case_officer_id, text=wanted.text)
    return about, equal(Case.id, wanted.case_id), at_least(due, wanted.due_from), below(due, wanted.due_before)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
