"""The meetings that a case has before it, as its plan needs them: what is behind it is not asked for again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from committee import referrals
from committee.agenda import AFTERWARDS, AgendaItem
from committee.cases import Case
from committee.meetings import Meeting
from committee.organisations import Body
from committee.planning import Calendar, Sitting
from store import clock

PUT_OFF = ("table", "not_handled")
"""Outcomes that leave a case as prepared as it was."""
SENT_BACK = (*PUT_OFF, "refer_back")
"""After these a body prepares the case once more; after any other outcome it goes on, whatever the body said of it."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What the register knows of some cases and the bodies before them, read once: calendars are made of it."""

    meetings: Sequence[Meeting]
    """Those to come, in their order, and those where one of the cases has a place, whose outcome is not recorded yet."""
    places: Mapping[tuple[UUID, UUID], str]
    """The role, by case and meeting, of each place that a case has on an agenda to be dealt with; being told of is none."""
    taken_off: Collection[tuple[UUID, UUID]]
    """Cases and the meetings that they were taken off: they do not come back there by themselves."""
    last: Mapping[UUID, tuple[str, str | None, UUID]]
    """By case, what became of it when a body last dealt with it: role, outcome, body."""
    consulted: Collection[UUID]
    """The cases that have been in joint consultation since, or were put off after it."""
    answers_by: Mapping[UUID, date]
    """By case, the last day on which somebody who was asked may still answer."""

    def calendar(
        self, case_id: UUID, preparing: Body | None, consulting: Body | None, deciding: Body | None
    ) -> Calendar:
        """The coming meetings of the chain that can take the case.

        Where the case has a place at a body, that meeting is the one; what has been prepared needs no preparing meeting
        more, and what has been consulted about no joint consultation. What the preparing body is to decide itself, by
        delegation, goes to no other.
        """
        delegated = self._sittings(case_id, preparing, "decision")
        if delegated:
            return Calendar(
                preparing=delegated,
                consulting=[],
                deciding=delegated,
                is_delegated=True,
                answers_by=self.answers_by.get(case_id),
            )
        is_decided_next = any(sitting.has_place for sitting in self._sittings(case_id, deciding))
        preparing_ = _placed_or_all(self._sittings(case_id, preparing))
        return Calendar(
            preparing=[each for each in preparing_ if each.has_place or not is_decided_next],
            consulting=[] if case_id in self.consulted else _placed_or_all(self._sittings(case_id, consulting)),
            deciding=_placed_or_all(self._sittings(case_id, deciding)),
            is_prepared=deciding is not None and self._is_prepared(case_id, deciding),
            answers_by=self.answers_by.get(case_id),
        )

    def with_moved(self, moved: Meeting) -> Coming:
        """The same, as it would be with a meeting on another day."""
        meetings = [moved if meeting.id == moved.id else meeting for meeting in self.meetings]
        return replace(self, meetings=sorted(meetings, key=lambda meeting: meeting.starts_at))

    def without(self, cancelled: Meeting) -> Coming:
        """The same, as it would be with a meeting cancelled."""
        return replace(self, meetings=[meeting for meeting in self.meetings if meeting.id != cancelled.id])

    def _sittings(self, case_id: UUID, of: Body | None, role: str | None = None) -> list[Sitting]:
        """The meetings of a body, each with whether the case has a place there; with a role, those where it has that."""
        if of is None:
            return []
        return [
            Sitting(meeting.day, meeting.material_stop, meeting.summons_due, has_place)
            for meeting in self.meetings
            if meeting.body_id == of.id
            and ((has_place := (case_id, meeting.id) in self.places) or self._can_take(case_id, meeting))
            and (role is None or self.places.get((case_id, meeting.id)) == role)
        ]

    def _can_take(self, case_id: UUID, meeting: Meeting) -> bool:
        """Whether a case that has no place at a meeting can get one there by itself."""
        return _is_to_come(meeting) and (case_id, meeting.id) not in self.taken_off

    def _is_prepared(self, case_id: UUID, deciding: Body) -> bool:
        """Whether the last body that dealt with the case sent it on, or the deciding body only put it off."""
        if case_id not in self.last:
            return False
        role, outcome, body_id = self.last[case_id]
        sent_on = role == "preparation" and outcome not in SENT_BACK
        return sent_on or (body_id == deciding.id and outcome in PUT_OFF)


def coming(db: Session, case_ids: Collection[UUID], bodies: Collection[Body | None]) -> Coming:
    """What the calendars of some cases are made of."""
    items = db.execute(
        select(AgendaItem, Meeting.body_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id.in_(case_ids), AgendaItem.state.in_(("confirmed", "handled", "withdrawn")))
        .order_by(Meeting.starts_at, AgendaItem.position)
    ).all()
    dealing = [i for i, _ in items if i.role not in AFTERWARDS]
    places = {(i.case_id, i.meeting_id): i.role for i in dealing if i.state == "confirmed"}
    handled = [(i, body_id) for i, body_id in items if i.state == "handled"]
    to_come = and_(Meeting.starts_at >= clock.start_of(clock.today()), Meeting.state.in_(("planned", "summoned")))
    found = select(Meeting).where(
        Meeting.body_id.in_({of.id for of in bodies if of is not None}),
        or_(to_come, Meeting.id.in_({meeting_id for _, meeting_id in places})),
    )
    by_bodies = {i.case_id: (i.role, i.outcome, of) for i, of in handled if i.role in ("preparation", "decision")}
    dealt = {i.case_id: i for i, _ in handled if i.role in ("preparation", "consultation", "decision")}
    return Coming(
        db.scalars(found.order_by(Meeting.starts_at)).all(),
        places,
        {(i.case_id, i.meeting_id) for i in dealing if i.state == "withdrawn"},
        by_bodies,
        {case_id for case_id, item in dealt.items() if item.role == "consultation" or item.outcome in PUT_OFF},
        referrals.awaited_until(db, case_ids),
    )


def calendar_of(
    db: Session, case: Case, preparing: Body | None, consulting: Body | None, deciding: Body | None
) -> Calendar:
    """The coming meetings of the chain that can take one case."""
    return coming(db, [case.id], (preparing, consulting, deciding)).calendar(case.id, preparing, consulting, deciding)


def _is_to_come(meeting: Meeting) -> bool:
    return meeting.state in ("planned", "summoned") and meeting.day >= clock.today()


def _placed_or_all(sittings: list[Sitting]) -> list[Sitting]:
    return [sitting for sitting in sittings if sitting.has_place] or sittings
