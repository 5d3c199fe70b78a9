"""One instance in memory: what the engine may do to it. Not thread-safe; thrown away on any exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventDefinition, EventType, Node, NodeType
from engine.spiff import activities, catching, flow, listening, migration, moves, state, tree, triggers
from engine.spiff.machine import Evaluate, Machine
from engine.spiff.migration import Obstacle
from engine.spiff.program import Program
from engine.spiff.snapshot import KernelError, Snapshot, Token, Waiting, WaitKind
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value

MACHINE_WORK = (WaitKind.JOB.value, WaitKind.CALL.value)


class Run:
    """One instance in memory."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @classmethod
    def start(
        cls,
        program: Program,
        variables: Mapping[str, Value],
        evaluate: Evaluate,
        start: str | None = None,
        payload: Mapping[str, Value] | None = None,
    ) -> Run:
        """Start an instance at its none start event, or at the start that is named, with what its event brought."""
        made = cls.prepare(program, variables, evaluate)
        made.begin(start, payload)
        return made

    @classmethod
    def prepare(cls, program: Program, variables: Mapping[str, Value], evaluate: Evaluate) -> Run:
        """An instance that has its variables and has not begun: should it fail at once, its trace is there."""
        machine = Machine(program, evaluate)
        root = machine.tree.add(None, program.root, tree.PROCESS, TaskState.STARTED)
        tree.own_variables(root).update(tree.copied(variables))
        return cls(machine)

    def begin(self, start: str | None = None, payload: Mapping[str, Value] | None = None) -> None:
        """Begin a prepared instance, at a start that is named with what its event brought."""
        machine = self._machine
        at = machine.program.beginning(start) if start is not None else None
        node = machine.program.places[start].node if start is not None else None
        if node is not None and node.type is NodeType.START_EVENT:
            received = triggers.received(machine, machine.root, node, payload or {})
            tree.own_variables(machine.root).update(tree.copied(received))
        activities.begin_scope(machine, machine.root, at)
        flow.run(machine)
        if node is not None and node.type is not NodeType.START_EVENT:
            self._find_there(node.id, payload or {})

    def _find_there(self, start: str, payload: Mapping[str, Value]) -> None:
        """A receive task or gateway that instantiates waits now for what has come already.

        A condition behind a gateway has been looked at meanwhile, and may have led on.
        """
        for task in tree.walk(self._machine.root):
            if tree.node_id(task) == start and (tree.role(task) == tree.EVENT or "w" in task.internal_data):
                triggers.trigger(self._machine, task, tree.copied(payload))
                flow.run(self._machine)
                return

    @classmethod
    def restore(cls, program: Program, data: bytes, evaluate: Evaluate) -> Run:
        """The instance as it was saved."""
        return cls(state.restore(program, data, evaluate))

    def save(self) -> bytes:
        """The instance's state as bytes."""
        return state.save(self._machine)

    def migrated(self, target: Program, mapping: Mapping[str, str]) -> Migrated:
        """The instance in another version of its diagram; this one is used up.

        `mapping` names elements that are called otherwise there; the others keep their ids.
        """
        carried = migration.migrate(self._machine, target, mapping)
        return Migrated(Run(carried.machine), carried.obstacles, carried.went_on)

    def complete(self, key: str, result: Mapping[str, Value]) -> None:
        """A task, job or called process is done; its result becomes variables as the diagram's outputs say."""
        task, result = self._waiting(key), tree.copied(result)
        if tree.role(task) in (tree.EVENT, tree.BOUNDARY, tree.HANDLER, tree.TRIGGER):
            triggers.trigger(self._machine, task, result)
        else:
            activities.complete(self._machine, task, result)
        flow.run(self._machine)

    def trigger(self, key: str, payload: Mapping[str, Value]) -> None:
        """A message, signal, timer or condition that was waited for has come."""
        triggers.trigger(self._machine, self._waiting(key), tree.copied(payload))
        flow.run(self._machine)

    def throw_error(self, key: str, code: str | None, payload: Mapping[str, Value]) -> bool:
        """What was waited for ended in a BPMN error. False (and nothing changed) when nothing here catches it."""
        task = self._waiting(key)
        if not catching.catches(self._machine, task, EventType.ERROR, code):
            return False
        catching.fail(task)
        catching.raise_error(self._machine, task, code, tree.copied(payload))
        flow.run(self._machine)
        return True

    def catches(self, key: str, code: str | None) -> bool:
        """Whether anything here would catch an error of what is waited for."""
        return catching.catches(self._machine, self._waiting(key), EventType.ERROR, code)

    def fail(self, key: str, code: str, payload: Mapping[str, Value]) -> None:
        """End the instance in an error of what was waited for, which its caller catches."""
        task = self._waiting(key)
        catching.fail(task)
        catching.raise_error(self._machine, task, code, tree.copied(payload))

    def escalate(self, key: str, code: str | None, payload: Mapping[str, Value]) -> bool:
        """What is waited for escalates; it goes on, unless what catches it interrupts. False when nothing catches."""
        caught = catching.escalate(self._machine, self._waiting(key), code, tree.copied(payload))
        flow.run(self._machine)
        return caught

    def awaits(self, key: str) -> bool:
        """Whether something still waits under a key."""
        found = self._machine.tree.tasks.get(key)
        return self._machine.status == "running" and found is not None and self._describe(found) is not None

    def visible(self, key: str) -> Mapping[str, Value]:
        """What an expression at a wait can see: the values themselves, to be read and never to be changed."""
        return tree.visible(self._waiting(key))

    def variables(self, key: str | None = None) -> dict[str, Value]:
        """What can be seen at a wait, or in the process's own scope, as the caller's own."""
        return tree.copied(tree.visible(self._machine.root if key is None else self._waiting(key)))

    def set_variables(self, values: Mapping[str, Value], key: str | None = None) -> None:
        """Write variables from outside."""
        task = self._machine.root if key is None else self._waiting(key)
        tree.assign_all(task, tree.copied(values))

    def recheck_conditions(self) -> None:
        """Look at conditional events again, after something outside changed."""
        flow.run(self._machine)

    def cancel(self) -> None:
        """End the whole instance from outside."""
        self._machine.finish("cancelled")

    def modify(self, acts: Iterable[moves.Move], *, may_end: bool = False) -> None:
        """Carry out what an operator has decided, all of it or nothing. Raises MoveRefused and ElementUnknown."""
        moves.carry_out(self._machine, acts, may_end=may_end)

    def tokens(self) -> tuple[Token, ...]:
        """Everything that stands or listens in the instance, whether it waits for the world or not."""
        return tuple(moves.tokens(self._machine))

    @property
    def numbered(self) -> int:
        """The last key that was given: keys are numbers, and each is larger than those before it."""
        return self._machine.tree.numbered

    def snapshot(self) -> Snapshot:
        """Where the instance stands; what was thrown and traced is handed over once."""
        return replace(self.news(), waiting=self.waiting())

    def news(self) -> Snapshot:
        """What was thrown and traced since it was asked last, without looking at all that waits."""
        machine = self._machine
        thrown, trace, flows = tuple(machine.thrown), tuple(machine.trace), tuple(machine.flows)
        machine.thrown, machine.trace, machine.flows = [], [], []
        return Snapshot(machine.status, (), thrown, trace, machine.error, flows, machine.brought)

    def waiting(self) -> tuple[Waiting, ...]:
        """All that it waits for."""
        found = map(self._describe, self._alive())
        return tuple(wait for wait in found if wait is not None)

    def machine_work(self) -> Iterator[Waiting]:
        """The jobs and calls among what it waits for; nothing is looked at that the caller does not come to."""
        for task in self._alive():
            if task.internal_data.get("w") in MACHINE_WORK and (wait := self._describe(task)) is not None:
                yield wait

    def _alive(self) -> Iterator[Task]:
        return tree.walk(self._machine.root) if self._machine.status == "running" else iter(())

    def _waiting(self, key: str) -> Task:
        found = self._machine.tree.tasks.get(key)
        if found is None or self._describe(found) is None:
            raise KernelError("", say("Nothing waits under the key '%(key)s' any more.", key=key))
        return found

    def _describe(self, task: Task) -> Waiting | None:
        kind = task.internal_data.get("w")
        if kind is not None:
            node = self._machine.place(task).node
            return self._waiting_for(task, node, node.event, WaitKind(kind))
        waiting = listening.waiting_node(self._machine, task)
        event = listening.waited_for(self._machine, task)
        if waiting is None or event is None:
            return None
        return self._waiting_for(task, waiting, event, listening.wait_kind(event))

    def _waiting_for(self, task: Task, node: Node, event: EventDefinition, kind: WaitKind) -> Waiting:
        at = tree.scope_of(task) if tree.role(task) == tree.TRIGGER else task
        part, parent = tree.role(at), tree.scope_of(at)
        aside = part in (tree.BOUNDARY, tree.HANDLER)
        return Waiting(
            key=task.id,
            element_id=self._machine.program.element(node.id),
            kind=kind,
            interrupting=node.interrupting if aside else None,
            host=parent.id if aside or part == tree.EVENT else None,
            scope=parent.id,
            locals=tree.copied(tree.local(task)),
            name=event.ref,
            correlation=task.internal_data.get("c", {}),
            timer=event.timer if kind is WaitKind.TIMER else None,
            expression=event.expression,
            repeats=aside and not node.interrupting,
        )


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of a migration. With obstacles the run is to be thrown away."""

    run: Run
    obstacles: tuple[Obstacle, ...]
    went_on: bool
    """Tokens moved: a join waits for nothing more in the new version, or a condition holds."""
