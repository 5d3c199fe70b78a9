"""A process that stands wrong: where it stands, and moving it on by hand, always seen before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import instances, operating, worklist
from committee.cases import Case
from committee.instances import Outcome, Standing
from committee.namesakes import named_steps
from committee.organisations import Person
from engine import definitions, modification
from engine.models import Definition, Instance
from store.errors import HandslagError, Invalid
from store.paging import Ask, select_page
from web import context, problems
from web.language import _
from web.terms import N_

blp = flask.Blueprint("instances", __name__, url_prefix="/operation/processes")

LISTS = ("running", "incident", "suspended")
"""What the list is narrowed to, by its name in the address."""
KINDS = {
    "activity": N_("step"),
    "iteration": N_("one of several"),
    "event": N_("event"),
    "join": N_("waits for others at a join"),
    "boundary": N_("listens beside a step"),
    "handler": N_("event subprocess that listens"),
}
ACTS = ("move", "move_behind", "cancel", "restart")


@blp.app_template_filter("iterated")
def iterated(each: Standing) -> str:
    """Which of several it is, for what is one itself."""
    return _apart(each.given) if each.kind == "iteration" else ""


def items(db: Session, instance: Instance) -> dict[str, str]:
    """Which of several each is, or lies within, by its key; those that are of none are left out."""
    tokens = {each.key: each for each in modification.standing(db, instance)}
    found = {}
    for key, each in tokens.items():
        holder = each
        while holder.kind != "iteration" and holder.within in tokens:
            holder = tokens[holder.within]
        if holder.kind == "iteration":
            found[key] = _apart(holder.locals)
    return found


def _apart(values: Mapping[str, object]) -> str:
    """What tells one of several apart for people: no id, no key that has its name beside it."""
    told = {name: value for name, value in values.items() if isinstance(value, str) and not _is_id(value)}
    return "".join(f" · {value}" for name, value in told.items() if f"{name}_name" not in told)


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


@blp.app_template_filter("standing_kind")
def kind(key: str) -> str:
    """What it is that stands."""
    return _(KINDS[key]) if key in KINDS else key


@blp.get("")
def list_instances() -> str:
    """Processes that run; those with a failed step, or suspended."""
    asked = flask.request.args
    which = asked.get("which", "running") if asked.get("which") in LISTS else "running"
    with context.database().reading() as db:
        found = instances.find_instances(
            context.actor(),
            process_key=asked.get("process") or None,
            has_incident=True if which == "incident" else None,
            suspended=True if which == "suspended" else None,
        )
        page = select_page(
            db, found, Ask("-started_at", asked.get("cursor")), {"started_at": Instance.started_at}, Instance.id
        )
        shown = {
            "cases": worklist.by_id(db, Case, (each.case_id for each in page.items)),
            "meetings": operating.meetings_of(db, context.actor(), (each.id for each in page.items)),
            "definitions": worklist.by_id(db, Definition, (each.definition_id for each in page.items)),
            "processes": worklist.processes(db, context.actor().organization_id),
        }
    return flask.render_template("operation/instances.html", page=page, which=which, asked=asked, **shown)


@blp.get("/<uuid:instance_id>")
def read_instance(instance_id: UUID) -> str:
    """Where it stands, and what can be done."""
    return _page(instance_id)


@blp.post("/<uuid:instance_id>")
def mend(instance_id: UUID) -> Response | tuple[str, int] | str:
    """Show what an act would do, or do it; suspend and resume."""
    form = flask.request.form
    try:
        outcome = _act(instance_id, form.get("action", ""))
    except HandslagError as problem:
        status = problems.status_of(problem)
        if status in (403, 404, 500):
            raise
        return _page(instance_id, notice=problems.sentence(problem)), status
    if outcome is not None and outcome.dry_run:
        return _page(instance_id, outcome=outcome)
    return flask.redirect(flask.url_for("instances.read_instance", instance_id=instance_id), 303)


def _act(instance_id: UUID, action: str) -> Outcome | None:
    form, store, actor = flask.request.form, context.database(), context.actor()
    version = form.get("version", type=int)
    if action in ("suspend", "resume"):
        verb = instances.suspend_instance if action == "suspend" else instances.resume_instance
        verb(store, actor, instance_id, operating.require_reason(form.get("reason", "")), version=version)
        return None
    return instances.modify_instance(
        store,
        actor,
        instance_id,
        _acts(),
        operating.require_reason(form.get("reason", "")),
        may_end="may_end" in form,
        dry_run=action != "carry_out",
        version=version,
    )


def _acts() -> list[dict[str, Any]]:
    """The acts that the form describes, as the API takes them."""
    form = flask.request.form
    what, at, to = form.get("what", ""), form.get("at", ""), form.get("to", "")
    if what not in ACTS:
        raise Invalid(_("Choose what to do."))
    if what in ("move", "move_behind", "cancel") and not at:
        raise Invalid(_("Choose which of those that stand it is about."))
    if what != "cancel" and not to:
        raise Invalid(_("Choose the step to go on from."))
    begin = {"move": "begin_before", "move_behind": "begin_after", "restart": "restart_from"}
    acts: list[dict[str, Any]] = [{"cancel": at}] if what != "restart" else []
    return acts + ([{begin[what]: to}] if what != "cancel" else [])


def _page(instance_id: UUID, notice: str = "", outcome: Outcome | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        instance = instances.read_instance(db, actor, instance_id)
        steps = named_steps(definitions.compiled(db, instance.definition_id).process)
        called = instances.called_by(db, instance)
        standing = sorted(instances.standing(db, instance), key=lambda each: each.kind != "activity")
        held_by = instance.suspended_by
        shown = {
            "holder": db.get(Person, held_by) if held_by is not None else None,
            "standing": standing,
            "items": items(db, instance),
            "marks": {each.element_id: "open" if each.kind == "activity" else "waiting" for each in standing},
            "case": db.get(Case, instance.case_id) if instance.case_id is not None else None,
            "definition": db.get_one(Definition, instance.definition_id),
            "called": called,
            "definitions": worklist.by_id(db, Definition, (each.definition_id for each in called)),
        }
    return flask.render_template(
        "operation/instance.html", instance=instance, steps=steps, notice=notice, outcome=outcome,
        form=flask.request.form, may_mend=actor.has(*instances.MENDERS), **shown,
    )  # fmt: skip
