"""`handslag instance`: where a process stands, and mending one that stands wrong, on the machine itself.

CASE|ID is a case (its id or registry number) or a process instance. The acts are those of
`POST /instances/{id}/modification`, in the name of the person that `--as` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cli.output import AS_JSON, open_store, out, print_json, print_table
from committee import access, instances, people, profile
from committee.access import Actor
from committee.cases import Case
from committee.instances import Standing
from engine.models import Instance
from store import clock
from store.database import Database
from store.errors import Conflict, NotFound
from store.settings import Settings

WHICH = click.argument("which", metavar="CASE|ID")
WITHIN = click.option("--within", metavar="KEY", help="In which of several subprocesses or iterations to begin.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only tell what would be; nothing is changed.")


def _reasoned(command: Callable[..., None]) -> Callable[..., None]:
    """The options of everything that changes something: who does it, and why."""
    reason = click.option("--reason", required=True, help="Why; it stays in the case's history.")
    by = click.option("--as", "by", required=True, metavar="PERSON", help="Key of the person who does it.")
    return reason(by(command))


@click.group()
def instance() -> None:
    """A running process: see where it stands, move it, cancel a step, suspend and resume it."""


@instance.command()
@WHICH
@AS_JSON
def show(which: str, *, as_json: bool) -> None:
    """Show where the processes of a case stand: each token with its key, and what it waits for."""
    store = open_store()
    with store.reading() as db:
        found = [(each, instances.standing(db, each)) for each in _find(db, which)]
    if as_json:
        print_json(
            [{**_described(each), "standing": [asdict(token) for token in standing]} for each, standing in found]
        )
        return
    for each, standing in found:
        held = f", suspended: {each.suspension_reason}" if each.suspended_at else ""
        failed = ", with an incident" if each.has_incident else ""
        print_table(
            f"{each.process_key} {each.id} ({each.status}{held}{failed})",
            ("Key", "In", "Step", "Name", "What", "Waits for", "Due", "Given"),
            (_cells(token) for token in standing),
            f"{each.process_key} {each.id} ({each.status}): nothing goes on in it.",
        )


@instance.command()
@WHICH
@click.option("--from", "source", required=True, metavar="KEY", help="Key of the token, or the step that it stands at.")
@click.option("--to", "target", required=True, metavar="ELEMENT", help="The step that it is to come to.")
@click.option("--behind", is_flag=True, help="Go on behind the step instead, as if it were done.")
@WITHIN
@_reasoned
@DRY_RUN
@AS_JSON
def move(which: str, source: str, target: str, within: str | None, *, behind: bool, **options: Any) -> None:
    """Take a token from where it stands and put it elsewhere."""
    store = open_store()
    with store.reading() as db:
        chosen = _one(db, which)
        token = next((each for each in instances.standing(db, chosen) if each.key == source), None)
    if token is not None and token.kind == "iteration":
        raise Conflict(
            f"'{token.name}' under {source} is one of several. Move all of them ({token.within}), or cancel this one."
        )
    begin = {"begin_after" if behind else "begin_before": target, **({"within": within} if within else {})}
    _modify(store, chosen, [{"cancel": source}, begin], **options)


@instance.command()
@WHICH
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--end", "may_end", is_flag=True, help="End the process when nothing goes on in it any more.")
@_reasoned
@DRY_RUN
@AS_JSON
def cancel(which: str, keys: tuple[str, ...], *, may_end: bool, **options: Any) -> None:
    """Cancel what goes on under keys, or at steps."""
    store = open_store()
    with store.reading() as db:
        chosen = _one(db, which)
    _modify(store, chosen, [{"cancel": key} for key in keys], may_end=may_end, **options)


@instance.command()
@WHICH
@click.argument("element")
@WITHIN
@_reasoned
@DRY_RUN
@AS_JSON
def restart(which: str, element: str, within: str | None, **options: Any) -> None:
    """Cancel everything that goes on, and begin again from one step."""
    store = open_store()
    with store.reading() as db:
        chosen = _one(db, which)
    _modify(store, chosen, [{"restart_from": element, **({"within": within} if within else {})}], **options)


@instance.command()
@WHICH
@_reasoned
@AS_JSON
def suspend(which: str, reason: str, by: str, *, as_json: bool) -> None:
    """Hold a process and all that it called: no task, timer, message or operation goes on."""
    store = open_store()
    with store.reading() as db:
        chosen, actor = _one(db, which), acting(db, by)
    held = instances.suspend_instance(store, actor, chosen.id, reason, version=chosen.version)
    _say(
        held, f"{held.process_key} is suspended. Let it go on with: handslag instance resume {held.id}", as_json=as_json
    )


@instance.command()
@WHICH
@_reasoned
@AS_JSON
def resume(which: str, reason: str, by: str, *, as_json: bool) -> None:
    """Let a suspended process go on, with what came meanwhile."""
    store = open_store()
    with store.reading() as db:
        chosen, actor = _one(db, which), acting(db, by)
    gone_on = instances.resume_instance(store, actor, chosen.id, reason, version=chosen.version)
    _say(gone_on, f"{gone_on.process_key} goes on.", as_json=as_json)


def _modify(
    store: Database, chosen: Instance, acts: list[dict[str, Any]], *, reason: str, by: str, as_json: bool, **how: bool
) -> None:
    with store.reading() as db:
        actor = acting(db, by)
    done = instances.modify_instance(store, actor, chosen.id, acts, reason, version=chosen.version, **how)
    if as_json:
        print_json(asdict(done))
        return
    if done.dry_run:
        out.print("Nothing was changed. It would be so:")
    out.print(f"Cancelled: {_names(done.cancelled)}", markup=False)
    out.print(f"Begun: {_names(done.begun)}", markup=False)
    out.print(f"The process: {done.status}", markup=False)


def _names(tokens: tuple[Standing, ...]) -> str:
    return ", ".join(f"{token.name} ({token.element_id})" for token in tokens) or "nothing"


def _say(changed: Instance, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_described(changed))
    else:
        out.print(sentence, markup=False)


def _described(found: Instance) -> Mapping[str, Any]:
    names = ("id", "case_id", "process_key", "parent_id", "status", "has_incident", "suspended_at", "suspension_reason")
    return {name: getattr(found, name) for name in names}


def _cells(token: Standing) -> tuple[object, ...]:
    given = ", ".join(f"{name}={value}" for name, value in token.given.items())
    waits = ", ".join(token.waits_for)
    due = clock.local_minute(token.due_at) if token.due_at else None
    return token.key, token.within, token.element_id, token.name, token.kind, waits, due, given


def _find(db: Session, which: str) -> list[Instance]:
    """The instance of an id, or the running ones of a case, those that were called after those that call."""
    tenant = profile.tenant_of(db, Settings().region).id
    try:
        key = UUID(which)
    except ValueError:
        key = None
    if key is not None and (named := db.get(Instance, key)) is not None and named.organization_id == tenant:
        return [named]
    case = select(Case.id).where(Case.organization_id == tenant, or_(Case.id == key, Case.registry_number == which))
    running = select(Instance).where(Instance.case_id.in_(case), Instance.status == "running")
    found = list(db.scalars(running.order_by(Instance.id)))
    if not found:
        raise NotFound(
            f"No process runs for '{which}'. Give a case's id or registry number, or a process instance's id."
        )
    return found


def _one(db: Session, which: str) -> Instance:
    """The instance that is meant: of a case the only one that no other has called."""
    found = _find(db, which)
    meant = found if len(found) == 1 else [each for each in found if each.parent_id is None]
    if len(meant) != 1:
        ids = ", ".join(f"{each.process_key} {each.id}" for each in meant)
        raise Conflict(f"Several processes run for '{which}'. Name the one that is meant: {ids}.")
    return meant[0]


def acting(db: Session, by: str) -> Actor:
    """The person in whose name something is done on the machine itself."""
    return access.actor_of(db, people.person_of(db, profile.tenant_of(db, Settings().region).id, by))
