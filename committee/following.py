"""The plan of a case follows the meetings that the case really goes to: its places on agendas, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import deadlines, plans
from committee.agenda import AgendaItem, confirmed
from committee.calendar import Roll
from committee.cases import DECIDED, ENDED, Case
from committee.deadlines import Deadline
from committee.instances import SUSPENDED
from committee.meetings import Meeting
from committee.organisations import chain_of
from committee.planning import Plan, plan_case
from engine import timers
from engine.feel import Value
from store import clock, events

HELD = {"preparation": "preparation", "consultation": "joint_consultation", "decision": "decision"}
"""The deadline that a meeting meets, by what the case is there for."""
_ONCE = ("draft", "consultation")
_BEFORE_DECISION = ("draft", "material_stop", "summons", "preparation", "joint_consultation")


def replan(db: Session, case: Case, known: Mapping[str, Value], actor_id: UUID | None = None) -> Plan | None:
    """Set the case's own deadlines from its reply-by date and its meetings, in the verb's transaction.

    None where there is nothing to plan: no day to reply by, or the decision has been made.
    """
    reply_by = deadlines.of_kind(db, case.id, "reply_by")
    if reply_by is None or case.status in ENDED:
        return None
    meetings = plans.calendar(db, case, known)
    plan = plan_case(reply_by.due_on, clock.today(), meetings)
    if case.status in DECIDED:
        _set(db, case, "send", plan.send)
        return None
    kept = settled(db, [case.id], [case.id] if meetings.answers_by else []).get(case.id, set())
    for kind, on in plans.dates_of(plan).items():
        if on is None:  # there is no such meeting that the case could go to any more
            deadlines.close_deadline(db, case.id, kind, "waived")
        elif kind not in kept:
            _set(db, case, kind, on)
    before = case.planned_decision_on
    case.planned_decision_on = plan.decision.day if plan.decision else plan.earliest_decision
    case.slack_days, case.plan_holds_until = plan.slack_days, plan.holds_until
    if before is not None and case.planned_decision_on not in (None, before):
        _record(db, case, before, case.planned_decision_on, actor_id)
    return plan


def settled(db: Session, case_ids: Collection[UUID], awaiting: Iterable[UUID]) -> Mapping[UUID, set[str]]:
    """The deadlines that a new plan leaves as they are, by case: what is done once, and what others have been told.

    Others have been told their day in the cases that are `awaiting` answers.
    """
    done = select(Deadline.case_id, Deadline.kind).where(Deadline.state != "open", Deadline.kind.in_(_ONCE))
    found: dict[UUID, set[str]] = {case_id: {"consultation"} for case_id in awaiting}
    for case_id, kind in db.execute(done.where(Deadline.case_id.in_(case_ids))):
        found.setdefault(case_id, set()).add(kind)
    return found


def follow(db: Session, case: Case, actor_id: UUID | None = None) -> None:
    """Plan anew when a place of the case on an agenda, or its meeting, has changed; the timers of its steps follow."""
    if _is_planned(db, case):
        replan(db, case, chain_of(db, case.organization_id), actor_id)
    timers.rearm(db, case.organization_id, case.id)


def rewrite(db: Session, case: Case, actor_id: UUID | None = None) -> None:
    """Note that the draft is to be written once more: its day is set by the plan as it is now."""
    deadlines.reopen_deadline(db, case.id, "draft")
    follow(db, case, actor_id)


def meet(db: Session, item: AgendaItem, meeting: Meeting, actor_id: UUID | None, *, is_final: bool = False) -> None:
    """Note that a meeting has dealt with the case: its day is met, and what is left is planned anew."""
    case = db.get_one(Case, item.case_id)
    if case.status in ENDED or item.role not in HELD:
        return
    if _is_planned(db, case):
        _set(db, case, HELD[item.role], meeting.day)
        deadlines.close_deadline(db, case.id, HELD[item.role], "met")
    if is_final and item.role == "decision":
        decide(db, case, meeting.day)
    elif item.outcome == "refer_back":
        _become(case, "in_work")
    follow(db, case, actor_id)


def summoned(db: Session, meeting: Meeting) -> None:
    """Note that the summons of a meeting has been sent, in the cases that are to be decided there."""
    for item in confirmed(db, meeting.id):
        if item.role == "decision":
            deadlines.close_deadline(db, item.case_id, "summons", "met")


def decide(db: Session, case: Case, on: date) -> None:
    """Note that the case has been decided: only the answer is left to send, and nothing is planned any more."""
    if _is_planned(db, case):
        deadlines.close_deadline(db, case.id, "decision", "met")
        for kind in _BEFORE_DECISION:  # what has not been done by now need not be
            deadlines.close_deadline(db, case.id, kind, "waived")
    case.planned_decision_on, case.slack_days, case.plan_holds_until = on, None, None
    _become(case, "decided")


def _become(case: Case, status: str) -> None:
    """What a meeting made of the case; one that is suspended is told of it when it is resumed."""
    if case.status == SUSPENDED:
        case.status_before = status
    else:
        case.status = status


def _is_planned(db: Session, case: Case) -> bool:
    """Whether the case was planned backwards; the days of others are set by their processes."""
    return deadlines.of_kind(db, case.id, "send") is not None


def _set(db: Session, case: Case, kind: str, on: date) -> None:
    deadlines.set_deadline(db, case.organization_id, case.id, kind, on, direction=Roll.NONE)


def _record(db: Session, case: Case, before: date, after: date | None, actor_id: UUID | None) -> None:
    data = {"from": before.isoformat(), "to": after.isoformat() if after else None}
    events.record(
        db, case.organization_id, "case.replanned", "case", case.id, actor_id=actor_id, case_id=case.id, data=data
    )
