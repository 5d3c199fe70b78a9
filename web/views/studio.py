"""The library of the process owner's studio: what is deployed, in which versions, and what one of them says."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import beginnings, choices, drafts, library, processes, scenarios, versions
from committee.choices import Choices
from engine import forms as engine_forms
from engine.bpmn.read import read
from engine.models import Definition
from engine.scenarios import Scenario
from engine.versions.stored import difference
from store.errors import Invalid, NotFound
from store.paging import Ask, select_page
from web import context, forms, problems, studio_words
from web.language import told
from web.views import studio_scenarios

blp = flask.Blueprint("studio", __name__, url_prefix="/studio")
blp.add_app_template_filter(studio_words.kind, "library_kind")
blp.add_app_template_filter(studio_words.told)
blp.add_app_template_filter(told, "said")

MEDIA_TYPES = {"process": "application/xml", "decisions": "application/xml", "form": "application/json"}


@blp.get("")
def list_library() -> str:
    """What is deployed of one kind, by name."""
    asked = flask.request.args
    kind = asked.get("kind", "process")
    actor = context.actor()
    with context.database().reading() as db:
        found = library.find_newest(actor, kind, text=asked.get("text"))
        page = select_page(db, found, Ask("name", asked.get("cursor")), {"name": Definition.name}, Definition.id)
        entries = library.entries(db, actor, page.items)
    return flask.render_template("studio/library.html", page=page, rows=entries, kind=kind, asked=asked)


@blp.post("")
def begin() -> Response | tuple[str, int]:
    """Begin something new, as a draft."""
    form, store, actor = flask.request.form, context.database(), context.actor()
    try:
        made = beginnings.begin(store, actor, form.get("kind", ""), form.get("name", ""))
    except Invalid as problem:
        sentence = problems.sentence(problem)
        return flask.render_template("studio/new.html", kind=form.get("kind"), written=form, problem=sentence), 422
    return flask.redirect(flask.url_for("studio_drafts.read_draft", draft_id=made.id), 303)


@blp.get("/new/<kind>")
def ask_new(kind: str) -> str:
    """What the new process, table or form is called."""
    if kind not in library.KINDS or not context.actor().has(*drafts.AUTHORS):
        raise NotFound("There is no such page.")
    return flask.render_template("studio/new.html", kind=kind, written={}, problem="")


@blp.get("/library/<kind>/<key>")
def read_shelf(kind: str, key: str) -> str:
    """Every version of one process, table or form."""
    with context.database().reading() as db:
        shelf = library.shelf(db, context.actor(), kind, key)
    return flask.render_template("studio/shelf.html", shelf=shelf, newest=shelf.newest)


@blp.get("/versions/<uuid:definition_id>")
def read_version(definition_id: UUID) -> str:
    """One version: its picture or table or form, and what it says in words."""
    return _version(definition_id)


@blp.post("/versions/<uuid:definition_id>/scenarios")
def run_scenarios(definition_id: UUID) -> Response | tuple[str, int]:
    """Run its scenarios, or those of a file; what is wrong with the file is said here."""
    try:
        return studio_scenarios.run_on_version(definition_id)
    except Invalid as problem:
        return _version(definition_id, problems.sentence(problem)), problems.status_of(problem)


def _version(definition_id: UUID, problem: str = "") -> str:
    actor = context.actor()
    with context.database().reading() as db:
        version = library.read_version(db, actor, definition_id)
        shelf = library.shelf(db, actor, version.kind, version.key)
        content = processes.content(db, version)
        found = choices.choices(db, actor)
    here = next(each for each in shelf.versions if each.definition.id == version.id)
    about = _scenarios(version)
    before = next((each.definition for each in shelf.versions if each.definition.number < version.number), None)
    return flask.render_template(
        f"studio/version_{version.kind}.html",
        version=version, here=here, shelf=shelf, before=before, may_migrate=actor.has(*versions.MENDERS),
        scenarios=about, scenario_files=studio_scenarios.files(about or ()), problem=problem,
        older_running=sum(each.running for each in shelf.versions if each.definition.number < version.number),
        **_shown(version, content, found),
    )  # fmt: skip


def _scenarios(version: Definition) -> list[Scenario] | None:
    """The scenarios that are about it; None where the reader cannot run them."""
    if version.kind == "form" or not context.actor().has(*scenarios.RUNNERS):
        return None
    return studio_scenarios.of(version.key)


def _shown(version: Definition, content: bytes, found: Choices) -> dict[str, object]:
    match version.kind:
        case "process":
            process = read(content).processes[version.key]
            return {"process": process, "elements": studio_words.elements(process, found)}
        case "decisions":
            return {"tables": studio_words.tables(content)}
        case _:
            return {"inputs": list(forms.inputs(engine_forms.read(content).schema, {}))}


@blp.get("/versions/<uuid:definition_id>/findings")
def read_findings(definition_id: UUID) -> str:
    """A part of a version's page: what the checker says of it today."""
    with context.database().reading() as db:
        version = library.read_version(db, context.actor(), definition_id)
        found = library.findings(db, context.actor(), {version.file_name: processes.content(db, version)})
    return flask.render_template("studio/findings.html", version=version, findings=found)


@blp.get("/versions/<uuid:definition_id>/file")
def read_file(definition_id: UUID) -> flask.Response:
    """The file as it was deployed, byte for byte; the same for ever."""
    with context.database().reading() as db:
        version = library.read_version(db, context.actor(), definition_id)
        content = processes.content(db, version)
    response = flask.Response(content, mimetype=MEDIA_TYPES[version.kind])
    if "download" in flask.request.args:
        response.headers.set("Content-Disposition", "attachment", filename=version.file_name)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"  # whoever opens it as a page
    return response


@blp.get("/versions/<uuid:definition_id>/changes")
def read_changes(definition_id: UUID) -> str:
    """What differs between an older version and this one, drawn and in words."""
    actor = context.actor()
    with context.database().reading() as db:
        newer = library.read_version(db, actor, definition_id)
        shelf = library.shelf(db, actor, newer.kind, newer.key)
        older = _older(shelf, newer)
        changes = difference(db, older, newer)
    return flask.render_template("studio/changes.html", newer=newer, older=older, shelf=shelf, changes=changes)


def _older(shelf: library.Shelf, newer: Definition) -> Definition:
    """The version that `from` names, else the one before."""
    versions = [each.definition for each in shelf.versions]
    wanted = flask.request.args.get("from", type=int)
    chosen = wanted if wanted is not None else newer.number - 1
    found = next((each for each in versions if each.number == chosen), None)
    if found is None:
        raise NotFound("There is no such page.")
    return found
