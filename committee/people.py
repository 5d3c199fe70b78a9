"""The people of an organisation: who they are, what roles they hold, and the tokens that let programs act as them.

These verbs are the operator's, on the machine itself; they need no actor because who can run them can do anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from committee import access, roles, terms
from committee.access import ApiToken
from committee.organisations import Body, Membership, Person, body
from committee.terms import LegislativeTerm
from store import clock, events
from store.database import Database
from store.errors import Conflict, Invalid, NotFound
from store.ids import new_id
from store.sentences import say

LONGEST_TOKEN = timedelta(days=730)
_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_ROLE = re.compile(r"[a-z][a-z_]{0,62}")


def add_person(
    store: Database, organization_id: UUID, key: str, name: str, *, email: str | None = None, kind: str = "official"
) -> Person:
    """Put somebody into the register. Raises Invalid for a key or name that cannot be used, Conflict for one in use."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            say("'%(key)s' cannot be a person's key. Use a-z, 0-9, '.', '_' and '-', at most 63 of them.", key=key)
        )
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise Invalid("Give the person's name in at most 200 ordinary characters.")
    if email is not None and not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", email):
        raise Invalid(say("'%(email)s' is no e-mail address.", email=email))
    with store.transaction() as db:
        if db.scalar(_person(organization_id, key)) is not None:
            raise Conflict(
                say("There is a person '%(key)s' already. Choose another key, or give that person a role.", key=key)
            )
        made = Person(id=new_id(), organization_id=organization_id, key=key, name=name.strip(), email=email, kind=kind)
        db.add(made)
        events.record(db, organization_id, "person.added", "person", made.id, data={"key": key})
        return made


def give_role(
    store: Database, organization_id: UUID, key: str, body_key: str, role: str, *, start: date | None = None,
    end: date | None = None, term_key: str | None = None, anyway: bool = False,
) -> Membership:  # fmt: skip
    """Give a person a role in a body, for a time or a legislative term; each time is a row of its own.

    What is given again with the same first day, or for the same term, is corrected. Raises Conflict for a time that
    overlaps another, Invalid for a role that neither the gate nor a diagram in use knows, unless `anyway`. Who had the role before has it again from today, where no first day is given.
    """
    if not _ROLE.fullmatch(role):
        raise Invalid(say("'%(role)s' cannot be a role. Use a-z and '_', for example: secretary.", role=role))
    if start and end and end < start:
        raise Invalid("The last day is before the first. Change one of them.")
    with store.transaction() as db:
        person = person_of(db, organization_id, key)
        of = body(db, organization_id, body_key)
        if not anyway and role not in (known := roles.known(db, organization_id)):
            raise Invalid(
                say(
                    "No diagram in use gives work to the role '%(role)s'. Choose one of %(known)s; or, for a diagram that is still to come, add --anyway.",
                    role=role,
                    known=", ".join(sorted(known)),
                )
            )
        term = terms.term(db, organization_id, term_key) if term_key is not None else None
        if term is not None:
            start, end = _within(term, start, end)
        db.scalar(select(Person.id).where(Person.id == person.id).with_for_update())  # one role at a time
        past = _times(db, person, of, role)
        if start is None and any(each.end_date and each.end_date < clock.today() for each in past):
            start = clock.today()
        held = _same_time(past, start, end, term)
        if held is None:
            held = Membership(organization_id=organization_id, person_id=person.id, body_id=of.id, role=role)
            db.add(held)
        held.start_date, held.end_date, held.term_id = start, end, term.id if term is not None else None
        given = {"body": body_key, "role": role, "start": str(start or ""), "end": str(end or "")}
        events.record(db, organization_id, "membership.given", "person", person.id, data=given)
        return held


def end_role(
    store: Database, organization_id: UUID, key: str, body_key: str, role: str, *, start: date | None = None
) -> None:
    """End a person's role in a body: yesterday was its last day. One that is still to begin is taken back.

    Without the first day it is the one in force, else the next. Raises NotFound where there is none.
    """
    with store.transaction() as db:
        person = person_of(db, organization_id, key)
        of = body(db, organization_id, body_key)
        today = clock.today()
        lasting = [each for each in _times(db, person, of, role) if each.end_date is None or each.end_date >= today]
        meant = [each for each in lasting if start is None or each.start_date == start]
        if not meant:
            known = {"key": key, "role": role, "body": of.short_name}
            if start:
                raise NotFound(
                    say("'%(key)s' does not have the role %(role)s in %(body)s from %(start)s.", start=start, **known)
                )
            raise NotFound(say("'%(key)s' does not have the role %(role)s in %(body)s.", **known))
        held = min(meant, key=lambda each: each.start_date or date.min)
        if held.start_date is not None and held.start_date >= today:
            db.delete(held)  # it was given by mistake: there is no day on which it was held
        else:
            held.end_date = today - timedelta(days=1)
        data = {"body": body_key, "role": role}
        events.record(db, organization_id, "membership.ended", "person", person.id, data=data)


