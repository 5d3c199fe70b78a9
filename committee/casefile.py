"""The file of a case (akt), as a person opens it: what it is, how it goes, where it stands and what comes.

Each part is asked for when it is opened, in few questions however long the case has become.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, attributes, defer

from committee import deadlines, documents, referrals, tasks
from committee.access import Actor
from committee.cases import DECIDED, ENDED, Case, visible_to
from committee.coming import ComingStep, coming_steps
from committee.deadlines import Deadline
from committee.organisations import Body, Person
from committee.overview import AT_RISK_WORKING_DAYS
from committee.referrals import ANSWERED, Consultee
from committee.slots import Slot, slots_of
from committee.stopping import answered_in
from committee.worklist import by_id
from engine.models import Definition, Incident, Instance, Task
from store import clock
from store.errors import NotFound
from store.events import Event


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every part of a case's file."""

    case: Case
    officer: Person | None
    reply_by: date | None
    """The day in force, with the extensions that were granted; None also when it is no longer needed."""
    given_on: date | None
    """The day that was set, where nobody works on it and `reply_by` is another."""
    is_met: bool
    """An answer has been sent, perhaps with the reservation that the final one follows."""
    late_step: str | None
    late_since: date | None
    """The open step whose day has passed longest."""
    has_incident: bool
    documents: int
    asked: int
    answered: int
    """Those who were asked, and who have answered, as far as the reader may see them."""

    @property
    def health(self) -> str:
        """ended, suspended, sent, sent_late, passed, step_late, decided, preliminary, never, tight, fits, unplanned or free.

        The worst that is true.
        """
        case = self.case
        if case.status in ENDED:
            return "ended"
        if case.status == "suspended":
            return "suspended"
        if case.sent_on is not None:
            return "sent_late" if self.reply_by is not None and self.reply_by < case.sent_on else "sent"
        if self.reply_by is not None and not self.is_met and self.reply_by < clock.today():
            return "passed"
        if self.late_step is not None:
            return "step_late"
        if case.status in DECIDED:
            return "decided"
        if self.is_met:
            return "preliminary"
        if self.reply_by is None:
            return "free"
        if case.slack_days is None:
            return "unplanned"
        if case.planned_decision_on is None or case.slack_days < 0:
            return "never"
        return "tight" if case.slack_days < AT_RISK_WORKING_DAYS else "fits"


@dataclass(frozen=True, slots=True)
class Stage:
    """A process of the case and where it stands: what is open, done or late, by element of its diagram."""

    instance: Instance
    definition: Definition
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """Tasks of one step that stand alike: one, or those of all who were asked."""

    tasks: Sequence[Task]

    @property
    def task(self) -> Task:
        """The first of them."""
        return self.tasks[0]


@dataclass(frozen=True, slots=True)
class Casefile:
    """Where a case stands: its first page."""

    head: Head
    open_tasks: Sequence[Task]
    """Those that the reader may see, by deadline."""
    done_tasks: Sequence[Task]
    """The last first; with those of consultees that abstained, or answered by post."""
    stages: Sequence[Stage]
    coming: Sequence[ComingStep]
    """The steps ahead, as the processes of the case say."""
    deadlines: Sequence[Deadline]
    """The days that lie before the case, and those that were missed."""
    slots: Sequence[Slot]
    people: Mapping[UUID | None, Person]
    bodies: Mapping[UUID | str | None, Body]
    """By id, and by the key that diagrams name them by."""

    @property
    def steps(self) -> list[Step]:
        """What waits and what is done: those that wait by deadline, those that are done the last first.

        Those of one round to several stand together; a step that came back stands as often as it was done.
        """
        alike: dict[tuple[UUID, str, bool, UUID | None], list[Task]] = {}
        for task in (*self.open_tasks, *self.done_tasks):
            own = None if "loopCounter" in task.locals else task.id
            alike.setdefault((task.instance_id, task.element_id, task.state == "open", own), []).append(task)
        return [Step(each) for each in alike.values()]

    @property
    def is_waiting(self) -> bool:
        """Whether the process that carries the case goes on without a step of its own that is open to anybody."""
        if not self.stages or self.stages[0].instance.status != "running":
            return False
        return all(task.instance_id != self.stages[0].instance.id for task in self.open_tasks)

    @property
    def unadjusted(self) -> Slot | None:
        """Where the case has been decided, if it only waits for the minutes of that meeting to be adjusted."""
        return next((slot for slot in self.slots if slot.awaits_adjustment), None) if self.is_waiting else None

    @property
    def stages_shown(self) -> Sequence[Stage]:
        """The process that carries the case, and those that it has called and waits for."""
        return [stage for place, stage in enumerate(self.stages) if place == 0 or stage.instance.status == "running"]


