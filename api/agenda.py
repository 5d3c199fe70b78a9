"""Agendas: which cases a meeting treats, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer, here
from api.decisions import DecisionSchema
from api.meetings import ReasonSchema
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import Flag, Id, Instant, Line, Representation, Schema, Text, choice
from committee import agenda, corrections, decisions, meetings, samrad
from committee.agenda import AgendaItem, Completion
from committee.decisions import Decision
from store.paging import Page

blp = Blueprint("agenda", "Which cases a meeting treats, and what became of them.")

SORTS = {"position": AgendaItem.position, "title": AgendaItem.title}
COMPLETION_SORTS = {"at": Completion.at}


class AgendaItemSchema(Representation):
    """A case on the agenda of a meeting."""

    id = fields.UUID()
    meeting_id = fields.UUID()
    case_id = fields.UUID()
    position = fields.Integer()
    title = fields.String()
    role = fields.String(metadata={"description": "preparation, consultation, information, decision or reporting."})
    state = fields.String(metadata={"description": "confirmed, handled or withdrawn."})
    material_delivered_at = Instant(allow_none=True)
    outcome = fields.String(
        allow_none=True,
        metadata={
            "description": "An outcome of a decision, or of a samråd: handshake, differs, neither_agrees, not_handled, region_not_handled, municipalities_not_handled."
        },
    )
    outcome_text = fields.String(allow_none=True)
    version = fields.Integer()


class PositionSchema(Representation):
    """Where one side of the samråd stands."""

    side = fields.String()
    position = fields.String()
    input_text = fields.String(allow_none=True)
    handshake = fields.Boolean(metadata={"description": "Both sides agree."})


class CompletionSchema(Representation):
    """What came to an item after the summons (komplettering)."""

    id = fields.UUID()
    at = Instant()
    description = fields.String()
    document_id = fields.UUID(allow_none=True)
    actor_id = fields.UUID(allow_none=True, metadata={"description": "null when the system noted it."})


class SupplementSchema(Schema):
    """What comes to an item after the summons."""

    description = Line(1000, required=True)


class CompletionQuery(PageQuery):
    """Which completions."""

    sort = sort_field(COMPLETION_SORTS, "at")


class AddItemSchema(Schema):
    """A case to be put on the agenda."""

    case_id = Id(required=True)
    role = choice(*agenda.ROLES, required=True)


class OrderSchema(Schema):
    """Where an item is to stand."""

    before_id = Id(
        required=True, allow_none=True, metadata={"description": "The item before which it is to stand; null: last."}
    )


class OutcomeSchema(Schema):
    """What the body did with the item."""

    outcome = choice(*decisions.OUTCOMES, required=True)
    text = Text(required=True)
    immediate_adjustment = Flag(metadata={"description": "The paragraph is adjusted at once (omedelbar justering)."})
    instruction = Text(metadata={"description": "What is to be done before it comes back; needed to refer back."})
    method = choice("acclamation", "vote", "minority")
    delegation_point = Line(
        metadata={
            "description": "The point by which a subcommittee decides for its committee, if several could be meant."
        }
    )


class ParagraphSchema(Schema):
    """The text of a paragraph as it should have been written."""

    text = Text(required=True)


class InputsSchema(Schema):
    """What the sides said, as it should have been written."""

    region_input = Text(allow_none=True)
    municipal_input = Text(allow_none=True)


class SamradSchema(Schema):
    """Where both sides stand; the handshake follows from it."""

    region_position = choice(*samrad.POSITIONS, required=True)
    municipal_position = choice(*samrad.POSITIONS, required=True)
    region_input = Text()
    municipal_input = Text()


class ItemQuery(PageQuery):
    """Which items."""

    role = choice(*agenda.ROLES)
    state = choice("confirmed", "handled", "withdrawn")
    text = Line(metadata={"description": "Part of the title."})
    sort = sort_field(SORTS, "position")


@blp.get("/meetings/<uuid:meeting_id>/agenda")
@blp.lists(AgendaItemSchema, ItemQuery)
def list_items(query: dict[str, Any], meeting_id: UUID) -> Page[AgendaItem]:
    """The items of a meeting, in their order."""
    with context.database().reading() as db:
        meetings.read_meeting(db, context.actor(), meeting_id)
        return select_page(
            db, agenda.agenda_of(context.actor(), meeting_id, **filters(query)), query, SORTS, AgendaItem.id
        )


@blp.post("/meetings/<uuid:meeting_id>/agenda")
@blp.creates(AgendaItemSchema, body=AddItemSchema, versioned=True)
def add_item(body: dict[str, Any], meeting_id: UUID) -> Any:
    """Put a case on an agenda by hand."""
    made = agenda.add_item(context.database(), context.actor(), meeting_id, body["case_id"], body["role"])
    return answer(made, made, location=here("agenda.read_item", item_id=made.id))


@blp.get("/agenda-items/<uuid:item_id>")
@blp.reads(AgendaItemSchema, versioned=True)
def read_item(item_id: UUID) -> Any:
    """One item."""
    with context.database().reading() as db:
        found = agenda.read_item(db, context.actor(), item_id)
    return answer(found, found)


@blp.post("/agenda-items/<uuid:item_id>/withdraw")
@blp.changes(AgendaItemSchema, "item_id", body=ReasonSchema)
def withdraw_item(body: dict[str, Any], item_id: UUID, version: int) -> Any:
    """Take an item off its agenda; its case looks for another meeting, and comes back to this one only by hand."""
    found = agenda.withdraw_item(context.database(), context.actor(), item_id, body["reason"], version=version)
    return answer(found, found)


@blp.post("/agenda-items/<uuid:item_id>/order")
@blp.changes(AgendaItemSchema, "item_id", body=OrderSchema)
def order_item(body: dict[str, Any], item_id: UUID, version: int) -> Any:
    """Put an item elsewhere on its agenda; the summons fixes the order."""
    found = agenda.order_item(context.database(), context.actor(), item_id, body["before_id"], version=version)
    return answer(found, found)


@blp.post("/agenda-items/<uuid:item_id>/completions")
@blp.creates(CompletionSchema, body=SupplementSchema, location=False)
def supplement_item(body: dict[str, Any], item_id: UUID) -> Completion:
    """Note what comes to an item after the summons; a file comes by being attached to the item."""
    return agenda.supplement_item(context.database(), context.actor(), item_id, body["description"])


@blp.get("/agenda-items/<uuid:item_id>/completions")
@blp.lists(CompletionSchema, CompletionQuery)
def list_completions(query: dict[str, Any], item_id: UUID) -> Page[Completion]:
    """What came to an item after the summons (kompletteringar)."""
    with context.database().reading() as db:
        agenda.read_item(db, context.actor(), item_id)
        found = agenda.completions_of(context.actor(), item_id)
        return select_page(db, found, query, COMPLETION_SORTS, Completion.id)


@blp.post("/agenda-items/<uuid:item_id>/outcome")
@blp.creates(DecisionSchema, body=OutcomeSchema, location=False)
def record_outcome(body: dict[str, Any], item_id: UUID) -> Decision:
    """Record what became of an item, as a paragraph of the minutes. An advisory body cannot: 409 `advisory_body`."""
    return decisions.record_outcome(context.database(), context.actor(), item_id, body.pop("outcome"), **body)


@blp.post("/agenda-items/<uuid:item_id>/samrad")
@blp.creates(AgendaItemSchema, body=SamradSchema, versioned=True, location=False)
def record_samrad_outcome(body: dict[str, Any], item_id: UUID) -> Any:
    """Record where the region and the municipalities stand."""
    found = samrad.record_samrad_outcome(context.database(), context.actor(), item_id, **body)
    return answer(found, found)


@blp.post("/agenda-items/<uuid:item_id>/correct")
@blp.changes(AgendaItemSchema, "item_id", body=ParagraphSchema)
def correct_paragraph(body: dict[str, Any], item_id: UUID, version: int) -> Any:
    """Put the text of a paragraph right, until it is adjusted."""
    found = corrections.correct_paragraph(context.database(), context.actor(), item_id, body["text"], version=version)
    return answer(found, found)


@blp.post("/agenda-items/<uuid:item_id>/samrad/correct")
@blp.changes(AgendaItemSchema, "item_id", body=InputsSchema)
def correct_positions(body: dict[str, Any], item_id: UUID, version: int) -> Any:
    """Put right what the sides of a joint consultation said, until it is adjusted."""
    inputs = {side: body.get(field) for side, field in samrad.INPUT_OF.items()}
    found = corrections.correct_positions(context.database(), context.actor(), item_id, inputs, version=version)
    return answer(found, found)


@blp.get("/agenda-items/<uuid:item_id>/samrad")
@blp.reads_all(PositionSchema)
def list_positions(item_id: UUID) -> Page[Any]:
    """Where the region and the municipalities stand, when it has been recorded."""
    with context.database().reading() as db:
        agenda.read_item(db, context.actor(), item_id)
        return Page(db.scalars(samrad.outcomes_of(context.actor(), item_id)).all())
