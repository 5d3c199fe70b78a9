"""What a move, or a cancellation, would move: the dates around the meeting, and the plans of the cases that count on it. Nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import calendar, chain, following, planning, plans, rescheduling
from committee.access import Actor
from committee.cases import DECIDED, ENDED, Case
from committee.deadlines import Deadline
from committee.meetings import Meeting, for_change, require_coming, require_order
from committee.organisations import Body, Organization, chain_of
from committee.planning import Calendar, Plan
from store import clock
from store.errors import Conflict

AROUND = ("material_stop", "summons", "meeting", "adjustment", "notice", "appeal")
"""The dates that follow from the day of a meeting, in their order; each of the last three follows from the one before it."""


@dataclass(frozen=True, slots=True)
class CaseMove:
    """A case whose plan counts on the meeting, as it stands and as it would stand."""

    case: Case
    reply_by: date | None
    before: Plan | None
    """None for a case that has no day to reply by: nothing is planned in it."""
    after: Plan | None
    settled: Collection[str]
    """The deadlines that a new plan leaves as they are."""
    answers_on: date | None
    """The last day on which those who were asked may still answer; None where nobody is waited for."""

    is_held_back: bool
    """A meeting that would do is passed over: those who were asked may answer too late for its papers."""

    @property
    def days(self) -> Mapping[str, tuple[date | None, date | None]]:
        """The deadlines that would move, by kind, each from and to; None where there is none."""
        if self.before is None or self.after is None:
            return {}
        old, new = plans.dates_of(self.before), plans.dates_of(self.after)
        return {kind: (old[kind], new[kind]) for kind in old if old[kind] != new[kind] and kind not in self.settled}

    @property
    def becomes_late(self) -> bool:
        """Whether the answer would come too late, and does not now."""
        return (
            self.before is not None and self.after is not None and self.before.slack_days >= 0 > self.after.slack_days
        )

    @property
    def overtakes_answers(self) -> bool:
        """Whether the draft would move to a day before those who were asked are to answer."""
        _old, draft = self.days.get("draft", (None, None))
        return draft is not None and self.answers_on is not None and draft < self.answers_on


@dataclass(frozen=True, slots=True)
class MovePreview:
    """A meeting on another day."""

    meeting: Meeting
    body: Body
    starts_at: datetime
    dates: Mapping[str, tuple[date, date]]
    """The dates around the meeting, by kind, each from and to."""
    cases: Sequence[CaseMove]
    """Those that would come too late first, then those whose days move."""
    refusal: Conflict | None
    """Why the move would be refused; None where it is possible."""
    warnings: Sequence[str]
    """no_working_day, bridge_day, holiday_period, material_stop_passed, summons_passed."""


def preview_move(db: Session, actor: Actor, meeting_id: UUID, starts_at: datetime) -> MovePreview:
    """What a move would move, for whoever may move it. Raises NotFound, Forbidden, Conflict, or Invalid for a past day.

    Plans are counted with the chain of the profile, whichever bodies the process of a case has been given.
    """
    meeting, of = for_change(db, actor, meeting_id)
    rescheduling.require_movable(meeting)
    require_coming(starts_at)
    moved = meeting.as_if_on(starts_at)
    cases = _cases(db, meeting, lambda now: now.with_moved(moved))
    return MovePreview(
        meeting=meeting,
        body=of,
        starts_at=starts_at,
        dates={kind: (_date(meeting, kind), _date(moved, kind)) for kind in AROUND},
        cases=cases,
        refusal=_refusal(db, moved),
        warnings=[name for name, is_so in _warnings(moved).items() if is_so],
    )


def preview_cancel(db: Session, actor: Actor, meeting_id: UUID) -> Sequence[CaseMove]:
    """The cases that count on a meeting, as they stand and as they would stand without it, in the order of a move's.

    Raises NotFound or Forbidden, and Conflict for what cannot be cancelled.
    """
    meeting, _ = for_change(db, actor, meeting_id)
    rescheduling.require_cancellable(meeting)
    return _cases(db, meeting, lambda now: now.without(meeting))


def _date(meeting: Meeting, kind: str) -> date:
    found = meeting.date_of(kind)
    assert found is not None, kind
    return found


def _refusal(db: Session, moved: Meeting) -> Conflict | None:
    try:
        require_order(db, moved)
    except Conflict as conflict:
        return conflict
    return None


def _warnings(moved: Meeting) -> dict[str, bool]:
    today = clock.today()
    return {
        "no_working_day": not calendar.is_working_day(moved.day),
        "bridge_day": calendar.is_bridge_day(moved.day),
        "holiday_period": calendar.is_holiday_period(moved.day),
        "material_stop_passed": moved.material_stop < today,
        "summons_passed": moved.state == "planned" and moved.summons_due < today,
    }


def _cases(db: Session, meeting: Meeting, change: Callable[[chain.Coming], chain.Coming]) -> list[CaseMove]:
    """The cases on the agenda and those that count on the meeting, planned with the calendar as it is and as changed."""
    tenant = db.get_one(Organization, meeting.organization_id)  # held, so that it is read once
    ids = rescheduling.cases_planned_by(db, meeting, meeting.day)
    rows = db.execute(
        select(Case, Deadline.due_on)
        .outerjoin(Deadline, (Deadline.case_id == Case.id) & (Deadline.kind == "reply_by"))
        .where(Case.id.in_(ids), Case.status.not_in((*ENDED, *DECIDED)))
    ).all()
    keys = chain_of(db, tenant.id)
    named = {of.key: of for of in db.scalars(select(Body).where(Body.organization_id == meeting.organization_id))}
    bodies = [named.get(keys.get(f"{place}_body", "")) for place in ("preparing", "consulting", "deciding")]
    now = chain.coming(db, ids, bodies)
    then = change(now)
    settled = following.settled(db, ids, now.answers_by)
    today = clock.today()
    moves = []
    for case, reply_by in rows:
        meetings, moved_meetings = now.calendar(case.id, *bodies), then.calendar(case.id, *bodies)
        after = planning.plan_case(reply_by, today, moved_meetings) if reply_by else None
        move = CaseMove(
            case=case,
            reply_by=reply_by,
            before=planning.plan_case(reply_by, today, meetings) if reply_by else None,
            after=after,
            settled=settled.get(case.id, ()),
            answers_on=meetings.answers_by,
            is_held_back=after is not None and after.decision != _heedless(reply_by, today, moved_meetings).decision,
        )
        moves.append(move)
    return sorted(moves, key=lambda each: (not each.becomes_late, not each.days, each.case.title, each.case.id))


def _heedless(reply_by: date, today: date, meetings: Calendar) -> Plan:
    """The plan of a case that waited for nobody's answers."""
    return planning.plan_case(reply_by, today, replace(meetings, answers_by=None))
