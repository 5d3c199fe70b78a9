"""Decisions of the bodies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.paging import Page, PageQuery, only, select_page, sort_field
from api.schemas import Day, Id, Representation
from committee import decisions
from committee.decisions import Decision

blp = Blueprint("decisions", "What the bodies decided, paragraph by paragraph.")

SORTS = {"decided_on": Decision.decided_on}


class DecisionSchema(Representation):
    """A decision with its paragraph."""

    id = fields.UUID()
    case_id = fields.UUID()
    body_id = fields.UUID()
    agenda_item_id = fields.UUID(allow_none=True)
    decided_on = Day()
    year = fields.Integer()
    paragraph = fields.Integer(metadata={"description": "In the series of the body and the year."})
    kind = fields.String()
    text = fields.String()
    method = fields.String(metadata={"description": "acclamation, vote, chair or delegation."})
    decided_by = fields.UUID(allow_none=True, metadata={"description": "The person who decided for the body."})
    immediate_adjustment = fields.Boolean()


class DecisionQuery(PageQuery):
    """Which decisions."""

    case_id = Id()
    sort = sort_field(SORTS, "-decided_on")


@blp.get("/decisions")
@blp.lists(DecisionSchema, DecisionQuery)
def list_decisions(query: dict[str, Any]) -> Page[Decision]:
    """Decisions, the newest first."""
    with context.database().reading() as db:
        found = decisions.find_decisions(context.actor(), case_id=query.get("case_id"))
        return select_page(db, found, query, SORTS, Decision.id)


@blp.get("/decisions/<uuid:decision_id>")
@blp.reads(DecisionSchema)
def read_decision(decision_id: UUID) -> Decision:
    """One decision."""
    with context.database().reading() as db:
        found: Decision = only(db, decisions.find_decisions(context.actor()), Decision.id, decision_id, "decision")
        return found
