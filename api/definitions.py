"""Definitions: what is deployed, in versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from marshmallow import fields

from api import context
from api.blueprint import Blueprint, limited
from api.bodies import DIAGRAM_BYTES
from api.files import FILES_BODY, disposition, read_files
from api.paging import PageQuery, select_page, sort_field
from api.schemas import Flag, Id, Instant, Key, Question, Representation, choice
from committee import processes
from engine.models import Definition
from engine.versions.stored import difference
from store.paging import Page

blp = Blueprint("definitions", "Processes, decision tables and forms that are deployed, in versions.")

MEDIA_TYPES = {
    "process": "application/bpmn+xml",
    "decisions": "application/dmn+xml",
    "form": "application/vnd.bpmn-io.form+json",
}
SORTS = {"key": Definition.key, "deployed_at": Definition.deployed_at}


class DefinitionSchema(Representation):
    """One version of a process, a decision file or a form."""

    id = fields.UUID()
    kind = fields.String()
    key = fields.String()
    number = fields.Integer(metadata={"description": "Version, counted from 1 for each key."})
    name = fields.String()
    version_tag = fields.String(allow_none=True)
    file_name = fields.String()
    deployment_id = fields.UUID()
    deployed_at = Instant()
    start_form = fields.String(
        allow_none=True,
        metadata={"description": "The form with which a person starts it, as a case; null where nobody does."},
    )
    starts = fields.List(
        fields.String(), metadata={"description": "What starts it when it is published: `message:…`, `signal:…`."}
    )


class DeploymentSchema(Representation):
    """What a deployment put in use; a file whose content was in use already makes no new version."""

    definitions = fields.List(fields.Nested(DefinitionSchema))


class FindingSchema(Representation):
    """What the checker says about an element of a file."""

    file = fields.String()
    element_id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)
    severity = fields.String()
    rule = fields.String()
    sentence = fields.String()
    hint = fields.String(allow_none=True)


class ChangeSchema(Representation):
    """One thing that differs between two versions, with the element that a picture can point at."""

    subject = fields.String(
        metadata={
            "description": "process, lane, element, flow or drawing; decision, column or rule; field; file (nothing in particular)."
        }
    )
    id = fields.String()
    name = fields.String()
    kind = fields.String(metadata={"description": "added, removed or changed."})
    aspect = fields.String(metadata={"description": "Of what has changed, what: name, type, performer, due …"})
    old = fields.String(allow_none=True)
    new = fields.String(allow_none=True)
    sentence = fields.String()


class DifferenceQuery(Question):
    """Which version to compare with."""

    older = Id(required=True, data_key="from", metadata={"description": "The older version, of the same kind."})


class DefinitionQuery(PageQuery):
    """Which definitions."""

    kind = choice("process", "decisions", "form")
    key = Key()
    latest = Flag(metadata={"description": "Only the version in use of each."})
    sort = sort_field(SORTS, "key")


@blp.post("/definitions")
@limited(DIAGRAM_BYTES)
@blp.creates(DeploymentSchema, location=False)
@blp.describes(requestBody=FILES_BODY)
def deploy() -> Any:
    """Put files in use together. With an error in any of them nothing is deployed, and all findings are listed."""
    definitions = processes.deploy(context.database(), context.actor(), read_files())
    return {"definitions": definitions}


@blp.post("/definitions/check")
@limited(DIAGRAM_BYTES)
@blp.reads_all(FindingSchema)
@blp.describes(requestBody=FILES_BODY)
def check() -> Page[Any]:
    """All findings of files, errors first; nothing is deployed."""
    return Page(processes.check(context.database(), context.actor(), read_files()))


@blp.get("/definitions")
@blp.lists(DefinitionSchema, DefinitionQuery)
def list_definitions(query: dict[str, Any]) -> Page[Definition]:
    """Versions of definitions."""
    with context.database().reading() as db:
        found = processes.definitions(
            context.actor(), kind=query.get("kind"), key=query.get("key"), latest=query.get("latest", False)
        )
        return select_page(db, found, query, SORTS, Definition.id)


@blp.get("/definitions/<uuid:definition_id>")
@blp.reads(DefinitionSchema)
def read_definition(definition_id: UUID) -> Definition:
    """One version of a definition."""
    with context.database().reading() as db:
        return processes.definition(db, context.actor(), definition_id)


@blp.get("/definitions/<uuid:definition_id>/content")
@blp.reads_bytes(*MEDIA_TYPES.values())
def read_content(definition_id: UUID) -> flask.Response:
    """The file as it was deployed, byte for byte."""
    with context.database().reading() as db:
        found = processes.definition(db, context.actor(), definition_id)
        data = processes.content(db, found)
    response = flask.Response(data, content_type=MEDIA_TYPES[found.kind])
    response.headers["Content-Disposition"] = disposition(found.file_name)
    return response


@blp.get("/definitions/<uuid:definition_id>/diff")
@blp.reads_all(ChangeSchema, query=DifferenceQuery)
def read_difference(query: dict[str, Any], definition_id: UUID) -> Page[Any]:
    """What has changed from another version to this one, in words and by element; always in the same order."""
    with context.database().reading() as db:
        older = processes.definition(db, context.actor(), query["older"])
        newer = processes.definition(db, context.actor(), definition_id)
        return Page(difference(db, older, newer))
