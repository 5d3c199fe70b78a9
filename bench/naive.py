"""SpiffWorkflow as its documentation shows it: the whole workflow is loaded from JSON, stepped and saved as JSON.

The baseline is kind: the parsed diagram is kept in memory, one row holds an instance, and the open tasks stand in one
side table, so that a list of tasks would be quick.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench import workload

TABLES = (
    "CREATE TABLE inst (id INTEGER PRIMARY KEY, state TEXT)",
    "CREATE TABLE task (inst INTEGER, name TEXT, officer TEXT)",
    "CREATE INDEX ix_task ON task (officer)",
    "CREATE INDEX ix_task_inst ON task (inst)",
    "CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER)",
    "INSERT INTO bare VALUES (1, 0)",
)


class Store:
    """A table or two on a driver, with durable commits; also the bare commit that all is held against."""

    def __init__(self, address: Path | str) -> None:
        if isinstance(address, Path):
            self.connection: Any = sqlite3.connect(address, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
            self.begin, self.mark = "BEGIN IMMEDIATE", "?"
        else:
            self.connection = psycopg.connect(address, autocommit=True)
            self.begin, self.mark = "BEGIN", "%s"
        for statement in TABLES:
            self.connection.execute(statement)

    def __call__(self, statement: str, *values: object) -> Any:
        """Execute a statement with `?` for its values."""
        return self.connection.execute(statement.replace("?", self.mark), values)

    def bare_commit(self) -> None:
        """Change one row and commit."""
        self(self.begin)
        self("UPDATE bare SET n = n + 1 WHERE id = 1")
        self("COMMIT")

    def write_state(self, key: int, state: str | bytes) -> None:
        """Replace one state and commit; only this."""
        self(self.begin)
        self("UPDATE inst SET state = ? WHERE id = ?", state, key)
        self("COMMIT")


class Naive:
    """One instance of the measured case under naive SpiffWorkflow."""

    def __init__(self, store: Store, key: int) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(workload.diagram('"P30D"')))
        spec, parts = parser.get_spec(workload.KEY), parser.get_subprocess_specs(workload.KEY)
        self.store, self.key, self.steps = store, key, 0
        self.serializer = BpmnWorkflowSerializer()
        self.memory: Any = BpmnWorkflow(spec, parts)
        self.memory.task_tree.data.update(workload.VARIABLES)
        self.memory.do_engine_steps()
        store("INSERT INTO inst VALUES (?, ?)", key, "")

    def grow(self, steps: int) -> bool:
        """Go on in memory until so many steps have been made; False when the library cannot."""
        try:
            while self.steps < steps:
                _complete_one(self.memory)
                self.steps += 1
        except (RecursionError, IndexError):
            return False
        self.rewind()
        return True

    def rewind(self) -> None:
        """Put the saved instance back to where `grow` left it, so that measuring does not make it older."""
        self.store("UPDATE inst SET state = ? WHERE id = ?", self.serializer.serialize_json(self.memory), self.key)

    def step(self) -> None:
        """Load, complete the first open task, save, commit. The instance is not kept in memory."""
        (state,) = self.store("SELECT state FROM inst WHERE id = ?", self.key).fetchone()
        workflow = self.serializer.deserialize_json(state)
        _complete_one(workflow)
        text = self.serializer.serialize_json(workflow)
        waiting = workflow.get_tasks(state=TaskState.READY, manual=True)
        self.store(self.store.begin)
        self.store("UPDATE inst SET state = ? WHERE id = ?", text, self.key)
        self.store("DELETE FROM task WHERE inst = ?", self.key)
        for task in waiting:
            self.store("INSERT INTO task VALUES (?, ?, ?)", self.key, task.task_spec.name, "u1")
        self.store("COMMIT")

    def size(self) -> int:
        """Bytes of the saved state."""
        (state,) = self.store("SELECT state FROM inst WHERE id = ?", self.key).fetchone()
        return len(state.encode())


def _complete_one(workflow: Any) -> None:
    """Complete the first open task. Raises IndexError when the library no longer finds any."""
    task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
    task.data.update(workload.ANSWER)
    task.run()
    workflow.do_engine_steps()
