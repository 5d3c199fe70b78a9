"""Processes that start by themselves: by timers, each in a transaction of its own, and by conditions that are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from engine import definitions, starting
from engine.bpmn.starts import Start, starts
from engine.feel import Value
from engine.models import Definition, Instance, StartTimer
from engine.steps import step
from engine.timers import MAX_ATTEMPTS, count_failure
from store import clock, events


def due(instant: datetime) -> Select[StartTimer]:
    """The timers that start processes at an instant, oldest first."""
    ready = or_(StartTimer.retry_at.is_(None), StartTimer.retry_at <= instant)
    return (
        select(StartTimer)
        .where(StartTimer.due_at <= instant, StartTimer.attempts < MAX_ATTEMPTS, ready)
        .order_by(StartTimer.due_at, StartTimer.id)
    )


def take_due(db: Session) -> StartTimer | None:
    """The timer that has been due for longest, locked; one that another worker fires just now is passed over."""
    return db.scalar(due(clock.now()).limit(1).with_for_update(skip_locked=True))


def next_due(db: Session, after: datetime) -> datetime | None:
    """The instant after another one at which a process starts next by itself."""
    coming = select(func.min(StartTimer.due_at)).where(StartTimer.due_at > after, StartTimer.attempts < MAX_ATTEMPTS)
    return db.scalar(coming)


def fire(db: Session, timer: StartTimer) -> Instance:
    """Start the process of a timer that is due and is locked. A cycle is moved on, past what was missed; else it goes.

    The instance belongs to no case and has no variables but those that its diagram sets.
    """
    start = _start(db, timer)
    with step(db, timer.organization_id, None) as current:
        data = {"key": timer.process_key, "element_id": timer.element_id, "due_at": timer.due_at.isoformat()}
        events.record(db, timer.organization_id, "start_timer.fired", "start_timer", timer.id, data=data)
        evaluate = current.evaluator(None)
        definition = db.get_one(Definition, timer.definition_id)
        began = definition.deployed_at
        following = starting.following_due(evaluate, start, began, timer.due_at, clock.now(), timer.remaining)
        if following.at is None:
            db.delete(timer)
        else:
            timer.due_at, timer.remaining = following.at, following.remaining
            timer.attempts, timer.retry_at = 0, None
        return current.begin(definition, {}, case_id=None, start=start.node.id).row


def put_off(db: Session, timer_id: UUID, *, for_good: bool) -> tuple[StartTimer, int] | None:
    """Count a start that failed and try again later; `for_good` counts it as the last.

    Gives the timer and how often it was tried if it was the last.
    """
    timer = db.get(StartTimer, timer_id, with_for_update=True)
    tried = count_failure(timer, for_good=for_good) if timer is not None else 0
    return (timer, tried) if timer is not None and tried else None


def retry(db: Session, timer_id: UUID) -> None:
    """Start what an incident held. A newer version of the process has timers of its own: then nothing is to be done."""
    timer = db.get(StartTimer, timer_id, with_for_update=True)
    if timer is not None:
        fire(db, timer)


def meet_conditions(
    db: Session, organization_id: UUID, variables: Mapping[str, Value], *, actor_id: UUID | None = None
) -> list[Instance]:
    """Start every process in use that has a conditional start whose condition is true of some variables.

    Each gets the variables; of several conditions of one process the first that is true starts it.
    """
    with step(db, organization_id, actor_id) as current:
        evaluate = current.evaluator(None)
        started = []
        for definition, process in list(definitions.startable(db, organization_id, "conditional:")):
            true = (each for each in starts(process) if starting.holds(evaluate, each, variables))
            if (start := next(true, None)) is not None:
                started.append(current.begin(definition, variables, case_id=None, start=start.node.id).row)
        return started


def _start(db: Session, timer: StartTimer) -> Start:
    process = definitions.compiled(db, timer.definition_id).process
    return next(each for each in starts(process) if (each.node.id, each.number) == (timer.element_id, timer.number))
