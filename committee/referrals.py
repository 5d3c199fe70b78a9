"""Referrals sent out: municipalities and others are asked, answer, ask for time, abstain, or are silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.cases import Case, of_case
from committee.organisations import Organization
from engine import messages, timers
from engine.feel import Value
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, Forbidden, Invalid, NotFound
from store.query import at_least, below, equal, narrowed
from store.sentences import say

MODES = ("delning", "remiss", "information", "expediering")
"""How something is sent: a draft shared for views (TF 2:12) is not public, its answer is; a remiss is."""
ANSWERS = ("approve", "approve_with_comments", "object", "no_opinion", "abstain")
STOPPED = "ConsultationStopped"
ANSWERED_BY_MESSAGE = "ConsulteeAnswered"
"""The message that ends a consultee's task when the answer comes in another way than through it."""
AWAITED = ("invited", "extension_asked")
ANSWERED = ("answered", "abstained", "late")
REGISTRARS = ("registrar", "officer")
"""Roles that may register an answer which came by post."""
STOPPERS = ("officer", "head", "registrar")
"""Roles that may end the wait for answers."""


class Referral(Identified, Base):
    """A question to several consultees in a case."""

    __tablename__ = "referral"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), index=True)
    mode: Mapped[str]
    question: Mapped[str | None]
    reply_by: Mapped[date]
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]

    @property
    def questions(self) -> list[str]:
        """What is asked, one question a line of what was written."""
        return [line.strip() for line in (self.question or "").splitlines() if line.strip()]

    def answered(self, consultee: Consultee) -> list[tuple[str, str]]:
        """What one of those who were asked says to each question that it has answered."""
        return [pair for pair in zip(self.questions, consultee.answers or (), strict=False) if pair[1].strip()]


class Consultee(Identified, Versioned, Base):
    """One of those who were asked (remissinstans)."""

    __tablename__ = "consultee"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"))
    consulted_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    status: Mapped[str] = mapped_column(default="invited")
    """invited, extension_asked, answered, abstained, late, no_reply or stopped."""
    reply_by: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    """Who handed the answer in, or registered it."""
    answer_kind: Mapped[str | None]
    answer_text: Mapped[str | None]
    answers: Mapped[list[str] | None]
    """What is said to each of the referral's questions, in their order."""
    decided_by: Mapped[str | None]
    """Who decided the answer at the consultee: body, date and paragraph, or a delegation."""

    __table_args__ = (
        UniqueConstraint("referral_id", "consulted_id"),
        Index("ix_consultee_referral", "referral_id", "organization_id"),
        Index("ix_consultee_consulted", "organization_id", "consulted_id", "status", "reply_by"),
    )


def open_referral(
    db: Session, case: Case, mode: str, keys: list[str] | None, reply_by: date, question: str | None
) -> tuple[Referral, list[Consultee]]:
    """Ask consultees, in the verb's transaction. Without keys every municipality of the register is asked.

    Raises Invalid for a way of sending that is not known and for a day that has passed, NotFound for a key that is not.
    """
    if mode not in MODES:
        raise Invalid(say("'%(mode)s' is no way of sending. Known: %(known)s.", mode=mode, known=", ".join(MODES)))
    if reply_by < clock.today():
        sentence = say("%(day)s has passed, and nobody could answer by then. Give a day to come.", day=reply_by)
        raise Invalid(sentence, errors=[{"field": "reply_by", "sentence": "Give a day to come."}])
    found = list(db.scalars(find_asked(case, keys)))
    if keys is not None and len(found) != len(set(keys)):
        missing = set(keys) - {organization.key for organization in found}
        raise NotFound(say("The register has no %(known)s.", known=", ".join(sorted(missing))))
    referral = Referral(
        organization_id=case.organization_id,
        case_id=case.id,
        mode=mode,
        question=question,
        reply_by=reply_by,
        created_at=clock.now(),
    )
    db.add(referral)
    db.flush()
    consultees = [
        Consultee(
            organization_id=case.organization_id,
            referral_id=referral.id,
            consulted_id=organization.id,
            status="invited",
            reply_by=reply_by,
        )
        for organization in found
    ]
    db.add_all(consultees)
    db.flush()
    return referral, consultees


