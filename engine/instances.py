"""Instances: start, complete a task, cancel. Every verb works in the caller's transaction and never commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import definitions, forms, jobs, waits
from engine.bpmn.model import Node
from engine.errors import TaskNotOpen
from engine.feel import Value, dump
from engine.models import Definition, Instance, Task
from engine.operations import BpmnError
from engine.steps import Live, Root, Step, step
from store import clock, events
from store.errors import Invalid
from store.rows import write


def start(
    db: Session,
    definition: Definition,
    variables: Mapping[str, Value],
    *,
    case_id: UUID | None = None,
    actor_id: UUID | None = None,
    start_event: str | None = None,
) -> Instance:
    """Start an instance of a deployed process and follow it until it waits."""
    with step(db, definition.organization_id, actor_id) as current:
        return current.begin(definition, variables, case_id=case_id, start=start_event).row


_TAKEN = (
    select(Task, Instance)
    .join(Instance, Instance.id == Task.instance_id)
    .join(Root, Root.id == Instance.root_id)
    .where(Task.id == bindparam("task_id"))
    .with_for_update(of=(Root, Instance, Task))
)


_GOING_ON = (
    select(Instance.id)
    .where(Instance.case_id == bindparam("case_id"), Instance.parent_id.is_(None), Instance.status == "running")
    .order_by(Instance.id)
    .with_for_update()
)


def take_task(db: Session, task_id: UUID) -> tuple[Task, Instance] | None:
    """A task and its instance in one question, both locked; the instances first, in the order of every other step."""
    row = db.execute(_TAKEN, {"task_id": task_id}).first()
    return (row[0], row[1]) if row is not None else None


def complete_task(
    db: Session, task: Task, submission: Mapping[str, Any], *, actor_id: UUID | None, locked: Instance | None = None
) -> None:
    """Complete a task that the caller has locked and allowed, and follow the process until it waits again.

    Raises TaskNotOpen when it was done already and Invalid (with one error a field) for a bad submission.
    """
    if task.state != "open":
        raise TaskNotOpen("This task is already done or is no longer needed. Open the case to see where it stands.")
    with step(db, task.organization_id, actor_id) as current:
        live = current.load_awake(task.instance_id, locked)
        node = live.compiled.nodes[task.element_id]
        values = forms.accept(_form(current, task), submission)
        result = _take(current, live, node, task, values)
        write(
            db,
            task,
            state="completed",
            completed_at=clock.now(),
            completed_by=actor_id,
            result={name: dump(value) for name, value in values.items()},
            **{"draft": None} if task.draft is not None else {},
        )
        live.settled.add(task.key)
        _record(current, task)
        key = task.key
        if isinstance(result, BpmnError):
            error = result
            current.act(live, lambda _run: _caught(current.throw_error(live, key, error.code, error.payload), error))
        else:
            current.act(live, lambda run: run.complete(key, result))


def cancel(db: Session, instance: Instance, *, actor_id: UUID | None) -> None:
    """End a running instance with everything that waits in it and in the processes it called."""
    with step(db, instance.organization_id, actor_id) as current:
        waits.cancel(current, current.load(instance.id))


def set_variables(db: Session, instance_id: UUID, organization_id: UUID, values: Mapping[str, Value]) -> None:
    """Write variables of the process scope; conditions are looked at again."""
    with step(db, organization_id, None) as current:
        live = current.load(instance_id)
        live.run.set_variables(values)
        if live.is_held:
            current.settle(live)  # its conditions are looked at when it is resumed
        else:
            current.act(live, lambda run: run.recheck_conditions())


def variables(db: Session, instance: Instance) -> Mapping[str, Value]:
    """The variables of the process scope, for operators and tests."""
    compiled = definitions.compiled(db, instance.definition_id)
    from engine.spiff import Run

    return Run.restore(compiled.program, instance.state, lambda _text, _variables: None).variables()


def running(db: Session, case_id: UUID) -> list[Instance]:
    """The instances of a case that have not ended, oldest first."""
    return list(
        db.scalars(
            select(Instance).where(Instance.case_id == case_id, Instance.status == "running").order_by(Instance.id)
        )
    )


def hold(db: Session, case_id: UUID) -> None:
    """Lock what a case goes by, the topmost instances, so that no step of it begins before the transaction ends."""
    db.execute(_GOING_ON, {"case_id": case_id})


def _form(current: Step, task: Task) -> forms.Form | None:
    if task.form_definition_id is None:
        return None
    return forms.load(current.db, task.form_definition_id)


def _take(
    current: Step, live: Live, node: Node, task: Task, values: Mapping[str, Value]
) -> Mapping[str, Value] | BpmnError:
    """Give the submission to the task's operation; without one the submission itself is the result."""
    if not node.operation:
        return values
    try:
        return jobs.operate(current, live, node, live.before[task.key], values, task.id)
    except BpmnError as error:
        return error


def _caught(caught: bool, error: BpmnError) -> None:
    if not caught:
        raise Invalid(str(error)) from error


def _record(current: Step, task: Task) -> None:
    events.record(
        current.db,
        current.organization_id,
        "task.completed",
        "task",
        task.id,
        actor_id=current.actor_id,
        case_id=task.case_id,
        instance_id=task.instance_id,
        data={"element_id": task.element_id, "name": task.name},
    )
