"""Deadlines are rows of the domain: a date with its precision, its basis and the history of its extensions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.calendar import Precision, Roll, end_of_period, roll, working_days_before
from committee.organisations import Organization
from engine import messages, timers
from engine.feel import Value
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, Invalid, NotFound, Stale
from store.query import at_least, below, equal, narrowed
from store.sentences import say

LABELS = {
    "reply_by": ("Svarsdag", "Reply-by date"),
    "material_stop": ("Materialstopp", "Material stop"),
    "summons": ("Kallelse", "Summons"),
    "consultation": ("Kommunernas svar", "Answers of the municipalities"),
    "adjustment": ("Justering", "Adjustment of the minutes"),
    "notice": ("Anslag", "Notice"),
    "appeal": ("Överklagandetid", "Time to appeal"),
    "follow_up": ("Uppföljning", "Follow-up"),
    "promise": ("Utlovad återkoppling", "Promised report"),
    "send": ("Sista dag att sända svaret", "Last day to send the answer"),
    "register": ("Registrering", "Registration"),
    "triage": ("Fördelning", "Triage"),
    "draft": ("Utkast", "Draft"),
    "preparation": ("Beredning i arbetsutskottet", "Preparation"),
    "joint_consultation": ("Samråd", "Joint consultation"),
    "decision": ("Beslut", "Decision"),
    "internal": ("Bevakning", "Watch"),
}
"""What each kind of deadline is called, in Swedish and in English."""
KINDS = tuple(LABELS)
EXTENDERS = ("officer", "head", "registrar", "secretary")
"""Roles that may move a deadline."""

_BEFORE_DECISION = ("consultation", "draft")
_BEFORE_ANSWER = (*_BEFORE_DECISION, "send")
"""What is no use after the decision, or after the day to answer by."""
DEFAULT_WARNING_DAYS = {"reply_by": 10, "send": 2, "consultation": 5, "promise": 20, "follow_up": 10, "internal": 3}
"""For a profile that has no `[reminders]`. What a diagram reminds of itself is not among them."""


class Deadline(Identified, Versioned, Base):
    """A date by which something is to be done in a case."""

    __tablename__ = "deadline"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    kind: Mapped[str]
    due_on: Mapped[date]
    given_on: Mapped[date | None]
    """The day that was set, where nobody works on it and `due_on` is another."""
    precision: Mapped[str] = mapped_column(default=Precision.DAY.value)
    roll: Mapped[str] = mapped_column(default=Roll.BACKWARD.value)
    basis: Mapped[str] = mapped_column(default="self")
    """Who set it: law, sender, body or self."""
    source_text: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    """open, met, missed (done, but late) or waived; an extension keeps it open under its new date."""
    warn_on: Mapped[date | None]
    """The day on which whoever is responsible is reminded; None for a kind that the profile does not watch."""
    next_notice_on: Mapped[date | None]
    """The day on which the worker next has something to say about it (`committee.reminders`)."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Times in a row that it could not be said; `retry_at` is when it is tried again."""
    retry_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_deadline_case", "case_id", "organization_id", "state", "due_on", "id"),
        Index("ix_deadline_due", "organization_id", "state", "due_on", "id"),
        Index(
            "ix_deadline_notice",
            "next_notice_on",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )


class Extension(Identified, Base):
    """One time that a deadline was moved: from, to, why and by whom (anstånd)."""

    __tablename__ = "extension"

    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"), index=True)
    old_date: Mapped[date]
    new_date: Mapped[date]
    reason: Mapped[str]
    granted_by: Mapped[str | None]
    granted_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]


def set_deadline(
    db: Session,
    organization_id: UUID,
    case_id: UUID,
    kind: str,
    day: date,
    *,
    precision: Precision = Precision.DAY,
    direction: Roll = Roll.BACKWARD,
    basis: str = "self",
    source_text: str | None = None,
) -> Deadline:
    """Set a case's deadline of a kind, in the verb's transaction; one that there is gets the new date."""
    due, given = _worked_to(day, precision, direction)
    found = of_kind(db, case_id, kind)
    if found is None:
        found = Deadline(
            organization_id=organization_id,
            case_id=case_id,
            kind=kind,
            due_on=due,
            precision=precision.value,
            roll=direction.value,
            basis=basis,
            source_text=source_text,
            state="open",
        )
        db.add(found)
    elif found.due_on != due or found.state == "waived":
        found.due_on = due
        found.state = "open"
    else:
        return found
    found.given_on = given
    _watch(db, found)
    db.flush()
    return found


def _worked_to(day: date, precision: Precision, direction: Roll) -> tuple[date, date | None]:
    """The day that is worked to when one is set, and that one itself where it is another."""
    given = end_of_period(day, precision)
    due = roll(given, direction)
    return due, given if given != due else None


