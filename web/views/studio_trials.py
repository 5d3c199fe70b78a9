"""Trying a draft: what is open, what is waited for and what has happened, step by step in a time of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import flask
from sqlalchemy.orm import Session

from committee import drafts, trials
from committee.drafts import Draft
from committee.organisations import holders
from committee.trials import Played
from engine import forms as engine_forms
from engine.forms import Form
from store import clock
from store.errors import Invalid, NotFound
from web import context, fields, forms, problems, stories, studio_words
from web.language import _
from web.value_words import value

blp = flask.Blueprint("studio_trials", __name__, url_prefix="/studio/drafts")


@blp.app_template_filter("instant")
def instant(text: str | None) -> datetime | None:
    """A moment or day of a trial, which tells them as texts; a day is that day's first moment."""
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else clock.start_of(date.fromisoformat(text))


blp.add_app_template_filter(value, "value_name")


@blp.app_template_filter("step_name")
def step_name(told: Mapping[str, str]) -> str:
    """A step that a trial tells of."""
    return studio_words.called(told["name"], told["type"], told["element"])


@blp.get("/<uuid:draft_id>/trial")
def begin(draft_id: UUID) -> str:
    """The draft from its beginning, as it was last saved."""
    with context.database().reading() as db:
        draft = _diagram(db, draft_id)
        return _page(db, draft, stories.first(trials.deadlines_named(draft)))


@blp.post("/<uuid:draft_id>/trial")
def go_on(draft_id: UUID) -> str | tuple[str, int]:
    """One thing more happens, or one less. Nothing is changed anywhere: the whole story is sent along and played anew."""
    form = flask.request.form
    with context.database().reading() as db:
        draft = _diagram(db, draft_id)
        so_far = stories.read(form)
        try:
            if form.get("act") == "begin":
                outputs = {each.name: each.outputs for each in trials.asked(_played(db, draft, so_far).nodes)}
                return _page(db, draft, stories.begun(form, trials.deadlines_named(draft), outputs))
            if form.get("act") == "back":
                return _page(db, draft, {**so_far, "acts": so_far["acts"][:-1]})
            nodes = _played(db, draft, so_far).nodes
            done = stories.act(form, nodes, _forms(db, draft))
            return _page(db, draft, {**so_far, "acts": [*so_far["acts"], done]})
        except Invalid as problem:
            return _page(db, draft, so_far, problem), problems.status_of(problem)


def _diagram(db: Session, draft_id: UUID) -> Draft:
    draft = drafts.read_draft(db, context.actor(), draft_id)
    if draft.kind != "process":
        raise NotFound("Only a process can be tried.")
    return draft


def _played(db: Session, draft: Draft, plain: stories.Plain) -> Played:
    return trials.play(db, draft, stories.told(plain))


def _page(db: Session, draft: Draft, plain: stories.Plain, problem: Invalid | None = None) -> str:
    played = _played(db, draft, plain)
    known, choices = _forms(db, draft), _choices(db, draft)
    refused = flask.request.form.get("act", "").removeprefix("complete:") if problem and problem.errors else ""
    tasks = []
    for each in played.told["open"]:
        node = played.nodes.get(each["element"])
        form = known.get(node.form or "") if node else None
        written = forms.read(form.schema, flask.request.form) if form and each["element"] == refused else {}
        tasks.append((each, list(forms.inputs(form.schema, written, choices)) if form else []))
    return flask.render_template(
        "studio_drafts/trial.html",
        draft=draft,
        told=played.told,
        marks=played.marks,
        open_tasks=tasks,
        refused=refused,
        errors=fields.errors(problem),
        operations=trials.asked(played.nodes),
        story=plain,
        problem=problems.sentence(problem) if problem else "",
    )


def _choices(db: Session, draft: Draft) -> forms.Choices:
    """What a real step would choose among. A trial is of no case, so that a document stands there for the case's own."""
    officers = [(str(each.id), each.name) for each in holders(db, draft.organization_id, "officer")]
    return {"officers": officers, "case_documents": [("1", _("1. A document of the case"))]}


def _forms(db: Session, draft: Draft) -> dict[str, Form]:
    """The forms that the draft names, as far as there are any that can be read."""
    found: dict[str, Form] = {}
    for key, data in trials.form_files(db, draft).items():
        try:
            found[key] = engine_forms.read(data)
        except Invalid:
            continue  # the checker says what is wrong with it
    return found
