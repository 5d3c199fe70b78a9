"""Decisions, with a paragraph series per body and calendar year. A body that is not authoritative decides nothing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access, agenda
from committee.access import Actor
from committee.agenda import AgendaItem, open_item
from committee.attendance import require_quorum
from committee.cases import Case, of_case
from committee.delegations import Delegation, require_point
from committee.following import meet
from committee.item_drafts import forget_drafts
from committee.meetings import Meeting
from committee.organisations import Body
from engine import messages
from engine.feel import Value
from store import clock, events
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid
from store.query import at_least, below, equal, narrowed
from store.sentences import say

OUTCOMES = ("adopted", "rejected", "noted", "forwarded", "refer_back", "table", "not_handled")
FINAL = ("adopted", "rejected")
METHODS = ("acclamation", "vote", "minority", "chair", "delegation")
"""How it was decided; `minority`: a third of the assembly asked for it, and no majority was needed (KL 5:50)."""
BY_ONE = ("chair", "delegation")
"""Methods by which one person decides for a body, by delegation."""


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
    series: Mapped[str] = mapped_column(default="minutes")
    """`minutes`, or `delegation` for what one person decided outside of any meeting."""
    year: Mapped[int]
    paragraph: Mapped[int]
    kind: Mapped[str]
    """One of OUTCOMES."""
    text: Mapped[str]
    instruction: Mapped[str | None]
    """What is to be done before it comes back, of a referral back."""
    method: Mapped[str]
    decided_by: Mapped[UUID | None]
    """The person, where one decides for the body (KL 6:39, 7:5)."""
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"))
    """The point of the delegation register by which a delegate decided for the body."""
    reported_item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id"))
    """Where a delegate's decision is reported to the body (anmälan); None while no meeting is in the calendar."""
    immediate_adjustment: Mapped[bool]
    legal_force_on: Mapped[date | None]
    """The day from which nobody can have it tried in court any more (laga kraft); None while somebody can."""

    __table_args__ = (UniqueConstraint("body_id", "series", "year", "paragraph"),)

    def citation(self, body: Body) -> str:
        """How the decision is cited: `RUN 2027-04-08 § 12`, `RUN 2027-04-08 delegationsbeslut 3`."""
        number = f"§ {self.paragraph}" if self.series == "minutes" else f"delegationsbeslut {self.paragraph}"
        return f"{body.short_name} {self.decided_on.isoformat()} {number}"


def find_decisions(
    actor: Actor,
    *,
    case_id: UUID | None = None,
    body: str | None = None,
    kind: str | None = None,
    case_officer_id: UUID | None = None,
    decided_from: date | None = None,
    decided_before: date | None = None,
    text: str | None = None,
    unreported: bool = False,
) -> Select[Decision]:
    """The decisions of the organisation's bodies; `case_officer_id` and `text` (in the title) are of the case.

    `unreported`: those of delegates that no agenda reports yet.
    """
    access.require_internal(actor)
    waiting = and_(Decision.delegation_id.is_not(None), Decision.reported_item_id.is_(None))
    return narrowed(
        select(Decision).where(Decision.organization_id == actor.organization_id),
        equal(Decision.case_id, case_id),
        Decision.body_id.in_(select(Body.id).where(Body.key == body)) if body is not None else None,
        equal(Decision.kind, kind),
        of_case(Decision.case_id, case_officer_id=case_officer_id, text=text),
        at_least(Decision.decided_on, decided_from),
        below(Decision.decided_on, decided_before),
        waiting if unreported else None,
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
    delegation_point: str | None = None,
) -> Decision:
    """Record what became of an item. Raises Advisory for a body that only advises, whoever asks.

    A subcommittee that decides for its committee needs a point of the delegation register, else NotDelegated.
    """
    with store.transaction() as db:
        item, meeting, of = open_item(db, actor, item_id)
        _require_treatable(db, meeting, of, item, outcome, method, instruction)
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
            delegation=_delegation(db, of, item, outcome, delegation_point),
        )
        made.instruction = instruction
        meeting.state = "held"
        item.state, item.outcome, item.outcome_text = "handled", outcome, text
        forget_drafts(db, item.id)
        db.flush()
        meet(db, item, meeting, actor.person_id, is_final=outcome in FINAL)
        _tell(db, made, item, actor)
        return made


def _require_minority_right(db: Session, of: Body, case_id: UUID, outcome: str) -> None:
    """A third of those present may put a case off, but only in the assembly, and only once in a case (KL 5:50)."""
    if of.kind != "assembly" or outcome not in ("refer_back", "table"):
        raise Conflict(
            say(
                "%(body)s needs a majority for this. Only a third of an assembly can table a case or refer it back.",
                body=of.short_name,
            )
        )
    before = select(Decision.id).where(
        Decision.case_id == case_id, Decision.body_id == of.id, Decision.method == "minority"
    )
    if db.scalar(before.limit(1)) is not None:
        raise Conflict("A minority has put this case off once already; now it takes a majority. Record it as a vote.")


