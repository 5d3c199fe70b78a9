"""Who serves at a meeting, and who is away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.schemas import Id, Representation, Schema, Whole, choice
from committee import agenda, attendance, meetings
from committee.attendance import Absence
from committee.meetings import Meeting
from committee.organisations import Person
from store.paging import Page

blp = Blueprint("attendance", "Who serves at a meeting, and who is away.")


class AbsenceSchema(Representation):
    """A member who does not serve, and who serves instead."""

    id = fields.UUID()
    meeting_id = fields.UUID()
    person_id = fields.UUID()
    substitute_id = fields.UUID(allow_none=True, metadata={"description": "Who serves instead; null: nobody."})
    ground = fields.String(metadata={"description": "absent, or disqualified (jäv) in one item."})
    from_position = fields.Integer()
    to_position = fields.Integer(allow_none=True, metadata={"description": "The last item; null: to the end."})


class NoteAbsenceSchema(Schema):
    """Who is away from which items of the agenda, and who serves instead."""

    person_id = Id(required=True)
    substitute_id = Id()
    ground = choice(*attendance.GROUNDS)
    from_position = Whole(1, 1000)
    to_position = Whole(1, 1000)


class ServingSchema(Representation):
    """Somebody who serves."""

    id = fields.UUID()
    name = fields.String()


@blp.get("/meetings/<uuid:meeting_id>/absences")
@blp.reads_all(AbsenceSchema)
def list_absences(meeting_id: UUID) -> Page[Absence]:
    """Who is away from a meeting."""
    with context.database().reading() as db:
        meetings.read_meeting(db, context.actor(), meeting_id)
        return Page(db.scalars(attendance.absences_of(context.actor(), meeting_id)).all())


@blp.post("/meetings/<uuid:meeting_id>/absences")
@blp.creates(AbsenceSchema, body=NoteAbsenceSchema, location=False)
def note_absence(body: dict[str, Any], meeting_id: UUID) -> Absence:
    """Note that a member does not serve; for the secretary or chair of the body."""
    return attendance.note_absence(context.database(), context.actor(), meeting_id, **body)


@blp.post("/absences/<uuid:absence_id>/take-back")
@blp.acts(AbsenceSchema, versioned=False)
def take_back_absence(absence_id: UUID) -> Absence:
    """Take back what was noted by mistake, until the minutes are adjusted; answers with what stood there."""
    return attendance.take_back_absence(context.database(), context.actor(), absence_id)


@blp.get("/agenda-items/<uuid:item_id>/serving")
@blp.reads_all(ServingSchema)
def list_serving(item_id: UUID) -> Page[Person]:
    """Who serves at an item: members, and substitutes in the place of those who are away."""
    with context.database().reading() as db:
        item = agenda.read_item(db, context.actor(), item_id)
        return Page(attendance.serving(db, db.get_one(Meeting, item.meeting_id), item.position))
