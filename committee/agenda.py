"""Agendas: cases ask for a place at a meeting, and each place is an item with an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, attributes, mapped_column

from committee import access, cases
from committee.access import Actor
from committee.attendance import Absence
from committee.cases import Case
from committee.meetings import Meeting, require_begun, require_secretary, visible_to
from committee.organisations import Body
from engine import messages
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, NotFound, Stale
from store.query import equal, holding, narrowed

ROLES = ("preparation", "consultation", "information", "decision", "reporting")
AFTERWARDS = ("information", "reporting")
"""What a case that has ended can be on an agenda for."""


class AgendaItem(Identified, Versioned, Base):
    """An item on the agenda of a meeting: one case, treated in one role (OParl: AgendaItem, Consultation)."""

    __tablename__ = "agenda_item"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="confirmed")
    """confirmed, handled or withdrawn."""
    material_delivered_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    outcome_text: Mapped[str | None]

    __table_args__ = (UniqueConstraint("meeting_id", "position"),)


class Completion(Identified, Base):
    """Something that came to an item after the summons (komplettering)."""

    __tablename__ = "completion"

    agenda_item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    at: Mapped[datetime]
    description: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    actor_id: Mapped[UUID | None]
    """Who brought it; None when the system noted it."""


def agenda_of(
    actor: Actor, meeting_id: UUID, *, role: str | None = None, state: str | None = None, text: str | None = None
) -> Select[AgendaItem]:
    """The items of a meeting that the actor may see; `text` is a part of the title."""
    shown = AgendaItem.meeting_id.in_(select(Meeting.id).where(visible_to(actor)))
    return narrowed(
        select(AgendaItem).where(AgendaItem.meeting_id == meeting_id, shown),
        equal(AgendaItem.role, role),
        equal(AgendaItem.state, state),
        holding(AgendaItem.title, text),
    )


def read_item(db: Session, actor: Actor, item_id: UUID) -> AgendaItem:
    """One item. Raises NotFound also for one of a meeting that the actor may not see."""
    shown = AgendaItem.meeting_id.in_(select(Meeting.id).where(visible_to(actor)))
    found = db.scalar(select(AgendaItem).where(AgendaItem.id == item_id, shown))
    if found is None:
        raise NotFound("There is no such agenda item.")
    return found


def open_item(db: Session, actor: Actor, item_id: UUID) -> tuple[AgendaItem, Meeting, Body]:
    """An item whose outcome the body's secretary may record, with its meeting (locked, its day has come) and body."""
    item = read_item(db, actor, item_id)
    meeting = db.get_one(Meeting, item.meeting_id, with_for_update=True)
    of = db.get_one(Body, meeting.body_id)
    require_secretary(actor, of)
    if item.state != "confirmed":
        raise Conflict("The outcome of this item has been recorded already.")
    require_begun(meeting)
    return item, meeting, of


def add_item(store: Database, actor: Actor, meeting_id: UUID, case_id: UUID, role: str) -> AgendaItem:
    """Put a case on an agenda by hand; a place that it had for the same at another meeting of the body is given back."""
    with store.transaction() as db:
        meeting = db.scalar(select(Meeting).where(Meeting.id == meeting_id, visible_to(actor)).with_for_update())
        case = db.scalar(select(Case).where(Case.id == case_id, cases.visible_to(actor)))
        if meeting is None or case is None:
            raise NotFound("There is no such meeting or no such case.")
        require_secretary(actor, db.get_one(Body, meeting.body_id))
        if meeting.state not in ("planned", "summoned"):
            raise Conflict("The meeting is over or cancelled; choose another.")
        _require_place(db, meeting, case, role)
        before = _standing(db, case, meeting.body_id, role)
        made = place(db, meeting, case, role, actor_id=actor.person_id)
        for item, _meeting in before:  # last: the process that is told of it looks for a place, and finds this one
            remove(db, item, "Ärendet tas upp vid ett annat sammanträde.", actor.person_id)
        return made


