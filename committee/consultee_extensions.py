"""More time for one of those who were asked (anstånd): what they ask for, and what the officer says to it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import asking, deadlines, referrals
from committee.access import Actor
from committee.cases import Case
from committee.mailing import written
from committee.organisations import Organization, Person
from committee.referrals import Consultee
from store import clock
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid
from store.sentences import say


class ConsulteeExtension(Identified, Base):
    """One time that a consultee asked for more time, with the answer that it got."""

    __tablename__ = "consultee_extension"

    consultee_id: Mapped[UUID] = mapped_column(ForeignKey("consultee.id"), index=True)
    asked_until: Mapped[date]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    granted: Mapped[bool | None]
    """None while nobody has answered."""
    new_date: Mapped[date | None]
    """The day that was granted; it need not be the one that was asked for."""
    comment: Mapped[str | None]
    answered_at: Mapped[datetime | None]


def extensions_of(db: Session, consultee_id: UUID) -> list[ConsulteeExtension]:
    """What a consultee has asked for, the last first."""
    found = select(ConsulteeExtension).where(ConsulteeExtension.consultee_id == consultee_id)
    return list(db.scalars(found.order_by(ConsulteeExtension.asked_at.desc(), ConsulteeExtension.id.desc())))


def ask_extension(store: Database, actor: Actor, consultee_id: UUID, new_date: date, reason: str) -> Consultee:
    """Ask for more time; the officer grants it or not."""
    with store.transaction() as db:
        consultee = referrals.read_consultee(db, actor, consultee_id)
        if consultee.status == "extension_asked":
            raise Conflict("More time has been asked for already. Wait for the answer, then ask again if need be.")
        if consultee.status != "invited":
            raise Conflict("This consultee has answered, or the day has passed; there is no time to ask for.")
        _require_later(db, consultee, new_date)
        consultee.status = "extension_asked"
        db.add(
            ConsulteeExtension(
                organization_id=consultee.organization_id,
                consultee_id=consultee.id,
                asked_until=new_date,
                reason=reason,
                asked_at=clock.now(),
                asked_by=actor.person_id,
            )
        )
        told = {"new_date": new_date.isoformat(), "reason": reason}
        referrals.record(db, consultee, "consultee.extension_asked", actor, told)
        referrals.publish(db, consultee, "ConsulteeExtensionAsked", actor, {"new_date": new_date, "reason": reason})
        return consultee


def grant_extension(
    db: Session, consultee: Consultee, new_date: date | None, comment: str | None = None, *, actor_id: UUID | None
) -> None:
    """Give more time, or not (`new_date` is None), in the verb's transaction."""
    if consultee.status not in ("invited", "extension_asked"):
        raise Conflict("This consultee has answered, or the day has passed; more time would change nothing.")
    consultee.status = "invited"
    if new_date is not None:
        _require_later(db, consultee, new_date)
        consultee.reply_by = new_date
    for asked in extensions_of(db, consultee.id):
        if asked.granted is None:
            asked.granted, asked.new_date, asked.comment = new_date is not None, new_date, comment
            asked.answered_at = clock.now()
    db.flush()
    case = db.get_one(Case, referrals.case_id_of(db, consultee))
    by = db.get(Person, actor_id) if actor_id is not None else None
    asking.follow_answers(db, case, _why(db, case, consultee), actor_id, granted_by=by.name if by else None)


def _why(db: Session, case: Case, consultee: Consultee) -> str:
    """Why the case's day for the answers moves: who has got more time, and what the others still have."""
    given = f"Anstånd till {db.get_one(Organization, consultee.consulted_id).name}."
    others = referrals.awaited(case.id).where(Consultee.id != consultee.id)
    days = set(db.scalars(others.with_only_columns(Consultee.reply_by)))
    if not days:
        return given
    have = f"svara senast {written(days.pop())}" if len(days) == 1 else "svara de dagar de har fått"
    return f"{given} De andra som inte har svarat ska fortfarande {have}."


def _require_later(db: Session, consultee: Consultee, new_date: date) -> None:
    """Refuse a day that is no later, and one on which the region itself must have answered."""
    own = deadlines.of_kind(db, referrals.case_id_of(db, consultee), "reply_by")
    if new_date <= consultee.reply_by:
        sentence = say("Give a day after %(day)s.", day=consultee.reply_by)
        raise Invalid("More time means a later day.", errors=[{"field": "new_date", "sentence": sentence}])
    if own is not None and new_date >= own.due_on:
        sentence = say("Give a day before %(day)s, when the region's own answer is due.", day=own.due_on)
        errors = [{"field": "new_date", "sentence": sentence}]
        raise Invalid("The region itself must have answered by then.", errors=errors)
