"""Rows follow the kernel: what waits now but did not before gets a row, what no longer waits loses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, Delete, FromClause, Table, Update, and_, bindparam, delete, insert, select, update

from engine import definitions, history, kept, performers, schedule, stepping
from engine.errors import ExpressionFailed
from engine.feel import Value, dump
from engine.messages import canonical
from engine.models import Instance, Subscription, Task, Timer
from engine.spiff import Waiting, WaitKind
from store import clock, events
from store.ids import new_id
from store.sentences import say

if TYPE_CHECKING:
    from uuid import UUID

    from engine.steps import Live, Step

_PEOPLE = (WaitKind.USER, WaitKind.MANUAL)


def _rows_of(table: FromClause) -> ColumnElement[bool]:
    return and_(table.c.instance_id == bindparam("of"), table.c.key == bindparam("wait"))


_TASK, _TIMER = cast("tuple[Table, Table]", (Task.__table__, Timer.__table__))
_CANCEL = (
    update(_TASK)
    .where(_rows_of(_TASK), _TASK.c.state == "open")
    .values(state="cancelled", completed_at=bindparam("at"), version=_TASK.c.version + 1)
)
_DISARM = delete(_TIMER).where(_rows_of(_TIMER))


def follow(step: Step, live: Live, after: Mapping[str, Waiting]) -> None:
    """Insert and remove the rows of tasks, timers, subscriptions and called instances."""
    before = live.before
    _close(step, live, [wait for key, wait in before.items() if key not in after])
    for key, wait in after.items():
        if key not in before:
            _open(step, live, wait)


def write_opened(step: Step) -> None:
    """Write the tasks that have opened, in one statement: 290 municipalities may be asked at a time."""
    if step.opened:
        step.db.connection().execute(insert(_TASK), step.opened)
        step.opened = []


def _open(step: Step, live: Live, wait: Waiting) -> None:
    if wait.kind in _PEOPLE:
        _open_task(step, live, wait)
    elif wait.kind is WaitKind.TIMER:
        _arm(step, live, wait)
    elif wait.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL):
        _subscribe(step, live, wait)


def _open_task(step: Step, live: Live, wait: Waiting) -> None:
    node = live.compiled.nodes[wait.element_id]
    who = candidate(step, live, wait)
    task_id = new_id()
    row = {
        "id": task_id,
        "organization_id": step.organization_id,
        "instance_id": live.row.id,
        "case_id": live.row.case_id,
        "key": wait.key,
        "process_key": live.row.process_key,
        "element_id": node.id,
        "name": node.name or node.id,
        "state": "open",
        "suspended": live.is_held,
        "candidate_body_id": who.body_id,
        "candidate_role": who.role,
        "form": node.form,
        "form_definition_id": form_id(step, node.form),
        "operation": node.operation,
        "locals": {name: dump(value) for name, value in wait.locals.items()},
        "due_on": due_on(step, live, wait),
        "created_at": clock.now(),
    }
    step.opened.append(row)
    events.record(
        step.db,
        step.organization_id,
        "task.opened",
        "task",
        task_id,
        actor_id=step.actor_id,
        case_id=live.row.case_id,
        instance_id=live.row.id,
        data={"element_id": node.id, "name": row["name"]},
    )


def candidate(step: Step, live: Live, wait: Waiting) -> performers.Candidate:
    """The body and role that may do a task."""
    node = live.compiled.nodes[wait.element_id]
    if node.performer is None:
        return performers.Candidate(None, None)
    evaluator = step.evaluator(live.row.case_id)
    visible = live.run.visible(wait.key)
    what = f"The performer of '{node.name or node.id}'"
    body = evaluator.string(node.performer.body, visible, what)
    organization = evaluator.string(node.performer.organization, visible, what)
    role = evaluator.string(node.performer.role, visible, what)
    if not role:
        raise ExpressionFailed(
            say("%(what)s: the expression '%(role)s' gave no role.", what=what, role=node.performer.role)
        )
    asked = (body, organization, role)
    if asked not in step.candidates:
        step.candidates[asked] = performers.resolve(step.db, step.organization_id, *asked)
    return step.candidates[asked]


def due_on(step: Step, live: Live, wait: Waiting) -> date | None:
    """The day by which a task should be done, as its diagram says; None where it says nothing."""
    node = live.compiled.nodes[wait.element_id]
    if node.due is None:
        return None
    return stepping.due_on(step.evaluator(live.row.case_id), node, live.run.visible(wait.key))


def timer_value(step: Step, live: Live, wait: Waiting) -> Value:
    """The value of a timer's expression."""
    return stepping.timer_value(step.evaluator(live.row.case_id), wait, live.run.visible(wait.key))


