"""Reminders and escalations of deadlines, outside of any diagram: the worker says one thing about each at a time.

Before a deadline whoever is responsible is reminded once; when it has passed, those above are told once. A worker that
was away says only what is true now: of a deadline that has passed meanwhile it tells how late it is, and reminds no more.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.calendar import working_days_between
from committee.cases import Case
from committee.deadlines import LABELS, Deadline
from committee.organisations import Body, Membership, Person, in_force_today
from store import clock, events
from store.database import Database
from store.ids import new_id

_RESPONSIBLE = {"register": "registrar", "send": "registrar", "triage": "head"}
"""The role that answers for a kind of deadline, whoever handles the case."""
_ABOVE = ("head", "manager")
_ABOVE_MEETINGS = ("secretary", "manager")
_OF_MEETINGS = ("summons", "material_stop", "preparation", "joint_consultation", "decision", "adjustment", "notice")


def remind_next(store: Database) -> bool:
    """Say what is to be said about one deadline, in a transaction of its own; say whether there was one."""
    with store.transaction() as db:
        today = clock.today()
        found = db.scalar(
            select(Deadline)
            .where(Deadline.state == "open", Deadline.next_notice_on <= today)
            .order_by(Deadline.next_notice_on, Deadline.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if found is None:
            return False
        if found.due_date < today:
            _escalate(db, found)
        else:
            _remind(db, found)
        return True


def _remind(db: Session, deadline: Deadline) -> None:
    deadline.reminded_at = clock.now()
    deadline.next_notice_on = deadline.due_date + timedelta(days=1)
    left = working_days_between(clock.today(), deadline.due_date)
    sv = "i dag" if left == 0 else f"om {left} {'arbetsdag' if left == 1 else 'arbetsdagar'}"
    en = "today" if left == 0 else f"in {left} working {'day' if left == 1 else 'days'}"
    _tell(db, deadline, "reminded", _responsible(db, deadline), sv, en)


def _escalate(db: Session, deadline: Deadline) -> None:
    deadline.escalated_at = clock.now()
    deadline.next_notice_on = None
    late = (clock.today() - deadline.due_date).days
    roles = _ABOVE_MEETINGS if deadline.kind in _OF_MEETINGS else _ABOVE
    sv = f"passerades för {late} {'dag' if late == 1 else 'dagar'} sedan"
    en = f"passed {late} {'day' if late == 1 else 'days'} ago"
    _tell(db, deadline, "escalated", _in_administration(db, deadline.organization_id, roles), sv, en)


def _tell(db: Session, deadline: Deadline, verb: str, people: list[Person], sv: str, en: str) -> None:
    """Write the mails, and the event that says to how many they go."""
    case = db.get_one(Case, deadline.case_id)
    label_sv, label_en = LABELS[deadline.kind]
    day = deadline.due_date.isoformat()
    about = f"{case.registry_number or ''} {case.title}".strip()
    subject = f"{label_sv} {sv}: {case.registry_number or case.title}"
    text = f"{label_sv} {day} {sv}.\n{about}\n\n{label_en} {day} {en}."
    receivers = [person for person in people if person.email]
    for person in receivers:
        payload = {"to": person.email, "subject": subject, "text": text}
        events.send(db, deadline.organization_id, f"mail:{new_id()}", "email", payload, case_id=deadline.case_id)
    events.record(
        db, deadline.organization_id, f"deadline.{verb}", "deadline", deadline.id, case_id=deadline.case_id,
        data={"kind": deadline.kind, "due_date": day, "receivers": len(receivers)},
    )  # fmt: skip


def _responsible(db: Session, deadline: Deadline) -> list[Person]:
    """Whoever has the role that the kind asks for; else the officer of the case; before there is one, the head."""
    if (role := _RESPONSIBLE.get(deadline.kind)) is not None:
        return _in_administration(db, deadline.organization_id, (role,))
    officer_id = db.get_one(Case, deadline.case_id).case_officer_id
    officer = db.get(Person, officer_id) if officer_id is not None else None
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
