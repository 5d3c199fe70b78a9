"""Appeals against decisions, and legal force (laga kraft).

Anyone who belongs to the region may have a decision tried in court within three weeks of its notice (KL 13:1-8). A
decision that nobody appeals, or whose appeals the court dismisses, is in legal force.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.decisions import Decision
from committee.meetings import Meeting
from engine import messages
from store import clock, events
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid, NotFound
from store.sentences import say

RULINGS = ("dismissed", "annulled")
"""What the court says: the appeal is dismissed (avslag), or the decision is annulled (upphävs, KL 13:8)."""


class Appeal(Identified, Base):
    """An appeal against a decision (laglighetsprövning)."""

    __tablename__ = "appeal"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), index=True)
    received_on: Mapped[date]
    appellant: Mapped[str | None]
    ruling: Mapped[str | None]
    """One of RULINGS; None while the court has not ruled."""
    ruled_on: Mapped[date | None]


def find_appeals(actor: Actor, *, decision_id: UUID | None = None) -> Select[Appeal]:
    """The appeals against the organisation's decisions, for its own people."""
    access.require_internal(actor)
    found = select(Appeal).where(Appeal.organization_id == actor.organization_id)
    return found.where(Appeal.decision_id == decision_id) if decision_id is not None else found


def register_appeal(
    store: Database, actor: Actor, decision_id: UUID, received_on: date, *, appellant: str | None = None
) -> Appeal:
    """Register an appeal: the decision is not in legal force until the court has ruled.

    One that came in time counts also when it is registered after the last day. Raises Conflict for one that came late.
    """
    with store.transaction() as db:
        decision = db.get(Decision, decision_id, with_for_update=True)
        if decision is None or decision.organization_id != actor.organization_id or not actor.is_internal:
            raise NotFound("There is no such decision.")
        access.require(actor, "registrar", "secretary", "officer", "head")
        last_day = _last_appeal_date(db, decision)
        if last_day is not None and received_on > last_day:
            raise Conflict(
                say(
                    "The time to appeal ended on %(day)s. Register the letter as a document of the case and send it to the court, which tries whether it came in time.",
                    day=last_day,
                )
            )
        if not decision.decided_on <= received_on <= clock.today():
            sentence = say("Give a day from %(day)s to today.", day=decision.decided_on)
            raise Invalid("The day cannot be right.", errors=[{"field": "received_on", "sentence": sentence}])
        made = Appeal(
            organization_id=decision.organization_id,
            decision_id=decision.id,
            received_on=received_on,
            appellant=appellant,
        )
        db.add(made)
        decision.legal_force_on = None
        db.flush()
        _record(db, decision, "decision.appealed", actor.person_id, {"received_on": received_on.isoformat()})
        if decision.agenda_item_id is not None:
            keys = {"agenda_item_id": str(decision.agenda_item_id)}
            messages.publish(db, decision.organization_id, "AppealReceived", keys, actor_id=actor.person_id)
        return made


def rule(db: Session, decision: Decision, ruling: str, ruled_on: date, actor_id: UUID | None) -> None:
    """Note the court's ruling on the appeals that are open, in the verb's transaction."""
    if ruling not in RULINGS:
        raise Invalid(say("'%(ruling)s' is no ruling. Known: %(known)s.", ruling=ruling, known=", ".join(RULINGS)))
    still_open = select(Appeal).where(Appeal.decision_id == decision.id, Appeal.ruling.is_(None))
    for appeal in db.scalars(still_open):
        appeal.ruling, appeal.ruled_on = ruling, ruled_on
    _record(db, decision, "appeal.ruled", actor_id, {"ruling": ruling, "ruled_on": ruled_on.isoformat()})


def take_legal_force(db: Session, decision: Decision) -> date:
    """The decision is in legal force, in the verb's transaction; the day from which it is.

    That is the day after the last one to appeal, or that of the court's ruling.
    """
    last_day = _last_appeal_date(db, decision)
    rulings = select(func.max(Appeal.ruled_on)).where(Appeal.decision_id == decision.id)
    on = db.scalar(rulings) or (last_day + timedelta(days=1) if last_day is not None else clock.today())
    decision.legal_force_on = on
    _record(db, decision, "decision.in_legal_force", None, {"on": on.isoformat()})
    return on


def _last_appeal_date(db: Session, decision: Decision) -> date | None:
    if decision.agenda_item_id is None:
        return None
    found: date | None = db.scalar(
        select(Meeting.last_appeal_on)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.id == decision.agenda_item_id)
    )
    return found


def _record(db: Session, decision: Decision, type_: str, actor_id: UUID | None, data: dict[str, str]) -> None:
    events.record(
        db, decision.organization_id, type_, "decision", decision.id, actor_id=actor_id, case_id=decision.case_id,
        data=data,
    )  # fmt: skip
