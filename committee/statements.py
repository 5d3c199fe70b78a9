"""What is written in a case: statements in versions, and the documents around them. Nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.cases import Case
from store import clock, events
from store.base import Base, Identified


class Document(Identified, Base):
    """A document of a case in one version (handling): what is written in a task is kept as one."""

    __tablename__ = "document"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), index=True)
    document_type: Mapped[str]
    """statement, officer_memo, preliminary_statement, directive …: the step that it was written in, for the rest."""
    number: Mapped[int]
    """Version, counted from 1 for each type in a case."""
    text: Mapped[str]
    position: Mapped[str | None]
    """Statements: approve, approve_with_comments, object, no_opinion or abstain."""
    state: Mapped[str] = mapped_column(default="draft")
    """draft, approved or dispatched."""
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None]

    __table_args__ = (UniqueConstraint("case_id", "document_type", "number"),)


def find_documents(actor: Actor, case: Case) -> Select[Document]:
    """Everything that has been written in a case, for the organisation's own people."""
    access.require_internal(actor)
    return select(Document).where(Document.organization_id == actor.organization_id, Document.case_id == case.id)


def write(
    db: Session, case: Case, document_type: str, text: str, *, actor_id: UUID | None, position: str | None = None
) -> Document:
    """Keep a new version, in the verb's transaction."""
    last = db.scalar(
        select(func.max(Document.number)).where(Document.case_id == case.id, Document.document_type == document_type)
    )
    made = Document(
        organization_id=case.organization_id,
        case_id=case.id,
        document_type=document_type,
        number=(last or 0) + 1,
        text=text,
        position=position,
        state="draft",
        written_at=clock.now(),
        written_by=actor_id,
    )
    db.add(made)
    db.flush()
    events.record(
        db, case.organization_id, "document.written", "document", made.id, actor_id=actor_id, case_id=case.id,
        data={"document_type": document_type, "number": made.number},
    )  # fmt: skip
    return made


def latest(db: Session, case_id: UUID, document_type: str = "statement") -> Document | None:
    """The newest version of a type of document."""
    found = select(Document).where(Document.case_id == case_id, Document.document_type == document_type)
    return db.scalar(found.order_by(Document.number.desc()).limit(1))
