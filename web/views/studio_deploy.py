"""Putting drafts in use: what the checker says, what differs from what is in use, what it would do; and then it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlencode
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import drafts, library, processes, replay, whatif
from committee.access import Actor
from committee.drafts import Draft
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from engine.models import Definition
from engine.versions.change import Change
from engine.versions.diff import diff
from store.errors import Conflict, HandslagError, Invalid, Stale
from web import background, context, problems
from web.background import Work
from web.ids import row_id
from web.views import studio_scenarios

blp = flask.Blueprint("studio_deploy", __name__, url_prefix="/studio")


@dataclass(frozen=True, slots=True)
class Part:
    """What one draft brings under one key, beside what is in use under it."""

    draft: Draft
    kind: str
    key: str
    in_use: Definition | None
    changes: Sequence[Change]


@blp.get("/drafts/<uuid:draft_id>/deploy")
def preview(draft_id: UUID) -> str:
    """What putting a draft in use would mean; `with` names drafts that go with it."""
    return _page(draft_id)


@blp.post("/drafts/<uuid:draft_id>/deploy")
def act(draft_id: UUID) -> Response | tuple[str, int]:
    """Find out what it would do, or do it."""
    actor, store = context.actor(), context.database()
    with store.reading() as db:
        chosen = _chosen(db, actor, draft_id)
        parts = [part for draft in chosen for part in _parts(db, actor, draft)]
    files = {draft.file_name: drafts.content(draft) for draft in chosen}
    keys = [part.key for part in parts if part.kind == "process" and part.in_use is not None]
    try:
        match flask.request.form.get("action"):
            case "running":
                return _to(_look_at_running(actor, draft_id, files, keys))
            case "earlier":
                return _to(_look_at_earlier(actor, draft_id, files, keys))
            case "deploy":
                return _deploy(actor, chosen, files)
            case _:
                raise Invalid("This button is not known. Open the page again.")
    except (Invalid, Conflict) as problem:
        return _page(draft_id, problem), problems.status_of(problem)


@blp.post("/drafts/<uuid:draft_id>/scenarios")
def run_scenarios(draft_id: UUID) -> Response | tuple[str, int]:
    """Run the scenarios on the draft, or those of a file; what is wrong with the file is said here."""
    try:
        return studio_scenarios.run_on_draft(draft_id)
    except Invalid as problem:
        return _page(draft_id, problem), problems.status_of(problem)


@blp.post("/versions/<uuid:definition_id>/restore")
def restore(definition_id: UUID) -> Response:
    """Roll back: the content of an earlier version as a draft, to be put in use again as the newest."""
    made = drafts.begin(context.database(), context.actor(), definition_id)
    return flask.redirect(flask.url_for("studio_deploy.preview", draft_id=made.id), 303)


def _to(work: Work) -> Response:
    return flask.redirect(flask.url_for("studio_work.read_work", work_id=work.id), 303)


def _look_at_running(actor: Actor, draft_id: UUID, files: dict[str, bytes], keys: Sequence[str]) -> Work:
    store = context.database()
    with store.reading() as db:
        meant = whatif.running(db, actor, keys)
    shown = meant[: whatif.MAX_INSTANCES]
    return background.begin(
        actor.person_id, lambda: whatif.would_move(store, actor, files, shown), total=len(shown),
        template="studio/work_running.html", back=_address(draft_id), about={"left": len(meant) - len(shown)},
    )  # fmt: skip


def _look_at_earlier(actor: Actor, draft_id: UUID, files: dict[str, bytes], keys: Sequence[str]) -> Work:
    store = context.database()
    if not keys:
        raise Invalid("There is nothing to compare with: no process of the draft is in use yet.")
    with store.reading() as db:
        meant = replay.earlier(db, actor, keys[0])
    return background.begin(
        actor.person_id, lambda: replay.replay(store, actor, files, keys[0], meant), total=len(meant),
        template="studio/work_earlier.html", back=_address(draft_id),
    )  # fmt: skip


def _address(draft_id: UUID) -> str:
    together = urlencode([("with", each) for each in flask.request.form.getlist("with")])
    return flask.url_for("studio_deploy.preview", draft_id=draft_id) + (f"?{together}" if together else "")


def _deploy(actor: Actor, chosen: Sequence[Draft], files: dict[str, bytes]) -> Response:
    """All of them together. What was read is what is put in use: the form names the versions of the drafts."""
    store, read_as = context.database(), flask.request.form.getlist("read")
    if sorted(read_as) != sorted(f"{draft.id}:{draft.version}" for draft in chosen):
        raise Stale("A draft has been changed since this page was opened. Look at what it says now.")
    made = processes.deploy(store, actor, files)
    for draft in chosen:
        drafts.discard(store, actor, draft.id, version=draft.version)
    if not made:
        return flask.redirect(flask.url_for("studio.list_library", unchanged=1), 303)
    main = next((each for each in made if each.file_name == chosen[0].file_name), made[0])
    return flask.redirect(flask.url_for("studio.read_version", definition_id=main.id, new=1), 303)


def _chosen(db: Session, actor: Actor, draft_id: UUID) -> list[Draft]:
    """The draft and those that go with it, of other files: those that were chosen, and those that it cannot do without."""
    first = drafts.read_draft(db, actor, draft_id)
    found = {first.file_name: first}
    for text in flask.request.values.getlist("with")[:50]:
        wanted = row_id(text)
        if wanted is None:
            raise Invalid("There is no such draft.")
        each = drafts.read_draft(db, actor, wanted)
        found.setdefault(each.file_name, each)
    for each in drafts.unused_named(db, first):
        found.setdefault(each.file_name, each)
    return list(found.values())


def _page(draft_id: UUID, problem: HandslagError | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        chosen = _chosen(db, actor, draft_id)
        files = {draft.file_name: drafts.content(draft) for draft in chosen}
        found = library.findings(db, actor, files)
        parts = [part for draft in chosen for part in _parts(db, actor, draft)]
        base = drafts.base(db, chosen[0])
        others = [
            each for each in db.scalars(drafts.find_drafts(actor).order_by(Draft.name).limit(50))
            if each.file_name != chosen[0].file_name
        ]  # fmt: skip
    about = [each for part in parts for each in studio_scenarios.of(part.key)]
    return flask.render_template(
        "studio/deploy.html", draft=chosen[0], chosen=chosen, parts=parts, findings=found, base=base, others=others,
        scenarios=None if chosen[0].kind == "form" else about, scenario_files=studio_scenarios.files(about),
        refused=any(each["severity"] == "error" for each in found),
        is_older=base is not None and any(p.in_use and p.in_use.key == base.key and p.in_use.number > base.number for p in parts),
        problem=problems.sentence(problem) if problem else "",
    )  # fmt: skip


def _parts(db: Session, actor: Actor, draft: Draft) -> list[Part]:
    content = drafts.content(draft)
    found = []
    for key in _keys(draft, content):
        in_use = library.newest(db, actor, draft.kind, key)
        changes: Sequence[Change] = ()
        if in_use is not None:
            try:
                changes = diff(draft.kind, processes.content(db, in_use), content, key)
            except Invalid:  # the findings say what cannot be read
                changes = ()
        found.append(Part(draft, draft.kind, key, in_use, changes))
    return found


def _keys(draft: Draft, content: bytes) -> list[str]:
    if draft.kind != "process":
        return [PurePath(draft.file_name).stem]
    try:
        return [process.id for process in read(content).processes.values() if process.is_executable]
    except DiagramUnreadable:
        return []
