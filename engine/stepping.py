"""What a step is, wherever instances are kept: jobs and calls follow one another until only the world is waited for.

`engine.steps` keeps instances in the database and `engine.trial` in memory. What both do the same way is here, so that a
diagram that is tried does exactly what it will do when cases depend on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from engine import schedule
from engine.bpmn.model import Node, NodeType, TimerType
from engine.errors import ExpressionFailed, StepFailed
from engine.feel import shown
from engine.iso8601 import is_literal
from engine.operations import BpmnError
from engine.spiff import Evaluate, Run, Snapshot, Thrown, Waiting, WaitKind
from store import clock
from store.sentences import say

if TYPE_CHECKING:
    from engine.definitions import Compiled
    from engine.feel import Value

MAX_ROUNDS = 10_000
"""Jobs and calls of one instance in one step; more means that the diagram runs in a circle."""
MAX_DELIVERIES = 1_000
MAX_CALL_DEPTH = 64
MAX_CHAIN = 64
"""Processes that start one another by messages and signals in one step; more means that they start themselves."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The call activity that waits for an instance."""

    instance_id: UUID
    key: str
    element_id: str


@dataclass(slots=True, kw_only=True)
class Moving:
    """An instance in memory during a step."""

    id: UUID
    compiled: Compiled
    run: Run
    before: Mapping[str, Waiting] = field(default_factory=dict)
    """What waited when the instance last settled, by key."""
    caller: Caller | None = None
    busy: bool = False
    called: set[str] = field(default_factory=set)
    """Keys of the calls that this step has started."""
    numbered: int = 0
    """The last key that it had given when it came into memory; none where it begins in this step."""
    chain: int = 0
    """How many processes of this step started one another, up to this one; 0 where it was there before the step."""

    @property
    def is_held(self) -> bool:
        """Whether jobs and calls are to wait, although they could be done."""
        return False


@dataclass(frozen=True, slots=True)
class Sent:
    """What left an instance, on its way."""

    source: UUID
    thrown: Thrown
    numbers: Mapping[UUID, int]
    """The last key that each instance in memory had given when it was thrown."""

    def is_heard(self, live: Moving, key: str) -> bool:
        """Whether a wait of an instance had begun when this was thrown; signals reach no later one."""
        return int(key) <= self.numbers.get(live.id, live.numbered)


M = TypeVar("M", bound=Moving)


