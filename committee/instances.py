"""Running processes as an operator sees them: where they stand, and what is done when one stands wrong.

Every act has a reason, which stays in the case's history with who did it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from committee import access, stopping
from committee.access import Actor
from committee.cases import ENDED, Case
from committee.holding import require_going_on
from committee.processes import first_step
from engine import definitions, modification, steps, suspension
from engine.errors import InstanceNotFound
from engine.feel import from_json, to_json
from engine.models import Instance, Task, Timer
from engine.spiff import Begin, Cancel, Move, Restart, Token, Write
from store.database import Database
from store.errors import Invalid, Stale
from store.query import equal, narrowed

MENDERS = ("operator", "process_owner")
"""Roles that may change where a process stands."""
WATCHERS = (*MENDERS, "manager")
"""Roles that may see it."""
SUSPENDED = "suspended"
"""Status of a case whose process is held."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A token, or something that listens, with what a person needs to choose it."""

    key: str
    element_id: str
    name: str
    kind: str
    within: str
    waits_for: tuple[str, ...]
    flow: str | None
    given: Mapping[str, Any]
    """Its own variables and those of its iteration: which municipality is it?"""
    task_id: UUID | None
    due_at: datetime | None
    """When its timer fires."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a modification did, or would do."""

    id: UUID
    """Of the instance."""
    version: int
    status: str
    cancelled: tuple[Standing, ...]
    begun: tuple[Standing, ...]
    dry_run: bool


class _Undo(Exception):
    """Takes back everything that a dry run did."""


def find_instances(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    process_key: str | None = None,
    status: str | None = "running",
    suspended: bool | None = None,
    has_incident: bool | None = None,
) -> Select[Instance]:
    """The process instances of the organisation."""
    access.require(actor, *WATCHERS)
    held = Instance.suspended_at.is_not(None) if suspended else Instance.suspended_at.is_(None)
    return narrowed(
        select(Instance).where(Instance.organization_id == actor.organization_id),
        equal(Instance.case_id, case_id),
        equal(Instance.process_key, process_key),
        equal(Instance.status, status),
        equal(Instance.has_incident, has_incident),
        held if suspended is not None else None,
    )


def read_instance(db: Session, actor: Actor, instance_id: UUID) -> Instance:
    """One process instance. Raises InstanceNotFound."""
    access.require(actor, *WATCHERS)
    return _own(actor, db.get(Instance, instance_id))


def called_by(db: Session, instance: Instance) -> Sequence[Instance]:
    """The processes that an instance has called and waits for."""
    called = select(Instance).where(Instance.parent_id == instance.id, Instance.status == "running")
    return db.scalars(called.order_by(Instance.started_at, Instance.id)).all()


def standing(db: Session, instance: Instance) -> tuple[Standing, ...]:
    """Where an instance stands: its tokens, and what listens beside them, outer before inner."""
    return _told(db, instance, modification.standing(db, instance))


def modify_instance(
    store: Database,
    actor: Actor,
    instance_id: UUID,
    acts: Sequence[Mapping[str, Any]],
    reason: str,
    *,
    may_end: bool = False,
    dry_run: bool = False,
    version: int | None = None,
) -> Outcome:
    """Carry out acts on a process instance, all of them or none; a dry run does it and takes it back.

    Raises MoveRefused, ElementUnknown, InstanceEnded, and StepFailed for what goes wrong in the steps that follow.
    """
    outcome: list[Outcome] = []
    with first_step(), suppress(_Undo), store.transaction() as db:
        instance = _lock(db, actor, instance_id, version)
        before = instance.version
        moves = [_move(act) for act in acts]
        had = stopping.answering(db, instance.case_id)
        done = modification.modify_instance(db, instance, moves, reason, actor_id=actor.person_id, may_end=may_end)
        if done.status != "running":
            _let_case_go(db, instance)
        stopping.stop_left(db, instance.case_id, had, reason, actor.person_id)
        cancelled, begun = (_told(db, instance, tokens) for tokens in (done.cancelled, done.begun))
        after = before if dry_run else instance.version
        outcome.append(Outcome(instance_id, after, done.status, cancelled, begun, dry_run))
        if dry_run:
            raise _Undo
    return outcome[0]


