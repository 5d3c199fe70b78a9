"""What a trial keeps: its instances, the timers that run, what has been passed, decided and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from engine.bpmn.model import EventType, NodeType
from engine.bpmn.starts import starts
from engine.errors import StepFailed
from engine.spiff import TraceEntry, Waiting
from engine.stepping import Moving
from store.errors import HandslagError, Invalid
from store.sentences import say

if TYPE_CHECKING:
    from engine.bpmn.starts import Start
    from engine.definitions import Compiled
    from engine.feel import Value


class TrialStopped(HandslagError):
    """The diagram failed, or cannot do what it was asked to."""

    code = "trial_stopped"


@dataclass(slots=True, kw_only=True)
class Tried(Moving):
    """An instance of the trial."""

    number: int
    status: str = "running"
    since: dict[str, datetime] = field(default_factory=dict)
    """When each wait began, by key."""
    due: dict[str, object] = field(default_factory=dict)
    """The day by which each open task should be done, by key."""


@dataclass(slots=True)
class Armed:
    """A timer that runs."""

    instance: Tried
    wait: Waiting
    began_at: datetime
    due_at: datetime | None
    remaining: int | None
    fired_at: datetime | None = None
    """The date for which it has fired."""


Waits = dict[tuple[UUID, str], Waiting]
Timers = dict[tuple[UUID, str], Armed]
"""By instance and key of the wait."""


@dataclass(slots=True)
class ArmedStart:
    """A timer that starts a process."""

    compiled: Compiled
    start: Start
    began_at: datetime
    due_at: datetime | None
    remaining: int | None


@dataclass(frozen=True, slots=True)
class Passed:
    """An entry of the trace with its time and instance."""

    at: datetime
    instance: Tried
    entry: TraceEntry


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that a business rule task asked for."""

    decision: str
    gives: Mapping[str, Value]
    rules: tuple[tuple[str, str], ...]
    """(table, rule) of the rules that fitted; none where somebody answered in place of the table."""


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation or a called process was given."""

    instance: Tried
    element: str
    values: Mapping[str, Value]


def error_end(passed: Sequence[Passed]) -> tuple[Tried | None, str | None]:
    """The end event that threw the error which nothing caught; none where a task did, whose failure is told."""
    for each in reversed(passed):
        node = each.instance.compiled.nodes.get(each.entry.element_id)
        if each.entry.event == "failed":
            break
        if node is not None and node.type is NodeType.END_EVENT and node.event.type is EventType.ERROR:
            return each.instance, node.id
    return None, None


def require_caught(caught: bool, element: str, code: str) -> None:
    """Raise Invalid where nothing caught the error in which a task was to end."""
    if not caught:
        raise Invalid(say("Nothing catches the error '%(code)s' of '%(element)s'.", code=code, element=element))


def nothing_to_complete(element: str, opened: Sequence[str]) -> TrialStopped:
    """That an element is not open, and which are."""
    there = ", ".join(map(repr, opened)) or say("nothing")
    sentence = say("There is nothing to complete at '%(element)s'. Open is %(there)s.", element=element, there=there)
    return TrialStopped(sentence)


def no_decision(name: str) -> StepFailed:
    """That neither a decision nor its answer was given."""
    return StepFailed(
        say("There is no decision '%(name)s' beside the diagram. Give its .dmn file, or its answer.", name=name)
    )


def starts_without_event(compiled: Compiled) -> bool:
    """Whether a process begins when it is asked to, and not only at what comes from outside."""
    nodes = compiled.process.scope.nodes.values()
    events = [node for node in nodes if node.type is NodeType.START_EVENT]
    return any(node.event.type is EventType.NONE for node in events) or not any(starts(compiled.process))
