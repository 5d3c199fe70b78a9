"""Legislative terms (mandatperioder), and how bodies are put together in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session

from committee.access import Actor
from committee.organisations import Body, BodyComposition, Membership, in_force_today
from store.base import Base, Identified
from store.errors import NotFound
from store.sentences import say

SEATED = ("chair", "first_vice", "second_vice", "member")
"""Roles that hold a seat; substitutes sit only in somebody's place (`committee.attendance`)."""


class LegislativeTerm(Identified, Base):
    """A term of office: four years from 15 October for the assembly, from 1 January for the others (KL 5:9, 6:18)."""

    __tablename__ = "legislative_term"

    key: Mapped[str]
    name: Mapped[str]
    start_date: Mapped[date]
    end_date: Mapped[date]
    applies_to: Mapped[str]
    """`assembly` or `committees`."""

    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        CheckConstraint("start_date <= end_date", name="order"),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a joint body, and how many of its seats are taken today."""

    source_body_id: UUID
    expected_seats: int
    seated: int


def find_terms(actor: Actor) -> Select[LegislativeTerm]:
    """The terms of the organisation."""
    return select(LegislativeTerm).where(LegislativeTerm.organization_id == actor.organization_id)


def term(db: Session, organization_id: UUID, key: str) -> LegislativeTerm:
    """A term by its key. Raises NotFound."""
    found = db.scalar(
        select(LegislativeTerm).where(LegislativeTerm.organization_id == organization_id, LegislativeTerm.key == key)
    )
    if found is None:
        raise NotFound(
            say("There is no legislative term '%(key)s'. Add it to the organisation profile as a [[term]].", key=key)
        )
    return found


def parts_of(db: Session, of: Body) -> list[Part]:
    """What a joint body is put together of. Who sits in it and in the part's own body takes one of the part's seats."""
    parts = db.scalars(select(BodyComposition).where(BodyComposition.body_id == of.id).order_by(BodyComposition.id))
    return [
        Part(part.source_body_id, part.expected_seats, _seated(db, of.id, part.source_body_id)) for part in parts.all()
    ]


def _seated(db: Session, body_id: UUID, source_body_id: UUID) -> int:
    sits = select(Membership.person_id).where(in_force_today(), Membership.role.in_(SEATED))
    both = sits.where(Membership.body_id == body_id).intersect(sits.where(Membership.body_id == source_body_id))
    return db.scalar(select(func.count()).select_from(both.subquery())) or 0
