"""Events that a token enters, and what they throw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from engine.bpmn.model import EventDefinition, EventType, Node, NodeType
from engine.spiff import catching, compensation, flow, listening, tree
from engine.spiff.machine import Machine
from engine.spiff.program import STARTED_BY_EVENT
from engine.spiff.snapshot import Thrown

if TYPE_CHECKING:
    from engine.feel import Value


def enter(machine: Machine, task: Task, node: Node) -> None:
    """A token enters an event."""
    match node.type:
        case NodeType.INTERMEDIATE_CATCH_EVENT if node.event.type in STARTED_BY_EVENT:
            tree.begin(task, tree.EVENT)
            listening.listen(machine, task, node)
        case NodeType.INTERMEDIATE_THROW_EVENT if node.event.type is EventType.LINK:
            flow.jump(machine, task, node)
        case NodeType.INTERMEDIATE_THROW_EVENT if node.event.type is EventType.COMPENSATION:
            compensation.throw(machine, task, node.event)
        case NodeType.INTERMEDIATE_THROW_EVENT:
            _happen(task)
            throw(machine, task, node)
            if machine.alive(task):
                flow.leave(machine, task)
        case NodeType.END_EVENT:
            _end(machine, task, node)
        case _:
            flow.leave(machine, task)


def _end(machine: Machine, task: Task, node: Node) -> None:
    scope = tree.scope_of(task)
    if node.event.type is EventType.ERROR:
        machine.remove(task, "completed")
        catching.raise_error(machine, scope, node.event.ref, _payload(machine, scope, node))
        return
    if node.event.type is EventType.COMPENSATION:
        compensation.throw(machine, task, node.event)
        return
    if node.event.type is EventType.CANCEL:
        compensation.cancel_transaction(machine, task)
        return
    if flow.ends(node):
        machine.remove(task, "completed")
        catching.clear(machine, scope)
        flow.settle_scope(machine, scope)
        return
    _happen(task)
    throw(machine, task, node)
    if machine.alive(task):
        flow.leave(machine, task)


def _happen(task: Task) -> None:
    """Let the trace say of an event that it happened, also when what it throws interrupts its own scope."""
    tree.begin(task, tree.EVENT)
    task.internal_data["ends"] = "completed"


def throw(machine: Machine, task: Task, node: Node) -> None:
    """Send what a throwing event (or send task) sends."""
    scope = tree.scope_of(task)
    if node.type is NodeType.SEND_TASK:  # it has taken its inputs already
        payload = {item.name: tree.own_variables(task)[item.name] for item in node.inputs}
    else:
        payload = _payload(machine, scope, node)
    for event in node.events:
        if machine.alive(task):
            emit(machine, task, node, event, payload)


def emit(machine: Machine, task: Task, node: Node, event: EventDefinition, payload: Mapping[str, Value]) -> None:
    """Send a message or signal out of the instance, or let an escalation rise."""
    match event.type:
        case EventType.MESSAGE | EventType.SIGNAL:
            variables = tree.visible(task)
            correlation = {item.name: machine.value(item.value, variables) for item in node.correlation}
            element = machine.program.element(node.id)
            number = machine.tree.numbered
            machine.thrown.append(Thrown(event.type.value, event.ref or "", element, payload, correlation, number))
        case EventType.ESCALATION:
            if not catching.escalate(machine, task, event.ref, payload):
                element = machine.program.element(node.id)
                machine.thrown.append(Thrown("escalation", event.ref or "", element, payload))
        case _:
            pass


def _payload(machine: Machine, scope: Task, node: Node) -> dict[str, Value]:
    variables = tree.visible(scope)
    return {item.name: machine.value(item.value, variables) for item in node.inputs}