def suspend_instance(
    store: Database, actor: Actor, instance_id: UUID, reason: str, *, version: int | None = None
) -> Instance:
    """Hold an instance and all that it called: no task, timer, message or operation goes on until it is resumed."""
    with store.transaction() as db:
        instance = _lock(db, actor, instance_id, version)
        if instance.suspended_at is not None:
            require_going_on(db, instance)
        suspension.suspend(db, instance, reason, actor_id=actor.person_id)
        _hold_case(db, instance)
        return instance


def resume_instance(
    store: Database, actor: Actor, instance_id: UUID, reason: str, *, version: int | None = None
) -> Instance:
    """Let a suspended instance go on, with everything that came meanwhile."""
    with first_step(), store.transaction() as db:
        instance = _lock(db, actor, instance_id, version)
        _let_case_go(db, instance)  # first: what comes now may say where the case stands
        suspension.resume(db, instance, reason, actor_id=actor.person_id)
        return instance


def _hold_case(db: Session, instance: Instance) -> None:
    """Let the lists say that the case is suspended (vilande)."""
    case = db.get(Case, instance.case_id, with_for_update=True) if instance.case_id is not None else None
    if case is not None and case.status not in (*ENDED, SUSPENDED):
        case.status, case.status_before = SUSPENDED, case.status


def _let_case_go(db: Session, instance: Instance) -> None:
    """Let the case be what it was, when no other process of it is held."""
    case = db.get(Case, instance.case_id, with_for_update=True) if instance.case_id is not None else None
    if case is None or case.status != SUSPENDED or case.status_before is None:
        return
    others = select(Instance.id).where(
        Instance.case_id == case.id,
        Instance.id != instance.id,
        Instance.parent_id.is_(None),
        Instance.status == "running",
        Instance.suspended_at.is_not(None),
    )
    if db.scalar(others.limit(1)) is None:
        case.status, case.status_before = case.status_before, None


def _own(actor: Actor, found: Instance | None) -> Instance:
    if found is None or found.organization_id != actor.organization_id:
        raise InstanceNotFound("There is no such process instance.")
    return found


def _lock(db: Session, actor: Actor, instance_id: UUID, version: int | None) -> Instance:
    access.require(actor, *MENDERS)
    found = _own(actor, steps.lock(db, instance_id))
    if version is not None and found.version != version:
        raise Stale("This process has gone on since you looked at it. Look again where it stands, and decide again.")
    return found


def _move(act: Mapping[str, Any]) -> Move:
    """An act as the API takes it: one of its names, and for what is begun perhaps the key of the scope."""
    within = act.get("within")
    match {name: value for name, value in act.items() if name != "within"}:
        case {"cancel": str(at), **rest} if not rest and within is None:
            return Cancel(at)
        case {"begin_before": str(element), **rest} if not rest:
            return Begin(element, within=within)
        case {"begin_after": str(element), **rest} if not rest:
            return Begin(element, after=True, within=within)
        case {"restart_from": str(element), **rest} if not rest:
            return Restart(element, within=within)
        case {"variables": Mapping() as values, **rest} if not rest and within is None:
            return Write({name: from_json(value) for name, value in values.items()})
    raise Invalid(
        "Each act has one of cancel, begin_before, begin_after, restart_from and variables; `within` goes with those that "
        "begin something."
    )


def _told(db: Session, instance: Instance, tokens: Sequence[Token]) -> tuple[Standing, ...]:
    """Tokens with the names of the diagram and the rows that belong to them."""
    nodes = definitions.compiled(db, instance.definition_id).nodes
    tasks = {row.key: row.id for row in db.execute(select(Task.key, Task.id).where(Task.instance_id == instance.id))}
    armed = select(Timer.key, Timer.due_at).where(Timer.instance_id == instance.id)
    timers = {row.key: row.due_at for row in db.execute(armed)}
    return tuple(
        Standing(
            key=token.key,
            element_id=token.element_id,
            name=nodes[token.element_id].name or token.element_id,
            kind=token.kind,
            within=token.within,
            waits_for=tuple(kind.value for kind in token.waits_for),
            flow=token.flow,
            given={name: to_json(value) for name, value in token.locals.items()},
            task_id=tasks.get(token.key),
            due_at=timers.get(token.key),
        )
        for token in tokens
    )
