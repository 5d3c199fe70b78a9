"""Sign-in to the pages: a session is a token of its own that lives for a working day and ends at sign-out.

Being a token, it passes the same gate as every other (`access.authenticate`), and can be revoked like every other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from committee import access
from committee.access import ApiToken
from committee.organisations import Organization, Person
from committee.profile import tenant_of
from store import clock, events
from store.database import Database
from store.errors import Forbidden, NotFound

NAME = "session"
LIFETIME = timedelta(hours=10)


def begin(store: Database, token: str, *, demo: bool) -> str:
    """Sign in with a token that the operator has issued. Raises Forbidden for one that is not valid."""
    with store.transaction() as db:
        actor = access.authenticate(db.connection(), token, demo=demo)
        if actor is None:
            raise Forbidden("This token is not known, or it is no longer valid. Ask the operator for one.")
        return _begin(db, db.get_one(Person, actor.person_id))


def begin_demo(store: Database, tenant_key: str, person_key: str) -> str:
    """Sign in as one of the demo's invented people: those who have a token that everybody knows."""
    with store.transaction() as db:
        person = db.scalar(_demo(tenant_of(db, tenant_key)).where(Person.key == person_key))
        if person is None:
            raise NotFound("There is no such person in the demo organisation. Choose one from the list.")
        return _begin(db, person)


def demo_people(db: Session, tenant_key: str) -> Sequence[Person]:
    """The invented people, by name."""
    return db.scalars(_demo(tenant_of(db, tenant_key)).order_by(Person.name, Person.id)).all()


def end(store: Database, session_token: str) -> None:
    """Sign out: the session's token is no longer worth anything."""
    with store.transaction() as db:
        db.execute(delete(ApiToken).where(ApiToken.sha256 == access.hash_of(session_token), ApiToken.name == NAME))


def keep_through(store: Database, before: datetime, after: datetime) -> None:
    """Let the sessions that live go on when simulated time is moved: nobody has been away that long."""
    with store.transaction() as db:
        alive = select(ApiToken).where(ApiToken.name == NAME, ApiToken.expires_at > before)
        for session in db.scalars(alive):
            session.expires_at = (session.expires_at or before) + (after - before)


def _begin(db: Session, person: Person) -> str:
    """A new session; those of this person that have run out are cleared away on the way."""
    now = clock.now()
    db.execute(
        delete(ApiToken).where(ApiToken.person_id == person.id, ApiToken.name == NAME, ApiToken.expires_at <= now)
    )
    events.record(db, person.organization_id, "session.begun", "person", person.id, actor_id=person.id)
    return access.issue_token(db, person, NAME, expires_at=now + LIFETIME)


def _demo(tenant: Organization) -> Select[Person]:
    invented = select(ApiToken.person_id).where(ApiToken.name == access.DEMO)
    return select(Person).where(Person.organization_id == tenant.id, Person.id.in_(invented))
