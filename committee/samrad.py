"""Samråd: the region's and the municipalities' sides each say where they stand. When both agree they shake hands.

It is no vote and no decision; the body only advises before the regional development committee decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee.access import Actor
from committee.agenda import AgendaItem, open_item
from committee.following import meet
from committee.item_drafts import forget_drafts
from committee.meetings import Meeting, visible_to
from engine import messages
from engine.feel import Value
from store import events
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid
from store.sentences import say

SIDES = ("region", "municipalities")
POSITIONS = ("agrees", "agrees_with_input", "differs", "not_handled")
INPUT_OF = {"region": "region_input", "municipalities": "municipal_input"}
"""What the text of each side is called where it is handed in."""
_SAID = ("agrees_with_input", "differs")
_HANDS = ("agrees", "agrees_with_input")


class SamradOutcome(Identified, Base):
    """Where one side stands on an item."""

    __tablename__ = "samrad_outcome"

    agenda_item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    side: Mapped[str]
    position: Mapped[str]
    input_text: Mapped[str | None]
    handshake: Mapped[bool]

    __table_args__ = (UniqueConstraint("agenda_item_id", "side"),)


def outcomes_of(actor: Actor, item_id: UUID) -> Select[SamradOutcome]:
    """The positions of both sides on an item, for those who see its meeting."""
    shown = select(AgendaItem.id).join(Meeting, Meeting.id == AgendaItem.meeting_id).where(visible_to(actor))
    return select(SamradOutcome).where(SamradOutcome.agenda_item_id == item_id, SamradOutcome.agenda_item_id.in_(shown))


def last_of(actor: Actor, case_id: UUID) -> Select[SamradOutcome]:
    """The positions of both sides when a case was last at a samråd, for those who see that meeting."""
    stood = select(SamradOutcome.agenda_item_id)
    last = (
        select(AgendaItem.id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id == case_id, AgendaItem.id.in_(stood), visible_to(actor))
        .order_by(Meeting.starts_at.desc(), AgendaItem.id.desc())
        .limit(1)
    )
    return select(SamradOutcome).where(SamradOutcome.agenda_item_id == last.scalar_subquery())


def by_side(outcomes: Iterable[SamradOutcome]) -> Sequence[SamradOutcome]:
    """The positions on an item in the order in which they are read: the region's, then the municipalities'."""
    return sorted(outcomes, key=lambda outcome: SIDES.index(outcome.side))


def became(region_position: str, municipal_position: str) -> str:
    """What became of an item of a samråd: handshake, differs, neither_agrees, not_handled, or by which side it was not.

    The sides differ only where both have said where they stand; a side that has not treated the item has no view.
    """
    silent = [
        side
        for side, position in (("region", region_position), ("municipalities", municipal_position))
        if position == "not_handled"
    ]
    if silent:
        return "not_handled" if len(silent) == len(SIDES) else f"{silent[0]}_not_handled"
    agreeing = [position in _HANDS for position in (region_position, municipal_position)]
    return "handshake" if all(agreeing) else "differs" if any(agreeing) else "neither_agrees"


def record_samrad_outcome(
    store: Database,
    actor: Actor,
    item_id: UUID,
    *,
    region_position: str,
    municipal_position: str,
    region_input: str | None = None,
    municipal_input: str | None = None,
) -> AgendaItem:
    """Record where both sides stand; the handshake follows from it and cannot be given."""
    with store.transaction() as db:
        item, meeting, of = open_item(db, actor, item_id)
        if of.kind != "joint_consultation":
            raise Conflict(say("%(body)s is no samråd. Record the outcome of the item instead.", body=of.short_name))
        if {region_position, municipal_position} - set(POSITIONS):
            raise Invalid(say("A position is one of %(known)s.", known=", ".join(POSITIONS)))
        require_texts(
            {"region": (region_position, region_input), "municipalities": (municipal_position, municipal_input)}
        )
        handshake = region_position in _HANDS and municipal_position in _HANDS
        given = (("region", region_position, region_input), ("municipalities", municipal_position, municipal_input))
        for side, position, text in given:
            db.add(
                SamradOutcome(
                    organization_id=item.organization_id,
                    agenda_item_id=item.id,
                    side=side,
                    position=position,
                    input_text=text,
                    handshake=handshake,
                )
            )
        meeting.state = "held"
        item.state, item.outcome = "handled", became(region_position, municipal_position)
        forget_drafts(db, item.id)
        db.flush()
        meet(db, item, meeting, actor.person_id)
        positions: dict[str, Value] = {"region_position": region_position, "municipal_position": municipal_position}
        _tell(db, item, {"handshake": handshake, **positions}, actor)
        return item


def require_texts(stands: Mapping[str, tuple[str, str | None]]) -> None:
    """Refuse a side (of SIDES, with position and text) that has something to say and does not. Raises Invalid."""
    silent = [side for side, (position, text) in stands.items() if position in _SAID and not (text or "").strip()]
    if silent:
        sentence = "Write how this side sees it: the deciding body reads it."
        errors = [{"field": INPUT_OF[side], "sentence": sentence} for side in silent]
        raise Invalid("A side that differs, or has input, says how.", errors=errors)


def _tell(db: Session, item: AgendaItem, payload: dict[str, Value], actor: Actor) -> None:
    """The log and the case that waits for the outcome."""
    events.record(
        db, item.organization_id, "samrad.recorded", "agenda_item", item.id, actor_id=actor.person_id,
        case_id=item.case_id, data=payload,
    )  # fmt: skip
    keys = {"agenda_item_id": str(item.id)}
    messages.publish(db, item.organization_id, "SamradOutcomeRecorded", keys, payload, actor_id=actor.person_id)
