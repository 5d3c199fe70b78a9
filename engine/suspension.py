"""Suspending: an operator holds an instance, with all that it called, while somebody finds out what to do.

Nothing is lost meanwhile. Its tasks cannot be done, its timers do not fire, its operations and calls do not begin; the
messages and signals that it waited for are kept. When it is resumed, all that comes after it: timers late, messages in
the order in which they came. Each verb works in the caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import history, kept
from engine.errors import InstanceEnded, InstanceSuspended
from engine.feel import load
from engine.messages import trigger
from engine.models import Instance, Task
from engine.spiff import WaitKind
from engine.steps import Live, Step, step
from store import clock
from store.errors import Conflict
from store.sentences import say


class NotSuspended(Conflict):
    """There is nothing to resume."""

    code = "instance_not_suspended"


class CalledInstance(Conflict):
    """The verb is for the process that called it, and then for all that it called."""

    code = "instance_is_called"


def suspend(db: Session, instance: Instance, reason: str, *, actor_id: UUID | None) -> None:
    """Hold an instance that the caller has locked, and all that it called."""
    _require_topmost(instance)
    if instance.suspended_at is not None:
        raise InstanceSuspended("This process is suspended already.")
    held = _with_called(db, instance)
    for each in held:
        each.suspended_at, each.suspended_by, each.suspension_reason = clock.now(), actor_id, reason
    _mark_tasks(db, held, suspended=True)
    _record(db, "instance.suspended", instance, reason, held, actor_id)


def resume(db: Session, instance: Instance, reason: str, *, actor_id: UUID | None) -> None:
    """Let a suspended instance go on, with what came meanwhile; its timers follow, as the worker comes to them."""
    _require_topmost(instance)
    if instance.suspended_at is None:
        raise NotSuspended("This process is not suspended; there is nothing to resume.")
    held = _with_called(db, instance)
    came = {each.id: each.held_signals for each in held}
    for each in held:
        each.suspended_at, each.suspended_by, each.suspension_reason, each.held_signals = None, None, None, []
    _mark_tasks(db, held, suspended=False)
    _record(db, "instance.resumed", instance, reason, held, actor_id)
    with step(db, instance.organization_id, actor_id) as current:
        for each in held:
            if each.status == "running":
                _go_on(current, current.load(each.id, each), came[each.id])
    db.info["wake"] = True


def _go_on(current: Step, live: Live, signals: Sequence[Mapping[str, Any]]) -> None:
    """Do what an instance could not do while it was held: jobs, calls, conditions, signals, messages."""
    current.db.flush()
    kept.release(current, live.before.values())  # it may be over before they come to it, and others wait
    begun = set(current.db.scalars(select(Instance.parent_key).where(Instance.parent_id == live.row.id)))
    live.before = {
        key: wait for key, wait in live.before.items() if wait.kind is not WaitKind.CALL or wait.key in begun
    }
    current.act(live, lambda run: run.recheck_conditions())
    for signal in signals:
        if signal["key"] in live.before:
            payload = {name: load(value) for name, value in signal["payload"].items()}
            current.act(live, partial(trigger, key=signal["key"], payload=payload))


def _require_topmost(instance: Instance) -> None:
    if instance.status != "running":
        raise InstanceEnded("This process has ended; nothing more can be done in it.")
    if instance.parent_id is not None:
        raise CalledInstance(
            say(
                "This process was called by another one. Do it to that one: %(parent_id)s", parent_id=instance.parent_id
            )
        )


def _with_called(db: Session, instance: Instance) -> list[Instance]:
    """The instance and all running ones that it called, callers first, locked."""
    found, callers = [instance], [instance.id]
    while callers:
        below = db.scalars(
            select(Instance)
            .where(Instance.parent_id.in_(callers), Instance.status == "running")
            .order_by(Instance.id)
            .with_for_update()
        ).all()
        found += below
        callers = [each.id for each in below]
    return found


def _mark_tasks(db: Session, held: Sequence[Instance], *, suspended: bool) -> None:
    db.execute(
        update(Task)
        .where(Task.instance_id.in_([each.id for each in held]), Task.state == "open")
        .values(suspended=suspended, version=Task.version + 1)
    )


def _record(
    db: Session, type_: str, instance: Instance, reason: str, held: Sequence[Instance], actor_id: UUID | None
) -> None:
    called = [str(each.id) for each in held if each is not instance]
    data = {"reason": reason, **({"called": called} if called else {})}
    history.record(db, instance, type_, actor_id=actor_id, data=data)
