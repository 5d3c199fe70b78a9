"""What was waited for has happened: the token goes on, a boundary event or an event subprocess begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventType, Node, NodeType
from engine.spiff import activities, catching, flow, listening, tree
from engine.spiff.machine import Machine

if TYPE_CHECKING:
    from engine.feel import Value


def trigger(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    """Something that was waited for has happened."""
    match tree.role(task):
        case tree.TRIGGER:
            _trigger_one_of_several(machine, task, payload)
        case tree.BOUNDARY:
            _trigger_boundary(machine, task, payload)
        case tree.HANDLER:
            _trigger_handler(machine, task, payload)
        case tree.EVENT:
            _trigger_event(machine, task, payload)
        case _:
            activities.complete(machine, task, payload)


def conditions_now_true(machine: Machine) -> bool:
    """Trigger one conditional event whose condition has become true; say whether there was one."""
    machine.look(len(machine.tree.tasks))
    for task in list(tree.walk(machine.root)):
        event = listening.waited_for(machine, task)
        if event is None or event.type is not EventType.CONDITIONAL:
            continue
        holds = machine.evaluate(event.expression or "false", tree.visible(task)) is True
        before = task.internal_data.get("was", False)
        task.internal_data["was"] = holds
        if holds and not before:
            trigger(machine, task, {})
            return True
    return False


def leave_by_cancel(machine: Machine, scope: Task) -> None:
    """A transaction has been undone: the token goes on at its cancel event."""
    host = scope if tree.role(scope) == tree.ACTIVITY else tree.scope_of(scope)
    event = next(node for node in machine.place(host).boundaries if node.event.type is EventType.CANCEL)
    go_on_from_boundary(machine, host, event, {})


def received(machine: Machine, scope: Task, node: Node, payload: Mapping[str, Value]) -> Mapping[str, Value]:
    """What a message brought: only what the outputs name, where the event has outputs."""
    if not node.outputs:
        return payload
    variables = tree.visible(scope) | dict(payload)
    return {item.name: machine.value(item.value, variables) for item in node.outputs}


def _trigger_one_of_several(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    """The first of several triggers is enough, unless the event waits for all of them."""
    waiting = tree.scope_of(task)
    node = listening.event_at(machine, waiting)
    assert node is not None
    if not node.parallel_multiple:
        trigger(machine, waiting, payload)
        return
    brought = waiting.internal_data.setdefault("p", {})
    brought.update(payload)
    machine.tree.remove(task)
    if any(tree.role(child) == tree.TRIGGER for child in waiting.children):
        return
    del waiting.internal_data["p"]
    if not node.interrupting:
        listening.listen(machine, waiting, node)
    trigger(machine, waiting, brought)


def _trigger_boundary(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    go_on_from_boundary(machine, tree.scope_of(task), machine.place(task).node, payload)


def go_on_from_boundary(machine: Machine, host: Task, node: Node, payload: Mapping[str, Value]) -> None:
    scope = tree.scope_of(host)
    if node.interrupting or node.event.type is EventType.CANCEL:
        machine.cancel(host)
    machine.note(node.id, "entered")
    machine.note(node.id, "completed")
    _take_payload(machine, scope, node, payload)
    flow.spring(machine, scope, node)


def _trigger_handler(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    begin_handler(machine, tree.scope_of(task), machine.place(task).node, payload)


def begin_handler(machine: Machine, scope: Task, node: Node, payload: Mapping[str, Value]) -> None:
    """An event subprocess starts, in place of everything else in its scope or beside it.

    One that runs beside can run several times at once, so what its event brought is its own.
    """
    start = listening.start_of(node)
    if start.interrupting:
        catching.clear(machine, scope)
    task = machine.tree.add(scope, machine.program.specs[node.id], tree.ACTIVITY, TaskState.STARTED)
    machine.note(node.id, "entered", task.id)
    brought = received(machine, scope, start, payload)
    if start.interrupting:
        tree.assign_all(scope, brought)
    else:
        tree.own_variables(task).update(brought)
    activities.begin_scope(machine, task, start)


def _trigger_event(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    parent = tree.scope_of(task)
    node = machine.place(task).node
    if tree.role(parent) == tree.ACTIVITY and machine.place(parent).node.type is NodeType.EVENT_BASED_GATEWAY:
        _choose(machine, parent, task, payload)
        return
    _take_payload(machine, parent, node, payload)
    flow.leave(machine, task)


def _choose(machine: Machine, gateway: Task, task: Task, payload: Mapping[str, Value]) -> None:
    """One of the events behind a gateway has happened; one of type Parallel waits for the others too."""
    scope, node = tree.scope_of(gateway), machine.place(task).node
    machine.flows += (way.id for way in machine.place(task).incoming if way.source == tree.node_id(gateway))
    machine.remove(task, "completed")
    if machine.place(gateway).node.event_gateway_type != "Parallel":
        for other in gateway.children:
            machine.cancel(other)
    if not gateway.children:
        machine.remove(gateway, "completed")
    _take_payload(machine, scope, node, payload)
    flow.spring(machine, scope, node)


def _take_payload(machine: Machine, scope: Task, node: Node, payload: Mapping[str, Value]) -> None:
    tree.assign_all(scope, received(machine, scope, node, payload))
