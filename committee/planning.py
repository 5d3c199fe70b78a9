"""Planning backwards: from the date on which the answer is due, over the meetings of the chain, to today.

Pure: a calendar of meetings goes in, a plan comes out. The defaults are those observed in Region Västerbotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from committee.calendar import Roll, roll, working_days_before, working_days_between

ADJUSTMENT_DAYS = 5
"""Calendar days from the meeting until its minutes are adjusted."""
SEND_MARGIN = 2
"""Working days before the reply-by date on which the answer should leave."""
HEAD_REVIEW = 3
"""Working days that a head needs to read a draft."""
MERGE = 2
"""Working days that it takes to work the municipalities' views into a draft that was written meanwhile."""
CONSULTATION_DAYS = 28
NO_MEETING = -1
EXTRA_MEETING_DAYS = 10
"""Calendar days that it takes at least to call an extra meeting with its papers."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting as the plan sees it."""

    day: date
    material_stop: date
    summons_due: date
    has_place: bool = False
    """The case is on its agenda: it is taken up there, whichever other meeting would do."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The coming meetings of the chain, in any order."""

    preparing: Sequence[Sitting]
    consulting: Sequence[Sitting]
    deciding: Sequence[Sitting]
    is_prepared: bool = False
    """The case needs no preparing meeting: it has been there."""
    is_delegated: bool = False
    """A preparing meeting is to decide by delegation: the ordinary way has been given up."""
    answers_by: date | None = None
    """The last day on which those who were asked may still answer; None while nobody is waited for."""

    @property
    def is_ready(self) -> bool:
        """No preparing meeting comes before the one that decides."""
        return self.is_prepared or self.is_delegated or not self.preparing

    @property
    def is_under_way(self) -> bool:
        """The case is before the bodies already: it goes to the next meeting of each, as its process asks for places."""
        return (
            self.is_prepared
            or self.is_delegated
            or any(sitting.has_place for sitting in (*self.preparing, *self.deciding))
        )

    def awaits_answers_for(self, sitting: Sitting) -> bool:
        """Whether those who were asked may answer when it is too late to work that into the papers."""
        return self._answers_come_after(working_days_before(sitting.material_stop, MERGE))

    def is_pressed_at(self, sitting: Sitting) -> bool:
        """Whether they may answer when the head has not all the days left to read what became of it."""
        return self._answers_come_after(working_days_before(sitting.material_stop, MERGE + HEAD_REVIEW))

    def _answers_come_after(self, day: date) -> bool:
        return self.answers_by is not None and day < self.answers_by

    def takes(self, sitting: Sitting, today: date) -> bool:
        """Whether the case can have its papers there: where it has its place, it goes there."""
        return sitting.has_place or (sitting.material_stop >= today and not self.awaits_answers_for(sitting))


@dataclass(frozen=True, slots=True)
class Plan:
    """What fits before the answer is due, and when each step must be done."""

    days_to_reply_by: int
    send: date
    decision: Sitting | None
    """The meeting that decides: the latest that still leaves time to adjust and send, else the latest before the day; for
    a case that is before the bodies already, the next of them."""
    preparation: Sitting | None
    joint_consultation: Sitting | None
    draft: date
    consultation: date
    ordinary_fits: bool
    immediate_fits: bool
    extra_days: tuple[date, date] | None
    """The first and the last day on which an extra meeting of the deciding body could decide in time; None where none could."""
    au_fits: bool
    """A meeting of the preparing body that still takes papers leaves time to adjust and send what it decides."""
    slack_days: int
    """Working days to spare: between the decision (or its adjustment) and the day to send, and no more than are left to
    write, which is none where answers are waited for that leave less than that; negative when the decision comes too
    late, and NO_MEETING when no meeting of the calendar can take the case."""
    earliest_decision: date | None
    consultation_days: int
    """Calendar days that the municipalities can be given."""
    holds_until: date | None
    """The first day on which a meeting that it counts on has its papers or meets: if the case has no place there by then,
    the plan is no longer true. None when there is no such day to come."""


