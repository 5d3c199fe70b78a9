"""Process instances: where they stand, and what an operator does when one stands wrong."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint, answer
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import Flag, Id, Instant, Key, Line, Representation, Schema, choice, columns
from committee import instances
from engine.models import Instance
from store.paging import Page
from store.sentences import say

blp = Blueprint("instances", "Running processes: where they stand, and mending one that stands wrong.")

SORTS = {"started_at": Instance.started_at}
MOST_ACTS = 100
ELEMENT = r"^[A-Za-z_À-￿][A-Za-z0-9_.\-À-￿]{0,255}$"
ONE_OF = ("cancel", "begin_before", "begin_after", "restart_from", "variables")


class InstanceSchema(Representation):
    """A process that runs, or has ended."""

    id = fields.UUID()
    case_id = fields.UUID(allow_none=True)
    process_key = fields.String()
    definition_id = fields.UUID(metadata={"description": "The version of the process that it runs on."})
    parent_id = fields.UUID(allow_none=True, metadata={"description": "The instance that called it."})
    parent_element_id = fields.String(allow_none=True)
    status = fields.String(metadata={"description": "running, completed, cancelled or failed."})
    has_incident = fields.Boolean(metadata={"description": "A step failed and waits to be done again."})
    suspended_at = Instant(allow_none=True, metadata={"description": "Since when it is suspended."})
    suspended_by = fields.UUID(allow_none=True)
    suspension_reason = fields.String(allow_none=True)
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    error_code = fields.String(allow_none=True)
    version = fields.Integer()


class StandingSchema(Representation):
    """A token, or an event that is listened for beside it."""

    key = fields.String(metadata={"description": "Names it in acts; never used again in the instance."})
    element_id = fields.String()
    name = fields.String()
    kind = fields.String(
        metadata={
            "description": "activity, iteration (one of several), lap, event or join: a token; "
            "boundary or handler (an event subprocess): what only listens."
        }
    )
    within = fields.String(metadata={"description": "Key of what it goes on in; empty in the process itself."})
    waits_for = fields.List(fields.String(), metadata={"description": "user, job, call, message, timer, signal …"})
    flow = fields.String(allow_none=True, metadata={"description": "At a join: the flow on which it came."})
    given = fields.Dict(keys=fields.String(), metadata={"description": "Its own variables: the item of an iteration."})
    task_id = fields.UUID(allow_none=True)
    due_at = Instant(allow_none=True, metadata={"description": "When its timer fires."})


class WholeInstanceSchema(InstanceSchema):
    """A process and where it stands."""

    standing = fields.List(fields.Nested(StandingSchema), metadata={"description": "Outer before inner."})


class ActSchema(Schema):
    """One act, by exactly one of its names."""

    cancel = fields.String(
        validate=validate.Regexp(rf"{ELEMENT}|^[0-9]{{1,18}}$", error="Give a key of `standing`, or an element's id."),
        metadata={"description": "Key of a token, or id of an element: then every token that stands there."},
    )
    begin_before = fields.String(
        validate=validate.Regexp(ELEMENT, error="Give the id of an element of the diagram."),
        metadata={"description": "A token comes to this element, as if along a flow."},
    )
    begin_after = fields.String(
        validate=validate.Regexp(ELEMENT, error="Give the id of an element of the diagram."),
        metadata={"description": "A token leaves this element, by its conditions."},
    )
    restart_from = fields.String(
        validate=validate.Regexp(ELEMENT, error="Give the id of an element of the diagram."),
        metadata={"description": "Every token is cancelled, and one comes to this element."},
    )
    variables = fields.Dict(keys=Line(), metadata={"description": "Variables of the process to write."})
    within = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,18}$", error="Give a key of `standing`."),
        metadata={"description": "With begin or restart: in which of several subprocesses or iterations."},
    )

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        named = [name for name in ONE_OF if name in data]
        if len(named) != 1:
            raise ValidationError(say("Give each act exactly one of %(known)s.", known=", ".join(ONE_OF)))
        if "within" in data and named[0] in ("cancel", "variables"):
            raise ValidationError("`within` goes with an act that begins something.", "within")


class ModificationSchema(Schema):
    """What is to be done, in this order, all or nothing; and why."""

    acts = fields.List(
        fields.Nested(ActSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_ACTS, error=f"Give 1 to {MOST_ACTS} acts."),
    )
    reason = Line(2000, required=True, metadata={"description": "Stays in the case's history."})
    may_end = Flag(
        load_default=False,
        metadata={"description": "If nothing goes on any more the process ends as cancelled; else that is refused."},
    )
    dry_run = Flag(load_default=False, metadata={"description": "Only tell what would be; nothing is changed."})


class ModifiedSchema(Representation):
    """What a modification did, or would do."""

    dry_run = fields.Boolean()
    id = fields.UUID(metadata={"description": "Of the instance."})
    status = fields.String(metadata={"description": "Of the instance, afterwards."})
    cancelled = fields.List(fields.Nested(StandingSchema))
    begun = fields.List(fields.Nested(StandingSchema), metadata={"description": "What stands then that did not."})
    version = fields.Integer()


class HoldSchema(Schema):
    """Why."""

    reason = Line(2000, required=True, metadata={"description": "Stays in the case's history; people are told it."})


class InstanceQuery(PageQuery):
    """Which instances."""

    case_id = Id()
    process_key = Key()
    status = choice("running", "completed", "cancelled", "failed", load_default="running")
    suspended = Flag()
    has_incident = Flag(metadata={"description": "Whether a step of it failed and waits to be done again."})
    sort = sort_field(SORTS, "-started_at")


@blp.get("/instances")
@blp.lists(InstanceSchema, InstanceQuery)
def list_instances(query: dict[str, Any]) -> Page[Instance]:
    """Processes that run, suspended ones too; or those that have ended."""
    with context.database().reading() as db:
        return select_page(db, instances.find_instances(context.actor(), **filters(query)), query, SORTS, Instance.id)


@blp.get("/instances/<uuid:instance_id>")
@blp.reads(WholeInstanceSchema, versioned=True)
def read_instance(instance_id: UUID) -> Any:
    """One process and where it stands: each token and what is waited for, with the keys that acts name."""
    with context.database().reading() as db:
        return _whole(db, instances.read_instance(db, context.actor(), instance_id))


@blp.post("/instances/<uuid:instance_id>/modification")
@blp.changes(ModifiedSchema, "instance_id", body=ModificationSchema, repeatable=True)
def modify_instance(body: dict[str, Any], instance_id: UUID, version: int) -> Any:
    """Move tokens, cancel steps, begin elsewhere; with dry_run only tell what that would do."""
    done = instances.modify_instance(context.database(), context.actor(), instance_id, version=version, **body)
    return answer(done, done)


@blp.post("/instances/<uuid:instance_id>/suspend")
@blp.changes(WholeInstanceSchema, "instance_id", body=HoldSchema)
def suspend_instance(body: dict[str, Any], instance_id: UUID, version: int) -> Any:
    """Hold a process and all that it called: no task, timer, message or operation goes on."""
    held = instances.suspend_instance(context.database(), context.actor(), instance_id, body["reason"], version=version)
    with context.database().reading() as db:
        return _whole(db, held)


@blp.post("/instances/<uuid:instance_id>/resume")
@blp.changes(WholeInstanceSchema, "instance_id", body=HoldSchema)
def resume_instance(body: dict[str, Any], instance_id: UUID, version: int) -> Any:
    """Let a suspended process go on; timers that have fallen due fire late, messages that were kept come."""
    gone_on = instances.resume_instance(
        context.database(), context.actor(), instance_id, body["reason"], version=version
    )
    with context.database().reading() as db:
        return _whole(db, gone_on)


def _whole(db: Session, instance: Instance) -> Any:
    return answer({**columns(instance), "standing": instances.standing(db, instance)}, instance)
