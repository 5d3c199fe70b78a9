"""Complex gateways that join: they open when their condition says so, and swallow what comes after (BPMN 2.0 §13.4.5).

The condition sees `activationCount`, the number of flows on which a token has come. When it is true, one token of each of
them goes on as one. Until every other flow has brought its token, or can bring none any more, the gateway is to be
reset: what comes on those flows is swallowed, and a second token on one that was counted waits for the next round.
"""

from __future__ import annotations

from decimal import Decimal

from SpiffWorkflow.task import Task

from engine.bpmn.model import Node
from engine.spiff import flow, tree
from engine.spiff.machine import Machine


def arrive(machine: Machine, task: Task, node: Node) -> None:
    """A token comes to the gateway."""
    scope = tree.scope_of(task)
    task.internal_data["role"] = tree.JOIN
    reset = _reset(scope, node)
    if reset is None:
        _open(machine, scope, node)
        return
    if task.internal_data["f"] not in reset.internal_data["seen"]:
        reset.internal_data["seen"].append(task.internal_data["f"])
        machine.tree.remove(task)
        if len(reset.internal_data["seen"]) == len(node.incoming):
            _begin_again(machine, reset)
        flow.settle_scope(machine, scope)


def begin_one_again(machine: Machine) -> bool:
    """Let one gateway begin again to which no token can come any more; say whether there was one."""
    found = [task for task in machine.tree.tasks.values() if tree.role(task) == tree.RESET]
    for reset in sorted(found, key=lambda task: int(task.id)):
        seen = set(reset.internal_data["seen"])
        if not flow.somebody_comes(machine, tree.scope_of(reset), machine.place(reset).node, seen):
            _begin_again(machine, reset)
            return True
    return False


def _begin_again(machine: Machine, reset: Task) -> None:
    scope, node = tree.scope_of(reset), machine.place(reset).node
    machine.tree.remove(reset)
    _open(machine, scope, node)


def _open(machine: Machine, scope: Task, node: Node) -> None:
    waiting = flow.waiting_at(machine, scope, node)
    variables = tree.visible(scope) | {"activationCount": Decimal(len(waiting))}
    if not waiting or not machine.is_true(node, node.activation_condition or "false", variables):
        return
    if len(waiting) < len(node.incoming):
        reset = machine.tree.add(scope, machine.program.specs[node.id], tree.RESET)
        reset.internal_data["seen"] = list(waiting)
    flow.merge(machine, node, [tokens[0] for tokens in waiting.values()])


def _reset(scope: Task, node: Node) -> Task | None:
    found = (child for child in scope.children if tree.role(child) == tree.RESET and tree.node_id(child) == node.id)
    return next(found, None)
