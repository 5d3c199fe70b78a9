"""What comes in a case: the steps ahead in its processes, each with whom it waits for and its planned day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from committee.agenda import AFTERWARDS
from committee.deadlines import Deadline
from committee.meetings import Meeting
from committee.slots import Slot
from engine.ahead import Coming, Forecast, Fork, forecast
from engine.errors import ExpressionFailed
from engine.feel import FeelError, Value
from engine.functions import FunctionContext
from engine.models import Instance, Task
from store import clock

CHAIN = (("preparing_body", "preparation"), ("consulting_body", "joint_consultation"), ("deciding_body", "decision"))
"""A body of the case's chain, and the deadline that the plan sets for its meeting."""
_COUNTED = re.compile(r"\b(today|now)\s*\(")
"""A day that is counted from the day on which the step opens, which nobody knows yet."""


@dataclass(frozen=True, slots=True)
class ComingStep:
    """A step ahead."""

    name: str
    is_open: bool
    """A part of the process that goes on now, with steps of its own ahead."""
    day: date | None
    """When it is planned; None where only the step before it will tell."""
    role: str | None
    body: str | None
    """The key of the body that does it."""
    forks: Sequence[Fork]
    """What is still to be settled before it comes."""


def coming_steps(
    db: Session,
    running: Sequence[Instance],
    done: Sequence[Task],
    planned: Sequence[Deadline],
    slots: Sequence[Slot],
) -> list[ComingStep]:
    """What comes in a case, in the order of the diagrams of its processes that run, with its deadlines and meetings."""
    days = _Days({each.kind: each.due_on for each in planned}, slots)
    called = {each.id for each in running}
    tops = [each for each in running if each.parent_id not in called]
    return [step for instance in tops for step in _of(db, instance, running, done, days)]


def _of(
    db: Session, instance: Instance, running: Sequence[Instance], done: Sequence[Task], days: _Days
) -> Iterator[ComingStep]:
    """The steps ahead in an instance; those of a process that it has called stand after the call."""
    context = FunctionContext(None, instance.organization_id, instance.case_id, days)
    here = frozenset(task.element_id for task in done if task.instance_id == instance.id)
    found = forecast(db, instance, context, here)
    days.take_place(found.variables)
    for step in found.steps:
        if step.node.name:
            yield _step(step, found, days)
        for other in running:
            if step.is_open and other.parent_id == instance.id and other.parent_element_id == step.node.id:
                yield from _of(db, other, running, done, days)
                days.take_place(found.variables)


def _step(step: Coming, found: Forecast, days: _Days) -> ComingStep:
    node = step.node
    given = {item.name: item.value for item in node.inputs}
    if node.called_element:
        body = _text(_value(found, given.get("body")))
        day = days.of_meeting(body, found.variables, is_open=step.is_open) or _day(_value(found, given.get("reply_by")))
        return ComingStep(node.name, step.is_open, day, None, body, step.forks)
    performer = node.performer
    return ComingStep(
        name=node.name,
        is_open=step.is_open,
        day=None if node.due is None or _COUNTED.search(node.due) else _day(_value(found, node.due)),
        role=performer.role if performer else None,
        body=_text(_value(found, performer.body)) if performer else None,
        forks=step.forks,
    )


class _Days:
    """What the expressions of diagrams are told of the days of a case, without asking the database for each."""

    def __init__(self, planned: Mapping[str, date], slots: Sequence[Slot]) -> None:
        self._planned, self._slots = planned, slots
        self._meeting: Meeting | None = None

    def take_place(self, variables: Mapping[str, Value]) -> None:
        """Speak of the meeting whose agenda an instance has its place on."""
        item = variables.get("agenda_item_id")
        self._meeting = next((slot.meeting for slot in self._slots if str(slot.item.id) == item), None)

    def __call__(self, function: str, asked: Value) -> Value:
        """The answer of a function of the product (`committee.functions`)."""
        if not isinstance(asked, str):
            return None
        if function == "own deadline":
            return self._meeting.date_of(asked) if self._meeting else None
        return self._planned.get(asked) if function == "deadline" else None

    def of_meeting(self, body: str | None, variables: Mapping[str, Value], *, is_open: bool) -> date | None:
        """When a body meets for the case: as planned, and for a step that goes on where the case has its place."""
        if body is None:
            return None
        today = clock.today()
        places = (
            slot.meeting.day
            for slot in self._slots
            if is_open
            and slot.body.key == body
            and slot.item.outcome is None
            and slot.item.role not in AFTERWARDS
            and slot.meeting.day >= today
        )
        chain = (kind for name, kind in CHAIN if variables.get(name) == body)
        return next(places, None) or self._planned.get(next(chain, ""))


def _value(found: Forecast, text: str | None) -> Value:
    try:
        return found.evaluate.assigned(text, found.variables)
    except (ExpressionFailed, FeelError):
        return None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
