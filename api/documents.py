"""Documents of cases: files that come in, in versions, and what they are attached to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from marshmallow import fields
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint, answer, here
from api.files import UploadedFile, disposition
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import Day, Id, Instant, Key, Line, Representation, Schema, Whole, choice, columns
from committee import cases, documents, file_kinds, filing
from committee.documents import Document, DocumentVersion
from committee.filing import Subject, Upload
from store.paging import Page

blp = Blueprint("documents", "Documents of cases, in versions that are never written over.")

SORTS = {"serial": Document.serial, "created_at": Document.created_at, "title": Document.title}
VERSION_SORTS = {"number": DocumentVersion.number}


class VersionSchema(Representation):
    """One version of a document."""

    number = fields.Integer(metadata={"description": "Counted from 1 in the document."})
    file_name = fields.String()
    media_type = fields.String(metadata={"description": "Found from the content."})
    size = fields.Integer(metadata={"description": "Bytes."})
    sha256 = fields.String()
    state = fields.String(metadata={"description": "draft, approved or dispatched."})
    position = fields.String(allow_none=True, metadata={"description": "Of a statement."})
    dated = Day(allow_none=True, metadata={"description": "The date that the document itself bears."})
    created_at = Instant()
    created_by = fields.UUID(allow_none=True)


class DocumentSchema(Representation):
    """A document of a case."""

    id = fields.UUID()
    case_id = fields.UUID()
    serial = fields.Integer(metadata={"description": "Counted from 1 in the case (löpnummer)."})
    kind = fields.String(metadata={"description": ", ".join(documents.KINDS)})
    document_type = fields.String()
    title = fields.String()
    created_at = Instant()
    created_by = fields.UUID(allow_none=True)
    newest = fields.Nested(VersionSchema, metadata={"description": "The newest version that the caller may read."})
    version = fields.Integer(metadata={"description": "Counts changes, for If-Match."})


class AttachmentSchema(Representation):
    """What a version of a document is attached to."""

    id = fields.UUID()
    number = fields.Integer(metadata={"description": "The version."})
    subject_type = fields.String()
    subject_id = fields.UUID()
    attached_at = Instant()
    attached_by = fields.UUID(allow_none=True)


class NewVersionSchema(Schema):
    """A file that is the next version of a document."""

    file = UploadedFile(metadata={"description": "The kind is found from the content and must fit the name's ending."})
    dated = Day(metadata={"description": "The date that the document itself bears."})


class NewDocumentSchema(NewVersionSchema):
    """A file that is a new document of a case; with a subject it is attached to it at once."""

    title = Line(metadata={"description": "Without one the file's name."})
    kind = choice(*documents.KINDS, load_default="incoming")
    document_type = Key(load_default="document")
    subject_type = choice(*documents.SUBJECTS)
    subject_id = Id()

    @ma.validates_schema
    def _both(self, data: dict[str, Any], **_: Any) -> None:
        if ("subject_type" in data) != ("subject_id" in data):
            raise ma.ValidationError("Say both subject_type and subject_id, or neither.", "subject_id")


class AttachSchema(Schema):
    """What a document is to be attached to."""

    subject_type = choice(*documents.SUBJECTS, required=True)
    subject_id = Id(required=True)
    number = Whole(1, 1_000_000, metadata={"description": "The version; without it the newest."})


class DocumentQuery(PageQuery):
    """Which documents."""

    kind = choice(*documents.KINDS)
    document_type = Key()
    text = Line(metadata={"description": "Part of the title."})
    subject_id = Id(metadata={"description": "What it is attached to: a referral, consultee, agenda item, decision."})
    sort = sort_field(SORTS, "serial")


class EveryDocumentQuery(DocumentQuery):
    """Which documents of which case."""

    case_id = Id()
    sort = sort_field(SORTS, "-created_at")


class VersionQuery(PageQuery):
    """Which versions."""

    sort = sort_field(VERSION_SORTS, "number")


@blp.post("/cases/<uuid:case_id>/documents")
@blp.uploads(DocumentSchema, NewDocumentSchema)
def add_document(form: dict[str, Any], case_id: UUID) -> Any:
    """Add a document to a case. Who was consulted adds it to its own answer (subject_type `consultee`)."""
    subject = Subject(form.pop("subject_type"), form.pop("subject_id")) if "subject_id" in form else None
    upload = _upload(form)
    made = filing.add_document(
        context.database(), context.files(), context.actor(), case_id, upload, subject=subject, **form
    )
    return _one(made)


@blp.get("/cases/<uuid:case_id>/documents")
@blp.lists(DocumentSchema, DocumentQuery)
def list_documents(query: dict[str, Any], case_id: UUID) -> Page[Any]:
    """The documents of a case that the caller may read."""
    with context.database().reading() as db:
        cases.read_case(db, context.actor(), case_id)
        return _page(db, {**query, "case_id": case_id})


@blp.get("/documents")
@blp.lists(DocumentSchema, EveryDocumentQuery)
def list_all_documents(query: dict[str, Any]) -> Page[Any]:
    """The documents that the caller may read: for a municipality what it was sent, and what it sent."""
    with context.database().reading() as db:
        return _page(db, query)


@blp.get("/documents/<uuid:document_id>")
@blp.reads(DocumentSchema, versioned=True)
def read_document(document_id: UUID) -> Any:
    """One document."""
    with context.database().reading() as db:
        found = documents.read_document(db, context.actor(), document_id)
    return _one(found)


@blp.post("/documents/<uuid:document_id>/versions")
@blp.uploads(DocumentSchema, NewVersionSchema, "document_id")
def add_version(form: dict[str, Any], document_id: UUID, version: int) -> Any:
    """Add a file as the next version; those before it stay as they are."""
    found = filing.add_version(
        context.database(), context.files(), context.actor(), document_id, _upload(form), version=version
    )
    return _one(found)


@blp.get("/documents/<uuid:document_id>/versions")
@blp.lists(VersionSchema, VersionQuery)
def list_versions(query: dict[str, Any], document_id: UUID) -> Page[DocumentVersion]:
    """The versions of a document."""
    with context.database().reading() as db:
        documents.read_document(db, context.actor(), document_id)
        found = documents.versions_of(context.actor(), document_id)
        return select_page(db, found, query, VERSION_SORTS, DocumentVersion.id)


@blp.get("/documents/<uuid:document_id>/versions/<int(min=1, max=1000000):number>/content")
@blp.downloads(*file_kinds.MEDIA_TYPES)
def read_content(document_id: UUID, number: int) -> flask.Response:
    """The file of a version, always as an attachment. Its ETag is its SHA-256; parts can be asked for with Range."""
    with context.database().reading() as db:
        found = documents.read_version(db, context.actor(), document_id, number)
    source = context.files().open_path(found.sha256) if found.text is None else io.BytesIO(found.text.encode())
    response = flask.send_file(source, mimetype=found.media_type, etag=found.sha256, last_modified=found.created_at)
    response.headers["Content-Disposition"] = disposition(found.file_name)
    response.cache_control.private = True
    return response


@blp.post("/documents/<uuid:document_id>/attachments")
@blp.creates(AttachmentSchema, body=AttachSchema, location=False)
def attach(body: dict[str, Any], document_id: UUID) -> Any:
    """Attach a version to a consultation, an answer, a place on an agenda or a decision of its case."""
    subject = Subject(body["subject_type"], body["subject_id"])
    made, number = filing.attach(context.database(), context.actor(), document_id, subject, number=body.get("number"))
    return {**columns(made), "number": number}


@blp.get("/documents/<uuid:document_id>/attachments")
@blp.reads_all(AttachmentSchema)
def list_attachments(document_id: UUID) -> Page[Any]:
    """What the versions of a document are attached to."""
    with context.database().reading() as db:
        documents.read_document(db, context.actor(), document_id)
        rows = db.execute(documents.attachments_of(context.actor(), document_id)).all()
        return Page([{**columns(made), "number": number} for made, number in rows])


def _upload(form: dict[str, Any]) -> Upload:
    file = form.pop("file")
    return Upload(file.filename or "", file.stream, form.pop("dated", None))


def _one(document: Document) -> Any:
    with context.database().reading() as db:
        (shown,) = _shown(db, [document])
    return answer(shown, document, location=here("documents.read_document", document_id=document.id))


def _page(db: Session, query: dict[str, Any]) -> Page[Any]:
    found = documents.find_documents(context.actor(), **filters(query))
    page = select_page(db, found, query, SORTS, Document.id)
    return Page(_shown(db, page.items), page.cursor)


def _shown(db: Session, found: Sequence[Document]) -> list[dict[str, Any]]:
    newest = documents.newest_of(db, context.actor(), found)
    return [{**columns(each), "newest": newest[each.id]} for each in found]
