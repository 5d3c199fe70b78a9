"""Move or cancel a meeting: what would move is shown before anybody says yes."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

import flask
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from committee import meeting_file, move_preview, rescheduling
from store import clock
from store.errors import Conflict, HandslagError, Invalid
from web import context, fields, problems
from web.language import _
from web.terms import N_
from web.views.meetings import who

blp = flask.Blueprint("rescheduling", __name__)

CASES_SHOWN = 100
LABELS = {"day": N_("New day"), "time": N_("Time"), "reason": N_("Why"), "starts_at": N_("New day")}
DATES = {
    "material_stop": N_("Papers due"),
    "summons": N_("Summons"),
    "meeting": N_("Meeting"),
    "adjustment": N_("Minutes adjusted, as usual"),
    "notice": N_("Notice"),
    "appeal": N_("Last day to appeal"),
}
WARNINGS = {
    "no_working_day": N_("Nobody works on that day."),
    "bridge_day": N_("That day lies alone between days off; many are away."),
    "holiday_period": N_("That day lies in a time of holidays, when committees usually do not meet."),
    "material_stop_passed": N_("The papers for that day should have come in already."),
    "summons_passed": N_("The summons for that day should have gone out already."),
}


@blp.get("/meetings/<uuid:meeting_id>/move")
def plan_move(meeting_id: UUID) -> tuple[str, int]:
    """The new day, and what it would move."""
    return _page(meeting_id)


@blp.post("/meetings/<uuid:meeting_id>/move")
def move(meeting_id: UUID) -> Response | tuple[str, int]:
    """Move it."""
    try:
        starts_at = instant_of(flask.request.form, "day", "time")
        reason = fields.text(flask.request.form, "reason", asking=_("Say why: whoever sits in the body reads it."))
        version = flask.request.form.get("version", type=int)
        rescheduling.move_meeting(*who(), meeting_id, starts_at, reason, version=version)
    except (Invalid, Conflict) as problem:
        return _page(meeting_id, problem)
    return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=meeting_id, changed=1), 303)


@blp.post("/meetings/<uuid:meeting_id>/cancel")
def cancel(meeting_id: UUID) -> Response | tuple[str, int]:
    """Cancel it; its cases look for another."""
    try:
        reason = fields.text(
            flask.request.form, "cancel_reason", asking=_("Say why: whoever sits in the body reads it.")
        )
        version = flask.request.form.get("version", type=int)
        rescheduling.cancel_meeting(*who(), meeting_id, reason, version=version)
    except (Invalid, Conflict) as problem:
        return _page(meeting_id, problem)
    return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=meeting_id, changed=1), 303)


def instant_of(written: MultiDict[str, str], day_field: str, time_field: str) -> datetime:
    """A day and a time on the wall in Sweden, as an instant. Raises Invalid."""
    day = fields.day(written, day_field)
    try:
        at = time.fromisoformat(written.get(time_field, "").strip())
    except ValueError as error:
        raise fields.wrong(time_field, _("Give a time as hours and minutes, like 09:30.")) from error
    return clock.at(day, at.hour, at.minute)


def _page(meeting_id: UUID, problem: HandslagError | None = None) -> tuple[str, int]:
    """The page; a new day that cannot be is told of beside its field."""
    written = flask.request.form or flask.request.args
    with context.database().reading() as db:
        meeting, body = meeting_file.read_movable(db, context.actor(), meeting_id)
        found = None
        try:
            if "day" in written:  # asked for, if only by an empty field
                found = move_preview.preview_move(db, context.actor(), meeting_id, instant_of(written, "day", "time"))
        except (Invalid, Conflict) as refused:
            problem = problem or refused
        is_open = meeting.state in ("planned", "summoned")
        cancelling = move_preview.preview_cancel(db, context.actor(), meeting_id) if found is None and is_open else None
    errors = fields.errors(problem)
    if "starts_at" in errors:
        errors["day"] = errors.pop("starts_at")
    page = flask.render_template(
        "meetings/move.html",
        found=found,
        meeting=meeting,
        body=body,
        written=written,
        problem=problems.sentence(problem) if problem else "",
        errors=errors,
        labels={key: _(name) for key, name in LABELS.items()} | {"cancel_reason": _("Why")},
        dates={key: _(name) for key, name in DATES.items()},
        refusal=problems.sentence(found.refusal) if found and found.refusal else "",
        warnings=[_(WARNINGS[name]) for name in found.warnings] if found else [],
        cancelling=cancelling,
        shown=CASES_SHOWN,
    )
    return page, problems.status_of(problem) if problem else 200