def issue_token(store: Database, organization_id: UUID, key: str, name: str, days: int) -> str:
    """A new token for a person. It can be read only now; the register keeps its hash."""
    lifetime = timedelta(days=days)
    if not timedelta(days=1) <= lifetime <= LONGEST_TOKEN:
        raise Invalid(say("A token lives for 1 to %(days)s days.", days=LONGEST_TOKEN.days))
    if name == access.DEMO or not 1 <= len(name) <= 100 or not name.isprintable():
        raise Invalid("Name the token after what it is for, in at most 100 characters.")
    with store.transaction() as db:
        person = person_of(db, organization_id, key)
        token = access.issue_token(db, person, name, expires_at=clock.now() + lifetime)
        events.record(db, organization_id, "token.issued", "person", person.id, data={"name": name, "days": days})
        return token


def revoke_tokens(store: Database, organization_id: UUID, key: str, name: str | None = None) -> int:
    """Make a person's tokens (or those of one name) useless at once; give how many they were."""
    with store.transaction() as db:
        person = person_of(db, organization_id, key)
        found = select(ApiToken).where(ApiToken.person_id == person.id)
        tokens = db.scalars(found if name is None else found.where(ApiToken.name == name)).all()
        for token in tokens:
            db.delete(token)
        data = {"name": name, "count": len(tokens)}
        events.record(db, organization_id, "token.revoked", "person", person.id, data=data)
        return len(tokens)


def _times(db: Session, person: Person, of: Body, role: str) -> list[Membership]:
    """When a person has, had or will have a role in a body."""
    found = select(Membership).where(Membership.person_id == person.id, Membership.body_id == of.id)
    return list(db.scalars(found.where(Membership.role == role)))


def _same_time(
    times: list[Membership], start: date | None, end: date | None, term: LegislativeTerm | None
) -> Membership | None:
    """The row that is meant, among those whose days are among the ones given; None where there is none."""
    first, last = start or date.min, end or date.max
    overlapping = [
        each for each in times if (each.start_date or date.min) <= last and first <= (each.end_date or date.max)
    ]
    for each in overlapping:
        same = each.start_date == start or (term is not None and each.term_id == term.id)
        if not same or len(overlapping) > 1:
            since, until = each.start_date or "the beginning", each.end_date or "further notice"
            raise Conflict(
                say(
                    "The person has this role from %(since)s to %(until)s already. End that first, or give days beside it.",
                    since=since,
                    until=until,
                )
            )
    return overlapping[0] if overlapping else None


def _within(term: LegislativeTerm, start: date | None, end: date | None) -> tuple[date, date]:
    """The days of a role that is given for a term: all of it, or the part that is named."""
    first, last = start or term.start_date, end or term.end_date
    if not term.start_date <= first <= last <= term.end_date:
        raise Invalid(
            say(
                "%(term)s is from %(start_date)s to %(end_date)s. Give days within it, or none.",
                term=term.name,
                start_date=term.start_date,
                end_date=term.end_date,
            )
        )
    return first, last


def person_of(db: Session, organization_id: UUID, key: str) -> Person:
    """Somebody by key. Raises NotFound."""
    found = db.scalar(_person(organization_id, key))
    if found is None:
        raise NotFound(say("There is no person '%(key)s'. See who there is with: handslag person list", key=key))
    return found


def roles_of(db: Session, people: Sequence[Person]) -> dict[UUID, tuple[access.Role, ...]]:
    """The roles in force today of each person."""
    return {person.id: access.actor_of(db, person).roles for person in people}


def coming_roles_of(db: Session, people: Sequence[Person]) -> dict[UUID, list[tuple[str, str, date | None]]]:
    """The roles of each person that are still to begin: role, key of the body, first day."""
    found = (
        select(Membership.person_id, Membership.role, Body.key, Membership.start_date)
        .join(Body, Body.id == Membership.body_id)
        .where(Membership.person_id.in_([person.id for person in people]), Membership.start_date > clock.today())
        .order_by(Membership.start_date, Body.key, Membership.role)
    )
    coming: dict[UUID, list[tuple[str, str, date | None]]] = {person.id: [] for person in people}
    for person_id, role, body_key, start in db.execute(found):
        coming[person_id].append((role, body_key, start))
    return coming


def everybody(organization_id: UUID) -> Select[Person]:
    """The people of the register by key."""
    return select(Person).where(Person.organization_id == organization_id).order_by(Person.key)


def _person(organization_id: UUID, key: str) -> Select[Person]:
    return select(Person).where(Person.organization_id == organization_id, Person.key == key)
