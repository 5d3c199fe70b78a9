"""Filing documents: files come in as new documents or new versions, and are attached to what they belong to.

The file is kept first and its row written afterwards (`store.files`), so that no row ever names a file that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access, cases, documents
from committee.access import Actor
from committee.agenda import AgendaItem, complement
from committee.cases import Case
from committee.decisions import Decision
from committee.documents import SUBJECTS, Attachment, Document, DocumentVersion
from committee.file_kinds import media_type_of
from committee.meetings import Meeting
from committee.referrals import Consultee, Referral, find_consultees
from store import clock
from store.database import Database
from store.errors import Conflict, Forbidden, NotFound, Stale
from store.files import FileStore, StoredFile
from store.sentences import say

WRITERS = ("registrar", "officer", "secretary", "head")
FINISHED = ("approved", "dispatched")
"""States of a version after which a document gets no further file."""
_FINISHED_IN_WORDS = {"approved": say("approved"), "dispatched": say("dispatched")}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, not yet looked at."""

    name: str
    source: BinaryIO
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that has been looked at and is on the disk; no row names it yet."""

    upload: Upload
    media_type: str
    stored: StoredFile


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is to be attached to: a key of SUBJECTS and an id."""

    type: str
    id: UUID


def add_document(
    store: Database,
    files: FileStore,
    actor: Actor,
    case_id: UUID,
    upload: Upload,
    *,
    kind: str = "incoming",
    document_type: str = "document",
    title: str | None = None,
    subject: Subject | None = None,
    once: bool = False,
) -> Document:
    """Add a document with its first file to a case. Who was consulted may add to its own answer.

    `once`: not when the same file is in the case already. Raises NotFound, Forbidden, Conflict, FileRefused, TooLarge or
    Unavailable (the disk).
    """
    with store.reading() as db:  # refused before anything of it is kept
        _require_writable(db, actor, case_id, kind, subject)
    kept = keep(files, upload)
    with store.transaction() as db:
        if once:
            _require_new(db, case_id, kept.stored.sha256)
        return put_document(
            db, actor, case_id, kept, kind=kind, document_type=document_type, title=title, subject=subject
        )


def _require_new(db: Session, case_id: UUID, sha256: str) -> None:
    """Refuse a file that is in the case already, whatever it is called; one that comes at once waits for the other."""
    db.scalar(select(Case.id).where(Case.id == case_id).with_for_update())
    same = select(Document).join(DocumentVersion, DocumentVersion.document_id == Document.id)
    there = db.scalar(same.where(Document.case_id == case_id, DocumentVersion.sha256 == sha256).limit(1))
    if there is not None:
        raise Conflict(
            say(
                "This file is in the case already, as document %(number)s, %(title)s.",
                number=there.serial,
                title=there.title,
            )
        )


def keep(files: FileStore, upload: Upload) -> Kept:
    """Look at a file and put it on the disk, before the verb that names it. Raises FileRefused, TooLarge or Unavailable."""
    return Kept(upload, media_type_of(upload.name, upload.source), files.keep(upload.source))


def put_document(
    db: Session,
    actor: Actor,
    case_id: UUID,
    kept: Kept,
    *,
    kind: str,
    document_type: str,
    title: str | None = None,
    subject: Subject | None = None,
) -> Document:
    """Add a document with a file that has been kept, in the verb's transaction. Raises NotFound, Forbidden or Conflict."""
    case = _require_writable(db, actor, case_id, kind, subject)
    title = title or PurePosixPath(kept.upload.name).stem
    made = documents.open_document(db, case, kind, document_type, title, actor_id=actor.person_id)
    version = _put_file(db, made, kept, actor)
    if subject is not None:
        put_attachment(db, made, version, subject, actor.person_id)
    return made


def add_version(
    store: Database, files: FileStore, actor: Actor, document_id: UUID, upload: Upload, *, version: int | None = None
) -> Document:
    """Add a file as the next version of a document; those before it stay.

    Raises NotFound, Forbidden, Stale, Conflict, FileRefused, TooLarge or Unavailable (the disk).
    """
    with store.reading() as db:
        _require_open(db, actor, documents.read_document(db, actor, document_id), version)
    kept = keep(files, upload)
    with store.transaction() as db:
        found = db.get_one(Document, document_id, with_for_update=True)
        before = _require_open(db, actor, found, version)
        _put_file(db, found, kept, actor, position=before.position)
        return found


def attach(
    store: Database, actor: Actor, document_id: UUID, subject: Subject, *, number: int | None = None
) -> tuple[Attachment, int]:
    """Attach a version of a document (the newest, when none is named) to something in its case."""
    with store.transaction() as db:
        found = documents.read_document(db, actor, document_id)
        access.require(actor, *WRITERS)
        version = documents.read_version(db, actor, found.id, number or found.newest)
        _require_in_case(db, actor, found.case_id, subject)
        return put_attachment(db, found, version, subject, actor.person_id), version.number


@dataclass(frozen=True, slots=True)
class FilesReport:
    """How the disk and the register differ, by SHA-256."""

    missing: list[str]
    """Named by a version, but not on the disk: restore them from the backup."""
    damaged: list[str]
    """On the disk, but no longer with the content that their name says."""
    unnamed: list[str]
    """On the disk, but of no version: left by a verb that failed (or is at work just now). They do no harm."""


