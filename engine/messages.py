"""Messages: routed by name and correlation keys to the one instance that waits, and kept while nobody does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Select, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine import definitions
from engine.bpmn.model import EventType
from engine.bpmn.starts import Start
from engine.errors import InstanceEnded
from engine.feel import Value, dump, load
from engine.models import Definition, Instance, Message, Subscription
from store import clock, events

if TYPE_CHECKING:
    from engine.spiff import Run
    from engine.stepping import Sent
    from engine.steps import Live, Step


def canonical(correlation: Mapping[str, Value]) -> str:
    """One text for one set of correlation keys, whatever their order."""
    return json.dumps({name: dump(value) for name, value in correlation.items()}, sort_keys=True, ensure_ascii=False)


def keys_of(message: Message) -> dict[str, Value]:
    """What says which instance a message is for."""
    return {name: load(value) for name, value in json.loads(message.correlation).items()}


def publish(
    db: Session,
    organization_id: UUID,
    name: str,
    correlation: Mapping[str, Value],
    payload: Mapping[str, Value] | None = None,
    *,
    unique_key: str | None = None,
    actor_id: UUID | None = None,
) -> Message:
    """Publish a message in the verb's transaction; it is delivered at once when an instance waits for it.

    A second message with the same `unique_key` is the first one again: nothing happens.
    """
    from engine.steps import step

    if unique_key is not None and (known := _known(db, organization_id, unique_key)) is not None:
        return known
    with step(db, organization_id, actor_id) as current:
        message = store(db, organization_id, name, correlation, payload or {}, unique_key, actor_id)
        current.post(message)
    return message


def waiting(organization_id: UUID, name: str, correlation: str) -> Select[Subscription]:
    """Those who wait for a message now; `correlation` as `canonical` writes it."""
    return select(Subscription).where(
        Subscription.organization_id == organization_id,
        Subscription.kind == "message",
        Subscription.name == name,
        Subscription.correlation == correlation,
    )


def is_awaited(db: Session, organization_id: UUID, name: str, correlation: Mapping[str, Value]) -> bool:
    """Whether an instance waits for a message now."""
    return db.scalar(waiting(organization_id, name, canonical(correlation)).limit(1)) is not None


def store(
    db: Session,
    organization_id: UUID,
    name: str,
    correlation: Mapping[str, Value],
    payload: Mapping[str, Value],
    unique_key: str | None = None,
    actor_id: UUID | None = None,
) -> Message:
    """Write a message that the step under way will deliver."""
    message = Message(
        organization_id=organization_id,
        name=name,
        correlation=canonical(correlation),
        payload={key: dump(value) for key, value in payload.items()},
        state="waiting",
        unique_key=unique_key,
        published_at=clock.now(),
    )
    db.add(message)
    db.flush()
    events.record(
        db, organization_id, "message.published", "message", message.id, actor_id=actor_id, data={"name": name}
    )
    return message


def offer(step: Step, message: Message) -> None:
    """Deliver a message to the instance that waits for it, else to the process that it starts; else keep it."""
    passed: list[UUID] = []
    while (subscription := _longest_waiting(step.db, message, passed)) is not None:
        if deliver(step, message, subscription):
            return
        passed.append(subscription.id)
    starts = definitions.started_by(step.db, message.organization_id, EventType.MESSAGE, message.name)
    for definition, start in starts:
        _start(step, message, definition, start)
        return
    step.left.append(message)


def _longest_waiting(db: Session, message: Message, passed: list[UUID]) -> Subscription | None:
    """Who has waited longest for a message, without those that were found to wait no more."""
    found = waiting(message.organization_id, message.name, message.correlation)
    if passed:
        found = found.where(Subscription.id.not_in(passed))
    return db.scalar(found.order_by(Subscription.id).limit(1))


def _start(step: Step, message: Message, definition: Definition, start: Start) -> None:
    """Start a process with what a message says, and with the keys by which it was sent."""
    if not _claim(step, message, None):
        return
    keys = {key: load(value) for key, value in json.loads(message.correlation).items()}
    payload = {key: load(value) for key, value in message.payload.items()}
    begun = step.begin(definition, keys, case_id=None, start=start.node.id, payload=payload)
    message.delivered_to = begun.row.id


def broadcast(step: Step, sent: Sent) -> None:
    """Give a signal to everyone in the organisation who waited for it when it was thrown, and to all that it starts.

    None is kept but for those who waited for it and are suspended.
    """
    name, payload = sent.thrown.name, sent.thrown.payload
    waiting = step.db.scalars(
        select(Subscription)
        .where(
            Subscription.organization_id == step.organization_id,
            Subscription.kind == "signal",
            Subscription.name == name,
        )
        .order_by(Subscription.id)  # in the same order for all: each is locked when its turn comes
    ).all()
    for subscription in waiting:
        live = _who_waits(step, subscription, name)
        if live is None or not sent.is_heard(live, subscription.key):
            continue
        if live.is_held:
            held = {"key": subscription.key, "payload": {name: dump(value) for name, value in payload.items()}}
            live.row.held_signals = [*live.row.held_signals, held]
        else:
            step.act(live, partial(trigger, key=subscription.key, payload=payload))
    for definition, start in definitions.started_by(step.db, step.organization_id, EventType.SIGNAL, name):
        step.begin(definition, {}, case_id=None, start=start.node.id, payload=payload)


def expire_next(db: Session, days: int, days_by_name: Mapping[str, int]) -> Message | None:
    """Drop the oldest message that nobody has waited for within its time to live; None when there is none.

    `days` count from its publication; `days_by_name` go before them. One that a suspended instance will get when it is
    resumed is not dropped. The row stays, to be seen.
    """
    instant = clock.now()
    outlived = [Message.name.not_in(days_by_name) & (Message.published_at <= instant - timedelta(days=days))]
    for name, own in days_by_name.items():
        outlived.append((Message.name == name) & (Message.published_at <= instant - timedelta(days=own)))
    found = db.scalar(
        select(Message)
        .where(Message.state == "waiting", or_(*outlived), ~_is_held_for_somebody())
        .order_by(Message.published_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is not None:
        found.state = "expired"
        data = {"name": found.name, "published_at": found.published_at.isoformat()}
        events.record(db, found.organization_id, "message.expired", "message", found.id, data=data)
    return found


def _is_held_for_somebody() -> ColumnElement[bool]:
    """A suspended instance waits for the message."""
    return (
        exists()
        .where(Subscription.organization_id == Message.organization_id, Subscription.kind == "message")
        .where(Subscription.name == Message.name, Subscription.correlation == Message.correlation)
        .where(Instance.id == Subscription.instance_id, Instance.suspended_at.is_not(None))
    )


def deliver(step: Step, message: Message, subscription: Subscription) -> bool:
    """Give a message to the instance that waits for it; while that is suspended, the message waits too.

    False when it waits no more, and somebody else may get the message.
    """
    live = _who_waits(step, subscription, message.name)
    if live is None:
        return False
    if live.is_held or not _claim(step, message, live.row.id):
        return True
    payload = {key: load(value) for key, value in message.payload.items()}
    key = subscription.key
    step.act(live, partial(trigger, key=key, payload=payload))
    if subscription.repeats and subscription in step.db and key in live.before:
        step.subscribed.append(subscription)
    return True


def _who_waits(step: Step, subscription: Subscription, name: str) -> Live | None:
    """The instance behind a subscription, locked; None when it waits no more.

    The subscription was read before the lock: another transaction may have moved the instance on between the two.
    """
    try:
        live = step.load(subscription.instance_id)
    except InstanceEnded:
        return None
    wait = live.before.get(subscription.key)
    return live if wait is not None and wait.name == name else None


def _claim(step: Step, message: Message, receiver: UUID | None) -> bool:
    """Mark a message as delivered; False when another transaction has done so, since it was read."""
    said = {"state": "delivered", "delivered_at": clock.now(), "delivered_to": receiver}
    free = update(Message).where(Message.id == message.id, Message.state == "waiting").values(said)
    done = step.db.execute(free.execution_options(synchronize_session=False))
    if cast("CursorResult[Any]", done).rowcount != 1:
        step.db.expire(message)
        return False
    for column, value in said.items():
        set_committed_value(message, column, value)
    return True


def trigger(run: Run, *, key: str, payload: Mapping[str, Value]) -> None:
    """Let come what is waited for under a key."""
    run.trigger(key, payload)


def _known(db: Session, organization_id: UUID, unique_key: str) -> Message | None:
    return db.scalar(
        select(Message).where(Message.organization_id == organization_id, Message.unique_key == unique_key)
    )
