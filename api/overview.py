"""What managers ask: what is late, what will be, and where."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.paging import DEFAULT_LIMIT, MAX_LIMIT, Page
from api.schemas import Day, Question, Representation, Whole
from committee import access, overview

blp = Blueprint("overview", "What is late, what will be, and where it stands.")


class LateSchema(Representation):
    """A step or a deadline whose day has passed or is near."""

    what = fields.String(metadata={"description": "Name of the step, kind of the deadline, or what the plan says."})
    kind = fields.String(metadata={"description": "task, deadline or plan."})
    due = Day()
    days_late = fields.Integer(metadata={"description": "Below zero: days left."})
    case_id = fields.UUID()
    registry_number = fields.String(allow_none=True)
    title = fields.String()


class CountSchema(Representation):
    """Open tasks of a body at a step."""

    body = fields.String(allow_none=True)
    element_id = fields.String()
    name = fields.String()
    open = fields.Integer()
    overdue = fields.Integer()
    at_risk = fields.Integer(metadata={"description": "Due within three working days."})


class LateQuery(Question):
    """How many. Plans come before what is near, and in each those due first."""

    limit = Whole(1, MAX_LIMIT, load_default=DEFAULT_LIMIT)


@blp.get("/overdue")
@blp.reads_all(LateSchema, query=LateQuery)
def list_overdue(query: dict[str, Any]) -> Page[overview.Late]:
    """Open tasks and deadlines whose day has passed."""
    actor = context.actor()
    access.require_internal(actor)
    with context.database().reading() as db:
        return Page(overview.overdue(db, actor.organization_id, limit=query["limit"]), None)


@blp.get("/at-risk")
@blp.reads_all(LateSchema, query=LateQuery)
def list_at_risk(query: dict[str, Any]) -> Page[overview.Late]:
    """Cases whose plan does not hold or hardly, and open tasks and deadlines due within three working days."""
    actor = context.actor()
    access.require_internal(actor)
    with context.database().reading() as db:
        return Page(overview.at_risk(db, actor.organization_id, limit=query["limit"]), None)


@blp.get("/counts")
@blp.reads_all(CountSchema)
def list_counts() -> Page[overview.Count]:
    """Open, overdue and soon overdue tasks, by body and step."""
    with context.database().reading() as db:
        return Page(overview.counts(db, context.actor()), None)
