"""A consultation gets more time: everybody who has yet to answer gets it too, and is told; the plan waits for them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from committee import asking, mailing, referrals
from committee.cases import Case
from committee.organisations import Organization, administration


def prolong(db: Session, case_id: UUID, new_date: date) -> None:
    """Give everybody who has yet to answer, and has no later day, the new day; those whose process does so have it."""
    case = db.get_one(Case, case_id)
    subject = f"Remisstiden är förlängd: svara senast {mailing.written(new_date)}"
    line = f"{case.registry_number or ''} {case.title}"
    for consultee in referrals.prolong(db, case, new_date):
        asked = db.get_one(Organization, consultee.consulted_id)
        to = administration(db, case.organization_id, asked.key)
        mailing.send(
            db, to, "officer", subject, line, organization_id=case.organization_id, case_id=case.id, address=asked.email
        )
    asking.follow_answers(db, case, "Någon har anstånd längre än så.")
