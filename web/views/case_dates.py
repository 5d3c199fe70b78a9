"""The days of a case, and moving one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import access, casedays, cases, deadlines, extensions
from committee.deadlines import Deadline
from store.errors import Conflict, HandslagError, Invalid, NotFound
from web import context, fields, problems
from web.views.register import planned

blp = flask.Blueprint("case_dates", __name__)


@blp.get("/cases/<uuid:case_id>/days")
def read_dates(case_id: UUID) -> str:
    """Deadlines with their extensions, meetings and decisions."""
    _require_inside()
    actor = context.actor()
    with context.database().reading() as db:
        days = casedays.read_days(db, actor, case_id)
        awaits_sender = actor.has(*cases.OPENERS) and extensions.awaited(db, actor.organization_id, case_id) is not None
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


@blp.get("/deadlines/<uuid:deadline_id>/plan")
def plan(deadline_id: UUID) -> str:
    """What the calendar allows the case before another day to answer by: a part of the form's page."""
    _require_inside()
    with context.database().reading() as db:
        deadline = deadlines.read_deadline(db, context.actor(), deadline_id)
    return flask.render_template("register/plan.html", **_planned(deadline))


def _page(deadline_id: UUID, problem: HandslagError | None = None) -> str:
    with context.database().reading() as db:
        head, deadline = casedays.read_deadline(db, context.actor(), deadline_id)
    access.require(context.actor(), *deadlines.EXTENDERS)
    moves_plan = deadline.kind == "reply_by" and head.case.status not in (*cases.ENDED, *cases.DECIDED)
    shown = _planned(deadline) if moves_plan else {}
    return flask.render_template(
        "cases/extend.html", head=head, deadline=deadline, moves_plan=moves_plan, **shown, **fields.again(problem)
    )


def _planned(deadline: Deadline) -> dict[str, Any]:
    return planned(flask.request.values.get("new_date", ""), deadline.case_id)
