"""What managers ask: what is late, what will be, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields

from api import context
from api.blueprint import Blueprint
from api.paging import PageQuery, ask, filters, sort_field
from api.schemas import BODY, OFFICER, STEP, TEXT_OF_CASE, Day, Flag, Id, Key, Line, Question, Representation, choice
from committee import access, overview
from committee.deadlines import Deadline
from committee.overview import Late, Wanted
from store.paging import Page, merge_page

blp = Blueprint("overview", "What is late, what will be, and where it stands.")


class LateSchema(Representation):
    """A step or a deadline whose day has passed or is near, or a case whose plan does not hold, or hardly."""

    id = fields.UUID(metadata={"description": "Of the task, the deadline, or for a plan the case."})
    kind = fields.String(metadata={"description": "task, deadline or plan."})
    what = fields.String(metadata={"description": "Name of the step, kind of the deadline, or what the plan says."})
    step = fields.String(metadata={"description": "Id of the step in the diagram, kind of the deadline, or plan."})
    body = fields.String(allow_none=True, metadata={"description": "Key of the body that is to do the task."})
    assignee_id = fields.UUID(allow_none=True)
    due_on = Day()
    days_late = fields.Integer(metadata={"description": "Below zero: days left."})
    case_id = fields.UUID(allow_none=True, metadata={"description": "null for a step of a meeting."})
    registry_number = fields.String(allow_none=True)
    title = fields.String(metadata={"description": "Of the case; of a meeting's step the body that meets."})
    case_officer_id = fields.UUID(allow_none=True)
    suspended = fields.Boolean(
        metadata={
            "description": "The step's process or the case is suspended: nothing can be done until it is resumed."
        }
    )
    meeting_id = fields.UUID(allow_none=True)
    slack_days = fields.Integer(
        allow_none=True,
        metadata={"description": "Of a plan: working days to spare; below zero where it does not hold."},
    )


class CountSchema(Representation):
    """Open tasks of a body at a step."""

    body = fields.String(allow_none=True)
    element_id = fields.String()
    name = fields.String()
    open = fields.Integer()
    overdue = fields.Integer()
    at_risk = fields.Integer(metadata={"description": "Due within three working days."})


class Narrowing(Question):
    """Whose work, and where it stands."""

    body = Key(metadata=BODY)
    no_body = Flag(metadata={"description": "Only what no body is to do."})
    step = Key(metadata={"description": "Id of a step in the diagram, or kind of a deadline."})
    process_key = Key(
        metadata={"description": "Process of the step; for a deadline or a plan the one that carries the case."}
    )
    case_officer_id = Id(metadata=OFFICER)
    no_case_officer = Flag(metadata={"description": "Only what is of no officer's case."})
    case_id = Id()
    text = Line(metadata=TEXT_OF_CASE)


class LateQuery(PageQuery, Narrowing):
    """Which of them; those due first come first."""

    kind = choice("task", "deadline", "plan")
    due_from = Day()
    due_before = Day()
    sort = sort_field(("due_on",), "due_on")


class CountQuery(Question):
    """Which tasks are counted."""

    body = Key(metadata=BODY)
    element_id = Key(metadata=STEP)
    process_key = Key()
    case_officer_id = Id(metadata=OFFICER)


@blp.get("/overdue")
@blp.lists(LateSchema, LateQuery)
def list_overdue(query: dict[str, Any]) -> Page[Late]:
    """Open tasks and deadlines whose day has passed."""
    return _page(overview.overdue, query)


@blp.get("/at-risk")
@blp.lists(LateSchema, LateQuery)
def list_at_risk(query: dict[str, Any]) -> Page[Late]:
    """Tasks and deadlines due within three working days, and cases whose plan does not hold or hardly."""
    return _page(overview.at_risk, query)


@blp.get("/coming")
@blp.lists(LateSchema, LateQuery)
def list_coming(query: dict[str, Any]) -> Page[Late]:
    """Open tasks and deadlines that fall due today or later."""
    return _page(overview.coming, query)


@blp.get("/counts")
@blp.reads_all(CountSchema, query=CountQuery)
def list_counts(query: dict[str, Any]) -> Page[overview.Count]:
    """Open, overdue and soon overdue tasks, by body and step."""
    with context.database().reading() as db:
        return Page(overview.counts(db, context.actor(), **query))


def _page(question: Callable[..., list[Late]], query: dict[str, Any]) -> Page[Late]:
    actor = context.actor()
    access.require_internal(actor)
    wanted = Wanted(**filters(query))
    with context.database().reading() as db:

        def fetch(after: Any, descending: bool, limit: int) -> list[Late]:
            return question(db, actor.organization_id, wanted, after=after, descending=descending, limit=limit)

        return merge_page(fetch, ask(query), Deadline.due_on, Deadline.id)
