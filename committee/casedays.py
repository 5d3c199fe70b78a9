"""The days of a case: its deadlines with how they were moved, its meetings, and what was decided at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import deadlines, decisions
from committee.access import Actor
from committee.casefile import Head, read_head
from committee.deadlines import Deadline, Extension
from committee.decisions import Decision
from committee.organisations import Body
from committee.slots import Slot, slots_of


@dataclass(frozen=True, slots=True)
class Days:
    """Everything of a case that has a day."""

    head: Head
    deadlines: Sequence[Deadline]
    extensions: Mapping[UUID, Sequence[Extension]]
    """By the deadline that was moved, the first move first."""
    slots: Sequence[Slot]
    decisions: Sequence[tuple[Decision, Body]]


def read_days(db: Session, actor: Actor, case_id: UUID) -> Days:
    """The days of a case, for the organisation's own people. Raises NotFound, or Forbidden for others."""
    head = read_head(db, actor, case_id)
    found = deadlines.find_deadlines(actor, case_id=case_id).order_by(Deadline.due_on, Deadline.id)
    own = db.scalars(found).all()
    moved: dict[UUID, list[Extension]] = {}
    history = select(Extension).where(Extension.deadline_id.in_([each.id for each in own]))
    for extension in db.scalars(history.order_by(Extension.granted_at, Extension.id)):
        moved.setdefault(extension.deadline_id, []).append(extension)
    made = decisions.find_decisions(actor, case_id=case_id).add_columns(Body).join(Body, Body.id == Decision.body_id)
    decided = [(decision, of) for decision, of in db.execute(made.order_by(Decision.decided_on, Decision.id))]
    return Days(head, own, moved, slots_of(db, case_id), decided)


def read_deadline(db: Session, actor: Actor, deadline_id: UUID) -> tuple[Head, Deadline]:
    """A deadline with its case. Raises NotFound, or Forbidden for people from outside."""
    found = deadlines.read_deadline(db, actor, deadline_id)
    return read_head(db, actor, found.case_id), found
