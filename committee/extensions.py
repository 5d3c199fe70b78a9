"""More time to answer (anstånd): what the sender of a referral says when it has been asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from committee import access, deadlines
from committee.access import Actor
from committee.cases import Case, lock
from committee.processes import first_step
from engine import messages
from engine.feel import Value
from engine.models import Subscription, Timer
from store import clock, events
from store.database import Database
from store.errors import Conflict, Invalid

GRANTED = "ExtensionGranted"
REGISTRARS = ("registrar", "officer", "head")
"""Roles that may register what a sender said about more time."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A case waits for what its sender says about more time."""

    until: date | None
    """The last day of waiting; None where the process waits without end."""


def awaited(db: Session, organization_id: UUID, case_id: UUID) -> Awaited | None:
    """Whether a case waits for what its sender says about more time, and how long."""
    waiting = (
        messages.waiting(organization_id, GRANTED, messages.canonical({"case_id": str(case_id)}))
        .outerjoin(Timer, Timer.instance_id == Subscription.instance_id)
        .with_only_columns(Timer.due_at)
        .order_by(Timer.armed_at.desc(), Timer.due_at)  # the wait began last: the timer armed with it is its end
        .limit(1)
    )
    found = db.execute(waiting).one_or_none()
    return Awaited(clock.local_date(found.due_at) if found.due_at else None) if found is not None else None


def record_extension_answer(
    store: Database, actor: Actor, case_id: UUID, *, granted: bool, new_date: date | None = None
) -> Case:
    """Register that the sender gave more time, or did not; the process that asked goes on with it.

    Raises NotFound, Forbidden, Invalid when more time has no later day, and Conflict when nobody has asked.
    """
    with first_step(), store.transaction() as db:
        case = lock(db, actor, case_id)
        access.require(actor, *REGISTRARS)
        name = GRANTED if granted else "ExtensionRefused"
        keys: dict[str, Value] = {"case_id": str(case.id)}
        if not messages.is_awaited(db, case.organization_id, name, keys):
            raise Conflict("The case does not wait for an answer about more time. Ask the sender for it first.")
        current = deadlines.of_kind(db, case.id, "reply_by")
        if granted and (new_date is None or (current is not None and new_date <= current.due_on)):
            sentence = "Give the day that the sender granted; it is later than the present one."
            raise Invalid("More time means a later day.", errors=[{"field": "new_date", "sentence": sentence}])
        payload: dict[str, Value] = {"new_date": new_date} if granted else {}
        messages.publish(db, case.organization_id, name, keys, payload, actor_id=actor.person_id)
        events.record(
            db, case.organization_id, "extension.answered", "case", case.id, actor_id=actor.person_id, case_id=case.id,
            data={"granted": granted, "new_date": new_date.isoformat() if new_date else None},
        )  # fmt: skip
        return case