def check_files(store: Database, files: FileStore) -> FilesReport:
    """Read every file and compare the disk with the register."""
    kept = set(files.all())
    with store.reading() as db:
        named = set(db.scalars(select(DocumentVersion.sha256).where(DocumentVersion.text.is_(None)).distinct()))
    damaged = [sha256 for sha256 in sorted(named & kept) if not files.is_whole(sha256)]
    return FilesReport(missing=sorted(named - kept), damaged=damaged, unnamed=sorted(kept - named))


def _put_file(
    db: Session,
    document: Document,
    kept: Kept,
    actor: Actor,
    *,
    position: str | None = None,
) -> DocumentVersion:
    return documents.put_version(
        db, document, actor_id=actor.person_id, file_name=kept.upload.name, media_type=kept.media_type,
        size=kept.stored.size, sha256=kept.stored.sha256, dated=kept.upload.dated, text=None, position=position,
    )  # fmt: skip


def put_attachment(
    db: Session, document: Document, version: DocumentVersion, subject: Subject, actor_id: UUID | None
) -> Attachment:
    """Attach a version to something in its case, in the verb's transaction. Raises Conflict when it is there already."""
    known = select(Attachment.id).where(Attachment.version_id == version.id, Attachment.subject_id == subject.id)
    if db.scalar(known) is not None:
        raise Conflict("This version is attached there already.")
    made = _attach(db, document, version, subject, actor_id)
    if subject.type == "agenda_item":
        _supplement(db, document, subject.id, actor_id)
    return made


def _attach(
    db: Session, document: Document, version: DocumentVersion, subject: Subject, actor_id: UUID | None
) -> Attachment:
    made = Attachment(
        organization_id=document.organization_id,
        version_id=version.id,
        subject_type=subject.type,
        subject_id=subject.id,
        attached_at=clock.now(),
        attached_by=actor_id,
    )
    db.add(made)
    db.flush()
    data = {"number": version.number, "subject_type": subject.type, "subject_id": str(subject.id)}
    documents.record(db, document, "document.attached", actor_id, data)
    return made


def attach_paper(db: Session, version: DocumentVersion, item_id: UUID, actor_id: UUID | None) -> None:
    """Attach what a step has written to an item of an agenda, unless it is there already, in the verb's transaction."""
    known = select(Attachment.id).where(Attachment.version_id == version.id, Attachment.subject_id == item_id)
    if db.scalar(known) is None:
        document = db.get_one(Document, version.document_id)
        _attach(db, document, version, Subject("agenda_item", item_id), actor_id)


def _supplement(db: Session, document: Document, item_id: UUID, actor_id: UUID | None) -> None:
    """What is attached to an item after the summons is a supplement (komplettering)."""
    item = db.get_one(AgendaItem, item_id)
    if db.get_one(Meeting, item.meeting_id).state == "summoned":
        complement(db, item, document.title, document_id=document.id, actor_id=actor_id)


def _require_writable(db: Session, actor: Actor, case_id: UUID, kind: str, subject: Subject | None) -> Case:
    """The case, if the actor may add such a document to it: exists, allowed, right state."""
    asked = find_consultees(actor, case_id=case_id).exists()
    case = db.scalar(select(Case).where(Case.id == case_id, cases.visible_to(actor) | asked))
    if case is None:
        raise NotFound("There is no such case.")
    if actor.is_internal:
        access.require(actor, *WRITERS)
    elif subject is None or subject.type != "consultee" or kind != "incoming":
        raise Forbidden("Attach it to your own answer: subject_type is consultee, subject_id its id, kind incoming.")
    if subject is not None:
        _require_in_case(db, actor, case.id, subject)
    if case.status == "archived":
        raise Conflict("This case is in the archive and takes no more documents. Open a new case.")
    return case


def _require_in_case(db: Session, actor: Actor, case_id: UUID, subject: Subject) -> None:
    table: type[Any] = SUBJECTS[subject.type]
    found = db.get(table, subject.id)
    asked = isinstance(found, Consultee) and db.scalar(find_consultees(actor).where(Consultee.id == found.id))
    if found is None or _case_of(db, found) != case_id or not (actor.is_internal or asked):
        raise NotFound(say("There is no such %(type)s in this case.", type=subject.type))


def _case_of(db: Session, found: Referral | Consultee | AgendaItem | Decision) -> UUID:
    return db.get_one(Referral, found.referral_id).case_id if isinstance(found, Consultee) else found.case_id


def _require_open(db: Session, actor: Actor, document: Document, version: int | None) -> DocumentVersion:
    """The newest version of a document that the actor may add another to."""
    access.require(actor, *WRITERS)
    if version is not None and document.version != version:
        raise Stale("Somebody else has just changed this document. Read it again and repeat what you wanted to do.")
    newest = documents.read_version(db, actor, document.id, document.newest)
    if newest.state in FINISHED:
        raise Conflict(
            say(
                "Version %(number)s has been %(state)s and is final. Add a new document instead.",
                number=newest.number,
                state=_FINISHED_IN_WORDS[newest.state],
            )
        )
    return newest
