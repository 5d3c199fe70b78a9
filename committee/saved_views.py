"""Saved views: a person's own names for lists that are narrowed in a way they often want."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee.access import Actor
from store.base import Base, Identified
from store.database import Database
from store.errors import Invalid, NotFound
from store.sentences import say

MOST = 20
"""Views that a person may keep of a page; more would be a list to search through."""
LONGEST_NAME, LONGEST_QUERY = 60, 500


class SavedView(Identified, Base):
    """The query of a page's address under a name."""

    __tablename__ = "saved_view"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str]
    """Which list: `work`, `cases`."""
    name: Mapped[str]
    query: Mapped[str]
    """As it stands in the address, without the question mark."""

    __table_args__ = (UniqueConstraint("person_id", "page", "name"),)


def views_of(db: Session, actor: Actor, page: str) -> Sequence[SavedView]:
    """The reader's views of a page, by name."""
    return db.scalars(select(SavedView).where(_own(actor, page)).order_by(SavedView.name, SavedView.id)).all()


def save_view(store: Database, actor: Actor, page: str, name: str, query: str) -> SavedView:
    """Keep a view; one with the same name is replaced. Raises Invalid."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(say("Give the view a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME))
    if len(query) > LONGEST_QUERY:
        raise Invalid("These filters are too long to be saved. Shorten what you search for.")
    with store.transaction() as db:
        found = db.scalar(select(SavedView).where(_own(actor, page), SavedView.name == name).with_for_update())
        if found is None:
            if (db.scalar(select(func.count()).select_from(SavedView).where(_own(actor, page))) or 0) >= MOST:
                raise Invalid(say("You have %(most)s views here already. Take one away first.", most=MOST))
            found = SavedView(
                organization_id=actor.organization_id, person_id=actor.person_id, page=page, name=name, query=query
            )
            db.add(found)
        found.query = query
        return found


def forget_view(store: Database, actor: Actor, view_id: UUID) -> None:
    """Take a view of one's own away. Raises NotFound."""
    with store.transaction() as db:
        found = db.get(SavedView, view_id, with_for_update=True)
        if found is None or found.person_id != actor.person_id:
            raise NotFound("There is no such view.")
        db.delete(found)


def _own(actor: Actor, page: str) -> ColumnElement[bool]:
    return (SavedView.person_id == actor.person_id) & (SavedView.page == page)
