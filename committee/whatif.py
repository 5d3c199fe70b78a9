"""What files would do to the cases that run, if they were put in use: done for real, and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.processes import check_context, first_step
from committee.versions import Result
from engine import definitions as deployed
from engine.models import Definition, Instance
from engine.versions import migration as migrations
from engine.versions.plan import propose
from store.database import Database
from store.errors import HandslagError, Stale, Unavailable

MAX_INSTANCES = 200
"""Looked at before a deployment; the migration itself looks at every one."""
BATCH = 10
"""In one transaction: the files are put in use once for them, and the embedded database's lock is held so long."""


class _TakeBack(Exception):
    """Ends a transaction of which nothing is to stay."""


def running(db: Session, actor: Actor, keys: Sequence[str]) -> list[UUID]:
    """The instances that go on, of any version of some processes, oldest first."""
    access.require(actor, "process_owner")
    found = (
        select(Instance.id)
        .join(Definition, Definition.id == Instance.definition_id)
        .where(
            Definition.organization_id == actor.organization_id,
            Definition.kind == "process",
            Definition.key.in_(keys),
            Instance.status == "running",
        )
        .order_by(Instance.id)
    )
    return list(db.scalars(found))


def would_move(
    store: Database, actor: Actor, files: Mapping[str, bytes], instance_ids: Sequence[UUID]
) -> Iterator[Result]:
    """What a migration to the files would do to each instance. Raises DiagramRefused; nothing is changed."""
    access.require(actor, "process_owner")
    wanted = instance_ids[:MAX_INSTANCES]
    for start in range(0, len(wanted), BATCH):
        told: list[Result] = []
        with first_step(), suppress(_TakeBack), store.transaction() as db:
            context = check_context(db, actor.organization_id)
            made = deployed.deploy(db, actor.organization_id, files, context=context, actor_id=actor.person_id)
            targets = {each.key: each for each in made if each.kind == "process"}
            for instance_id in wanted[start : start + BATCH]:
                instance = db.get(Instance, instance_id)
                if instance is not None and instance.process_key in targets:
                    told.append(_one(db, instance, targets[instance.process_key], actor))
            raise _TakeBack
        yield from told


def _one(db: Session, instance: Instance, target: Definition, actor: Actor) -> Result:
    """One instance, behind a savepoint, so that it leaves nothing for the next one."""
    instance_id, case_id = instance.id, instance.case_id
    point = db.begin_nested()
    try:
        source = db.get_one(Definition, instance.definition_id)
        plan = propose(db, source, target, {})
        migration = migrations.begin(db, source, target, plan, "", actor_id=actor.person_id)
        made = migrations.migrate(db, instance, plan, migration, actor_id=actor.person_id)
        return Result(instance_id, case_id, "moved", made.sentences)
    except (Unavailable, Stale):
        raise
    except HandslagError as error:
        sentences = [each["sentence"] for each in error.errors] or [error.message]
        return Result(instance_id, case_id, "refused", sentences)
    finally:
        point.rollback()
