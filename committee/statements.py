"""What is written in tasks: statements, memos, reports. Each step writes versions of one document of its case."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.cases import Case
from committee.documents import Document, DocumentVersion, open_document, put_version

PROPOSAL, MEMO = "proposal", "officer_memo"
SAMRAD = ("samrad_input", "samrad_extract")
"""What is written at a joint consultation, for those who adapt the statement to it and those who decide."""
TITLES = {
    PROPOSAL: "Förslag till beslut",
    MEMO: "Tjänsteskrivelse",
    "statement": "Yttrande",
    "preliminary_statement": "Yttrande med förbehåll",
    "consultation_report": "Sammanställning av synpunkter",
    "consultation_summary": "Sammanställning av remissvar",
    "samrad_proposal": "Förslag till samråd",
    "samrad_input": "Synpunkter inför samrådet",
    "samrad_extract": "Utdrag från samrådet",
    "directive": "Direktiv",
    "analysis": "Analys",
    "dialogue_plan": "Plan för dialoger",
    "dialogue_document": "Dialogunderlag",
    "dialogue_notes": "Anteckningar från dialog",
    "strategy_draft": "Utkast till strategi",
    "remiss_plan": "Plan för remissen",
    "remiss_report": "Redogörelse för remissen",
}
"""Titles of documents by type; others bear the name of their step."""


def write(
    db: Session, case: Case, document_type: str, text: str, *, actor_id: UUID | None, position: str | None = None
) -> DocumentVersion:
    """Keep a new version, in the verb's transaction."""
    found = db.scalar(select(Document).where(Document.case_id == case.id, Document.step == document_type))
    if found is None:
        title = TITLES.get(document_type, document_type)
        found = open_document(db, case, "prepared", document_type, title, actor_id=actor_id, step=document_type)
    content = text.encode()
    return put_version(
        db, found, actor_id=actor_id, file_name=f"{found.title} {found.newest + 1}.txt",
        media_type="text/plain", size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        dated=None, text=text, position=position,
    )  # fmt: skip


def latest(db: Session, case_id: UUID, document_type: str = "statement") -> DocumentVersion | None:
    """The newest version of what a step has written in a case."""
    found = select(DocumentVersion).join(Document).where(Document.case_id == case_id, Document.step == document_type)
    return db.scalar(found.order_by(DocumentVersion.number.desc()).limit(1))
