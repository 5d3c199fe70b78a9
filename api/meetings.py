"""Meetings of bodies: planned, moved, cancelled, summoned, adjusted, given notice of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer, here
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import BODY, Day, Id, Instant, Key, Line, Representation, Schema, Text, choice
from committee import meetings, rescheduling
from committee.meetings import Meeting
from store.paging import Page

blp = Blueprint("meetings", "The calendar of the bodies, and what happens around a meeting.")

SORTS = {"starts_at": Meeting.starts_at}


class MeetingSchema(Representation):
    """A meeting with the dates that follow from its day."""

    id = fields.UUID()
    body_id = fields.UUID()
    starts_at = Instant()
    day = Day()
    place = fields.String(allow_none=True)
    state = fields.String(metadata={"description": "planned, summoned, held, adjusted or cancelled."})
    prepared_by_id = fields.UUID(allow_none=True, metadata={"description": "The meeting that must come before it."})
    material_stop = Day()
    summons_due = Day()
    summoned_at = Instant(allow_none=True)
    adjusted_on = Day(allow_none=True)
    notice_posted_on = Day(allow_none=True)
    last_appeal_on = Day(allow_none=True)
    notice_removed_on = Day(allow_none=True)
    instance_id = fields.UUID(allow_none=True, metadata={"description": "The process that carries the meeting."})
    version = fields.Integer()


class CreateMeetingSchema(Schema):
    """A meeting to be put into the calendar."""

    body = Key(required=True, metadata={"description": "Key of the body."})
    starts_at = Instant(required=True)
    place = Line()
    prepared_by_id = Id()


class MoveMeetingSchema(Schema):
    """When it is to be instead, and why."""

    starts_at = Instant(required=True)
    reason = Text(2000, required=True)


class ReasonSchema(Schema):
    """Why."""

    reason = Text(2000, required=True)


class AdjustSchema(Schema):
    """The day on which the minutes were adjusted."""

    adjusted_on = Day(required=True)


class NoticeSchema(Schema):
    """The day on which the notice was posted."""

    notice_posted_on = Day(required=True)


class MeetingQuery(PageQuery):
    """Which meetings."""

    body = Key(metadata=BODY)
    state = choice("planned", "summoned", "held", "adjusted", "cancelled")
    starts_from = Instant()
    starts_before = Instant()
    sort = sort_field(SORTS, "starts_at")


@blp.get("/meetings")
@blp.lists(MeetingSchema, MeetingQuery)
def list_meetings(query: dict[str, Any]) -> Page[Meeting]:
    """The calendar."""
    with context.database().reading() as db:
        found = meetings.find_meetings(context.actor(), **filters(query))
        return select_page(db, found, query, SORTS, Meeting.id)


@blp.post("/meetings")
@blp.creates(MeetingSchema, body=CreateMeetingSchema, versioned=True)
def create_meeting(body: dict[str, Any]) -> Any:
    """Put a meeting into the calendar; for the secretary or chair of the body."""
    body_key = body.pop("body")
    made = meetings.create_meeting(context.database(), context.actor(), body_key, **body)
    return answer(made, made, location=here("meetings.read_meeting", meeting_id=made.id))


@blp.get("/meetings/<uuid:meeting_id>")
@blp.reads(MeetingSchema, versioned=True)
def read_meeting(meeting_id: UUID) -> Any:
    """One meeting."""
    with context.database().reading() as db:
        found = meetings.read_meeting(db, context.actor(), meeting_id)
    return answer(found, found)


@blp.post("/meetings/<uuid:meeting_id>/move")
@blp.changes(MeetingSchema, "meeting_id", body=MoveMeetingSchema)
def move_meeting(body: dict[str, Any], meeting_id: UUID, version: int) -> Any:
    """Move a meeting; what depends on its day follows. It stays between the one before and the one after it."""
    found = rescheduling.move_meeting(context.database(), context.actor(), meeting_id, **body, version=version)
    return answer(found, found)


@blp.post("/meetings/<uuid:meeting_id>/cancel")
@blp.changes(MeetingSchema, "meeting_id", body=ReasonSchema)
def cancel_meeting(body: dict[str, Any], meeting_id: UUID, version: int) -> Any:
    """Cancel a meeting; what waited for it looks for another."""
    found = rescheduling.cancel_meeting(context.database(), context.actor(), meeting_id, **body, version=version)
    return answer(found, found)


@blp.post("/meetings/<uuid:meeting_id>/summon")
@blp.changes(MeetingSchema, "meeting_id")
def summon_meeting(meeting_id: UUID, version: int) -> Any:
    """Send the summons: the agenda is fixed."""
    found = meetings.summon_meeting(context.database(), context.actor(), meeting_id, version=version)
    return answer(found, found)


@blp.post("/meetings/<uuid:meeting_id>/adjust")
@blp.changes(MeetingSchema, "meeting_id", body=AdjustSchema)
def adjust_minutes(body: dict[str, Any], meeting_id: UUID, version: int) -> Any:
    """Note that the minutes have been adjusted."""
    found = meetings.adjust_minutes(context.database(), context.actor(), meeting_id, **body, version=version)
    return answer(found, found)


@blp.post("/meetings/<uuid:meeting_id>/notice")
@blp.changes(MeetingSchema, "meeting_id", body=NoticeSchema)
def post_notice(body: dict[str, Any], meeting_id: UUID, version: int) -> Any:
    """Post the notice (anslag): three weeks to appeal begin."""
    found = meetings.post_notice(context.database(), context.actor(), meeting_id, **body, version=version)
    return answer(found, found)
