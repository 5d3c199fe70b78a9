"""Deadlines: dates by which something is to be done in a case, and their extensions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint, answer
from api.paging import PageQuery, filters, only, select_page, sort_field
from api.schemas import OFFICER, TEXT_OF_CASE, Day, Flag, Id, Instant, Line, Representation, Schema, Text, choice
from committee import deadlines
from committee.deadlines import Deadline, Extension
from store.paging import Page

blp = Blueprint("deadlines", "Dates by which something is to be done in a case.")

SORTS = {"due_on": Deadline.due_on, "kind": Deadline.kind}


class DeadlineSchema(Representation):
    """A date with its precision and its basis."""

    id = fields.UUID()
    case_id = fields.UUID()
    kind = fields.String()
    due_on = Day()
    given_on = Day(
        allow_none=True,
        metadata={"description": "The day that was set, where nobody works on it and `due_on` is another."},
    )
    precision = fields.String(metadata={"description": "day, week, month or quarter."})
    roll = fields.String(metadata={"description": "Which way it moves from a day that is not a working day."})
    basis = fields.String(metadata={"description": "Who set it: law, sender, body or self."})
    source_text = fields.String(allow_none=True)
    state = fields.String(metadata={"description": "open, met, missed or waived."})
    version = fields.Integer()


class ExtensionSchema(Representation):
    """One time that a deadline was moved (anstånd)."""

    id = fields.UUID()
    old_date = Day()
    new_date = Day()
    reason = fields.String()
    granted_by = fields.String(allow_none=True)
    granted_at = Instant()
    actor_id = fields.UUID(allow_none=True)


class DeadlineQuery(PageQuery):
    """Which deadlines."""

    case_id = Id()
    kind = choice(*deadlines.KINDS)
    state = choice("open", "met", "missed", "waived")
    case_officer_id = Id(metadata=OFFICER)
    due_from = Day()
    due_before = Day()
    text = Line(metadata=TEXT_OF_CASE)
    sort = sort_field(SORTS, "due_on")


class ExtendSchema(Schema):
    """An extension that has been granted."""

    new_date = Day(required=True)
    reason = Text(2000, required=True)
    granted_by = Line(metadata={"description": "Who granted it, at the sender's."})
    corrects = Flag(metadata={"description": "The day was wrong: then it may move back too."})


@blp.get("/deadlines")
@blp.lists(DeadlineSchema, DeadlineQuery)
def list_deadlines(query: dict[str, Any]) -> Page[Deadline]:
    """Deadlines of the organisation's cases."""
    with context.database().reading() as db:
        return select_page(db, deadlines.find_deadlines(context.actor(), **filters(query)), query, SORTS, Deadline.id)


@blp.get("/deadlines/<uuid:deadline_id>")
@blp.reads(DeadlineSchema, versioned=True)
def read_deadline(deadline_id: UUID) -> Any:
    """One deadline."""
    with context.database().reading() as db:
        found = _read(db, deadline_id)
        return answer(found, found)


@blp.get("/deadlines/<uuid:deadline_id>/extensions")
@blp.reads_all(ExtensionSchema)
def list_extensions(deadline_id: UUID) -> Page[Extension]:
    """The history of a deadline, oldest first."""
    with context.database().reading() as db:
        _read(db, deadline_id)
        return Page(deadlines.extensions_of(db, deadline_id))


@blp.post("/deadlines/<uuid:deadline_id>/extend")
@blp.changes(DeadlineSchema, "deadline_id", body=ExtendSchema)
def extend_deadline(body: dict[str, Any], deadline_id: UUID, version: int) -> Any:
    """Move a deadline forward, or correct it; what depends on it is computed again."""
    found = deadlines.extend_deadline(
        context.database(),
        context.actor(),
        deadline_id,
        body["new_date"],
        body["reason"],
        granted_by=body.get("granted_by"),
        corrects=body.get("corrects", False),
        version=version,
    )
    return answer(found, found)


def _read(db: Session, deadline_id: UUID) -> Deadline:
    found: Deadline = only(db, deadlines.find_deadlines(context.actor()), Deadline.id, deadline_id, "deadline")
    return found