def read_head(db: Session, actor: Actor, case_id: UUID) -> Head:
    """What stands above every part. Raises NotFound also for a case that the reader may not see."""
    wanted = (
        select(Case, Person)
        .outerjoin(Person, Person.id == Case.case_officer_id)
        .where(Case.id == case_id, visible_to(actor))
    )
    found = db.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("There is no such case.")
    case, officer = found
    day, given, state, step, since, incidents, count, asked, answered = db.execute(_figures(actor, case_id)).one()
    return Head(case, officer, day, given, state == "met", step, since, bool(incidents), count, asked, answered)


def _figures(actor: Actor, case_id: UUID) -> Select[*tuple[Any, ...]]:
    """What is counted for the head, in one statement."""
    reply_by = select(Deadline).where(
        Deadline.case_id == case_id, Deadline.kind == "reply_by", Deadline.state != "waived"
    )
    late = select(Task).where(Task.case_id == case_id, Task.state == "open", Task.due_on < clock.today())
    late = late.order_by(Task.due_on, Task.id).limit(1)
    incidents = select(func.count()).where(Incident.case_id == case_id, Incident.state == "open")
    asked = referrals.find_consultees(actor, case_id=case_id).subquery()
    counted = select(func.count()).select_from(asked)
    filed = documents.find_documents(actor, case_id=case_id).subquery()
    return select(
        reply_by.with_only_columns(Deadline.due_on).scalar_subquery(),
        reply_by.with_only_columns(Deadline.given_on).scalar_subquery(),
        reply_by.with_only_columns(Deadline.state).scalar_subquery(),
        late.with_only_columns(Task.name).scalar_subquery(),
        late.with_only_columns(Task.due_on).scalar_subquery(),
        incidents.scalar_subquery(),
        select(func.count()).select_from(filed).scalar_subquery(),
        counted.scalar_subquery(),
        counted.where(asked.c.status.in_(ANSWERED)).scalar_subquery(),
    )


def read_casefile(db: Session, actor: Actor, case_id: UUID) -> Casefile:
    """Where a case stands. Raises NotFound also for a case that the reader may not see."""
    head = read_head(db, actor, case_id)
    wanted = select(Task).where(Task.case_id == case_id).options(defer(Task.result))
    seen = [
        task
        for task in db.scalars(wanted.order_by(Task.created_at, Task.id))
        if actor.is_internal or tasks.is_visible_to(actor, task)
    ]
    done = [*(task for task in seen if task.state == "completed"), *_answered_otherwise(db, seen)]
    stages = list(_stages(db, case_id, seen)) if actor.is_internal else []
    planned = _deadlines(db, actor, case_id) if actor.is_internal else ()
    slots = slots_of(db, case_id) if actor.is_internal else []
    running = [stage.instance for stage in stages if stage.instance.status == "running"]
    ahead = [each for each in planned if each.state == "open" and _is_met_on(head.case, each)]
    coming = coming_steps(db, running, done, ahead, slots)
    return Casefile(
        head=head,
        open_tasks=sorted((task for task in seen if task.state == "open"), key=_urgency),
        done_tasks=sorted(done, key=lambda task: (task.completed_at, task.id), reverse=True),
        stages=stages,
        coming=coming,
        deadlines=planned,
        slots=slots,
        people=by_id(
            db, Person, (each for task in seen for each in (task.assignee_id, task.completed_by, task.drafted_by))
        ),
        bodies=_bodies(db, actor, {task.candidate_body_id for task in seen}, {step.body for step in coming}),
    )


