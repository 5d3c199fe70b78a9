"""The people of a register, as they act."""

from __future__ import annotations

from sqlalchemy import select

from committee.access import Actor, actor_of
from committee.organisations import Person
from store.database import Database


def acting(database: Database, key: str) -> Actor:
    """Somebody, by key, with the roles that they have today."""
    with database.reading() as db:
        return actor_of(db, db.scalars(select(Person).where(Person.key == key)).one())
