"""Events: what waits, what is thrown, and how errors and escalations find who catches them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventDefinition, EventType, Node, NodeType
from engine.spiff import activities, compensation, flow, tree
from engine.spiff.machine import LIVE, Machine
from engine.spiff.program import STARTED_BY_EVENT, start_events
from engine.spiff.snapshot import Thrown, WaitKind

if TYPE_CHECKING:
    from engine.feel import Value

_KINDS = {
    EventType.MESSAGE: WaitKind.MESSAGE,
    EventType.TIMER: WaitKind.TIMER,
    EventType.SIGNAL: WaitKind.SIGNAL,
    EventType.CONDITIONAL: WaitKind.CONDITION,
    EventType.NONE: WaitKind.MESSAGE,
}


def enter(machine: Machine, task: Task, node: Node) -> None:
    """A token enters an event."""
    match node.type:
        case NodeType.INTERMEDIATE_CATCH_EVENT if node.event.type in STARTED_BY_EVENT:
            tree.begin(task, tree.EVENT)
            listen(machine, task, node)
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
        raise_error(machine, scope, node.event.ref, _payload(machine, scope, node))
        return
    if node.event.type is EventType.COMPENSATION:
        compensation.throw(machine, task, node.event)
        return
    if node.event.type is EventType.CANCEL:
        compensation.cancel_transaction(machine, task)
        return
    if flow.ends(node):
        machine.remove(task, "completed")
        clear(machine, scope)
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
            machine.thrown.append(Thrown(event.type.value, event.ref or "", element, payload, correlation))
        case EventType.ESCALATION:
            if not escalate(machine, task, event.ref, payload):
                element = machine.program.element(node.id)
                machine.thrown.append(Thrown("escalation", event.ref or "", element, payload))
        case _:
            pass


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
    for task in list(tree.walk(machine.root)):
        event = waited_for(machine, task)
        if event is None or event.type is not EventType.CONDITIONAL:
            continue
        holds = machine.evaluate(event.expression or "false", tree.visible(task)) is True
        before = task.internal_data.get("was", False)
        task.internal_data["was"] = holds
        if holds and not before:
            trigger(machine, task, {})
            return True
    return False


def waiting_node(machine: Machine, task: Task) -> Node | None:
    """The event that a task waits at; for an event subprocess its start event. None when no event is waited for.

    An event that waits for several things does not wait itself: its triggers do.
    """
    node = _event_at(machine, task)
    return None if node is None or (len(node.events) > 1 and tree.role(task) != tree.TRIGGER) else node


def wait_kind(event: EventDefinition) -> WaitKind:
    """What a wait for an event is called outside; a receive task's event has no type of its own."""
    return _KINDS[event.type]


def waited_for(machine: Machine, task: Task) -> EventDefinition | None:
    """What a task waits for."""
    node = waiting_node(machine, task)
    return None if node is None else node.events[task.internal_data["d"]] if len(node.events) > 1 else node.event


def _event_at(machine: Machine, task: Task) -> Node | None:
    match tree.role(task):
        case tree.TRIGGER:
            return _event_at(machine, tree.scope_of(task))
        case tree.HANDLER:
            return start_of(machine.place(task).node)
        case tree.BOUNDARY | tree.EVENT:
            return machine.place(task).node
        case _:
            return None


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
    """Cancel everything that goes on in a scope; its own boundary events stay."""
    for child in scope.children:
        if tree.role(child) in (*LIVE, tree.HANDLER) and machine.alive(child):
            machine.cancel(child)


def _catch(machine: Machine, task: Task, kind: EventType, code: str | None, payload: Mapping[str, Value]) -> bool:
    found = _catcher(machine, task, kind, code)
    if found is None:
        return False
    holder, node = found
    if node.type is NodeType.BOUNDARY_EVENT:
        _go_on_from_boundary(machine, holder, node, payload)
    else:
        _begin_handler(machine, holder, node, payload)
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


def _trigger_one_of_several(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    """The first of several triggers is enough, unless the event waits for all of them."""
    waiting = tree.scope_of(task)
    node = _event_at(machine, waiting)
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
        listen(machine, waiting, node)
    trigger(machine, waiting, brought)


def leave_by_cancel(machine: Machine, scope: Task) -> None:
    """A transaction has been undone: the token goes on at its cancel event."""
    host = scope if tree.role(scope) == tree.ACTIVITY else tree.scope_of(scope)
    event = next(node for node in machine.place(host).boundaries if node.event.type is EventType.CANCEL)
    _go_on_from_boundary(machine, host, event, {})


def _trigger_boundary(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    _go_on_from_boundary(machine, tree.scope_of(task), machine.place(task).node, payload)


def _go_on_from_boundary(machine: Machine, host: Task, node: Node, payload: Mapping[str, Value]) -> None:
    scope = tree.scope_of(host)
    if node.interrupting or node.event.type is EventType.CANCEL:
        machine.cancel(host)
    machine.note(node.id, "entered")
    machine.note(node.id, "completed")
    _take_payload(machine, scope, node, payload)
    flow.spring(machine, scope, node)


def _trigger_handler(machine: Machine, task: Task, payload: Mapping[str, Value]) -> None:
    _begin_handler(machine, tree.scope_of(task), machine.place(task).node, payload)


def _begin_handler(machine: Machine, scope: Task, node: Node, payload: Mapping[str, Value]) -> None:
    """An event subprocess starts, in place of everything else in its scope or beside it.

    One that runs beside can run several times at once, so what its event brought is its own.
    """
    start = start_of(node)
    if start.interrupting:
        clear(machine, scope)
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


def received(machine: Machine, scope: Task, node: Node, payload: Mapping[str, Value]) -> Mapping[str, Value]:
    """What a message brought: only what the outputs name, where the event has outputs."""
    if not node.outputs:
        return payload
    variables = tree.visible(scope) | dict(payload)
    return {item.name: machine.value(item.value, variables) for item in node.outputs}


def _payload(machine: Machine, scope: Task, node: Node) -> dict[str, Value]:
    variables = tree.visible(scope)
    return {item.name: machine.value(item.value, variables) for item in node.inputs}


def start_of(handler: Node) -> Node:
    """The start event of an event subprocess."""
    assert handler.scope is not None
    return start_events(handler.scope)[0]
