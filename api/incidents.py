"""Incidents: steps that could not be carried out, and doing them again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api import context
from api.blueprint import Blueprint, answer
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import STEP, Id, Instant, Key, Line, Representation, Schema, choice
from committee import processes
from engine.models import Incident
from store.paging import Page

blp = Blueprint("incidents", "Steps that failed; the process stands at its last good state until they are done again.")

SORTS = {"created_at": Incident.created_at}


class IncidentSchema(Representation):
    """A step that could not be carried out."""

    id = fields.UUID()
    instance_id = fields.UUID(
        allow_none=True, metadata={"description": "null where a process could not start by its timer."}
    )
    case_id = fields.UUID(allow_none=True)
    element_id = fields.String(allow_none=True)
    action = fields.String()
    code = fields.String()
    sentence = fields.String()
    detail = fields.String(metadata={"description": "Kind of fault and where, for the operator."})
    state = fields.String(metadata={"description": "open, resolved (done again) or skipped."})
    attempts = fields.Integer()
    created_at = Instant()
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.UUID(allow_none=True)
    skip_reason = fields.String(
        allow_none=True, metadata={"description": "Why it is not to be done, of a skipped one."}
    )


class IncidentQuery(PageQuery):
    """Which incidents."""

    state = choice("open", "resolved", "skipped", load_default="open")
    case_id = Id()
    element_id = Key(metadata=STEP)
    sort = sort_field(SORTS, "-created_at")


class SkipSchema(Schema):
    """Why the step is not to be done again."""

    reason = Line(2000, required=True, metadata={"description": "Stays in the case's history."})


@blp.get("/incidents")
@blp.lists(IncidentSchema, IncidentQuery)
def list_incidents(query: dict[str, Any]) -> Page[Incident]:
    """Incidents of the organisation."""
    with context.database().reading() as db:
        return select_page(db, processes.find_incidents(context.actor(), **filters(query)), query, SORTS, Incident.id)


@blp.post("/incidents/<uuid:incident_id>/retry")
@blp.acts(IncidentSchema)
def retry_incident(incident_id: UUID) -> Any:
    """Do the step again; 409 when it fails again."""
    incident = processes.retry_incident(context.database(), context.actor(), incident_id)
    return answer(incident, incident)


@blp.post("/incidents/<uuid:incident_id>/skip")
@blp.acts(IncidentSchema, body=SkipSchema)
def skip_incident(body: dict[str, Any], incident_id: UUID) -> Any:
    """Close an incident whose step is not to be done again; the process stands where it stood."""
    incident = processes.skip_incident(context.database(), context.actor(), incident_id, body["reason"])
    return answer(incident, incident)
