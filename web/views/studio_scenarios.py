"""Scenarios: what a process or decision must do, run on a version or a draft, and what they have passed of it.

They are run from the pages of versions and drafts (`studio`, `studio_deploy`), which show again what could not be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import access, drafts, library, processes, scenarios
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from engine.scenarios import Outcome, Scenario
from store.errors import Invalid
from web import background, context

blp = flask.Blueprint("studio_scenarios", __name__, url_prefix="/studio")

TEMPLATE = "studio/work_scenarios.html"


def of(key: str) -> list[Scenario]:
    """Those that the product brings about a process or decision."""
    return scenarios.brought(_folder(), key)


def files(about: Sequence[Scenario]) -> list[str]:
    """The names of the files to begin one's own from."""
    return scenarios.files(_folder(), about)


def _folder() -> Path:
    return context.settings().processes_dir / "scenarios"


@blp.get("/scenarios/<name>")
def read_file(name: str) -> Response:
    """A file of scenarios that the product brings, to be read or changed."""
    access.require(context.actor(), *scenarios.RUNNERS)
    response = flask.Response(scenarios.content(_folder(), name), mimetype="application/yaml")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def run_on_version(definition_id: UUID) -> Response:
    """Run the scenarios of a version: those that the product brings, or those of a file that somebody has written."""
    with context.database().reading() as db:
        version = library.read_version(db, context.actor(), definition_id)
        held = {version.file_name: processes.content(db, version)}
    picture = flask.url_for("studio.read_file", definition_id=definition_id)
    back = flask.url_for("studio.read_version", definition_id=definition_id)
    return _run(held, version.key, _uploaded() or of(version.key), picture, back)


def run_on_draft(draft_id: UUID) -> Response:
    """Run the scenarios of what a draft would take the place of, on the draft."""
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
    key = _key(draft.file_name, drafts.content(draft))
    picture = flask.url_for("studio_drafts.read_content", draft_id=draft_id)
    back = flask.url_for("studio_deploy.preview", draft_id=draft_id)
    return _run({draft.file_name: drafts.content(draft)}, key, _uploaded() or of(key), picture, back)


def _run(held: Mapping[str, bytes], key: str, wanted: Sequence[Scenario], picture: str, back: str) -> Response:
    actor = context.actor()
    with context.database().reading() as db:
        prepared = scenarios.runner(db, actor, held)

    def pieces() -> Iterator[Outcome]:
        return scenarios.run(prepared, wanted)

    work = background.begin(
        actor.person_id, pieces, total=len(wanted), template=TEMPLATE, back=back,
        about={"runner": prepared, "key": key, "picture": picture},
    )  # fmt: skip
    return flask.redirect(flask.url_for("studio_work.read_work", work_id=work.id), 303)


def _uploaded() -> list[Scenario]:
    file = flask.request.files.get("file")
    if file is None or not file.filename:
        return []
    if not file.filename.endswith(scenarios.ENDINGS):
        raise Invalid("Give a file of scenarios; its name ends in .yaml.")
    return scenarios.written(file.filename, file.read())


def _key(file_name: str, content: bytes) -> str:
    stem = file_name.rpartition(".")[0]
    if not file_name.endswith(".bpmn"):
        return stem
    try:
        return next(iter(read(content).processes), stem)
    except DiagramUnreadable:
        return stem
