"""The meetings that a case has before it, as its plan needs them: what is behind it is not asked for again."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from committee.agenda import AgendaItem
from committee.cases import Case
from committee.meetings import Meeting
from committee.organisations import Body
from committee.planning import Calendar, Sitting
from store import clock

PUT_OFF = ("table", "not_handled")
"""Outcomes that leave a case as prepared as it was."""


def calendar_of(
    db: Session, case: Case, preparing: Body | None, consulting: Body | None, deciding: Body | None
) -> Calendar:
    """The coming meetings of the chain that can take the case.

    A place that the case has at the preparing body counts whenever its papers were due; when it has one at the deciding
    body, that meeting is the one; and what has been prepared needs no preparing meeting more.
    """
    return Calendar(
        preparing=[
            replace(sitting, material_stop=max(sitting.material_stop, clock.today())) if has_place else sitting
            for sitting, has_place in _sittings(db, case, preparing)
        ],
        consulting=[sitting for sitting, _ in _sittings(db, case, consulting)],
        deciding=_placed_or_all(_sittings(db, case, deciding)),
        is_prepared=deciding is not None and _is_prepared(db, case, deciding),
    )


def _placed_or_all(sittings: list[tuple[Sitting, bool]]) -> list[Sitting]:
    placed = [sitting for sitting, has_place in sittings if has_place]
    return placed or [sitting for sitting, _ in sittings]


def _sittings(db: Session, case: Case, of: Body | None) -> list[tuple[Sitting, bool]]:
    """The meetings of a body from today on, each with whether the case has a place there."""
    if of is None:
        return []
    places = select(AgendaItem.meeting_id).where(
        AgendaItem.case_id == case.id, AgendaItem.state == "confirmed", AgendaItem.role != "reporting"
    )
    coming = select(Meeting, Meeting.id.in_(places)).where(
        Meeting.body_id == of.id,
        Meeting.starts_at >= clock.start_of(clock.today()),
        or_(Meeting.state.in_(("planned", "summoned")), Meeting.id.in_(places)),
    )
    return [
        (Sitting(meeting.day, meeting.material_stop, meeting.summons_due), has_place)
        for meeting, has_place in db.execute(coming.order_by(Meeting.starts_at))
    ]


def _is_prepared(db: Session, case: Case, deciding: Body) -> bool:
    """Whether the last body that dealt with the case sent it on, or the deciding body only put it off."""
    last = db.execute(
        select(AgendaItem.role, AgendaItem.outcome, Meeting.body_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id == case.id, AgendaItem.state == "handled")
        .where(AgendaItem.role.in_(("preparation", "decision")))
        .order_by(Meeting.starts_at.desc(), AgendaItem.position.desc())
        .limit(1)
    ).first()
    if last is None:
        return False
    role, outcome, body_id = last
    sent_on = role == "preparation" and outcome == "forwarded"
    return sent_on or (body_id == deciding.id and outcome in PUT_OFF)
