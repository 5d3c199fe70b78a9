"""The instances of a trial: kept in memory as `engine.steps` keeps them in the database."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from engine import jobs, schedule, starting, stepping
from engine.bpmn.model import EventType, Node, NodeType, TimerType
from engine.bpmn.starts import Start, started_by, starts
from engine.definitions import Compiled
from engine.errors import InstanceEnded, element_of
from engine.expressions import Evaluator
from engine.functions import FunctionContext
from engine.operations import BpmnError
from engine.spiff import Run, Snapshot, TraceEntry, Waiting, WaitKind
from engine.stepping import Caller, Sent, Stepper
from engine.trial import parts
from engine.trial.answers import Answers, Refusal
from engine.trial.files import Files
from engine.trial.letters import Letter
from engine.trial.parts import Armed, ArmedStart, Decided, Given, Passed, Tried
from store import clock
from store.errors import HandslagError

if TYPE_CHECKING:
    from engine.feel import Value

MAX_FIRINGS = 10_000
"""Timers fired in one move of the clock."""
PEOPLE = (WaitKind.USER, WaitKind.MANUAL)


class Trial(Stepper[Tried]):
    """One diagram and whatever it calls, in memory and in a time of its own."""

    def __init__(self, files: Files, answers: Answers, now: datetime) -> None:
        self.files, self.answers, self.now = files, answers, now
        self.live: dict[UUID, Tried] = {}
        self.thrown: deque[Sent] = deque()
        self.depth = 0
        self.trace: list[Passed] = []
        self.flows: list[tuple[Tried, str]] = []
        """The sequence flows that a token went along."""
        self.decided: list[Decided] = []
        self.given: list[Given] = []
        self.timers: parts.Timers = {}
        self.starting: list[ArmedStart] = []
        self.waits: parts.Waits = {}
        """What is waited for, in the order in which the waits began."""
        self.letters: list[Letter] = []
        """Messages that nobody has waited for yet."""
        self.unheard: list[str] = []
        """Sentences about signals that came when nobody waited for them."""
        self._sent: deque[tuple[Letter, int]] = deque()
        self.chain = 0
        self._listening: deque[tuple[UUID, str]] = deque()
        self.problem: str | None = None
        self.tried: Compiled | None = None
        self._given: Mapping[str, Value] = {}
        self._data: Mapping[str, Value] = {}
        self._evaluator = Evaluator(FunctionContext(None, None, None, answers.function))

    def start(self, compiled: Compiled, variables: Mapping[str, Value], event: str | None = None) -> None:
        """Start the process that is tried, at an event if one is named.

        One that only events start waits for them, but for a condition that holds.
        """
        self.tried, self._given = compiled, variables
        self._arm_starts()
        if event is not None or parts.starts_without_event(compiled):
            self.begin(compiled, variables, event)
            return
        for each in starts(compiled.process):
            if starting.holds(self._evaluator, each, variables):
                self.begin(compiled, variables, each.node.id)
                return

    def not_started(self) -> list[tuple[Compiled, Start]]:
        """What would start the process that is tried, while nothing has; timers are told of beside."""
        if self.tried is None or self.live or self.problem is not None:
            return []
        return [(self.tried, each) for each in starts(self.tried.process) if each.event.type is not EventType.TIMER]

    def _arm_starts(self) -> None:
        """The timers that start processes, as they run when the files are deployed."""
        for compiled in self.files.processes.values():
            for each in starts(compiled.process):
                if each.event.type is EventType.TIMER:
                    due = starting.first_due(self._evaluator, each, self.now)
                    self.starting.append(ArmedStart(compiled, each, self.now, due.at, due.remaining))

    def begin(
        self,
        compiled: Compiled,
        variables: Mapping[str, Value],
        start: str | None = None,
        payload: Mapping[str, Value] | None = None,
        caller: Caller | None = None,
    ) -> Tried:
        """Start an instance and settle it."""
        number = len(self.live) + 1
        chain = self.live[caller.instance_id].chain if caller else self.next_in_chain()
        run = Run.prepare(compiled.program, variables, self._evaluator)
        made = Tried(id=UUID(int=number), number=number, compiled=compiled, run=run, caller=caller, chain=chain)
        self.live[made.id] = made
        made.run.begin(start, payload)
        self.settle(made)
        return made

    def complete(self, element: str, result: Mapping[str, Value] | Refusal) -> None:
        """Do the task, or answer the call, that has been open longest at an element."""
        kinds = (*PEOPLE, WaitKind.CALL)
        found = next(((key, w) for key, w in self.waits.items() if w.element_id == element and w.kind in kinds), None)
        if found is None:
            raise parts.nothing_to_complete(element, [w.element_id for w in self.waits.values() if w.kind in kinds])
        self.finish(*found, result)

    def finish(self, place: tuple[UUID, str], wait: Waiting, result: Mapping[str, Value] | Refusal) -> None:
        """Do a task, or answer a call."""
        instance_id, key = place
        live = self.live[instance_id]
        try:
            outcome = self._submitted(live.compiled.nodes[wait.element_id], result)
        except BpmnError as error:
            code = error.code
            self.act(
                live, lambda _run: parts.require_caught(self.throw_error(live, key, code, {}), wait.element_id, code)
            )
        else:
            self.act(live, lambda run: run.complete(key, outcome))

    def _submitted(self, node: Node, result: Mapping[str, Value] | Refusal) -> Mapping[str, Value]:
        if isinstance(result, Refusal):
            raise BpmnError(result.code)
        answer = self.answers.result(node.operation) if node.operation else None
        return result if answer is None else answer

    def performer(self, instance_id: UUID, wait: Waiting) -> tuple[str | None, str | None]:
        """(role, key of the body or organisation) of who is to do a task."""
        live = self.live[instance_id]
        node = live.compiled.nodes[wait.element_id]
        if node.performer is None:
            return None, None
        visible, what = live.run.variables(wait.key), f"The performer of '{node.name or node.id}'"
        asked = (node.performer.role, node.performer.body or node.performer.organization)
        role, place = (self._evaluator.string(text, visible, what) for text in asked)
        return role, place

    def message(self, name: str, payload: Mapping[str, Value]) -> None:
        """Publish a message."""
        self._sent.append((Letter(name, payload, None), self.chain))

    def signal(
        self, name: str, payload: Mapping[str, Value], is_heard: Callable[[Tried, str], bool] | None = None
    ) -> bool:
        """Give a signal to everybody who waits for it (and did when it was thrown), and to all that it starts.

        False where nobody heard it.
        """
        heard = False
        for (instance_id, key), wait in list(self.waits.items()):
            if wait.kind is not WaitKind.SIGNAL or wait.name != name or (instance_id, key) not in self.waits:
                continue
            if is_heard is None or is_heard(self.live[instance_id], key):
                self._trigger(instance_id, key, payload)
                heard = True
        for compiled, start in self._started_by(EventType.SIGNAL, name):
            self.begin(compiled, self._given_to(compiled), start.node.id, payload)
            heard = True
        return heard

    def _started_by(self, kind: EventType, name: str) -> Iterator[tuple[Compiled, Start]]:
        for compiled in self.files.processes.values():
            start = started_by(compiled.process, kind, name)
            if start is not None:
                yield compiled, start

    def _given_to(self, compiled: Compiled) -> Mapping[str, Value]:
        return self._given if compiled is self.tried and not self.live else {}

    def next_due(self) -> Armed | ArmedStart | None:
        """The timer that falls due first."""
        every: list[Armed | ArmedStart] = [*self.timers.values(), *self.starting]
        dated = [(armed.due_at, armed) for armed in every if armed.due_at is not None]
        return min(dated, key=lambda pair: pair[0])[1] if dated else None

    def rearm(self) -> None:
        """Let timers with a date follow the deadlines that have been moved."""
        for armed in self.timers.values():
            if armed.wait.timer is not TimerType.DATE:
                continue  # durations and cycles count from when they began, whatever moves
            value = stepping.timer_value(self._evaluator, armed.wait, armed.instance.run.visible(armed.wait.key))
            fresh = schedule.due(TimerType.DATE, value, self.now).at
            if fresh != armed.fired_at:
                armed.due_at = fresh

    def fire(self, armed: Armed | ArmedStart) -> None:
        """Let a timer fire at its instant, or now if that has been."""
        assert armed.due_at is not None
        self.now = max(self.now, armed.due_at)
        if isinstance(armed, ArmedStart):
            following = starting.following_due(
                self._evaluator, armed.start, armed.began_at, armed.due_at, self.now, armed.remaining
            )
            armed.due_at, armed.remaining = following.at, following.remaining
            self.begin(armed.compiled, self._given_to(armed.compiled), armed.start.node.id)
        else:
            self._fire(armed, armed.due_at)

    def _fire(self, armed: Armed, due_at: datetime) -> None:
        live, wait = armed.instance, armed.wait
        following = None
        if wait.timer is TimerType.CYCLE:
            value = stepping.timer_value(self._evaluator, wait, live.run.visible(wait.key))
            following = schedule.next_due(value, armed.began_at, due_at, self.now, armed.remaining)
        armed.fired_at = due_at
        armed.due_at, armed.remaining = (following.at, following.remaining) if following else (None, 0)
        self._trigger(live.id, wait.key, {})

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What one act sets going. A failure ends the trial and is told by its sentence."""
        with clock.within(lambda: self.now):
            for live in self.live.values():
                live.chain = 0
            before, passed = self._standing(), len(self.trace)
            try:
                yield
                self.drain()
            except HandslagError as error:
                self._fail(error, passed)
                self.waits, self.timers, self.starting, self.letters, self._data = before

    def _standing(self) -> tuple[parts.Waits, parts.Timers, list[ArmedStart], list[Letter], Mapping[str, Value]]:
        """How it stands between two acts. As in use nothing of an act is kept that fails, but for the trace of it."""
        timers = {place: copy(armed) for place, armed in self.timers.items()}
        return dict(self.waits), timers, [copy(each) for each in self.starting], list(self.letters), self.data()

    def data(self) -> Mapping[str, Value]:
        """The variables of the process that is tried; after a failure those that it had before the act that failed."""
        first = next(iter(self.live.values()), None)
        if self.problem is not None:
            return self._data
        return first.run.variables() if first is not None else {}

    def load(self, instance_id: UUID) -> Tried:
        """An instance that has not ended."""
        found = self.live[instance_id]
        if found.status != "running":
            raise InstanceEnded("This process has ended; nothing more can be done in it.")
        return found

    def observe(self, live: Tried, snapshot: Snapshot) -> None:
        """Take down what has been passed."""
        self.trace += (Passed(self.now, live, entry) for entry in snapshot.trace)
        self.flows += ((live, flow) for flow in snapshot.flows)

    def keep(self, live: Tried, snapshot: Snapshot) -> None:
        """What waits now but did not before is armed; what no longer waits is forgotten."""
        live.status = snapshot.status
        after = {wait.key: wait for wait in snapshot.waiting}
        for key in live.before.keys() - after.keys():
            self._close(live, live.before[key])
        for key, wait in after.items():
            if key not in live.before:
                self._open(live, wait)
        live.before = after

    def work(self, live: Tried, wait: Waiting, node: Node) -> Mapping[str, Value]:
        """The answer that was given for an operation, or what a decision decides."""
        visible = live.run.visible(wait.key)
        self.given.append(Given(live, node.id, visible))
        name = node.decision if node.type is NodeType.BUSINESS_RULE_TASK else node.operation
        answer = self.answers.result(name or "")
        if answer is not None:
            if node.type is NodeType.BUSINESS_RULE_TASK:
                self.decided.append(Decided(name or "", answer, ()))
            return answer
        if node.type is not NodeType.BUSINESS_RULE_TASK:
            self.answers.not_run(name or "")
            return {}
        decisions = self.files.decisions(name or "")
        if decisions is None:
            raise parts.no_decision(name or "")
        hits: list[tuple[str, str]] = []
        gives = jobs.outcome(decisions, node, visible, self._evaluator.functions, hits)
        self.decided.append(Decided(name or "", gives, tuple(hits)))
        return gives

    def begin_call(self, live: Tried, wait: Waiting, node: Node, variables: Mapping[str, Value]) -> bool:
        """Start a process of the files; a call of one that is not among them is left to be answered."""
        self.given.append(Given(live, node.id, variables))
        compiled = self.files.processes.get(node.called_element or "")
        bound = node.version_tag if node.binding == "versionTag" else None
        if compiled is None or (bound is not None and compiled.process.version_tag != bound):
            version = f" in the version '{bound}'" if bound is not None else ""
            self.answers.tell(
                f"'{node.name or node.id}' calls the process '{node.called_element}'{version}, which is in none of the files. "
                f"Give its file, or --complete {node.id}."
            )
            return False
        self.begin(compiled, variables, caller=Caller(live.id, wait.key, wait.element_id))
        return True

    def send(self, sent: Sent) -> None:
        """A message or signal that left an instance."""
        thrown = sent.thrown
        if thrown.kind == "signal":
            self.signal(thrown.name, thrown.payload, sent.is_heard)
        else:
            self._sent.append((Letter(thrown.name, thrown.payload, thrown.correlation), self.chain))

    def deliver_next(self) -> bool:
        """Deliver one message, new or kept."""
        if self._sent:
            letter, chain = self._sent.popleft()
            with self.following(chain):
                self._offer(letter)
        elif self._listening:
            self._catch_up(self._listening.popleft())
        else:
            return False
        return True

    def _open(self, live: Tried, wait: Waiting) -> None:
        place = (live.id, wait.key)
        self.waits[place] = wait
        live.since[wait.key] = self.now
        if wait.kind in PEOPLE:
            node, visible = live.compiled.nodes[wait.element_id], live.run.visible(wait.key)
            live.due[wait.key] = stepping.due_on(self._evaluator, node, visible)
        elif wait.kind is WaitKind.MESSAGE:
            self._listening.append(place)
        elif wait.kind is WaitKind.TIMER and wait.timer is not None:
            value = stepping.timer_value(self._evaluator, wait, live.run.visible(wait.key))
            due = schedule.due(wait.timer, value, self.now)
            self.timers[place] = Armed(live, wait, self.now, due.at, due.remaining)

    def _close(self, live: Tried, wait: Waiting) -> None:
        place = (live.id, wait.key)
        self.waits.pop(place, None)
        self.timers.pop(place, None)
        if wait.kind is WaitKind.CALL:
            for child in list(self.live.values()):
                if child.status == "running" and child.caller and (child.caller.instance_id, child.caller.key) == place:
                    self._cancel(child)

    def _cancel(self, live: Tried) -> None:
        """A call activity that was interrupted takes its called process with it."""
        live.run.cancel()
        snapshot = live.run.snapshot()
        self.observe(live, snapshot)
        self.keep(live, snapshot)

    def _offer(self, letter: Letter) -> None:
        for (instance_id, key), wait in self.waits.items():
            if letter.fits(wait):
                self._deliver(letter, instance_id, key)
                return
        for compiled, start in self._started_by(EventType.MESSAGE, letter.name):
            self.begin(
                compiled, {**self._given_to(compiled), **letter.starts_with(start)}, start.node.id, letter.payload
            )
            return
        self.letters.append(letter)

    def _catch_up(self, place: tuple[UUID, str]) -> None:
        wait = self.waits.get(place)
        found = next((letter for letter in self.letters if wait is not None and letter.fits(wait)), None)
        if found is not None:
            self.letters.remove(found)
            self._deliver(found, *place)

    def _deliver(self, letter: Letter, instance_id: UUID, key: str) -> None:
        repeats = self.waits[instance_id, key].repeats
        self._trigger(instance_id, key, letter.payload)
        if repeats and (instance_id, key) in self.waits:
            self._listening.append((instance_id, key))

    def _trigger(self, instance_id: UUID, key: str, payload: Mapping[str, Value]) -> None:
        trigger: Callable[[Run], None] = lambda run: run.trigger(key, payload)  # noqa: E731
        self.act(self.load(instance_id), trigger)

    def _fail(self, error: HandslagError, before: int) -> None:
        self.problem = error.message
        for live in self.live.values():
            self.observe(live, live.run.snapshot())
        element = element_of(error)
        at = next((live for live in self.live.values() if element in live.compiled.nodes), None)
        if at is None and any(live.run.snapshot().status == "failed" for live in self.live.values()):
            at, element = parts.error_end(self.trace[before:])
        if at is not None:
            self.trace.append(Passed(self.now, at, TraceEntry(str(element), "failed")))
