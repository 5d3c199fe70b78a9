"""Nobody is waited for any more: the officer has stopped asking, the case has ended, or the step to answer in is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access, mailing
from committee.access import Actor
from committee.cases import Case
from committee.organisations import Organization, administration
from committee.processes import first_step
from committee.referrals import AWAITED, STOPPED, STOPPERS, Consultee, Referral, awaited, read_referral
from engine import messages
from engine.feel import Value, load
from engine.models import Task
from store import clock, events
from store.database import Database
from store.errors import Conflict

ANSWERING = "answer_consultation"
"""The operation of the task in which a consultee answers."""


def stop_referral(store: Database, actor: Actor, referral_id: UUID, reason: str) -> Referral:
    """Stop asking: the answers that came are summed up, those that could still come are waited for no more."""
    with first_step(), store.transaction() as db:
        found = read_referral(db, actor, referral_id)
        access.require(actor, *STOPPERS)
        keys: dict[str, Value] = {"referral_id": str(found.id)}
        if found.stopped_at is not None or not messages.is_awaited(db, found.organization_id, STOPPED, keys):
            raise Conflict("Nobody is waited for any more in this consultation; there is nothing to stop.")
        asked = db.scalars(awaited(found.case_id).where(Consultee.referral_id == found.id)).all()
        _stop(db, found, asked, reason, actor.person_id)
        messages.publish(db, found.organization_id, STOPPED, keys, {"reason": reason}, actor_id=actor.person_id)
        return found


def stop_all(db: Session, case: Case, reason: str, actor_id: UUID | None) -> None:
    """Wait for nobody in a case that has ended, in the verb's transaction."""
    _stop_those(db, db.scalars(awaited(case.id)).all(), reason, actor_id)


def answering(db: Session, case_id: UUID | None) -> set[UUID]:
    """Those who have a step to answer in, in a case."""
    open_ = select(Task).where(Task.case_id == case_id, Task.operation == ANSWERING, Task.state == "open")
    return {found for task in db.scalars(open_) if (found := answered_in(task)) is not None}


def stop_left(db: Session, case_id: UUID | None, had: Collection[UUID], reason: str, actor_id: UUID | None) -> None:
    """Wait no more for those who `had` a step to answer in that is gone though they have not answered."""
    gone = set(had) - answering(db, case_id)
    left = select(Consultee).where(Consultee.id.in_(gone), Consultee.status.in_(AWAITED))
    _stop_those(db, db.scalars(left).all() if gone else [], reason, actor_id)


def answered_in(task: Task) -> UUID | None:
    """The id of the consultee that answers in a step; None for other steps."""
    if task.operation != ANSWERING or "consultee_id" not in task.locals:
        return None
    return UUID(str(load(task.locals["consultee_id"])))


def _stop_those(db: Session, consultees: Sequence[Consultee], reason: str, actor_id: UUID | None) -> None:
    for referral_id in sorted({each.referral_id for each in consultees}):
        asked = [each for each in consultees if each.referral_id == referral_id]
        _stop(db, db.get_one(Referral, referral_id), asked, reason, actor_id)


def _stop(db: Session, referral: Referral, consultees: Sequence[Consultee], reason: str, actor_id: UUID | None) -> None:
    """Let them go, and tell those whom it reaches. Who has let the day pass was silent, whatever is stopped later."""
    case = db.get_one(Case, referral.case_id)
    for consultee in consultees:
        consultee.status = "stopped" if clock.today() <= consultee.reply_by else "no_reply"
        if consultee.status == "stopped":
            _tell(db, case, consultee)
    db.flush()
    left = select(Consultee.id).where(Consultee.referral_id == referral.id, Consultee.status.in_(AWAITED))
    if db.scalar(left.limit(1)) is None:
        referral.stopped_at = clock.now()
        db.flush()
    events.record(
        db, referral.organization_id, "referral.stopped", "referral", referral.id, actor_id=actor_id,
        case_id=case.id, data={"reason": reason},
    )  # fmt: skip


def _tell(db: Session, case: Case, consultee: Consultee) -> None:
    asked = db.get_one(Organization, consultee.consulted_id)
    to = administration(db, case.organization_id, asked.key)
    subject, line = "Regionen väntar inte längre på ert svar", f"{case.registry_number or ''} {case.title}".strip()
    mailing.send(
        db, to, "officer", subject, line, organization_id=case.organization_id, case_id=case.id, address=asked.email
    )