def _arm(step: Step, live: Live, wait: Waiting) -> None:
    instant = clock.now()
    assert wait.timer is not None
    due = schedule.due(wait.timer, timer_value(step, live, wait), instant)
    step.db.add(
        Timer(
            organization_id=step.organization_id,
            instance_id=live.row.id,
            case_id=live.row.case_id,
            key=wait.key,
            element_id=wait.element_id,
            type=wait.timer.value,
            expression=wait.expression or "",
            armed_at=instant,
            due_at=due.at,
            remaining=due.remaining,
        )
    )
    if due.at is not None and due.at <= instant:
        step.db.info["wake"] = True  # only then: NOTIFY makes commits queue


def _subscribe(step: Step, live: Live, wait: Waiting) -> None:
    made = Subscription(
        organization_id=step.organization_id,
        instance_id=live.row.id,
        case_id=live.row.case_id,
        key=wait.key,
        element_id=wait.element_id,
        kind=wait.kind.value,
        name=wait.name or "",
        correlation=canonical(wait.correlation),
        repeats=wait.repeats,
    )
    step.db.add(made)
    if wait.kind is WaitKind.MESSAGE:
        step.subscribed.append(made)


def _close(step: Step, live: Live, gone: Collection[Waiting]) -> None:
    if not gone:
        return
    people = [wait.key for wait in gone if wait.kind in _PEOPLE and wait.key not in live.settled]
    timers = [wait.key for wait in gone if wait.kind is WaitKind.TIMER]
    subscriptions = [wait.key for wait in gone if wait.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL)]
    calls = [wait.key for wait in gone if wait.kind is WaitKind.CALL]
    if people:
        step.db.flush()
        _each(step, live, _CANCEL, people, at=clock.now())
    _each(step, live, _DISARM, timers)
    if live.is_held:
        kept.release(step, gone)
    if subscriptions:  # by way of the objects: a message that looks for its subscription must find it gone
        step.db.execute(
            delete(Subscription).where(Subscription.instance_id == live.row.id, Subscription.key.in_(subscriptions))
        )
    if calls:
        _cancel_children(step, live, calls)


def _each(step: Step, live: Live, statement: Update | Delete, keys: Collection[str], **values: object) -> None:
    """Execute a statement for the rows of waits, past the objects: nobody looks at those of what has gone."""
    if keys:
        rows = [{"of": live.row.id, "wait": key, **values} for key in keys]
        step.db.connection().execute(statement, rows)


def _cancel_children(step: Step, live: Live, calls: Collection[str]) -> None:
    """A call activity that was interrupted takes its called process with it."""
    running = step.db.scalars(
        select(Instance.id).where(
            Instance.parent_id == live.row.id, Instance.parent_key.in_(calls), Instance.status == "running"
        )
    ).all()
    for child_id in running:
        cancel(step, step.load(child_id))


def cancel(step: Step, live: Live) -> None:
    """End an instance from outside, with everything that waits in it and below it."""
    live.run.cancel()
    follow(step, live, {})
    live.before = {}
    live.row.status = "cancelled"
    live.row.ended_at = clock.now()
    live.row.state = live.run.save()
    history.record(step.db, live.row, "instance.cancelled", actor_id=step.actor_id)
    step.db.flush()


def form_id(step: Step, form: str | None) -> UUID | None:
    """The version of a form that a task opened now gets."""
    if form is None:
        return None
    if form not in step.forms:
        step.forms[form] = definitions.latest_id(step.db, step.organization_id, "form", form)
    return step.forms[form]
