"""When the calendar changes: a meeting moves or is cancelled, and everything that was planned by it follows."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, select, union
from sqlalchemy.orm import Session

from committee import agenda, delegated, meeting_cycle
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.cases import Case
from committee.deadlines import Deadline
from committee.following import follow
from committee.meetings import Meeting, record, require_coming, require_order, to_change
from committee.organisations import Body, chain_of
from engine import messages
from store import clock
from store.database import Database
from store.errors import Conflict

_PLANNED_BY = {"preparing_body": "preparation", "consulting_body": "joint_consultation", "deciding_body": "decision"}
"""The deadline that the plan of a case sets on the day of a meeting, by the body's place in the chain."""


def move_meeting(
    store: Database, actor: Actor, meeting_id: UUID, starts_at: datetime, reason: str, *, version: int | None = None
) -> Meeting:
    """Move a meeting; its own process and the cases that were planned by it follow in the same transaction."""
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, version)
        require_movable(meeting)
        require_coming(starts_at)
        before, old_day = meeting.starts_at, meeting.day
        meeting.starts_at = clock.require_aware(starts_at)
        meeting.moved_from, meeting.change_reason = before, reason
        require_order(db, meeting)
        db.flush()
        data = {"from": before.isoformat(), "to": meeting.starts_at.isoformat(), "reason": reason}
        record(db, meeting, "meeting.moved", actor.person_id, data)
        meeting_cycle.follow(db, meeting)
        meeting_cycle.tell(db, meeting, "MeetingMoved", actor_id=actor.person_id)
        _replan(db, meeting, cases_planned_by(db, meeting, old_day), actor.person_id)
        return meeting


def cancel_meeting(
    store: Database, actor: Actor, meeting_id: UUID, reason: str, *, version: int | None = None
) -> Meeting:
    """Cancel a meeting: its process ends, and the cases on its agenda look for another."""
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, version)
        require_cancellable(meeting)
        meeting.state, meeting.change_reason = "cancelled", reason
        db.flush()
        record(db, meeting, "meeting.cancelled", actor.person_id, {"reason": reason})
        meeting_cycle.tell(db, meeting, "MeetingCancelled", actor_id=actor.person_id)
        cases = cases_planned_by(db, meeting, meeting.day)
        for item in agenda.confirmed(db, meeting.id):
            agenda.remove(db, item, reason, actor.person_id)
            delegated.report_elsewhere(db, item)
        _replan(db, meeting, cases, actor.person_id)
        return meeting


def require_movable(meeting: Meeting) -> None:
    """Refuse to move what has been held or cancelled."""
    if meeting.state not in ("planned", "summoned"):
        raise Conflict("A meeting that has been held or cancelled cannot be moved.")


def require_cancellable(meeting: Meeting) -> None:
    """Refuse to cancel what has been held or cancelled."""
    if meeting.state not in ("planned", "summoned"):
        raise Conflict("A meeting that has been held or cancelled cannot be cancelled.")


def _replan(db: Session, meeting: Meeting, cases: list[UUID], actor_id: UUID | None) -> None:
    """Move what is computed from the meeting's dates, and let the process of each case plan again."""
    for case_id in cases:
        follow(db, db.get_one(Case, case_id), actor_id)
        keys, payload = {"case_id": str(case_id)}, {"meeting_id": str(meeting.id)}
        messages.publish(db, meeting.organization_id, "MeetingMoved", keys, payload, actor_id=actor_id)


def cases_planned_by(db: Session, meeting: Meeting, day: date) -> list[UUID]:
    """The cases on the agenda of a meeting, and those whose plan counts on it without having a place there yet."""
    on_agenda = select(AgendaItem.case_id).where(AgendaItem.meeting_id == meeting.id, AgendaItem.state == "confirmed")
    return sorted(db.scalars(union(on_agenda, counting_on(db, meeting, day))))


def counting_on(db: Session, meeting: Meeting, day: date) -> Select[UUID]:
    """The cases whose plan has its next step in the meeting's body on a day."""
    chain = chain_of(db, meeting.organization_id)
    key = db.get_one(Body, meeting.body_id).key
    kinds = [kind for place, kind in _PLANNED_BY.items() if chain.get(place) == key]
    planned = and_(Deadline.kind.in_(kinds), Deadline.state == "open", Deadline.due_on == day)
    return select(Deadline.case_id).where(Deadline.organization_id == meeting.organization_id, planned)
