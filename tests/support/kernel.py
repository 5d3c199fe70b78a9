"""Drives the kernel in tests; the state is saved and restored after every single step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import spiff
from engine.bpmn.lower import lower
from engine.bpmn.read import read
from engine.feel import Value, from_json, parse, strip_marker
from engine.modification import modify
from engine.spiff import Move, Program, Run, Snapshot, Thrown, Waiting


def evaluate(text: str, variables: Mapping[str, Value]) -> Value:
    """FEEL without functions of the product."""
    return parse(strip_marker(text)).evaluate(variables)


def program(data: bytes, process: str = "p") -> Program:
    """The compiled process of a diagram."""
    return spiff.build(lower(read(data).processes[process]))


class Case:
    """One instance under test. Elements are named by id; the oldest wait of an element is meant."""

    def __init__(self, data: bytes, *, start_event: str | None = None, **variables: object) -> None:
        self.program = program(data)
        self.trace: list[tuple[str, str]] = []
        self.thrown: list[Thrown] = []
        self.run = Run.start(self.program, {k: from_json(v) for k, v in variables.items()}, evaluate, start_event)
        self.snapshot: Snapshot = self._settle()

    def complete(self, element: str, *, which: int = 0, **result: object) -> Case:
        """Complete a task, job or call."""
        self.run.complete(self.wait(element, which).key, {k: from_json(v) for k, v in result.items()})
        return self._next()

    def trigger(self, element: str, *, which: int = 0, **payload: object) -> Case:
        """Let come what an event waits for."""
        self.run.trigger(self.wait(element, which).key, {k: from_json(v) for k, v in payload.items()})
        return self._next()

    def error(self, element: str, code: str | None = None, **payload: object) -> bool:
        """End a task or call in a BPMN error."""
        caught = self.run.throw_error(self.wait(element).key, code, {k: from_json(v) for k, v in payload.items()})
        self._next()
        return caught

    def modify(self, *moves: Move, may_end: bool = False) -> Case:
        """Do what an operator has decided; when it is refused the case is as it was."""
        run = Run.restore(self.program, self.run.save(), evaluate)
        modify(self.program.process, run, moves, may_end=may_end)
        self.run = run
        return self._next()

    def keys(self, element: str, kind: str = "activity") -> list[str]:
        """The keys of what stands at an element."""
        return [token.key for token in self.run.tokens() if (token.element_id, token.kind) == (element, kind)]

    def wait(self, element: str, which: int = 0) -> Waiting:
        """What waits at an element."""
        found = [wait for wait in self.snapshot.waiting if wait.element_id == element]
        assert found, f"nothing waits at {element}, only {self.open}"
        return found[which]

    @property
    def open(self) -> list[str]:
        """The elements that wait, boundary events and handlers left out."""
        return sorted(wait.element_id for wait in self.snapshot.waiting if wait.interrupting is None)

    @property
    def listening(self) -> list[str]:
        """The boundary events and event subprocesses that wait."""
        return sorted(wait.element_id for wait in self.snapshot.waiting if wait.interrupting is not None)

    @property
    def status(self) -> str:
        """Status of the instance."""
        return self.snapshot.status

    def __getitem__(self, name: str) -> Any:
        return self.run.variables().get(name)

    def passed(self, element: str, event: str = "completed") -> int:
        """How often a token completed (entered, was cancelled at) an element."""
        return self.trace.count((element, event))

    def _next(self) -> Case:
        self.snapshot = self._settle()
        return self

    def _settle(self) -> Snapshot:
        snapshot = self.run.snapshot()
        tokens = self.run.tokens()
        self.trace += [(entry.element_id, entry.event) for entry in snapshot.trace]
        self.thrown += snapshot.thrown
        self.run = Run.restore(self.program, self.run.save(), evaluate)
        again = self.run.snapshot()
        assert again.waiting == snapshot.waiting, "restoring changed what is waited for"
        assert self.run.tokens() == tokens, "restoring changed what stands"
        assert (again.status, again.error) == (snapshot.status, snapshot.error)
        return snapshot
