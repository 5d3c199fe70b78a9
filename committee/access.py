"""Who is acting, and what they may do. The gate: nothing else decides about access."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, Select, and_, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee.organisations import Body, Membership, Person, in_force, in_force_on
from store import clock
from store.base import Base, Identified
from store.errors import Forbidden
from store.sentences import say

DEMO = "demo"
"""Name of the tokens that everybody knows; no other token may be named so."""
STAFF_ROLES = ("operator", "process_owner", "manager")


class ApiToken(Identified, Base):
    """A bearer token; only its SHA-256 is stored, which is safe because the token itself is random and long."""

    __tablename__ = "api_token"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Role:
    """A membership as the gate sees it."""

    body_id: UUID
    body: str
    """Its key."""
    role: str
    owner_id: UUID | None
    """The organisation that the body belongs to; None for a joint body."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the roles in force now."""

    person_id: UUID
    organization_id: UUID
    name: str
    roles: tuple[Role, ...]
    is_internal: bool
    """Has a role in a body of the tenant itself; others (municipalities) see only what they were sent."""

    @property
    def represents(self) -> frozenset[UUID]:
        """The organisations for which the actor acts: of a municipality's officer, the municipality."""
        return frozenset(held.owner_id for held in self.roles if held.owner_id is not None)

    def has(self, *roles: str) -> bool:
        """Whether the actor has one of the roles in any body of the tenant."""
        return self.is_internal and any(held.role in roles for held in self.roles)

    def has_in(self, body_id: UUID | None, roles: Collection[str]) -> bool:
        """Whether the actor has one of the roles in the body."""
        return any(held.body_id == body_id and held.role in roles for held in self.roles)


class RoleMissing(Forbidden):
    """What is asked for is for other roles; pages say them in words."""

    def __init__(self, roles: Sequence[str]) -> None:
        known = ", ".join(roles)
        super().__init__(
            say("This needs one of the roles %(known)s. Ask the operator if you should have it.", known=known)
        )
        self.roles = roles


def require(actor: Actor, *roles: str) -> None:
    """Refuse an actor that has none of the roles. Raises RoleMissing."""
    if not actor.has(*roles):
        raise RoleMissing(roles)


def authenticate(db: Connection, token: str, *, demo: bool = True) -> Actor | None:
    """The actor behind a token; None when it is unknown, has expired or is a demo's where that is not allowed."""
    rows = db.execute(_holder(clock.today()), {"sha256": hash_of(token)}).all()
    if not rows:
        return None
    name, expires_at, person_id, tenant, person_name = rows[0][:5]
    if name == DEMO and not demo:
        return None
    if expires_at is not None and expires_at <= clock.now():
        return None
    return _actor(person_id, tenant, person_name, [row[5:] for row in rows if row[5] is not None])


@lru_cache(maxsize=2)
def _holder(day: date) -> Select[*tuple[Any, ...]]:
    """Who holds a token, and in which bodies on a day: one question, since every request asks it."""
    return (
        select(
            ApiToken.name, ApiToken.expires_at, Person.id, Person.organization_id, Person.name.label("person_name"),
            Body.id.label("body_id"), Body.key, Body.owner_id, Membership.role,
        )
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, in_force_on(day)))
        .outerjoin(Body, Body.id == Membership.body_id)
        .where(ApiToken.sha256 == bindparam("sha256"))
    )  # fmt: skip


def actor_of(db: Session, person: Person) -> Actor:
    """A person as an actor, with the memberships of today."""
    held = db.execute(
        select(Body.id, Body.key, Body.owner_id, Membership.role)
        .join(Membership, Membership.body_id == Body.id)
        .where(in_force(person.id))
    ).all()
    return _actor(person.id, person.organization_id, person.name, held)


def _actor(person_id: UUID, tenant: UUID, name: str, held: Sequence[Sequence[Any]]) -> Actor:
    """`held`: body, its key, its owner, role."""
    roles = tuple(Role(body_id, key, role, owner_id) for body_id, key, owner_id, role in held)
    return Actor(person_id, tenant, name, roles, any(each.owner_id == tenant for each in roles))


def issue_token(db: Session, person: Person, name: str, *, expires_at: datetime | None = None) -> str:
    """A new token for a person. It can be read only now."""
    token = "hs_" + secrets.token_urlsafe(32)
    store_token(db, person, name, token, expires_at=expires_at)
    return token


def store_token(db: Session, person: Person, name: str, token: str, *, expires_at: datetime | None = None) -> None:
    """Remember a token's hash."""
    db.add(
        ApiToken(
            organization_id=person.organization_id,
            person_id=person.id,
            sha256=hash_of(token),
            name=name,
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )


def hash_of(token: str) -> str:
    """What the register keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def require_internal(actor: Actor) -> None:
    """Refuse an actor from outside the organisation itself."""
    if not actor.is_internal:
        raise Forbidden("This is for the organisation's own people.")