def _answered_otherwise(db: Session, seen: Sequence[Task]) -> list[Task]:
    """The steps of consultees that ended without their form, since the answer came in another way: it abstained, or wrote."""
    last = {answered_in(task): task for task in seen}
    ended = {consultee_id: task for consultee_id, task in last.items() if consultee_id and task.state == "cancelled"}
    if not ended:
        return []
    in_time = select(Consultee.id).where(Consultee.id.in_(ended), Consultee.status.in_(("answered", "abstained")))
    return [ended[consultee_id] for consultee_id in db.scalars(in_time)]


def late_steps(db: Session, case_ids: Collection[UUID]) -> dict[UUID, tuple[str, date]]:
    """The open step of each case whose day has passed longest, with that day."""
    late = select(Task.case_id, Task.name, Task.due_on).where(Task.case_id.in_(case_ids), Task.state == "open")
    rows = db.execute(late.where(Task.due_on < clock.today()).order_by(Task.due_on.desc(), Task.id.desc()))
    return {case_id: (name, due_on) for case_id, name, due_on in rows if case_id is not None and due_on is not None}


def stopped(db: Session, actor: Actor, case_ids: Collection[UUID]) -> set[UUID]:
    """Those of the cases in which a step has stopped on an error that is not mended yet."""
    unmended = Incident.organization_id == actor.organization_id, Incident.state == "open"
    found = select(Incident.case_id).where(*unmended, Incident.case_id.in_(case_ids)).distinct()
    return {case_id for case_id in db.scalars(found) if case_id is not None}


def _is_met_on(case: Case, deadline: Deadline) -> bool:
    """Whether somebody meets on a deadline for the decision: where none can in time, it is only the last day for one."""
    is_last_day = case.slack_days is not None and case.planned_decision_on != deadline.due_on
    return deadline.kind != "decision" or not is_last_day


def _urgency(task: Task) -> tuple[bool, str, UUID]:
    return task.due_on is None, str(task.due_on), task.id


def _deadlines(db: Session, actor: Actor, case_id: UUID) -> Sequence[Deadline]:
    found = deadlines.find_deadlines(actor, case_id=case_id).where(Deadline.state.in_(("open", "missed")))
    return db.scalars(found.order_by(Deadline.due_on, Deadline.id)).all()


def _bodies(db: Session, actor: Actor, ids: set[UUID | None], keys: set[str | None]) -> dict[UUID | str | None, Body]:
    named = and_(Body.organization_id == actor.organization_id, Body.key.in_(keys - {None}))
    found = db.scalars(select(Body).where(or_(Body.id.in_(ids - {None}), named)))
    return {name: body for body in found for name in (body.id, body.key)}


def _passed(db: Session, case_id: UUID) -> Mapping[UUID | None, set[str]]:
    """What is behind the tokens of each process, also what no person did: from the log of its steps."""
    advanced = select(Event.instance_id, Event.data).where(Event.case_id == case_id, Event.type == "instance.advanced")
    passed: dict[UUID | None, set[str]] = {}
    for instance_id, data in db.execute(advanced.order_by(Event.seq)):
        behind = passed.setdefault(instance_id, set())
        for element_id, event in data["trace"]:
            (behind.add if event == "completed" else behind.discard)(element_id)
    return passed


def _stages(db: Session, case_id: UUID, seen: Sequence[Task]) -> Iterator[Stage]:
    """The processes of the case, the one that carries it first."""
    found = (
        select(Instance, Definition, case((Instance.status == "running", Instance.state)))
        .join(Definition, Definition.id == Instance.definition_id)
        .where(Instance.case_id == case_id)
        .options(defer(Instance.state))
        .order_by(Instance.started_at, Instance.id)
    )
    rows = db.execute(found).all()
    today, passed = clock.today(), _passed(db, case_id)
    for instance, definition, state in rows:
        attributes.set_committed_value(instance, "state", state)  # what has ended is not looked into
        marks = dict.fromkeys(passed.get(instance.id, ()), "done")
        for other, *_ in rows:
            if other.parent_id == instance.id and other.parent_element_id is not None:
                marks[other.parent_element_id] = "open" if other.status == "running" else "done"
        for task in seen:
            if task.instance_id != instance.id or task.state == "cancelled":
                continue
            late = task.state == "open" and task.due_on is not None and task.due_on < today
            marks[task.element_id] = "late" if late else "open" if task.state == "open" else "done"
        yield Stage(instance, definition, marks)
