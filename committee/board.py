"""The managers' board: how much waits, is late or soon will be, by body, step, process and officer; and week by week.

Each number has a list behind it (`committee.overview`) that is narrowed in the same way, so that whoever opens a number
finds as many rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from committee import access, worklist
from committee.access import Actor
from committee.calendar import working_days_after
from committee.cases import Case
from committee.deadlines import LABELS, Deadline
from committee.meetings import Meeting, find_meetings
from committee.organisations import Body, Person
from committee.overview import (
    ALL,
    AT_RISK_WORKING_DAYS,
    OF_PLAN,
    PLAN,
    WATCHERS,
    Late,
    Place,
    Wanted,
    at_risk,
    coming,
    has_no_body,
    of_dates,
    of_plans,
    of_tasks,
    overdue,
)
from engine.models import Task
from store import clock
from store.query import Column, at_least, below, narrowed

LISTS = {"overdue": overdue, "at_risk": at_risk, "coming": coming}
"""The numbers that have a list of what falls due behind them."""
SIDES: dict[str, tuple[Column, Column]] = {
    "body": (Task.candidate_body_id, cast(null(), Uuid())),
    "step": (Task.element_id, Deadline.kind),
    "process": (Task.process_key, Case.case_type),
    "case_officer": (Case.case_officer_id, Case.case_officer_id),
}
"""From where the work can be looked at: by what of a task, and by what of a date in a case."""
WEEKS = 8
"""Weeks that are shown one by one, this one first; what falls due within them is coming."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of what a manager watches."""

    waiting: int = 0
    """Open tasks, with or without a day."""
    overdue: int = 0
    """Open tasks and deadlines whose day has passed."""
    at_risk: int = 0
    """Those due within three working days, and plans that do not hold or hardly."""
    coming: int = 0
    """Those due from today within the coming weeks (`WEEKS`)."""

    @property
    def ahead(self) -> int:
        """What is coming and not yet at risk."""
        return max(self.coming - self.at_risk, 0)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in FIGURES))


FIGURES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Standing:
    """How much there is of a body, at a step, in a process, or in an officer's cases."""

    key: str | None
    """Of the body or the process, element of the diagram or kind of the deadline, id of the officer; None: of none."""
    name: str | None
    """What it is called, in Swedish."""
    process_key: str | None
    """Of a step."""
    figures: Figures

    def within(self, side: str, wanted: Wanted) -> Wanted:
        """What is wanted, narrowed to this place: its list has as many rows as it has figures."""
        match side:
            case "body":
                return replace(wanted, body=self.key, no_body=self.key is None)
            case "step":
                return replace(wanted, step=self.key, process_key=self.process_key)
            case "process":
                return replace(wanted, process_key=self.key)
            case _:
                officer = UUID(self.key) if self.key is not None else None
                return replace(wanted, case_officer_id=officer, no_case_officer=officer is None)


@dataclass(frozen=True, slots=True)
class Week:
    """A week to come and what falls due in it."""

    first: date
    """Its Monday."""
    start: date
    """From when it is counted: in the week that goes on, today."""
    tasks: int
    deadlines: int
    meetings: Sequence[tuple[Meeting, Body]]

    @property
    def end(self) -> date:
        """The Monday after it."""
        return self.first + timedelta(weeks=1)

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.end - timedelta(days=1)

    @property
    def count(self) -> int:
        """Everything that falls due in it."""
        return self.tasks + self.deadlines


def standings(db: Session, actor: Actor, side: str, wanted: Wanted = ALL) -> list[Standing]:
    """How much there is, seen from one of the `SIDES`; where most is late comes first."""
    access.require(actor, *WATCHERS)
    found: dict[tuple[Any, str], Figures] = {}
    names: dict[Any, str] = {}
    for key, process, name, *numbers in db.execute(union_all(*map(_counted, _rows(actor, side, wanted)))):
        found[key, process] = found.get((key, process), Figures()) + Figures(*numbers)
        names[key] = name or names.get(key, "")
    called = _called(db, actor, side, [key for key in names if key is not None])
    rows = []
    for (key, process), figures in found.items():
        known, name = called.get(key, (key, key))
        if figures != Figures():
            rows.append(Standing(known, names[key] or name, process or None, figures))
    return sorted(rows, key=_urgency)


def total(found: Iterable[Standing]) -> Figures:
    """Everything together."""
    return sum((row.figures for row in found), Figures())


def end_of_coming() -> date:
    """The day after the coming weeks."""
    return _monday(clock.today()) + timedelta(weeks=WEEKS)


def listed(
    db: Session,
    actor: Actor,
    figure: str,
    wanted: Wanted = ALL,
    *,
    after: Place | None = None,
    descending: bool = False,
    limit: int = 200,
) -> list[Late]:
    """The list behind one of the `LISTS`, what is due first before the others."""
    access.require(actor, *WATCHERS)
    if figure == "coming" and wanted.due_before is None:
        wanted = replace(wanted, due_before=end_of_coming())
    return LISTS[figure](db, actor.organization_id, wanted, after=after, descending=descending, limit=limit)


