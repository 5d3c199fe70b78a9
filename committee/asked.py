"""What a municipality, or another organisation, has been asked: its own list, each question whole, and its answer.

Everything here is about the organisations that the actor acts for. What others were asked and said, and the region's own
work with the case, is not reached from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from committee import consultee_extensions, documents, filing, referrals, tasks
from committee.access import Actor
from committee.cases import Case
from committee.consultee_extensions import ConsulteeExtension
from committee.decisions import FINAL, Decision
from committee.documents import Document, DocumentVersion, File
from committee.filing import Subject, Upload
from committee.organisations import Body, Membership, Organization, Person, in_force_today
from committee.referrals import Consultee, Referral
from committee.stopping import ANSWERING, answered_in
from committee.worklist import by_id
from engine import forms
from engine.models import Task
from store import clock
from store.database import Database
from store.errors import Conflict, Forbidden, Invalid
from store.files import FileStore
from store.sentences import say

GROUPS: Mapping[str, tuple[str, ...]] = {
    "open": ("invited", "extension_asked"),
    "answered": ("answered", "late"),
    "abstained": ("abstained",),
    "unanswered": ("no_reply", "stopped"),
}
"""How a list of one's own is told apart: what waits for an answer, and what became of the rest."""
PUBLIC = ("adjusted", "dispatched", "closed", "archived")
"""Statuses of a case whose decision is public: its minutes have been adjusted (TF 2:10)."""
DONE = say("Your answer has been handed in already. Send what you want to add to the region's officer.")
GONE = say("No answer is waited for any more. Send what you want to say to the region's registrar.")
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A question in the list."""

    consultee: Consultee
    referral: Referral
    case: Case


@dataclass(frozen=True, slots=True)
class Asked:
    """One question whole, as the one who was asked sees it."""

    consultee: Consultee
    referral: Referral
    case: Case
    organization: Organization
    asker: Organization
    officer: Person | None
    sent: Sequence[File]
    """What was sent with the question."""
    handed_in: Sequence[File]
    """The files of the answer."""
    extensions: Sequence[ConsulteeExtension]
    """The last first."""
    task: Task | None
    """The step in which it is answered: open, or as it was done; None when it was answered in another way."""
    ended: Task | None
    """The step in which it would have been answered, where it ended before that; None where there is `task`."""
    people: Mapping[UUID | None, Person]
    decisions: Sequence[tuple[Decision, Body]]
    """What the region decided, when that is public."""
    outcome: Sequence[File]
    """What the region has sent in the case."""
    registrar: str | None
    """The address to send to what comes when nothing is taken here any more; None where the register knows none."""

    @property
    def is_open(self) -> bool:
        """Whether an answer can be handed in."""
        return self.task is not None and self.task.state == "open"

    @property
    def has_passed(self) -> bool:
        """Whether the day to answer by lies behind."""
        return clock.today() > self.consultee.reply_by

    @property
    def stopped_with_case(self) -> bool:
        """Whether the region stopped waiting because the case ended."""
        stopped_at, closed_at = self.referral.stopped_at, self.case.closed_at
        return stopped_at is not None and closed_at is not None and stopped_at >= closed_at


def find_asked(actor: Actor, group: str) -> Select[Consultee]:
    """What the actor's organisations were asked, of one of GROUPS."""
    return referrals.find_consultees(actor).where(Consultee.status.in_(GROUPS[group]))


def count_asked(db: Session, actor: Actor) -> dict[str, int]:
    """How many there are of each of GROUPS."""
    found = referrals.find_consultees(actor).with_only_columns(Consultee.status, func.count())
    counted = {row[0]: row[1] for row in db.execute(found.group_by(Consultee.status))}
    return {group: sum(counted.get(status, 0) for status in statuses) for group, statuses in GROUPS.items()}


def described(db: Session, consultees: Sequence[Consultee]) -> list[Row]:
    """Questions with what they are about, in the order given."""
    asked = by_id(db, Referral, (each.referral_id for each in consultees))
    cases = by_id(db, Case, (each.case_id for each in asked.values()))
    return [Row(each, asked[each.referral_id], cases[asked[each.referral_id].case_id]) for each in consultees]


def read_asked(db: Session, actor: Actor, consultee_id: UUID) -> Asked:
    """One question. Raises NotFound also for one that was put to somebody else."""
    consultee = referrals.read_consultee(db, actor, consultee_id)
    referral, case, officer = db.execute(
        select(Referral, Case, Person)
        .join(Case, Case.id == Referral.case_id)
        .outerjoin(Person, Person.id == Case.case_officer_id)
        .where(Referral.id == consultee.referral_id)
    ).one()
    organizations = by_id(db, Organization, (consultee.consulted_id, consultee.organization_id))
    files = documents.attached_to(db, actor, (referral.id, consultee.id))
    extensions = consultee_extensions.extensions_of(db, consultee.id)
    task = task_of(db, case.id, consultee.id)
    ended = task_of(db, case.id, consultee.id, cancelled=True) if task is None else None
    named = (task.assignee_id, task.drafted_by, task.completed_by) if task is not None else ()
    return Asked(
        consultee=consultee,
        referral=referral,
        case=case,
        organization=organizations[consultee.consulted_id],
        asker=organizations[consultee.organization_id],
        officer=officer,
        sent=files.get(referral.id, ()),
        handed_in=files.get(consultee.id, ()),
        extensions=extensions,
        task=task,
        ended=ended,
        people=by_id(db, Person, (consultee.answered_by, *named, *(each.asked_by for each in extensions))),
        decisions=_decisions(db, case),
        outcome=_outcome(db, actor, case),
        registrar=organizations[consultee.organization_id].email or _registrar(db, consultee.organization_id),
    )


