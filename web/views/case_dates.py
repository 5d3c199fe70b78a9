"""The days of a case, and moving one."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import casedays, cases, deadlines, extensions
from store.errors import Conflict, HandslagError, Invalid, NotFound
from web import context, fields, problems

blp = flask.Blueprint("case_dates", __name__)


@blp.get("/cases/<uuid:case_id>/days")
def read_dates(case_id: UUID) -> str:
    """Deadlines with their extensions, meetings and decisions."""
    _require_inside()
    actor = context.actor()
    with context.database().reading() as db:
        days = casedays.read_days(db, actor, case_id)
        awaits_sender = actor.has(*cases.OPENERS) and extensions.awaited(db, case_id) is not None
    return flask.render_template(
        "cases/days.html",
        head=days.head,
        days=days,
        may_extend=actor.has(*deadlines.EXTENDERS),
        awaits_sender=awaits_sender,
        may_set_reply_by=days.head.health == "free" and actor.has(*cases.OPENERS),
    )


def _require_inside() -> None:
    """The days of a case are for the organisation's own people; for others they do not exist."""
    if not context.actor().is_internal:
        raise NotFound("There is no such page.")


@blp.get("/deadlines/<uuid:deadline_id>/extend")
def offer_extension(deadline_id: UUID) -> str:
    """Until when, and why?"""
    _require_inside()
    return _page(deadline_id)


@blp.post("/deadlines/<uuid:deadline_id>/extend")
def extend(deadline_id: UUID) -> Response | tuple[str, int]:
    """Move a deadline; what depends on it is planned anew."""
    form = flask.request.form
    try:
        found = deadlines.extend_deadline(
            context.database(),
            context.actor(),
            deadline_id,
            fields.day(form, "new_date"),
            fields.text(form, "reason"),
            granted_by=fields.optional_text(form, "granted_by", longest=200) or None,
            corrects=form.get("corrects") == "1",
            version=form.get("version", type=int),
        )
    except (Invalid, Conflict) as problem:
        return _page(deadline_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("case_dates.read_dates", case_id=found.case_id), 303)


def _page(deadline_id: UUID, problem: HandslagError | None = None) -> str:
    with context.database().reading() as db:
        head, deadline = casedays.read_deadline(db, context.actor(), deadline_id)
    return flask.render_template("cases/extend.html", head=head, deadline=deadline, **fields.again(problem))
