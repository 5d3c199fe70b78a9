"""By when those who are asked have to answer: a day on which they still can, whenever the question goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from committee import deadlines, following, referrals
from committee.calendar import Roll, roll, working_days_after, working_days_before
from committee.cases import Case
from committee.deadlines import Deadline
from committee.organisations import Organization
from committee.planning import CONSULTATION_DAYS, MERGE
from committee.referrals import Consultee, Referral
from engine import definitions, instances
from engine.bpmn.model import Node
from engine.feel import Value
from engine.models import Instance, Task
from store import clock
from store.errors import Invalid
from store.sentences import say

SHORTEST_DAYS = 10
"""Working days that those who are asked have at least, unless somebody gives them another day: the fortnight below which
the delivered process asks no municipality."""
OPENING = "open_consultation"
"""The operation that sends a question out."""
_DECIDES = ("consultees", "reply_by")


@dataclass(frozen=True, slots=True)
class Sending:
    """What happens when a step is done after which a question goes out: who is asked, and by when they are to answer."""

    asked: Sequence[Organization]
    planned: date
    reply_by: date | None
    """As planned, or the day that is left for it; None where none is that gives them time enough."""
    own_day: date | None
    """When the region's own answer is due; None where it is not, or bounds nothing any more."""
    draft: date | None
    """When the draft is planned to be ready, where that is before the answers."""

    @property
    def has_passed(self) -> bool:
        """Whether the planned day lies behind."""
        return self.planned < clock.today()


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it."""

    asked: int
    reply_by: date


def day_to_answer(db: Session, case: Case, planned: date | None, given: date | None) -> date:
    """The day with which a question goes out: the one that is given for it, else as planned as long as that leaves time.

    Raises Invalid for a given day on which nobody could answer, and where none is left that gives time enough.
    """
    draft, due = db.execute(select(*_due(case.id))).one()
    own = _bounding(due)
    if given is not None:
        sentence: str | None = None
        if given <= clock.today():
            sentence = "Give a day to come."
        elif own is not None and given >= own:
            sentence = say("Give a day before %(day)s, when the region's own answer is due.", day=own)
        if sentence is not None:
            raise Invalid("Nobody could answer by this day.", errors=[{"field": "answer_by", "sentence": sentence}])
        return given
    if planned is None:
        raise Invalid("The consultation needs a day to answer by.")
    found = _workable(planned, draft, own)
    if found is None:
        sentence = "Give the day by which they are to answer, or move the day of the region's own answer first."
        errors = [{"field": "answer_by", "sentence": sentence}]
        raise Invalid(
            say(
                "Fewer than %(count)s working days are left until the region's own answer is due.", count=SHORTEST_DAYS
            ),
            errors=errors,
        )
    return found


def follow_answers(
    db: Session, case: Case, reason: str, actor_id: UUID | None = None, *, granted_by: str | None = None
) -> None:
    """Let the case's day for the answers be the last that anybody has, and its plan follow; in the verb's transaction."""
    last = referrals.awaited_until(db, [case.id]).get(case.id)
    due = deadlines.of_kind(db, case.id, "consultation")
    if last is not None and due is not None and due.state == "open" and due.due_on != last:
        before = due.due_on
        deadlines.set_deadline(db, case.organization_id, case.id, "consultation", last, direction=Roll.NONE)
        deadlines.record_move(db, due, before, reason, granted_by=granted_by, corrects=last < before, actor_id=actor_id)
    following.follow(db, case, actor_id)


def sending(db: Session, task: Task) -> Sending | None:
    """What goes out when an open step is done; None where nothing does, or nobody can tell yet."""
    opening = _opening(db, task)
    if task.state != "open" or opening is None or any(each.name in _DECIDES for each in opening.inputs):
        return None
    case, known = db.get_one(Case, task.case_id), instances.variables(db, db.get_one(Instance, task.instance_id))
    planned = _day(known.get("reply_by"))
    if planned is None:
        return None
    named = known.get("consultees")
    keys = [each for each in named if isinstance(each, str)] if isinstance(named, list) else None
    rows = db.execute(referrals.find_asked(case, keys).add_columns(*_due(case.id))).all()
    draft, due = (rows[0][1], rows[0][2]) if rows else (None, None)
    own = _bounding(due)
    day = _workable(planned, draft, own)
    is_before = draft is not None and day is not None and draft <= day
    return Sending([row[0] for row in rows], planned, day, own, draft if is_before else None)


def sent(db: Session, task: Task) -> Sent | None:
    """What went out when a step had been done; None where nothing did."""
    if task.state != "completed" or _opening(db, task) is None:
        return None
    instance = db.get_one(Instance, task.instance_id)
    referral_id = instances.variables(db, instance).get("referral_id") if instance.status == "running" else None
    if not isinstance(referral_id, str):
        return None
    counted = select(func.count(Consultee.id)).where(Consultee.referral_id == UUID(referral_id)).scalar_subquery()
    row = db.execute(select(Referral.reply_by, counted).where(Referral.id == UUID(referral_id))).one_or_none()
    return Sent(row[1], row[0]) if row is not None else None


def _workable(planned: date, draft: date | None, own: date | None) -> date | None:
    """The planned day; where that leaves too little time the latest that the plan still allows, but time enough."""
    today = clock.today()
    shortest = working_days_after(today, SHORTEST_DAYS)
    if planned >= shortest:
        return planned
    usual = roll(today + timedelta(days=CONSULTATION_DAYS), Roll.BACKWARD)
    day = max(shortest, min(usual, working_days_before(draft, MERGE))) if draft is not None else shortest
    return day if own is None or day < own else None


def _due(case_id: UUID) -> tuple[ScalarSelect[date], ScalarSelect[date]]:
    """When the draft and the region's own answer are due in a case, to be read together with something else."""
    open_ = select(Deadline.due_on).where(Deadline.case_id == case_id, Deadline.state == "open")
    draft, own = (open_.where(Deadline.kind == kind).scalar_subquery() for kind in ("draft", "reply_by"))
    return draft, own


def _bounding(own: date | None) -> date | None:
    """When the region's own answer is due, as long as anybody could answer before that."""
    return own if own is not None and own > working_days_after(clock.today(), 1) else None


def _opening(db: Session, task: Task) -> Node | None:
    """The step right after this one that sends a question out."""
    if task.case_id is None:
        return None
    nodes = definitions.compiled(db, db.get_one(Instance, task.instance_id).definition_id).nodes
    here = nodes.get(task.element_id)
    ahead = set(here.outgoing) if here is not None else set()
    return next((each for each in nodes.values() if each.operation == OPENING and ahead & set(each.incoming)), None)


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
