"""Decisions of the bodies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.paging import PageQuery, filters, only, select_page, sort_field
from api.schemas import BODY, OFFICER, TEXT_OF_CASE, Day, Flag, Id, Key, Line, Representation, Schema, choice
from committee import appeals, decisions
from committee.appeals import Appeal
from committee.decisions import Decision
from store.paging import Page

blp = Blueprint("decisions", "What the bodies decided, paragraph by paragraph.")

SORTS = {"decided_on": Decision.decided_on, "paragraph": Decision.paragraph}


class DecisionSchema(Representation):
    """A decision with its paragraph."""

    id = fields.UUID()
    case_id = fields.UUID()
    body_id = fields.UUID()
    agenda_item_id = fields.UUID(allow_none=True)
    decided_on = Day()
    series = fields.String(metadata={"description": "minutes, or delegation for what one person decided."})
    year = fields.Integer()
    paragraph = fields.Integer(metadata={"description": "In the series of the body and the year."})
    kind = fields.String()
    text = fields.String()
    instruction = fields.String(
        allow_none=True, metadata={"description": "What is to be done before it comes back, of a referral back."}
    )
    method = fields.String(metadata={"description": "acclamation, vote, minority, chair or delegation."})
    decided_by = fields.UUID(allow_none=True, metadata={"description": "The person who decided for the body."})
    delegation_id = fields.UUID(allow_none=True, metadata={"description": "The point of the register it was taken by."})
    reported_item_id = fields.UUID(
        allow_none=True, metadata={"description": "Where a delegate's decision is reported to the body."}
    )
    immediate_adjustment = fields.Boolean()
    legal_force_on = Day(
        allow_none=True, metadata={"description": "Laga kraft: the day from which it cannot be appealed any more."}
    )


class AppealSchema(Representation):
    """An appeal against a decision."""

    id = fields.UUID()
    decision_id = fields.UUID()
    received_on = Day()
    appellant = fields.String(allow_none=True)
    ruling = fields.String(
        allow_none=True, metadata={"description": "dismissed or annulled; null until the court rules."}
    )
    ruled_on = Day(allow_none=True)


class NewAppealSchema(Schema):
    """An appeal that has come in."""

    received_on = Day(required=True, metadata={"description": "The day on which it came to the court or the region."})
    appellant = Line()


class DecisionQuery(PageQuery):
    """Which decisions."""

    case_id = Id()
    body = Key(metadata=BODY)
    kind = choice(*decisions.OUTCOMES)
    case_officer_id = Id(metadata=OFFICER)
    decided_from = Day()
    decided_before = Day()
    text = Line(metadata=TEXT_OF_CASE)
    unreported = Flag(metadata={"description": "Only those of delegates that no agenda reports yet."})
    sort = sort_field(SORTS, "-decided_on")


@blp.get("/decisions")
@blp.lists(DecisionSchema, DecisionQuery)
def list_decisions(query: dict[str, Any]) -> Page[Decision]:
    """Decisions, the newest first."""
    with context.database().reading() as db:
        found = decisions.find_decisions(context.actor(), **filters(query))
        return select_page(db, found, query, SORTS, Decision.id)


@blp.get("/decisions/<uuid:decision_id>")
@blp.reads(DecisionSchema)
def read_decision(decision_id: UUID) -> Decision:
    """One decision."""
    with context.database().reading() as db:
        found: Decision = only(db, decisions.find_decisions(context.actor()), Decision.id, decision_id, "decision")
        return found


@blp.get("/decisions/<uuid:decision_id>/appeals")
@blp.reads_all(AppealSchema)
def list_appeals(decision_id: UUID) -> Page[Appeal]:
    """The appeals against a decision, in the order in which they came."""
    with context.database().reading() as db:
        only(db, decisions.find_decisions(context.actor()), Decision.id, decision_id, "decision")
        found = appeals.find_appeals(context.actor(), decision_id=decision_id)
        return Page(db.scalars(found.order_by(Appeal.received_on, Appeal.id)).all())


@blp.post("/decisions/<uuid:decision_id>/appeals")
@blp.creates(AppealSchema, body=NewAppealSchema, location=False)
def register_appeal(body: dict[str, Any], decision_id: UUID) -> Appeal:
    """Register an appeal: the decision is not in legal force until the court has ruled."""
    return appeals.register_appeal(context.database(), context.actor(), decision_id, **body)
