"""How errors and escalations find who catches them, and what is cleared away then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from engine.bpmn.model import EventType, Node, NodeType
from engine.spiff import tree, triggers
from engine.spiff.machine import LIVE, Machine

if TYPE_CHECKING:
    from engine.feel import Value


def raise_error(machine: Machine, task: Task, code: str | None, payload: Mapping[str, Value]) -> bool:
    """An error goes outwards until an event subprocess or a boundary event catches it; else the process fails."""
    if _catch(machine, task, EventType.ERROR, code, payload):
        return True
    machine.finish("failed")
    machine.error, machine.brought = code or "", payload
    return False


def escalate(machine: Machine, task: Task, code: str | None, payload: Mapping[str, Value]) -> bool:
    """An escalation goes outwards as an error does, but goes unnoticed when nobody catches it."""
    return _catch(machine, task, EventType.ESCALATION, code, payload)


def catches(machine: Machine, task: Task, kind: EventType, code: str | None) -> bool:
    """Whether anything in the instance would catch it."""
    return _catcher(machine, task, kind, code) is not None


def fail(task: Task) -> None:
    """Let the trace say of what ends in an error that it failed, and not that somebody cancelled it."""
    task.internal_data["ends"] = "failed"
    if tree.role(task) in (tree.ITERATION, tree.LAP):
        tree.scope_of(task).internal_data["ends"] = "failed"


def clear(machine: Machine, scope: Task) -> None:
    """Cancel everything that goes on in a scope, and what was to follow in it; its own boundary events stay."""
    scope.internal_data.pop("todo", None)  # of a sequential ad-hoc subprocess
    for child in scope.children:
        if tree.role(child) in (*LIVE, tree.HANDLER) and machine.alive(child):
            machine.cancel(child)


def _catch(machine: Machine, task: Task, kind: EventType, code: str | None, payload: Mapping[str, Value]) -> bool:
    found = _catcher(machine, task, kind, code)
    if found is None:
        return False
    holder, node = found
    if node.type is NodeType.BOUNDARY_EVENT:
        triggers.go_on_from_boundary(machine, holder, node, payload)
    else:
        triggers.begin_handler(machine, holder, node, payload)
    return True


def _catcher(machine: Machine, task: Task, kind: EventType, code: str | None) -> tuple[Task, Node] | None:
    """The nearest (scope, event subprocess) or (activity, boundary event) that catches."""
    current: Task | None = task
    from_handler = False
    while current is not None:
        skip, from_handler = from_handler, False
        if tree.is_scope(current, machine.program) and not skip:
            handlers = [(start, node) for node, start in machine.area(current).event_subprocesses]
            if (handler := _matching(handlers, kind, code)) is not None:
                return current, handler
        if tree.role(current) == tree.ACTIVITY:
            boundaries = [(node, node) for node in machine.place(current).boundaries]
            if (boundary := _matching(boundaries, kind, code)) is not None:
                return current, boundary
            from_handler = machine.place(current).node.triggered_by_event
        current = current.parent
    return None


def _matching(candidates: list[tuple[Node, Node]], kind: EventType, code: str | None) -> Node | None:
    """The candidate whose event names the code, else one that catches every code."""
    of_kind = [(event.ref, node) for catching, node in candidates for event in catching.events if event.type is kind]
    exact = [node for ref, node in of_kind if ref is not None and ref == code]
    every = [node for ref, node in of_kind if ref is None]
    return next(iter(exact + every), None)
