"""Steps of planning: triage, the plan backwards, and more time from the sender."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, select

from committee import deadlines, following, plans
from committee.calendar import Roll, working_days_after, working_days_before
from committee.meetings import Meeting, add_meeting
from committee.operations.reading import case_of, day, required_text
from committee.organisations import body
from engine import timers
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock
from store.errors import Invalid
from store.sentences import say

TRIAGE_WORKING_DAYS = 5
EXTRA_MEETING_HOUR = 9
_LADDER = (
    "days_to_reply_by", "slack_days", "ordinary_fits", "immediate_fits", "extra_possible", "extra_from",
    "extra_until", "extension_possible",
    "au_fits", "chair_possible", "consultation_days", "decision_date", "earliest_decision_date",
)  # fmt: skip


@operation(
    "plan_case", "Planera baklänges", "Plan backwards",
    inputs=(
        "preparing_body?", "consulting_body?", "deciding_body?", "extension_tried?", "sender_allows_extension?",
        "goal_setting?", "extra_meeting_tried?",
    ),
    outputs=_LADDER,
)  # fmt: skip
def plan_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Set the case's own deadlines from its reply-by date, and say which rungs of the ladder are open."""
    case = case_of(context)
    plan = following.replan(context.db, case, inputs, context.actor_id)
    if deadlines.of_kind(context.db, case.id, "triage") is None:
        today = clock.today()
        due = working_days_after(today, TRIAGE_WORKING_DAYS)
        if plan is not None:  # who is to be asked is settled before they have to have answered
            due = max(today, min(due, working_days_before(plan.consultation, 1)))
        deadlines.set_deadline(context.db, case.organization_id, case.id, "triage", due, direction=Roll.NONE)
    if plan is None:
        return dict.fromkeys(_LADDER) | {
            "ordinary_fits": True,
            "chair_possible": False,
            "consultation_days": Decimal(28),
        }
    timers.rearm(context.db, case.organization_id, case.id)
    return plans.facts(context.db, case.organization_id, plan, inputs)


@operation(
    "triage_case", "Bedöm ärendet", "Triage the case",
    inputs=("handling", "importance?", "municipal_interest?", "goal_setting?", "sender_allows_extension?"),
    outputs=("handling", "importance", "municipal_interest", "goal_setting", "sender_allows_extension"),
)  # fmt: skip
def triage_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note how the case is to be handled."""
    case = case_of(context)
    case.status = "triage"
    deadlines.finish_deadline(context.db, case.id, "triage")
    if inputs.get("municipal_interest") is not True:
        deadlines.close_deadline(context.db, case.id, "consultation", "waived")
    return {
        "handling": required_text(inputs, "handling"),
        "importance": inputs.get("importance") or Decimal(2),
        "municipal_interest": inputs.get("municipal_interest") is True,
        "goal_setting": inputs.get("goal_setting") is True,
        "sender_allows_extension": inputs.get("sender_allows_extension") is True,
    }


@operation("ask_extension", "Begär anstånd", "Ask for more time", inputs=("new_date", "reason"))
def ask_extension(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note what the sender was asked for."""
    new_date = day(inputs, "new_date")
    current = deadlines.of_kind(context.db, case_of(context).id, "reply_by")
    if new_date is None or (current is not None and new_date <= current.due_on):
        sentence = "Give a day after the present reply-by date."
        raise Invalid("More time means a later day.", errors=[{"field": "new_date", "sentence": sentence}])
    return {}


@operation("record_extension_answer", "Anteckna svaret", "Record the answer", inputs=("granted", "new_date?"))
def record_extension_answer(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Move the reply-by date if the sender gave more time."""
    new_date = day(inputs, "new_date")
    found = deadlines.of_kind(context.db, case_of(context).id, "reply_by")
    if inputs.get("granted") is True and new_date is not None and found is not None and new_date > found.due_on:
        deadlines.extend(
            context.db, found, new_date, "Anstånd", granted_by=case_of(context).sender, actor_id=context.actor_id
        )
    return {}


@operation(
    "call_extra_meeting", "Kalla till extra sammanträde", "Call an extra meeting",
    inputs=("extra_meeting", "meeting_date?", "reason", "deciding_body"), outputs=("meeting_id",),
)  # fmt: skip
def call_extra_meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The chair calls an extra meeting of the deciding body, or not; one that is planned for the day already will do.

    Raises Invalid for a day on which it could not decide the case in time: the case would never go there.
    """
    if required_text(inputs, "extra_meeting") == "decline":
        return {"meeting_id": None}
    on = day(inputs, "meeting_date")
    if on is None or on <= clock.today():
        sentence = "Give a day to come."
        raise Invalid("An extra meeting needs a day.", errors=[{"field": "meeting_date", "sentence": sentence}])
    case = case_of(context)
    if (due := deadlines.of_kind(context.db, case.id, "reply_by")) is not None:
        _require_of_use(plans.extra_days(context.db, case, due.due_on), on)
    of = body(context.db, context.organization_id, required_text(inputs, "deciding_body"))
    planned = context.db.scalar(
        select(Meeting).where(Meeting.body_id == of.id, Meeting.state == "planned", *_on(on)).limit(1)
    )
    made = planned or add_meeting(context.db, of, clock.at(on, EXTRA_MEETING_HOUR))
    return {"meeting_id": str(made.id)}


def _require_of_use(days: tuple[date, date] | None, on: date) -> None:
    if days is None:
        sentence = say("No extra meeting can decide this case in time any more. Answer No: the next way is tried then.")
        raise Invalid("An extra meeting comes too late.", errors=[{"field": "extra_meeting", "sentence": sentence}])
    first, last = days
    if not first <= on <= last:
        sentence = say(
            "Give a day from %(first)s, when the case can be prepared and summoned to, to %(last)s, when the answer must leave.",
            first=first,
            last=last,
        )
        raise Invalid("On this day it could not decide.", errors=[{"field": "meeting_date", "sentence": sentence}])


def _on(day_: date) -> tuple[ColumnElement[bool], ...]:
    """The meetings of a day."""
    return Meeting.starts_at >= clock.start_of(day_), Meeting.starts_at < clock.start_of(day_ + timedelta(days=1))
