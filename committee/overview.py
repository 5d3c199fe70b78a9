"""What managers ask: what is late, and what will be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, false, func, literal, null, or_, select
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
WATCHERS = ("manager", "head", "director", "process_owner", "operator")
"""Roles that see how the work of the whole organisation goes."""


@dataclass(frozen=True, slots=True)
class Late:
    """A step or deadline whose day has passed or is near, or the plan of a case that does not hold, or hardly."""

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
    slack_days: int | None = None
    """Of a plan: working days to spare; below zero where it does not hold."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: None if value is None else _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a manager asks for: of which kind, where, whose, from and before which days. None asks for all."""

    kind: str | None = None
    body: str | None = None
    step: str | None = None
    process_key: str | None = None
    """The process of a step; for a date or a plan the one that carries the case."""
    case_officer_id: UUID | None = None
    no_body: bool = False
    """Only what no body is to do."""
    no_case_officer: bool = False
    """Only what is of no officer's case."""
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
IS_DONE = Task.state == literal("completed", literal_execute=True)
"""Written into the statement, since the indexes are of open tasks only, or of completed ones."""


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


def coming(
    db: Session,
    organization_id: UUID,
    wanted: Wanted = ALL,
    *,
    after: Place | None = None,
    descending: bool = False,
    limit: int = 200,
) -> list[Late]:
    """The open tasks and deadlines that fall due today or later."""
    return _page(db, _due(organization_id, wanted, clock.today(), None), after, descending, limit)


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
    access.require(actor, *WATCHERS)
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


def _due(organization_id: UUID, wanted: Wanted, start: date | None, end: date | None) -> Iterator[Arm]:
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
            .where(Task.due_on.is_not(None))
        )  # fmt: skip
        asked = (at_least(Task.due_on, start), below(Task.due_on, end), *of_tasks(organization_id, wanted))
        yield narrowed(tasks, *asked), Task.due_on, Task.id
    if wanted.kind in (None, "deadline") and has_no_body(wanted):
        dates = select(
            literal("deadline").label("kind"), Deadline.id, Deadline.kind.label("what"),
            Deadline.kind.label("step"), *_NOBODY, *_of_case(Deadline.due_on),
        ).join(Case, Case.id == Deadline.case_id)  # fmt: skip
        asked = (at_least(Deadline.due_on, start), below(Deadline.due_on, end), *of_dates(organization_id, wanted))
        yield narrowed(dates, *asked), Deadline.due_on, Deadline.id


def _tight(organization_id: UUID, wanted: Wanted) -> Iterator[Arm]:
    """The cases that no meeting can decide in time, or hardly; due is the day to reply by."""
    if wanted.kind not in (None, "plan") or not has_no_body(wanted):
        return
    never = literal("Inget sammanträde kan besluta")
    says = literal("Beslut kan fattas ") + cast(Case.planned_decision_on, String)
    plans = select(
        literal("plan").label("kind"), Case.id,
        case((Case.planned_decision_on.is_(None), never), else_=says).label("what"),
        literal(PLAN).label("step"), Case.slack_days, *_NOBODY, *_of_case(Deadline.due_on),
    ).join(Deadline, OF_PLAN)  # fmt: skip
    yield narrowed(plans, *of_plans(organization_id, wanted)), Deadline.due_on, Case.id


def has_no_body(wanted: Wanted) -> bool:
    """Whether dates and plans can be among what is asked for: they are no body's."""
    return wanted.body is None


def of_tasks(organization_id: UUID, wanted: Wanted, state: ColumnElement[bool] = IS_OPEN) -> tuple[Condition, ...]:
    """Tasks that are wanted, whenever they are due: open ones, if not those in another state are meant."""
    return (
        Task.organization_id == organization_id,
        state,
        equal(Task.element_id, wanted.step),
        equal(Task.process_key, wanted.process_key),
        Task.candidate_body_id.in_(select(Body.id).where(Body.key == wanted.body)) if wanted.body is not None else None,
        Task.candidate_body_id.is_(None) if wanted.no_body else None,
        or_(Task.case_id.is_(None), Task.case_id.in_(_WITHOUT_OFFICER)) if wanted.no_case_officer else None,
        *_asked(wanted, Task.case_id, Task.due_on),
    )


def of_dates(organization_id: UUID, wanted: Wanted) -> tuple[Condition, ...]:
    """Open deadlines that are wanted, joined to their cases."""
    return (
        Deadline.organization_id == organization_id,
        Deadline.state == "open",
        equal(Deadline.kind, wanted.step),
        *_of_carried(wanted),
        *_asked(wanted, Deadline.case_id, Deadline.due_on),
    )


def of_plans(organization_id: UUID, wanted: Wanted) -> tuple[Condition, ...]:
    """Cases that are wanted whose plan does not hold, or hardly, joined to the day to reply by (`OF_PLAN`)."""
    return (
        Case.organization_id == organization_id,
        Case.status.not_in(ENDED),
        Case.slack_days < AT_RISK_WORKING_DAYS,
        false() if wanted.step not in (None, PLAN) else None,
        *_of_carried(wanted),
        *_asked(wanted, Case.id, Deadline.due_on),
    )


_MEETING_BODY = aliased(Body)
_TITLE = func.coalesce(Case.title, _MEETING_BODY.name, Task.process_key).label("title")
_WITHOUT_OFFICER = select(Case.id).where(Case.case_officer_id.is_(None))
PLAN = "plan"
"""What stands for the step of a plan, which has none."""
OF_PLAN = and_(Deadline.case_id == Case.id, Deadline.kind == "reply_by", Deadline.state == "open")
"""A case with the day by which it is to be answered."""
_NOBODY = (null().label("body"), null().label("assignee_id"), (Case.status == SUSPENDED).label("suspended"))
"""What a deadline or a plan says where a task says whose it is and whether it is held."""


def _of_case(due: Column, title: Any = Case.title) -> tuple[Any, ...]:
    """The columns that all rows share."""
    officer = Case.case_officer_id.label("case_officer_id")
    return due.label("due_on"), Case.id.label("case_id"), Case.registry_number, title, officer


def _of_carried(wanted: Wanted) -> tuple[Condition, ...]:
    """What is of a case goes by the process that carries it, and its officer."""
    without = Case.case_officer_id.is_(None) if wanted.no_case_officer else None
    return equal(Case.case_type, wanted.process_key), without


def _asked(wanted: Wanted, case_id: Column, due: Column) -> tuple[Condition, ...]:
    about = of_case(case_id, case_officer_id=wanted.case_officer_id, text=wanted.text)
    return about, equal(case_id, wanted.case_id), at_least(due, wanted.due_from), below(due, wanted.due_before)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
