"""Jobs: the tasks that the engine does itself, operations and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine import definitions, dmn
from engine.bpmn.model import Node, NodeType
from engine.errors import StepFailed
from engine.feel import NativeFunction, Value
from engine.functions import FunctionContext, bound_functions
from engine.operations import OperationContext, find_operation
from engine.spiff import copied
from store.errors import Invalid

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from engine.spiff import Waiting
    from engine.steps import Live, Step

_decisions: dict[UUID, dmn.Decisions] = {}


def work(step: Step, live: Live, wait: Waiting, node: Node) -> Mapping[str, Value]:
    """Run the operation or decision of an element and give its result."""
    if node.type is NodeType.BUSINESS_RULE_TASK:
        return _decide(step, live, node, live.run.visible(wait.key))
    try:
        return operate(step, live, node, wait, {})
    except Invalid as refused:
        if _lacks(node, live.run.visible(wait.key)):  # the diagram's fault: whoever did the step before cannot mend it
            raise StepFailed(refused.message, element_id=node.id) from refused
        raise


def _lacks(node: Node, visible: Mapping[str, Value]) -> bool:
    """Whether something is missing that the element's operation cannot do without."""
    required = (name for name in find_operation(node.operation or "").inputs if not name.endswith("?"))
    return any(visible.get(name) is None for name in required)


def operate(
    step: Step, live: Live, node: Node, wait: Waiting, submission: Mapping[str, Value], task_id: UUID | None = None
) -> Mapping[str, Value]:
    """Run the operation that an element names, with what it reads of the variables and the submission."""
    found = find_operation(node.operation or "")
    visible = live.run.visible(wait.key)
    names = {name.rstrip("?") for name in found.inputs} | {item.name for item in node.inputs}
    inputs = copied({name: visible[name] for name in names if name in visible}) | dict(submission)
    context = OperationContext(
        db=step.db,
        organization_id=step.organization_id,
        case_id=live.row.case_id,
        instance_id=live.row.id,
        element_id=node.id,
        actor_id=step.actor_id,
        task_id=task_id,
        variables=visible,
    )
    return found.run(context, inputs)


def ask(db: Session, organization_id: UUID, case_id: UUID, decision: str, variables: Mapping[str, Value]) -> Value:
    """What a decision says of a case just now, for those who only want to know; null where it says nothing.

    Raises DefinitionNotFound where it is not deployed.
    """
    functions = bound_functions(FunctionContext(db, organization_id, case_id))
    return _in_use(db, organization_id, decision).decide(decision, variables, functions=functions, strict=False)


def _decide(step: Step, live: Live, node: Node, visible: Mapping[str, Value]) -> Mapping[str, Value]:
    functions = step.evaluator(live.row.case_id).functions
    decisions = _in_use(step.db, step.organization_id, node.decision or "")
    return outcome(decisions, node, visible, functions)


def outcome(
    decisions: dmn.Decisions,
    node: Node,
    visible: Mapping[str, Value],
    functions: Mapping[str, NativeFunction],
    hits: list[tuple[str, str]] | None = None,
) -> Mapping[str, Value]:
    """What a decision gives to a process: its context, or its value under the name that the diagram says."""
    value = decisions.decide(node.decision or "", visible, functions=functions, hits=hits)
    if node.result is None and isinstance(value, Mapping):
        return value
    return {node.result or node.decision or "result": value}


def _in_use(db: Session, organization_id: UUID, decision: str) -> dmn.Decisions:
    definition = definitions.latest(db, organization_id, "decisions", decision)
    found = _decisions.get(definition.id)
    if found is None:
        found = _decisions[definition.id] = dmn.read(definitions.content(db, definition))
    return found
