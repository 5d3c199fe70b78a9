"""Tasks: work that waits for people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer
from api.paging import Page, PageQuery, select_page, sort_field
from api.schemas import Day, Flag, Id, Instant, Key, Representation, Schema, choice
from committee import tasks
from engine.models import Task

blp = Blueprint("tasks", "Work that waits for people: to claim, to do, to hand over.")

SORTS = {"due_on": Task.due_on, "created_at": Task.created_at}


class TaskSchema(Representation):
    """Work that waits for a person, or that was done."""

    id = fields.UUID()
    case_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID()
    process_key = fields.String()
    element_id = fields.String(metadata={"description": "The step in the diagram."})
    name = fields.String()
    state = fields.String(metadata={"description": "open, completed or cancelled."})
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

    form_schema = fields.Dict(keys=fields.String(), allow_none=True, metadata={"description": "The form (form-js)."})
    draft = fields.Dict(keys=fields.String(), allow_none=True)
    result = fields.Dict(keys=fields.String(), allow_none=True)


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
    body = Key(metadata={"description": "Key of a body."})
    overdue = Flag()
    due_before = Day()
    sort = sort_field(SORTS, "due_on")


class AssigneeSchema(Schema):
    """Who is to do it."""

    assignee_id = Id(required=True)


class SubmissionSchema(Schema):
    """The fields of the task's form."""

    values = fields.Dict(keys=fields.String(), required=True)
