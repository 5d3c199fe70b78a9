"""The delegation register (delegationsordning): who may decide what for a body, point by point.

KL 6:37 lets a body delegate to a subcommittee, a member or an official, KL 6:39 urgent matters to its chair, KL 7:5 to
officials. What is not delegated is decided by the body itself.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access
from committee.access import Actor
from committee.organisations import Body
from store import clock
from store.base import Base, Identified
from store.errors import Conflict
from store.sentences import say


class NotDelegated(Conflict):
    """Nothing in the delegation register lets them decide this for the body."""

    code = "not_delegated"


class Delegation(Identified, Base):
    """A point of the register."""

    __tablename__ = "delegation"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    """The body for which is decided."""
    point: Mapped[str]
    """How it is cited: `1.2`."""
    matter: Mapped[str]
    ground: Mapped[str]
    """The section of the law: `KL 6:37`, `KL 6:39`, `KL 7:5`."""
    delegate_body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    delegate_role: Mapped[str | None]
    """The role in that body which decides alone; None when the delegate body decides at its meetings."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    __table_args__ = (UniqueConstraint("body_id", "point"),)


def find_delegations(actor: Actor, *, body_key: str | None = None) -> Select[Delegation]:
    """The points of the register, also those that are no longer in force."""
    access.require_internal(actor)
    found = select(Delegation).where(Delegation.organization_id == actor.organization_id)
    return found.join(Body, Body.id == Delegation.body_id).where(Body.key == body_key) if body_key else found


def points(db: Session, of: Body, delegate: Body, role: str | None) -> list[Delegation]:
    """The points in force today by which a delegate may decide for a body."""
    today = clock.today()
    found = (
        select(Delegation)
        .where(Delegation.body_id == of.id, Delegation.delegate_body_id == delegate.id)
        .where(Delegation.delegate_role == role if role is not None else Delegation.delegate_role.is_(None))
        .where(or_(Delegation.valid_from.is_(None), Delegation.valid_from <= today))
        .where(or_(Delegation.valid_to.is_(None), Delegation.valid_to >= today))
    )
    return list(db.scalars(found.order_by(Delegation.point)))


def require_point(db: Session, of: Body, delegate: Body, role: str | None, point: str | None) -> Delegation:
    """The point by which is decided; it need not be named where only one can be meant. Raises NotDelegated."""
    open_to = points(db, of, delegate, role)
    chosen = [found for found in open_to if point in (None, found.point)]
    if len(chosen) == 1:
        return chosen[0]
    who = say("the %(role)s of %(body)s", role=role, body=delegate.short_name) if role else delegate.short_name
    if not open_to:
        raise NotDelegated(
            say("%(body)s has delegated nothing to %(who)s. Take the matter to %(body)s.", body=of.short_name, who=who)
        )
    known = ", ".join(f"{found.point} ({found.matter})" for found in open_to)
    raise NotDelegated(
        say(
            "Name the point of the delegation register by which %(who)s decides. Open to them: %(known)s.",
            who=who,
            known=known,
        )
    )
