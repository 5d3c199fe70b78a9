"""A list of work as people read it: each task with its case, its meeting, its body and who has it, in few questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, true, tuple_
from sqlalchemy.orm import Session

from committee.access import Actor
from committee.cases import Case
from committee.meetings import Meeting
from committee.organisations import Body, Membership, Person, in_force_today
from committee.tasks import items_of
from engine.models import Definition, Task
from store.base import Identified

MOST_SUCCESSORS = 200
"""People to choose among; a body has fewer."""

Row = TypeVar("Row", bound=Identified)


@dataclass(frozen=True, slots=True)
class Work:
    """A task and what it is about."""

    task: Task
    case: Case | None
    meeting: Meeting | None
    """For a step of a meeting, which has no case."""
    meeting_body: Body | None
    body: Body | None
    """Whose members may do it."""
    assignee: Person | None
    item: str | None = None
    """Which of several the step is for, in the words of its diagram."""


def described(db: Session, tasks: Sequence[Task]) -> list[Work]:
    """Tasks in the order given."""
    cases = by_id(db, Case, (task.case_id for task in tasks))
    of_meetings = [task.instance_id for task in tasks if task.case_id is None]
    found = db.scalars(select(Meeting).where(Meeting.instance_id.in_(of_meetings))) if of_meetings else ()
    meetings = {meeting.instance_id: meeting for meeting in found}
    bodies = by_id(
        db, Body, [*(task.candidate_body_id for task in tasks), *(each.body_id for each in meetings.values())]
    )
    people = by_id(db, Person, (task.assignee_id for task in tasks))
    items = items_of(db, [task.id for task in tasks]) if tasks else {}
    described_ = []
    for task in tasks:
        meeting = meetings.get(task.instance_id)
        described_.append(
            Work(
                task,
                cases.get(task.case_id),
                meeting,
                bodies.get(meeting.body_id) if meeting is not None else None,
                bodies.get(task.candidate_body_id),
                people.get(task.assignee_id),
                items.get(task.id),
            )
        )
    return described_


def successors(db: Session, actor: Actor, tasks: Sequence[Task]) -> dict[tuple[str, str], list[Person]]:
    """To whom tasks can be handed over: those who have the role of one today, besides the actor, by role and body."""
    wanted = {(task.candidate_body_id, task.candidate_role) for task in tasks if task.candidate_body_id is not None}
    if not wanted:
        return {}
    found = (
        select(Membership.role, Body.short_name, Person)
        .join(Person, Person.id == Membership.person_id)
        .join(Body, Body.id == Membership.body_id)
        .where(in_force_today(), tuple_(Membership.body_id, Membership.role).in_(sorted(wanted)))
        .where(Person.id != actor.person_id)
        .order_by(Body.short_name, Membership.role, Person.name, Person.id)
        .distinct()
    )
    grouped: dict[tuple[str, str], list[Person]] = {}
    for role, body, person in db.execute(found.limit(MOST_SUCCESSORS)):
        grouped.setdefault((role, body), []).append(person)
    return grouped


def processes(db: Session, organization_id: UUID, *, of_cases: bool = False) -> list[tuple[str, str]]:
    """Key and name of every process, as its newest version is called; `of_cases`: of those that a case is opened with."""
    rows = db.execute(
        select(Definition.key, Definition.name)
        .where(Definition.organization_id == organization_id, Definition.kind == "process")
        .where(Definition.start_form.is_not(None) if of_cases else true())
        .order_by(Definition.key, Definition.number)
    )
    return sorted({key: name or key for key, name in rows}.items(), key=lambda pair: pair[1].casefold())


def bodies(db: Session, organization_id: UUID) -> list[tuple[str, str]]:
    """Key and short name of every body of the register, by name."""
    rows = db.execute(select(Body.key, Body.short_name).where(Body.organization_id == organization_id))
    return sorted(((key, name) for key, name in rows), key=lambda pair: pair[1].casefold())


def by_id(db: Session, table: type[Row], ids: Iterable[UUID | None]) -> dict[UUID | None, Row]:
    """The rows that have one of the ids, in one question."""
    wanted = {each for each in ids if each is not None}
    return {row.id: row for row in db.scalars(select(table).where(table.id.in_(wanted)))} if wanted else {}
