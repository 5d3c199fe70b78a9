"""Slips in what was recorded at a meeting: texts are put right until the minutes are adjusted.

Until then the minutes are a draft. Afterwards a decision is corrected as FL 36 § says, by another record. What became of an
item is not changed here: the process of its case has gone on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, attributes

from committee import agenda
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.decisions import Decision
from committee.meetings import Meeting, require_secretary
from committee.organisations import Body
from committee.samrad import INPUT_OF, SamradOutcome, require_texts
from store import events
from store.database import Database
from store.errors import Conflict, Stale


def is_open(meeting: Meeting, item: AgendaItem, decision: Decision | None) -> bool:
    """Whether what was recorded of an item is still a draft."""
    adjusted = decision is not None and decision.immediate_adjustment
    return item.state == "handled" and meeting.state == "held" and not adjusted


def correct_paragraph(
    store: Database, actor: Actor, item_id: UUID, text: str, *, version: int | None = None
) -> AgendaItem:
    """Put the text of a paragraph right. Raises NotFound, Forbidden, Stale, or Conflict once it has been adjusted."""
    with store.transaction() as db:
        item, decision = _draft(db, actor, item_id, version)
        if decision is None:
            raise Conflict("This item has no paragraph. Correct where the sides stand instead.")
        _record(db, item, actor, {"text": decision.text})
        decision.text = item.outcome_text = text
        db.flush()
        return item


def correct_positions(
    store: Database, actor: Actor, item_id: UUID, inputs: Mapping[str, str | None], *, version: int | None = None
) -> AgendaItem:
    """Put right what each side (of `samrad.SIDES`) has said. Raises as `correct_paragraph`, and Invalid for what must be said."""
    with store.transaction() as db:
        item, _decision = _draft(db, actor, item_id, version)
        outcomes = db.scalars(select(SamradOutcome).where(SamradOutcome.agenda_item_id == item.id)).all()
        if not outcomes:
            raise Conflict("No side has said where it stands on this item. Correct its paragraph instead.")
        require_texts({each.side: (each.position, inputs.get(each.side)) for each in outcomes})
        _record(db, item, actor, {INPUT_OF[each.side]: each.input_text for each in outcomes})
        for each in outcomes:
            each.input_text = inputs.get(each.side)
        attributes.flag_modified(
            item, "outcome"
        )  # the item has another version, also where only its sides' rows differ
        db.flush()
        return item


def _draft(db: Session, actor: Actor, item_id: UUID, version: int | None) -> tuple[AgendaItem, Decision | None]:
    """An item whose record is still a draft, of the version that was read, with its paragraph; its meeting is locked."""
    item = agenda.read_item(db, actor, item_id)
    meeting = db.get_one(Meeting, item.meeting_id, with_for_update=True)
    require_secretary(actor, db.get_one(Body, meeting.body_id))
    if version is not None and item.version != version:
        raise Stale("Somebody else has just changed this item. Read it again and repeat what you wanted to do.")
    decision = db.scalar(select(Decision).where(Decision.agenda_item_id == item.id))
    if not is_open(meeting, item, decision):
        raise Conflict("Only what has been recorded and not yet adjusted is corrected here (later: FL 36).")
    return item, decision


def _record(db: Session, item: AgendaItem, actor: Actor, before: Mapping[str, str | None]) -> None:
    """Log what it said before: what it says now is in the register."""
    events.record(
        db, item.organization_id, "agenda_item.corrected", "agenda_item", item.id, actor_id=actor.person_id,
        case_id=item.case_id, data={"before": dict(before)},
    )  # fmt: skip