def roles_for(case: Case, items: Sequence[AgendaItem]) -> list[str]:
    """What a case can still be put on an agenda with these items for; nothing where it stands there already for all."""
    taken = {item.role for item in items if item.case_id == case.id and item.state == "confirmed"}
    open_to_it = AFTERWARDS if case.status in cases.ENDED else ROLES
    return [role for role in ROLES if role in open_to_it and role not in taken]


def _require_place(db: Session, meeting: Meeting, case: Case, role: str) -> None:
    """A case that has ended is only told of, and none stands on an agenda twice for the same."""
    if case.status in cases.ENDED and role not in AFTERWARDS:
        raise Conflict("This case has ended; it can only be put on an agenda as information or to be reported.")
    on_agenda = select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id, AgendaItem.case_id == case.id)
    if db.scalar(on_agenda.where(AgendaItem.role == role, AgendaItem.state == "confirmed").limit(1)) is not None:
        raise Conflict("This case is on the agenda already. Withdraw that item first, or leave it as it is.")


def withdraw_item(
    store: Database, actor: Actor, item_id: UUID, reason: str, *, version: int | None = None
) -> AgendaItem:
    """Take an item off its agenda; the process of the case looks for another meeting, never for this one."""
    with store.transaction() as db:
        item, _meeting = _take(db, actor, item_id, version)
        if item.state != "confirmed":
            raise Conflict("This item has been handled or withdrawn already.")
        remove(db, item, reason, actor.person_id)
        return item


def _take(db: Session, actor: Actor, item_id: UUID, version: int | None) -> tuple[AgendaItem, Meeting]:
    """An item that the secretary changes, of the version that was read, with its meeting, locked."""
    item = read_item(db, actor, item_id)
    meeting = db.get_one(Meeting, item.meeting_id, with_for_update=True)
    require_secretary(actor, db.get_one(Body, meeting.body_id))
    if version is not None and item.version != version:
        raise Stale("Somebody else has just changed this item. Read it again and repeat what you wanted to do.")
    return item, meeting


def order_item(
    store: Database, actor: Actor, item_id: UUID, before_id: UUID | None, *, version: int | None = None
) -> AgendaItem:
    """Put an item before another of its agenda, or last for None; until the summons, which fixes the order."""
    with store.transaction() as db:
        item, meeting = _take(db, actor, item_id, version)
        if meeting.state != "planned":
            raise Conflict("The summons has been sent with this order. Treat the items as the meeting wishes.")
        standing = [each for each in confirmed(db, meeting.id) if each.id != item.id]
        places = [each.id for each in standing]
        if item.state != "confirmed" or (before_id is not None and before_id not in places):
            raise Conflict("One of these items is no longer on the agenda. Read it again and repeat it.")
        standing.insert(places.index(before_id) if before_id is not None else len(places), item)
        old = item.position
        _number(db, meeting.id, standing)
        events.record(
            db, item.organization_id, "agenda_item.ordered", "agenda_item", item.id, actor_id=actor.person_id,
            case_id=item.case_id, data={"meeting_id": str(meeting.id), "from": old, "to": item.position},
        )  # fmt: skip
        return item


def number_items(db: Session, meeting_id: UUID) -> None:
    """Close the gaps that withdrawn items have left, in the verb's transaction: the summons has numbers to cite."""
    _number(db, meeting_id, confirmed(db, meeting_id))


def confirmed(db: Session, meeting_id: UUID) -> list[AgendaItem]:
    """The items of a meeting that are still to be treated, in their order."""
    found = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id, AgendaItem.state == "confirmed")
    return list(db.scalars(found.order_by(AgendaItem.position)))