class Stepper(ABC, Generic[M]):
    """One act and its consequences. Whoever keeps the instances says how they are kept."""

    live: dict[UUID, M]
    thrown: deque[Sent]
    depth: int
    chain: int
    """That of the instance which does what is being done."""

    @abstractmethod
    def load(self, instance_id: UUID) -> M:
        """An instance that has not ended, in memory."""

    @abstractmethod
    def observe(self, live: M, snapshot: Snapshot) -> None:
        """Take down what has been passed."""

    @abstractmethod
    def keep(self, live: M, snapshot: Snapshot) -> None:
        """Keep an instance that has settled."""

    @abstractmethod
    def work(self, live: M, wait: Waiting, node: Node) -> Mapping[str, Value]:
        """Do a job and give its result. Raises BpmnError for an error that the diagram may catch."""

    @abstractmethod
    def begin_call(self, live: M, wait: Waiting, node: Node, variables: Mapping[str, Value]) -> bool:
        """Start the process that a call activity calls; False leaves the call waiting."""

    @abstractmethod
    def send(self, sent: Sent) -> None:
        """Hand on a message or signal that left an instance."""

    @abstractmethod
    def deliver_next(self) -> bool:
        """Deliver one thing that is on its way; False when nothing is."""

    def act(self, live: M, action: Callable[[Run], object]) -> None:
        """Do something to an instance and follow it until it waits again."""
        if live.busy:
            raise StepFailed(
                say(
                    "The process '%(process)s' was asked to step while it is stepping.",
                    process=live.compiled.process.id,
                )
            )
        action(live.run)
        self.settle(live)

    def settle(self, live: M) -> None:
        """Run jobs and calls until only people, time and messages are waited for; then keep the instance."""
        live.busy = True
        try:
            with self.following(live.chain):
                snapshot = self._drive(live)
        finally:
            live.busy = False
        if snapshot.status == "failed" and live.caller is None:
            raise StepFailed(
                say("The process ended in the error '%(error)s', which nothing in it catches.", error=snapshot.error)
            )
        self.keep(live, snapshot)
        if snapshot.status != "running" and live.caller is not None:
            self._end_call(live, live.caller, snapshot)

    @contextmanager
    def following(self, chain: int) -> Iterator[None]:
        """What is done within is done by an instance that so many processes have led to."""
        outer, self.chain = self.chain, chain
        try:
            yield
        finally:
            self.chain = outer

    def next_in_chain(self) -> int:
        """The chain of an instance that begins now. Raises StepFailed where processes start one another without end."""
        if self.chain >= MAX_CHAIN:
            raise StepFailed(
                say(
                    "Processes start one another by messages or signals more than %(max_chain)s times in one step. Does one send at its end what starts it?",
                    max_chain=MAX_CHAIN,
                )
            )
        return self.chain + 1

    def drain(self) -> None:
        """Deliver what was thrown and published, until nothing more happens."""
        for _ in range(MAX_DELIVERIES):
            if self.thrown:
                sent = self.thrown.popleft()
                with self.following(self.live[sent.source].chain):
                    self._route(sent)
            elif not self.deliver_next():
                return
        raise StepFailed("Messages set each other going without end.")

    def _drive(self, live: M) -> Snapshot:
        for _ in range(MAX_ROUNDS):
            news = live.run.news()
            self.observe(live, news)
            self.thrown.extend(self._leaving(live, thrown) for thrown in news.thrown)
            ours = (wait for wait in live.run.machine_work() if _is_ours(live, wait))
            wait = next(ours, None) if not live.is_held else None
            if wait is None:
                return live.run.snapshot()
            if wait.kind is WaitKind.JOB:
                self._run_job(live, wait)
            else:
                self._call(live, wait)
        raise StepFailed(
            say("The process '%(process)s' runs in a circle without ever waiting.", process=live.compiled.process.id)
        )

    def _leaving(self, source: M, thrown: Thrown) -> Sent:
        """Taken down before anything else moves, so that the others stand as they did when it was thrown."""
        is_signal = thrown.kind == "signal"  # only what a signal reaches depends on when the wait began
        numbers = {each.id: each.run.numbered for each in self.live.values()} if is_signal else {}
        return Sent(source.id, thrown, numbers | {source.id: thrown.number})

    def _run_job(self, live: M, wait: Waiting) -> None:
        """Run the operation or decision of an element and complete it, or end it in a BPMN error."""
        node = live.compiled.nodes[wait.element_id]
        has_work = node.operation or node.type is NodeType.BUSINESS_RULE_TASK
        try:
            result = self.work(live, wait, node) if has_work else {}
        except BpmnError as error:
            if not self.throw_error(live, wait.key, error.code, error.payload):
                sentence = say(
                    "'%(node)s' ended in the error '%(code)s', which nothing catches.",
                    node=node.name or node.id,
                    code=error.code,
                )
                raise StepFailed(sentence, element_id=node.id) from error
            return
        live.run.complete(wait.key, result)

    def _call(self, live: M, wait: Waiting) -> None:
        node = live.compiled.nodes[wait.element_id]
        visible = live.run.variables(wait.key)
        variables = {item.name: visible.get(item.name) for item in node.inputs}
        if node.all_inputs:
            variables = dict(visible)
        self.depth += 1
        if self.depth > MAX_CALL_DEPTH:
            raise StepFailed(
                say(
                    "Processes call each other more than %(most)s deep. Does one call itself?",
                    most=MAX_CALL_DEPTH,
                )
            )
        live.called.add(wait.key)  # before the called process starts: it may end at once
        self.begin_call(live, wait, node, variables)
        self.depth -= 1

    def throw_error(self, live: M, key: str, code: str, payload: Mapping[str, Value]) -> bool:
        """What is waited for ended in a BPMN error, which goes out through the calls; False when nothing catches it."""
        if live.run.throw_error(key, code, payload):
            return True
        caller = live.caller
        while caller is not None:
            parent = self.load(caller.instance_id)
            if parent.run.catches(caller.key, code):
                live.run.fail(key, code, payload)
                return True
            caller = parent.caller
        return False

    def _end_call(self, child: M, caller: Caller, snapshot: Snapshot) -> None:
        """Give a called process's end to the call activity that waits for it, after what it let rise."""
        parent = self.load(caller.instance_id)
        for thrown in self._risen_from(child):
            self._rise(parent, caller, thrown)
        if parent.run.awaits(caller.key):
            if snapshot.status == "completed":
                node = parent.compiled.nodes[caller.element_id]
                gives = node.outputs or node.all_outputs
                parent.run.complete(caller.key, dict(child.run.variables()) if gives else {})
            elif not self.throw_error(parent, caller.key, snapshot.error or "", snapshot.brought):
                raise StepFailed(
                    say(
                        "The called process ended in the error '%(error)s', which nothing catches.",
                        error=snapshot.error,
                    )
                )
        if not parent.busy:  # else the parent is in _drive and goes on by itself
            self.settle(parent)

    def _risen_from(self, child: M) -> list[Thrown]:
        """The escalations of a process that has ended: there is no call any more that they could come to later."""
        risen = [sent for sent in self.thrown if sent.source == child.id and sent.thrown.kind == "escalation"]
        for sent in risen:
            self.thrown.remove(sent)
        return [sent.thrown for sent in risen]

    def _route(self, sent: Sent) -> None:
        """Hand on what left an instance; an escalation comes to the call activity that waits for it, if any does."""
        caller = self.live[sent.source].caller
        if sent.thrown.kind != "escalation":
            self.send(sent)
        elif caller is not None:
            parent = self.live.get(caller.instance_id) or self.load(caller.instance_id)
            if parent.run.awaits(caller.key):
                self.act(parent, lambda _run: self._rise(parent, caller, sent.thrown))

    def _rise(self, parent: M, caller: Caller, thrown: Thrown) -> None:
        """An escalation that a called process does not catch rises to its call activity, and on from there."""
        if not parent.run.awaits(caller.key):
            return
        if not parent.run.escalate(caller.key, thrown.name, thrown.payload):
            self.thrown.append(self._leaving(parent, thrown))


