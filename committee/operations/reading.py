"""Reading what an operation is given: values of FEEL come in, rows and dates come out, or a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from committee.agenda import AgendaItem
from committee.cases import Case
from committee.referrals import Consultee
from engine.errors import StepFailed
from engine.feel import Value
from engine.operations import OperationContext
from store import clock
from store.base import Base
from store.errors import Invalid
from store.sentences import say

Row = TypeVar("Row", bound=Base)


def case_of(context: OperationContext) -> Case:
    """The case of the step."""
    if context.case_id is None:
        raise Invalid("This step belongs to no case.")
    return context.db.get_one(Case, context.case_id)


def text(inputs: Mapping[str, Value], name: str) -> str | None:
    """A text that may be missing."""
    value = inputs.get(name)
    return value if isinstance(value, str) and value.strip() else None


def texts(inputs: Mapping[str, Value], name: str) -> list[str]:
    """A list of texts; none where it is missing."""
    value = inputs.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def required_text(inputs: Mapping[str, Value], name: str) -> str:
    """A text that must be there."""
    found = text(inputs, name)
    if found is None:
        raise Invalid(
            say("The step needs '%(name)s'.", name=name), errors=[{"field": name, "sentence": "Fill this in."}]
        )
    return found


def decided(inputs: Mapping[str, Value], name: str) -> bool:
    """A decision that must have been taken: what is not answered is no refusal."""
    found = inputs.get(name)
    if not isinstance(found, bool):
        sentence = "Choose one."
        raise Invalid(say("The step needs '%(name)s'.", name=name), errors=[{"field": name, "sentence": sentence}])
    return found


def day(inputs: Mapping[str, Value], name: str) -> date | None:
    """A date that may be missing; an instant counts by its day in Europe/Stockholm."""
    value = inputs.get(name)
    if isinstance(value, datetime):
        return clock.local_date(value) if value.tzinfo is not None else value.date()
    return value if isinstance(value, date) else None


def item_of(context: OperationContext, inputs: Mapping[str, Value]) -> AgendaItem:
    """The agenda item that the step is about."""
    return _row(context, inputs, "agenda_item_id", AgendaItem)


def consultee_of(context: OperationContext, inputs: Mapping[str, Value]) -> Consultee:
    """The consultee that the step is about."""
    return _row(context, inputs, "consultee_id", Consultee)


def _row(context: OperationContext, inputs: Mapping[str, Value], name: str, table: type[Row]) -> Row:
    """The diagram gives ids, never a person: where one is missing, the step has failed, and nobody has written wrong."""
    given = text(inputs, name)
    if given is None:
        raise StepFailed(say("The step needs '%(name)s'.", name=name))
    try:
        found = context.db.get(table, UUID(given))
    except ValueError as problem:
        raise StepFailed(say("'%(name)s' is no identifier.", name=name)) from problem
    if found is None or found.organization_id != context.organization_id:  # type: ignore[attr-defined]
        raise StepFailed(say("'%(name)s' names nothing in the register.", name=name))
    return found