def task_of(db: Session, case_id: UUID, consultee_id: UUID, *, cancelled: bool = False) -> Task | None:
    """The step in which a consultee answers, or one that ended without an answer; the last where there are several."""
    is_wanted = (Task.state == "cancelled") if cancelled else (Task.state != "cancelled")
    found = select(Task).where(Task.case_id == case_id, Task.operation == ANSWERING, is_wanted)
    every = db.scalars(found.order_by(Task.created_at.desc(), Task.id.desc()))
    return next((task for task in every if answered_in(task) == consultee_id), None)


def questions_of(db: Session, task: Task) -> list[str]:
    """What is asked in the step in which a consultee answers."""
    found = (
        select(Referral).join(Consultee, Consultee.referral_id == Referral.id).where(Consultee.id == answered_in(task))
    )
    referral = db.scalar(found)
    return referral.questions if referral is not None else []


def hand_in(
    store: Database,
    files: FileStore,
    actor: Actor,
    consultee_id: UUID,
    submission: Mapping[str, Any],
    uploads: Sequence[Upload] = (),
    *,
    version: int | None = None,
) -> Task:
    """Answer: the form and its files are handed in together, or nothing is.

    Raises NotFound, Conflict when no answer is waited for, and what `tasks.complete_task` and `filing.keep` raise.
    """
    if len(uploads) > MOST_FILES:
        raise Invalid("These are too many files at once. Put them together, or send the main ones.")
    with store.reading() as db:  # refused before anything of it is kept
        consultee = referrals.read_consultee(db, actor, consultee_id)
        case_id = referrals.case_id_of(db, consultee)
        task = _task_to_do(db, actor, consultee)
        forms.accept(forms.load(db, task.form_definition_id) if task.form_definition_id else None, submission)
    kept = [filing.keep(files, upload) for upload in uploads]
    with tasks.completing(store, actor, task.id, submission, version=version) as (db, done):
        for each in kept:
            subject = Subject("consultee", consultee_id)
            filing.put_document(db, actor, case_id, each, kind="incoming", document_type="answer", subject=subject)
    return done


def abstain(
    store: Database, actor: Actor, consultee_id: UUID, reason: str, *, decided_by: str | None = None
) -> Consultee:
    """Say, as one who was asked, that one does not answer; the step ends with it, whatever its form asks for.

    Raises NotFound, Forbidden for those who may not answer either, and Conflict when no answer is waited for any more.
    """
    with store.transaction() as db:
        consultee = referrals.read_consultee(db, actor, consultee_id)
        if actor.is_internal:
            raise Forbidden("Only the one who was asked can abstain. Register what came by post as its answer.")
        _task_to_do(db, actor, consultee)
        referrals.answer(db, consultee, "abstain", reason, decided_by, actor_id=actor.person_id)
        referrals.record(
            db, consultee, "consultee.answered", actor, {"answer_kind": "abstain", "status": consultee.status}
        )
        referrals.publish(db, consultee, referrals.ANSWERED_BY_MESSAGE, actor, {"answer_kind": "abstain"})
        return consultee


def _task_to_do(db: Session, actor: Actor, consultee: Consultee) -> Task:
    task = task_of(db, referrals.case_id_of(db, consultee), consultee.id)
    if task is None or task.state != "open":
        raise Conflict(DONE if consultee.answered_at else GONE)
    tasks.require_may_do(actor, task)
    return task


def _decisions(db: Session, case: Case) -> Sequence[tuple[Decision, Body]]:
    if case.status not in PUBLIC:
        return ()
    found = select(Decision, Body).join(Body, Body.id == Decision.body_id)
    found = found.where(Decision.case_id == case.id, Decision.kind.in_(FINAL), Body.authoritative)
    return [(decision, body) for decision, body in db.execute(found.order_by(Decision.decided_on, Decision.id))]


def _registrar(db: Session, organization_id: UUID) -> str | None:
    """The address of the first who has the role today at the one that asks."""
    at_asker = select(Body.id).where(Body.owner_id == organization_id, Body.kind == "administration")
    found = select(Person.email).join(Membership, Membership.person_id == Person.id)
    found = found.where(Membership.body_id.in_(at_asker), Membership.role == "registrar", in_force_today())
    return db.scalar(found.where(Person.email.is_not(None)).order_by(Person.key).limit(1))


def _outcome(db: Session, actor: Actor, case: Case) -> Sequence[File]:
    found = (
        select(Document, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(Document.case_id == case.id, DocumentVersion.state == documents.DISPATCHED, documents.visible_to(actor))
        .order_by(Document.serial, DocumentVersion.number)
    )
    return [(document, version) for document, version in db.execute(found)]