def _is_ours(live: Moving, wait: Waiting) -> bool:
    if wait.kind is WaitKind.CALL:
        return wait.key not in live.before and wait.key not in live.called
    return wait.kind is WaitKind.JOB


def timer_value(evaluate: Evaluate, wait: Waiting, variables: Mapping[str, Value]) -> Value:
    """The value of a timer's expression; a literal of ISO 8601 stands for itself."""
    text = (wait.expression or "").strip()
    if wait.timer is not None and is_literal(wait.timer, text):
        return text
    return evaluate(text, variables)


def due_on(evaluate: Evaluate, node: Node, variables: Mapping[str, Value]) -> date | None:
    """The day by which a task should be done, as its diagram says; None where it says nothing."""
    value = evaluate(node.due, variables) if node.due is not None else None
    if isinstance(value, str) and is_literal(
        TimerType.DATE, value
    ):  # as the variables of forms and of other engines have dates
        value = schedule.due(TimerType.DATE, value, clock.now()).at
    if isinstance(value, datetime):
        return clock.local_date(value)
    if value is None or isinstance(value, date):
        return value
    raise ExpressionFailed(
        say(
            "The due date of '%(node)s' gave %(value)s, but a date is needed.",
            node=node.name or node.id,
            value=shown(value),
        )
    )