def find_asked(case: Case, keys: Sequence[str] | None) -> Select[Organization]:
    """Who is asked in a case: those that are named, or else every municipality of the register."""
    register = Organization.organization_id == case.organization_id
    asked = select(Organization).where(register, Organization.id != case.organization_id)
    asked = asked.where(Organization.kind == "municipality" if keys is None else Organization.key.in_(keys))
    return asked.order_by(Organization.area_code, Organization.key)


def find_referrals(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    mode: str | None = None,
    reply_by_from: date | None = None,
    reply_by_before: date | None = None,
    text: str | None = None,
) -> Select[Referral]:
    """What was sent out: all of it for the organisation's people, for others what they were asked."""
    asked = find_consultees(actor).with_only_columns(Consultee.referral_id)
    return narrowed(
        select(Referral).where(Referral.organization_id == actor.organization_id),
        None if actor.is_internal else Referral.id.in_(asked),
        equal(Referral.case_id, case_id),
        equal(Referral.mode, mode),
        of_case(Referral.case_id, text=text),
        at_least(Referral.reply_by, reply_by_from),
        below(Referral.reply_by, reply_by_before),
    )


def read_referral(db: Session, actor: Actor, referral_id: UUID) -> Referral:
    """One question that was sent out. Raises NotFound also for one that the actor was not asked."""
    found = db.scalar(find_referrals(actor).where(Referral.id == referral_id))
    if found is None:
        raise NotFound("There is no such referral, or it is not for you.")
    return found


def find_consultees(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    organization: str | None = None,
    status: str | None = None,
    reply_by_from: date | None = None,
    reply_by_before: date | None = None,
    text: str | None = None,
) -> Select[Consultee]:
    """Those who were asked: all of them for the organisation's people, its own for a municipality or another organisation.

    `organization` is the key of the one that was asked, `text` a part of the case's title.
    """
    asked = narrowed(select(Referral.id), equal(Referral.case_id, case_id), of_case(Referral.case_id, text=text))
    named = select(Organization.id).where(Organization.key == organization)
    return narrowed(
        select(Consultee).where(Consultee.organization_id == actor.organization_id),
        None if actor.is_internal else Consultee.consulted_id.in_(sorted(actor.represents)),
        Consultee.referral_id.in_(asked) if case_id is not None or text is not None else None,
        Consultee.consulted_id.in_(named) if organization is not None else None,
        equal(Consultee.status, status),
        at_least(Consultee.reply_by, reply_by_from),
        below(Consultee.reply_by, reply_by_before),
    )


def read_consultee(db: Session, actor: Actor, consultee_id: UUID) -> Consultee:
    """One of those who were asked. Raises NotFound also for somebody else's."""
    found = db.scalar(find_consultees(actor).where(Consultee.id == consultee_id))
    if found is None:
        raise NotFound("There is no such consultee.")
    return found


def awaits_answers(db: Session, case_id: UUID) -> bool:
    """Whether somebody who was asked in a case may still answer in time."""
    return db.scalar(awaited(case_id).limit(1)) is not None


def awaited_until(db: Session, case_ids: Collection[UUID]) -> dict[UUID, date]:
    """The last day on which somebody who was asked may still answer, with the time that was granted; by case."""
    if not case_ids:
        return {}
    last = select(Referral.case_id, func.max(Consultee.reply_by)).join(Consultee, Consultee.referral_id == Referral.id)
    last = last.where(Consultee.status.in_(AWAITED), Referral.case_id.in_(case_ids)).group_by(Referral.case_id)
    return {case_id: day for case_id, day in db.execute(last)}  # noqa: C416 - rows are no pairs to mypy


