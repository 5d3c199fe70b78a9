"""Referrals (remisser) that are sent out in a case: what is asked, how, and until when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.meetings import ReasonSchema
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import TEXT_OF_CASE, Day, Id, Instant, Line, Representation, choice
from committee import referrals, stopping
from committee.referrals import Referral
from store.paging import Page

blp = Blueprint("referrals", "What is sent out to be answered; a municipality sees what it was asked.")

SORTS = {"created_at": Referral.created_at, "reply_by": Referral.reply_by}


class ReferralSchema(Representation):
    """A question to several consultees."""

    id = fields.UUID()
    case_id = fields.UUID()
    mode = fields.String(metadata={"description": ", ".join(referrals.MODES)})
    question = fields.String(allow_none=True)
    reply_by = Day(metadata={"description": "For all; a consultee that was given more time has its own."})
    created_at = Instant()
    stopped_at = Instant(allow_none=True)


class ReferralQuery(PageQuery):
    """Which referrals."""

    case_id = Id()
    mode = choice(*referrals.MODES)
    reply_by_from = Day()
    reply_by_before = Day()
    text = Line(metadata=TEXT_OF_CASE)
    sort = sort_field(SORTS, "-created_at")


@blp.get("/referrals")
@blp.lists(ReferralSchema, ReferralQuery)
def list_referrals(query: dict[str, Any]) -> Page[Referral]:
    """What was sent out to be answered."""
    with context.database().reading() as db:
        found = referrals.find_referrals(context.actor(), **filters(query))
        return select_page(db, found, query, SORTS, Referral.id)


@blp.get("/referrals/<uuid:referral_id>")
@blp.reads(ReferralSchema)
def read_referral(referral_id: UUID) -> Referral:
    """One question that was sent out."""
    with context.database().reading() as db:
        return referrals.read_referral(db, context.actor(), referral_id)


@blp.post("/referrals/<uuid:referral_id>/stop")
@blp.acts(ReferralSchema, body=ReasonSchema, versioned=False)
def stop_referral(body: dict[str, Any], referral_id: UUID) -> Referral:
    """Stop asking: what has been answered is summed up, the rest is waited for no more."""
    return stopping.stop_referral(context.database(), context.actor(), referral_id, body["reason"])
