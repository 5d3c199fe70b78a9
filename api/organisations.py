"""Who there is: the caller, organisations, bodies and their people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint
from api.paging import PageQuery, select_page, sort_field
from api.schemas import BODY, Day, Key, Representation, columns
from committee import terms
from committee.access import Actor
from committee.organisations import Body, Membership, Organization, Person
from committee.terms import LegislativeTerm
from store.errors import Forbidden, NotFound
from store.paging import Page

blp = Blueprint("organisations", "The caller, organisations, bodies and their people.")

ORGANISATION_SORTS = {"key": Organization.key, "kind": Organization.kind}
BODY_SORTS = {"key": Body.key, "kind": Body.kind}
MEMBER_SORTS = {"role": Membership.role, "start_date": Membership.start_date}


class RoleSchema(Representation):
    """A role in a body."""

    body_id = fields.UUID()
    body = fields.String(metadata=BODY)
    role = fields.String()


class MeSchema(Representation):
    """Whose token it is."""

    person_id = fields.UUID()
    organization_id = fields.UUID()
    name = fields.String()
    is_internal = fields.Boolean(metadata={"description": "Has a role in the organisation itself."})
    roles = fields.List(fields.Nested(RoleSchema))


class OrganisationSchema(Representation):
    """A legal entity of the register."""

    id = fields.UUID()
    key = fields.String()
    name = fields.String()
    kind = fields.String()
    area_code = fields.String(allow_none=True)


class PartSchema(Representation):
    """A part of a joint body."""

    source_body_id = fields.UUID()
    expected_seats = fields.Integer()
    seated = fields.Integer(metadata={"description": "How many of them are taken today."})


class BodySchema(Representation):
    """Those who meet, decide, advise or do the work."""

    id = fields.UUID()
    key = fields.String()
    name = fields.String()
    short_name = fields.String()
    kind = fields.String()
    authoritative = fields.Boolean(metadata={"description": "Whether it can decide; advisory bodies never can."})
    owner_id = fields.UUID(allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    member_count = fields.Integer(allow_none=True)
    valid_to = Day(allow_none=True)


class BodyWithPartsSchema(BodySchema):
    """A body with what it is composed of."""

    composition = fields.List(fields.Nested(PartSchema))


class TermSchema(Representation):
    """A legislative term."""

    id = fields.UUID()
    key = fields.String()
    name = fields.String()
    start_date = Day()
    end_date = Day()
    applies_to = fields.String(metadata={"description": "assembly or committees."})


class MemberSchema(Representation):
    """A person's role in a body."""

    id = fields.UUID()
    person_id = fields.UUID()
    name = fields.String()
    role = fields.String()
    on_behalf_of = fields.String(allow_none=True)
    start_date = Day(allow_none=True)
    end_date = Day(allow_none=True)


class OrganisationQuery(PageQuery):
    """Which organisations."""

    kind = Key()
    sort = sort_field(ORGANISATION_SORTS, "key")


class BodyQuery(PageQuery):
    """Which bodies."""

    kind = Key()
    sort = sort_field(BODY_SORTS, "key")


class MemberQuery(PageQuery):
    """Which members."""

    role = Key()
    sort = sort_field(MEMBER_SORTS, "role")


@blp.get("/me")
@blp.reads(MeSchema)
def me() -> Actor:
    """Whose token this is, with the roles in force today."""
    return context.actor()


@blp.get("/organizations")
@blp.lists(OrganisationSchema, OrganisationQuery)
def list_organizations(query: dict[str, Any]) -> Page[Organization]:
    """The register of organisations."""
    statement = select(Organization).where(Organization.organization_id == context.actor().organization_id)
    if "kind" in query:
        statement = statement.where(Organization.kind == query["kind"])
    with context.database().reading() as db:
        return select_page(db, statement, query, ORGANISATION_SORTS, Organization.id)


@blp.get("/terms")
@blp.reads_all(TermSchema)
def list_terms() -> Page[LegislativeTerm]:
    """The legislative terms (mandatperioder), the oldest first."""
    with context.database().reading() as db:
        found = terms.find_terms(context.actor()).order_by(LegislativeTerm.start_date, LegislativeTerm.id)
        return Page(db.scalars(found).all())


@blp.get("/bodies")
@blp.lists(BodySchema, BodyQuery)
def list_bodies(query: dict[str, Any]) -> Page[Body]:
    """Committees, delegations, joint bodies and administrations."""
    statement = select(Body).where(Body.organization_id == context.actor().organization_id)
    if "kind" in query:
        statement = statement.where(Body.kind == query["kind"])
    with context.database().reading() as db:
        return select_page(db, statement, query, BODY_SORTS, Body.id)


@blp.get("/bodies/<uuid:body_id>")
@blp.reads(BodyWithPartsSchema)
def read_body(body_id: UUID) -> dict[str, Any]:
    """One body."""
    with context.database().reading() as db:
        body = _body(db, body_id)
        return {**columns(body), "composition": terms.parts_of(db, body)}


@blp.get("/bodies/<uuid:body_id>/members")
@blp.lists(MemberSchema, MemberQuery)
def list_members(query: dict[str, Any], body_id: UUID) -> Page[dict[str, Any]]:
    """Who has which role in a body; for those inside the organisation."""
    if not context.actor().is_internal:
        raise Forbidden("Only those with a role in the organisation may see who is in its bodies.")
    statement = select(Membership).where(Membership.body_id == body_id)
    if "role" in query:
        statement = statement.where(Membership.role == query["role"])
    with context.database().reading() as db:
        _body(db, body_id)
        page = select_page(db, statement, query, MEMBER_SORTS, Membership.id)
        wanted = [each.person_id for each in page.items]
        names = {person.id: person.name for person in db.scalars(select(Person).where(Person.id.in_(wanted)))}
        return page.map(lambda each: {**columns(each), "name": names[each.person_id]})


def _body(db: Session, body_id: UUID) -> Body:
    found = db.get(Body, body_id)
    if found is None or found.organization_id != context.actor().organization_id:
        raise NotFound("There is no such body. See /bodies.")
    return found
