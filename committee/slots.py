"""The places that a case has, or had, on agendas."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.agenda import AgendaItem
from committee.meetings import Meeting
from committee.organisations import Body


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on an agenda."""

    item: AgendaItem
    meeting: Meeting
    body: Body


def slots_of(db: Session, case_id: UUID) -> list[Slot]:
    """The places of a case, by the day of the meeting; those that were taken back are left out."""
    rows = db.execute(
        select(AgendaItem, Meeting, Body)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Body, Body.id == Meeting.body_id)
        .where(AgendaItem.case_id == case_id, AgendaItem.state != "withdrawn")
        .order_by(Meeting.starts_at, AgendaItem.id)
    )
    return [Slot(*row) for row in rows]
