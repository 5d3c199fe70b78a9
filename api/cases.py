"""Cases (ärenden): opened, followed, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer, here
from api.paging import PageQuery, filters, select_page, sort_field
from api.plans import PlanSchema
from api.schemas import OFFICER, TEXT_OF_CASE, Day, Flag, Id, Instant, Key, Line, Representation, Schema, Text
from committee import cases, extensions, plans, replying
from committee.cases import Case
from store.events import Event
from store.paging import Page

blp = Blueprint("cases", "Cases, from their arrival to their answer.")

SORTS = {
    "received_at": Case.received_at,
    "reply_by": Case.reply_by,
    "registry_number": Case.registry_number,
    "title": Case.title,
    "status": Case.status,
    "closed_at": Case.closed_at,
}
EVENT_SORTS = {"at": Event.at}


class CaseSchema(Representation):
    """A case of the organisation."""

    id = fields.UUID()
    registry_number = fields.String(allow_none=True)
    title = fields.String(metadata={"description": "Ärendemening."})
    case_type = fields.String(metadata={"description": "Key of the process that carries it."})
    status = fields.String()
    sender = fields.String(allow_none=True)
    sender_reference = fields.String(allow_none=True)
    reply_by = Day(allow_none=True, metadata={"description": "The day in force; see the case's deadlines."})
    received_at = Instant()
    registered_at = Instant(allow_none=True)
    case_officer_id = fields.UUID(allow_none=True)
    planned_decision_on = Day(allow_none=True, metadata={"description": "When a meeting can decide, as last planned."})
    slack_days = fields.Integer(
        allow_none=True,
        metadata={"description": "Working days from there to the day to send; below zero it comes too late."},
    )
    sent_on = Day(allow_none=True, metadata={"description": "The day on which the answer was sent."})
    closed_at = Instant(allow_none=True)
    result = fields.String(allow_none=True)
    version = fields.Integer()


class OpenCaseSchema(Schema):
    """What is known when something arrives."""

    case_type = Key(
        required=True,
        metadata={"description": "Key of a deployed process whose start event has a form, such as external_referral."},
    )
    title = Line(cases.MOST_TITLE, required=True)
    sender = Line()
    sender_reference = Line()
    reply_by = Day()
    reply_by_passed = Flag(metadata={"description": "It came too late: the day to reply by may have passed."})


class WithdrawSchema(Schema):
    """Why a case is withdrawn."""

    reason = Text(2000, required=True)


class ReplyBySchema(Schema):
    """By when the case is to be answered."""

    reply_by = Day(required=True)


class OfficerSchema(Schema):
    """Who is to deal with the case."""

    case_officer_id = Id(required=True)


class ExtensionAnswerSchema(Schema):
    """What the sender said when it was asked for more time (anstånd)."""

    granted = Flag(required=True)
    new_date = Day(metadata={"description": "The new reply-by date, when more time was given."})


class CaseQuery(PageQuery):
    """Which cases."""

    status = Key()
    case_type = Key()
    case_officer_id = Id(metadata=OFFICER)
    body = Key(metadata={"description": "Key of a body where the case has an open task."})
    element_id = Key(metadata={"description": "Id of a step in the diagram where the case has an open task."})
    reply_by_from = Day()
    reply_by_before = Day()
    received_from = Instant()
    received_before = Instant()
    closed_from = Instant()
    closed_before = Instant()
    late = Flag(metadata={"description": "Only those whose answer or decision came after its day."})
    text = Line(metadata=TEXT_OF_CASE)
    sort = sort_field(SORTS, "-received_at")


class EventSchema(Representation):
    """One thing that happened."""

    seq = fields.Integer()
    at = Instant()
    type = fields.String(metadata={"description": "Noun and verb: task.completed."})
    actor_id = fields.UUID(allow_none=True, metadata={"description": "null when the system itself acted."})
    subject_type = fields.String()
    subject_id = fields.UUID()
    case_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    data = fields.Dict(keys=fields.String())


class EventQuery(PageQuery):
    """Which events."""

    type = Line(100, metadata={"description": "Noun and verb: task.completed."})
    at_from = Instant()
    at_before = Instant()
    sort = sort_field(EVENT_SORTS, "at")


@blp.post("/cases")
@blp.creates(CaseSchema, body=OpenCaseSchema, versioned=True)
def open_case(body: dict[str, Any]) -> Any:
    """Open a case and start its process."""
    case = cases.open_case(context.database(), context.actor(), **body)
    return answer(case, case, location=here("cases.read_case", case_id=case.id))


@blp.get("/cases")
@blp.lists(CaseSchema, CaseQuery)
def list_cases(query: dict[str, Any]) -> Page[Case]:
    """Cases that the caller may see."""
    with context.database().reading() as db:
        return select_page(db, cases.find_cases(context.actor(), **filters(query)), query, SORTS, Case.id)


@blp.get("/cases/<uuid:case_id>")
@blp.reads(CaseSchema, versioned=True)
def read_case(case_id: UUID) -> Any:
    """One case."""
    with context.database().reading() as db:
        case = cases.read_case(db, context.actor(), case_id)
    return answer(case, case)


@blp.get("/cases/<uuid:case_id>/plan")
@blp.reads(PlanSchema)
def read_plan(case_id: UUID) -> Any:
    """The plan backwards from the day to reply by, counted anew from today's calendar, with the ladder."""
    with context.database().reading() as db:
        return plans.read_plan(db, context.actor(), case_id)


@blp.get("/cases/<uuid:case_id>/events")
@blp.lists(EventSchema, EventQuery)
def list_events(query: dict[str, Any], case_id: UUID) -> Page[Event]:
    """What has happened in a case, and who did it."""
    with context.database().reading() as db:
        case = cases.read_case(db, context.actor(), case_id)
        return select_page(db, cases.events_of(context.actor(), case, **filters(query)), query, EVENT_SORTS, Event.seq)


@blp.post("/cases/<uuid:case_id>/assign")
@blp.changes(CaseSchema, "case_id", body=OfficerSchema)
def assign_case(body: dict[str, Any], case_id: UUID, version: int) -> Any:
    """Give the case to another officer; for a head."""
    case = cases.assign_case(context.database(), context.actor(), case_id, body["case_officer_id"], version=version)
    return answer(case, case)


@blp.post("/cases/<uuid:case_id>/reply-by")
@blp.changes(CaseSchema, "case_id", body=ReplyBySchema)
def set_reply_by(body: dict[str, Any], case_id: UUID, version: int) -> Any:
    """Set the day to answer by of a case that has none; 409 for one that has."""
    case = replying.set_reply_by(context.database(), context.actor(), case_id, body["reply_by"], version=version)
    return answer(case, case)


@blp.post("/cases/<uuid:case_id>/withdraw")
@blp.changes(CaseSchema, "case_id", body=WithdrawSchema)
def withdraw_case(body: dict[str, Any], case_id: UUID, version: int) -> Any:
    """Withdraw a case: its process runs what it has for that, or is ended."""
    case = cases.withdraw_case(context.database(), context.actor(), case_id, body["reason"], version=version)
    return answer(case, case)


@blp.post("/cases/<uuid:case_id>/extension-answer")
@blp.acts(CaseSchema, body=ExtensionAnswerSchema)
def record_extension_answer(body: dict[str, Any], case_id: UUID) -> Any:
    """Register what the sender said about more time; 409 when the case does not wait for it."""
    case = extensions.record_extension_answer(context.database(), context.actor(), case_id, **body)
    return answer(case, case)
