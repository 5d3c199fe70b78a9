"""The state of an instance as bytes: our own format with its own version, parents before children.

Every older version has a migrator that makes the next one of it; an unknown version is refused. FEEL values are stored
in their lossless form, so that a user's data can hold any key and any value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from engine.feel import dump, load
from engine.spiff import tree
from engine.spiff.machine import Evaluate, Machine
from engine.spiff.program import Program
from store.errors import HandslagError
from store.sentences import say

VERSION = 1
MIGRATORS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""State version -> function that makes the next version of it."""
_VALUES = ("v", "c", "r", "p")
"""Entries of a task that map names to FEEL values; `items` is a list of them."""


class StateUnreadable(HandslagError):
    """A saved state that this release cannot read."""

    code = "state_unreadable"
    is_fault = True


def save(machine: Machine) -> bytes:
    """The instance's state. What was thrown and traced is not part of it: a snapshot has taken it."""
    tasks = [
        [task.id, task.parent.id if task.parent else None, tree.node_id(task), _dumped(task.internal_data)]
        for task in tree.walk(machine.root)
    ]
    return orjson.dumps(
        {
            "version": VERSION,
            "n": machine.tree.numbered,
            "status": machine.status,
            "error": machine.error,
            "tasks": tasks,
        }
    )


def restore(program: Program, data: bytes, evaluate: Evaluate) -> Machine:
    """An instance as it was saved. Raises StateUnreadable for another format or a node that is not in the program."""
    try:
        return _machine(program, _migrated(orjson.loads(data)), evaluate)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateUnreadable("The saved instance is damaged. Restore the database from a backup.") from error


def _machine(program: Program, state: dict[str, Any], evaluate: Evaluate) -> Machine:
    machine = Machine(program, evaluate)
    machine.tree.numbered = state["n"]
    machine.status = state["status"]
    machine.error = state["error"]
    for key, parent, name, internal in state["tasks"]:
        spec = program.specs.get(name)
        if spec is None:
            raise StateUnreadable(
                say("The saved instance stands at '%(name)s', which its diagram does not have.", name=name)
            )
        holder = machine.tree.tasks[parent] if parent is not None else None
        machine.tree.put(key, holder, spec, TaskState.STARTED, _loaded(internal))
    if tree.role(machine.root) != tree.PROCESS:
        raise StateUnreadable("The saved instance is damaged: its first scope is not that of the process.")
    return machine


def _migrated(state: dict[str, Any]) -> dict[str, Any]:
    while (version := state.get("version")) != VERSION:
        migrate = MIGRATORS.get(version) if isinstance(version, int) else None
        if migrate is None:
            raise StateUnreadable(
                say(
                    "The saved instance has the state version %(found)s; this release reads %(read)s.",
                    found=repr(version),
                    read=VERSION,
                )
            )
        state = migrate(state)
    return state


def _dumped(internal: dict[str, Any]) -> dict[str, Any]:
    found = dict(internal)
    for entry in _VALUES:
        if entry in found:
            found[entry] = {name: dump(value) for name, value in found[entry].items()}
    if "items" in found:
        found["items"] = [dump(value) for value in found["items"]]
    return found


def _loaded(internal: dict[str, Any]) -> dict[str, Any]:
    for entry in _VALUES:
        if entry in internal:
            internal[entry] = {name: load(value) for name, value in internal[entry].items()}
    if "items" in internal:
        internal["items"] = [load(value) for value in internal["items"]]
    return internal
