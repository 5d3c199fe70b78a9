"""What one can do with a case as a whole: give it to another officer, withdraw it, note the day and the sender's answer."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import access, casefile, cases, extensions, replying
from committee.organisations import holders
from store.errors import Conflict, HandslagError, Invalid, NotFound
from web import context, fields, problems

blp = flask.Blueprint("case_verbs", __name__)

Written = Callable[[UUID], object]


@blp.get("/cases/<uuid:case_id>/<any(assign, withdraw, extension, reply_by):verb>")
def offer(case_id: UUID, verb: str) -> str:
    """The few questions of a verb."""
    return _page(case_id, verb)


@blp.post("/cases/<uuid:case_id>/<any(assign, withdraw, extension, reply_by):verb>")
def act(case_id: UUID, verb: str) -> Response | tuple[str, int]:
    """Do it, and go back to the case."""
    try:
        _VERBS[verb](case_id)
    except (Invalid, Conflict) as problem:
        return _page(case_id, verb, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("cases.read_case", case_id=case_id), 303)


def _assign(case_id: UUID) -> object:
    form = flask.request.form
    officer, version = fields.key(form, "case_officer_id"), form.get("version", type=int)
    return cases.assign_case(context.database(), context.actor(), case_id, officer, version=version)


def _withdraw(case_id: UUID) -> object:
    form = flask.request.form
    reason, version = fields.text(form, "reason"), form.get("version", type=int)
    return cases.withdraw_case(context.database(), context.actor(), case_id, reason, version=version)


def _answer(case_id: UUID) -> object:
    form = flask.request.form
    granted = fields.yes_or_no(form, "granted")
    new_date = fields.day(form, "new_date") if granted else None
    return extensions.record_extension_answer(
        context.database(), context.actor(), case_id, granted=granted, new_date=new_date
    )


def _set_reply_by(case_id: UUID) -> object:
    form = flask.request.form
    day, version = fields.day(form, "reply_by"), form.get("version", type=int)
    return replying.set_reply_by(context.database(), context.actor(), case_id, day, version=version)


_VERBS: dict[str, Written] = {
    "assign": _assign,
    "withdraw": _withdraw,
    "extension": _answer,
    "reply_by": _set_reply_by,
}


_ROLES = {
    "assign": cases.ASSIGNERS,
    "withdraw": cases.OPENERS,
    "extension": extensions.REGISTRARS,
    "reply_by": cases.OPENERS,
}
"""Who is asked: those who may send what they fill in."""


def _page(case_id: UUID, verb: str, problem: HandslagError | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        head = casefile.read_head(db, actor, case_id)
        if not actor.is_internal:
            raise NotFound("There is no such page.")
        access.require(actor, *_ROLES[verb])
        officers = holders(db, actor.organization_id, "officer") if verb == "assign" else []
    return flask.render_template(f"cases/{verb}.html", head=head, officers=officers, **fields.again(problem))
