"""Running cases go over to another version of their process, and back."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import library, versions
from committee.cases import Case
from committee.organisations import Person
from committee.worklist import by_id
from engine.models import Definition
from store.errors import Conflict, HandslagError, Invalid, NotFound
from web import background, context, problems

blp = flask.Blueprint("studio_migrate", __name__, url_prefix="/studio")

MAP = "map."
"""Before the fields that say which element takes the place of one of the older version."""
MAX_REASON = 2000


@blp.get("/versions/<uuid:definition_id>/migrate")
def ask(definition_id: UUID) -> str:
    """Which cases go over to this version, and what would become of where they stand."""
    return _page(definition_id)


@blp.post("/versions/<uuid:definition_id>/migrate")
def act(definition_id: UUID) -> Response | tuple[str, int]:
    """Look at what it would do to each case, or do it."""
    form, store, actor = flask.request.form, context.database(), context.actor()
    try:
        wish = _wish(definition_id)
        with store.reading() as db:
            _, meant = versions.plan(db, actor, wish)
        migration_id: UUID | None = None
        match form.get("action"):
            case "preview":
                template = "studio/work_preview.html"
            case "migrate":
                reason = form.get("reason", "").strip()
                if not reason or len(reason) > MAX_REASON:
                    sentence = "Say why: it stays in the history of each case."
                    raise Invalid(sentence, errors=[{"field": "reason", "sentence": sentence}])
                migration_id = versions.begin(store, actor, wish, reason)
                template = "studio/work_migration.html"
            case _:
                raise Invalid("This button is not known. Open the page again.")
    except (Invalid, Conflict) as problem:
        return _page(definition_id, problem), problems.status_of(problem)
    work = background.begin(
        actor.person_id, lambda: versions.carry(store, actor, wish, meant, migration_id),
        total=len(meant), template=template, about={"target_id": definition_id, "wish": wish, "from": _from(), "migration_id": migration_id},
        back=f"{flask.url_for('studio_migrate.ask', definition_id=definition_id)}?from={_from()}",
    )  # fmt: skip
    return flask.redirect(flask.url_for("studio_work.read_work", work_id=work.id), 303)


@blp.get("/migrations/<uuid:migration_id>")
def read_migration(migration_id: UUID) -> str:
    """What was carried over, by whom and why; and the way back."""
    return _migration(migration_id)


@blp.post("/migrations/<uuid:migration_id>/undo")
def undo(migration_id: UUID) -> str:
    """Take back what has not moved on; say of the others why they stay."""
    results = versions.undo(context.database(), context.actor(), migration_id)
    return _migration(migration_id, results)


def _migration(migration_id: UUID, undone: list[versions.Result] | None = None) -> str:
    with context.database().reading() as db:
        migration = versions.read_migration(db, context.actor(), migration_id)
        results = versions.migrated_instances(db, migration)
        cases = by_id(db, Case, (each.case_id for each in results))
        ends = by_id(db, Definition, (migration.source_id, migration.target_id))
        author = db.get(Person, migration.created_by) if migration.created_by else None
    told = {each.instance_id: each.sentences for each in undone or ()}
    return flask.render_template(
        "studio/migration.html", migration=migration, results=results, cases=cases, author=author, told=told,
        source=ends[migration.source_id], target=ends[migration.target_id], is_undone=undone is not None,
    )  # fmt: skip


def _page(definition_id: UUID, problem: HandslagError | None = None) -> str:
    actor, form = context.actor(), flask.request.form
    if not actor.has(*versions.MENDERS):
        raise NotFound("There is no such page.")
    with context.database().reading() as db:
        target = library.read_version(db, actor, definition_id, "process")
        shelf = library.shelf(db, actor, target.kind, target.key)
        others = [each for each in shelf.versions if each.definition.id != target.id]
        wanted = _from()
        fitting = [each for each in others if each.definition.number == wanted] if wanted else []
        source = next(iter(fitting), None) or next((each for each in others if each.running), None)
        wish = versions.Wish(source.definition.id, target.id) if source is not None else None
        instructions = versions.plan(db, actor, wish)[0] if wish is not None else ()
    return flask.render_template(
        "studio/migrate.html", target=target, others=others, source=source, written=form, prefix=MAP,
        homeless=[each for each in instructions if each.new is None],
        problem=problems.sentence(problem) if problem else "",
    )  # fmt: skip


def _wish(definition_id: UUID) -> versions.Wish:
    form = flask.request.form
    with context.database().reading() as db:
        target = library.read_version(db, context.actor(), definition_id, "process")
        shelf = library.shelf(db, context.actor(), target.kind, target.key)
    source = next((each.definition for each in shelf.versions if each.definition.number == _from()), None)
    if source is None:
        raise Invalid("Choose the version that the cases have now.")
    mapping = {name.removeprefix(MAP): value.strip() for name, value in form.items() if name.startswith(MAP)}
    return versions.Wish(
        source.id, target.id, {old: new for old, new in mapping.items() if new}, recompute="recompute" in form
    )


def _from() -> int | None:
    return flask.request.values.get("from", type=int)
