"""A step: everything that one act (a completed task, a due timer, a message) sets going, in the caller's transaction.

The kernel only says what waits. Here operations and decisions are run, called processes are started and ended, and
messages are handed on, until nothing but people, time and messages from outside is waited for; then rows follow.

A step may touch several instances. Each is loaded and locked once and lives in memory until the step ends. An operation
may publish a message or start an instance: it joins the step that runs it, and what it published is delivered when
the instance that runs it has settled - never in the middle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from engine import definitions, jobs, messages, waits
from engine.errors import InstanceEnded, InstanceNotFound, StepFailed
from engine.expressions import Evaluator
from engine.feel import Value
from engine.functions import FunctionContext
from engine.models import Definition, Instance, Message, Subscription
from engine.performers import Candidate
from engine.spiff import Run, Snapshot, Thrown, Waiting, WaitKind
from store import clock, events
from store.ids import new_id

MAX_ROUNDS = 10_000
"""Jobs and calls of one instance in one step; more means that the diagram runs in a circle."""
MAX_DELIVERIES = 1_000
MAX_CALL_DEPTH = 64


@dataclass(slots=True)
class Live:
    """An instance in memory during a step."""

    row: Instance
    compiled: definitions.Compiled
    run: Run
    before: Mapping[str, Waiting]
    is_new: bool = False
    busy: bool = False
    settled: set[str] = field(default_factory=set)
    """Keys of waits whose task row has its end already, so that it need not be looked for when the wait goes."""
    children: dict[str, UUID] = field(default_factory=dict)
    trace: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One act and its consequences."""

    db: Session
    organization_id: UUID
    actor_id: UUID | None
    live: dict[UUID, Live] = field(default_factory=dict)
    thrown: deque[tuple[UUID | None, Thrown]] = field(default_factory=deque)
    published: deque[Message] = field(default_factory=deque)
    subscribed: deque[Subscription] = field(default_factory=deque)
    rearm: set[UUID] = field(default_factory=set)
    """Cases and instances whose dates have moved."""
    evaluators: dict[UUID | None, Evaluator] = field(default_factory=dict)
    forms: dict[str, UUID | None] = field(default_factory=dict)
    candidates: dict[tuple[str | None, str | None, str], Candidate] = field(default_factory=dict)
    """What the tasks that open in the step need to know, looked up once: 290 municipalities may be asked at a time."""
    depth: int = 0

    def evaluator(self, case_id: UUID | None) -> Evaluator:
        """FEEL with the product's functions bound to the case."""
        if case_id not in self.evaluators:
            self.evaluators[case_id] = Evaluator(FunctionContext(self.db, self.organization_id, case_id))
        return self.evaluators[case_id]

    def load(self, instance_id: UUID, locked: Instance | None = None) -> Live:
        """The instance, locked, with its run in memory; `locked` is its row where the caller holds the lock already."""
        if found := self.live.get(instance_id):
            return found
        row = locked or self.db.get(Instance, instance_id, with_for_update=True)
        if row is None or row.organization_id != self.organization_id:
            raise InstanceNotFound("There is no such process instance.")
        if row.status != "running":
            raise InstanceEnded("This process has ended; nothing more can be done in it.")
        compiled = definitions.compiled(self.db, row.definition_id)
        run = Run.restore(compiled.program, row.state, self.evaluator(row.case_id))
        made = Live(row, compiled, run, {wait.key: wait for wait in run.snapshot().waiting})
        self.live[instance_id] = made
        return made

    def begin(
        self,
        definition: Definition,
        variables: Mapping[str, Value],
        *,
        case_id: UUID | None,
        start_event: str | None = None,
        parent: Live | None = None,
        parent_wait: Waiting | None = None,
    ) -> Live:
        """Start an instance and settle it."""
        compiled = definitions.compiled(self.db, definition.id)
        row = Instance(
            id=new_id(),
            organization_id=self.organization_id,
            definition_id=definition.id,
            process_key=definition.key,
            case_id=case_id,
            parent_id=parent.row.id if parent else None,
            parent_key=parent_wait.key if parent_wait else None,
            parent_element_id=parent_wait.element_id if parent_wait else None,
            status="running",
            state=b"",
            started_at=clock.now(),
        )
        self.db.add(row)
        run = Run.start(compiled.program, variables, self.evaluator(case_id), start_event)
        made = Live(row, compiled, run, {}, is_new=True)
        self.live[row.id] = made
        self._record(made, "instance.started", {"definition_id": str(definition.id), "key": definition.key})
        self.settle(made)
        return made

    def act(self, live: Live, action: Callable[[Run], object]) -> None:
        """Do something to an instance and follow it until it waits again."""
        if live.busy:
            raise StepFailed(f"The process '{live.row.process_key}' was asked to step while it is stepping.")
        action(live.run)
        self.settle(live)

    def settle(self, live: Live) -> None:
        """Run jobs and calls until only people, time and messages are waited for; then write the rows."""
        live.busy = True
        try:
            snapshot = self._drive(live)
        finally:
            live.busy = False
        self._write(live, snapshot)
        if snapshot.status != "running" and live.row.parent_id is not None:
            self._end_call(live, snapshot)

    def _drive(self, live: Live) -> Snapshot:
        for _ in range(MAX_ROUNDS):
            snapshot = live.run.snapshot()
            live.trace.extend((entry.element_id, entry.event) for entry in snapshot.trace)
            self.thrown.extend((live.row.id, thrown) for thrown in snapshot.thrown)
            if snapshot.status != "running":
                return snapshot
            wait = next((wait for wait in snapshot.waiting if self._is_ours(live, wait)), None)
            if wait is None:
                return snapshot
            if wait.kind is WaitKind.JOB:
                jobs.run_job(self, live, wait)
            else:
                self._call(live, wait)
        raise StepFailed(f"The process '{live.row.process_key}' runs in a circle without ever waiting.")

    def _is_ours(self, live: Live, wait: Waiting) -> bool:
        if wait.kind is WaitKind.CALL:
            return wait.key not in live.before and wait.key not in live.children
        return wait.kind is WaitKind.JOB

    def _call(self, live: Live, wait: Waiting) -> None:
        node = live.compiled.nodes[wait.element_id]
        caller = self.db.get_one(Definition, live.row.definition_id)
        definition = definitions.called(self.db, caller, node, node.called_element or "")
        visible = live.run.variables(wait.key)
        variables = {item.name: visible.get(item.name) for item in node.inputs}
        self.depth += 1
        if self.depth > MAX_CALL_DEPTH:
            raise StepFailed(f"Processes call each other more than {MAX_CALL_DEPTH} deep. Does one call itself?")
        live.children[wait.key] = live.row.id  # before the child starts: it may end at once
        self.begin(definition, variables, case_id=live.row.case_id, parent=live, parent_wait=wait)
        self.depth -= 1

    def _end_call(self, child: Live, snapshot: Snapshot) -> None:
        """Give a called process's end to the call activity that waits for it."""
        parent = self.load(child.row.parent_id) if child.row.parent_id else None
        if parent is None or child.row.parent_key is None:
            return
        key = child.row.parent_key
        node = parent.compiled.nodes[child.row.parent_element_id or ""]
        if snapshot.status == "completed":
            result = dict(child.run.variables()) if node.outputs else {}
            parent.run.complete(key, result)
        elif not parent.run.throw_error(key, snapshot.error, {}):
            raise StepFailed(f"The called process ended in the error '{snapshot.error}', which nothing catches.")
        if not parent.busy:  # else the parent is in _drive and goes on by itself
            self.settle(parent)

    def _write(self, live: Live, snapshot: Snapshot) -> None:
        row = live.row
        if snapshot.status == "failed" and row.parent_id is None:
            raise StepFailed(f"The process ended in the error '{snapshot.error}', which nothing in it catches.")
        after = {} if snapshot.status != "running" else {wait.key: wait for wait in snapshot.waiting}
        waits.follow(self, live, after)
        live.before = after
        row.state = live.run.save()
        if snapshot.status != "running":
            row.status = snapshot.status
            row.ended_at = clock.now()
            row.error_code = snapshot.error
        if live.trace:
            self._record(live, "instance.advanced", {"trace": [list(entry) for entry in live.trace]})
            live.trace = []
        if row.status != "running":
            self._record(live, f"instance.{row.status}", {})
        self.db.flush()

    def _record(self, live: Live, type_: str, data: Mapping[str, object]) -> None:
        events.record(
            self.db,
            self.organization_id,
            type_,
            "instance",
            live.row.id,
            actor_id=self.actor_id,
            case_id=live.row.case_id,
            instance_id=live.row.id,
            data=data,
        )

    def drain(self) -> None:
        """Deliver what was thrown and published, until nothing more happens."""
        from engine import timers

        for _ in range(MAX_DELIVERIES):
            if self.thrown:
                self._route(*self.thrown.popleft())
            elif self.published:
                messages.offer(self, self.published.popleft())
            elif self.subscribed:
                messages.catch_up(self, self.subscribed.popleft())
            elif self.rearm:
                timers.rearm_now(self, self.rearm.pop())
            else:
                return
        raise StepFailed("Messages set each other going without end.")

    def _route(self, source: UUID | None, thrown: Thrown) -> None:
        if thrown.kind == "message":
            self.published.append(
                messages.store(self.db, self.organization_id, thrown.name, thrown.correlation, thrown.payload)
            )
        elif thrown.kind == "signal":
            messages.broadcast(self, thrown.name, thrown.payload)
        elif source is not None:
            self._escalate(self.live[source], thrown)

    def _escalate(self, child: Live, thrown: Thrown) -> None:
        """An escalation that the called process does not catch rises to the call activity; else it is only noted."""
        if child.row.parent_id is None or child.row.parent_key is None:
            return
        parent = self.load(child.row.parent_id)
        key = child.row.parent_key
        self.act(parent, lambda run: run.escalate(key, thrown.name, thrown.payload))


@contextmanager
def step(db: Session, organization_id: UUID, actor_id: UUID | None) -> Iterator[Step]:
    """The session's step: the one that is under way, or a new one whose consequences are followed at its end."""
    current: Step | None = db.info.get("step")
    if current is not None:
        yield current
        return
    made = Step(db, organization_id, actor_id)
    db.info["step"] = made
    try:
        yield made
        made.drain()
    finally:
        del db.info["step"]
