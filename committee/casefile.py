"""The file of a case (akt), as a person opens it: where it stands, what was done by whom, what comes, what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from committee import deadlines, documents, referrals
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.cases import Case, events_of, read_case
from committee.deadlines import Deadline
from committee.documents import Document
from committee.meetings import Meeting
from committee.organisations import Body, Organization, Person
from committee.referrals import Consultee
from committee.tasks import is_visible_to
from committee.worklist import by_id
from engine.models import Definition, Instance, Task
from store import clock
from store.events import Event

EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Stage:
    """A process of the case and where it stands: what is open, done or late, by element of its diagram."""

    instance: Instance
    definition: Definition
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on an agenda."""

    item: AgendaItem
    meeting: Meeting
    body: Body


@dataclass(frozen=True, slots=True)
class Casefile:
    """All of a case that the reader may see."""

    case: Case
    officer: Person | None
    deadlines: Sequence[Deadline]
    stages: Sequence[Stage]
    open_tasks: Sequence[Task]
    """Those that the reader may see, by deadline."""
    done_tasks: Sequence[Task]
    """The last first."""
    slots: Sequence[Slot]
    consultees: Sequence[tuple[Consultee, Organization]]
    documents: Sequence[Document]
    events: Sequence[Event]
    """The last first; none for readers from outside."""
    people: Mapping[UUID | None, Person]
    bodies: Mapping[UUID | None, Body]

    @property
    def stages_shown(self) -> Sequence[Stage]:
        """The process that carries the case, and those that it has called and waits for."""
        return [stage for place, stage in enumerate(self.stages) if place == 0 or stage.instance.status == "running"]


def read_casefile(db: Session, actor: Actor, case_id: UUID) -> Casefile:
    """The file of a case. Raises NotFound also for a case that the reader may not see."""
    case = read_case(db, actor, case_id)
    tasks = db.scalars(
        select(Task).where(Task.case_id == case.id).options(defer(Task.draft)).order_by(Task.created_at, Task.id)
    ).all()
    seen = [task for task in tasks if is_visible_to(actor, task)] if not actor.is_internal else list(tasks)
    happened = _last_events(db, actor, case)
    asked = referrals.find_consultees(actor, case_id=case.id).order_by(Consultee.reply_by, Consultee.id)
    consultees = db.scalars(asked).all()
    consulted = by_id(db, Organization, (consultee.consulted_id for consultee in consultees))
    done = [task for task in seen if task.state == "completed"]
    slots = _slots(db, case.id) if actor.is_internal else []
    return Casefile(
        case=case,
        officer=db.get(Person, case.case_officer_id) if case.case_officer_id else None,
        deadlines=_deadlines(db, actor, case.id),
        stages=list(_stages(db, case.id, seen)),
        open_tasks=sorted((task for task in seen if task.state == "open"), key=_urgency),
        done_tasks=sorted(done, key=lambda task: (task.completed_at, task.id), reverse=True),
        slots=slots,
        consultees=[(each, org) for each in consultees if (org := consulted.get(each.consulted_id)) is not None],
        documents=db.scalars(documents.find_documents(actor, case_id=case.id).order_by(Document.serial)).all(),
        events=happened,
        people=by_id(
            db, Person, [*(task.assignee_id for task in seen), *(task.completed_by for task in seen),
                         *(event.actor_id for event in happened)]
        ),
        bodies=by_id(db, Body, (task.candidate_body_id for task in seen)),
    )  # fmt: skip


def _urgency(task: Task) -> tuple[bool, str, UUID]:
    return task.due_on is None, str(task.due_on), task.id


def _deadlines(db: Session, actor: Actor, case_id: UUID) -> Sequence[Deadline]:
    if not actor.is_internal:
        return ()
    found = deadlines.find_deadlines(actor, case_id=case_id)
    return db.scalars(found.order_by(Deadline.due_on, Deadline.id)).all()


def _last_events(db: Session, actor: Actor, case: Case) -> Sequence[Event]:
    if not actor.is_internal:
        return ()
    return db.scalars(events_of(actor, case).order_by(Event.seq.desc()).limit(EVENTS_SHOWN)).all()


def _stages(db: Session, case_id: UUID, tasks: Sequence[Task]) -> Iterator[Stage]:
    """The processes of the case, the one that carries it first."""
    found = (
        select(Instance, Definition)
        .join(Definition, Definition.id == Instance.definition_id)
        .where(Instance.case_id == case_id)
        .options(defer(Instance.state))
        .order_by(Instance.started_at, Instance.id)
    )
    today = clock.today()
    for instance, definition in db.execute(found):
        marks: dict[str, str] = {}
        for task in tasks:
            if task.instance_id != instance.id or task.state == "cancelled":
                continue
            late = task.state == "open" and task.due_on is not None and task.due_on < today
            marks[task.element_id] = "late" if late else "open" if task.state == "open" else "done"
        yield Stage(instance, definition, marks)


def _slots(db: Session, case_id: UUID) -> list[Slot]:
    rows = db.execute(
        select(AgendaItem, Meeting, Body)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Body, Body.id == Meeting.body_id)
        .where(AgendaItem.case_id == case_id, AgendaItem.state != "withdrawn")
        .order_by(Meeting.starts_at, AgendaItem.id)
    )
    return [Slot(*row) for row in rows]