def _number(db: Session, meeting_id: UUID, standing: Sequence[AgendaItem]) -> None:
    """Number the items from 1, those that were withdrawn after them; a disqualification goes with its item."""
    gone = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id, AgendaItem.state != "confirmed")
    items = [*standing, *db.scalars(gone.order_by(AgendaItem.position))]
    moved = {item.position: place for place, item in enumerate(items, 1)}
    if all(old == new for old, new in moved.items()):
        return
    # No two items have the same position, also not meanwhile: all are first put where none is.
    parked = update(AgendaItem).where(AgendaItem.meeting_id == meeting_id).values(position=-AgendaItem.position)
    db.execute(parked, execution_options={"synchronize_session": False})
    for place, item in enumerate(items, 1):
        attributes.set_committed_value(item, "position", -item.position)
        item.position = place
    disqualified = select(Absence).where(Absence.meeting_id == meeting_id, Absence.ground == "disqualified")
    for absence in db.scalars(disqualified):
        absence.from_position = absence.to_position = moved.get(absence.from_position, absence.from_position)
    db.flush()


def remove(db: Session, item: AgendaItem, reason: str, actor_id: UUID | None) -> None:
    """Take an item off its agenda and tell the process that waits for it, in the verb's transaction."""
    withdraw(db, item, reason, actor_id)
    keys, payload = {"agenda_item_id": str(item.id)}, {"reason": reason}
    unique_key = f"ItemRemoved:{item.id}"
    messages.publish(db, item.organization_id, "ItemRemoved", keys, payload, unique_key=unique_key, actor_id=actor_id)


def withdraw(db: Session, item: AgendaItem, reason: str, actor_id: UUID | None) -> None:
    """Take an item off its agenda for a process that knows already, in the verb's transaction."""
    item.state, item.outcome_text = "withdrawn", reason
    db.flush()
    events.record(
        db, item.organization_id, "agenda_item.withdrawn", "agenda_item", item.id, actor_id=actor_id,
        case_id=item.case_id, data={"meeting_id": str(item.meeting_id), "reason": reason},
    )  # fmt: skip
    _follow(db, item, actor_id)


def _follow(db: Session, item: AgendaItem, actor_id: UUID | None) -> None:
    """Let the plan of the case follow where it goes; for what is only told of, nothing changes."""
    from committee.following import HELD, follow  # plans read agendas

    if item.role in HELD:
        follow(db, db.get_one(Case, item.case_id), actor_id)


def withdraw_items_of(db: Session, case_id: UUID, reason: str, actor_id: UUID | None) -> None:
    """Take a case that has ended off every agenda that it is still on."""
    left = select(AgendaItem).where(AgendaItem.case_id == case_id, AgendaItem.state == "confirmed")
    for item in db.scalars(left).all():
        withdraw(db, item, reason, actor_id)


def place(db: Session, meeting: Meeting, case: Case, role: str, *, actor_id: UUID | None = None) -> AgendaItem:
    """Put a case on an agenda, in the verb's transaction; `actor_id` is None when a process does so."""
    db.scalar(select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())  # one position at a time
    last = db.scalar(select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)) or 0
    made = AgendaItem(
        organization_id=meeting.organization_id,
        meeting_id=meeting.id,
        case_id=case.id,
        position=last + 1,
        title=case.title,
        role=role,
        state="confirmed",
    )
    db.add(made)
    db.flush()
    events.record(
        db, made.organization_id, "agenda_item.added", "agenda_item", made.id, actor_id=actor_id, case_id=case.id,
        data={"meeting_id": str(meeting.id), "role": role},
    )  # fmt: skip
    if meeting.state == "summoned":
        complement(db, made, "Ärendet kom till efter kallelsen.", actor_id=actor_id)
    _follow(db, made, actor_id)
    return made


