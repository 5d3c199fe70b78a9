"""Undoing what has been done: compensation and the cancelling of transactions (BPMN 2.0 §13.5.5 and §13.3.4).

A scope remembers the activities that completed in it and can be undone: `z`, in the order of their completion, each with
the variables of its own and its number `at` in the order of all completions. An event that compensates takes what it names of them into its queue `q`, and the handlers
run one after the other, the latest first. Both hold nothing but JSON, so that the state needs no migrator for them.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventDefinition, Node, NodeType
from engine.feel import dump, load
from engine.spiff import activities, flow, tree, triggers
from engine.spiff.machine import Machine
from engine.spiff.program import ROOT, start_events
from engine.spiff.snapshot import KernelError


def remember(machine: Machine, task: Task, scope: Task) -> None:
    """An activity or iteration has completed in a scope: it can be undone from now on."""
    node = machine.place(task).node
    inner = task.internal_data.get("z", [])
    if node.triggered_by_event:
        scope.internal_data.setdefault("z", []).extend(inner)
    elif node.id in machine.program.compensable:
        at = machine.root.internal_data["at"] = machine.root.internal_data.get("at", 0) + 1
        done = {"n": node.id, "v": _own(task), "z": inner, "at": at}
        if tree.role(task) in (tree.ITERATION, tree.LAP):
            done["of"] = tree.scope_of(task).id
        scope.internal_data.setdefault("z", []).append(done)


def throw(machine: Machine, task: Task, event: EventDefinition) -> None:
    """An event undoes what its scope has done, or one activity of it, and goes on when that is undone."""
    scope = _subject(machine, tree.scope_of(task))
    chosen = _take(scope, event.activity_ref)
    if event.wait_for_completion:
        tree.begin(task, tree.ACTIVITY)
        task.internal_data["q"] = chosen
        undo_next(machine, task)
        return
    holder = _holder(machine, tree.scope_of(task), task, chosen)
    flow.leave(machine, task)
    undo_next(machine, holder)


def cancel_transaction(machine: Machine, task: Task) -> None:
    """A cancel end event: all in the transaction stops, what was done in it is undone, and its cancel event goes on."""
    scope = tree.scope_of(task)
    while tree.node_id(scope) == ROOT or machine.place(scope).node.type is not NodeType.TRANSACTION:
        if scope.parent is None:
            element = machine.program.element(tree.node_id(task))
            raise KernelError(element, "A cancel end event stands in no transaction.")
        scope = scope.parent
    holder = _holder(machine, scope, task, [])
    machine.remove(task, "completed")
    undoable = [*_others(machine, scope), *_within(scope), *_take(scope, None)]
    for child in scope.children:
        if child is not holder:
            machine.cancel(child)
    holder.internal_data["q"] = sorted(undoable, key=lambda done: done["at"])
    holder.internal_data["cancels"] = True
    undo_next(machine, holder)


def _others(machine: Machine, iteration: Task) -> list[dict[str, Any]]:
    """One iteration or lap of a transaction cancels the whole of it: what the others have done, ended or going on."""
    if tree.role(iteration) not in (tree.ITERATION, tree.LAP):
        return []
    body = tree.scope_of(iteration)
    around = tree.scope_of(body)
    remembered = around.internal_data.get("z", [])
    ended = [done for done in remembered if done.get("of") == body.id]
    around.internal_data["z"] = [done for done in remembered if done not in ended]
    for other in body.children:
        if tree.role(other) == tree.ITERATION and other is not iteration:
            ended += _done_in(other)
            machine.cancel(other)
    return ended


def _within(scope: Task) -> list[dict[str, Any]]:
    """What has been done in the subprocesses of a scope that still go on, and what an event there had yet to undo."""
    return [done for child in scope.children for done in _done_in(child)]


def _done_in(task: Task) -> list[dict[str, Any]]:
    """What has been done in a task and in what still goes on below it, each with all variables that it could see."""
    own = _own(task)
    found = [
        *task.internal_data.get("q", []),
        *([] if tree.role(task) == tree.UNDO else task.internal_data.get("z", [])),
    ]
    return [{**done, "v": own | done["v"]} for done in [*found, *_within(task)]]


def _own(task: Task) -> dict[str, Any]:
    """The variables of a task's own, as they are remembered."""
    return {name: dump(value) for name, value in task.internal_data.get("v", {}).items()}


def undo_next(machine: Machine, holder: Task) -> None:
    """Begin the handler of the latest activity that is still to be undone; without one, all is undone."""
    queue: list[dict[str, Any]] = holder.internal_data["q"]
    while queue:
        done = queue.pop()
        own = {name: load(value) for name, value in done["v"].items()}
        if (found := machine.program.handlers.get(done["n"])) is not None:
            boundary, handler = found
            machine.note(boundary.id, "entered")
            machine.note(boundary.id, "completed")
            task = machine.tree.add(holder, machine.program.specs[handler.id], tree.ARRIVED, TaskState.READY)
            tree.own_variables(task).update(own)
            machine.agenda.append(task.id)
            return
        if (undoing := machine.program.areas[done["n"]].compensation) is not None:
            _begin_undoing(machine, holder, undoing, done["z"], own)
            return
        queue.extend({**inner, "v": done["v"] | inner["v"]} for inner in done["z"])
    _undone(machine, holder)


def _begin_undoing(machine: Machine, holder: Task, node: Node, inner: list[Any], own: dict[str, Any]) -> None:
    """A subprocess that says itself how it is undone: by an event subprocess."""
    assert node.scope is not None
    holder.internal_data["z"] = inner
    task = machine.tree.add(holder, machine.program.specs[node.id], tree.ACTIVITY, TaskState.STARTED)
    tree.own_variables(task).update(own)
    machine.note(node.id, "entered", task.id)
    activities.begin_scope(machine, task, start_events(node.scope)[0])


def _undone(machine: Machine, holder: Task) -> None:
    scope = tree.scope_of(holder)
    if tree.role(holder) != tree.UNDO:
        del holder.internal_data["q"]
        flow.leave(machine, holder)
        return
    machine.tree.remove(holder)
    if holder.internal_data.get("cancels"):
        triggers.leave_by_cancel(machine, scope)
    else:
        flow.settle_scope(machine, scope)


def _holder(machine: Machine, scope: Task, task: Task, queue: list[dict[str, Any]]) -> Task:
    """What holds the handlers while no token waits for them."""
    holder = machine.tree.add(scope, task.task_spec, tree.UNDO)
    holder.internal_data["q"] = queue
    return holder


def _subject(machine: Machine, scope: Task) -> Task:
    """Whose activities are undone: those of the scope, or of the one that an event subprocess stands in."""
    if tree.role(scope) == tree.ACTIVITY and machine.place(scope).node.triggered_by_event:
        return tree.scope_of(scope)
    return scope


def _take(scope: Task, activity: str | None) -> list[dict[str, Any]]:
    remembered = scope.internal_data.get("z", [])
    chosen = [done for done in remembered if activity in (None, done["n"])]
    scope.internal_data["z"] = [done for done in remembered if done not in chosen]
    return chosen
