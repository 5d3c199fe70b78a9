"""What is half written of an item at a meeting: kept until it is recorded what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee.access import Actor
from committee.agenda import open_item
from store import clock
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Invalid, Stale
from store.sentences import say

MOST_CHARACTERS = 100_000
"""Of all that is written of an item; what is recorded is shorter."""


class ItemDraft(Identified, Versioned, Base):
    """What one person has half written of an item."""

    __tablename__ = "item_draft"

    agenda_item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    content: Mapped[dict[str, Any]]
    """Text by the name of its field."""
    kept_at: Mapped[datetime]
    window: Mapped[str]
    """In which window of theirs, by a name that its page has made."""

    __table_args__ = (UniqueConstraint("agenda_item_id", "person_id"),)


def draft_of(db: Session, actor: Actor, item_id: UUID) -> ItemDraft | None:
    """What the reader has half written of an item."""
    return db.scalar(
        select(ItemDraft).where(ItemDraft.agenda_item_id == item_id, ItemDraft.person_id == actor.person_id)
    )


def keep_draft(
    store: Database, actor: Actor, item_id: UUID, content: Mapping[str, str], *, window: str, version: int
) -> ItemDraft:
    """Keep what is half written of an item; it is not checked before it is recorded.

    `version` is that of the draft that the page was filled in from, 0 where there was none. Raises Stale when another window
    has kept something since.
    """
    if sum(map(len, content.values())) > MOST_CHARACTERS:
        raise Invalid(say("Write at most %(most)s characters.", most=MOST_CHARACTERS))
    with store.transaction() as db:
        item, _, _ = open_item(db, actor, item_id)
        found = draft_of(db, actor, item_id)
        if found is None:
            found = ItemDraft(organization_id=item.organization_id, agenda_item_id=item_id, person_id=actor.person_id)
            db.add(found)
        elif found.window != window and found.version != version:
            raise Stale("You have gone on writing in another window, and what stands there is kept.")
        found.content, found.kept_at, found.window = dict(content), clock.now(), window
        db.flush()
        return found


def forget_drafts(db: Session, item_id: UUID) -> None:
    """Throw away what was half written of an item, in the transaction of the verb that records it."""
    db.execute(delete(ItemDraft).where(ItemDraft.agenda_item_id == item_id))
