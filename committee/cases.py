"""Cases (ärenden): opened, followed, withdrawn. The process instance carries the case from step to step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, UniqueConstraint, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from committee import access, deadlines, processes
from committee.access import Actor
from committee.calendar import Roll
from committee.deadlines import Deadline
from committee.holding import require_going_on
from committee.organisations import Body, Organization, Person
from engine import definitions, instances, messages
from engine.errors import DefinitionNotFound
from engine.models import Definition, Instance, Message, Task
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, Invalid, NotFound, Stale
from store.events import Event
from store.ids import new_id
from store.query import Column, Condition, at_least, below, equal, narrowed
from store.sentences import Sentence, say

OPENERS = ("registrar", "officer", "head")
"""Roles that may open a case, and withdraw one."""
ASSIGNERS = ("head", "director")
"""Roles that may give a case to another officer."""
ENDED = ("closed", "withdrawn", "transferred", "abstained", "archived")
DECIDED = ("decided", "adjusted", "dispatched")
"""What has been decided, and perhaps sent: nothing is planned in it any more."""
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
MOST_TITLE = 500  # characters: lists are sorted by it, and PostgreSQL's indexes take no more than 2,700 bytes


class Case(Identified, Versioned, Base):
    """A case of the organisation, from its arrival to its answer."""

    __tablename__ = "case_"

    registry_number: Mapped[str | None]
    title: Mapped[str]
    """Ärendemening."""
    case_type: Mapped[str]
    """Key of the process that carries it: external_referral, internal_strategy …"""
    status: Mapped[str]
    """received, registered, triage, in_work, consulting, prepared, in_samrad, scheduled, decided, adjusted, dispatched,
    closed, withdrawn, transferred, abstained or suspended."""
    status_before: Mapped[str | None]
    """While it is suspended: what it was."""
    sender: Mapped[str | None]
    sender_reference: Mapped[str | None]
    reply_by: Mapped[date | None]
    """The date in force, as the deadline `reply_by` has it, whose extensions tell what the sender set first."""
    received_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    secrecy_mark: Mapped[bool] = mapped_column(default=False)
    """May be covered by secrecy: a warning to the organisation's own people, no decision (OSL 5:5)."""
    case_officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    planned_decision_on: Mapped[date | None]
    """The day on which a meeting can decide, as last planned; None when none can."""
    slack_days: Mapped[int | None]
    """Working days from that decision to the day on which the answer should leave; below zero it comes too late.
    None where there is no plan."""
    plan_holds_until: Mapped[date | None]
    """The day after which the plan is made anew if nothing has come of it (`committee.lapsing`)."""
    sent_on: Mapped[date | None]
    """The day on which the answer was sent."""
    closed_at: Mapped[datetime | None]
    result: Mapped[str | None]

    @validates("title")
    def _short(self, _name: str, title: str) -> str:
        if len(title) > MOST_TITLE:
            raise Invalid("A title has at most 500 characters. Write it shorter.")
        return title

    __table_args__ = (
        UniqueConstraint("organization_id", "registry_number"),
        Index("ix_case_received", "organization_id", "received_at", "id"),
        Index("ix_case_closed", "organization_id", "closed_at", "id"),
        Index("ix_case_officer", "organization_id", "case_officer_id"),
        Index("ix_case_slack", "organization_id", "slack_days", "id"),
        Index("ix_case_reply", "organization_id", "reply_by", "id"),
        Index("ix_case_title", "organization_id", "title", "id"),
        Index("ix_case_plan", "plan_holds_until", "id"),
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The organisation's people see its cases; others those in which one of their bodies has or had a task."""
    own = Case.organization_id == actor.organization_id
    if actor.is_internal:
        return own
    bodies = [held.body_id for held in actor.roles]
    return and_(own, exists().where(Task.case_id == Case.id, Task.candidate_body_id.in_(bodies)))


def find_cases(
    actor: Actor,
    *,
    status: str | None = None,
    case_type: str | None = None,
    case_officer_id: UUID | None = None,
    body: str | None = None,
    element_id: str | None = None,
    reply_by_from: date | None = None,
    reply_by_before: date | None = None,
    received_from: datetime | None = None,
    received_before: datetime | None = None,
    closed_from: datetime | None = None,
    closed_before: datetime | None = None,
    text: str | None = None,
    going_on: bool = False,
    overdue: bool = False,
    late: bool = False,
) -> Select[Case]:
    """The cases that the actor may see; `body` and `element_id` are where they have an open task.

    `going_on`: those that have not ended; `overdue`: those that are late, as their pages say; `late`: those whose answer or
    decision came after its day.
    """
    standing = select(Task.case_id).where(Task.state == "open", Task.organization_id == actor.organization_id)
    if body is not None:
        standing = standing.where(Task.candidate_body_id.in_(select(Body.id).where(Body.key == body)))
    return narrowed(
        select(Case).where(visible_to(actor)),
        equal(Case.status, status),
        equal(Case.case_type, case_type),
        _about(case_officer_id, text),
        Case.id.in_(narrowed(standing, equal(Task.element_id, element_id)))
        if body is not None or element_id is not None
        else None,
        at_least(Case.reply_by, reply_by_from),
        below(Case.reply_by, reply_by_before),
        at_least(Case.received_at, received_from),
        below(Case.received_at, received_before),
        at_least(Case.closed_at, closed_from),
        below(Case.closed_at, closed_before),
        missed() if late else None,
        Case.status.not_in(ENDED) if going_on else None,
        _is_overdue(actor) if overdue else None,
    )


def _is_overdue(actor: Actor) -> ColumnElement[bool]:
    """The case is late, as its page says: it has not been answered by its day, or has an open step whose day has passed."""
    today, own = clock.today(), actor.organization_id
    steps = select(Task.case_id).where(Task.organization_id == own, Task.state == "open", Task.due_on < today)
    unanswered = Deadline.kind == "reply_by", Deadline.state == "open"
    dates = select(Deadline.case_id).where(Deadline.organization_id == own, *unanswered, Deadline.due_on < today)
    return or_(Case.id.in_(steps), Case.id.in_(dates))


def missed() -> ColumnElement[bool]:
    """The answer to the sender, or the decision where nobody waits for an answer, came after its day."""
    ends = Deadline.kind.in_(("reply_by", "decision")), Deadline.state == "missed"
    return exists().where(Deadline.case_id == Case.id, *ends)


def of_case(case_id: Column, *, case_officer_id: UUID | None = None, text: str | None = None) -> Condition:
    """A row's case has the officer, and the text in its title or registry number; None when neither is asked."""
    about = _about(case_officer_id, text)
    return case_id.in_(select(Case.id).where(about)) if about is not None else None


def _about(case_officer_id: UUID | None, text: str | None) -> Condition:
    asked = [
        Case.case_officer_id == case_officer_id if case_officer_id is not None else None,
        or_(*(each.icontains(text, autoescape=True) for each in (Case.title, Case.registry_number))) if text else None,
    ]
    conditions = [each for each in asked if each is not None]
    return and_(*conditions) if conditions else None


def read_case(db: Session, actor: Actor, case_id: UUID) -> Case:
    """One case. Raises NotFound also for a case that the actor may not see."""
    found = db.scalar(select(Case).where(Case.id == case_id, visible_to(actor)))
    if found is None:
        raise NotFound("There is no such case.")
    return found


def events_of(
    actor: Actor,
    case: Case,
    *,
    type: str | None = None,  # noqa: A002 - the column's name
    at_from: datetime | None = None,
    at_before: datetime | None = None,
) -> Select[Event]:
    """What has happened in a case."""
    access.require_internal(actor)
    return narrowed(
        select(Event).where(Event.case_id == case.id),  # a case that the actor has read: it is of their organisation
        equal(Event.type, type),
        at_least(Event.at, at_from),
        below(Event.at, at_before),
    )


def open_case(
    store: Database,
    actor: Actor,
    case_type: str,
    title: str,
    *,
    sender: str | None = None,
    sender_reference: str | None = None,
    reply_by: date | None = None,
    reply_by_passed: bool = False,
) -> Case:
    """Open a case and start its process. What came too late is registered too, when `reply_by_passed` says so.

    Raises DefinitionNotFound when no such process is deployed, and Invalid for one that no person starts and for a day
    to reply by that cannot be right.
    """
    access.require(actor, *OPENERS)
    require_reply_by(reply_by, passed=reply_by_passed)
    with processes.first_step(), store.transaction() as db:
        definition = _case_type(db, actor, case_type)
        case = Case(
            id=new_id(),
            organization_id=actor.organization_id,
            title=title,
            case_type=case_type,
            status="received",
            sender=sender,
            sender_reference=sender_reference,
            reply_by=reply_by,
            received_at=clock.now(),
        )
        db.add(case)
        db.flush()
        events.record(
            db, case.organization_id, "case.opened", "case", case.id, actor_id=actor.person_id, case_id=case.id,
            data={"title": title, "case_type": case_type},
        )  # fmt: skip
        if reply_by is not None:
            source = "sender" if sender else "self"
            case.reply_by = deadlines.set_deadline(
                db, case.organization_id, case.id, "reply_by", reply_by, direction=Roll.BACKWARD, basis=source
            ).due_on
        instances.start(db, definition, start_variables(db, case), case_id=case.id, actor_id=actor.person_id)
        return case


def withdraw_case(store: Database, actor: Actor, case_id: UUID, reason: str, *, version: int | None = None) -> Case:
    """Withdraw a case: its process runs what it has for that, or is ended."""
    from committee.agenda import withdraw_items_of
    from committee.stopping import stop_all  # referrals are of cases

    with store.transaction() as db:
        case = lock(db, actor, case_id)
        access.require(actor, *OPENERS)
        require_unchanged(case, version)
        if case.status in ENDED:
            raise Conflict("This case has already ended; there is nothing to withdraw.")
        for instance in instances.running(db, case.id):
            require_going_on(db, instance)
        case.status, case.result, case.closed_at = "withdrawn", reason, clock.now()
        events.record(
            db, case.organization_id, "case.withdrawn", "case", case.id, actor_id=actor.person_id, case_id=case.id,
            data={"reason": reason},
        )  # fmt: skip
        stop_all(db, case, reason, actor.person_id)
        keys = {"case_id": str(case.id)}
        messages.publish(db, case.organization_id, "CaseWithdrawn", keys, {"reason": reason}, actor_id=actor.person_id)
        for instance in instances.running(db, case.id):
            if instance.parent_id is None and not _is_ending(db, instance):
                instances.cancel(db, instance, actor_id=actor.person_id)
        withdraw_items_of(db, case.id, reason, actor.person_id)
        deadlines.waive_all(db, case.id)
        return case


def assign_case(
    store: Database, actor: Actor, case_id: UUID, case_officer_id: UUID, *, version: int | None = None
) -> Case:
    """Give a case to another officer, who may have left or fallen ill. Raises Invalid for somebody who is none."""
    with store.transaction() as db:
        case = lock(db, actor, case_id)
        access.require(actor, *ASSIGNERS)
        require_unchanged(case, version)
        if case.status in ENDED:
            raise Conflict("This case has already ended; nobody has to deal with it.")
        case.case_officer_id = require_officer(db, db.get(Person, case_officer_id), case).id
        events.record(
            db, case.organization_id, "case.assigned", "case", case.id, actor_id=actor.person_id, case_id=case.id,
            data={"case_officer_id": str(case_officer_id)},
        )  # fmt: skip
        return case


def require_officer(db: Session, person: Person | None, case: Case) -> Person:
    """Refuse anybody who is not one of the organisation's case officers today."""
    sentence: str | None = None
    if person is None or person.organization_id != case.organization_id:
        sentence = "There is no such person. Give the id of a person in the register."
    elif not access.actor_of(db, person).has("officer"):
        sentence = say("%(person)s is no case officer. Choose somebody who has the role officer.", person=person.name)
    if sentence is not None or person is None:
        raise Invalid("This person cannot have the case.", errors=[{"field": "case_officer_id", "sentence": sentence}])
    return person


def require_unchanged(case: Case, version: int | None) -> None:
    """Refuse what was written over a case that somebody has changed meanwhile."""
    if version is not None and case.version != version:
        raise Stale("Somebody else has just changed this case. Read it again and repeat what you wanted to do.")


def lock(db: Session, actor: Actor, case_id: UUID) -> Case:
    """The case, locked until the verb commits. Raises NotFound also for a case that the actor may not see.

    Its processes are locked first: their steps hold them when they write to the case, and each would wait for the other.
    """
    seen = and_(Case.id == case_id, visible_to(actor))
    if db.scalar(select(Case.id).where(seen)) is not None:
        instances.hold(db, case_id)
    found = db.scalar(select(Case).where(seen).with_for_update())
    if found is None:
        raise NotFound("There is no such case.")
    return found


def _case_type(db: Session, actor: Actor, key: str) -> Definition:
    """The process in use that carries cases of a type.

    Raises DefinitionNotFound, or Invalid for one that is called by others or carries something else than a case: its
    start has no form.
    """
    try:
        found = definitions.latest(db, actor.organization_id, "process", key)
    except DefinitionNotFound as missing:
        raise DefinitionNotFound(
            say("There is no type of case '%(key)s'. %(types)s", key=key, types=_known_types(db, actor))
        ) from missing
    if found.start_form is None:
        sentence = say(
            "'%(key)s' is started by other processes, not by a person. %(types)s",
            key=key,
            types=_known_types(db, actor),
        )
        raise Invalid("This is no type of case.", errors=[{"field": "case_type", "sentence": sentence}])
    return found


def types(actor: Actor) -> Select[Definition]:
    """The processes in use that a person starts: each is a type of case."""
    return processes.definitions(actor, kind="process", latest=True).where(Definition.start_form.is_not(None))


def require_opener(actor: Actor) -> None:
    """Refuse somebody who may open no case."""
    access.require(actor, *OPENERS)


def _known_types(db: Session, actor: Actor) -> Sentence:
    keys = ", ".join(db.scalars(types(actor).with_only_columns(Definition.key).order_by(Definition.key)))
    return say("Cases are opened of: %(keys)s.", keys=keys) if keys else say("No type of case is deployed yet.")


def _is_ending(db: Session, instance: Instance) -> bool:
    """Whether the process caught the withdrawal and is at work with what follows from it."""
    caught = select(Message.id).where(Message.name == "CaseWithdrawn", Message.delivered_to == instance.id)
    return db.scalar(caught.limit(1)) is not None


def start_variables(db: Session, case: Case) -> dict[str, Any]:
    """What the process of a case is started with."""
    tenant = db.get_one(Organization, case.organization_id)
    chain: dict[str, str] = (tenant.profile or {}).get("chain", {})
    return {"case_id": str(case.id), **chain}


def require_reply_by(day: date | None, *, passed: bool) -> None:
    """Refuse a year that cannot be meant, and a day that has passed unless that is meant: most are slips of the pen."""
    if day is None:
        return
    sentence: str | None = None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        sentence = say("Give a year from %(first)s to %(last)s.", first=EARLIEST_YEAR, last=LATEST_YEAR)
    elif day < clock.today() and not passed:
        sentence = "This day has passed. Correct it; or say that the referral came too late."
    if sentence is not None:
        raise Invalid("The reply-by date cannot be right.", errors=[{"field": "reply_by", "sentence": sentence}])
