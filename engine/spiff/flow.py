"""How tokens move: gateways, splits and merges, and the end of a scope."""

from __future__ import annotations

from collections.abc import Sequence

from SpiffWorkflow.task import Task

from engine.bpmn.model import ACTIVITIES, EventType, Flow, Node, NodeType
from engine.spiff import activities, catching, compensation, complex, events, listening, tree, triggers
from engine.spiff.machine import LIVE, MOVING, Machine
from engine.spiff.program import Place
from engine.spiff.snapshot import KernelError
from store.sentences import listed, quoted, say

_GATEWAYS = {
    NodeType.EXCLUSIVE_GATEWAY,
    NodeType.PARALLEL_GATEWAY,
    NodeType.INCLUSIVE_GATEWAY,
    NodeType.EVENT_BASED_GATEWAY,
    NodeType.COMPLEX_GATEWAY,
}
_EVENTS = {
    NodeType.START_EVENT,
    NodeType.END_EVENT,
    NodeType.INTERMEDIATE_CATCH_EVENT,
    NodeType.INTERMEDIATE_THROW_EVENT,
}
_NONE: frozenset[str] = frozenset()


def run(machine: Machine) -> None:
    """Move every token until all of them wait."""
    machine.moved = 0
    program = machine.program
    while machine.status == "running":
        for task in machine.moves():
            _enter(machine, task)
            if machine.status != "running":
                return
        if program.has_joins and (_open_inclusive_join(machine) or complex.begin_one_again(machine)):
            continue
        if program.has_conditions and triggers.conditions_now_true(machine):
            continue
        if program.has_joins:
            _refuse_dead_ends(machine)
        return


def leave(machine: Machine, task: Task) -> None:
    """A token has finished at a node: it goes on by the node's outgoing flows."""
    place = machine.place(task)
    flows = _chosen(machine, tree.scope_of(task), place)
    scope = machine.remove(task, "completed")
    if place.node.type in ACTIVITIES and activities.ad_hoc_is_done(machine, scope):
        settle_scope(machine, scope)
        return
    for _ in range(place.node.completion_quantity):
        machine.follow(scope, flows)
    settle_scope(machine, scope)


def spring(machine: Machine, scope: Task, node: Node) -> None:
    """A token comes into being behind an event that has happened (boundary, event-based gateway)."""
    machine.follow(scope, _chosen(machine, scope, machine.program.places[node.id]))
    settle_scope(machine, scope)


def settle_scope(machine: Machine, scope: Task) -> None:
    """Complete a scope in which no token is left."""
    if not machine.alive(scope) or tree.holds(scope, *LIVE):
        return
    if "q" in scope.internal_data:
        compensation.undo_next(machine, scope)
        return
    if activities.begin_next_of_ad_hoc(machine, scope):
        return
    match tree.role(scope):
        case tree.PROCESS:
            machine.status = "completed"
            catching.clear(machine, scope)
        case tree.ITERATION | tree.LAP:
            activities.iteration_done(machine, scope, {})
        case _:
            activities.done(machine, scope, {})


def _enter(machine: Machine, task: Task) -> None:
    if tree.role(task) in (tree.ITERATION, tree.LAP):
        activities.begin_iteration(machine, task)
        return
    node = machine.place(task).node
    if node.type in _GATEWAYS:
        _gateway(machine, task, node)
        return
    if node.start_quantity > 1 and not _enough_have_come(machine, task, node):
        return
    machine.note(node.id, "entered", task.id)
    if node.type in _EVENTS:
        events.enter(machine, task, node)
    else:
        activities.enter(machine, task)


def _enough_have_come(machine: Machine, task: Task, node: Node) -> bool:
    """Whether as many tokens have come as an activity needs to start; then the others go into this one."""
    task.internal_data["role"] = tree.JOIN
    tokens = [token for waiting in waiting_at(machine, tree.scope_of(task), node).values() for token in waiting]
    if len(tokens) < node.start_quantity:
        return False
    for token in tokens:
        if token is not task:
            machine.tree.remove(token)
    return True


def _gateway(machine: Machine, task: Task, node: Node) -> None:
    match node.type:
        case NodeType.PARALLEL_GATEWAY if len(node.incoming) > 1:
            task.internal_data["role"] = tree.JOIN
            _open_parallel_join(machine, tree.scope_of(task), node)
        case NodeType.INCLUSIVE_GATEWAY if len(node.incoming) > 1:
            task.internal_data["role"] = tree.JOIN  # it opens when nothing else can move
        case NodeType.COMPLEX_GATEWAY if len(node.incoming) > 1:
            complex.arrive(machine, task, node)
        case NodeType.EVENT_BASED_GATEWAY:
            machine.note(node.id, "entered", task.id)
            listening.offer_choice(machine, task)
        case _:
            machine.note(node.id, "entered", task.id)
            leave(machine, task)


def waiting_at(machine: Machine, scope: Task, node: Node) -> dict[str, list[Task]]:
    """The tokens that wait at a join, by the flow they came on, oldest first."""
    machine.look(len(scope._children))
    found: dict[str, list[Task]] = {}
    for child in scope.children:
        if tree.role(child) == tree.JOIN and tree.node_id(child) == node.id:
            found.setdefault(child.internal_data.get("f", ""), []).append(child)
    return found


