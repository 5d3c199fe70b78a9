"""Timers: rows that are due are fired, each in a transaction of its own; a moved deadline re-arms what depends on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from engine import schedule, waits
from engine.bpmn.model import TimerType
from engine.models import Instance, StartTimer, Task, Timer
from engine.steps import Live, Root, step
from store import clock, events

if TYPE_CHECKING:
    from engine.spiff import Waiting
    from engine.steps import Step

MAX_ATTEMPTS = 8
"""Failed firings after which an incident holds the timer: about an hour after the first."""
FIRST_DELAY = timedelta(seconds=30)


def due(instant: datetime | BindParameter[datetime]) -> Select[Timer]:
    """The timers to fire at an instant, oldest first: one that has failed waits some time before it is tried again."""
    ready = or_(Timer.retry_at.is_(None), Timer.retry_at <= instant)
    return late(instant).where(ready).order_by(Timer.due_at, Timer.id)


def late(instant: datetime | BindParameter[datetime]) -> Select[Timer]:
    """The timers that should have fired by an instant, and whose failing is no incident yet.

    Those of suspended instances wait until they are resumed.
    """
    standing = select(Timer).join(Instance, Instance.id == Timer.instance_id)
    return standing.where(Instance.suspended_at.is_(None), Timer.due_at <= instant, Timer.attempts < MAX_ATTEMPTS)


_FIRST_DUE = (
    due(bindparam("instant"))
    .add_columns(Instance)
    .join(Root, Root.id == Instance.root_id)
    .limit(1)
    .with_for_update(of=(Root, Instance, Timer), skip_locked=True)
)


def take_due(db: Session) -> tuple[Timer, Instance] | None:
    """The timer that has been due for longest, and its instance, both locked; None when there is nothing to do now.

    The instances are locked before the timer, in the order of every other step. One that somebody is stepping just now
    is passed over: it is met again in the next round. All are locked, since PostgreSQL looks again only at rows that
    it locks: else a timer that another worker has just fired would be given once more.
    """
    row = db.execute(_FIRST_DUE, {"instant": clock.now()}).first()
    return (row[0], row[1]) if row is not None else None


def next_due(db: Session, after: datetime) -> datetime | None:
    """The instant after another one at which a timer falls due next; None when nothing waits for time."""
    coming = select(func.min(Timer.due_at)).where(Timer.due_at > after, Timer.attempts < MAX_ATTEMPTS)
    return db.scalar(coming)


def fire(db: Session, timer: Timer, locked: Instance | None = None) -> None:
    """Fire a timer that is due and step its instance; `locked` is its row where the caller holds the lock already."""
    instant = clock.now()
    with step(db, timer.organization_id, None) as current:
        live = current.load_awake(timer.instance_id, locked)
        key = timer.key
        _record(current, live, timer)
        if live.before[key].repeats:
            _after_firing(current, live, timer, instant)
        current.act(live, lambda run: run.trigger(key, {}))


def put_off(db: Session, timer_id: UUID, *, for_good: bool) -> tuple[Timer, int] | None:
    """Count a firing that failed and try again later, each time twice as late; `for_good` counts it as the last.

    Gives the timer and how often it was tried if it was the last: then only an incident leads on.
    """
    timer = db.get(Timer, timer_id, with_for_update=True)
    tried = count_failure(timer, for_good=for_good) if timer is not None else 0
    return (timer, tried) if timer is not None and tried else None


def count_failure(timer: Timer | StartTimer, *, for_good: bool) -> int:
    """Put a timer off after a firing that failed; how often it was tried if that was the last time, else 0."""
    tried = timer.attempts + 1
    timer.attempts = MAX_ATTEMPTS if for_good else tried
    timer.retry_at = clock.now() + FIRST_DELAY * 2 ** (timer.attempts - 1)
    return tried if timer.attempts >= MAX_ATTEMPTS else 0


def retry(db: Session, timer_id: UUID) -> None:
    """Fire a timer that an incident held. One that has gone, or has been moved, needs nothing any more."""
    timer = db.get(Timer, timer_id)
    if timer is None:
        return
    timer.attempts, timer.retry_at = 0, None
    if timer.due_at is not None and timer.due_at <= clock.now():
        fire(db, timer)


def rearm(db: Session, organization_id: UUID, case_id: UUID) -> None:
    """Compute the timers and due dates of a case again, at the end of the step under way."""
    with step(db, organization_id, None) as current:
        current.rearm.add(case_id)


def rearm_instance(db: Session, organization_id: UUID, instance_id: UUID) -> None:
    """Compute the timers and due dates of one instance again, at the end of the step under way."""
    with step(db, organization_id, None) as current:
        current.rearm.add(instance_id)


def rearm_now(current: Step, subject_id: UUID) -> None:
    """The work of `rearm` for a case or an instance, when all instances of the step have settled."""
    db = current.db
    db.flush()
    about = or_(Instance.case_id == subject_id, Instance.id == subject_id)
    running = db.scalars(select(Instance.id).where(about, Instance.status == "running").order_by(Instance.id)).all()
    for instance_id in running:
        live = current.load(instance_id)
        rearm_timers(current, live)
        _rearm_tasks(current, live)


def rearm_timers(current: Step, live: Live) -> None:
    """Compute the date timers of an instance in a step again; the other kinds count from when they began."""
    for timer in current.db.scalars(select(Timer).where(Timer.instance_id == live.row.id)):
        wait = live.before.get(timer.key)
        if wait is None or wait.timer is not TimerType.DATE:
            continue  # durations and cycles count from when they began, whatever moves
        fresh = _due_as_armed(current, live, wait, timer.armed_at)
        if fresh != timer.last_due_at and fresh != timer.due_at:
            timer.due_at = fresh
            timer.attempts, timer.retry_at = 0, None
            if fresh is not None and fresh <= clock.now():
                current.db.info["wake"] = True


def _due_as_armed(current: Step, live: Live, wait: Waiting, armed_at: datetime) -> datetime | None:
    """When a date timer is due by what is known now, asked as of when it began: `today()` has not moved since."""
    assert wait.timer is not None
    with clock.within(lambda: armed_at):
        value = waits.timer_value(current, live, wait)
    return schedule.due(wait.timer, value, armed_at).at


def _rearm_tasks(current: Step, live: Live) -> None:
    open_tasks = select(Task).where(Task.instance_id == live.row.id, Task.state == "open")
    for task in current.db.scalars(open_tasks):
        wait = live.before.get(task.key)
        if wait is not None:
            task.due_on = waits.due_on(current, live, wait)


def _after_firing(current: Step, live: Live, timer: Timer, instant: datetime) -> None:
    """Move a cycle on to its next firing; anything else has been. The row stays, since its wait does."""
    timer.last_due_at = timer.due_at
    following = None
    if timer.type == TimerType.CYCLE.value and timer.last_due_at is not None:
        value = waits.timer_value(current, live, live.before[timer.key])
        following = schedule.next_due(value, timer.armed_at, timer.last_due_at, instant, timer.remaining)
    timer.due_at = following.at if following else None
    timer.remaining = following.remaining if following else 0
    current.db.flush()


def _record(current: Step, live: Live, timer: Timer) -> None:
    events.record(
        current.db,
        current.organization_id,
        "timer.fired",
        "timer",
        timer.id,
        case_id=live.row.case_id,
        instance_id=live.row.id,
        data={"element_id": timer.element_id, "due_at": timer.due_at.isoformat() if timer.due_at else None},
    )
