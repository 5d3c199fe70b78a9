"""Walks a delivered process with the real kernel, expressions and decision tables; operations answer as the test says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import committee.functions  # noqa: F401 - registers the functions that expressions call
from engine import dmn, spiff
from engine.bpmn.lower import lower
from engine.bpmn.read import read
from engine.expressions import Evaluator
from engine.feel import Value
from engine.functions import FunctionContext
from engine.spiff import Run, Waiting, WaitKind

PROCESSES = Path(__file__).parents[2] / "processes"


class Walk:
    """One instance. `facts` are what each operation returns, by its name; change them to change the world."""

    def __init__(self, process: str, facts: dict[str, dict[str, Any]], **variables: Any) -> None:
        lowered = lower(read((PROCESSES / f"{process}.bpmn").read_bytes()).processes[process])
        self.nodes = {node.id: node for node in lowered.scope.walk()}
        self.facts = facts
        self.operations: list[str] = []
        self.run = Run.start(
            spiff.build(lowered),
            _values(variables),
            Evaluator(FunctionContext(None, None, None)),
        )
        self._settle()

    def do(self, *elements: str, which: int = 0, **result: Any) -> Walk:
        """Complete tasks and calls one after the other; the result belongs to the last one."""
        for element in elements:
            values = _values(result) if element == elements[-1] else {}
            self.run.complete(self._wait(element, which).key, values)
            self._settle()
        return self

    def come(self, element: str, which: int = 0, **payload: Any) -> Walk:
        """A message or a timer comes."""
        self.run.trigger(self._wait(element, which).key, _values(payload))
        self._settle()
        return self

    def fail(self, element: str, code: str) -> Walk:
        """A called process ends in an error."""
        assert self.run.throw_error(self._wait(element, 0).key, code, {}), f"nothing catches {code}"
        self._settle()
        return self

    @property
    def open(self) -> list[str]:
        """The tasks, calls and events that are next, without those that only listen."""
        return sorted(wait.element_id for wait in self._waiting if wait.interrupting is None)

    def __getitem__(self, name: str) -> Value:
        return self.run.variables().get(name)

    def _wait(self, element: str, which: int) -> Waiting:
        found = [wait for wait in self._waiting if wait.element_id == element]
        assert found, f"nothing waits at {element}, only {self.open}"
        return found[which]

    def _settle(self) -> None:
        while True:
            snapshot = self.run.snapshot()
            self.status, self.error, self._waiting = snapshot.status, snapshot.error, snapshot.waiting
            job = next((wait for wait in snapshot.waiting if wait.kind is WaitKind.JOB), None)
            if job is None:
                return
            self.run.complete(job.key, self._answer(job))

    def _answer(self, job: Waiting) -> dict[str, Value]:
        node = self.nodes[job.element_id]
        if node.decision:
            decisions = dmn.read((PROCESSES / f"{node.decision}.dmn").read_bytes())
            found: Any = decisions.decide(node.decision, self.run.variables(job.key), functions={})
            return dict(found)
        self.operations.append(node.operation or "")
        return _values(self.facts.get(node.operation or "", {}))


def _values(given: dict[str, Any]) -> dict[str, Value]:
    return {name: Decimal(value) if type(value) is int else value for name, value in given.items()}
