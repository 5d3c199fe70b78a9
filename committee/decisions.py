"""Decisions, with a paragraph series per body and calendar year. A body that is not authoritative decides nothing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.agenda import AgendaItem, open_item
from committee.cases import of_case
from committee.organisations import Body
from engine import messages
from engine.feel import Value
from store import clock, events
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid
from store.query import at_least, below, equal, narrowed

OUTCOMES = ("adopted", "rejected", "noted", "forwarded", "refer_back", "table", "not_handled")
METHODS = ("acclamation", "vote", "chair", "delegation")


class Advisory(Conflict):
    """The body only advises: no vote and no decision can be recorded for it."""

    code = "advisory_body"


class Decision(Identified, Base):
    """What a body (or its chair for it) decided in a case."""

    __tablename__ = "decision"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), index=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    agenda_item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id"), unique=True)
    decided_on: Mapped[date]
    year: Mapped[int]
    paragraph: Mapped[int]
    kind: Mapped[str]
    """One of OUTCOMES."""
    text: Mapped[str]
    method: Mapped[str]
    decided_by: Mapped[UUID | None]
    """The person, where one decides for the body (KL 6:39)."""
    immediate_adjustment: Mapped[bool]
    legal_force_on: Mapped[date | None]
    """The day from which nobody can have it tried in court any more (laga kraft); None while somebody can."""

    __table_args__ = (UniqueConstraint("body_id", "year", "paragraph"),)

    def citation(self, body: Body) -> str:
        """How the decision is cited: `RUN 2027-04-08 § 12`."""
        return f"{body.short_name} {self.decided_on.isoformat()} § {self.paragraph}"


def find_decisions(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    body: str | None = None,
    kind: str | None = None,
    officer_id: UUID | None = None,
    decided_from: date | None = None,
    decided_before: date | None = None,
    text: str | None = None,
) -> Select[Decision]:
    """The decisions of the organisation's bodies; `officer_id` and `text` (in the title) are of the case."""
    access.require_internal(actor)
    return narrowed(
        select(Decision).where(Decision.organization_id == actor.organization_id),
        equal(Decision.case_id, case_id),
        Decision.body_id.in_(select(Body.id).where(Body.key == body)) if body is not None else None,
        equal(Decision.kind, kind),
        of_case(Decision.case_id, officer_id=officer_id, text=text),
        at_least(Decision.decided_on, decided_from),
        below(Decision.decided_on, decided_before),
    )


def record_outcome(
    store: Database,
    actor: Actor,
    item_id: UUID,
    outcome: str,
    text: str,
    *,
    immediate_adjustment: bool = False,
    instruction: str | None = None,
    method: str = "acclamation",
) -> Decision:
    """Record what became of an item. Raises Advisory for a body that only advises, whoever asks."""
    with store.transaction() as db:
        item, meeting, of = open_item(db, actor, item_id)
        if meeting.state not in ("summoned", "held"):
            raise Conflict("Send the summons first: an outcome belongs to a meeting that has been called.")
        if outcome == "refer_back" and not (instruction or "").strip():
            sentence = "Say what is to be done before the case comes back."
            raise Invalid(
                "A referral back needs an instruction.", errors=[{"field": "instruction", "sentence": sentence}]
            )
        made = decide(
            db,
            of,
            item.case_id,
            outcome,
            text,
            method=method,
            item=item,
            on=meeting.day,
            immediate=immediate_adjustment,
        )
        meeting.state = "held"
        item.state, item.outcome, item.outcome_text = "handled", outcome, text
        db.flush()
        _tell(db, made, item, instruction, actor)
        return made


def decide(
    db: Session,
    of: Body,
    case_id: UUID,
    kind: str,
    text: str,
    *,
    method: str,
    on: date,
    item: AgendaItem | None = None,
    decided_by: UUID | None = None,
    immediate: bool = False,
) -> Decision:
    """Write a decision with its paragraph, in the verb's transaction. The one place where decisions come from."""
    if not of.authoritative:
        raise Advisory(f"{of.short_name} only advises; it cannot vote or decide. Record its positions instead.")
    if kind not in OUTCOMES or method not in METHODS:
        raise Invalid(f"'{kind}' by '{method}' is no decision. Outcomes: {', '.join(OUTCOMES)}.")
    db.scalar(select(Body.id).where(Body.id == of.id).with_for_update())  # one paragraph at a time
    last = db.scalar(select(func.max(Decision.paragraph)).where(Decision.body_id == of.id, Decision.year == on.year))
    made = Decision(
        organization_id=of.organization_id,
        case_id=case_id,
        body_id=of.id,
        agenda_item_id=item.id if item is not None else None,
        decided_on=on,
        year=on.year,
        paragraph=(last or 0) + 1,
        kind=kind,
        text=text,
        method=method,
        decided_by=decided_by,
        immediate_adjustment=immediate,
    )
    db.add(made)
    db.flush()
    return made


def _tell(db: Session, made: Decision, item: AgendaItem, instruction: str | None, actor: Actor) -> None:
    events.record(
        db, made.organization_id, "decision.recorded", "decision", made.id, actor_id=actor.person_id,
        case_id=made.case_id, data={"kind": made.kind, "paragraph": made.paragraph, "at": clock.now().isoformat()},
    )  # fmt: skip
    keys = {"agenda_item_id": str(item.id)}
    payload: dict[str, Value] = {
        "outcome": made.kind,
        "paragraph": str(made.paragraph),
        "immediate_adjustment": made.immediate_adjustment,
        "instruction": instruction,
    }
    messages.publish(db, made.organization_id, "OutcomeRecorded", keys, payload, actor_id=actor.person_id)
    if made.immediate_adjustment:
        key = f"ParagraphAdjusted:{item.id}"
        messages.publish(db, made.organization_id, "ParagraphAdjusted", keys, unique_key=key, actor_id=actor.person_id)
