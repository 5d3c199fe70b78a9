"""Documents (handlingar) of a case, in versions that are never written over, and what they are attached to.

A version is a file that was sent in (`committee.filing`) or a text that was written in a task (`committee.statements`).
An attachment names one version, so that what was sent or decided stays what it was when a newer version comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, Select, UniqueConstraint, func, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.cases import Case
from committee.decisions import Decision
from committee.meetings import Meeting
from committee.organisations import BodyComposition
from committee.referrals import Consultee, Referral, find_consultees
from store import clock, events
from store.base import Base, Identified, Versioned
from store.errors import NotFound
from store.query import equal, holding, narrowed

KINDS = ("incoming", "outgoing", "prepared", "internal")
"""Inkommen, utgående, upprättad, intern."""
DISPATCHED = "dispatched"
"""The state of a version that has been sent out: it is a public record from then on (TF 2:10)."""
SUBJECTS: Mapping[str, type[Referral | Consultee | AgendaItem | Decision]] = {
    "referral": Referral,
    "consultee": Consultee,
    "agenda_item": AgendaItem,
    "decision": Decision,
}
"""What a document can be attached to: a consultation, one consultee's answer, a place on an agenda, a decision."""


class Document(Identified, Versioned, Base):
    """A document of a case (handling)."""

    __tablename__ = "document"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    serial: Mapped[int]
    """Counted from 1 in the case (löpnummer)."""
    kind: Mapped[str]
    """One of KINDS."""
    document_type: Mapped[str]
    """statement, officer_memo, answer …; the step that it was written in, for what a task writes."""
    title: Mapped[str]
    step: Mapped[str | None]
    """For what tasks write: the same step of a case always writes versions of the same document."""
    newest: Mapped[int]
    """Number of the newest version."""
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("case_id", "serial"),
        UniqueConstraint("case_id", "step"),
        Index("ix_document_case", "case_id", "organization_id"),
        Index("ix_document_created", "organization_id", "created_at", "id"),
    )


class DocumentVersion(Identified, Base):
    """A version of a document: a file, or a text. It does not change, but for its state."""

    __tablename__ = "document_version"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    """Counted from 1 in the document."""
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    """Bytes."""
    sha256: Mapped[str] = mapped_column(index=True)
    text: Mapped[str | None]
    """What was written in a task; None for a file."""
    position: Mapped[str | None]
    """Statements: approve, approve_with_comments, object, no_opinion or abstain."""
    state: Mapped[str] = mapped_column(default="draft")
    """draft, approved or dispatched."""
    dated: Mapped[date | None]
    """The date that the document itself bears."""
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]

    __table_args__ = (UniqueConstraint("document_id", "number"),)


class Attachment(Identified, Base):
    """A version of a document that belongs to something in the case."""

    __tablename__ = "attachment"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("document_version.id"))
    subject_type: Mapped[str]
    """A key of SUBJECTS."""
    subject_id: Mapped[UUID]
    attached_at: Mapped[datetime]
    attached_by: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("version_id", "subject_id"),
        Index("ix_attachment_subject", "subject_id", "version_id"),
    )


File = tuple[Document, DocumentVersion]
"""A version, with the document that it is one of."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which versions the actor may read: the organisation's people all, others those that they were sent or sent in.

    What is attached to an item of an agenda is sent to the body that meets and, for a joint body, to its parts. What the
    organisation has sent out in a case is read by all who were asked in it.
    """
    own = DocumentVersion.organization_id == actor.organization_id
    if actor.is_internal:
        return own
    asked = find_consultees(actor).subquery()
    bodies = [held.body_id for held in actor.roles]
    joint = select(BodyComposition.body_id).where(BodyComposition.source_body_id.in_(bodies))
    meetings = select(Meeting.id).where(Meeting.body_id.in_(bodies) | Meeting.body_id.in_(joint))
    items = select(AgendaItem.id).where(AgendaItem.meeting_id.in_(meetings))
    theirs = union(select(asked.c.id), select(asked.c.referral_id), items).subquery()
    sent = select(Attachment.version_id).where(Attachment.subject_id.in_(select(theirs.c.id)))
    cases = select(Referral.case_id).where(Referral.id.in_(select(asked.c.referral_id)))
    answered = DocumentVersion.document_id.in_(select(Document.id).where(Document.case_id.in_(cases)))
    return own & (DocumentVersion.id.in_(sent) | ((DocumentVersion.state == DISPATCHED) & answered))


