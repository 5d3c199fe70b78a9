"""What has happened in a case, with the names of what it happened to: the log as people read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import cases
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.cases import Case
from committee.decisions import Decision
from committee.documents import Document
from committee.meetings import Meeting
from committee.organisations import Body, Organization, Person
from committee.referrals import Consultee
from engine.models import Task
from store import clock
from store.events import Event, Outbox
from store.paging import Ask, Page, select_page

Named = tuple[UUID, str, date | None]
"""Id, name, and a day where one belongs to the name."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what it names."""

    event: Event
    who: str | None
    """None where the system acted by itself."""
    about: str | None
    """The step, document, organisation, body that meets or paragraph that it happened to."""
    on: date | None
    """The day of that meeting or decision."""
    person: str | None
    """Somebody else whom it concerns: the new officer, the one who was handed a task."""


def happenings(
    db: Session, actor: Actor, case: Case, types: Collection[str], *, cursor: str | None = None, limit: int = 50
) -> Page[Happening]:
    """A page of a case's log, the last first; of the types that the reader's page has words for."""
    found = cases.events_of(actor, case).where(Event.type.in_(types))
    page = select_page(db, found, Ask("-at", cursor, limit), {"at": Event.at}, Event.seq)
    return Page(_named(db, page.items), page.cursor)


def _named(db: Session, events: Iterable[Event]) -> list[Happening]:
    found = list(events)
    subjects: dict[str, set[UUID]] = {}
    for event in found:
        subjects.setdefault(event.subject_type, set()).add(event.subject_id)
    about = {
        key: (text, on)
        for type_, ids in subjects.items()
        if type_ in _NAMES
        for key, text, on in _NAMES[type_](db, ids)
    }
    others = {event.seq: _person(event.data) for event in found}
    wanted = {*(event.actor_id for event in found), *others.values()} - {None}
    rows = db.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))) if wanted else ()
    people: dict[UUID | None, str] = {row.id: row.name for row in rows}
    nothing: tuple[str | None, date | None] = (None, None)
    named = []
    for event in found:
        text, on = about.get(event.subject_id, nothing)
        named.append(Happening(event, people.get(event.actor_id), text, on, people.get(others[event.seq])))
    return named


def _person(data: Mapping[str, Any]) -> UUID | None:
    given = data.get("assignee_id") or data.get("case_officer_id")
    return UUID(given) if isinstance(given, str) else None


def _steps(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    for key, name in db.execute(select(Task.id, Task.name).where(Task.id.in_(ids))):
        yield key, name, None


def _documents(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    for key, title in db.execute(select(Document.id, Document.title).where(Document.id.in_(ids))):
        yield key, title, None


def _consultees(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    named = select(Consultee.id, Organization.name).join(Organization, Organization.id == Consultee.consulted_id)
    for key, name in db.execute(named.where(Consultee.id.in_(ids))):
        yield key, name, None


def _items(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    placed = select(AgendaItem.id, Body.short_name, Meeting.starts_at)
    placed = placed.join(Meeting, Meeting.id == AgendaItem.meeting_id).join(Body, Body.id == Meeting.body_id)
    for key, name, starts_at in db.execute(placed.where(AgendaItem.id.in_(ids))):
        yield key, name, clock.local_date(starts_at)


def _decisions(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    made = select(Decision, Body.short_name).join(Body, Body.id == Decision.body_id).where(Decision.id.in_(ids))
    for decision, name in db.execute(made):
        yield decision.id, f"{name} § {decision.paragraph}", decision.decided_on


def _mail(db: Session, ids: Collection[UUID]) -> Iterator[Named]:
    for mail in db.scalars(select(Outbox).where(Outbox.id.in_(ids))):
        yield mail.id, str(mail.payload.get("subject", "")), None


_NAMES = {
    "task": _steps,
    "document": _documents,
    "consultee": _consultees,
    "agenda_item": _items,
    "decision": _decisions,
    "outbox": _mail,
}
"""By type of subject: how its names are asked for."""
