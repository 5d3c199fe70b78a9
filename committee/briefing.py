"""What whoever does a step should have before them: the papers that it is about, and what its form begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from committee import documents, samrad, tasks
from committee.access import Actor
from committee.documents import Document, DocumentVersion, File
from committee.samrad import SamradOutcome
from committee.statements import SAMRAD
from engine import forms
from engine.models import Task

PAPERS: Mapping[str, Sequence[str]] = {
    "merge_views": ("statement", "consultation_summary"),
    "approve_statement": ("statement", "consultation_report"),
    "deliver_material": ("statement", "consultation_report"),
    "record_chair_decision": ("statement",),
    "send_preliminary": ("statement",),
    "dispatch_statement": ("statement",),
    "send_samrad_papers": ("statement", "proposal"),
    "samrad_preinput": ("statement", "samrad_proposal"),
}
"""The steps whose documents are read at a step, by the operation that takes it; by its form where that is one of many."""
ANSWERS = ("compile_consultation", "merge_views")
"""The forms of the steps that work on what those who were asked have answered."""
AFTER_SAMRAD = "samrad_outcome"
"""A step to which its diagram gives this is done after a joint consultation, and reads what was written at it."""
LAST = "last"
"""A field begins with what was written in it when the form was last filled in in the case."""


def papers(db: Session, actor: Actor, task: Task) -> list[File]:
    """The newest versions of what a step is about, as far as the actor may read them."""
    steps = PAPERS.get(task.operation or "") or PAPERS.get(task.form or "", ())
    if AFTER_SAMRAD in task.locals:
        steps = (*steps, *SAMRAD)
    if not steps or task.case_id is None:
        return []
    newest = and_(DocumentVersion.document_id == Document.id, DocumentVersion.number == Document.newest)
    found = select(Document, DocumentVersion).join(DocumentVersion, newest)
    rows = db.execute(
        found.where(Document.case_id == task.case_id, Document.step.in_(steps), documents.visible_to(actor)).order_by(
            Document.serial
        )
    )
    return [(document, version) for document, version in rows]


def stood(db: Session, actor: Actor, task: Task, read: Sequence[File]) -> Sequence[SamradOutcome]:
    """Where the sides stood at the samråd of which a step with its `papers` reads what was written."""
    if task.case_id is None or not any(document.step in SAMRAD for document, _ in read):
        return ()
    return samrad.by_side(db.scalars(samrad.last_of(actor, task.case_id)))


def begun(db: Session, task: Task, schema: Mapping[str, Any] | None, read: Sequence[File]) -> Mapping[str, Any]:
    """What the form of an open step with its `papers` begins with: a rework is done on what there is, not from nothing."""
    wanted = forms.beginnings(schema)
    if not wanted or task.case_id is None or task.state != "open":
        return {}
    last = _last(db, task) if LAST in wanted.values() else {}
    texts = {document.step: version.text for document, version in read}
    return {key: last.get(key) if source == LAST else texts.get(source) for key, source in wanted.items()}


def _last(db: Session, task: Task) -> Mapping[str, Any]:
    done = select(Task).where(Task.case_id == task.case_id, Task.form == task.form, Task.state == "completed")
    found = db.scalar(done.order_by(Task.completed_at.desc(), Task.id.desc()).limit(1))
    return tasks.said(found) if found is not None else {}
