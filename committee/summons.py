"""The summons (kallelse): who is called to a meeting, by what mail, and what is fixed by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import agenda, following, meeting_cycle
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.attendance import holders
from committee.cases import Case
from committee.mailing import weekday, written
from committee.meetings import Meeting, for_change, record, tell_items, to_change
from committee.organisations import Body, Person
from committee.terms import SEATED
from store import clock, events
from store.database import Database
from store.errors import Conflict

CALLED = (*SEATED, "substitute")
"""Who is called: those with a seat, and their substitutes, who must know the papers if they are to serve."""
ROLES = {
    "preparation": "beredning",
    "consultation": "samråd",
    "information": "information",
    "decision": "beslut",
    "reporting": "anmälan",
}
"""What an item is on the agenda for, as the mail says it."""


@dataclass(frozen=True, slots=True)
class Summons:
    """A summons before it is sent."""

    meeting: Meeting
    body: Body
    items: Sequence[AgendaItem]
    """The agenda as it would be sent."""
    receivers: Sequence[Person]
    without_address: Sequence[Person]
    """Those who are called but have no e-mail address in the register: they are told in another way."""
    subject: str
    text: str


def preview_summons(db: Session, actor: Actor, meeting_id: UUID) -> Summons:
    """Who would get which mail, for whoever may send it. Raises NotFound, Forbidden, or Conflict when it has gone."""
    meeting, of = for_change(db, actor, meeting_id)
    _require_unsent(meeting)
    return _compose(db, meeting, of)


def summon_meeting(store: Database, actor: Actor, meeting_id: UUID, *, version: int | None = None) -> Meeting:
    """Send the summons: the agenda is fixed, and what comes later is a supplement."""
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, version)
        _require_unsent(meeting)
        summon(db, meeting, actor.person_id)
        meeting_cycle.tell(db, meeting, "MeetingSummoned", actor_id=actor.person_id)
        return meeting


def summon(db: Session, meeting: Meeting, actor_id: UUID | None) -> None:
    """The summons itself, in the verb's transaction: one mail to each who is called."""
    agenda.number_items(db, meeting.id)
    composed = _compose(db, meeting, db.get_one(Body, meeting.body_id))
    for person in composed.receivers:
        payload = {"to": person.email, "subject": composed.subject, "text": composed.text}
        events.send(db, meeting.organization_id, f"summons:{meeting.id}:{person.id}", "email", payload)
    meeting.state, meeting.summoned_at = "summoned", clock.now()
    record(db, meeting, "meeting.summoned", actor_id, {"receivers": str(len(composed.receivers))})
    following.summoned(db, meeting)
    tell_items(db, meeting, "Summoned", actor_id)


def _require_unsent(meeting: Meeting) -> None:
    if meeting.state != "planned":
        raise Conflict("The summons of this meeting has been sent already, or the meeting is over.")


def _compose(db: Session, meeting: Meeting, of: Body) -> Summons:
    items = agenda.confirmed(db, meeting.id)
    people = select(Person).where(Person.id.in_(holders(db, meeting, CALLED))).order_by(Person.name, Person.id)
    called = db.scalars(people).all()
    return Summons(
        meeting=meeting,
        body=of,
        items=items,
        receivers=[person for person in called if person.email],
        without_address=[person for person in called if not person.email],
        subject=f"Kallelse: {of.short_name} {written(meeting.day)}",
        text=_text(db, meeting, of, items),
    )


def _text(db: Session, meeting: Meeting, of: Body, items: Sequence[AgendaItem]) -> str:
    """The mail, with the agenda in its order."""
    ids = {item.case_id for item in items}
    about = {case.id: case.registry_number for case in db.scalars(select(Case).where(Case.id.in_(ids)))} if ids else {}
    agenda_lines = [
        f"{number}. {item.title} ({', '.join(filter(None, (about.get(item.case_id), ROLES[item.role])))})"
        for number, item in enumerate(items, 1)
    ]
    at = meeting.starts_at.astimezone(clock.STOCKHOLM)
    day = f"{weekday(meeting.day)} {written(meeting.day)}".capitalize()
    lines = [
        f"Du kallas till sammanträde med {of.name}.",
        f"{day} kl. {at:%H.%M}{f', {meeting.place}' if meeting.place else ''}",
        "\n".join(["Föredragningslista", *(agenda_lines or ["Inga ärenden ännu."])]),
        "Handlingarna finns i Handslag. Kan du inte komma, säg det till sekreteraren så att en ersättare kan kallas in.",
    ]
    return "\n\n".join(lines)
