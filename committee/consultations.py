"""The consultations of a case as they are read: who was asked, where they stand, and what they sent, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from committee import documents, filing, referrals
from committee.access import Actor
from committee.casefile import Head, read_head
from committee.documents import Document, DocumentVersion, File
from committee.filing import Subject
from committee.organisations import Organization
from committee.referrals import ANSWERED, Consultee, Referral
from store.errors import Invalid

MOST_SENDABLE = 200
"""Documents to choose among."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One of those who were asked, with the answer and its files."""

    consultee: Consultee
    organization: Organization
    files: Sequence[File]

    @property
    def has_answered(self) -> bool:
        """Whether there is an answer to read."""
        return self.consultee.status in ANSWERED

    @property
    def is_awaited(self) -> bool:
        """Whether an answer is still waited for."""
        return self.consultee.status in ("invited", "extension_asked")


@dataclass(frozen=True, slots=True)
class Statements:
    """The answers of a case, as far as the reader may see them."""

    head: Head
    referrals: Sequence[Referral]
    statements: Sequence[Statement]
    files: Mapping[UUID, Sequence[File]]
    """What was sent with each question, and with each answer."""

    @property
    def stances(self) -> Mapping[str, int]:
        """How many took each stance."""
        return Counter(each.consultee.answer_kind for each in self.statements if each.consultee.answer_kind)

    def of(self, referral: Referral) -> list[Statement]:
        """Those of one question."""
        return [each for each in self.statements if each.consultee.referral_id == referral.id]


def read_statements(db: Session, actor: Actor, case_id: UUID) -> Statements:
    """The consultations of a case: for a municipality only its own. Raises NotFound."""
    head = read_head(db, actor, case_id)
    asked = db.scalars(
        referrals.find_referrals(actor, case_id=case_id).order_by(Referral.created_at, Referral.id)
    ).all()
    found = referrals.find_consultees(actor, case_id=case_id).add_columns(Organization)
    rows = db.execute(
        found.join(Organization, Organization.id == Consultee.consulted_id).order_by(Organization.name, Consultee.id)
    ).all()
    files = documents.attached_to(db, actor, [*(each.id for each in asked), *(consultee.id for consultee, _ in rows)])
    return Statements(head, asked, [Statement(each, of, files.get(each.id, ())) for each, of in rows], files)


def find_sendable(actor: Actor, case_id: UUID) -> Select[Document]:
    """The documents of a case that can be sent with a question: all but what is internal."""
    found = documents.find_documents(actor, case_id=case_id).where(Document.kind != "internal")
    return found.order_by(Document.serial).limit(MOST_SENDABLE)


def send_with(db: Session, referral: Referral, ids: Sequence[str], actor_id: UUID | None) -> None:
    """Send the newest versions of documents with a question, in the verb's transaction. Raises Invalid."""
    newest = and_(DocumentVersion.document_id == Document.id, DocumentVersion.number == Document.newest)
    found = select(Document, DocumentVersion).join(DocumentVersion, newest).where(Document.case_id == referral.case_id)
    rows = db.execute(found.where(Document.kind != "internal").order_by(Document.serial)).all()
    chosen = [(document, version) for document, version in rows if str(document.id) in ids]
    if len(chosen) != len(set(ids)):
        sentence = "Choose documents of this case that are not internal."
        raise Invalid("These documents cannot be sent.", errors=[{"field": "documents", "sentence": sentence}])
    for document, version in chosen:
        filing.put_attachment(db, document, version, Subject("referral", referral.id), actor_id)


def read_statement(db: Session, actor: Actor, consultee_id: UUID) -> tuple[Head, Consultee, Organization]:
    """One of those who were asked, with the case. Raises NotFound."""
    consultee = referrals.read_consultee(db, actor, consultee_id)
    case_id = db.get_one(Referral, consultee.referral_id).case_id
    return read_head(db, actor, case_id), consultee, db.get_one(Organization, consultee.consulted_id)
