"""What managers count: the work by where it stands, week by week and month by month, steps of a process, answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from marshmallow import fields

from api import context
from api.blueprint import Blueprint, refuses
from api.overview import Narrowing
from api.paging import PageQuery, filters
from api.schemas import Day, Instant, Key, Question, Representation, choice
from committee import board, heat, months, responses
from committee.board import Standing, Week
from committee.heat import Passage, StepHeat
from committee.months import Month
from committee.overview import Wanted
from committee.responses import Responses
from engine.models import Task
from store import clock
from store.paging import Ask, Page, merge_page

blp = Blueprint("statistics", "What managers count; each number has a list behind it.")

SINCE = {"description": "What was done on this day or later; twelve months back if it is not given."}
USUAL_MONTHS = 12


class FiguresSchema(Representation):
    """How much there is of what a manager watches."""

    waiting = fields.Integer(metadata={"description": "Open tasks: `GET /passages?state=waiting&kind=task`."})
    overdue = fields.Integer(metadata={"description": "As `GET /overdue` lists them."})
    at_risk = fields.Integer(metadata={"description": "As `GET /at-risk` lists them."})
    coming = fields.Integer(metadata={"description": "Due from today within eight weeks, this one included."})


class BoardRowSchema(Representation):
    """The figures of a body, a step, a process, or an officer's cases."""

    key = fields.String(
        allow_none=True,
        metadata={"description": "Key of the body or process, id of the step or officer, kind of the deadline."},
    )
    name = fields.String(allow_none=True)
    process_key = fields.String(allow_none=True, metadata={"description": "Of a step."})
    figures = fields.Nested(FiguresSchema)


class WeekSchema(Representation):
    """A week to come."""

    first = Day(metadata={"description": "Its Monday."})
    tasks = fields.Integer()
    deadlines = fields.Integer()
    meetings = fields.Integer()


class SpreadSchema(Representation):
    """How long something took, in seconds."""

    count = fields.Integer()
    median = fields.TimeDelta()
    p90 = fields.TimeDelta(metadata={"description": "Nine of ten took no longer."})


class MonthSchema(Representation):
    """A month of cases."""

    first = Day()
    received = fields.Integer()
    closed = fields.Integer()
    late = fields.Integer(metadata={"description": "Of those closed: the answer or the decision came after its day."})
    spread = fields.Nested(SpreadSchema, allow_none=True, metadata={"description": "From arrival to closing."})


class StepHeatSchema(Representation):
    """A step of a process: a task, or another process that it calls."""

    element_id = fields.String()
    name = fields.String()
    is_in_diagram = fields.Boolean(metadata={"description": "Of the newest version."})
    waiting = fields.Integer()
    overdue = fields.Integer()
    spread = fields.Nested(SpreadSchema, allow_none=True, metadata={"description": "Of those done in the period."})


class PassageSchema(Representation):
    """One time that a case stands, or stood, at a step."""

    id = fields.UUID(metadata={"description": "Of the task, or of the process that was called."})
    kind = fields.String(metadata={"description": "task or call."})
    name = fields.String(metadata={"description": "Of the task."})
    case_id = fields.UUID(allow_none=True)
    registry_number = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    due_on = Day(allow_none=True)
    began_at = Instant()
    ended_at = Instant(allow_none=True)


class ResponsesSchema(Representation):
    """How an organisation answers."""

    key = fields.String()
    name = fields.String()
    asked = fields.Integer(metadata={"description": "Of how many the rate is."})
    rate = fields.Float(allow_none=True, metadata={"description": "From 0 to 1."})
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": ", ".join(responses.OUTCOMES)}
    )


class StandingQuery(Narrowing):
    """From which side, and of which work."""

    side = choice(*board.SIDES, load_default="body", metadata={"description": "What makes a row."})


class MonthQuery(Question):
    """Of which cases."""

    process_key = Key(metadata={"description": "Of one type of case."})


class HeatQuery(Question):
    """Of which process, and since when."""

    process_key = Key(required=True)
    since = Day(metadata=SINCE)


class PassageQuery(PageQuery, Narrowing):
    """Which of them: waiting and overdue by when they began, done by when they ended, the last first."""

    state = choice(*heat.STATES, load_default="waiting")
    kind = choice("task", "call")
    since = Day(metadata=SINCE)


class ResponsesQuery(Question):
    """Since when."""

    since = Day(metadata={"description": "Answers due on this day or later; twelve months back if it is not given."})


@blp.get("/standings")
@blp.reads_all(BoardRowSchema, query=StandingQuery)
def list_standings(query: dict[str, Any]) -> Page[Standing]:
    """What waits, is late, at risk and coming, by body, step, process or officer; where most is late comes first."""
    side = query.pop("side")
    with context.database().reading() as db:
        return Page(board.standings(db, context.actor(), side, Wanted(**query)))


@blp.get("/weeks")
@blp.reads_all(WeekSchema, query=Narrowing)
def list_weeks(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """What falls due in each of the coming eight weeks, this one first."""
    with context.database().reading() as db:
        return Page(board.weeks(db, context.actor(), Wanted(**query))).map(_week)


@blp.get("/months")
@blp.reads_all(MonthSchema, query=MonthQuery)
def list_months(query: dict[str, Any]) -> Page[Month]:
    """Cases that came in and were closed in each of the last twelve months. `GET /cases` lists them."""
    with context.database().reading() as db:
        return Page(months.months(db, context.actor(), query.get("process_key")))


@blp.get("/heat")
@refuses(404)
@blp.reads_all(StepHeatSchema, query=HeatQuery)
def list_heat(query: dict[str, Any]) -> Page[StepHeat]:
    """The steps of a process: how many stand there, how many were done, how long it took. `GET /passages` lists them."""
    with context.database().reading() as db:
        return Page(heat.read_heat(db, context.actor(), query["process_key"], _since(query)).steps)


@blp.get("/passages")
@blp.lists(PassageSchema, PassageQuery)
def list_passages(query: dict[str, Any]) -> Page[Passage]:
    """The times that cases stand, or stood, at steps; calls too where a step of a process, and nothing else, is asked for."""
    actor, state, since = context.actor(), query["state"], _since(query)
    wanted = Wanted(**{name: value for name, value in filters(query).items() if name not in ("state", "since")})
    with context.database().reading() as db:

        def fetch(after: Any, descending: bool, limit: int) -> list[Passage]:
            return heat.passages(db, actor, state, wanted, since, after=after, descending=descending, limit=limit)

        order = Ask(heat.ORDERS[state], query.get("cursor"), query["limit"])
        return merge_page(fetch, order, Task.created_at, Task.id)


@blp.get("/responses")
@blp.reads_all(ResponsesSchema, query=ResponsesQuery)
def list_responses(query: dict[str, Any]) -> Page[Responses]:
    """How each of those who were asked has answered. `GET /consultees` lists what they were asked."""
    with context.database().reading() as db:
        return Page(responses.responses(db, context.actor(), _since(query)))


def _since(query: Mapping[str, Any]) -> date:
    usual: date = clock.today() - relativedelta(months=USUAL_MONTHS)
    return query.get("since") or usual


def _week(week: Week) -> dict[str, Any]:
    return {"first": week.first, "tasks": week.tasks, "deadlines": week.deadlines, "meetings": len(week.meetings)}
