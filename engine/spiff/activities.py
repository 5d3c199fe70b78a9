"""The life of an activity: its boundary events, iterations and laps, what waits in it, and its end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import EventDefinition, Loop, Node, NodeType
from engine.feel import shown
from engine.spiff import catching, compensation, events, flow, listening, tree
from engine.spiff.machine import Machine
from engine.spiff.snapshot import KernelError, WaitKind
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value

MAX_ITERATIONS = 10_000
WAITS = {
    NodeType.USER_TASK: WaitKind.USER,
    NodeType.MANUAL_TASK: WaitKind.MANUAL,
    NodeType.SERVICE_TASK: WaitKind.JOB,
    NodeType.SCRIPT_TASK: WaitKind.JOB,
    NodeType.BUSINESS_RULE_TASK: WaitKind.JOB,
    NodeType.SEND_TASK: WaitKind.JOB,
    NodeType.RECEIVE_TASK: WaitKind.MESSAGE,
    NodeType.CALL_ACTIVITY: WaitKind.CALL,
}
"""What an activity waits for, by its type; the others are done at once."""


def enter(machine: Machine, task: Task) -> None:
    """A token enters an activity."""
    node = machine.place(task).node
    tree.begin(task, tree.ACTIVITY)
    if node.loop is None:
        _take_inputs(machine, task, node)  # first: the keys of a boundary event can be of them
        listening.arm_boundaries(machine, task)
        _begin(machine, task, node)
        return
    listening.arm_boundaries(machine, task)
    if node.loop.kind == "standard":
        _next_lap(machine, task, node, node.loop)
    else:
        _begin_instances(machine, task, node, node.loop)


def begin_iteration(machine: Machine, task: Task) -> None:
    """An iteration or lap begins when its turn on the agenda comes, so that long loops do not nest."""
    node = machine.place(task).node
    tree.begin(task, tree.role(task))
    machine.note(node.id, "entered", task.id)
    _take_inputs(machine, task, node)
    _begin(machine, task, node)


def complete(machine: Machine, task: Task, result: Mapping[str, Value]) -> None:
    """What was waited for in an activity has been done, with a result."""
    if tree.role(task) in (tree.ITERATION, tree.LAP):
        iteration_done(machine, task, result)
    else:
        done(machine, task, result)


def done(machine: Machine, task: Task, result: Mapping[str, Value]) -> None:
    """An activity without iterations has ended."""
    _apply(machine, task, result)
    compensation.remember(machine, task, tree.scope_of(task))
    flow.leave(machine, task)


def iteration_done(machine: Machine, task: Task, result: Mapping[str, Value]) -> None:
    """One iteration or lap of an activity has ended."""
    body = tree.scope_of(task)
    node = machine.place(body).node
    assert node.loop is not None
    _apply(machine, task, result)
    compensation.remember(machine, task, tree.scope_of(body))
    if tree.role(task) == tree.LAP:
        machine.remove(task, "completed")
        _next_lap(machine, body, node, node.loop)
        return
    _collect(machine, body, task, node.loop)
    _throw_behaviour(machine, body, task, node, node.loop)
    if not machine.alive(task):
        return  # what it threw was caught, and interrupted
    enough = _is_enough(machine, body, task, node)
    machine.remove(task, "completed")
    if enough:
        for other in _iterations(body):
            machine.cancel(other)
        flow.leave(machine, body)
    else:
        _next_instance(machine, body, node, node.loop)


def _take_inputs(machine: Machine, task: Task, node: Node) -> None:
    """Give an activity, iteration or lap variables of its own, as the diagram says."""
    if node.inputs:
        variables = tree.visible(task)
        own = {item.name: machine.value(item.value, variables) for item in node.inputs}
        tree.own_variables(task).update(own)


def _begin(machine: Machine, task: Task, node: Node) -> None:
    """Start what one activity, iteration or lap does."""
    if node.scope is not None:
        begin_scope(machine, task)
        return
    kind = WAITS.get(node.type)
    if node.type is NodeType.SEND_TASK and not node.operation:
        events.throw(machine, task, node)
        kind = None
    if kind is None:
        complete(machine, task, {})
        return
    task.internal_data["w"] = kind.value
    if kind is WaitKind.MESSAGE:
        listening.correlate(machine, task, node)


def begin_scope(machine: Machine, task: Task, start: Node | None = None) -> None:
    """Start the inside of a process or subprocess: its event subprocesses listen, its tokens begin."""
    area = machine.area(task)
    listen(machine, task)
    starts = (start,) if start is not None else area.starts
    if _is_sequential(machine, task):
        task.internal_data["todo"] = [node.id for node in starts[1:]]
        starts = starts[:1]
    for node in starts:
        machine.arrive(task, node)
    flow.settle_scope(machine, task)


def listen(machine: Machine, scope: Task, but: Collection[str] = ()) -> None:
    """The event subprocesses of a scope begin to listen, those that do not yet; `but` names those that shall not."""
    known = {tree.node_id(child) for child in scope.children if tree.role(child) == tree.HANDLER} | set(but)
    for handler, event in machine.area(scope).event_subprocesses:
        if handler.id not in known and listening.is_waited_for(event):
            waiting = machine.tree.add(scope, machine.program.specs[handler.id], tree.HANDLER)
            listening.listen(machine, waiting, event)


def open_empty(machine: Machine, scope: Task, node: Node) -> Task:
    """A subprocess that goes on without its own starts: the caller begins something in it."""
    task = machine.tree.add(scope, machine.program.specs[node.id], tree.ACTIVITY, TaskState.STARTED)
    machine.note(node.id, "entered", task.id)
    _take_inputs(machine, task, node)
    listening.arm_boundaries(machine, task)
    listen(machine, task)
    return task


def go_on_without(machine: Machine, body: Task) -> bool:
    """A multi-instance activity goes on without an iteration that was cancelled; False for anything else."""
    node = machine.place(body).node
    if tree.role(body) != tree.ACTIVITY or node.loop is None or node.loop.kind == "standard":
        return False
    _next_instance(machine, body, node, node.loop)
    return True


def _is_sequential(machine: Machine, scope: Task) -> bool:
    node = _ad_hoc(machine, scope)
    return node is not None and node.ordering.lower() == "sequential"


def _ad_hoc(machine: Machine, scope: Task) -> Node | None:
    place = machine.program.places.get(tree.node_id(scope))
    return place.node if place is not None and place.node.type is NodeType.AD_HOC_SUB_PROCESS else None


def ad_hoc_is_done(machine: Machine, scope: Task) -> bool:
    """Whether an ad-hoc subprocess ends with the activity that has just ended; what it does not wait for is cancelled."""
    node = _ad_hoc(machine, scope)
    if node is None or not node.completion_condition:
        return False
    if not machine.is_true(node, node.completion_condition, tree.visible(scope)):
        return False
    if node.cancel_remaining:
        catching.clear(machine, scope)
    scope.internal_data.pop("todo", None)
    return node.cancel_remaining


def begin_next_of_ad_hoc(machine: Machine, scope: Task) -> bool:
    """Begin the next activity of a sequential ad-hoc subprocess; say whether there is one."""
    left = scope.internal_data.get("todo")
    if not left:
        return False
    machine.arrive(scope, machine.program.places[left.pop(0)].node)
    return True


def _apply(machine: Machine, task: Task, result: Mapping[str, Value]) -> None:
    """Write a result to the variables: only what the outputs name, where the diagram has outputs."""
    node = machine.place(task).node
    target = task if tree.role(task) in (tree.ITERATION, tree.LAP) else tree.scope_of(task)
    if node.outputs:
        variables = tree.visible(task) | dict(result)
        written = {item.name: machine.value(item.value, variables) for item in node.outputs}
        result = dict(result) | written if node.all_outputs else written
    tree.assign_all(target, result)


def _begin_instances(machine: Machine, body: Task, node: Node, loop: Loop) -> None:
    items = _items(machine, body, node, loop)
    body.internal_data["items"] = items
    body.internal_data["next"] = 0
    body.internal_data["r"] = {}
    if loop.output:
        tree.assign(tree.scope_of(body), loop.output, [])
    if not items:
        flow.leave(machine, body)
        return
    for _ in items if loop.kind == "parallel" else items[:1]:
        _start_instance(machine, body, node, loop)


def _items(machine: Machine, body: Task, node: Node, loop: Loop) -> list[Value]:
    variables = tree.visible(body)
    element = machine.program.element(node.id)
    if loop.collection:
        text = loop.collection
        found = machine.value(text, variables) if text.lstrip().startswith("=") else variables.get(text)
        if not isinstance(found, list):
            raise KernelError(
                element,
                say(
                    "The collection '%(text)s' of '%(node)s' is %(found)s, not a list.",
                    text=text,
                    node=node.name or node.id,
                    found=shown(found),
                ),
            )
        if len(found) > MAX_ITERATIONS:
            raise KernelError(
                element,
                say("'%(node)s' is to run %(count)s times; too often.", node=node.name or node.id, count=len(found)),
            )
        return list(found)
    return [None] * _count(machine, node, loop.cardinality or "null", variables)


def _count(machine: Machine, node: Node, text: str, variables: Mapping[str, Value]) -> int:
    """How often an activity is to run. Raises KernelError for what is no count, or too large a one."""
    count = machine.evaluate(text, variables)
    name, element = node.name or node.id, machine.program.element(node.id)
    if not isinstance(count, Decimal) or count < 0 or count != count.to_integral_value():
        raise KernelError(
            element,
            say(
                "'%(name)s' is to run '%(text)s' times, which is %(count)s and no count.",
                name=name,
                text=text,
                count=shown(count),
            ),
        )
    if count > MAX_ITERATIONS:
        raise KernelError(
            element,
            say(
                "'%(name)s' is to run %(count)s times; at most %(most)s are allowed.",
                name=name,
                count=count,
                most=MAX_ITERATIONS,
            ),
        )
    return int(count)


def _start_instance(machine: Machine, body: Task, node: Node, loop: Loop) -> None:
    index = body.internal_data["next"]
    body.internal_data["next"] = index + 1
    task = machine.tree.add(body, machine.program.specs[node.id], tree.ITERATION, TaskState.READY)
    task.internal_data["i"] = index
    own = tree.own_variables(task)
    own["loopCounter"] = Decimal(index + 1)
    if loop.element:
        own[loop.element] = body.internal_data["items"][index]
    machine.agenda.append(task.id)


def _next_instance(machine: Machine, body: Task, node: Node, loop: Loop) -> None:
    if body.internal_data["next"] < len(body.internal_data["items"]):
        if loop.kind == "sequential":
            _start_instance(machine, body, node, loop)
    elif not tree.holds(body, tree.ITERATION):
        flow.leave(machine, body)


def _iterations(body: Task) -> list[Task]:
    return [child for child in body.children if tree.role(child) == tree.ITERATION]


def _collect(machine: Machine, body: Task, task: Task, loop: Loop) -> None:
    """Keep one answer, in the order of the items; the list is there even if the activity is interrupted later."""
    results, index = body.internal_data["r"], task.internal_data["i"]
    variables = tree.visible(task)
    in_turn = not results or int(next(reversed(results))) < index
    results[str(index)] = machine.value(loop.output_element, variables) if loop.output_element else None
    if not in_turn:
        results = body.internal_data["r"] = dict(sorted(results.items(), key=lambda each: int(each[0])))
    if loop.output:
        tree.assign(tree.scope_of(body), loop.output, list(results.values()))


def _throw_behaviour(machine: Machine, body: Task, task: Task, node: Node, loop: Loop) -> None:
    """What an iteration throws when it ends (BPMN 2.0 §13.3.7): each of them, the first, or those a condition chooses."""
    thrown: list[EventDefinition | None] = []
    match loop.behavior.lower():
        case "none":
            thrown = [loop.none_event]
        case "one" if len(body.internal_data["r"]) == 1:
            thrown = [loop.one_event]
        case "complex":
            variables = tree.visible(task) | _counters(body)
            thrown = [
                event for condition, event in loop.complex_behavior if machine.is_true(node, condition, variables)
            ]
    for event in thrown:
        if event is not None and machine.alive(body):
            events.emit(machine, body, node, event, {})


def _counters(body: Task) -> dict[str, Value]:
    """What conditions of a multi-instance activity may ask (BPMN 2.0 table 10.30)."""
    others = len(_iterations(body)) - 1
    return {
        "numberOfInstances": Decimal(len(body.internal_data["items"])),
        "numberOfCompletedInstances": Decimal(len(body.internal_data["r"])),
        "numberOfActiveInstances": Decimal(others),
        "numberOfTerminatedInstances": Decimal(body.internal_data["next"] - len(body.internal_data["r"]) - others),
    }


def _is_enough(machine: Machine, body: Task, task: Task, node: Node) -> bool:
    assert node.loop is not None
    if not node.loop.completion_condition:
        return False
    return machine.is_true(node, node.loop.completion_condition, tree.visible(task) | _counters(body))


def _next_lap(machine: Machine, body: Task, node: Node, loop: Loop) -> None:
    laps = body.internal_data.get("k", 0)
    variables = tree.visible(body) | {"loopCounter": Decimal(laps)}
    if (laps or loop.test_before) and not _goes_on(machine, node, loop, laps, variables):
        flow.leave(machine, body)
        return
    body.internal_data["k"] = laps + 1
    task = machine.tree.add(body, machine.program.specs[node.id], tree.LAP, TaskState.READY)
    tree.own_variables(task)["loopCounter"] = Decimal(laps + 1)
    machine.agenda.append(task.id)


def _goes_on(machine: Machine, node: Node, loop: Loop, laps: int, variables: Mapping[str, Value]) -> bool:
    if loop.maximum is not None and laps >= _count(machine, node, loop.maximum, variables):
        return False
    return loop.condition is None or machine.is_true(node, loop.condition, variables)
