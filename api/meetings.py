"""Meetings of bodies: planned, moved, cancelled, summoned, adjusted, given notice of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer, here
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import BODY, Day, Id, Instant, Key, Line, Representation, Schema, Text, choice
from committee import meetings, move_preview, rescheduling, summons
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
    moved_from = Instant(allow_none=True, metadata={"description": "When it was to be before it was last moved."})
    change_reason = fields.String(allow_none=True, metadata={"description": "Why it was last moved, or was cancelled."})
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


class MoveQuery(Schema):
    """When it would be instead."""

    starts_at = Instant(required=True)


class ShiftSchema(Representation):
    """A day that would move."""

    kind = fields.String(metadata={"description": "As the kinds of deadlines; `meeting` is the day itself."})
    old_date = Day(allow_none=True)
    new_date = Day(allow_none=True)


class CaseMoveSchema(Representation):
    """A case whose plan counts on the meeting."""

    case_id = fields.UUID()
    reply_by = Day(allow_none=True)
    becomes_late = fields.Boolean(metadata={"description": "The answer would come too late, and does not now."})
    slack_days = fields.Integer(allow_none=True, metadata={"description": "As it stands."})
    new_slack_days = fields.Integer(allow_none=True, metadata={"description": "As it would stand."})
    days = fields.List(fields.Nested(ShiftSchema))


class MovePreviewSchema(Representation):
    """What a move would move."""

    days = fields.List(fields.Nested(ShiftSchema), metadata={"description": "Around the meeting."})
    cases = fields.List(fields.Nested(CaseMoveSchema), metadata={"description": "Those that become late first."})
    refusal = fields.String(allow_none=True, metadata={"description": "Why the move would be refused."})
    warnings = fields.List(
        fields.String(),
        metadata={"description": "no_working_day, bridge_day, holiday_period, material_stop_passed or summons_passed."},
    )


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


@blp.get("/meetings/<uuid:meeting_id>/move")
@blp.reads(MovePreviewSchema, query=MoveQuery)
def preview_move(query: dict[str, Any], meeting_id: UUID) -> dict[str, Any]:
    """What a move would move: the dates around the meeting and the plans that count on it. Nothing is changed."""
    with context.database().reading() as db:
        found = move_preview.preview_move(db, context.actor(), meeting_id, query["starts_at"])
    return {
        "days": _shifts(found.dates),
        "cases": [
            {
                "case_id": each.case.id,
                "reply_by": each.reply_by,
                "becomes_late": each.becomes_late,
                "slack_days": each.before.slack_days if each.before else None,
                "new_slack_days": each.after.slack_days if each.after else None,
                "days": _shifts(each.days),
            }
            for each in found.cases
        ],
        "refusal": found.refusal.message if found.refusal else None,
        "warnings": found.warnings,
    }


def _shifts(days: Mapping[str, tuple[date | None, date | None]]) -> list[dict[str, Any]]:
    return [{"kind": kind, "old_date": old, "new_date": new} for kind, (old, new) in days.items()]


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
    """Send the summons by e-mail to the members and their substitutes: the agenda is fixed."""
    found = summons.summon_meeting(context.database(), context.actor(), meeting_id, version=version)
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
