"""A meeting as its secretary opens it: the chain it stands in, its agenda and what became of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from committee import rescheduling
from committee.access import Actor
from committee.agenda import AgendaItem, agenda_of
from committee.attendance import Absence, absences_of
from committee.cases import Case
from committee.cases import visible_to as shows_case
from committee.decisions import Decision
from committee.meetings import Meeting, for_change, may_change, read_meeting, visible_to
from committee.organisations import Body, chain_of
from committee.tasks import is_visible_to
from engine.models import Task

UNPLACED_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its case, for those who may see it, and the paragraph that it became."""

    item: AgendaItem
    case: Case | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """All of a meeting that the reader may see."""

    meeting: Meeting
    body: Body
    may_change: bool
    prepared_by: tuple[Meeting, Body] | None
    prepares: Sequence[tuple[Meeting, Body]]
    items: Sequence[Item]
    withdrawn: Sequence[Item]
    unplaced: Sequence[Case]
    """Cases whose plan counts on this meeting, and that have no place on its agenda yet."""
    tasks: Sequence[Task]
    """What waits in the process of the meeting, for those who may see it."""
    absences: Sequence[Absence]

    usual_role: str
    """What a case is on the agenda of this body for, by its place in the chain."""

    @property
    def may_add(self) -> bool:
        """Whether the reader may put cases on the agenda."""
        return self.may_change and self.meeting.state in ("planned", "summoned")

    @property
    def may_order(self) -> bool:
        """Whether the reader may put the items in order, and there is something to order."""
        return self.may_change and self.meeting.state == "planned" and len(self.items) > 1

    @property
    def left(self) -> Sequence[Item]:
        """The items of which it is not recorded yet what became of them."""
        return [each for each in self.items if each.item.state == "confirmed"] if self.body.records_items else []


def read_meeting_file(db: Session, actor: Actor, meeting_id: UUID) -> MeetingFile:
    """A meeting with its agenda. Raises NotFound also for one that the reader may not see."""
    meeting = read_meeting(db, actor, meeting_id)
    of = db.get_one(Body, meeting.body_id)
    around = _around(db, actor, meeting)
    items = described(db, actor, db.scalars(agenda_of(actor, meeting.id).order_by(AgendaItem.position)).all())
    return MeetingFile(
        meeting=meeting,
        body=of,
        may_change=may_change(actor, of),
        prepared_by=next((pair for pair in around if pair[0].id == meeting.prepared_by_id), None),
        prepares=[pair for pair in around if pair[0].prepared_by_id == meeting.id],
        items=[each for each in items if each.item.state != "withdrawn"],
        withdrawn=[each for each in items if each.item.state == "withdrawn"],
        unplaced=_unplaced(db, actor, meeting, items),
        tasks=_tasks(db, actor, meeting),
        absences=db.scalars(absences_of(actor, meeting.id)).all(),
        usual_role=_usual_role(db, of),
    )


def read_movable(db: Session, actor: Actor, meeting_id: UUID) -> tuple[Meeting, Body]:
    """A meeting and its body, for whoever may move it. Raises NotFound, Forbidden or Conflict."""
    meeting, of = for_change(db, actor, meeting_id)
    rescheduling.require_movable(meeting)
    return meeting, of


def described(db: Session, actor: Actor, items: Sequence[AgendaItem]) -> list[Item]:
    """Items in the order given, with what the reader may see of their cases and decisions."""
    seen = select(Case).where(Case.id.in_({item.case_id for item in items}), shows_case(actor))
    cases = {case.id: case for case in db.scalars(seen)} if items else {}
    ids = [item.id for item in items if item.state == "handled"]
    made = db.scalars(select(Decision).where(Decision.agenda_item_id.in_(ids))) if ids and actor.is_internal else ()
    decisions: Mapping[UUID | None, Decision] = {decision.agenda_item_id: decision for decision in made}
    return [Item(item, cases.get(item.case_id), decisions.get(item.id)) for item in items]


def _around(db: Session, actor: Actor, meeting: Meeting) -> list[tuple[Meeting, Body]]:
    """The meeting that prepares this one, and those that it prepares."""
    linked = or_(Meeting.id == meeting.prepared_by_id, Meeting.prepared_by_id == meeting.id)
    rows = db.execute(
        select(Meeting, Body)
        .join(Body, Body.id == Meeting.body_id)
        .where(linked, visible_to(actor), Meeting.state != "cancelled")
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [(each, of) for each, of in rows]


def _usual_role(db: Session, of: Body) -> str:
    chain = chain_of(db, of.organization_id)
    roles = {"preparing_body": "preparation", "consulting_body": "consultation"}
    return next((role for place, role in roles.items() if chain.get(place) == of.key), "decision")


def _unplaced(db: Session, actor: Actor, meeting: Meeting, items: Sequence[Item]) -> Sequence[Case]:
    if not actor.is_internal or meeting.state not in ("planned", "summoned"):
        return ()
    counting = rescheduling.counting_on(db, meeting, meeting.day)
    placed = [each.item.case_id for each in items if each.item.state != "withdrawn"]
    found = select(Case).where(Case.id.in_(counting), Case.id.not_in(placed)).order_by(Case.title, Case.id)
    return db.scalars(found.limit(UNPLACED_SHOWN)).all()


def _tasks(db: Session, actor: Actor, meeting: Meeting) -> Sequence[Task]:
    if meeting.instance_id is None:
        return ()
    found = select(Task).where(Task.instance_id == meeting.instance_id, Task.state == "open")
    tasks = db.scalars(found.options(defer(Task.draft)).order_by(Task.created_at, Task.id))
    return [task for task in tasks if is_visible_to(actor, task)]
