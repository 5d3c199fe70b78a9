"""What starts processes without a caller, whether they are in use or tried: which names, when, and on what condition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from engine import schedule
from engine.bpmn.model import EventType, Process, TimerType
from engine.bpmn.starts import Start, starts
from engine.errors import ExpressionFailed
from engine.iso8601 import is_literal
from engine.spiff import Evaluate
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value


def starts_of(process: Process) -> list[str]:
    """What starts a process when it comes from outside, as `message:NAME`, `signal:NAME` and `conditional:`."""
    kinds = (EventType.MESSAGE, EventType.SIGNAL, EventType.CONDITIONAL)
    named = [(each.event.type, each.event.ref or "") for each in starts(process) if each.event.type in kinds]
    return [f"{kind.value}:{name}" for kind, name in dict.fromkeys(named)]


def first_due(evaluate: Evaluate, start: Start, now: datetime) -> schedule.Due:
    """When a timer starts a process for the first time; what has been before it was put in use starts nothing.

    Raises ExpressionFailed for what is no date, duration or cycle.
    """
    assert start.event.timer is not None
    found = schedule.due(start.event.timer, _start_value(evaluate, start), now)
    if found.at is None:
        name = start.node.name or start.node.id
        raise ExpressionFailed(
            say("The timer of '%(name)s' has no date: nothing is known before a process starts.", name=name)
        )
    if found.at > now:
        return found
    if start.event.timer is TimerType.DURATION:
        return found
    return following_due(evaluate, start, now, found.at, now, found.remaining)


def following_due(
    evaluate: Evaluate, start: Start, armed_at: datetime, last: datetime, now: datetime, remaining: int | None
) -> schedule.Due:
    """When a timer starts a process again: only a cycle does, and not for what was missed meanwhile."""
    if start.event.timer is not TimerType.CYCLE:
        return schedule.Due(None)
    return schedule.next_due(_start_value(evaluate, start), armed_at, last, now, remaining) or schedule.Due(None)


def _start_value(evaluate: Evaluate, start: Start) -> Value:
    """The value of the expression of a timer that starts a process, which sees no variables."""
    text = (start.event.expression or "").strip()
    assert start.event.timer is not None
    return text if is_literal(start.event.timer, text) else evaluate(text, {})


def holds(evaluate: Evaluate, start: Start, variables: Mapping[str, Value]) -> bool:
    """Whether a condition that starts a process is true of some variables; what is not known makes it false."""
    if start.event.type is not EventType.CONDITIONAL:
        return False
    return evaluate(start.event.expression or "false", variables) is True