def plan_case(reply_by: date, today: date, calendar: Calendar) -> Plan:
    """Plan backwards from `reply_by`. The latest meeting that fits is chosen, so that there is most time to write.

    A case that is on an agenda, or has been prepared, follows the meetings that it really goes to. One that waits for
    answers goes to no meeting whose papers are due before these can be worked in, if it has no place there already.
    """
    send = send_by(reply_by)
    deciding = [sitting for sitting in calendar.deciding if sitting.day >= today or sitting.has_place]
    coming = sorted(deciding, key=lambda sitting: sitting.day)
    reachable = [sitting for sitting in coming if _is_reachable(sitting, today, calendar)]
    ordinary = [sitting for sitting in reachable if adjusted(sitting.day) <= send]
    immediate = [sitting for sitting in reachable if sitting.day <= reply_by]
    chosen = _next(ordinary or immediate, today, calendar) if calendar.is_under_way else _last(ordinary or immediate)
    before = _preparing(chosen, today, calendar) if chosen is not None and not calendar.is_ready else None
    delegated = _last(
        [each for each in calendar.preparing if calendar.takes(each, today) and adjusted(each.day) <= send]
    )
    # Without any that decides in the ordinary way, what is left is delegation.
    takes_papers = before or chosen or delegated
    stop = takes_papers.material_stop if takes_papers else send
    written = working_days_before(stop, HEAD_REVIEW)
    draft = max(today, written)
    asked_until = roll(today + timedelta(days=CONSULTATION_DAYS), Roll.BACKWARD)
    consultation = min(asked_until, working_days_before(draft, MERGE))
    slack = _slack(chosen or next(iter(reachable), None), send, ordinary=bool(ordinary))
    if takes_papers is not None and calendar.is_pressed_at(takes_papers):
        slack = min(slack, 0)
    to_write = slack if chosen is None or calendar.is_under_way else max(0, working_days_between(today, written))
    return Plan(
        days_to_reply_by=(reply_by - today).days,
        send=send,
        decision=chosen,
        preparation=before,
        joint_consultation=_between(calendar, before, chosen),
        draft=draft,
        consultation=max(today, consultation),
        ordinary_fits=bool(ordinary) and not calendar.is_delegated,
        immediate_fits=bool(immediate) and not calendar.is_delegated,
        extra_days=extra_days(reply_by, today, calendar),
        au_fits=delegated is not None,
        slack_days=min(slack, to_write),
        earliest_decision=reachable[0].day if reachable else None,
        consultation_days=max(0, (consultation - today).days),
        holds_until=_holds_until(chosen or next(iter(reachable), None), reply_by, today, calendar),
    )


def send_by(reply_by: date) -> date:
    """The day on which the answer should leave."""
    return working_days_before(roll(reply_by, Roll.BACKWARD), SEND_MARGIN)


def extra_days(reply_by: date, today: date, calendar: Calendar) -> tuple[date, date] | None:
    """The first and the last day on which an extra meeting of the deciding body could decide in time, if any.

    It must be called, whoever was asked must have answered, and the preparing body must have met before.
    """
    first = max(today, calendar.answers_by or today) + timedelta(days=EXTRA_MEETING_DAYS)
    if not calendar.is_ready:
        soonest = min((each.day for each in calendar.preparing if calendar.takes(each, today)), default=None)
        if soonest is None:
            return None
        first = max(first, soonest + timedelta(days=1))
    last = send_by(reply_by)
    return (first, last) if first <= last else None


def _holds_until(chosen: Sitting | None, reply_by: date, today: date, calendar: Calendar) -> date | None:
    """Where the case has its place, it is taken up whatever passes before."""
    before = _preparing(chosen, today, calendar) if chosen is not None and not calendar.is_ready else None
    counted_on = [each for each in (before, _between(calendar, before, chosen), chosen) if each is not None]
    days = [each.day for each in counted_on if not each.has_place]
    takes_papers = before or chosen
    if takes_papers is not None and not takes_papers.has_place:
        days.append(takes_papers.material_stop)
    return min((day for day in (*days, reply_by) if day >= today), default=None)


def adjusted(day: date) -> date:
    """The day on which the minutes of a meeting are usually adjusted."""
    return roll(day + timedelta(days=ADJUSTMENT_DAYS), Roll.FORWARD)


def _is_reachable(sitting: Sitting, today: date, calendar: Calendar) -> bool:
    if calendar.is_ready:
        return sitting.has_place or not calendar.awaits_answers_for(sitting)
    return _preparing(sitting, today, calendar) is not None


def _preparing(sitting: Sitting, today: date, calendar: Calendar) -> Sitting | None:
    """The last meeting of the preparing body before a sitting that still accepts papers."""
    return _last([other for other in calendar.preparing if other.day < sitting.day and calendar.takes(other, today)])


def _takes_papers(sitting: Sitting, today: date) -> bool:
    return sitting.has_place or sitting.material_stop >= today


def _last(sittings: Sequence[Sitting]) -> Sitting | None:
    return max(sittings, key=lambda sitting: sitting.day, default=None)


def _next(deciding: Sequence[Sitting], today: date, calendar: Calendar) -> Sitting | None:
    """The first that still takes papers when the case has been prepared and consulted about, else the first."""
    before = (*calendar.preparing, *calendar.consulting)
    ready_on = max((other.day for other in before if other.has_place), default=today)
    in_time = [sitting for sitting in deciding if _takes_papers(sitting, ready_on)]
    return next(iter(in_time or deciding), None)


def _between(calendar: Calendar, before: Sitting | None, chosen: Sitting | None) -> Sitting | None:
    if chosen is None:
        return None
    found = [s for s in calendar.consulting if s.day <= chosen.day and (before is None or s.day >= before.day)]
    ordered = sorted(found, key=lambda sitting: sitting.day)
    return next(iter(ordered if calendar.is_under_way else ordered[::-1]), None)


def _slack(chosen: Sitting | None, send: date, *, ordinary: bool) -> int:
    if chosen is None:
        return NO_MEETING
    return working_days_between(adjusted(chosen.day) if ordinary else chosen.day, send)
