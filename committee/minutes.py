"""The minutes of a meeting as far as they are written (KL 5:65-69): who was there, and what became of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import attendance, samrad
from committee.access import Actor
from committee.agenda import AgendaItem, agenda_of
from committee.meeting_file import Item, described
from committee.meetings import Meeting, read_meeting
from committee.organisations import Body
from committee.samrad import SamradOutcome
from engine.models import Task

WRITTEN: Mapping[str, Sequence[str]] = {"start_meeting": ("present", "adjusters"), "draft_minutes": ("text",)}
"""The steps of a meeting's process in which something of its minutes is written, by operation, and the fields that are read."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What became of an item."""

    about: Item
    positions: Sequence[SamradOutcome]
    """Where the sides stand on it, of an item of a samråd."""
    disqualified: Sequence[tuple[str, str | None]]
    """Who did not take part in it for disqualification (jäv), and who served instead."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """All that is read before the minutes are adjusted."""

    meeting: Meeting
    body: Body
    paragraphs: Sequence[Paragraph]
    """In the order of the agenda, those that are not recorded yet among them."""
    written: Sequence[Task]
    """The steps in which something was written of the whole meeting, in the order in which they were done."""


def read_minutes(db: Session, actor: Actor, meeting_id: UUID) -> Minutes:
    """The minutes of a meeting. Raises NotFound also for one that the reader may not see."""
    meeting = read_meeting(db, actor, meeting_id)
    on_agenda = agenda_of(actor, meeting.id).where(AgendaItem.state != "withdrawn").order_by(AgendaItem.position)
    items = described(db, actor, db.scalars(on_agenda).all())
    disqualified = attendance.disqualified_at(db, actor, meeting.id)
    sides = _sides(db, [each.item.id for each in items])
    return Minutes(
        meeting=meeting,
        body=db.get_one(Body, meeting.body_id),
        paragraphs=[
            Paragraph(each, sides.get(each.item.id, ()), disqualified.get(each.item.position, ())) for each in items
        ],
        written=_written(db, meeting),
    )


def _sides(db: Session, item_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[SamradOutcome]]:
    stood = samrad.by_side(db.scalars(select(SamradOutcome).where(SamradOutcome.agenda_item_id.in_(item_ids))))
    return {item_id: [each for each in stood if each.agenda_item_id == item_id] for item_id in item_ids}


def _written(db: Session, meeting: Meeting) -> Sequence[Task]:
    if meeting.instance_id is None:
        return ()
    found = select(Task).where(Task.instance_id == meeting.instance_id, Task.state == "completed")
    return db.scalars(found.where(Task.operation.in_(WRITTEN)).order_by(Task.completed_at, Task.id)).all()