def _watch(db: Session, deadline: Deadline) -> None:
    """Say when its reminder is due, as the organisation's profile has it; a new date is watched afresh."""
    days = warning_days(db, deadline.organization_id).get(deadline.kind)
    deadline.reminded_at = deadline.escalated_at = deadline.retry_at = None
    deadline.attempts = 0
    if days is None:
        deadline.warn_on = deadline.next_notice_on = None
        return
    deadline.warn_on = working_days_before(deadline.due_on, days)
    # One that is set within its own warning time needs no reminder: whoever set it knows.
    late_from = deadline.due_on + timedelta(days=1)
    deadline.next_notice_on = deadline.warn_on if deadline.warn_on > clock.today() else late_from


def warning_days(db: Session, organization_id: UUID) -> dict[str, int]:
    """Working days before a deadline of each kind on which to remind; kinds that are not named are not watched."""
    tenant = db.get_one(Organization, organization_id)
    given: dict[str, int] = (tenant.profile or {}).get("reminders", DEFAULT_WARNING_DAYS)
    return given


def of_kind(db: Session, case_id: UUID, kind: str) -> Deadline | None:
    """A case's deadline of a kind."""
    return db.scalar(select(Deadline).where(Deadline.case_id == case_id, Deadline.kind == kind))


def find_deadlines(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    kind: str | None = None,
    state: str | None = None,
    case_officer_id: UUID | None = None,
    due_from: date | None = None,
    due_before: date | None = None,
    text: str | None = None,
) -> Select[Deadline]:
    """Deadlines of the organisation, for its own people; `case_officer_id` and `text` (in the title) are of the case."""
    from committee.cases import of_case  # cases set deadlines

    access.require_internal(actor)
    return narrowed(
        select(Deadline).where(Deadline.organization_id == actor.organization_id),
        equal(Deadline.case_id, case_id),
        equal(Deadline.kind, kind),
        equal(Deadline.state, state),
        of_case(Deadline.case_id, case_officer_id=case_officer_id, text=text),
        at_least(Deadline.due_on, due_from),
        below(Deadline.due_on, due_before),
    )


def read_deadline(db: Session, actor: Actor, deadline_id: UUID) -> Deadline:
    """One deadline, for the organisation's own people. Raises NotFound."""
    found = db.scalar(find_deadlines(actor).where(Deadline.id == deadline_id))
    if found is None:
        raise NotFound("There is no such deadline.")
    return found


def extensions_of(db: Session, deadline_id: UUID) -> list[Extension]:
    """The history of a deadline, oldest first."""
    found = select(Extension).where(Extension.deadline_id == deadline_id).order_by(Extension.granted_at, Extension.id)
    return list(db.scalars(found))


def extend_deadline(
    store: Database,
    actor: Actor,
    deadline_id: UUID,
    new_date: date,
    reason: str,
    *,
    granted_by: str | None = None,
    corrects: bool = False,
    version: int | None = None,
) -> Deadline:
    """Move a deadline; what depends on it is computed again in the same transaction.

    An extension moves it forward. What `corrects` a day that was wrong may move it back too.
    """
    with store.transaction() as db:
        found = db.get(Deadline, deadline_id, with_for_update=True)
        if found is None or found.organization_id != actor.organization_id or not actor.is_internal:
            raise NotFound("There is no such deadline.")
        access.require(actor, *EXTENDERS)
        if version is not None and found.version != version:
            raise Stale("Somebody else has just changed this deadline. Read it again.")
        if found.kind == "consultation" and found.state == "missed":
            raise Conflict("Nobody is waited for any more; there is no day to move.")
        if found.state in ("met", "waived"):
            raise Conflict("This deadline is already met or waived; there is nothing to extend.")
        _require_possible(db, found, new_date, corrects=corrects)
        extend(db, found, new_date, reason, granted_by=granted_by, corrects=corrects, actor_id=actor.person_id)
        return found


def _require_possible(db: Session, found: Deadline, new_date: date, *, corrects: bool) -> None:
    """Refuse a day that moves nothing, and one on which it is too late for what the step is for."""
    from committee.extensions import awaited  # extensions move deadlines

    if found.kind == "reply_by" and not corrects and awaited(db, found.organization_id, found.case_id) is not None:
        raise Conflict("The case waits for what its sender says about more time. Register that answer instead.")
    due_on = _answers_from(db, found)
    decided, answered = (_open_day(db, found.case_id, kind) for kind in ("decision", "reply_by"))
    sentence: str | None = None
    if new_date == due_on:
        sentence = say("It is %(day)s already. Give another day.", day=due_on)
    elif new_date < due_on and not corrects:
        sentence = say("Give a day after %(day)s, or say that the day was wrong.", day=due_on)
    elif found.kind in _BEFORE_DECISION and decided is not None and new_date > decided:
        sentence = say("Give a day no later than %(day)s, when it is to be decided.", day=decided)
    elif found.kind in _BEFORE_ANSWER and answered is not None and new_date > answered:
        sentence = say("Give a day no later than %(day)s, when the answer is due.", day=answered)
    if sentence is not None:
        raise Invalid("This day cannot be right.", errors=[{"field": "new_date", "sentence": sentence}])


