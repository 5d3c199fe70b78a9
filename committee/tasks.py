"""Tasks: work that waits for people. Claim, hand over, release, draft, complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, literal, select, tuple_
from sqlalchemy.orm import Session, defer

from committee import processes
from committee.access import Actor
from committee.cases import of_case
from committee.holding import require_going_on
from committee.meetings import Meeting
from committee.organisations import Body, Membership, Person, in_force
from engine import definitions, forms, instances
from engine.bpmn.model import Node
from engine.errors import TaskNotFound, TaskNotOpen
from engine.feel import Value, load, to_json
from engine.models import Instance, Task
from store import clock, events
from store.database import Database
from store.errors import Conflict, Forbidden, NotFound, Stale, TooLarge
from store.query import Ways, at_least, below, equal

OVERSEERS = ("manager", "operator", "process_owner", "head", "director", "registrar")
"""Roles that see every task of the organisation."""

MOST_DRAFT_BYTES = 1024 * 1024
"""Of all that is half written in a form: each of a dozen long texts may be longer than any form takes it."""


def is_visible_to(actor: Actor, task: Task) -> bool:
    """Whether the actor may see a task at all: by `ways_to` it would be found."""
    if task.organization_id != actor.organization_id:
        return False
    return actor.has_in(task.candidate_body_id, (task.candidate_role or "",)) or actor.has(*OVERSEERS)


def ways_to(actor: Actor, whose: str, assignee_id: UUID | None = None) -> list[ColumnElement[bool]]:
    """The ways in which the actor may see tasks, or one person's; each goes along an index. Who is in none sees none."""
    own = Task.organization_id == actor.organization_id
    assigned = own if assignee_id is None else and_(own, Task.assignee_id == assignee_id)
    if whose == "all" and actor.has(*OVERSEERS):
        return [assigned]
    roles = sorted({(held.body_id, held.role) for held in actor.roles})
    if assignee_id is None:
        return [and_(Task.candidate_body_id == body, Task.candidate_role == role) for body, role in roles]
    # what was claimed in a role that has ended is no longer theirs, but the body's
    return [and_(assigned, tuple_(Task.candidate_body_id, Task.candidate_role).in_(roles))]


def find_tasks(
    actor: Actor,
    *,
    whose: str = "bodies",
    state: str = "open",
    case_id: UUID | None = None,
    process_key: str | None = None,
    element_id: str | None = None,
    body: str | None = None,
    assignee_id: UUID | None = None,
    case_officer_id: UUID | None = None,
    overdue: bool = False,
    due_from: date | None = None,
    due_before: date | None = None,
    text: str | None = None,
) -> Ways:
    """Tasks: `mine` (claimed by the actor), `bodies` (for the actor's roles) or `all` that the actor may see.

    `element_id` is an element of a diagram, `body` a body's key, `case_officer_id` the case's officer, `text` a part of its title.
    """
    ways = ways_to(actor, whose, actor.person_id if whose == "mine" else assignee_id)
    conditions = (
        Task.state == literal(state, literal_execute=True),  # in the statement: the indexes are of open tasks
        equal(Task.case_id, case_id),
        equal(Task.process_key, process_key),
        equal(Task.element_id, element_id),
        Task.candidate_body_id.in_(select(Body.id).where(Body.key == body)) if body is not None else None,
        equal(Task.assignee_id, assignee_id),
        of_case(Task.case_id, case_officer_id=case_officer_id, text=text),
        below(Task.due_on, clock.today()) if overdue else None,
        at_least(Task.due_on, due_from),
        below(Task.due_on, due_before),
    )
    rows = select(Task).options(defer(Task.locals), defer(Task.result), defer(Task.draft))
    return Ways(rows, ways, conditions)


def read_task(db: Session, actor: Actor, task_id: UUID) -> Task:
    """One task. Raises TaskNotFound for a task that the actor may not see, as for one that does not exist."""
    return _seen(actor, db.get(Task, task_id))


def form_of(db: Session, task: Task) -> Mapping[str, Any] | None:
    """The form that the task was opened with."""
    return forms.load(db, task.form_definition_id).schema if task.form_definition_id else None