def awaited_from(db: Session, case_id: UUID) -> date | None:
    """The first day by which somebody who may still answer in a case has to."""
    return db.scalar(awaited(case_id).with_only_columns(func.min(Consultee.reply_by)))


def prolong(db: Session, case: Case, new_date: date) -> list[Consultee]:
    """Give everybody who has yet to answer at least until a day; those whose day it moves, in the verb's transaction."""
    found = list(db.scalars(awaited(case.id).where(Consultee.reply_by < new_date).order_by(Consultee.id)))
    for consultee in found:
        consultee.reply_by = new_date
    db.flush()
    timers.rearm(db, case.organization_id, case.id)
    return found


def awaited(case_id: UUID) -> Select[Consultee]:
    """Those who were asked in a case and may still answer."""
    still = select(Consultee).join(Referral, Referral.id == Consultee.referral_id).where(Referral.case_id == case_id)
    return still.where(Consultee.status.in_(AWAITED))


def answer(
    db: Session,
    consultee: Consultee,
    kind: str,
    text: str | None,
    decided_by: str | None,
    *,
    actor_id: UUID | None,
    answers: list[str] | None = None,
) -> None:
    """Take an answer, in the verb's transaction. One that comes after the day is kept as late."""
    if kind not in ANSWERS:
        raise Invalid(say("'%(kind)s' is no answer. Known: %(known)s.", kind=kind, known=", ".join(ANSWERS)))
    if consultee.status in ANSWERED:
        raise Conflict("This consultee has answered already. Register what comes now as a document of the case.")
    late = clock.today() > consultee.reply_by or consultee.status in ("no_reply", "stopped")
    consultee.status = "late" if late else "abstained" if kind == "abstain" else "answered"
    consultee.answer_kind, consultee.answer_text, consultee.decided_by = kind, text, decided_by
    consultee.answers, consultee.answered_at, consultee.answered_by = answers, clock.now(), actor_id
    db.flush()


def register_answer(
    store: Database, actor: Actor, consultee_id: UUID, kind: str, text: str | None, *, decided_by: str | None = None
) -> Consultee:
    """Register an answer that came by e-mail or post; the task of the consultee ends with it."""
    with store.transaction() as db:
        consultee = read_consultee(db, actor, consultee_id)
        if not actor.is_internal:
            raise Forbidden("Answer in your own task. When it is gone, send the answer to the region's registrar.")
        access.require(actor, *REGISTRARS)
        answer(db, consultee, kind, text, decided_by, actor_id=actor.person_id)
        record(db, consultee, "consultee.answered", actor, {"answer_kind": kind, "status": consultee.status})
        publish(db, consultee, ANSWERED_BY_MESSAGE, actor, {"answer_kind": kind})
        if consultee.status == "late":
            keys = {"case_id": str(case_id_of(db, consultee))}
            payload = {"consultee_id": str(consultee.id)}
            messages.publish(db, consultee.organization_id, "StatementLate", keys, payload, actor_id=actor.person_id)
        return consultee


def case_id_of(db: Session, consultee: Consultee) -> UUID:
    """The case in which a consultee was asked."""
    return db.get_one(Referral, consultee.referral_id).case_id


def record(db: Session, consultee: Consultee, type_: str, actor: Actor, data: dict[str, str]) -> None:
    """Log what a consultee did, in the verb's transaction."""
    events.record(
        db, consultee.organization_id, type_, "consultee", consultee.id, actor_id=actor.person_id,
        case_id=case_id_of(db, consultee), data=data,
    )  # fmt: skip


def publish(db: Session, consultee: Consultee, name: str, actor: Actor, payload: Mapping[str, Value]) -> None:
    """Tell the process that asks a consultee, in the verb's transaction."""
    messages.publish(db, consultee.organization_id, name, _keys(consultee), payload, actor_id=actor.person_id)


def _keys(consultee: Consultee) -> dict[str, Value]:
    return {"consultee_id": str(consultee.id)}
