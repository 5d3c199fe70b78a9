"""Organisations, bodies, people and memberships (Popolo: Organization, Person, Membership; W3C org).

The organisation that an installation serves is the *tenant*: every row carries its id in `organization_id`. Other
organisations (municipalities, ministries) are rows of the tenant's register.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, and_, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store import clock
from store.base import Base, Identified
from store.errors import NotFound
from store.sentences import say

ADVISORY_KINDS = ("joint_consultation", "council", "administration", "management_group")
"""Kinds of bodies that can never decide: samråd is "ej beslutande, enbart rådgivande"."""


class Organization(Identified, Base):
    """A legal entity: region, municipality, state agency, ministry, association, company, university."""

    __tablename__ = "organization"

    key: Mapped[str]
    """Short name in diagrams and profiles: `vasterbotten`, `umea`."""
    name: Mapped[str]
    kind: Mapped[str]
    area_code: Mapped[str | None]
    """Code of the county or municipality at Statistics Sweden."""
    email: Mapped[str | None]
    political_model: Mapped[str | None]
    """`0` (the board), `1` (one committee) or `2plus`; regions only."""
    profile: Mapped[dict[str, Any] | None]
    """Chain of bodies, planning and registries of the tenant, from the organisation profile."""

    __table_args__ = (UniqueConstraint("organization_id", "key"),)


class Body(Identified, Base):
    """An organ or a part of an administration: those who meet, decide, advise or do the work."""

    __tablename__ = "body"

    key: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str]
    """assembly, board, committee, subcommittee, preparation, delegation, joint_consultation, council,
    management_group or administration."""
    authoritative: Mapped[bool]
    """Whether it can decide. Advisory bodies agree, differ and hand in views, and nothing else."""
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    """The organisation it belongs to; None for a joint body."""
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("body.id"))
    member_count: Mapped[int | None]
    valid_to: Mapped[date | None]

    @property
    def records_items(self) -> bool:
        """Whether it is recorded what becomes of its items: its decisions or, in samråd, where the sides stand."""
        return self.authoritative or self.kind == "joint_consultation"

    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        CheckConstraint(
            "NOT authoritative OR kind NOT IN ('joint_consultation', 'council', 'administration', 'management_group')",
            name="advisory",
        ),
    )


class BodyComposition(Identified, Base):
    """A part of a joint body: samråd is six of RUN and seven of PKD AU."""

    __tablename__ = "body_composition"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    source_body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    expected_seats: Mapped[int]

    __table_args__ = (UniqueConstraint("body_id", "source_body_id"),)


class Person(Identified, Base):
    """An elected member, an official or somebody outside."""

    __tablename__ = "person"

    key: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    kind: Mapped[str]

    __table_args__ = (UniqueConstraint("organization_id", "key"),)


class Membership(Identified, Base):
    """A person's role in a body, for a time. Who comes back has a row for each time (Popolo: Membership)."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"), index=True)
    role: Mapped[str]
    on_behalf_of: Mapped[str | None]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    term_id: Mapped[UUID | None] = mapped_column(ForeignKey("legislative_term.id"))
    """The legislative term for which the role was given (`committee.terms`)."""

    __table_args__ = (
        UniqueConstraint("person_id", "body_id", "role", "start_date"),
        CheckConstraint("start_date <= end_date", name="order"),
    )


def body(db: Session, organization_id: UUID, key: str) -> Body:
    """A body by its key. Raises NotFound."""
    found = db.scalar(select(Body).where(Body.organization_id == organization_id, Body.key == key))
    if found is None:
        raise NotFound(say("There is no body '%(key)s'. Check the organisation profile.", key=key))
    return found


_C = Body.__table__.c
_BODY_ID = select(_C.id).where(_C.organization_id == bindparam("organization_id"), _C.key == bindparam("key"))


def body_id(db: Session, organization_id: UUID, key: str) -> UUID:
    """Id of a body by its key. Raises NotFound."""
    return (
        db.connection().scalar(_BODY_ID, {"organization_id": organization_id, "key": key})
        or body(db, organization_id, key).id
    )


def organization(db: Session, organization_id: UUID, key: str) -> Organization:
    """An organisation of the register by its key. Raises NotFound."""
    found = db.scalar(
        select(Organization).where(Organization.organization_id == organization_id, Organization.key == key)
    )
    if found is None:
        raise NotFound(say("There is no organisation '%(key)s' in the register.", key=key))
    return found


def administration(db: Session, organization_id: UUID, key: str) -> Body:
    """The administration of an organisation: where what is sent to a municipality is dealt with."""
    owner = organization(db, organization_id, key)
    found = db.scalar(select(Body).where(Body.owner_id == owner.id, Body.kind == "administration").order_by(Body.key))
    if found is None:
        raise NotFound(
            say("'%(owner)s' has no administration in the register. Add one to the profile.", owner=owner.name)
        )
    return found


def chain_of(db: Session, organization_id: UUID) -> dict[str, str]:
    """Which bodies prepare, consult and decide (`preparing_body` …), as the profile of the organisation has it."""
    tenant = db.get_one(Organization, organization_id)
    found: dict[str, str] = (tenant.profile or {}).get("chain", {})
    return found


def municipal_part(db: Session, of: Body) -> Body:
    """The part of a joint body that is the municipalities' own; a body that is not put together is all there is."""
    parts = (
        select(Body)
        .join(BodyComposition, BodyComposition.source_body_id == Body.id)
        .where(BodyComposition.body_id == of.id, Body.owner_id.is_(None))
    )
    return db.scalar(parts.order_by(Body.key).limit(1)) or of


def in_force(person_id: UUID) -> ColumnElement[bool]:
    """The memberships of a person that are in force today."""
    return and_(Membership.person_id == person_id, in_force_today())


def in_force_today() -> ColumnElement[bool]:
    """Memberships that are in force today, whoever holds them."""
    return in_force_on(clock.today())


def in_force_on(day: date) -> ColumnElement[bool]:
    """Memberships that are in force on a day."""
    return and_(
        or_(Membership.start_date.is_(None), Membership.start_date <= day),
        or_(Membership.end_date.is_(None), Membership.end_date >= day),
    )


def holders(db: Session, organization_id: UUID, role: str) -> list[Person]:
    """Those who have a role today in a body of the organisation itself, by name."""
    held = (
        select(Membership.person_id)
        .join(Body, Body.id == Membership.body_id)
        .where(Body.owner_id == organization_id, Membership.role == role, in_force_today())
    )
    found = select(Person).where(Person.organization_id == organization_id, Person.id.in_(held))
    return list(db.scalars(found.order_by(Person.name, Person.id)))
