"""Documents of a case: the list, adding files, and one document with its versions.

What a file is told to a browser to be is what its content says (`committee.file_kinds`): pages and programs are never
kept, a text is shown by our own template, and a picture as a picture. A PDF is opened in a frame by the browser's own
reader, which is a sandbox already and opens inside no other.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, BinaryIO, cast
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import casefile, documents, filing
from committee.documents import Document, DocumentVersion
from committee.filing import Upload
from committee.organisations import Person
from committee.worklist import by_id
from store.errors import Conflict, HandslagError, Invalid, TooLarge, Unavailable
from store.paging import Ask, select_page
from web import context, problems
from web.headers import POLICY
from web.language import _

blp = flask.Blueprint("case_documents", __name__)

ENVELOPE_BYTES = 64 * 1024
"""What a form adds around its files."""
SHOWN_TEXT = 200_000
"""Characters of a text that are shown; the rest is in the file."""
MOST_VERSIONS = 100
"""Versions that are listed, the newest."""
PICTURES = ("image/png", "image/jpeg")
PDF = "application/pdf"
SORTS = {"serial": Document.serial}
Refused = Sequence[tuple[str, HandslagError]]


@blp.get("/cases/<uuid:case_id>/documents")
def list_documents(case_id: UUID) -> str:
    """The documents of a case that the reader may read."""
    return _list(case_id, ())


@blp.post("/cases/<uuid:case_id>/documents")
def add_documents(case_id: UUID) -> Response | tuple[str, int]:
    """Add files to a case, each a document of its own. Those that are refused are named; the others are kept."""
    _expect_files()
    form, actor = flask.request.form, context.actor()
    kind = form.get("kind", "incoming")
    sent = [file for file in flask.request.files.getlist("file") if file.filename]
    refused: list[tuple[str, HandslagError]] = []
    if not sent:
        refused.append(("", Invalid(_("Choose a file first."))))
    if kind not in documents.KINDS:
        refused.append(("", Invalid(_("Choose what kind of documents they are."))))
        sent = []
    for file in sent:
        try:
            upload = Upload(file.filename or "", cast("BinaryIO", file.stream))
            filing.add_document(
                context.database(), context.files(), actor, case_id, upload, kind=kind, once="again" not in form
            )
        except (Invalid, Conflict, TooLarge, Unavailable) as problem:
            refused.append((file.filename or "", problem))
    if flask.request.accept_mimetypes.best == "application/json":
        sentences = [problems.sentence(problem) for _name, problem in refused]
        return flask.make_response(
            flask.jsonify(refused=sentences), problems.status_of(refused[0][1]) if refused else 201
        )
    if refused:
        return _list(case_id, refused), problems.status_of(refused[0][1])
    return flask.redirect(flask.url_for("case_documents.list_documents", case_id=case_id), 303)


@blp.get("/documents/<uuid:document_id>")
def read_document(document_id: UUID) -> Response:
    """One document: its versions, and one of them to look at."""
    return _document(document_id)


@blp.post("/documents/<uuid:document_id>")
def add_version(document_id: UUID) -> Response:
    """Add a file as the next version."""
    _expect_files()
    file = flask.request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(_("Choose a file first."))
        upload, version = (
            Upload(file.filename, cast("BinaryIO", file.stream)),
            flask.request.form.get("version", type=int),
        )
        filing.add_version(context.database(), context.files(), context.actor(), document_id, upload, version=version)
    except (Invalid, Conflict, TooLarge, Unavailable) as problem:
        return _document(document_id, problem)
    return flask.redirect(flask.url_for("case_documents.read_document", document_id=document_id), 303)


@blp.get("/documents/<uuid:document_id>/versions/<int(min=1, max=1000000):number>/content")
def read_content(document_id: UUID, number: int) -> Response:
    """The file: to be saved, or with `show` to be looked at inside its document's page."""
    with context.database().reading() as db:
        found = documents.read_version(db, context.actor(), document_id, number)
    shown = "show" in flask.request.args and found.media_type in (PDF, *PICTURES)
    response = flask.send_file(
        _source(found),
        mimetype=found.media_type,
        as_attachment=not shown,
        download_name=found.file_name,
        etag=found.sha256,
        last_modified=found.created_at,
    )
    if shown:
        sandbox = "" if found.media_type == PDF else "; sandbox"
        response.headers["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors 'self'{sandbox}"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.cache_control.private = True
    return response


def _expect_files() -> None:
    """Take more than other forms may send."""
    flask.request.max_content_length = context.settings().max_upload_bytes + ENVELOPE_BYTES


def _source(version: DocumentVersion) -> Any:
    return context.files().open_path(version.sha256) if version.text is None else io.BytesIO(version.text.encode())


def _list(case_id: UUID, refused: Refused) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        head = casefile.read_head(db, actor, case_id)
        found = documents.find_documents(actor, case_id=case_id)
        page = select_page(db, found, Ask("-serial", flask.request.args.get("cursor")), SORTS, Document.id)
        newest = documents.newest_of(db, actor, page.items)
        people = by_id(db, Person, (each.created_by for each in newest.values()))
    return flask.render_template(
        "cases/documents.html",
        head=head,
        page=page,
        newest=newest,
        people=people,
        refused=[(name, problems.sentence(problem)) for name, problem in refused],
        may_add=actor.has(*filing.WRITERS) and head.case.status != "archived",
        kinds=documents.KINDS,
        max_bytes=context.settings().max_upload_bytes,
    )


def _document(document_id: UUID, problem: HandslagError | None = None) -> Response:
    actor = context.actor()
    with context.database().reading() as db:
        document = documents.read_document(db, actor, document_id)
        head = casefile.read_head(db, actor, document.case_id)
        found = documents.versions_of(actor, document_id).order_by(DocumentVersion.number.desc())
        versions = db.scalars(found.limit(MOST_VERSIONS)).all()
        wanted = flask.request.args.get("version", type=int)
        shown = next((each for each in versions if each.number == wanted), versions[0])
        people = by_id(db, Person, (each.created_by for each in versions))
    final = versions[0].state in filing.FINISHED
    page = flask.render_template(
        "cases/document.html",
        head=head,
        document=document,
        versions=versions,
        shown=shown,
        text=_text(shown),
        pictures=PICTURES,
        people=people,
        problem=problems.sentence(problem) if problem else "",
        may_add=actor.has(*filing.WRITERS) and not final,
        max_bytes=context.settings().max_upload_bytes,
    )
    response = flask.make_response(page, problems.status_of(problem) if problem else 200)
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


def _text(version: DocumentVersion) -> str | None:
    """What a text says; None for what is none."""
    if version.text is not None:
        return version.text[:SHOWN_TEXT]
    if version.media_type != "text/plain":
        return None
    with context.files().open_path(version.sha256).open("rb") as kept:
        return kept.read(SHOWN_TEXT).decode(errors="replace")
