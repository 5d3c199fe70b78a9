"""Steps of a strategy of the region's own: directive, dialogues, consultation, publication (2010:630, 2017:583)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from committee import deadlines
from committee.calendar import Roll, is_holiday_period
from committee.operations.reading import case_of, day, text
from committee.operations.writing_steps import keep
from committee.organisations import Organization
from engine import timers
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock
from store.errors import Invalid
from store.sentences import say

CONSULTATION_MONTHS = 3
"""Months that those who are consulted on a strategy are given, unless there is a reason to give them less."""


@operation("write_directive", "Skriv uppdragsdirektiv", "Write the directive", inputs=("summary", "adopt_by?"))
def write_directive(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep the directive; the day by which the strategy is to be adopted becomes the case's deadline."""
    case = case_of(context)
    case.status = "in_work"
    adopt_by = day(inputs, "adopt_by")
    if adopt_by is not None:
        _set_deadline(context, "decision", _to_come(adopt_by, "adopt_by"))
    keep(context, "directive", inputs)
    return {}


@operation(
    "plan_dialogues", "Planera dialogerna", "Plan the dialogues", inputs=("themes", "dialogues_by", "plan?"),
    outputs=("themes", "dialogues_by"),
)  # fmt: skip
def plan_dialogues(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep the plan, and say which dialogues are to be held until when."""
    themes = _texts(inputs, "themes")
    if len(set(themes)) != len(themes):
        raise _refused("themes", "Two themes have the same name. Name each of them once.")
    by = _to_come(day(inputs, "dialogues_by"), "dialogues_by")
    keep(context, "dialogue_plan", inputs)
    return {"themes": list[Value](themes), "dialogues_by": by}


@operation(
    "write_dialogue_document", "Skriv dialogunderlag", "Write the dialogue document",
    inputs=("summary", "actors", "views_by"), outputs=("actors", "views_by"),
)  # fmt: skip
def write_dialogue_document(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep what the first dialogues gave, and say who is asked to propose changes until when."""
    actors = _organizations(context, inputs, "actors")
    by = _to_come(day(inputs, "views_by"), "views_by")
    keep(context, "dialogue_document", inputs)
    return {"actors": actors, "views_by": by}


@operation(
    "plan_remiss", "Planera remissen", "Plan the consultation",
    inputs=("consultation_by", "other_consultees", "short_reason?"),
    outputs=("consultation_by", "other_consultees", "municipalities"),
)  # fmt: skip
def plan_remiss(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Set the day to answer by and name those who are asked beside the municipalities.

    Less than three months, or a day in the holidays, needs a reason: nobody's committee meets then.
    """
    by = _to_come(day(inputs, "consultation_by"), "consultation_by")
    others = _organizations(context, inputs, "other_consultees")
    too_short = by < clock.today() + relativedelta(months=CONSULTATION_MONTHS)
    if (too_short or is_holiday_period(by)) and text(inputs, "short_reason") is None:
        near = say(
            "The day to answer by is less than %(months)s months away. Give a later day, or say why it must be so.",
            months=CONSULTATION_MONTHS,
        )
        resting = "The day to answer by falls in the holidays. Give a later day, or say why it must be so."
        raise _refused("short_reason", near if too_short else resting)
    keep(context, "remiss_plan", inputs)
    due = _set_deadline(context, "consultation", by)
    return {"consultation_by": due, "other_consultees": others, "municipalities": _municipalities(context)}


@operation(
    "publish_strategy", "Publicera strategin", "Publish the strategy",
    inputs=("valid_from", "valid_to?", "decision_date?"), outputs=("valid_from",),
)  # fmt: skip
def publish_strategy(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The adopted strategy is in force from a day; the deadline to adopt it is met or was missed."""
    valid_from, valid_to, decided = day(inputs, "valid_from"), day(inputs, "valid_to"), day(inputs, "decision_date")
    if valid_from is None or (decided is not None and valid_from < decided):
        raise _refused("valid_from", "Give the day from which it applies, not before it was decided.")
    if valid_to is not None and valid_to <= valid_from:
        raise _refused("valid_to", "Give a day after the one from which it applies.")
    case = case_of(context)
    until = f" till {valid_to.isoformat()}" if valid_to is not None else ""
    case.result = f"Gäller från {valid_from.isoformat()}{until}"
    due = deadlines.of_kind(context.db, case.id, "decision")
    late = due is not None and decided is not None and decided > due.due_on
    deadlines.close_deadline(context.db, case.id, "decision", "missed" if late else "met")
    return {"valid_from": valid_from}


def _set_deadline(context: OperationContext, kind: str, on: date) -> date:
    case = case_of(context)
    found = deadlines.set_deadline(context.db, case.organization_id, case.id, kind, on, direction=Roll.BACKWARD)
    timers.rearm(context.db, case.organization_id, case.id)
    return found.due_on


def _municipalities(context: OperationContext) -> Decimal:
    """How many there are to consult: none for a region that is a municipality itself (2010:630 8 §)."""
    found = select(func.count()).where(
        Organization.organization_id == context.organization_id,
        Organization.id != context.organization_id,
        Organization.kind == "municipality",
    )
    return Decimal(context.db.scalars(found).one())


def _organizations(context: OperationContext, inputs: Mapping[str, Value], name: str) -> list[Value]:
    """Keys of organisations in the register, as they were given. Raises Invalid with those that it does not have."""
    keys = list(dict.fromkeys(_texts(inputs, name)))
    known = select(Organization.key).where(
        Organization.organization_id == context.organization_id,
        Organization.id != context.organization_id,
        Organization.key.in_(keys),
    )
    if missing := set(keys) - set(context.db.scalars(known)):
        raise _refused(
            name,
            say(
                "The register has no %(known)s. Give keys that /organizations lists.", known=", ".join(sorted(missing))
            ),
        )
    return list[Value](keys)


def _texts(inputs: Mapping[str, Value], name: str) -> list[str]:
    value = inputs.get(name)
    found = [item.strip() for item in value if isinstance(item, str)] if isinstance(value, list) else []
    if not found or not all(found):
        raise _refused(name, "Give at least one, and none that is empty.")
    return found


def _to_come(on: date | None, name: str) -> date:
    if on is None or on < clock.today():
        raise _refused(name, "Give a day to come.")
    return on


def _refused(name: str, sentence: str) -> Invalid:
    return Invalid("The step cannot be done like this.", errors=[{"field": name, "sentence": sentence}])
