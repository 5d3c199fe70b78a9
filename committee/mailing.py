"""E-mail to those who hold a role in a body, through the outbox."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.organisations import Body, Membership, Person, in_force_today
from store import events
from store.ids import new_id

_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip
_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


def written(day: date) -> str:
    """A day as a letter says it: 12 mars 2027."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday(day: date) -> str:
    """The day of the week: fredag."""
    return _WEEKDAYS[day.weekday()]


def send(
    db: Session,
    to: Body,
    role: str,
    subject: str,
    line: str,
    *,
    organization_id: UUID,
    case_id: UUID | None = None,
    address: str | None = None,
) -> int:
    """Put an e-mail to those who have a role in a body, and to an address, into the outbox. Says to how many it goes."""
    people = select(Person.email).join(Membership, Membership.person_id == Person.id)
    holders = people.where(Membership.body_id == to.id, Membership.role == role, in_force_today())
    receivers = sorted({email for email in (*db.scalars(holders), address) if email})
    for email in receivers:
        payload = {"to": email, "subject": subject, "text": f"{subject}\n\n{line}".strip()}
        events.send(db, organization_id, f"mail:{new_id()}", "email", payload, case_id=case_id)
    return len(receivers)
