"""Tasks: work that waits for people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint, answer
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import (
    BODY,
    OFFICER,
    STEP,
    TEXT_OF_CASE,
    Day,
    Flag,
    Id,
    Instant,
    Key,
    Line,
    Representation,
    Schema,
    choice,
    columns,
)
from committee import tasks
from engine.models import Task
from store.paging import Page

blp = Blueprint("tasks", "Work that waits for people: to claim, to do, to hand over.")

SORTS = {"due_on": Task.due_on, "created_at": Task.created_at, "name": Task.name}


class TaskSchema(Representation):
    """Work that waits for a person, or that was done."""

    id = fields.UUID()
    case_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID()
    process_key = fields.String()
    element_id = fields.String(metadata={"description": "The step in the diagram."})
    name = fields.String()
    state = fields.String(metadata={"description": "open, completed or cancelled."})
    suspended = fields.Boolean(metadata={"description": "Its process is suspended: it can be read, and not be done."})
    assignee_id = fields.UUID(allow_none=True)
    candidate_body_id = fields.UUID(allow_none=True)
    candidate_role = fields.String(allow_none=True)
    form = fields.String(allow_none=True)
    due_on = Day(allow_none=True)
    created_at = Instant()
    claimed_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)
    completed_by = fields.UUID(allow_none=True)
    version = fields.Integer()


class TaskWithFormSchema(TaskSchema):
    """A task with what is needed to do it."""

    given = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What the diagram gives the step: the item of an iteration, an instruction."},
    )
    form_schema = fields.Dict(keys=fields.String(), allow_none=True, metadata={"description": "The form (form-js)."})
    draft = fields.Dict(keys=fields.String(), allow_none=True)
    result = fields.Dict(keys=fields.String(), allow_none=True)


class TaskOfMeetingSchema(TaskWithFormSchema):
    """A task as it is read: also of which meeting it is a step."""

    meeting_id = fields.UUID(allow_none=True, metadata={"description": "For a step of a meeting: which."})


class TaskQuery(PageQuery):
    """Which tasks."""

    whose = choice(
        "mine",
        "bodies",
        "all",
        load_default="bodies",
        metadata={"description": "mine: claimed by me; bodies: mine to claim; all: those I may see."},
    )
    state = choice("open", "completed", "cancelled", load_default="open")
    case_id = Id()
    process_key = Key()
    element_id = Key(metadata=STEP)
    body = Key(metadata=BODY)
    assignee_id = Id(metadata={"description": "Who has claimed it."})
    case_officer_id = Id(metadata=OFFICER)
    overdue = Flag()
    due_from = Day()
    due_before = Day()
    text = Line(metadata=TEXT_OF_CASE)
    sort = sort_field(SORTS, "due_on")


class AssigneeSchema(Schema):
    """Who is to do it."""

    assignee_id = Id(required=True)


class SubmissionSchema(Schema):
    """The fields of the task's form."""

    values = fields.Dict(keys=fields.String(), required=True)


@blp.get("/tasks")
@blp.lists(TaskSchema, TaskQuery)
def list_tasks(query: dict[str, Any]) -> Page[Task]:
    """Tasks that the caller may see: claimed by them, for their roles, or all."""
    with context.database().reading() as db:
        return select_page(db, tasks.find_tasks(context.actor(), **filters(query)), query, SORTS, Task.id)


@blp.get("/tasks/<uuid:task_id>")
@blp.reads(TaskOfMeetingSchema, versioned=True)
def read_task(task_id: UUID) -> Any:
    """One task, with its form and what has been filled in."""
    with context.database().reading() as db:
        task = tasks.read_task(db, context.actor(), task_id)
        return answer({**_whole(db, task), "meeting_id": tasks.meeting_of(db, task)}, task)


@blp.post("/tasks/<uuid:task_id>/claim")
@blp.acts(TaskSchema)
def claim_task(task_id: UUID) -> Any:
    """Take a task as one's own; 409 when somebody else has."""
    task = tasks.claim_task(context.database(), context.actor(), task_id)
    return answer(task, task)


@blp.post("/tasks/<uuid:task_id>/release")
@blp.acts(TaskSchema)
def release_task(task_id: UUID) -> Any:
    """Give a claimed task back to its body."""
    task = tasks.release_task(context.database(), context.actor(), task_id)
    return answer(task, task)


@blp.post("/tasks/<uuid:task_id>/assign")
@blp.changes(TaskSchema, "task_id", body=AssigneeSchema)
def assign_task(body: dict[str, Any], task_id: UUID, version: int) -> Any:
    """Hand a task to somebody who has the role for it."""
    task = tasks.assign_task(context.database(), context.actor(), task_id, body["assignee_id"], version=version)
    return answer(task, task)


@blp.put("/tasks/<uuid:task_id>/draft")
@blp.changes(TaskWithFormSchema, "task_id", body=SubmissionSchema)
def save_draft(body: dict[str, Any], task_id: UUID, version: int) -> Any:
    """Keep a half-filled form; it is checked when the task is completed."""
    task = tasks.save_draft(context.database(), context.actor(), task_id, body["values"], version=version)
    with context.database().reading() as db:
        return answer(_whole(db, task), task)


@blp.post("/tasks/<uuid:task_id>/complete")
@blp.changes(TaskWithFormSchema, "task_id", body=SubmissionSchema)
def complete_task(body: dict[str, Any], task_id: UUID, version: int) -> Any:
    """Hand in the form and let the process go on. What the form does not accept is listed field by field."""
    task = tasks.complete_task(context.database(), context.actor(), task_id, body["values"], version=version)
    with context.database().reading() as db:
        return answer(_whole(db, task), task)


def _whole(db: Session, task: Task) -> dict[str, Any]:
    return {**columns(task), "given": tasks.given(task), "form_schema": tasks.form_of(db, task)}