def request_slot(
    db: Session,
    case: Case,
    of: Body,
    role: str,
    *,
    after: date | None = None,
    latest: date | None = None,
) -> tuple[AgendaItem, Meeting] | None:
    """Take a place at the body's first meeting that still accepts papers, else at the first that is still to come.

    Where the secretary has given the case a place already, that is the place. A meeting that it was taken off is not
    asked again: only a person puts it back there. Samråd takes the list of the working group as it is, the same day or
    days after it: there the first meeting counts, and today's until the day is over.
    """

    def suits(meeting: Meeting) -> bool:
        return (after is None or meeting.day >= after) and (latest is None or meeting.day <= latest)

    given = next((each for each in _standing(db, case, of.id, role) if suits(each[1])), None)
    if given is not None:
        return given
    today = clock.today()
    coming = select(Meeting).where(
        Meeting.body_id == of.id,
        Meeting.state.in_(("planned", "summoned")),
        Meeting.starts_at >= (clock.start_of(today) if role == "consultation" else clock.now()),
    )
    if role not in AFTERWARDS:
        coming = coming.where(Meeting.id.not_in(_taken_off(case.id)))
    meetings = [meeting for meeting in db.scalars(coming.order_by(Meeting.starts_at)) if suits(meeting)]
    in_time = [meeting for meeting in meetings if meeting.state == "planned" and meeting.material_stop >= today]
    chosen = next(iter(meetings if role == "consultation" else in_time + meetings), None)
    return (place(db, chosen, case, role), chosen) if chosen is not None else None


def _taken_off(case_id: UUID) -> Select[UUID]:
    """The meetings at which a case was to be dealt with until it was taken off their agendas."""
    return select(AgendaItem.meeting_id).where(
        AgendaItem.case_id == case_id, AgendaItem.state == "withdrawn", AgendaItem.role.not_in(AFTERWARDS)
    )


def place_instead(db: Session, actor: Actor, item: AgendaItem) -> Meeting | None:
    """The meeting that the case of an item which was taken off goes to instead; None where it has no other place."""
    return db.scalar(
        select(Meeting)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.case_id == item.case_id, AgendaItem.role == item.role, AgendaItem.state == "confirmed")
        .where(Meeting.state.in_(("planned", "summoned")), visible_to(actor))
        .order_by(Meeting.starts_at)
        .limit(1)
    )


def _standing(db: Session, case: Case, body_id: UUID, role: str) -> list[tuple[AgendaItem, Meeting]]:
    """The places that a case has at a body to be treated in a role; what is only told of may be told at several."""
    found = (
        select(AgendaItem, Meeting)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.case_id == case.id, AgendaItem.role == role, AgendaItem.state == "confirmed")
        .where(Meeting.body_id == body_id, Meeting.state.in_(("planned", "summoned")))
        .order_by(Meeting.starts_at)
    )
    return [(item, meeting) for item, meeting in db.execute(found)] if role not in AFTERWARDS else []


def completions_of(actor: Actor, item_id: UUID) -> Select[Completion]:
    """What came to an item after the summons."""
    access.require_internal(actor)
    return select(Completion).where(
        Completion.organization_id == actor.organization_id, Completion.agenda_item_id == item_id
    )


def supplement_item(store: Database, actor: Actor, item_id: UUID, description: str) -> Completion:
    """Note what comes to an item after the summons, once. A file comes by being attached to the item."""
    with store.transaction() as db:
        item = read_item(db, actor, item_id)
        access.require(actor, "secretary", "officer", "registrar", "head")
        meeting = db.get_one(Meeting, item.meeting_id, with_for_update=True)
        if item.state != "confirmed" or meeting.state != "summoned":
            raise Conflict(
                "An item is supplemented between the summons and its decision. Attach the paper to it instead."
            )
        same = Completion.agenda_item_id == item.id, Completion.description == description
        return db.scalar(select(Completion).where(*same)) or complement(db, item, description, actor_id=actor.person_id)


def complement(
    db: Session,
    item: AgendaItem,
    description: str,
    *,
    document_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Completion:
    """Log what came to an item after the summons, in the verb's transaction."""
    made = Completion(
        organization_id=item.organization_id,
        agenda_item_id=item.id,
        at=clock.now(),
        description=description,
        document_id=document_id,
        actor_id=actor_id,
    )
    db.add(made)
    db.flush()
    events.record(
        db, item.organization_id, "agenda_item.supplemented", "agenda_item", item.id, actor_id=actor_id,
        case_id=item.case_id, data={"description": description},
    )  # fmt: skip
    return made