def _require_treatable(
    db: Session, meeting: Meeting, of: Body, item: AgendaItem, outcome: str, method: str, instruction: str | None
) -> None:
    if meeting.state not in ("summoned", "held"):
        raise Conflict("Send the summons first: an outcome belongs to a meeting that has been called.")
    if outcome == "refer_back" and not (instruction or "").strip():
        sentence = "Say what is to be done before the case comes back."
        raise Invalid("A referral back needs an instruction.", errors=[{"field": "instruction", "sentence": sentence}])
    if method == "minority":
        _require_minority_right(db, of, item.case_id, outcome)
    if outcome in FINAL:
        require_quorum(db, meeting, item.position)


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
    delegation: Delegation | None = None,
) -> Decision:
    """Write a decision with its paragraph, in the verb's transaction. The one place where decisions come from."""
    _require_possible(of, kind, method, delegation, item)
    series = "delegation" if method in BY_ONE else "minutes"
    made = Decision(
        organization_id=of.organization_id,
        case_id=case_id,
        body_id=of.id,
        agenda_item_id=item.id if item is not None else None,
        decided_on=on,
        series=series,
        year=on.year,
        paragraph=_next_paragraph(db, of, series, on.year),
        kind=kind,
        text=text,
        method=method,
        decided_by=decided_by,
        immediate_adjustment=immediate,
        delegation_id=delegation.id if delegation is not None else None,
    )
    db.add(made)
    db.flush()
    if delegation is not None:
        report(db, made, delegation)
    return made


def _require_possible(of: Body, kind: str, method: str, delegation: Delegation | None, item: AgendaItem | None) -> None:
    if not of.authoritative:
        raise Advisory(
            say("%(body)s only advises; it cannot vote or decide. Record its positions instead.", body=of.short_name)
        )
    if kind not in OUTCOMES or method not in METHODS:
        raise Invalid(
            say(
                "'%(kind)s' by '%(method)s' is no decision. Outcomes: %(known)s.",
                kind=kind,
                method=method,
                known=", ".join(OUTCOMES),
            )
        )
    if method in BY_ONE and (delegation is None or item is not None):
        raise Invalid("What one person decides for a body is decided by delegation, not at a meeting.")


def report(db: Session, made: Decision, delegation: Delegation) -> None:
    """Put a delegate's decision on the next agenda of the body for which it was taken (anmälan), if there is one."""
    principal = db.get_one(Body, delegation.body_id)
    found = agenda.request_slot(db, db.get_one(Case, made.case_id), principal, "reporting", after=made.decided_on)
    made.reported_item_id = found[0].id if found is not None else None
    db.flush()


def _delegation(db: Session, of: Body, item: AgendaItem, outcome: str, point: str | None) -> Delegation | None:
    """The point by which a subcommittee decides for its committee; None where a body decides for itself."""
    if of.kind != "subcommittee" or of.parent_id is None or item.role != "decision" or outcome not in FINAL:
        return None
    return require_point(db, db.get_one(Body, of.parent_id), of, None, point)


def _next_paragraph(db: Session, of: Body, series: str, year: int) -> int:
    db.scalar(select(Body.id).where(Body.id == of.id).with_for_update())  # one paragraph at a time
    taken = select(func.max(Decision.paragraph)).where(Decision.body_id == of.id, Decision.year == year)
    return (db.scalar(taken.where(Decision.series == series)) or 0) + 1


def _tell(db: Session, made: Decision, item: AgendaItem, actor: Actor) -> None:
    events.record(
        db, made.organization_id, "decision.recorded", "decision", made.id, actor_id=actor.person_id,
        case_id=made.case_id, data={"kind": made.kind, "paragraph": made.paragraph, "at": clock.now().isoformat()},
    )  # fmt: skip
    keys = {"agenda_item_id": str(item.id)}
    payload: dict[str, Value] = {
        "outcome": made.kind,
        "paragraph": str(made.paragraph),
        "immediate_adjustment": made.immediate_adjustment,
        "instruction": made.instruction,
    }
    messages.publish(db, made.organization_id, "OutcomeRecorded", keys, payload, actor_id=actor.person_id)
    if made.immediate_adjustment:
        key = f"ParagraphAdjusted:{item.id}"
        messages.publish(db, made.organization_id, "ParagraphAdjusted", keys, unique_key=key, actor_id=actor.person_id)
