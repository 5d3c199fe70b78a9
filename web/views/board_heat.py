"""Where the time goes in a process: heat on its diagram with the numbers beside it, and the list behind each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import flask
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from committee import board, heat, worklist
from committee.heat import MEASURES, Heat, Passage
from committee.overview import Wanted
from engine.models import Task
from store import clock
from store.paging import Ask, Page, merge_page
from web import context, narrowing, spreadsheet
from web.language import _
from web.terms import N_
from web.views.board import admit

blp = flask.Blueprint("board_heat", __name__, url_prefix="/board")
blp.before_request(admit)

LABELS = {
    "waiting": N_("Waiting here now"),
    "overdue": N_("Late"),
    "done": N_("Done"),
    "median": N_("Half are done within"),
    "p90": N_("Nine of ten within"),
}
PERIODS = {3: N_("3 months"), 12: N_("12 months"), 36: N_("3 years")}
USUAL_PERIOD = 12


@blp.get("/heat")
def read_heat() -> str | flask.Response:
    """A process with its heat, by one measure."""
    asked, actor = flask.request.args, context.actor()
    measure = asked["show"] if asked.get("show") in MEASURES else "waiting"
    with context.database().reading() as db:
        processes = dict(worklist.processes(db, actor.organization_id))
        key = asked.get("process") or _busiest(db, processes)
        found = heat.read_heat(db, actor, key, since(asked)) if key is not None else None
    if found is not None and asked.get("format") == "csv":
        return _file(found)
    return flask.render_template(
        "board/heat.html", found=found, measure=measure, processes=processes, labels=LABELS, period=period(asked),
        period_options={months: _(label) for months, label in PERIODS.items()}, longest=_longest(found), behind=_behind,
        marks={step: f"heat-{level}" for step, level in found.levels(measure).items()} if found else {},
    )  # fmt: skip


@blp.get("/steps")
def list_steps() -> str | flask.Response:
    """The times that cases stand, or stood, at steps."""
    asked, actor = flask.request.args, context.actor()
    state = asked["state"] if asked.get("state") in heat.ORDERS else "waiting"
    wanted = narrowing.wanted(asked)
    if asked.get("format") == "csv":
        return _steps_file(state, wanted, since(asked))
    with context.database().reading() as db:
        page = _page(db, state, wanted, since(asked), Ask(heat.ORDERS[state], asked.get("cursor")))
        processes = dict(worklist.processes(db, actor.organization_id))
        step = heat.name_of(db, actor, wanted)
    return flask.render_template(
        "board/steps.html", page=page, state=state, wanted=wanted, step=step, processes=processes, period=period(asked),
        periods=PERIODS, labels=LABELS,
    )  # fmt: skip


def period(asked: Mapping[str, str]) -> int:
    """For how many months back what is done is counted."""
    months = asked.get("months", "")
    return int(months) if months.isdecimal() and len(months) < 3 and int(months) in PERIODS else USUAL_PERIOD


def since(asked: Mapping[str, str]) -> date:
    """The first day of the period."""
    first: date = clock.today() - relativedelta(months=period(asked))
    return first


def _busiest(db: Session, processes: Mapping[str, str]) -> str | None:
    """The process in which most is late or waits; any, if nothing does."""
    standing = (row.key for row in board.standings(db, context.actor(), "process"))
    return next((key for key in (*standing, *processes) if key in processes), None)


def _longest(found: Heat | None) -> Mapping[str, float]:
    """The longest bar of each measure."""
    steps = found.steps if found is not None else ()
    return {name: max((step.of(name) for step in steps), default=0.0) or 1.0 for name in MEASURES}


def _behind(found: Heat, step: str, state: str) -> str:
    """The address of the list behind a number."""
    wanted = Wanted(process_key=found.definition.key, step=step)
    return narrowing.address("board_heat.list_steps", wanted, state=state, months=str(period(flask.request.args)))


def _page(db: Session, state: str, wanted: Wanted, first: date, ask: Ask) -> Page[Passage]:
    actor = context.actor()

    def fetch(after: Any, descending: bool, limit: int) -> list[Passage]:
        return heat.passages(db, actor, state, wanted, first, after=after, descending=descending, limit=limit)

    return merge_page(fetch, ask, Task.created_at, Task.id)


def _file(found: Heat) -> flask.Response:
    header = (_("Step"), *(_(LABELS[name]) for name in MEASURES[:3]), _("Median, hours"), _("90th percentile, hours"))
    rows = (
        (step.name, *(int(step.of(name)) for name in MEASURES[:3]), *spreadsheet.hours([step.spread.median, step.spread.p90] if step.spread else []))
        for step in found.steps
    )  # fmt: skip
    return spreadsheet.spreadsheet(f"heat-{found.definition.key}", header, rows)


def _steps_file(state: str, wanted: Wanted, first: date) -> flask.Response:
    def rows() -> Iterator[Sequence[object]]:
        with context.database().reading() as db:
            for each in spreadsheet.every(lambda ask: _page(db, state, wanted, first, ask), heat.ORDERS[state]):
                yield (
                    each.name, each.title, each.registry_number, clock.local_minute(each.began_at),
                    each.ended_at and clock.local_minute(each.ended_at), *spreadsheet.hours([each.lasted]), each.due_on,
                )  # fmt: skip

    header = (_("Step"), _("Case"), _("Number"), _("Began"), _("Ended"), _("Took, hours"), _("Due"))
    return spreadsheet.spreadsheet(f"steps-{state}", header, rows())
