"""The places that a case has, or had, on agendas."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from committee.agenda import AgendaItem
from committee.chain import SENT_BACK
from committee.decisions import Decision
from committee.meetings import Meeting
from committee.organisations import Body


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on an agenda."""

    item: AgendaItem
    meeting: Meeting
    body: Body
    is_adjusted_at_once: bool
    """Its paragraph was adjusted by itself (omedelbar justering): the decision holds before the minutes do."""

    @property
    def awaits_adjustment(self) -> bool:
        """Whether it has been decided there, and the minutes that hold the decision are not adjusted yet."""
        is_decided = self.item.role == "decision" and self.item.state == "handled" and self.body.authoritative
        is_open = self.meeting.state == "held" and not self.is_adjusted_at_once
        return is_decided and is_open and self.item.outcome not in SENT_BACK


def slots_of(db: Session, case_id: UUID) -> list[Slot]:
    """The places of a case, by the day of the meeting; those that were taken back are left out."""
    rows = db.execute(
        select(AgendaItem, Meeting, Body, func.coalesce(Decision.immediate_adjustment, false()))
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Body, Body.id == Meeting.body_id)
        .outerjoin(Decision, Decision.agenda_item_id == AgendaItem.id)
        .where(AgendaItem.case_id == case_id, AgendaItem.state != "withdrawn")
        .order_by(Meeting.starts_at, AgendaItem.id)
    )
    return [Slot(*row) for row in rows]