def find_documents(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    kind: str | None = None,
    document_type: str | None = None,
    text: str | None = None,
    subject_id: UUID | None = None,
) -> Select[Document]:
    """The documents of which the actor may read at least one version."""
    versions = select(DocumentVersion.document_id).where(visible_to(actor))
    if subject_id is not None:
        attached = select(Attachment.version_id).where(Attachment.subject_id == subject_id)
        versions = versions.where(DocumentVersion.id.in_(attached))
    return narrowed(
        select(Document).where(Document.organization_id == actor.organization_id),
        None if actor.is_internal and subject_id is None else Document.id.in_(versions),
        equal(Document.case_id, case_id),
        equal(Document.kind, kind),
        equal(Document.document_type, document_type),
        holding(Document.title, text),
    )


def read_document(db: Session, actor: Actor, document_id: UUID) -> Document:
    """One document. Raises NotFound also for one of which the actor may read nothing."""
    found = db.scalar(find_documents(actor).where(Document.id == document_id))
    if found is None:
        raise NotFound("There is no such document, or it is not for you.")
    return found


def versions_of(actor: Actor, document_id: UUID) -> Select[DocumentVersion]:
    """The versions of a document that the actor may read."""
    return select(DocumentVersion).where(DocumentVersion.document_id == document_id, visible_to(actor))


def read_version(db: Session, actor: Actor, document_id: UUID, number: int) -> DocumentVersion:
    """One version of a document. Raises NotFound also for one that the actor may not read."""
    found = db.scalar(versions_of(actor, document_id).where(DocumentVersion.number == number))
    if found is None:
        raise NotFound("There is no such version of this document, or it is not for you.")
    return found


def newest_of(db: Session, actor: Actor, documents: Sequence[Document]) -> dict[UUID, DocumentVersion]:
    """The newest version of each document that the actor may read."""
    wanted = select(DocumentVersion).where(
        DocumentVersion.document_id.in_([document.id for document in documents]), visible_to(actor)
    )
    return {found.document_id: found for found in db.scalars(wanted.order_by(DocumentVersion.number))}


def attached_to(db: Session, actor: Actor, subjects: Sequence[UUID]) -> dict[UUID, list[File]]:
    """What is attached to each of some subjects and the actor may read, in the order of the case's register."""
    found = (
        select(Attachment.subject_id, Document, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.id == Attachment.version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Attachment.subject_id.in_(subjects), visible_to(actor))
        .order_by(Document.serial, DocumentVersion.number)
    )
    files: dict[UUID, list[File]] = {}
    for subject_id, document, version in db.execute(found) if subjects else ():
        files.setdefault(subject_id, []).append((document, version))
    return files


def attachments_of(actor: Actor, document_id: UUID) -> Select[Attachment, int]:
    """What the versions of a document are attached to, for the organisation's own people."""
    access.require_internal(actor)
    found = select(Attachment, DocumentVersion.number).join(DocumentVersion)
    return found.where(DocumentVersion.document_id == document_id, visible_to(actor))


def open_document(
    db: Session,
    case: Case,
    kind: str,
    document_type: str,
    title: str,
    *,
    actor_id: UUID | None,
    step: str | None = None,
) -> Document:
    """A document without a version yet, in the verb's transaction."""
    db.scalar(select(Case.id).where(Case.id == case.id).with_for_update())  # one number at a time
    last = db.scalar(select(func.max(Document.serial)).where(Document.case_id == case.id)) or 0
    made = Document(
        organization_id=case.organization_id,
        case_id=case.id,
        serial=last + 1,
        kind=kind,
        document_type=document_type,
        title=title,
        step=step,
        newest=0,
        created_at=clock.now(),
        created_by=actor_id,
    )
    db.add(made)
    db.flush()
    return made


def put_version(db: Session, document: Document, *, actor_id: UUID | None, **columns: Any) -> DocumentVersion:
    """The next version of a document, in the verb's transaction."""
    document.newest += 1
    made = DocumentVersion(
        organization_id=document.organization_id,
        document_id=document.id,
        number=document.newest,
        state="draft",
        created_at=clock.now(),
        created_by=actor_id,
        **columns,
    )
    db.add(made)
    db.flush()
    data = {"document_type": document.document_type, "number": made.number, "sha256": made.sha256, "size": made.size}
    type_ = "document.written" if made.text is not None else "document.received"
    record(db, document, type_, actor_id, data)
    return made


def record(db: Session, document: Document, type_: str, actor_id: UUID | None, data: dict[str, Any]) -> None:
    """Log what happened to a document, in the verb's transaction."""
    events.record(
        db, document.organization_id, type_, "document", document.id, actor_id=actor_id, case_id=document.case_id,
        data=data,
    )  # fmt: skip
