"""The consultations of a case: the answers side by side, an answer that came by post, and ending the wait."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import access, casefile, consultations, referrals, stopping
from store.errors import Conflict, HandslagError, Invalid
from web import context, fields, problems
from web.language import _

blp = flask.Blueprint("consultations", __name__)


@blp.get("/cases/<uuid:case_id>/statements")
def read_statements(case_id: UUID) -> str:
    """What those who were asked have answered."""
    actor = context.actor()
    with context.database().reading() as db:
        found = consultations.read_statements(db, actor, case_id)
    return flask.render_template(
        "cases/statements.html",
        head=found.head,
        found=found,
        may_register=actor.has(*referrals.REGISTRARS),
        may_stop=actor.has(*referrals.STOPPERS),
    )


@blp.get("/consultees/<uuid:consultee_id>/answer")
def offer_answer(consultee_id: UUID) -> str:
    """What did they answer, by post or e-mail?"""
    return _answer_page(consultee_id)


@blp.post("/consultees/<uuid:consultee_id>/answer")
def register_answer(consultee_id: UUID) -> Response | tuple[str, int]:
    """Register an answer that came by post or e-mail."""
    form = flask.request.form
    try:
        if form.get("answer_kind") not in referrals.ANSWERS:
            raise Invalid(_("Say where they stand."), errors=[{"field": "answer_kind", "sentence": _("Choose one.")}])
        answer = fields.optional_text(form, "text", longest=100_000) or None
        decided_by = fields.optional_text(form, "decided_by", longest=200) or None
        referrals.register_answer(
            context.database(), context.actor(), consultee_id, form["answer_kind"], answer, decided_by=decided_by
        )
    except (Invalid, Conflict) as problem:
        return _answer_page(consultee_id, problem), problems.status_of(problem)
    with context.database().reading() as db:
        head, _consultee, _organization = consultations.read_statement(db, context.actor(), consultee_id)
    return flask.redirect(flask.url_for("consultations.read_statements", case_id=head.case.id), 303)


@blp.get("/referrals/<uuid:referral_id>/stop")
def offer_stop(referral_id: UUID) -> str:
    """Why is nobody waited for any longer?"""
    return _stop_page(referral_id)


@blp.post("/referrals/<uuid:referral_id>/stop")
def stop(referral_id: UUID) -> Response | tuple[str, int]:
    """Wait for nobody any longer; what has come is summed up."""
    try:
        reason = fields.text(flask.request.form, "reason")
        found = stopping.stop_referral(context.database(), context.actor(), referral_id, reason)
    except (Invalid, Conflict) as problem:
        return _stop_page(referral_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("consultations.read_statements", case_id=found.case_id), 303)


def _answer_page(consultee_id: UUID, problem: HandslagError | None = None) -> str:
    with context.database().reading() as db:
        head, consultee, organization = consultations.read_statement(db, context.actor(), consultee_id)
    access.require(context.actor(), *referrals.REGISTRARS)
    return flask.render_template(
        "cases/answer.html",
        head=head,
        consultee=consultee,
        organization=organization,
        kinds=referrals.ANSWERS,
        **fields.again(problem),
    )


def _stop_page(referral_id: UUID, problem: HandslagError | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        referral = referrals.read_referral(db, actor, referral_id)
        access.require(actor, *referrals.STOPPERS)
        head = casefile.read_head(db, actor, referral.case_id)
    return flask.render_template("cases/stop.html", head=head, **fields.again(problem))