def meeting_of(db: Session, task: Task) -> UUID | None:
    """Id of the meeting that a step belongs to; None for a step of a case."""
    if task.case_id is not None:
        return None
    return db.scalar(select(Meeting.id).where(Meeting.instance_id == task.instance_id))


def given(task: Task) -> Mapping[str, Any]:
    """What the diagram gives the step, for programs to read: the item of an iteration, an instruction."""
    return {name: to_json(load(value)) for name, value in task.locals.items() if value is not None}


def said(task: Task) -> Mapping[str, Any]:
    """What was written in a task that is done, as JSON values by field."""
    if task.state == "open":
        return {}  # lists put its column off, and it would be asked for in vain
    return {name: to_json(load(value)) for name, value in (task.result or {}).items() if value is not None}


def told(db: Session, task: Task) -> list[tuple[str, Value]]:
    """What people at a step are shown of it: the values that the diagram has words for, in its order."""
    if not task.locals:
        return []
    return _told(_node(db, db.get_one(Instance, task.instance_id).definition_id, task.element_id), task.locals)


def advice(db: Session, task: Task) -> str:
    """What whoever drew the step says of how it is done: its documentation in the diagram, empty where it has none."""
    node = _node(db, db.get_one(Instance, task.instance_id).definition_id, task.element_id)
    return node.documentation if node is not None else ""


def items_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of those of the tasks that are one of several: which, by the first value that people at the step are shown."""
    rows = db.execute(
        select(Task.id, Instance.definition_id, Task.element_id, Task.locals)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.id.in_(ids))
    )
    found = {}
    for task_id, definition_id, element_id, given_ in rows:
        shown = _told(_node(db, definition_id, element_id), given_) if "loopCounter" in given_ else []
        if shown and isinstance(shown[0][1], str):
            found[task_id] = f"{shown[0][0]}: {shown[0][1]}"
    return found


def _node(db: Session, definition_id: UUID, element_id: str) -> Node | None:
    return definitions.compiled(db, definition_id).nodes.get(element_id)


def _told(node: Node | None, given_: Mapping[str, Any]) -> list[tuple[str, Value]]:
    labels = {each.name: each.label for each in node.inputs if each.label} if node is not None else {}
    return [(label, load(given_[name])) for name, label in labels.items() if given_.get(name) is not None]


def claim_task(store: Database, actor: Actor, task_id: UUID, *, version: int | None = None) -> Task:
    """Take a task as one's own."""
    with store.transaction() as db:
        task = _open_task(db, actor, task_id, version)
        _require_candidate(actor, task)
        if task.assignee_id not in (None, actor.person_id):
            raise Conflict("Somebody else has claimed this task. Ask them to release it, or a head to assign it.")
        return _assign(db, actor, task, actor.person_id, "task.claimed")


def release_task(store: Database, actor: Actor, task_id: UUID, *, version: int | None = None) -> Task:
    """Give a claimed task back to its body."""
    with store.transaction() as db:
        task = _open_task(db, actor, task_id, version)
        if task.assignee_id != actor.person_id and not actor.has("head", "operator"):
            raise Forbidden("Only the one who claimed the task, or a head, can release it.")
        return _assign(db, actor, task, None, "task.released")


def assign_task(store: Database, actor: Actor, task_id: UUID, assignee_id: UUID, *, version: int | None = None) -> Task:
    """Hand a task to somebody who has the role for it."""
    with store.transaction() as db:
        task = _open_task(db, actor, task_id, version)
        if task.assignee_id != actor.person_id and not actor.has("head", "secretary", "operator"):
            raise Forbidden("Only the one who claimed the task, a secretary or a head can hand it over.")
        person = db.get(Person, assignee_id)
        if person is None or person.organization_id != actor.organization_id:
            raise NotFound("There is no such person.")
        fits = db.scalar(
            select(Membership.id)
            .where(in_force(assignee_id), Membership.body_id == task.candidate_body_id)
            .where(Membership.role == task.candidate_role)
        )
        if fits is None:
            raise Conflict("That person does not have the role that this task needs. Choose somebody who has.")
        return _assign(db, actor, task, assignee_id, "task.assigned")


