"""A diagram in use is changed: who may carry running cases over to its new version, and take them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.processes import first_step
from engine import steps
from engine.errors import InstanceEnded, InstanceNotFound
from engine.models import Definition, Instance
from engine.versions import migration as migrations
from engine.versions.models import MigratedInstance, Migration
from engine.versions.plan import Instruction, propose
from store.database import Database
from store.errors import HandslagError, NotFound, Stale, Unavailable
from store.query import equal, narrowed
from store.sentences import say

MENDERS = ("process_owner", "operator")
MAX_INSTANCES = 100
"""Carried over in one request: with an Idempotency-Key it holds the embedded database's only write lock all the while."""


class MigrationNotFound(NotFound):
    """No such migration."""

    code = "migration_not_found"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to carry over, where to, and how."""

    source_id: UUID
    target_id: UUID
    mapping: Mapping[str, str] = field(default_factory=dict)
    instance_ids: Sequence[UUID] | None = None
    """None: every running instance of the source."""
    recompute: bool = False
    most: int | None = MAX_INSTANCES
    """None: as many as there are."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became, or would become, of one instance."""

    instance_id: UUID
    case_id: UUID | None
    state: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A migration and what became of its instances; a dry run has no id."""

    id: UUID | None
    instructions: Sequence[Instruction]
    results: Sequence[Result]
    left: int
    """Running instances of the source that were not looked at, since there were more than fit into one call."""


class _TakeBack(Exception):
    """Ends the transaction of a dry run."""


def preview(store: Database, actor: Actor, wish: Wish) -> Outcome:
    """What a migration would do, instance by instance; nothing is changed."""
    access.require(actor, *MENDERS)
    return carry_over(store, actor.organization_id, wish, "", actor_id=actor.person_id, dry_run=True)


def migrate(store: Database, actor: Actor, wish: Wish, reason: str) -> Outcome:
    """Carry instances over, each in a transaction of its own; those that cannot be stay as they are, and say why."""
    access.require(actor, *MENDERS)
    return carry_over(store, actor.organization_id, wish, reason, actor_id=actor.person_id)


def plan(db: Session, actor: Actor, wish: Wish) -> tuple[Sequence[Instruction], Sequence[UUID]]:
    """What would become of what stands where, and the instances that are meant. Raises Invalid for what is no plan."""
    access.require(actor, *MENDERS)
    source, target = (_process(db, actor.organization_id, each) for each in (wish.source_id, wish.target_id))
    return propose(db, source, target, wish.mapping).instructions, _chosen(db, source, wish.instance_ids)


def begin(store: Database, actor: Actor, wish: Wish, reason: str) -> UUID:
    """A migration whose instances are carried over one by one, with `carry`."""
    access.require(actor, *MENDERS)
    return _begin(store, actor.organization_id, wish, reason, actor.person_id)


def carry(
    store: Database, actor: Actor, wish: Wish, instance_ids: Sequence[UUID], migration_id: UUID | None
) -> Iterator[Result]:
    """Carry over one instance after the other; without a migration only tell what that would do."""
    access.require(actor, *MENDERS)
    for each in instance_ids:
        yield _one(store, actor.organization_id, wish, each, migration_id, actor.person_id)


def undo(store: Database, actor: Actor, migration_id: UUID) -> list[Result]:
    """Take back what has not moved on, each instance in a transaction of its own."""
    access.require(actor, *MENDERS)
    return take_back(store, actor.organization_id, migration_id, actor_id=actor.person_id)


def find_migrations(actor: Actor, *, target_id: UUID | None = None) -> Select[Migration]:
    """The migrations of the organisation."""
    access.require(actor, *MENDERS, "manager")
    return narrowed(
        select(Migration).where(Migration.organization_id == actor.organization_id),
        equal(Migration.target_id, target_id),
    )


def read_migration(db: Session, actor: Actor, migration_id: UUID) -> Migration:
    """One migration. Raises MigrationNotFound."""
    access.require(actor, *MENDERS, "manager")
    return _migration(db, actor.organization_id, migration_id)


def migrated_instances(db: Session, migration: Migration) -> list[MigratedInstance]:
    """What became of each instance of a migration."""
    found = select(MigratedInstance).where(MigratedInstance.migration_id == migration.id)
    return list(db.scalars(found.order_by(MigratedInstance.id)))


def carry_over(
    store: Database, organization_id: UUID, wish: Wish, reason: str, *, actor_id: UUID | None, dry_run: bool = False
) -> Outcome:
    """The work of `migrate` and `preview`, for whoever may."""
    with store.reading() as db:
        source, target = (_process(db, organization_id, each) for each in (wish.source_id, wish.target_id))
        instructions = propose(db, source, target, wish.mapping).instructions
        chosen = _chosen(db, source, wish.instance_ids)
    migration_id = None if dry_run else _begin(store, organization_id, wish, reason, actor_id)
    results = [_one(store, organization_id, wish, each, migration_id, actor_id) for each in chosen[: wish.most]]
    return Outcome(migration_id, instructions, results, len(chosen) - len(results))


def take_back(store: Database, organization_id: UUID, migration_id: UUID, *, actor_id: UUID | None) -> list[Result]:
    """The work of `undo`, for whoever may."""
    with store.reading() as db:
        moved = [
            each.id
            for each in migrated_instances(db, _migration(db, organization_id, migration_id))
            if each.state == "moved"
        ]
    return [_undo_one(store, each, actor_id) for each in moved]


def _begin(store: Database, organization_id: UUID, wish: Wish, reason: str, actor_id: UUID | None) -> UUID:
    with store.transaction() as db:
        return _new(db, organization_id, wish, reason, actor_id).id


def _new(db: Session, organization_id: UUID, wish: Wish, reason: str, actor_id: UUID | None) -> Migration:
    source, target = (_process(db, organization_id, each) for each in (wish.source_id, wish.target_id))
    plan = propose(db, source, target, wish.mapping, recompute=wish.recompute)
    return migrations.begin(db, source, target, plan, reason, actor_id=actor_id)


def _one(
    store: Database,
    organization_id: UUID,
    wish: Wish,
    instance_id: UUID,
    migration_id: UUID | None,
    actor_id: UUID | None,
) -> Result:
    """One instance, in a transaction of its own. Without a migration it is a dry run: done, and taken back."""
    done: list[Result] = []
    try:
        with first_step(), suppress(_TakeBack), store.transaction() as db:
            instance = steps.lock(db, instance_id)
            assert instance is not None, "instances are never deleted"
            if migration_id is not None:
                migration = db.get_one(Migration, migration_id)
            else:
                migration = _new(db, organization_id, wish, "", actor_id)
            source, target = db.get_one(Definition, wish.source_id), db.get_one(Definition, wish.target_id)
            plan = propose(db, source, target, wish.mapping, recompute=wish.recompute)
            made = migrations.migrate(db, instance, plan, migration, actor_id=actor_id)
            done.append(Result(instance_id, instance.case_id, made.state, made.sentences))
            if migration_id is None:
                raise _TakeBack
    except (Unavailable, Stale):
        raise
    except HandslagError as error:
        sentences = [each["sentence"] for each in error.errors] or [error.message]
        return _refuse(store, instance_id, migration_id, sentences)
    return done[0]


def _refuse(store: Database, instance_id: UUID, migration_id: UUID | None, sentences: list[str]) -> Result:
    with store.transaction() as db:
        instance = db.get_one(Instance, instance_id)
        if migration_id is not None:
            db.add(migrations.refused(db.get_one(Migration, migration_id), instance, sentences))
        return Result(instance_id, instance.case_id, "refused", sentences)


def _undo_one(store: Database, migrated_id: UUID, actor_id: UUID | None) -> Result:
    with store.transaction() as db:
        migrated = db.get_one(MigratedInstance, migrated_id, with_for_update=True)
        try:
            migrations.undo(db, migrated, actor_id=actor_id)
        except (migrations.MovedOn, InstanceEnded) as error:
            return Result(migrated.instance_id, migrated.case_id, migrated.state, [error.message])
        return Result(migrated.instance_id, migrated.case_id, "undone", [])


def _chosen(db: Session, source: Definition, wanted: Sequence[UUID] | None) -> list[UUID]:
    """The running instances of the source that are meant, oldest first."""
    running = select(Instance.id).where(Instance.definition_id == source.id, Instance.status == "running")
    found = list(db.scalars(running.order_by(Instance.id)))
    if wanted is not None:
        if unknown := [each for each in wanted if each not in set(found)]:
            raise InstanceNotFound(
                say(
                    "'%(instance)s' is no running instance of %(source)s:%(number)s.",
                    instance=unknown[0],
                    source=source.key,
                    number=source.number,
                )
            )
        found = [each for each in found if each in set(wanted)]
    return found


def _process(db: Session, organization_id: UUID, definition_id: UUID) -> Definition:
    found = db.get(Definition, definition_id)
    if found is None or found.organization_id != organization_id:
        raise NotFound("There is no such definition.")
    return found


def _migration(db: Session, organization_id: UUID, migration_id: UUID) -> Migration:
    found = db.get(Migration, migration_id)
    if found is None or found.organization_id != organization_id:
        raise MigrationNotFound("There is no such migration. `handslag migrate` prints its number when it has run.")
    return found
