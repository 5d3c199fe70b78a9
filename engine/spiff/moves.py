"""What an operator does to an instance that stands wrong: cancel what goes on, begin elsewhere, several acts at once.

The acts of one modification are carried out on the tree first, in the order given; tokens move only after the last of
them. So a scope does not end between a cancel and the begin that goes with it. What was cancelled does not complete: a
scope in which nothing goes on any more is cancelled too, outwards (as in Camunda 7's process instance modification); only
a multi-instance activity goes on with the iterations that are left, and is done when none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from engine.bpmn.model import Node, NodeType
from engine.bpmn.reach import reach
from engine.spiff import activities, compensation, flow, listening, tree
from engine.spiff.machine import LIVE, Machine
from engine.spiff.program import ROOT
from engine.spiff.snapshot import Token, WaitKind
from store.errors import Conflict, Invalid
from store.sentences import quoted, say

if TYPE_CHECKING:
    from engine.feel import Value

_TOKENS = (tree.ACTIVITY, tree.EVENT, tree.JOIN)
_SHOWN = (*_TOKENS, tree.ITERATION, tree.LAP, tree.BOUNDARY, tree.HANDLER)
_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY, NodeType.COMPLEX_GATEWAY)


class MoveRefused(Conflict):
    """An act that has no meaning where the instance stands; nothing was changed."""

    code = "move_refused"


class ElementUnknown(Invalid):
    """The diagram of the instance has no such element."""

    code = "element_unknown"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take out a token with all that goes on in it."""

    at: str
    """Key of a token, or id of an element: then every token that stands there."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Put a token before an element, or behind it on the flows that lead on from it."""

    element: str
    after: bool = False
    within: str | None = None
    """Key of the scope in which to begin, where the subprocess (or iteration) goes on more than once."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Cancel every token and begin before an element."""

    element: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Write variables of the process."""

    values: Mapping[str, Value]


Move = Cancel | Begin | Restart | Write


def carry_out(machine: Machine, moves: Iterable[Move], *, may_end: bool) -> None:
    """Carry out the acts of one modification, and let the tokens move.

    `may_end`: an instance that is left without a token ends as cancelled; else that is refused. Raises MoveRefused and
    ElementUnknown; the machine is then to be thrown away.
    """
    left: list[Task] = []
    begun: list[Task] = []
    for move in moves:
        match move:
            case Cancel(at):
                left += _cancel(machine, at)
            case Begin(element, after, within):
                begun.append(_begin(machine, element, within, after=after))
            case Restart(element, within):
                _stop_all(machine)
                begun.append(_begin(machine, element, within, after=False))
            case Write(values):
                tree.assign_all(machine.root, tree.copied(values))
    for scope in left:
        _close(machine, scope, may_end=may_end)
    for scope in begun:
        _listen_again(machine, scope)
    flow.run(machine)


def tokens(machine: Machine) -> Iterator[Token]:
    """Everything that stands or listens in an instance, outer before inner, oldest first."""
    for task in tree.walk(machine.root):
        if tree.role(task) in _SHOWN and machine.status == "running":
            holder = tree.scope_of(task)
            yield Token(
                key=task.id,
                element_id=machine.program.element(tree.node_id(task)),
                kind=tree.role(task),
                within="" if holder is machine.root else holder.id,
                waits_for=tuple(_waits(machine, task)),
                flow=task.internal_data.get("f") if tree.role(task) == tree.JOIN else None,
                locals=tree.copied(tree.local(task)),
            )


def _waits(machine: Machine, task: Task) -> Iterator[WaitKind]:
    if (kind := task.internal_data.get("w")) is not None:
        yield WaitKind(kind)
        return
    for each in (task, *(child for child in task.children if tree.role(child) == tree.TRIGGER)):
        if (event := listening.waited_for(machine, each)) is not None:
            yield listening.wait_kind(event)


def _cancel(machine: Machine, at: str) -> list[Task]:
    """Cancel what is named, and give the scopes in which it was."""
    named = machine.tree.tasks.get(at)
    if named is None and at.isdecimal():  # no id of an element begins with a digit
        raise MoveRefused(
            say("Nothing goes on under the key %(at)s any more. Look at where the instance stands now.", at=at)
        )
    chosen = [_token(machine, named)] if named is not None else _standing_at(machine, at)
    scopes = []
    for task in chosen:
        if machine.alive(task):
            scopes.append(tree.scope_of(task))
            machine.cancel(task)
    return scopes


def _standing_at(machine: Machine, element: str) -> list[Task]:
    node = _node(machine, element)
    everything = sorted(machine.tree.tasks.values(), key=lambda task: int(task.id))
    found = [task for task in everything if tree.node_id(task) == node.id and tree.role(task) in _TOKENS]
    if not found:
        raise MoveRefused(
            say("Nothing goes on at %(name)s. Look at where the instance stands, and choose there.", name=_name(node))
        )
    return [_token(machine, task) for task in found]


def _token(machine: Machine, task: Task) -> Task:
    """What is cancelled when a key is named: the token itself, not a part of what it waits for."""
    match tree.role(task):
        case tree.TRIGGER | tree.LAP:
            return _token(machine, tree.scope_of(task))
        case tree.EVENT if _is_choice(machine, tree.scope_of(task)):
            return tree.scope_of(task)
        case tree.ACTIVITY | tree.EVENT | tree.JOIN | tree.ITERATION:
            return task
        case tree.PROCESS:
            raise MoveRefused("This is the key of the whole process. Name the tokens in it.")
        case _:
            name = _name(machine.place(task).node)
            raise MoveRefused(
                say(
                    "%(name)s listens beside a step, and is no step itself. Cancel the step that it belongs to.",
                    name=name,
                )
            )


def _is_choice(machine: Machine, task: Task) -> bool:
    return tree.role(task) == tree.ACTIVITY and machine.place(task).node.type is NodeType.EVENT_BASED_GATEWAY


def _stop_all(machine: Machine) -> None:
    """Cancel every token of the process; its event subprocesses go on listening."""
    for child in machine.root.children:
        if tree.role(child) in LIVE:
            machine.cancel(child)
        elif tree.role(child) == tree.RESET:
            machine.tree.remove(child)


def _begin(machine: Machine, element: str, within: str | None, *, after: bool) -> Task:
    """Put a token before or behind an element, and give the scope that it is in."""
    node = _node(machine, element)
    if (reason := _not_to_begin(machine, node, after=after)) is not None:
        raise MoveRefused(say("%(name)s %(reason)s", name=_name(node), reason=reason))
    scope = _scope_of(machine, node, within)
    _take_turn(machine, scope, node)
    if after:
        flow.spring(machine, scope, node)
    else:
        machine.arrive(scope, node, _flow_in(machine, scope, node))
    return scope


def _take_turn(machine: Machine, scope: Task, node: Node) -> None:
    """In a sequential ad-hoc subprocess one activity goes on at a time; what was still to begin begins now, and once."""
    if "todo" not in scope.internal_data:
        return
    if tree.holds(scope, *LIVE):
        around = _name(machine.place(scope).node)
        raise MoveRefused(
            say("In %(name)s one step follows the other. Cancel first the one that goes on there.", name=around)
        )
    scope.internal_data["todo"] = [key for key in scope.internal_data["todo"] if key != node.id]


def _not_to_begin(machine: Machine, node: Node, *, after: bool) -> str | None:
    """Why no token can be put before or behind a node, if none can."""
    match node:
        case Node(triggered_by_event=True):
            return say("begins when its event comes; no token can be put there.")
        case Node(is_for_compensation=True):
            return say("undoes another step; no token can be put there.")
        case Node(type=NodeType.EVENT_BASED_GATEWAY) if after:
            return say("waits for one of several events. Begin before it, or behind one of them.")
        case _ if after and not machine.program.places[node.id].outgoing:
            return say("leads nowhere: nothing comes after it. Begin before it instead.")
        case Node(attached_to=str()) if not after:
            return say("is an event at the edge of a step. Begin before that step, or behind the event.")
    return None


def _flow_in(machine: Machine, scope: Task, node: Node) -> str | None:
    """The flow on which a token comes to a join: one on which none waits and, if there is such, none can come any more."""
    if node.type not in _JOINS or len(node.incoming) < 2:
        return None
    here = [child for child in scope.children if tree.node_id(child) == node.id]
    taken = {child.internal_data.get("f") for child in here}
    ways = machine.program.reach.get(node.id) or reach(machine.area(scope).scope, node.id)
    others = (child for child in scope.children if tree.role(child) in LIVE and child not in here)
    coming = {way for child in others for way in ways.get(tree.node_id(child), ())}
    free = [way for way in node.incoming if way not in taken]
    unused = [way for way in free if way not in coming]
    if (
        not unused and node.type is not NodeType.PARALLEL_GATEWAY
    ):  # of a parallel one it is seen that tokens are left over
        raise MoveRefused(
            say(
                "%(name)s waits for what goes on before it, and a token there would lead on from it once more. "
                "Cancel that first, or begin behind it.",
                name=_name(node),
            )
        )
    return (unused or free or list(node.incoming))[0]


def _scope_of(machine: Machine, node: Node, within: str | None) -> Task:
    """The scope in which a node is begun; subprocesses around it that do not go on are begun, without their own starts."""
    around = list(_around(machine, node))
    current = machine.root
    if within is not None:
        current, around = _from(machine, within, around)
        _refuse_undone(machine, current)
    for outer in around:
        going_on = list(_going_on(current, outer))
        if len(going_on) > 1:
            keys = ", ".join(task.id for task in going_on)
            raise MoveRefused(
                say(
                    "%(name)s goes on %(count)s times. Say in which: its key is one of %(keys)s.",
                    name=_name(outer),
                    count=len(going_on),
                    keys=keys,
                )
            )
        current = going_on[0] if going_on else _open(machine, current, outer)
        _refuse_undone(machine, current)
    return current


def _refuse_undone(machine: Machine, scope: Task) -> None:
    """A token that begins in a cancelled transaction would go with it when all is undone."""
    if any("cancels" in child.internal_data for child in scope.children):
        name = _name(machine.place(scope).node)
        raise MoveRefused(say("%(name)s was cancelled and is being undone; nothing can begin in it.", name=name))


def _around(machine: Machine, node: Node) -> Iterable[Node]:
    """The subprocesses that a node stands in, the outermost first."""
    owners = {inner: name for name, area in machine.program.areas.items() for inner in area.nodes}
    found: list[Node] = []
    name = owners[node.id]
    while name != ROOT:
        found.insert(0, machine.program.places[name].node)
        name = owners[name]
    return found


def _from(machine: Machine, within: str, around: list[Node]) -> tuple[Task, list[Node]]:
    """The scope of a key, and those of the subprocesses that stand between it and the element."""
    task = machine.tree.tasks.get(within)
    names = [ROOT, *(node.id for node in around)]
    if task is None or not tree.is_scope(task, machine.program) or tree.node_id(task) not in names:
        raise MoveRefused(say("'%(within)s' is not the key of a scope that the element stands in.", within=within))
    return task, around[names.index(tree.node_id(task)) :]


def _going_on(scope: Task, node: Node) -> Iterator[Task]:
    for child in scope.children:
        if tree.node_id(child) == node.id and tree.role(child) == tree.ACTIVITY:
            if node.loop is None:
                yield child
            else:
                yield from (each for each in child.children if tree.role(each) in (tree.ITERATION, tree.LAP))


def _open(machine: Machine, scope: Task, node: Node) -> Task:
    if node.triggered_by_event:
        raise MoveRefused(say("%(name)s does not go on, and begins only when its event comes.", name=_name(node)))
    if node.loop is not None:
        raise MoveRefused(
            say("%(name)s is done several times and does not go on. Begin before it as a whole.", name=_name(node))
        )
    return activities.open_empty(machine, scope, node)


def _close(machine: Machine, scope: Task, *, may_end: bool) -> None:
    """A scope in which something was cancelled: it goes on, or is cancelled too when nothing is left in it."""
    if not machine.alive(scope) or any(
        tree.role(child) in (*LIVE, tree.ITERATION, tree.LAP) for child in scope.children
    ):
        return
    if "q" in scope.internal_data:
        compensation.undo_next(machine, scope)
        return
    if tree.role(scope) == tree.PROCESS:
        if not may_end:
            raise MoveRefused("Nothing would go on in the process then. Begin somewhere, or say that it is to end.")
        machine.finish("cancelled")
        return
    if activities.begin_next_of_ad_hoc(machine, scope) or activities.go_on_without(machine, scope):
        return
    outer = tree.scope_of(scope)
    machine.cancel(scope)
    if tree.role(scope) == tree.LAP:
        scope, outer = outer, tree.scope_of(outer)
        machine.cancel(scope)
    _close(machine, outer, may_end=may_end)


def _listen_again(machine: Machine, scope: Task) -> None:
    """Event subprocesses listen again where one of them had taken over, ended all that listened, and was cancelled."""
    if machine.alive(scope) and not any(_has_interrupted(machine, child) for child in scope.children):
        activities.listen(machine, scope)


def _has_interrupted(machine: Machine, task: Task) -> bool:
    """Whether an event subprocess goes on that has taken the place of everything else in its scope."""
    node = machine.place(task).node
    return tree.role(task) == tree.ACTIVITY and node.triggered_by_event and listening.start_of(node).interrupting


def _node(machine: Machine, element: str) -> Node:
    place = machine.program.places.get(element)
    if place is None:
        raise ElementUnknown(say("The diagram of this instance has no element '%(element)s'.", element=element))
    return place.node


def _name(node: Node) -> str:
    return quoted(node.name or node.id)
