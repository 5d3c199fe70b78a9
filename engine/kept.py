"""Messages that are kept: they come to whoever begins to wait for them, also at the very instant at which they are sent.

On PostgreSQL neither of two transactions that run at once sees what the other has written: one keeps a message since
nobody waits, the other begins to wait since there is none, and both would be right for ever. So both look once more
under a lock, which they hold until they commit: whoever comes second sees the first. Who begins to wait shares it with
all who do. It is taken when the step has done everything else, so that nobody waits for an instance while he holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Select, cast, func, select, tuple_

from engine import messages
from engine.models import Instance, Message, Subscription
from engine.spiff import WaitKind

if TYPE_CHECKING:
    from engine.spiff import Waiting
    from engine.steps import Step

LOCKS = 1024
"""For each name of a message: the server has room for few thousands of locks, and a step may wait for as many keys."""

Route = tuple[str, str]
"""Name and correlation keys of a message, as the tables have them."""


def meet(step: Step) -> bool:
    """Deliver one message to one who waits, of those that are new in the step on either side; False when none fits."""
    waiting = [each for each in step.subscribed if each in step.db]  # the others ended within the step
    if not waiting and not step.left:
        return False
    step.db.flush()
    _take_turn(step, waiting)
    for fits in _pairs(waiting, step.left):
        if (found := step.db.execute(fits).first()) is not None:
            messages.deliver(step, found[0], found[1])
            return True
    step.subscribed.clear()
    step.left.clear()
    return False


def release(step: Step, waits: Iterable[Waiting]) -> None:
    """What a suspended instance was to get may be for others from now on: the step will offer it again."""
    awaited = (wait for wait in waits if wait.kind is WaitKind.MESSAGE)
    step.released |= {(wait.name or "", messages.canonical(wait.correlation)) for wait in awaited}


def offer_again(step: Step) -> None:
    """Offer the oldest message that has been released to whoever has waited longest for it."""
    kept = select(Message).where(
        Message.organization_id == step.organization_id,
        Message.state == "waiting",
        tuple_(Message.name, Message.correlation).in_(step.released),
    )
    message = step.db.scalar(kept.order_by(Message.published_at, Message.id).limit(1))
    if message is None:
        step.released.clear()
        return
    messages.offer(step, message)
    if message.state == "waiting":  # nobody else waits, or one who is suspended too
        step.released.discard((message.name, message.correlation))


def _pairs(waiting: Iterable[Subscription], kept: Iterable[Message]) -> list[Select[Message, Subscription]]:
    """What asks for a message and an instance that is not suspended and waits for it, from either side."""
    fits = (
        select(Message, Subscription)
        .join(
            Subscription,
            (Subscription.organization_id == Message.organization_id)
            & (Subscription.name == Message.name)
            & (Subscription.correlation == Message.correlation),
        )
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(Message.state == "waiting", Subscription.kind == "message", Instance.suspended_at.is_(None))
        .limit(1)
    )
    asked = []
    if begun := [each.id for each in waiting]:
        oldest_first = (Subscription.id, Message.published_at, Message.id)
        asked.append(fits.where(Subscription.id.in_(begun)).order_by(*oldest_first))
    if sent := [each.id for each in kept]:
        asked.append(fits.where(Message.id.in_(sent)).order_by(Message.id, Subscription.id))
    return asked


def _take_turn(step: Step, waiting: Iterable[Subscription]) -> None:
    """Lock the routes, in one order for all. The embedded database has one transaction at a time, and needs no locks."""
    if step.db.get_bind().dialect.name != "postgresql":
        return
    alone = {_number(each) for each in step.left}
    shared = {_number(each) for each in waiting} - alone
    for lock, numbers in ((func.pg_advisory_xact_lock, alone), (func.pg_advisory_xact_lock_shared, shared)):
        if numbers:
            number = func.unnest(cast(sorted(numbers), ARRAY(BigInteger))).column_valued("number")
            step.db.execute(select(func.count(lock(number))))


def _number(of: Message | Subscription) -> int:
    """The lock of a route, as PostgreSQL numbers them; some routes of a name share one."""
    name = blake2b(f"{of.organization_id} {of.name}".encode(), digest_size=8).digest()
    keys = blake2b(of.correlation.encode(), digest_size=8).digest()
    return int.from_bytes(name, signed=True) // LOCKS * LOCKS + int.from_bytes(keys) % LOCKS