def save_draft(
    store: Database,
    actor: Actor,
    task_id: UUID,
    draft: Mapping[str, Any],
    *,
    version: int | None = None,
    window: str | None = None,
) -> Task:
    """Keep a half-filled form. Only its size is checked: the rest is when the task is completed.

    `window` names the one of the writer's windows that it comes from. Raises as `complete_task`, and TooLarge.
    """
    with store.transaction() as db:
        found = db.get(Task, task_id, with_for_update=True)
        task = _open(db, actor, found, version, also_suspended=True)  # what is half written is kept in any case
        _require_candidate(actor, task)
        if len(orjson.dumps(dict(draft))) > MOST_DRAFT_BYTES:
            raise TooLarge("This is too much to be kept half written. Shorten it, or hand it in as a document.")
        task.draft, task.drafted_at = dict(draft), clock.now()
        task.drafted_by, task.drafted_in = actor.person_id, window
        return task


def complete_task(
    store: Database, actor: Actor, task_id: UUID, submission: Mapping[str, Any], *, version: int | None = None
) -> Task:
    """Complete a task with its form and let the process go on.

    Raises TaskNotFound, Forbidden, TaskNotOpen, Stale, Invalid (one error a field) or StepFailed (an incident).
    """
    with completing(store, actor, task_id, submission, version=version) as (_db, task):
        pass
    return task


@contextmanager
def completing(
    store: Database, actor: Actor, task_id: UUID, submission: Mapping[str, Any], *, version: int | None = None
) -> Iterator[tuple[Session, Task]]:
    """Complete a task at the end of the block; what the block writes is kept with it, or nothing is. Raises as `complete_task`."""
    data = {"task_id": str(task_id), "submission": dict(submission), "actor_id": str(actor.person_id)}
    with processes.step(store, "complete_task", data, task_id) as db:
        found, instance = instances.take_task(db, task_id) or (None, None)
        task = _open(db, actor, found, version)
        require_may_do(actor, task)
        yield db, task
        instances.complete_task(db, task, submission, actor_id=actor.person_id, locked=instance)


def _open_task(db: Session, actor: Actor, task_id: UUID, version: int | None) -> Task:
    """The task, locked, as `_open` checks it."""
    return _open(db, actor, db.get(Task, task_id, with_for_update=True), version)


def _seen(actor: Actor, found: Task | None) -> Task:
    if found is None or not is_visible_to(actor, found):
        raise TaskNotFound("There is no such task, or it is not for you.")
    return found


def _open(db: Session, actor: Actor, task: Task | None, version: int | None, *, also_suspended: bool = False) -> Task:
    """The task: exists, allowed to see, open, not suspended, of the version that was read."""
    found = _seen(actor, task)
    if found.state != "open":
        raise TaskNotOpen("This task is already done or is no longer needed. Open the case to see where it stands.")
    if found.suspended and not also_suspended:
        require_going_on(db, db.get_one(Instance, found.instance_id))
    if version is not None and found.version != version:
        raise Stale("Somebody else has just changed this task. Read it again and repeat what you wanted to do.")
    return found


def _require_candidate(actor: Actor, task: Task) -> None:
    if not actor.has_in(task.candidate_body_id, (task.candidate_role or "",)):
        raise Forbidden("This task is for another role or body. You may see it, but not do it.")


def require_may_do(actor: Actor, task: Task) -> None:
    """Refuse whoever cannot do an open task: another role or body (Forbidden), or one that a colleague has (Conflict)."""
    _require_candidate(actor, task)
    if task.assignee_id not in (None, actor.person_id):
        raise Conflict("Somebody else has claimed this task. Ask them to release it, or a head to assign it.")


def _assign(db: Session, actor: Actor, task: Task, assignee_id: UUID | None, type_: str) -> Task:
    task.assignee_id = assignee_id
    task.claimed_at = clock.now() if assignee_id is not None else None
    events.record(
        db,
        task.organization_id,
        type_,
        "task",
        task.id,
        actor_id=actor.person_id,
        case_id=task.case_id,
        instance_id=task.instance_id,
        data={"assignee_id": str(assignee_id) if assignee_id else None},
    )
    return task


def may_do(actor: Actor, task: Task) -> bool:
    """Whether the actor can do the task now: open, for a role of theirs, and claimed by nobody else."""
    is_candidate = actor.has_in(task.candidate_body_id, (task.candidate_role or "",))
    return task.state == "open" and is_candidate and task.assignee_id in (None, actor.person_id)
