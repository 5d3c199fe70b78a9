"""Consultees (remissinstanser): those who were asked, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint, answer
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import TEXT_OF_CASE, Day, Id, Instant, Key, Line, Representation, Schema, Text, choice, columns
from committee import asked, consultee_extensions, referrals
from committee.consultee_extensions import ConsulteeExtension
from committee.organisations import Organization
from committee.referrals import Consultee
from store.paging import Page

blp = Blueprint("consultees", "Those who were asked in a consultation; a municipality sees its own.")

SORTS = {"reply_by": Consultee.reply_by, "answered_at": Consultee.answered_at, "status": Consultee.status}
STATUSES = ("invited", "extension_asked", "answered", "abstained", "late", "no_reply", "stopped")


class ConsulteeSchema(Representation):
    """One of those who were asked."""

    id = fields.UUID()
    referral_id = fields.UUID()
    consulted_id = fields.UUID(metadata={"description": "The organisation."})
    organization = fields.String(metadata={"description": "Its key, as the list is narrowed by."})
    organization_name = fields.String()
    status = fields.String(metadata={"description": ", ".join(STATUSES)})
    reply_by = Day()
    answered_at = Instant(allow_none=True)
    answer_kind = fields.String(allow_none=True)
    answer_text = fields.String(allow_none=True)
    answers = fields.List(
        fields.String(), allow_none=True, metadata={"description": "To the lines of the referral's question, in order."}
    )
    decided_by = fields.String(allow_none=True)
    version = fields.Integer()


class AnswerSchema(Schema):
    """An answer that came by e-mail or post."""

    answer_kind = choice(*referrals.ANSWERS, required=True)
    answer_text = Text()
    decided_by = Line(metadata={"description": "Who decided it at the consultee: body, date and paragraph."})


class AskExtensionSchema(Schema):
    """Until when a consultee needs more time, and why."""

    new_date = Day(required=True)
    reason = Text(2000, required=True)


class AbstainSchema(Schema):
    """Why no answer is given."""

    reason = Text(2000, required=True)
    decided_by = Line(metadata={"description": "Who decided it at the consultee: body, date and paragraph."})


class ConsulteeExtensionSchema(Representation):
    """One time that more time was asked for."""

    id = fields.UUID()
    asked_until = Day()
    reason = fields.String()
    asked_at = Instant()
    granted = fields.Boolean(allow_none=True, metadata={"description": "None while nobody has answered."})
    new_date = Day(allow_none=True, metadata={"description": "The day that was granted."})
    comment = fields.String(allow_none=True)
    answered_at = Instant(allow_none=True)


class ConsulteeQuery(PageQuery):
    """Which consultees."""

    case_id = Id()
    organization = Key(metadata={"description": "Key of the organisation that was asked."})
    status = choice(*STATUSES)
    reply_by_from = Day()
    reply_by_before = Day()
    text = Line(metadata=TEXT_OF_CASE)
    sort = sort_field(SORTS, "reply_by")


@blp.get("/consultees")
@blp.lists(ConsulteeSchema, ConsulteeQuery)
def list_consultees(query: dict[str, Any]) -> Page[Any]:
    """Those who were asked."""
    with context.database().reading() as db:
        page = select_page(db, referrals.find_consultees(context.actor(), **filters(query)), query, SORTS, Consultee.id)
        return Page(_named(db, page.items), page.cursor)


@blp.get("/consultees/<uuid:consultee_id>")
@blp.reads(ConsulteeSchema, versioned=True)
def read_consultee(consultee_id: UUID) -> Any:
    """One of those who were asked."""
    with context.database().reading() as db:
        found = referrals.read_consultee(db, context.actor(), consultee_id)
    return _one(found)


@blp.post("/consultees/<uuid:consultee_id>/answer")
@blp.acts(ConsulteeSchema, body=AnswerSchema)
def register_answer(body: dict[str, Any], consultee_id: UUID) -> Any:
    """Register an answer, once; what comes after the day is kept as late."""
    kind, text = body["answer_kind"], body.get("answer_text")
    found = referrals.register_answer(
        context.database(), context.actor(), consultee_id, kind, text, decided_by=body.get("decided_by")
    )
    return _one(found)


@blp.post("/consultees/<uuid:consultee_id>/ask-extension")
@blp.acts(ConsulteeSchema, body=AskExtensionSchema)
def ask_extension(body: dict[str, Any], consultee_id: UUID) -> Any:
    """Ask for more time (anstånd); the officer grants it or not."""
    found = consultee_extensions.ask_extension(
        context.database(), context.actor(), consultee_id, body["new_date"], body["reason"]
    )
    return _one(found)


@blp.get("/consultees/<uuid:consultee_id>/extensions")
@blp.reads_all(ConsulteeExtensionSchema)
def list_extensions(consultee_id: UUID) -> Page[ConsulteeExtension]:
    """What a consultee has asked for more time, the last first, and what was answered."""
    with context.database().reading() as db:
        found = referrals.read_consultee(db, context.actor(), consultee_id)
        return Page(consultee_extensions.extensions_of(db, found.id))


@blp.post("/consultees/<uuid:consultee_id>/abstain")
@blp.acts(ConsulteeSchema, body=AbstainSchema)
def abstain(body: dict[str, Any], consultee_id: UUID) -> Any:
    """Say, as the one who was asked, that no answer is given; its task ends."""
    decided_by = body.get("decided_by")
    return _one(asked.abstain(context.database(), context.actor(), consultee_id, body["reason"], decided_by=decided_by))


def _one(consultee: Consultee) -> Any:
    with context.database().reading() as db:
        (named,) = _named(db, [consultee])
    return answer(named, consultee)


def _named(db: Session, found: Sequence[Consultee]) -> list[dict[str, Any]]:
    """Consultees with the organisations that they are."""
    asked = {each.consulted_id for each in found}
    names = {each.id: each for each in db.scalars(select(Organization).where(Organization.id.in_(asked)))}
    return [
        {
            **columns(each),
            "organization": names[each.consulted_id].key,
            "organization_name": names[each.consulted_id].name,
        }
        for each in found
    ]
