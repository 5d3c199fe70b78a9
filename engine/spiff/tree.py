"""The tree of scopes and tokens: SpiffWorkflow's workflow and tasks, with our meaning of parent and child.

SpiffWorkflow lets a task's successors grow below it, so that the tree is the history and every step costs more than
the one before. Here a task's parent is the *scope* it lives in: the process, a subprocess, an iteration, an activity
with boundary events. A token that moves on is replaced by its successor in the same scope. So the tree holds what is
alive and nothing else, and there is no history to cut.

Variables live on the scopes (`internal_data["v"]`), never in SpiffWorkflow's task data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.spiff.program import NodeSpec, Program
from engine.spiff.snapshot import KernelError
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value

ARRIVED = "token"
"""A token that has come to a node and has not been looked at yet."""
ACTIVITY = "activity"
"""A node that a token has entered: it may wait, hold boundary events, iterations or a subprocess's tokens."""
ITERATION = "iteration"
"""One iteration of a multi-instance activity; it is a scope for the variables born in it."""
LAP = "lap"
"""One lap of a standard loop; variables born in it belong to the process."""
BOUNDARY = "boundary"
EVENT = "event"
"""A catch event that a token stands at, or one behind an event-based gateway."""
HANDLER = "handler"
"""The start of an event subprocess, waiting."""
JOIN = "join"
"""A token that waits at a joining gateway."""
RESET = "reset"
"""A complex gateway that has opened and swallows what still comes to it."""
TRIGGER = "trigger"
"""One of the several things that an event waits for."""
UNDO = "undo"
"""The handlers that a cancelled transaction, or an event that does not wait for them, has set going."""
PROCESS = "process"

MAX_ALIVE = 40_000
"""Tokens, activities, iterations and events of one instance at once. More come of iterations within iterations, and of loops that make tokens."""
_SCOPES_OF_BIRTH = (PROCESS, ITERATION)
_TRACED = (ACTIVITY, ITERATION, LAP, EVENT)


class Tree(Workflow):  # type: ignore[misc]
    """SpiffWorkflow's workflow without prediction and without its walks over the whole tree."""

    def __init__(self, program: Program) -> None:
        super().__init__(program.spec, deserializing=True)
        self.program = program
        self.numbered = 0

    def add(self, parent: Task | None, spec: NodeSpec, role: str, state: int = TaskState.WAITING) -> Task:
        """A new task under a key that this instance has never used. Raises KernelError when there are too many."""
        if len(self.tasks) >= MAX_ALIVE:
            sentence = say("More than %(most)s tokens and activities are there at once; too many.", most=MAX_ALIVE)
            raise KernelError(self.program.element(spec.name), sentence)
        self.numbered += 1
        return self.put(str(self.numbered), parent, spec, state, {"role": role})

    def put(self, key: str, parent: Task | None, spec: NodeSpec, state: int, internal: dict[str, Any]) -> Task:
        """A task under a given key (restoring)."""
        task = Task(self, spec, parent, state=state, id=key)
        task.internal_data = internal
        if parent is None:
            self.task_tree = task
        return task

    def remove(self, task: Task) -> None:
        """Take a task and all below it out of the tree."""
        if task.id in self.tasks and task.parent is not None:
            self._remove_task(task.id)

    def _task_completed_notify(self, task: Task) -> None:
        """SpiffWorkflow would look at every waiting task here; the agenda knows what to do next."""


def begin(task: Task, part: str) -> None:
    """A token becomes what its node makes of it: an activity, a waiting event, an iteration."""
    task.internal_data["role"] = part
    task._state = TaskState.STARTED  # not by _set_state: it writes the task's data to the log


def has_begun(task: Task) -> bool:
    """Whether the trace says that the task's element has been entered and not yet that it has been left."""
    return role(task) in _TRACED and task.state == TaskState.STARTED


def role(task: Task) -> str:
    """What the task stands for in the tree."""
    return str(task.internal_data["role"])


def node_id(task: Task) -> str:
    """Id of the (lowered) node."""
    return str(task.task_spec.name)


def walk(task: Task) -> Iterator[Task]:
    """The task and everything below it, parents first; what is taken out meanwhile is passed over."""
    tasks = task.workflow.tasks
    levels = [iter((task.id,))]
    while levels:
        for key in levels[-1]:
            if (current := tasks.get(key)) is not None:
                yield current
                levels.append(iter(tuple(current._children)))
                break
        else:
            levels.pop()


def holds(task: Task, *parts: str) -> bool:
    """Whether something directly below the task is one of these parts of the tree; looks no further than to the first."""
    tasks = task.workflow.tasks
    return any(role(tasks[key]) in parts for key in task._children)


def scope_of(task: Task) -> Task:
    """The scope whose tokens the task is among: the process, a subprocess or its iteration."""
    parent = task.parent
    assert parent is not None
    return parent


def own_variables(task: Task) -> dict[str, Value]:
    """The variables of one scope, to be written to."""
    found: dict[str, Value] = task.internal_data.setdefault("v", {})
    return found


def visible(task: Task) -> dict[str, Value]:
    """Everything that an expression at the task can see: inner scopes hide outer ones."""
    return _merged(task, None)


def local(task: Task) -> dict[str, Value]:
    """What can be seen at the task only, and not in the whole process."""
    return _merged(task, PROCESS)


def _merged(task: Task, end: str | None) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    current: Task | None = task
    while current is not None and current.internal_data["role"] != end:
        if found := current.internal_data.get("v"):
            merged = found | merged if merged else found.copy()
        current = current.parent
    return merged


def assign(task: Task, name: str, value: Value) -> None:
    """Write a variable: in the innermost scope that has it, else where variables of this place are born."""
    current: Task | None = task
    birth: Task | None = None
    while current is not None:
        found = current.internal_data.get("v")
        if found is not None and name in found:
            found[name] = value
            return
        if birth is None and role(current) in _SCOPES_OF_BIRTH:
            birth = current
        current = current.parent
    assert birth is not None
    own_variables(birth)[name] = value


def assign_all(task: Task, values: Mapping[str, Value]) -> None:
    """Write several variables."""
    for name, value in values.items():
        assign(task, name, value)


def copied(values: Mapping[str, Value]) -> dict[str, Value]:
    """Values that nobody else holds: lists and contexts can be changed in place, and callers do."""
    return {name: _copy(value) if isinstance(value, list | dict) else value for name, value in values.items()}


def _copy(value: Value) -> Value:
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return value


def is_scope(task: Task, program: Program) -> bool:
    """Whether tokens live directly below the task."""
    name = node_id(task)
    if name not in program.areas:
        return False
    return role(task) != ACTIVITY or program.places[name].node.loop is None
