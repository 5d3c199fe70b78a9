"""What the kernel says of an instance: plain values, nothing of SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.bpmn.model import TimerType
from store.errors import HandslagError

if TYPE_CHECKING:
    from engine.feel import Value


class KernelError(HandslagError):
    """A step that BPMN gives no meaning (no condition is true, an endless loop); nothing of it may be saved."""

    code = "step_impossible"
    is_fault = True

    def __init__(self, element_id: str, message: str) -> None:
        super().__init__(message)
        self.element_id = element_id


class WaitKind(StrEnum):
    """What an instance can wait for. All of it comes from outside the kernel."""

    USER = "user"
    MANUAL = "manual"
    JOB = "job"
    CALL = "call"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that an instance waits for, under a key that is never used again in the instance."""

    key: str
    element_id: str
    kind: WaitKind
    interrupting: bool | None = None
    """Boundary events and starts of event subprocesses; None for everything else."""
    host: str | None = None
    """Key of the activity that a boundary event is attached to, or of the event-based gateway."""
    scope: str = ""
    """Key of the scope that the wait lives in."""
    locals: Mapping[str, Value] = field(default_factory=dict)
    """Variables of the wait's own and of its multi-instance iteration."""
    name: str | None = None
    correlation: Mapping[str, Value] = field(default_factory=dict)
    timer: TimerType | None = None
    expression: str | None = None
    repeats: bool = False
    """It goes on waiting after it was triggered (not interrupting)."""


@dataclass(frozen=True, slots=True)
class Token:
    """Something that stands or listens in an instance, as an operator sees it."""

    key: str
    element_id: str
    kind: str
    """`activity`, `iteration`, `lap`, `event`, `join`; `boundary` and `handler` (an event subprocess) only listen."""
    within: str
    """Key of what holds it: a subprocess or its iteration, the activity of an iteration or of an event at its edge, the
    gateway of an event that is one of several. Empty in the process itself."""
    waits_for: tuple[WaitKind, ...] = ()
    flow: str | None = None
    """At a join: the flow on which it came."""
    locals: Mapping[str, Value] = field(default_factory=dict)
    """Variables of its own and of its multi-instance iteration."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal that left the instance, or an escalation that nothing in it caught."""

    kind: str
    name: str
    element_id: str
    payload: Mapping[str, Value] = field(default_factory=dict)
    correlation: Mapping[str, Value] = field(default_factory=dict)
    number: int = 0
    """The last key that the instance had given when it was thrown: what waits under a later one began to wait after it."""


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """A token that entered or left an element."""

    element_id: str
    event: str
    """`entered`, `completed`, `cancelled` or `failed` (an activity that ended in a BPMN error)."""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where an instance stands. `thrown`, `trace` and `flows` are what came since the last snapshot."""

    status: str
    """`running`, `completed`, `cancelled` or `failed` (an error that nothing caught)."""
    waiting: tuple[Waiting, ...]
    thrown: tuple[Thrown, ...]
    trace: tuple[TraceEntry, ...]
    error: str | None = None
    """Code of the error that nothing caught; empty when the error has no code."""
    flows: tuple[str, ...] = ()
    """Ids of the sequence flows that a token went along."""
    brought: Mapping[str, Value] = field(default_factory=dict)
    """What that error brought, for the call that catches it."""
