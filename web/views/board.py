"""The managers' board: what is late, at risk and coming; each figure with the list behind it, also as a file or a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import flask
from sqlalchemy.orm import Session

from committee import access, board, worklist
from committee.board import LISTS, SIDES, Standing, Week
from committee.deadlines import LABELS as DEADLINES
from committee.deadlines import Deadline
from committee.organisations import holders
from committee.overview import PLAN, WATCHERS, Late, Wanted
from store.paging import Ask, Page, merge_page
from web import calendars, context, narrowing, spreadsheet, terms
from web.calendars import Entry
from web.language import _
from web.terms import N_

blp = flask.Blueprint("board", __name__, url_prefix="/board")

LABELS = {
    "overdue": N_("Late"),
    "at_risk": N_("At risk"),
    "coming": N_("Coming weeks"),
    "waiting": N_("Waits"),
}
SIDE_LABELS = {
    "body": N_("Body"),
    "step": N_("Step"),
    "process": N_("Process"),
    "case_officer": N_("Case officer"),
}
KIND_LABELS = {"task": N_("Step"), "deadline": N_("Day in a case"), "plan": N_("Plan of a case")}


@blp.before_request
def admit() -> None:
    """The board is for those who lead; what streams must be refused before it begins."""
    access.require(context.actor(), *WATCHERS)


@blp.get("")
def read_board() -> str | flask.Response:
    """How much is late, at risk and coming: in all, by side and by week."""
    asked, actor = flask.request.args, context.actor()
    side = asked["by"] if asked.get("by") in SIDES else "body"
    wanted = narrowing.wanted(asked)
    with context.database().reading() as db:
        rows = board.standings(db, actor, side, wanted)
        if asked.get("format") == "csv":
            return _figures_file(side, rows)
        shown = {"weeks": board.weeks(db, actor, wanted), **_choices(db)}
    return flask.render_template(
        "board/board.html", side=side, rows=rows, total=board.total(rows), wanted=wanted, behind=_behind, name_of=_name_of,
        labels=LABELS, sides=SIDE_LABELS, query=narrowing.query(wanted), within=lambda week, kind=None: _within(week, wanted, kind),
        longest=max((row.figures.overdue + row.figures.at_risk + row.figures.ahead for row in rows), default=0) or 1, **shown,
    )  # fmt: skip


@blp.get("/due")
def list_due() -> str | flask.Response:
    """The list behind a figure."""
    asked = flask.request.args
    figure, wanted = _figure(asked), narrowing.wanted(asked)
    if asked.get("format") == "csv":
        return _due_file(figure, wanted)
    with context.database().reading() as db:
        page = _page(db, figure, wanted, Ask("due_on", asked.get("cursor")))
        choices = _choices(db)
    return flask.render_template(
        "board/due.html", figure=figure, page=page, query=narrowing.query(wanted), labels=LABELS, kinds=KIND_LABELS,
        kind_options={kind: _(label) for kind, label in KIND_LABELS.items()}, called=_called, address=_address, **choices,
    )  # fmt: skip


@blp.get("/calendar.ics")
def read_calendar() -> flask.Response:
    """For a calendar: the list behind a figure; without one what is late and what is coming, with the meetings to come."""
    asked = flask.request.args
    wanted, chosen = narrowing.wanted(asked), asked.get("figure") in LISTS

    def entries() -> Iterator[Entry]:
        with context.database().reading() as db:
            for figure in (asked["figure"],) if chosen else ("overdue", "coming"):
                yield from map(_entry, _all(db, figure, wanted))
            for meeting, body in () if chosen else db.execute(board.find_meetings_ahead(context.actor(), wanted)):
                yield calendars.of_meeting(meeting, body)

    return calendars.download(_("Days and meetings"), entries())


def _entry(late: Late) -> Entry:
    return Entry(
        calendars.uid(late.id), late.due_on, f"{_called(late)}: {late.title}", late.registry_number or "",
        url=_address(late, external=True),
    )  # fmt: skip


def _address(late: Late, *, external: bool = False) -> str:
    """Where something that falls due is done, or can be looked at."""
    if late.kind == "task":
        return flask.url_for("tasks.read_task", task_id=late.id, _external=external)
    return flask.url_for("cases.read_case", case_id=late.case_id, _external=external)


def _due_file(figure: str, wanted: Wanted) -> flask.Response:
    def rows() -> Iterator[Sequence[object]]:
        with context.database().reading() as db:
            names = _choices(db)
            for late in _all(db, figure, wanted):
                yield (
                    _(KIND_LABELS[late.kind]), _called(late), late.title, late.registry_number,
                    names["bodies"].get(late.body), names["officers"].get(str(late.case_officer_id)), late.due_on,
                    late.days_late, _address(late, external=True),
                )  # fmt: skip

    header = (_("Kind"), _("Step or day"), _("Case"), _("Number"), _("Body"), _("Case officer"), _("Due"), _("Days late"), _("Address"))  # fmt: skip
    return spreadsheet.spreadsheet(figure, header, rows())


def _figures_file(side: str, rows: Sequence[Standing]) -> flask.Response:
    header = (_(SIDE_LABELS[side]), *(_(label) for label in LABELS.values()))
    lines = ((_name_of(row, side), *(getattr(row.figures, name) for name in LABELS)) for row in rows)
    return spreadsheet.spreadsheet(f"board-{side}", header, lines)


def _figure(asked: Mapping[str, str]) -> str:
    figure = asked.get("figure", "")
    return figure if figure in LISTS else "overdue"


def _page(db: Session, figure: str, wanted: Wanted, ask: Ask) -> Page[Late]:
    actor = context.actor()

    def fetch(after: Any, descending: bool, limit: int) -> list[Late]:
        return board.listed(db, actor, figure, wanted, after=after, descending=descending, limit=limit)

    return merge_page(fetch, ask, Deadline.due_on, Deadline.id)


def _all(db: Session, figure: str, wanted: Wanted) -> Iterator[Late]:
    return spreadsheet.every(lambda ask: _page(db, figure, wanted, ask), "due_on")


def _choices(db: Session) -> dict[str, Any]:
    """What the page can be narrowed to, by the names that stand in the address."""
    actor = context.actor()
    return {
        "bodies": dict(worklist.bodies(db, actor.organization_id)),
        "processes": dict(worklist.processes(db, actor.organization_id)),
        "officers": {str(each.id): each.name for each in holders(db, actor.organization_id, "officer")},
    }


def _behind(figure: str, row: Standing | None, side: str, wanted: Wanted) -> str:
    """The address of the list behind a figure."""
    narrowed = wanted if row is None else row.within(side, wanted)
    if figure == "waiting":
        return narrowing.address("board_heat.list_steps", replace(narrowed, kind="task"), state=figure)
    return narrowing.address("board.list_due", narrowed, figure=figure)


def _within(week: Week, wanted: Wanted, kind: str | None) -> dict[str, str]:
    """The narrowing to what falls due in a week: to everything, or to one kind of it."""
    return narrowing.query(replace(wanted, kind=kind, due_from=week.start, due_before=week.end))


def _name_of(row: Standing, side: str) -> str:
    """What a row is called on a page."""
    if row.key is None:
        return _("No officer yet") if side == "case_officer" else _("No body: days and plans of cases")
    return step_name(row.key, row.name or row.key) if side == "step" else row.name or row.key


def _called(late: Late) -> str:
    """What something that falls due is called."""
    if late.slack_days is not None:
        return _("The plan does not hold") if late.slack_days < 0 else _("The plan leaves too little time")
    return step_name(late.step, late.what)


def step_name(key: str, name: str) -> str:
    """What a step is called: of a diagram as it is written there, a day of a case in the language of the page."""
    if key == PLAN:
        return _("Plan")
    return terms.deadline_kind(key) if name == DEADLINES.get(key, ("",))[0] else name
