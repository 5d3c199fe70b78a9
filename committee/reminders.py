"""Reminders and escalations of deadlines, outside of any diagram: the worker says one thing about each at a time.

Before a deadline whoever is responsible is reminded once; when it has passed, those above are told once. A worker that
was away says only what is true now: of a deadline that has passed meanwhile it tells how late it is, and reminds no more.
What cannot be said is put off as timers are, and stops nothing behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from committee.calendar import working_days_between
from committee.cases import Case
from committee.deadlines import LABELS, Deadline
from committee.mailing import written
from committee.organisations import Body, Membership, Person, in_force_today
from engine.timers import FIRST_DELAY, MAX_ATTEMPTS
from store import clock, events
from store.database import Database
from store.ids import new_id

log = logging.getLogger("handslag.reminders")

_RESPONSIBLE = {"register": "registrar", "send": "registrar", "triage": "head"}
"""The role that answers for a kind of deadline, whoever handles the case."""
_ABOVE = ("head", "manager")
_ABOVE_MEETINGS = ("secretary", "manager")
_OF_MEETINGS = ("summons", "material_stop", "preparation", "joint_consultation", "decision", "adjustment", "notice")


def remind_next(store: Database) -> bool:
    """Say what is to be said about one deadline, in a transaction of its own; say whether there was one.

    One that fails is rolled back and put off in a second transaction. Raises Unavailable when not even that can be done.
    """
    claimed: UUID | None = None
    try:
        with store.transaction() as db:
            found = _take_next(db)
            if found is None:
                return False
            claimed = found.id
            found.attempts, found.retry_at = 0, None
            if found.due_on < clock.today():
                _escalate(db, found)
            else:
                _remind(db, found)
    except Exception:
        if claimed is None:
            raise
        log.exception("deadline %s: what is to be said about it could not be said", claimed)
        _put_off(store, claimed)
    return True


def _take_next(db: Session) -> Deadline | None:
    """The deadline of which something has been to be said for longest, locked."""
    return db.scalar(
        select(Deadline)
        .where(Deadline.state == "open", Deadline.next_notice_on <= clock.today())
        .where(or_(Deadline.retry_at.is_(None), Deadline.retry_at <= clock.now()))
        .order_by(Deadline.next_notice_on, Deadline.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def escalate_passed(db: Session, case_id: UUID, kinds: Collection[str]) -> None:
    """Say of the days of a case that have passed what is not said yet, before they are set anew."""
    passed = select(Deadline).where(Deadline.case_id == case_id, Deadline.state == "open", Deadline.kind.in_(kinds))
    for deadline in db.scalars(
        passed.where(Deadline.due_on < clock.today(), Deadline.next_notice_on <= clock.today()).with_for_update()
    ):
        _escalate(db, deadline)


def _put_off(store: Database, deadline_id: UUID) -> None:
    """Try again later, each time twice as late up to about an hour, for as long as it takes to mend it."""
    with store.transaction() as db:
        deadline = db.get_one(Deadline, deadline_id, with_for_update=True)
        deadline.attempts = min(deadline.attempts + 1, MAX_ATTEMPTS)
        deadline.retry_at = clock.now() + FIRST_DELAY * 2 ** (deadline.attempts - 1)


def _remind(db: Session, deadline: Deadline) -> None:
    deadline.reminded_at = clock.now()
    deadline.next_notice_on = deadline.due_on + timedelta(days=1)
    left = working_days_between(clock.today(), deadline.due_on)
    sv = "i dag" if left == 0 else f"om {left} {'arbetsdag' if left == 1 else 'arbetsdagar'}"
    en = "today" if left == 0 else f"in {left} working {'day' if left == 1 else 'days'}"
    _tell(db, deadline, "reminded", _responsible(db, deadline), sv, en)


def _escalate(db: Session, deadline: Deadline) -> None:
    deadline.escalated_at = clock.now()
    deadline.next_notice_on = None
    late = (clock.today() - deadline.due_on).days
    roles = _ABOVE_MEETINGS if deadline.kind in _OF_MEETINGS else _ABOVE
    sv = f"passerades för {late} {'dag' if late == 1 else 'dagar'} sedan"
    en = f"passed {late} {'day' if late == 1 else 'days'} ago"
    _tell(db, deadline, "escalated", _in_administration(db, deadline.organization_id, roles), sv, en)


def _tell(db: Session, deadline: Deadline, verb: str, people: list[Person], sv: str, en: str) -> None:
    """Write the mails, and the event that says to how many they go."""
    case = db.get_one(Case, deadline.case_id)
    label_sv, label_en = LABELS[deadline.kind]
    day = deadline.due_on.isoformat()
    about = f"{case.registry_number or ''} {case.title}".strip()
    subject = f"{label_sv} {sv}: {case.registry_number or case.title}"
    text = f"{label_sv} {written(deadline.due_on)} {sv}.\n{about}\n\n{label_en} {day} {en}."
    receivers = [person for person in people if person.email]
    for person in receivers:
        payload = {"to": person.email, "subject": subject, "text": text}
        events.send(db, deadline.organization_id, f"mail:{new_id()}", "email", payload, case_id=deadline.case_id)
    events.record(
        db, deadline.organization_id, f"deadline.{verb}", "deadline", deadline.id, case_id=deadline.case_id,
        data={"kind": deadline.kind, "due_on": day, "receivers": len(receivers)},
    )  # fmt: skip


def _responsible(db: Session, deadline: Deadline) -> list[Person]:
    """Whoever has the role that the kind asks for; else the officer of the case; before there is one, the head."""
    if (role := _RESPONSIBLE.get(deadline.kind)) is not None:
        return _in_administration(db, deadline.organization_id, (role,))
    case_officer_id = db.get_one(Case, deadline.case_id).case_officer_id
    officer = db.get(Person, case_officer_id) if case_officer_id is not None else None
    return [officer] if officer is not None else _in_administration(db, deadline.organization_id, ("head",))


def _in_administration(db: Session, organization_id: UUID, roles: tuple[str, ...]) -> list[Person]:
    """Those who have one of the roles today in an administration of the organisation itself."""
    found = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .join(Body, Body.id == Membership.body_id)
        .where(Body.organization_id == organization_id, Body.owner_id == organization_id)
        .where(Body.kind == "administration", Membership.role.in_(roles), in_force_today())
        .order_by(Person.key)
        .distinct()
    )
    return list(db.scalars(found))