def _answers_from(db: Session, found: Deadline) -> date:
    """The day that is to be moved: of the answers the first that anybody waits for, where somebody has got more time."""
    from committee.referrals import awaited_from  # cases, of which referrals are, set deadlines

    first = awaited_from(db, found.case_id) if found.kind == "consultation" else None
    return first or found.due_on


def _open_day(db: Session, case_id: UUID, kind: str) -> date | None:
    found = of_kind(db, case_id, kind)
    return found.due_on if found is not None and found.state == "open" else None


def extend(
    db: Session,
    found: Deadline,
    new_date: date,
    reason: str,
    *,
    granted_by: str | None,
    corrects: bool = False,
    actor_id: UUID | None,
) -> None:
    """The extension itself, or the correction, in the verb's transaction."""
    old = found.due_on
    found.due_on, found.given_on = _worked_to(new_date, Precision(found.precision), Roll(found.roll))
    found.state = "open"
    _watch(db, found)
    record_move(db, found, old, reason, granted_by=granted_by, corrects=corrects, actor_id=actor_id)
    pass_on(db, found, actor_id)


def record_move(
    db: Session,
    found: Deadline,
    old: date,
    reason: str,
    *,
    granted_by: str | None = None,
    corrects: bool,
    actor_id: UUID | None,
) -> None:
    """Keep in the history of a deadline that it was moved from a day to the one it has, in the verb's transaction."""
    move = Extension(organization_id=found.organization_id, deadline_id=found.id, old_date=old, new_date=found.due_on)
    move.reason, move.granted_by, move.granted_at, move.actor_id = reason, granted_by, clock.now(), actor_id
    db.add(move)
    db.flush()
    data = {"kind": found.kind, "from": old.isoformat(), "to": found.due_on.isoformat(), "reason": reason}
    events.record(
        db, found.organization_id, "deadline.corrected" if corrects else "deadline.extended", "deadline", found.id,
        actor_id=actor_id, case_id=found.case_id, data=data,
    )  # fmt: skip


def pass_on(db: Session, found: Deadline, actor_id: UUID | None) -> None:
    """Let what depends on a deadline follow it."""
    from committee.cases import Case  # cases set deadlines
    from committee.prolonging import prolong

    timers.rearm(db, found.organization_id, found.case_id)
    keys: dict[str, Value] = {"case_id": str(found.case_id)}
    if found.kind == "reply_by":
        db.get_one(Case, found.case_id).reply_by = found.due_on
        messages.publish(db, found.organization_id, "ReplyByChanged", keys, actor_id=actor_id)
    elif found.kind == "consultation":
        moved: dict[str, Value] = {"new_date": found.due_on}
        messages.publish(db, found.organization_id, "ConsultationProlonged", keys, moved, actor_id=actor_id)
        prolong(db, found.case_id, found.due_on)


def finish_deadline(db: Session, case_id: UUID, kind: str, on: date | None = None) -> bool:
    """Note that what a case's deadline is for was done on a day, today unless given: met, or missed. Whether it was in time."""
    found = of_kind(db, case_id, kind)
    in_time = found is None or (on or clock.today()) <= found.due_on
    close_deadline(db, case_id, kind, "met" if in_time else "missed")
    return in_time


def close_deadline(db: Session, case_id: UUID, kind: str, state: str) -> None:
    """Mark a case's deadline of a kind as met, missed or waived."""
    found = of_kind(db, case_id, kind)
    if found is not None and found.state == "open":
        found.state = state


def reopen_deadline(db: Session, case_id: UUID, kind: str) -> None:
    """Note that what a case's deadline is for is to be done once more."""
    found = of_kind(db, case_id, kind)
    if found is not None and found.state in ("met", "missed"):
        found.state = "open"
        _watch(db, found)


def note_escalated(db: Session, case_id: UUID, kind: str) -> None:
    """Note that those above have been told that a day has passed; it stays open, and late, until it is met."""
    found = of_kind(db, case_id, kind)
    if found is not None and found.state == "open":
        found.escalated_at, found.next_notice_on = clock.now(), None


def waive_all(db: Session, case_id: UUID) -> None:
    """Nothing of the case is due any more."""
    for found in db.scalars(select(Deadline).where(Deadline.case_id == case_id, Deadline.state == "open")):
        found.state = "waived"
