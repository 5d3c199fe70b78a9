"""Who serves at a meeting, item by item: members who are away or disqualified, and the substitutes in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from committee.access import Actor
from committee.meetings import Meeting, may_change, read_meeting, record, to_change, visible_to
from committee.organisations import Body, Membership, Person
from committee.terms import SEATED
from store import clock
from store.base import Base, Identified
from store.database import Database
from store.errors import Conflict, Invalid, NotFound
from store.sentences import say

GROUNDS = ("absent", "disqualified")
OPEN = ("planned", "summoned", "held")
"""States of a meeting in which it can still be noted who serves."""


class NoQuorum(Conflict):
    """Fewer than more than half of the members serve: the body can inform itself, but not decide (KL 6:27)."""

    code = "no_quorum"


class Absence(Identified, Base):
    """A member who does not serve, from one item of the agenda to another, and who serves instead."""

    __tablename__ = "absence"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    substitute_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """None when nobody could come."""
    ground: Mapped[str]
    """`absent`, or `disqualified` (jäv, KL 6:28-32) in one item."""
    from_position: Mapped[int]
    to_position: Mapped[int | None]
    """The last item; None for the rest of the meeting."""


def absences_of(actor: Actor, meeting_id: UUID) -> Select[Absence]:
    """The absences noted at a meeting, in their order."""
    shown = Absence.meeting_id.in_(select(Meeting.id).where(visible_to(actor)))
    return select(Absence).where(Absence.meeting_id == meeting_id, shown).order_by(Absence.from_position, Absence.id)


def note_absence(
    store: Database,
    actor: Actor,
    meeting_id: UUID,
    person_id: UUID,
    *,
    ground: str = "absent",
    substitute_id: UUID | None = None,
    from_position: int = 1,
    to_position: int | None = None,
) -> Absence:
    """Note that a member does not serve, and who serves instead.

    Who has left for another reason than disqualification does not come back at the same meeting (växeltjänstgöring).
    """
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, None)
        _require_unsettled(meeting)
        _require_span(ground, from_position, to_position)
        made = Absence(
            organization_id=meeting.organization_id,
            meeting_id=meeting.id,
            person_id=person_id,
            substitute_id=substitute_id,
            ground=ground,
            from_position=from_position,
            to_position=to_position,
        )
        _require_roles(db, meeting, made)
        db.add(made)
        db.flush()
        data = {"person_id": str(person_id), "substitute_id": str(substitute_id or ""), "ground": ground}
        record(db, meeting, "absence.noted", actor.person_id, data)
        return made


def take_back_absence(store: Database, actor: Actor, absence_id: UUID) -> Absence:
    """Take back an absence or disqualification that was noted by mistake, until the minutes are adjusted."""
    with store.transaction() as db:
        noted = db.get(Absence, absence_id)
        if noted is None:
            raise NotFound("There is no such absence. It may have been taken back already.")
        meeting = to_change(db, actor, noted.meeting_id, None)
        _require_unsettled(meeting)
        data = {"person_id": str(noted.person_id), "ground": noted.ground, "from_position": str(noted.from_position)}
        db.delete(noted)
        db.flush()
        record(db, meeting, "absence.taken_back", actor.person_id, data)
        return noted


def _require_unsettled(meeting: Meeting) -> None:
    if meeting.state not in OPEN:
        raise Conflict("The minutes of this meeting are adjusted, or it was cancelled; who served is settled.")


def serving(db: Session, meeting: Meeting, position: int) -> list[Person]:
    """Who serves at an item: the members that are there, and the substitutes of the others."""
    away = _at(db, meeting, position, position)
    serving_ids = (holders(db, meeting, SEATED) - {each.person_id for each in away}) | {
        each.substitute_id for each in away if each.substitute_id is not None
    }
    return list(db.scalars(select(Person).where(Person.id.in_(serving_ids)).order_by(Person.name, Person.id)))


def disqualified_at(db: Session, actor: Actor, meeting_id: UUID) -> Mapping[int, Sequence[tuple[str, str | None]]]:
    """Who stepped out of an item for disqualification (jäv), by its position: the member's name, and who served instead."""
    instead = aliased(Person)
    rows = db.execute(
        absences_of(actor, meeting_id)
        .join(Person, Person.id == Absence.person_id)
        .outerjoin(instead, instead.id == Absence.substitute_id)
        .where(Absence.ground == "disqualified")
        .with_only_columns(Absence.from_position, Person.name, instead.name)
        .order_by(None)
        .order_by(Absence.from_position, Person.name, Person.id)
    )
    found: dict[int, list[tuple[str, str | None]]] = {}
    for position, name, substitute in rows:
        found.setdefault(position, []).append((name, substitute))
    return found


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who serves at a meeting, as its secretary sees it."""

    meeting: Meeting
    body: Body
    may_change: bool
    members: Sequence[Person]
    """Those with a seat on the day of the meeting."""
    substitutes: Sequence[Person]
    absences: Sequence[tuple[Absence, Person, Person | None]]
    """Each with the member, and with who serves instead."""

    @property
    def may_note(self) -> bool:
        """Whether the reader may note an absence."""
        return self.may_take_back and bool(self.members)

    @property
    def may_take_back(self) -> bool:
        """Whether the reader may take back what was noted."""
        return self.may_change and self.meeting.state in OPEN


def read_attendance(db: Session, actor: Actor, meeting_id: UUID) -> Attendance:
    """Who serves at a meeting. Raises NotFound also for one that the reader may not see."""
    meeting = read_meeting(db, actor, meeting_id)
    of = db.get_one(Body, meeting.body_id)
    seated, instead = holders(db, meeting, SEATED), holders(db, meeting, ("substitute",))
    away = db.scalars(absences_of(actor, meeting.id)).all()
    ids = seated | instead | {each.person_id for each in away} | {each.substitute_id for each in away}
    people = {
        person.id: person
        for person in db.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id))
    }
    return Attendance(
        meeting,
        of,
        may_change(actor, of),
        [person for person in people.values() if person.id in seated],
        [person for person in people.values() if person.id in instead],
        [(each, people[each.person_id], people[each.substitute_id] if each.substitute_id else None) for each in away],
    )


def require_quorum(db: Session, meeting: Meeting, position: int) -> None:
    """Refuse a decision of a body of which not more than half serve. Raises NoQuorum.

    It is counted among those who are in the register; a body without members there is not counted.
    """
    members, there = len(holders(db, meeting, SEATED)), len(serving(db, meeting, position))
    if members and there * 2 <= members:
        raise NoQuorum(
            say(
                "Only %(there)s of %(members)s members serve at this item; more than half are needed to decide (KL 6:27). Call in substitutes, or table the item.",
                there=there,
                members=members,
            )
        )


def _require_span(ground: str, first: int, last: int | None) -> None:
    if ground not in GROUNDS:
        raise Invalid(say("'%(ground)s' is no ground. Known: %(known)s.", ground=ground, known=", ".join(GROUNDS)))
    if first < 1 or (last is not None and last < first):
        sentence = "Give positions of the agenda, the first before the last."
        raise Invalid("The items cannot be right.", errors=[{"field": "to_position", "sentence": sentence}])
    if ground == "disqualified" and last != first:
        sentence = "Disqualification is of one item. Give it as both the first and the last."
        raise Invalid("The items cannot be right.", errors=[{"field": "to_position", "sentence": sentence}])
    if ground == "absent" and first > 1 and last is not None:
        sentence = "Who has left serves no more at this meeting. Leave the last item out."
        raise Invalid("A member does not come and go.", errors=[{"field": "to_position", "sentence": sentence}])


def _require_roles(db: Session, meeting: Meeting, made: Absence) -> None:
    """The member holds a seat, the substitute is one, and neither is in two places at once."""
    if made.person_id not in holders(db, meeting, SEATED):
        raise Conflict("Only somebody with a seat in the body on the day of the meeting can be away from it.")
    if made.substitute_id is not None and made.substitute_id not in holders(db, meeting, ("substitute",)):
        raise Conflict("The one who is to serve instead is no substitute of the body on the day of the meeting.")
    others = _at(db, meeting, made.from_position, made.to_position)
    if any(each.person_id == made.person_id for each in others):
        raise Conflict("That member is noted as away from these items already.")
    if made.substitute_id is not None and any(each.substitute_id == made.substitute_id for each in others):
        raise Conflict("That substitute serves for somebody else at these items. Call in the next one.")


def _at(db: Session, meeting: Meeting, first: int, last: int | None) -> list[Absence]:
    """The absences that touch a span of items."""
    found = select(Absence).where(
        Absence.meeting_id == meeting.id, or_(Absence.to_position.is_(None), Absence.to_position >= first)
    )
    return list(db.scalars(found.where(Absence.from_position <= last) if last is not None else found))


def holders(db: Session, meeting: Meeting, roles: tuple[str, ...]) -> set[UUID]:
    """Who holds one of the roles in the meeting's body on its day."""
    day = clock.local_date(meeting.starts_at)
    held = select(Membership.person_id).where(Membership.body_id == meeting.body_id, Membership.role.in_(roles))
    held = held.where(or_(Membership.start_date.is_(None), Membership.start_date <= day))
    return set(db.scalars(held.where(or_(Membership.end_date.is_(None), Membership.end_date >= day))))
