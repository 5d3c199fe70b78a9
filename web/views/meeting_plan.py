"""Plan meetings: a turn of the chain at once, with suggestions for the days before the one that decides."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import meeting_plan
from committee.calendar import is_working_day
from committee.meeting_plan import Planning, Wanted
from store.errors import Conflict, Forbidden, HandslagError, Invalid
from web import context, fields, narrowing, problems
from web.language import _
from web.views.meetings import may_create, who
from web.views.rescheduling import instant_of

blp = flask.Blueprint("meeting_plan", __name__)

MOST_PLACE = 200


@blp.get("/meetings/new")
def plan() -> tuple[str, int]:
    """Days for each body, empty or suggested."""
    return _page()


@blp.post("/meetings/new")
def plan_meetings() -> Response | tuple[str, int]:
    """Put them into the calendar."""
    try:
        with context.database().reading() as db:
            planning = meeting_plan.read_planning(db, context.actor())
        wanted = _wanted(planning)
        prepared_by = flask.request.form.get("prepared_by", type=UUID)
        made = meeting_plan.plan_meetings(*who(), wanted, prepared_by_id=prepared_by)
    except (Invalid, Conflict) as problem:
        return _page(problem)
    off = [meeting for meeting in made if not is_working_day(meeting.day)]
    if off or len(made) == 1:  # where it is said that nobody works on that day
        return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=(off or made)[0].id), 303)
    return flask.redirect(flask.url_for("meetings.year", year=made[0].day.year), 303)


def _wanted(planning: Planning) -> list[Wanted]:
    """The meetings of the rows that have a day. Raises Invalid where there is none."""
    form = flask.request.form
    found = []
    for body in planning.bodies:
        if not form.get(f"day-{body.key}", "").strip():
            continue
        place = form.get(f"place-{body.key}", "").strip()
        if len(place) > MOST_PLACE or not place.isprintable():
            raise fields.wrong(f"place-{body.key}", _("Write the place on one line, in at most 200 characters."))
        at = instant_of(form, f"day-{body.key}", f"time-{body.key}")
        found.append(Wanted(body.key, at, place or None))
    if not found:
        raise Invalid(_("No body has a day yet. Give at least one."))
    return found


def _page(problem: HandslagError | None = None) -> tuple[str, int]:
    if not may_create():
        raise Forbidden("Only the secretary or chair of a body plans its meetings.")
    deciding_on = narrowing.day(flask.request.args.get("deciding_on"))
    with context.database().reading() as db:
        planning = meeting_plan.read_planning(db, context.actor(), deciding_on)
    errors = {_field(name): sentence for name, sentence in fields.errors(problem).items()}
    written = flask.request.form or {f"day-{key}": day.isoformat() for key, day in planning.suggested.items()}
    page = flask.render_template(
        "meetings/plan.html",
        planning=planning,
        written=written,
        deciding_on=flask.request.args.get("deciding_on", ""),
        problem=problems.sentence(problem) if problem else "",
        errors=errors,
        labels={f"{part}-{body.key}": body.short_name for body in planning.bodies for part in ("day", "time", "place")},
    )
    return page, problems.status_of(problem) if problem else 200


def _field(name: str) -> str:
    """The field of the form that an error of the verb is about."""
    key, _dot, is_start = name.partition(".")
    return f"day-{key}" if is_start else name
