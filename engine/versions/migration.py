"""Running instances go from one version of their diagram to another, and back while they have not moved on.

Every verb works in the caller's transaction and never commits; one instance a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.orm import Session

from engine import definitions, history, kept, timers, waits
from engine.errors import InstanceEnded
from engine.models import Definition, Instance
from engine.modification import starving_joins
from engine.spiff import Run
from engine.steps import Live, Step, lock, step
from engine.versions.following import Following
from engine.versions.models import MigratedInstance, Migration
from engine.versions.plan import Plan
from engine.versions.rows import take_back
from store import clock, events
from store.errors import Conflict
from store.sentences import listed, quoted, say

GOES_ON = say("It goes on at once, and then cannot be taken back.")


class CannotMigrate(Conflict):
    """The instance stands where the new version has no place for it; `errors` says where and why."""

    code = "migration_refused"


class MovedOn(Conflict):
    """The instance has gone on since it was migrated, or was never migrated: there is nothing to take back."""

    code = "migration_not_undoable"


@dataclass(frozen=True, slots=True)
class _Carried:
    """An instance in its new version."""

    sentences: list[str]
    before: bytes
    after: bytes
    """Its state when it had been carried over. If it is another at the end of the step, it has gone on at once."""
    rows: list[dict[str, Any]]
    went_on: bool


def begin(
    db: Session, source: Definition, target: Definition, plan: Plan, reason: str, *, actor_id: UUID | None
) -> Migration:
    """A migration that instances can be carried over by."""
    made = Migration(
        organization_id=target.organization_id,
        source_id=source.id,
        target_id=target.id,
        mapping=dict(plan.mapping),
        recompute=plan.recompute,
        reason=reason,
        created_at=clock.now(),
        created_by=actor_id,
    )
    db.add(made)
    db.flush()
    data = {"key": target.key, "from": source.number, "to": target.number, "reason": reason}
    events.record(db, target.organization_id, "migration.began", "migration", made.id, actor_id=actor_id, data=data)
    return made


def migrate(
    db: Session, instance: Instance, plan: Plan, migration: Migration, *, actor_id: UUID | None
) -> MigratedInstance:
    """Carry one instance over, which the caller has locked. Raises CannotMigrate; then nothing of it may be kept."""
    if instance.definition_id != plan.source.definition_id:
        raise CannotMigrate("This instance is not of the version that the plan begins with.")
    with step(db, instance.organization_id, actor_id) as current:
        live = current.load(instance.id, instance)
        carried = _carry(current, live, plan)
        instance.advances += 1
        _record(db, "instance.migrated", instance, migration, actor_id, now=migration.target_id)
    stays = not carried.went_on and instance.status == "running" and instance.state == carried.after
    made = MigratedInstance(
        organization_id=instance.organization_id,
        migration_id=migration.id,
        instance_id=instance.id,
        case_id=instance.case_id,
        state="moved",
        sentences=carried.sentences if stays else [*carried.sentences, GOES_ON],
        state_before=carried.before if stays else None,
        rows_before=carried.rows if stays else [],
        advances_after=instance.advances if stays else None,
    )
    db.add(made)
    db.flush()
    return made


def refused(migration: Migration, instance: Instance, sentences: list[str]) -> MigratedInstance:
    """The row of an instance that stays where it is."""
    return MigratedInstance(
        organization_id=migration.organization_id,
        migration_id=migration.id,
        instance_id=instance.id,
        case_id=instance.case_id,
        state="refused",
        sentences=sentences,
        rows_before=[],
    )


def undo(db: Session, migrated: MigratedInstance, *, actor_id: UUID | None) -> None:
    """Take an instance back to where it was. Raises MovedOn and InstanceEnded; then nothing was changed."""
    instance = lock(db, migrated.instance_id)
    assert instance is not None, "instances are never deleted"
    migration = db.get_one(Migration, migrated.migration_id)
    if migrated.state != "moved":
        raise MovedOn(say("This instance was %(state)s; there is nothing to take back.", state=migrated.state))
    if instance.status != "running":
        raise InstanceEnded("This process has ended; it cannot be taken back.")
    if migrated.state_before is None or instance.advances != migrated.advances_after:
        raise MovedOn("This process has moved on since it was migrated. Migrate it with a plan the other way instead.")
    with step(db, instance.organization_id, actor_id) as current:
        _take_back(current, current.load(instance.id, instance), migrated, migration)
        _record(db, "instance.migration_undone", instance, migration, actor_id, now=migration.source_id)
    migrated.state, migrated.undone_at, migrated.undone_by = "undone", clock.now(), actor_id
    db.flush()


def _carry(current: Step, live: Live, plan: Plan) -> _Carried:
    before = live.row.state
    starving = {plan.partner(each) for each in starving_joins(plan.source.process, live.run.tokens())}
    made = live.run.migrated(plan.target.program, plan.mapping)
    if made.obstacles:
        _refuse({"element_id": each.element_id, "sentence": each.sentence} for each in made.obstacles)
    if starves := starving_joins(plan.target.process, made.run.tokens()) - starving:
        _refuse({"element_id": each, "sentence": _starves(plan, each)} for each in sorted(starves))
    live.run, live.compiled = made.run, plan.target
    live.row.definition_id = plan.target.definition_id
    after = {wait.key: wait for wait in made.run.waiting()}
    following = Following(current, live, plan, after)
    sentences = [_stands(live), *following.follow()]
    state = made.run.save()
    current.settle(live)
    return _Carried(sentences, before, state, following.changes.made, made.went_on)


def _stands(live: Live) -> str:
    """Where a person finds the instance, by the names of the version that it has now."""
    nodes = (live.compiled.nodes[wait.element_id] for wait in live.run.waiting() if wait.interrupting is None)
    names = dict.fromkeys(node.name or node.id for node in nodes)
    return say("It stands at %(steps)s.", steps=listed(map(quoted, names))) if names else say("It stands at no step.")


def _refuse(errors: Iterable[Mapping[str, str]]) -> NoReturn:
    told = list(errors)
    raise CannotMigrate(" ".join(dict.fromkeys(each["sentence"] for each in told)), errors=told)


def _starves(plan: Plan, join: str) -> str:
    name = plan.target.nodes[join].name or join
    return say("In the new version a token could come to wait at '%(step)s' for others that never come.", step=name)


def _take_back(current: Step, live: Live, migrated: MigratedInstance, migration: Migration) -> None:
    """State and rows as they were; what only the new version waited for goes."""
    db = current.db
    assert migrated.state_before is not None
    compiled = definitions.compiled(db, migration.source_id)
    run = Run.restore(compiled.program, migrated.state_before, current.evaluator(live.row.case_id))
    after = {wait.key: wait for wait in run.waiting()}
    if live.is_held:
        kept.release(current, live.before.values())  # what it waits for is called otherwise again
    waits.follow(current, live, {key: wait for key, wait in live.before.items() if key in after})
    done = take_back(db, migrated.rows_before)
    live.run, live.compiled, live.before = run, compiled, after
    live.row.definition_id, live.row.state = migration.source_id, migrated.state_before
    live.row.advances += 1
    db.flush()
    current.subscribed += [each for each in done.listening if each.kind == "message"]
    timers.rearm_timers(current, live)  # a deadline may have moved while the timer was not there, or said otherwise
    for task in done.moved:
        task.due_on = waits.due_on(current, live, after[task.key])
    db.info["wake"] = True  # a timer that is there again may be due


def _record(
    db: Session, type_: str, instance: Instance, migration: Migration, actor_id: UUID | None, *, now: UUID
) -> None:
    """`now` is the version that the instance has from here on: forwards or backwards, its number is told to people."""
    ends = {"from": str(migration.source_id), "to": str(migration.target_id), "reason": migration.reason}
    version = db.get_one(Definition, now)
    data = {"migration_id": str(migration.id), **ends, "process": version.name, "number": version.number}
    history.record(db, instance, type_, actor_id=actor_id, data=data)
