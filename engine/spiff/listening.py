"""What waits for events, and for which: messages, timers, signals and conditions."""

from __future__ import annotations

from collections.abc import Collection

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventDefinition, EventType, Node, NodeType
from engine.spiff import tree
from engine.spiff.machine import Machine
from engine.spiff.program import STARTED_BY_EVENT, start_events
from engine.spiff.snapshot import WaitKind

_KINDS = {
    EventType.MESSAGE: WaitKind.MESSAGE,
    EventType.TIMER: WaitKind.TIMER,
    EventType.SIGNAL: WaitKind.SIGNAL,
    EventType.CONDITIONAL: WaitKind.CONDITION,
    EventType.NONE: WaitKind.MESSAGE,
}


def listen(machine: Machine, task: Task, node: Node) -> None:
    """Wait for what an event names: one thing, or the first or all of several."""
    if len(node.events) < 2:
        correlate(machine, task, node)
        return
    for number, event in enumerate(node.events):
        if event.type in STARTED_BY_EVENT:
            waiting = machine.tree.add(task, machine.program.specs[tree.node_id(task)], tree.TRIGGER)
            waiting.internal_data["d"] = number
            correlate(machine, waiting, node)


def correlate(machine: Machine, task: Task, node: Node) -> None:
    """Fix the keys that a message must have, when the wait begins."""
    if node.correlation:
        variables = tree.visible(task)
        task.internal_data["c"] = {item.name: machine.value(item.value, variables) for item in node.correlation}


def arm_boundaries(machine: Machine, task: Task, but: Collection[str] = ()) -> None:
    """The boundary events of an activity begin to wait; `but` names those that shall not."""
    for boundary in machine.place(task).boundaries:
        if boundary.id not in but and is_waited_for(boundary):
            waiting = machine.tree.add(task, machine.program.specs[boundary.id], tree.BOUNDARY)
            listen(machine, waiting, boundary)


def is_waited_for(node: Node) -> bool:
    """Whether an event waits for something; errors and escalations find who catches them when they happen."""
    return any(event.type in STARTED_BY_EVENT for event in node.events)


def offer_choice(machine: Machine, gateway: Task) -> None:
    """An event-based gateway: the events behind it wait together, and the first one wins."""
    tree.begin(gateway, tree.ACTIVITY)
    offer_more(machine, gateway)


def offer_more(machine: Machine, gateway: Task) -> None:
    """The events behind an event-based gateway begin to wait, those that do not yet."""
    offered = {tree.node_id(child) for child in gateway.children}
    for way in machine.place(gateway).outgoing:
        node = machine.program.places[way.target].node
        if node.id in offered:
            continue
        task = machine.tree.add(gateway, machine.program.specs[node.id], tree.EVENT, TaskState.STARTED)
        machine.note(node.id, "entered", task.id)
        if node.type is NodeType.RECEIVE_TASK:
            task.internal_data["w"] = "message"
        listen(machine, task, node)


def waiting_node(machine: Machine, task: Task) -> Node | None:
    """The event that a task waits at; for an event subprocess its start event. None when no event is waited for.

    An event that waits for several things does not wait itself: its triggers do.
    """
    node = event_at(machine, task)
    return None if node is None or (len(node.events) > 1 and tree.role(task) != tree.TRIGGER) else node


def wait_kind(event: EventDefinition) -> WaitKind:
    """What a wait for an event is called outside; a receive task's event has no type of its own."""
    return _KINDS[event.type]


def waited_for(machine: Machine, task: Task) -> EventDefinition | None:
    """What a task waits for."""
    node = waiting_node(machine, task)
    return None if node is None else node.events[task.internal_data["d"]] if len(node.events) > 1 else node.event


def event_at(machine: Machine, task: Task) -> Node | None:
    match tree.role(task):
        case tree.TRIGGER:
            return event_at(machine, tree.scope_of(task))
        case tree.HANDLER:
            return start_of(machine.place(task).node)
        case tree.BOUNDARY | tree.EVENT:
            return machine.place(task).node
        case _:
            return None


def start_of(handler: Node) -> Node:
    """The start event of an event subprocess."""
    assert handler.scope is not None
    return start_events(handler.scope)[0]
