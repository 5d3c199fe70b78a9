"""Drafts of the studio: the list of them, the page on which a diagram is drawn, and what its script asks for."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, cast
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import choices, drafts, library
from committee.drafts import Draft
from committee.organisations import Person
from committee.worklist import by_id
from store.errors import HandslagError, Invalid
from store.paging import Ask, select_page
from web import context, modeler_page, problems
from web.ids import row_id
from web.language import _, told
from web.views import studio_editors
from web.words import moment

blp = flask.Blueprint("studio_drafts", __name__, url_prefix="/studio/drafts")

MEDIA_TYPES = {"process": "application/xml", "decisions": "application/xml", "form": "application/json"}
MAX_CHOICES = 200
"""Of drafts that a diagram can name."""


@blp.get("")
def list_drafts() -> str:
    """What is being written, the latest first; and how to begin something new."""
    return _list()


@blp.post("")
def begin() -> Response | tuple[str, int]:
    """Begin a draft: of a version in use, or of a file that somebody brings. `studio.begin` begins what is new."""
    form, store, actor = flask.request.form, context.database(), context.actor()
    try:
        if definition_id := form.get("definition_id"):
            made = drafts.begin(store, actor, _id(definition_id))
        else:
            made = _from_upload()
    except Invalid as problem:
        return _list(told(problem.message)), problems.status_of(problem)
    return flask.redirect(flask.url_for("studio_drafts.read_draft", draft_id=made.id), 303)


def _from_upload() -> Draft:
    file = flask.request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("Choose a file first.")
    path = PurePath(file.filename)
    name = path.with_suffix(".bpmn").name if path.suffix == ".xml" else path.name  # some tools call their files .xml
    return drafts.bring(context.database(), context.actor(), path.stem, name, file.read())


@blp.get("/<uuid:draft_id>")
def read_draft(draft_id: UUID) -> str:
    """The draft, to go on with."""
    actor = context.actor()
    with context.database().reading() as db:
        draft = drafts.read_draft(db, actor, draft_id)
        base = drafts.base(db, draft)
        if draft.kind != "process":
            return studio_editors.page(draft, base)
        found = choices.choices(db, actor)
        steps = library.steps_of_forms(db, actor)
        written = db.scalars(drafts.find_drafts(actor).order_by(Draft.name).limit(MAX_CHOICES)).all()
    return flask.render_template(
        "studio_drafts/modeler.html", draft=draft, base=base, data=modeler_page.data(draft, found, written, steps)
    )


@blp.post("/<uuid:draft_id>")
def act(draft_id: UUID) -> Response:
    """Call it something else, or throw it away."""
    form, store, actor = flask.request.form, context.database(), context.actor()
    version = form.get("version", -1, type=int)
    match form.get("action"):
        case "rename":
            drafts.rename(store, actor, draft_id, form.get("name", ""), version=version)
        case "discard":
            drafts.discard(store, actor, draft_id, version=version)
            return flask.redirect(flask.url_for("studio_drafts.list_drafts"), 303)
        case _:
            raise Invalid(_("This button is not known. Open the page again."))
    return flask.redirect(flask.url_for("studio_drafts.read_draft", draft_id=draft_id), 303)


@blp.get("/<uuid:draft_id>/discard")
def ask_discard(draft_id: UUID) -> str:
    """Whether the draft is really to be thrown away, which cannot be undone."""
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
    return flask.render_template("studio_drafts/discard.html", draft=draft)


@blp.get("/<uuid:draft_id>/content")
def read_content(draft_id: UUID) -> Response:
    """The file as it was last saved, with the version that `save_content` asks for."""
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
    answer = flask.Response(drafts.content(draft), mimetype=MEDIA_TYPES[draft.kind])
    answer.headers["X-Draft-Version"] = str(draft.version)
    return answer


@blp.put("/<uuid:draft_id>/content")
def save_content(draft_id: UUID) -> tuple[dict[str, Any], int]:
    """Keep what has been written; the body is the file, `version` in the address the one that was read."""
    version = flask.request.args.get("version", -1, type=int)
    try:
        draft = drafts.save(
            context.database(), context.actor(), draft_id, flask.request.get_data(cache=False), version=version
        )
    except HandslagError as problem:
        return {"code": problem.code, "sentence": told(problem.message)}, problems.status_of(problem)
    return {"version": draft.version, "saved": moment(draft.changed_at)}, 200


@blp.post("/<uuid:draft_id>/check")
def check(draft_id: UUID) -> dict[str, Any]:
    """What the checker says about the file in the body, which need not be saved yet."""
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
        content = flask.request.get_data(cache=False)
        found = drafts.findings(db, draft, content)
    return {
        "findings": [each | {name: told(cast("str", each[name])) for name in ("sentence", "hint")} for each in found]
    }


@blp.post("/<uuid:draft_id>/copy")
def copy(draft_id: UUID) -> dict[str, str]:
    """Keep the file in the body as a draft of its own, when somebody else has saved another."""
    store, actor = context.database(), context.actor()
    with store.reading() as db:
        draft = drafts.read_draft(db, actor, draft_id)
    name = _("%(name)s (own copy)", name=draft.name)
    made = drafts.begin_with(store, actor, name, draft.file_name, flask.request.get_data(cache=False))
    return {"address": flask.url_for("studio_drafts.read_draft", draft_id=made.id)}


def _list(problem: str = "") -> str:
    actor = context.actor()
    with context.database().reading() as db:
        asked = Ask("-changed_at", flask.request.args.get("cursor"))
        page = select_page(db, drafts.find_drafts(actor), asked, {"changed_at": Draft.changed_at}, Draft.id)
        people = by_id(db, Person, (draft.changed_by for draft in page.items))
    return flask.render_template(
        "studio_drafts/list.html", page=page, people=people, problem=problem, max_bytes=drafts.MAX_BYTES
    )


def _id(text: str) -> UUID:
    found = row_id(text)
    if found is None:
        raise Invalid("There is no such version.")
    return found
