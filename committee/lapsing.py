"""A plan lapses when a day that it counts on passes without the case: then it is made anew from today's calendar.

A case that has its place on an agenda keeps it; only what it has no place for yet goes to a later meeting, or to none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import reminders
from committee.cases import Case
from committee.deadlines import Deadline
from committee.following import follow
from committee.instances import SUSPENDED
from engine import messages
from store import clock, events
from store.database import Database

log = logging.getLogger("handslag.lapsing")

_OF_MEETINGS = ("material_stop", "preparation", "joint_consultation", "decision")
"""The deadlines that the plan sets on days of meetings."""


def replan_next(store: Database) -> bool:
    """Make the plan of one case anew whose day has passed, in a transaction of its own; say whether there was one.

    The process of the case hears that the meeting it counted on is gone, as when one is cancelled: it tries its way to
    a decision again. One that fails is rolled back and tried again the next day.
    """
    claimed: UUID | None = None
    try:
        with store.transaction() as db:
            case = _take_next(db)
            if case is None:
                return False
            claimed = case.id
            _replan(db, case)
    except Exception:
        if claimed is None:
            raise
        log.exception("case %s: its plan could not be made anew", claimed)
        with store.transaction() as db:
            db.get_one(Case, claimed, with_for_update=True).plan_holds_until = clock.today()
    return True


def _take_next(db: Session) -> Case | None:
    """The case whose plan lapsed first, locked; in one that is suspended nothing goes on."""
    return db.scalar(
        select(Case)
        .where(Case.plan_holds_until < clock.today(), Case.status != SUSPENDED)
        .order_by(Case.plan_holds_until, Case.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _replan(db: Session, case: Case) -> None:
    case.plan_holds_until = None  # what has been decided or has ended is planned no more
    planned, days = (case.planned_decision_on, case.slack_days), _days(db, case)
    reminders.escalate_passed(db, case.id, _OF_MEETINGS)
    follow(db, case)
    db.flush()
    left = _days(db, case)
    passed = [(day, kind) for kind, day in days.items() if day < clock.today() and left.get(kind) != day]
    if passed:
        day, kind = min(passed)
        events.record(
            db, case.organization_id, "case.plan_lapsed", "case", case.id, case_id=case.id,
            data={"kind": kind, "due_on": day.isoformat()},
        )  # fmt: skip
    if planned != (case.planned_decision_on, case.slack_days):
        messages.publish(db, case.organization_id, "MeetingMoved", {"case_id": str(case.id)})


def _days(db: Session, case: Case) -> Mapping[str, date]:
    found = select(Deadline).where(Deadline.case_id == case.id, Deadline.kind.in_(_OF_MEETINGS))
    return {deadline.kind: deadline.due_on for deadline in db.scalars(found.where(Deadline.state == "open"))}
