"""The delegation register, and what is decided by it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.decisions import DecisionSchema
from api.paging import PageQuery, select_page, sort_field
from api.schemas import Day, Key, Line, Representation, Schema, Text, choice
from committee import delegated, delegations
from committee.decisions import FINAL, Decision
from committee.delegations import Delegation
from store.paging import Page

blp = Blueprint("delegations", "The delegation register, and what is decided by it.")

SORTS = {"point": Delegation.point}


class DelegationSchema(Representation):
    """A point of the register: who may decide what for a body."""

    id = fields.UUID()
    body_id = fields.UUID(metadata={"description": "The body for which is decided."})
    point = fields.String()
    matter = fields.String()
    ground = fields.String(metadata={"description": "KL 6:37, KL 6:39 or KL 7:5."})
    delegate_body_id = fields.UUID()
    delegate_role = fields.String(
        allow_none=True, metadata={"description": "Who decides alone; null: the delegate body, at its meetings."}
    )
    valid_from = Day(allow_none=True)
    valid_to = Day(allow_none=True)


class DelegatedDecisionSchema(Schema):
    """A decision that one person takes for a body."""

    body = Key(required=True, metadata={"description": "Key of the body for which is decided."})
    point = Line(required=True, metadata={"description": "The point of the delegation register."})
    text = Text(required=True)
    kind = choice(*FINAL)


class DelegationQuery(PageQuery):
    """Which points."""

    body = Key()
    sort = sort_field(SORTS, "point")


@blp.get("/delegations")
@blp.lists(DelegationSchema, DelegationQuery)
def list_delegations(query: dict[str, Any]) -> Page[Delegation]:
    """The points of the register."""
    with context.database().reading() as db:
        found = delegations.find_delegations(context.actor(), body_key=query.get("body"))
        return select_page(db, found, query, SORTS, Delegation.id)


@blp.post("/cases/<uuid:case_id>/delegated-decisions")
@blp.creates(DecisionSchema, body=DelegatedDecisionSchema, location=False)
def decide_by_delegation(body: dict[str, Any], case_id: UUID) -> Decision:
    """Decide for a body by delegation; it is reported at the body's next meeting."""
    key, point, text = body.pop("body"), body.pop("point"), body.pop("text")
    return delegated.decide_by_delegation(context.database(), context.actor(), case_id, key, point, text, **body)