def _open_parallel_join(machine: Machine, scope: Task, node: Node) -> None:
    waiting = waiting_at(machine, scope, node)
    if all(flow in waiting for flow in node.incoming):
        merge(machine, node, [waiting[flow][0] for flow in node.incoming])  # a token that came opens it once


def _open_inclusive_join(machine: Machine) -> bool:
    """Open one inclusive join that no other token can reach any more; say whether one was opened."""
    for task in _joins(machine):
        scope, node = tree.scope_of(task), machine.place(task).node
        if node.type is not NodeType.INCLUSIVE_GATEWAY:
            continue
        waiting = waiting_at(machine, scope, node)
        if not somebody_comes(machine, scope, node, set(waiting)):
            merge(machine, node, [tokens[0] for tokens in waiting.values()])
            return True
    return False


def _joins(machine: Machine) -> list[Task]:
    """The tokens that wait at joins, oldest first (a restored tree lists its tasks in another order)."""
    machine.look(len(machine.tree.tasks))
    found = [task for task in machine.tree.tasks.values() if tree.role(task) == tree.JOIN]
    return sorted(found, key=lambda task: int(task.id))


def _refuse_dead_ends(machine: Machine) -> None:
    """A scope in which all tokens wait at joins would wait for ever, without anybody seeing it."""
    for task in {tree.scope_of(task).id: task for task in reversed(_joins(machine))}.values():  # one of each scope
        if not tree.holds(tree.scope_of(task), *MOVING):
            raise _starved(machine, tree.scope_of(task))


def _starved(machine: Machine, scope: Task) -> KernelError:
    """What to say of a scope in which all tokens wait for others: who waits, and not why, which nobody knows."""
    nodes = {tree.node_id(child): child for child in scope.children if tree.role(child) == tree.JOIN}
    first, *others = (machine.place(task).node for task in nodes.values())
    sentence = say("'%(node)s' waits for tokens that can never come.", node=first.name or first.id)
    if others:
        names = listed(quoted(node.name or node.id) for node in others)
        sentence = say(
            "'%(node)s' waits for tokens that can never come, as do %(others)s.",
            node=first.name or first.id,
            others=names,
        )
    elif first.start_quantity > 1:
        sentence = say(
            "'%(node)s' needs %(count)s tokens to start, and they can never come.",
            node=first.name or first.id,
            count=first.start_quantity,
        )
    elif first.type is NodeType.COMPLEX_GATEWAY:
        sentence = say(
            "The condition of '%(node)s' is not true, and no token can come any more.", node=first.name or first.id
        )
    return KernelError(machine.program.element(first.id), sentence)


def somebody_comes(machine: Machine, scope: Task, node: Node, taken: set[str]) -> bool:
    """Whether a token elsewhere in the scope can still reach an empty incoming flow, and by flows none that has a token."""
    machine.look(len(scope._children))
    reach, by_flows = machine.program.reach[node.id], machine.program.reach_by_flows[node.id]
    for other in scope.children:
        if tree.role(other) not in LIVE or tree.node_id(other) == node.id:
            continue
        at = tree.node_id(other)
        if reach.get(at, _NONE) - taken and not by_flows.get(at, _NONE) & taken:
            return True
    return False


def merge(machine: Machine, node: Node, tokens: Sequence[Task]) -> None:
    """One token goes on for several that have met."""
    for token in tokens[1:]:
        machine.tree.remove(token)
    first = tokens[0]
    first.internal_data["role"] = tree.ARRIVED
    machine.note(node.id, "entered", first.id)
    leave(machine, first)


def _chosen(machine: Machine, scope: Task, place: Place) -> list[Flow]:
    """The flows that a token takes out of a node."""
    node, outgoing = place.node, place.outgoing
    if node.type is NodeType.PARALLEL_GATEWAY or not outgoing:
        return list(outgoing)
    variables = tree.visible(scope) if any(flow.condition for flow in outgoing) else {}
    taken = []
    for flow in outgoing:
        if flow.id == node.default:
            continue
        if flow.condition is None or machine.is_true(node, flow.condition, variables):
            taken.append(flow)
            if node.type is NodeType.EXCLUSIVE_GATEWAY:
                return taken
    default = [flow for flow in outgoing if flow.id == node.default]
    if taken or default:
        return taken or default
    raise KernelError(
        machine.program.element(node.id),
        say("No condition after '%(node)s' is true and there is no default flow. Draw one.", node=node.name or node.id),
    )


def jump(machine: Machine, task: Task, node: Node) -> None:
    """A link event: the token goes on at the catching link of the same name."""
    scope = tree.scope_of(task)
    target = machine.area(scope).links.get(node.event.link or node.name)
    if target is None:
        raise KernelError(
            machine.program.element(node.id), say("No link catches '%(link)s'.", link=node.event.link or node.name)
        )
    machine.remove(task, "completed")
    machine.arrive(scope, target)


def ends(node: Node) -> bool:
    """Whether the node is a terminate end event."""
    return node.type is NodeType.END_EVENT and node.event.type is EventType.TERMINATE
