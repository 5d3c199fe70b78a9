"""A step: everything that one act (a completed task, a due timer, a message) sets going, in the caller's transaction.

The kernel only says what waits. Here operations and decisions are run, called processes are started and ended, and
messages are handed on, until nothing but people, time and messages from outside is waited for; then rows follow.

A step may touch several instances. Each is loaded and locked once and lives in memory until the step ends. An operation
may publish a message or start an instance: it joins the step that runs it, and what it published is delivered when
the instance that runs it has settled - never in the middle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from engine import definitions, history, jobs, kept, messages, waits
from engine.bpmn.model import Node
from engine.errors import InstanceEnded, InstanceNotFound, InstanceSuspended
from engine.expressions import Evaluator
from engine.feel import Value
from engine.functions import FunctionContext
from engine.models import Definition, Instance, Message, Subscription
from engine.performers import Candidate
from engine.spiff import Run, Snapshot, Waiting
from engine.stepping import Caller, Moving, Sent, Stepper
from store import clock
from store.ids import new_id
from store.rows import write


@dataclass(slots=True, kw_only=True)
class Live(Moving):
    """An instance in memory during a step, and its row."""

    row: Instance
    settled: set[str] = field(default_factory=set)
    """Keys of waits whose task row has its end already, so that it need not be looked for when the wait goes."""
    trace: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """While it is suspended, operations and called processes wait."""
        return self.row.suspended_at is not None


@dataclass(slots=True)
class Step(Stepper[Live]):
    """One act and its consequences."""

    db: Session
    organization_id: UUID
    actor_id: UUID | None
    live: dict[UUID, Live] = field(default_factory=dict)
    thrown: deque[Sent] = field(default_factory=deque)
    published: deque[tuple[Message, int]] = field(default_factory=deque)
    """Messages to be delivered, each with the chain of its sender."""
    subscribed: list[Subscription] = field(default_factory=list)
    """Those that begin to wait for a message: one may have come before."""
    left: list[Message] = field(default_factory=list)
    """Messages that nobody waits for: somebody may begin to just now."""
    released: set[kept.Route] = field(default_factory=set)
    """Routes of messages that were kept for a suspended instance, and that others may get now."""
    rearm: set[UUID] = field(default_factory=set)
    """Cases and instances whose dates have moved."""
    evaluators: dict[UUID | None, Evaluator] = field(default_factory=dict)
    opened: list[dict[str, Any]] = field(default_factory=list)
    """Rows of tasks to be written together when their instance has settled."""
    forms: dict[str, UUID | None] = field(default_factory=dict)
    candidates: dict[tuple[str | None, str | None, str], Candidate] = field(default_factory=dict)
    """What the tasks that open in the step need to know, looked up once."""
    depth: int = 0
    chain: int = 0

    def evaluator(self, case_id: UUID | None) -> Evaluator:
        """FEEL with the product's functions bound to the case."""
        if case_id not in self.evaluators:
            self.evaluators[case_id] = Evaluator(FunctionContext(self.db, self.organization_id, case_id))
        return self.evaluators[case_id]

    def load(self, instance_id: UUID, locked: Instance | None = None) -> Live:
        """The instance, locked, with its run in memory; `locked` is its row where the caller holds the lock already."""
        if found := self.live.get(instance_id):
            return found
        row = locked or lock(self.db, instance_id)
        if row is None or row.organization_id != self.organization_id:
            raise InstanceNotFound("There is no such process instance.")
        if row.status != "running":
            raise InstanceEnded("This process has ended; nothing more can be done in it.")
        compiled = definitions.compiled(self.db, row.definition_id)
        run = Run.restore(compiled.program, row.state, self.evaluator(row.case_id))
        before = {wait.key: wait for wait in run.snapshot().waiting}
        caller, numbered = _caller(row), run.numbered
        made = Live(id=row.id, compiled=compiled, run=run, before=before, caller=caller, row=row, numbered=numbered)
        self.live[instance_id] = made
        return made

    def load_awake(self, instance_id: UUID, locked: Instance | None = None) -> Live:
        """The instance, to go on with. Raises InstanceSuspended while an operator holds it."""
        live = self.load(instance_id, locked)
        if live.is_held:
            raise InstanceSuspended("This process is suspended; nothing can be done in it until it is resumed.")
        return live

    def begin(
        self,
        definition: Definition,
        variables: Mapping[str, Value],
        *,
        case_id: UUID | None,
        start: str | None = None,
        payload: Mapping[str, Value] | None = None,
        parent: Live | None = None,
        parent_wait: Waiting | None = None,
    ) -> Live:
        """Start an instance and settle it; `start` is what of its diagram starts it, `payload` what that brought."""
        chain = parent.chain if parent else self.next_in_chain()
        compiled = definitions.compiled(self.db, definition.id)
        key = new_id()
        row = Instance(
            id=key,
            organization_id=self.organization_id,
            definition_id=definition.id,
            process_key=definition.key,
            case_id=case_id,
            root_id=parent.row.root_id if parent else key,
            parent_id=parent.row.id if parent else None,
            parent_key=parent_wait.key if parent_wait else None,
            parent_element_id=parent_wait.element_id if parent_wait else None,
            status="running",
            state=b"",
            advances=0,
            started_at=clock.now(),
        )
        self.db.add(row)
        run = Run.start(compiled.program, variables, self.evaluator(case_id), start, payload)
        made = Live(id=row.id, compiled=compiled, run=run, caller=_caller(row), row=row, chain=chain)
        self.live[row.id] = made
        self._record(made, "instance.started", {"definition_id": str(definition.id), "key": definition.key})
        self.settle(made)
        return made

    def observe(self, live: Live, snapshot: Snapshot) -> None:
        """Take down what has been passed, for the log."""
        live.trace.extend((entry.element_id, entry.event) for entry in snapshot.trace)

    def keep(self, live: Live, snapshot: Snapshot) -> None:
        """Write the rows."""
        row = live.row
        after = {} if snapshot.status != "running" else {wait.key: wait for wait in snapshot.waiting}
        waits.follow(self, live, after)
        live.before = after
        ended = {"status": snapshot.status, "ended_at": clock.now(), "error_code": snapshot.error}
        state = live.run.save()
        advances = row.advances + (bool(live.trace) or state != row.state)
        write(self.db, row, state=state, advances=advances, **ended if snapshot.status != "running" else {})
        if live.trace:
            self._record(live, "instance.advanced", {"trace": [list(entry) for entry in live.trace]})
            live.trace = []
        if row.status != "running":
            self._record(live, f"instance.{row.status}", {})
        self.db.flush()
        waits.write_opened(self)  # after the flush: the instance may be new

    def work(self, live: Live, wait: Waiting, node: Node) -> Mapping[str, Value]:
        """Run an operation or decision."""
        return jobs.work(self, live, wait, node)

    def begin_call(self, live: Live, wait: Waiting, node: Node, variables: Mapping[str, Value]) -> bool:
        """Start an instance of the version that the call activity binds."""
        caller = self.db.get_one(Definition, live.row.definition_id)
        definition = definitions.called(self.db, caller, node, node.called_element or "")
        self.begin(definition, variables, case_id=live.row.case_id, parent=live, parent_wait=wait)
        return True

    def send(self, sent: Sent) -> None:
        """Publish a message, or give a signal to everybody who waits for it."""
        thrown = sent.thrown
        if thrown.kind == "signal":
            messages.broadcast(self, sent)
        else:
            self.post(messages.store(self.db, self.organization_id, thrown.name, thrown.correlation, thrown.payload))

    def post(self, message: Message) -> None:
        """Have a message delivered when the instance that sends it has settled."""
        self.published.append((message, self.chain))

    def deliver_next(self) -> bool:
        """Deliver one message, new or kept, or compute the timers of a case again."""
        from engine import timers

        if self.published:
            message, chain = self.published.popleft()
            with self.following(chain):
                messages.offer(self, message)
        elif self.released:
            kept.offer_again(self)
        elif self.rearm:
            timers.rearm_now(self, self.rearm.pop())
        else:
            return kept.meet(self)  # when all else is done: it locks what others wait for
        return True

    def _record(self, live: Live, type_: str, data: Mapping[str, object]) -> None:
        history.record(self.db, live.row, type_, actor_id=self.actor_id, data=data)


Root = aliased(Instance)
"""The topmost of the instances that called one another.

Every step locks it before its own: one step goes down, to what it cancels, another up, to what waits for its end, and
each would wait for what the other holds.
"""
_LOCKED = (
    select(Instance)
    .join(Root, Root.id == Instance.root_id)
    .where(Instance.id == bindparam("instance_id"))
    .with_for_update(of=(Root, Instance))
    .execution_options(populate_existing=True)
)


def lock(db: Session, instance_id: UUID) -> Instance | None:
    """An instance as it is now, locked, after the topmost one above it."""
    return db.scalar(_LOCKED, {"instance_id": instance_id})


def _caller(row: Instance) -> Caller | None:
    if row.parent_id is None or row.parent_key is None:
        return None
    return Caller(row.parent_id, row.parent_key, row.parent_element_id or "")


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
