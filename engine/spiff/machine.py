"""The machine of one instance: an agenda of tokens and the rules by which they move (BPMN 2.0 §13).

A token that has arrived at a node is a task with the role ARRIVED. `flow.py` says what each node does with it,
`activities.py` what an activity does while it lives, `events.py` what events throw,
`listening.py` what waits for them, `triggers.py` and `catching.py` what becomes of what waited and of what was raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Flow, Node
from engine.feel import shown
from engine.spiff import tree
from engine.spiff.program import ROOT, Area, Place, Program
from engine.spiff.snapshot import KernelError, Thrown, TraceEntry
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value

Evaluate = Callable[[str, Mapping[str, "Value"]], "Value"]
"""(text of an expression, visible variables) -> its value. The only code of ours that the kernel calls."""

LIVE = (tree.ARRIVED, tree.ACTIVITY, tree.EVENT, tree.JOIN, tree.UNDO)
"""Roles that keep a scope from completing."""
MOVING = tuple(part for part in LIVE if part != tree.JOIN)
"""Those of them of which something may still come."""
MAX_MOVES = 50_000
"""Tokens moved in one step; more means that the diagram runs in a circle that never waits."""
LOOKED_AT = 50
"""Tokens looked at for one move: a join looks at all that are beside it, so that many tokens cost more than a long way."""


class Machine:
    """The moving parts of one instance. Thrown away on any exception."""

    def __init__(self, program: Program, evaluate: Evaluate) -> None:
        self.program = program
        self.evaluate = evaluate
        self.tree = tree.Tree(program)
        self.agenda: deque[str] = deque()
        self.moved = 0
        self.thrown: list[Thrown] = []
        self.trace: list[TraceEntry] = []
        self.flows: list[str] = []
        self.status = "running"
        self.error: str | None = None
        self.brought: Mapping[str, Value] = {}
        """What the error that nothing caught brought; the caller is told in the same step, so that no state holds it."""

    @property
    def root(self) -> Task:
        """The task of the process itself."""
        return self.tree.task_tree

    def place(self, task: Task) -> Place:
        """The node that the task stands at, and what surrounds it."""
        return self.program.places[tree.node_id(task)]

    def area(self, task: Task) -> Area:
        """The inside of the scope that the task stands for."""
        return self.program.areas[tree.node_id(task)]

    def alive(self, task: Task) -> bool:
        """Whether the task has not been cancelled or completed meanwhile."""
        return task.id in self.tree.tasks

    def note(self, node_id: str, event: str, key: str | None = None) -> None:
        """Write an entry of the trace, in the diagram's own ids."""
        if node_id != ROOT:
            self.trace.append(TraceEntry(self.program.element(node_id), event, key))

    def arrive(self, scope: Task, node: Node, flow: str | None = None) -> None:
        """Put a token at a node, on the flow of an id; it moves on when its turn comes."""
        task = self.tree.add(scope, self.program.specs[node.id], tree.ARRIVED, TaskState.READY)
        if flow is not None:
            task.internal_data["f"] = flow
        self.agenda.append(task.id)

    def follow(self, scope: Task, flows: Iterable[Flow]) -> None:
        """Send a token along each flow."""
        for flow in flows:
            self.flows.append(flow.id)
            self.arrive(scope, self.program.places[flow.target].node, flow.id)

    def remove(self, task: Task, event: str) -> Task:
        """Take a task out of the tree, with its trace, and give the scope it was in."""
        scope = tree.scope_of(task)
        self.note(tree.node_id(task), event, task.id)
        self.tree.remove(task)
        return scope

    def cancel(self, task: Task) -> None:
        """Take a task and all below it out, noting every element that had been entered."""
        for below in reversed(list(tree.walk(task))):
            if tree.has_begun(below):
                self.note(tree.node_id(below), below.internal_data.get("ends", "cancelled"), below.id)
        self.tree.remove(task)

    def finish(self, status: str) -> None:
        """End the whole instance with everything that goes on in it."""
        for child in self.root.children:
            self.cancel(child)
        self.status = status

    def value(self, text: str, variables: Mapping[str, Value]) -> Value:
        """The value of an attribute: FEEL when it starts with `=`, else the text itself."""
        return self.evaluate(text, variables) if text.lstrip().startswith("=") else text

    def is_true(self, node: Node, text: str, variables: Mapping[str, Value]) -> bool:
        """The value of a condition, which must be true or false: null would choose a way that nobody meant."""
        found = self.evaluate(text, variables)
        if not isinstance(found, bool):
            raise KernelError(
                self.program.element(node.id),
                say(
                    "The condition '%(text)s' at '%(node)s' gave %(found)s instead of true or false.",
                    text=text,
                    node=node.name or node.id,
                    found=shown(found),
                ),
            )
        return found

    def moves(self) -> Iterable[Task]:
        """The tokens on the agenda that are still there, in the order in which they arrived."""
        while self.agenda:
            task = self.tree.tasks.get(self.agenda.popleft())
            if task is None:
                continue
            self.moved += 1
            if self.moved > MAX_MOVES:
                element = self.program.element(tree.node_id(task))
                raise KernelError(
                    element,
                    "The process runs in a circle that never waits for anything, or makes too many tokens at once.",
                )
            yield task

    def look(self, at: int) -> None:
        """Count the tokens that are looked at as moves, so that a step of many tokens ends in time."""
        self.moved += at // LOOKED_AT