def weeks(db: Session, actor: Actor, wanted: Wanted = ALL) -> list[Week]:
    """The coming weeks, one by one."""
    access.require(actor, *WATCHERS)
    days = [_by_day("task", Task.due_on, select(Task), of_tasks(actor.organization_id, wanted))]
    if has_no_body(wanted):
        dates = select(Deadline).join(Case, Case.id == Deadline.case_id)
        days.append(_by_day("deadline", Deadline.due_on, dates, of_dates(actor.organization_id, wanted)))
    counts: Counter[tuple[str, date]] = Counter()
    for kind, day, count in db.execute(union_all(*days)):
        counts[kind, _monday(day)] += count
    today, meetings = clock.today(), _meetings(db, actor, wanted)
    mondays = (_monday(today) + timedelta(weeks=number) for number in range(WEEKS))
    return [
        Week(first, max(first, today), counts["task", first], counts["deadline", first], meetings.get(first, ()))
        for first in mondays
    ]


def find_meetings_ahead(actor: Actor, wanted: Wanted = ALL) -> Select[Meeting, Body]:
    """The meetings of the coming weeks, of a body if one is wanted, in their order."""
    start, end = clock.start_of(clock.today()), clock.start_of(end_of_coming())
    found = find_meetings(actor, body=wanted.body, starts_from=start, starts_before=end)
    ahead = found.add_columns(Body).join(Body, Body.id == Meeting.body_id).where(Meeting.state != "cancelled")
    return ahead.order_by(Meeting.starts_at, Meeting.id)


def _rows(actor: Actor, side: str, wanted: Wanted) -> Iterator[Select[*tuple[Any, ...]]]:
    """Everything that is counted: tasks, and what has no body, dates of cases and plans that do not hold."""
    own, by_step = actor.organization_id, side == "step"
    of_task, of_case = SIDES[side]

    def row(kind: str, key: Any, process: Any, due: Column, name: Any) -> Select[*tuple[Any, ...]]:
        return select(
            literal(kind).label("kind"), key.label("key"), (process if by_step else literal("")).label("process"),
            due.label("due_on"), name.label("name"),
        )  # fmt: skip

    tasks = row("task", of_task, Task.process_key, Task.due_on, Task.name if by_step else literal("")).select_from(Task)
    if side == "case_officer":
        tasks = tasks.outerjoin(Case, Case.id == Task.case_id)
    yield narrowed(tasks, *of_tasks(own, wanted))
    if has_no_body(wanted):
        dates = row("deadline", of_case, Case.case_type, Deadline.due_on, literal("")).select_from(Deadline)
        dates = dates.join(Case, Case.id == Deadline.case_id).where(
            Deadline.due_on < end_of_coming()
        )  # no figure has more
        yield narrowed(dates, *of_dates(own, wanted))
        key = literal(PLAN) if by_step else of_case
        plans = row(PLAN, key, Case.case_type, Deadline.due_on, literal("")).select_from(Case)
        yield narrowed(plans.join(Deadline, OF_PLAN), *of_plans(own, wanted))


def _called(db: Session, actor: Actor, side: str, keys: Sequence[Any]) -> dict[Any, tuple[str, str]]:
    """Key and name of what the rows are grouped by, where no task says it."""
    if side == "step":
        return {PLAN: (PLAN, "Plan"), **{kind: (kind, LABELS[kind][0]) for kind in keys if kind in LABELS}}
    if side == "process":
        return {key: (key, name) for key, name in worklist.processes(db, actor.organization_id)}
    named = (
        select(Body.id, Body.key, Body.short_name).where(Body.id.in_(keys))
        if side == "body"
        else select(Person.id, Person.id, Person.name).where(Person.id.in_(keys))
    )
    return {row[0]: (str(row[1]), row[2]) for row in db.execute(named)}


def _counted(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The figures of one kind of rows, by what they are looked at from."""
    row, count, today = rows.subquery().c, func.count(), clock.today()
    soon, dated = working_days_after(today, AT_RISK_WORKING_DAYS), row.kind != PLAN
    figures = (
        count.filter(row.kind == "task"),
        count.filter(dated, row.due_on < today),
        count.filter(or_(~dated, (row.due_on >= today) & (row.due_on < soon))),
        count.filter(dated, row.due_on >= today, row.due_on < end_of_coming()),
    )
    return select(row.key, row.process, func.max(row.name), *figures).group_by(row.key, row.process)


def _by_day(
    kind: str, due: Column, rows: Select[*tuple[Any, ...]], conditions: Iterable[Any]
) -> Select[*tuple[Any, ...]]:
    days = rows.with_only_columns(literal(kind), due, func.count()).group_by(due)
    return narrowed(days, at_least(due, clock.today()), below(due, end_of_coming()), *conditions)


def _meetings(db: Session, actor: Actor, wanted: Wanted) -> Mapping[date, Sequence[tuple[Meeting, Body]]]:
    """The meetings of the coming weeks, by the Monday of their week."""
    by_week: dict[date, list[tuple[Meeting, Body]]] = {}
    for meeting, body in db.execute(find_meetings_ahead(actor, wanted)):
        by_week.setdefault(_monday(meeting.day), []).append((meeting, body))
    return by_week


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _urgency(row: Standing) -> tuple[Any, ...]:
    some = row.figures
    return (
        -some.overdue,
        -some.at_risk,
        -some.coming,
        -some.waiting,
        row.name or "",
        row.process_key or "",
        row.key or "",
    )
