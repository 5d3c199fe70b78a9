"""Where the time goes in a process: how many stand at each step, how long the step took, and how much of it is late.

A step is a task of people, or a call of another process, for which the case waits until it ends. What was cancelled is
not counted: it says nothing about how long the step takes. All versions of a process are counted together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, null, select, union_all
from sqlalchemy.orm import Session, aliased

from committee import access
from committee.access import Actor
from committee.cases import Case
from committee.overview import IS_DONE, WATCHERS, Arm, Wanted, of_tasks
from committee.spread import Spread, spreads
from engine import definitions
from engine.bpmn.model import NodeType
from engine.errors import DefinitionNotFound
from engine.models import Definition, Instance, Task
from store import clock
from store.query import beyond, narrowed
from store.spans import seconds_between

MEASURES = ("waiting", "overdue", "done", "median", "p90")
"""What a picture can show."""
LEVELS = 4
"""Degrees of heat; the highest is that of the step with most."""
ORDERS = {"waiting": "began_at", "overdue": "began_at", "done": "-ended_at"}
"""States of passages, and their order: what has waited longest first, what was done last first."""
STATES = tuple(ORDERS)
PASSED = (NodeType.USER_TASK, NodeType.MANUAL_TASK, NodeType.CALL_ACTIVITY)
"""Elements at which a case stands for a time that is known."""
_Caller = aliased(Instance)


@dataclass(frozen=True, slots=True)
class StepHeat:
    """One step of a process."""

    element_id: str
    name: str
    is_in_diagram: bool
    """An older version may have had steps that the newest has not."""
    waiting: int
    """Stand there now."""
    overdue: int
    """Of them, those whose day has passed."""
    spread: Spread | None
    """Of those that were done in the period."""

    @property
    def is_passed(self) -> bool:
        """Whether anything stands there, or was done there in the period."""
        return self.waiting > 0 or self.spread is not None

    def of(self, measure: str) -> float:
        """The number that a picture shows; seconds for what is a time."""
        if measure in ("waiting", "overdue"):
            return float(getattr(self, measure))
        if self.spread is None:
            return 0.0
        return float(self.spread.count) if measure == "done" else getattr(self.spread, measure).total_seconds()


@dataclass(frozen=True, slots=True)
class Heat:
    """A process, with its newest diagram."""

    definition: Definition
    steps: Sequence[StepHeat]
    """In the order of the diagram; those that it no longer has come last."""

    def levels(self, measure: str) -> dict[str, int]:
        """How hot each step is, from 1 to `LEVELS`, the hottest first; one that has nothing of the measure is left out."""
        most = max((step.of(measure) for step in self.steps), default=0.0)
        hot = sorted((step for step in self.steps if step.of(measure) > 0), key=lambda step: -step.of(measure))
        return {step.element_id: max(1, -int(-LEVELS * step.of(measure) // most)) for step in hot}


@dataclass(frozen=True, slots=True)
class Passage:
    """One time that a case stands, or stood, at a step."""

    id: UUID
    """Of the task, or of the process that was called."""
    kind: str
    """task or call."""
    name: str
    """Of the task; empty for a call."""
    case_id: UUID | None
    registry_number: str | None
    title: str | None
    """Of the case; None for a step of a meeting."""
    due_on: date | None
    began_at: datetime
    ended_at: datetime | None

    @property
    def at(self) -> datetime:
        """By when the list is ordered: the end, and for what goes on the beginning."""
        return self.ended_at or self.began_at

    @property
    def lasted(self) -> timedelta:
        """How long it took, or has taken so far."""
        return (self.ended_at or clock.now()) - self.began_at


def read_heat(db: Session, actor: Actor, process_key: str, since: date) -> Heat:
    """The steps of a process; done are those that ended on a day or later. Raises DefinitionNotFound."""
    access.require(actor, *WATCHERS)
    own = actor.organization_id
    definition = definitions.latest(db, own, "process", process_key)
    nodes = definitions.compiled(db, definition.id).nodes
    names = {node.id: node.name or node.id for node in nodes.values() if node.type in PASSED}
    calls = [node.id for node in nodes.values() if node.type is NodeType.CALL_ACTIVITY]
    standing = {row[0]: row for row in db.execute(union_all(*_standing(own, process_key, calls)))}
    done = spreads(db, union_all(*_done(own, process_key, calls, clock.start_of(since))))
    names |= {step: row[3] or step for step, row in standing.items() if step not in names}
    names |= _names(db, own, process_key, [step for step in done if step not in names])

    def heat(step: str, name: str) -> StepHeat:
        _, waiting, late, _ = standing.get(step, (step, 0, 0, ""))
        return StepHeat(step, name, step in nodes, waiting, late, done.get(step))

    return Heat(definition, [heat(step, name) for step, name in names.items()])


def name_of(db: Session, actor: Actor, wanted: Wanted) -> str | None:
    """What the step is called that is wanted, in the newest diagram of its process."""
    if wanted.step is None or wanted.process_key is None:
        return None
    try:
        definition = definitions.latest(db, actor.organization_id, "process", wanted.process_key)
    except DefinitionNotFound:
        return None
    node = definitions.compiled(db, definition.id).nodes.get(wanted.step)
    return node.name if node is not None else None


def passages(
    db: Session,
    actor: Actor,
    state: str,
    wanted: Wanted,
    since: date,
    *,
    after: tuple[datetime, UUID] | None = None,
    descending: bool = False,
    limit: int = 200,
) -> list[Passage]:
    """The list behind a number: those that stand at a step, by when they began, or that were done, by when they ended."""
    access.require(actor, *WATCHERS)
    found: list[Passage] = []
    for statement, at, key in _passed(actor.organization_id, state, wanted, clock.start_of(since)):
        order = (at.desc(), key.desc()) if descending else (at, key)
        here = beyond(at, key, after, descending=descending) if after is not None else None
        found += [
            Passage(**row._mapping) for row in db.execute(narrowed(statement, here).order_by(*order).limit(limit))
        ]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=descending)[:limit]


def _passed(own: UUID, state: str, wanted: Wanted, start: datetime) -> Iterator[Arm]:
    """The tasks that are wanted, and the processes that were called at a step of a process."""
    is_done = state == "done"
    tasks = select(
        Task.id, literal("task").label("kind"), Task.name, *_OF_CASE, Task.due_on,
        Task.created_at.label("began_at"), Task.completed_at.label("ended_at"),
    ).outerjoin(Case, Case.id == Task.case_id)  # fmt: skip
    conditions = of_tasks(own, wanted, IS_DONE) if is_done else of_tasks(own, wanted)
    at = Task.completed_at if is_done else Task.created_at
    late = Task.due_on < clock.today() if state == "overdue" else None
    if wanted.kind != "call":
        yield narrowed(tasks, *conditions, at >= start if is_done else None, late), at, Task.id
    if wanted.process_key is None or wanted.step is None or state == "overdue" or wanted.kind == "task":
        return
    if wanted != Wanted(kind=wanted.kind, process_key=wanted.process_key, step=wanted.step):
        return  # a call is no body's, and has no day
    calls = select(
        Instance.id, literal("call").label("kind"), literal("").label("name"), *_OF_CASE, null().label("due_on"),
        Instance.started_at.label("began_at"), Instance.ended_at,
    ).outerjoin(Case, Case.id == Instance.case_id)  # fmt: skip
    at = Instance.ended_at if is_done else Instance.started_at
    yield calls.where(*_of_calls(own, wanted.process_key, [wanted.step], start if is_done else None)), at, Instance.id


_OF_CASE = (Case.id.label("case_id"), Case.registry_number, Case.title)


def _standing(own: UUID, key: str, calls: Sequence[str]) -> Iterator[Select[*tuple[Any, ...]]]:
    """What stands at each step: how many, how many of them late, and what the step is called."""
    late = func.count().filter(Task.due_on < clock.today())
    tasks = select(Task.element_id, func.count(), late, func.max(Task.name))
    yield narrowed(tasks, *of_tasks(own, Wanted(process_key=key))).group_by(Task.element_id)
    called = select(Instance.parent_element_id, func.count(), literal(0), literal(""))
    yield called.where(*_of_calls(own, key, calls, None)).group_by(Instance.parent_element_id)


def _done(own: UUID, key: str, calls: Sequence[str], start: datetime) -> Iterator[Select[*tuple[Any, ...]]]:
    """How long each step took, each time that it was done."""
    took = seconds_between(Task.created_at, Task.completed_at).label("seconds")
    tasks = select(Task.element_id.label("group"), took).where(Task.completed_at >= start)
    yield narrowed(tasks, *of_tasks(own, Wanted(process_key=key), IS_DONE))
    took = seconds_between(Instance.started_at, Instance.ended_at).label("seconds")
    yield select(Instance.parent_element_id.label("group"), took).where(*_of_calls(own, key, calls, start))


def _of_calls(own: UUID, key: str, calls: Sequence[str], start: datetime | None) -> Iterator[ColumnElement[bool]]:
    """Processes that a process has called at some of its elements, and that go on, or have ended since."""
    callers = select(_Caller.id).where(_Caller.id == Instance.parent_id, _Caller.process_key == key)
    yield Instance.organization_id == own
    yield Instance.parent_element_id.in_(calls)
    yield callers.exists()
    if start is None:
        yield Instance.status == "running"
    else:
        yield Instance.status == "completed"
        yield Instance.ended_at >= start


def _names(db: Session, own: UUID, key: str, steps: Iterable[str]) -> Mapping[str, str]:
    """What steps are called that only an older version of the diagram had."""
    wanted = list(steps)
    if not wanted:
        return {}
    named = select(Task.element_id, func.max(Task.name)).where(Task.element_id.in_(wanted)).group_by(Task.element_id)
    return dict.fromkeys(wanted, "") | {
        row[0]: row[1] for row in db.execute(narrowed(named, *of_tasks(own, Wanted(process_key=key), IS_DONE)))
    }
