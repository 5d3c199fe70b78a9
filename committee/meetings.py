"""Meetings of bodies: a year's calendar, moved and cancelled in daylight, summoned, adjusted and given notice of.

The dates around a meeting follow from its day: papers stop coming in, the summons goes out, the minutes are adjusted.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access, meeting_cycle
from committee.access import Actor
from committee.calendar import (
    Roll,
    last_appeal_day,
    latest_adjustment,
    require_come,
    roll,
    working_days_after,
    working_days_before,
)
from committee.organisations import Body, body
from engine import messages
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from store.ids import new_id
from store.query import at_least, below, equal, narrowed
from store.sentences import say

MOST_YEARS_AHEAD = 5
"""No calendar of meetings goes further: a later year is a slip of the pen."""
SUMMONS_DAYS = 7
"""Days before a meeting on which the summons goes out."""
MATERIAL_WORKING_DAYS = 5
"""Working days before the summons on which papers stop coming in."""
ADJUSTMENT_DAYS = 5
"""Days after a meeting on which its minutes are usually adjusted."""
NOTICE_DAYS = 2
"""Days after the adjustment within which the notice is posted (KL 8:12)."""


class NotYet(Conflict):
    """The meeting is still to come: there is nothing of it to record."""

    code = "not_yet"


class Meeting(Identified, Versioned, Base):
    """A meeting of a body."""

    __tablename__ = "meeting"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    starts_at: Mapped[datetime]
    place: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="planned")
    """planned, summoned, held, adjusted or cancelled."""
    prepared_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"))
    """The meeting that prepares this one and must come before it: RUN AU's before samråd and before RUN's."""
    summoned_at: Mapped[datetime | None]
    adjusted_on: Mapped[date | None]
    notice_posted_on: Mapped[date | None]
    last_appeal_on: Mapped[date | None]
    notice_removed_on: Mapped[date | None]
    moved_from: Mapped[datetime | None]
    """When it was to be before it was last moved."""
    change_reason: Mapped[str | None]
    """Why it was last moved, or was cancelled."""
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"), index=True)
    """The process that carries the meeting (`committee.meeting_cycle`)."""

    __table_args__ = (
        Index("ix_meeting_calendar", "organization_id", "body_id", "starts_at"),
        CheckConstraint("state IN ('planned', 'summoned', 'held', 'adjusted', 'cancelled')", name="state"),
    )

    @property
    def day(self) -> date:
        """The day of the meeting in Europe/Stockholm."""
        return clock.local_date(self.starts_at)

    @property
    def summons_due(self) -> date:
        """The day on which the summons goes out."""
        return roll(self.day - timedelta(days=SUMMONS_DAYS), Roll.BACKWARD)

    @property
    def material_stop(self) -> date:
        """The last day for papers.

        What another meeting prepares is ready only after that one: there the list closes just before the summons.
        """
        return working_days_before(self.summons_due, 1 if self.prepared_by_id else MATERIAL_WORKING_DAYS)

    def as_if_on(self, starts_at: datetime) -> Meeting:
        """The meeting at another time, for asking what would follow; it is no row of the register."""
        return Meeting(
            id=self.id,
            organization_id=self.organization_id,
            body_id=self.body_id,
            starts_at=clock.require_aware(starts_at),
            state=self.state,
            prepared_by_id=self.prepared_by_id,
        )

    def date_of(self, kind: str) -> date | None:
        """A date around the meeting: meeting, material_stop, summons, adjustment, notice …; None for an unknown kind."""
        adjusted = self.adjusted_on or roll(self.day + timedelta(days=ADJUSTMENT_DAYS), Roll.FORWARD)
        notice = self.notice_posted_on or roll(adjusted + timedelta(days=NOTICE_DAYS), Roll.FORWARD)
        appeal = last_appeal_day(notice)
        removal = appeal + timedelta(days=1)
        found = {
            "agenda_opens": working_days_before(self.material_stop, 10),
            "material_stop": self.material_stop,
            "summons": self.summons_due,
            "meeting": self.day,
            "adjustment": adjusted,
            "adjustment_latest": latest_adjustment(self.day),
            "notice": notice,
            "appeal": appeal,
            "legal_force": removal,
            "notice_down": removal,
            "archive": working_days_after(removal, 10),
        }
        return found.get(kind)


def find_meetings(
    actor: Actor,
    *,
    body: str | None = None,
    state: str | None = None,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
) -> Select[Meeting]:
    """The calendar: all of it for the organisation's people, for others that of the bodies they sit on."""
    return narrowed(
        select(Meeting).where(visible_to(actor)),
        Meeting.body_id.in_(select(Body.id).where(Body.key == body)) if body is not None else None,
        equal(Meeting.state, state),
        at_least(Meeting.starts_at, starts_from),
        below(Meeting.starts_at, starts_before),
    )


def read_meeting(db: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """One meeting. Raises NotFound also for one that the actor may not see."""
    found = db.scalar(select(Meeting).where(Meeting.id == meeting_id, visible_to(actor)))
    if found is None:
        raise NotFound("There is no such meeting.")
    return found


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The organisation's people see every meeting; others (samråd's and PKD's members) those of their own bodies."""
    own = Meeting.organization_id == actor.organization_id
    if actor.is_internal:
        return own
    return and_(own, Meeting.body_id.in_([held.body_id for held in actor.roles]))


def next_after(db: Session, organization_id: UUID, body_key: str, after: date) -> date | None:
    """The day of a body's first meeting after a day."""
    found = (
        select(Meeting)
        .join(Body, Body.id == Meeting.body_id)
        .where(Body.organization_id == organization_id, Body.key == body_key, Meeting.state != "cancelled")
        .where(Meeting.starts_at >= clock.start_of(after + timedelta(days=1)))
    )
    meeting = db.scalar(found.order_by(Meeting.starts_at).limit(1))
    return meeting.day if meeting is not None else None


def create_meeting(
    store: Database,
    actor: Actor,
    body_key: str,
    starts_at: datetime,
    *,
    place: str | None = None,
    prepared_by_id: UUID | None = None,
) -> Meeting:
    """Put a meeting into the calendar."""
    with store.transaction() as db:
        access.require_internal(actor)
        of = body(db, actor.organization_id, body_key)
        require_secretary(actor, of)
        require_coming(starts_at)
        made = add_meeting(db, of, starts_at, place=place, prepared_by_id=prepared_by_id)
        record(db, made, "meeting.created", actor.person_id, {"starts_at": made.starts_at.isoformat()})
        return made


def add_meeting(
    db: Session, of: Body, starts_at: datetime, *, place: str | None = None, prepared_by_id: UUID | None = None
) -> Meeting:
    """The meeting itself, in the verb's transaction."""
    made = Meeting(
        id=new_id(),
        organization_id=of.organization_id,
        body_id=of.id,
        starts_at=clock.require_aware(starts_at),
        place=place,
        state="planned",
        prepared_by_id=prepared_by_id,
    )
    require_order(db, made)
    db.add(made)
    db.flush()
    meeting_cycle.start(db, made, of, meeting_cycle.process(db, of.organization_id))
    return made


def start_cycles(db: Session, organization_id: UUID) -> None:
    """Start the process of every coming meeting that has none: the calendar was there before the process was."""
    definition = meeting_cycle.process(db, organization_id)
    coming = (
        select(Meeting, Body)
        .join(Body, Body.id == Meeting.body_id)
        .where(Meeting.organization_id == organization_id, Meeting.instance_id.is_(None))
        .where(Meeting.state == "planned", Meeting.starts_at >= clock.start_of(clock.today()))
        .order_by(Meeting.starts_at, Meeting.id)
    )
    for meeting, of in db.execute(coming).all():
        meeting_cycle.start(db, meeting, of, definition)


def adjust_minutes(
    store: Database, actor: Actor, meeting_id: UUID, adjusted_on: date, *, version: int | None = None
) -> Meeting:
    """Note that the minutes have been adjusted: the decisions may now be carried out and given notice of."""
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, version)
        if meeting.state not in ("summoned", "held"):
            raise Conflict("Only the minutes of a meeting that has been held can be adjusted, and only once.")
        adjust(db, meeting, adjusted_on, actor.person_id)
        meeting_cycle.tell(db, meeting, "MinutesAdjusted", actor_id=actor.person_id)
        return meeting


def adjust(db: Session, meeting: Meeting, adjusted_on: date, actor_id: UUID | None) -> None:
    """The adjustment itself, in the verb's transaction."""
    require_begun(meeting)
    last = latest_adjustment(meeting.day)
    rule = say("Minutes are adjusted from the day of the meeting to %(day)s (KL 5:69).", day=last)
    _require_between(meeting.day, adjusted_on, last, "adjusted_on", rule)
    _require_recorded(db, meeting)
    meeting.state, meeting.adjusted_on = "adjusted", adjusted_on
    record(db, meeting, "minutes.adjusted", actor_id, {"adjusted_on": adjusted_on.isoformat()})
    tell_items(db, meeting, "ParagraphAdjusted", actor_id)


def post_notice(
    store: Database, actor: Actor, meeting_id: UUID, notice_posted_on: date, *, version: int | None = None
) -> Meeting:
    """Post the notice (anslag): three weeks to appeal begin (KL 8:12, 13:5)."""
    with store.transaction() as db:
        meeting = to_change(db, actor, meeting_id, version)
        if meeting.adjusted_on is None:
            raise Conflict("The notice is posted when the minutes have been adjusted, not before.")
        if meeting.notice_posted_on is not None:
            raise Conflict("The notice of this meeting has been posted already.")
        post(db, meeting, notice_posted_on, actor.person_id)
        meeting_cycle.tell(
            db, meeting, "NoticePosted", actor_id=actor.person_id, payload={"posted_at": notice_posted_on}
        )
        return meeting


def post(db: Session, meeting: Meeting, notice_posted_on: date, actor_id: UUID | None) -> None:
    """The notice itself, in the verb's transaction."""
    require_begun(meeting)
    first = meeting.adjusted_on or meeting.day
    rule = say("The notice is posted when the minutes have been adjusted, which was on %(day)s.", day=first)
    _require_between(first, notice_posted_on, date.max, "notice_posted_on", rule)
    meeting.notice_posted_on = notice_posted_on
    meeting.last_appeal_on = last_appeal_day(notice_posted_on)
    meeting.notice_removed_on = meeting.last_appeal_on + timedelta(days=1)
    record(db, meeting, "notice.posted", actor_id, {"notice_posted_on": notice_posted_on.isoformat()})
    db.flush()
    tell_items(db, meeting, "NoticePosted", actor_id)


def require_coming(starts_at: datetime, *, field: str = "starts_at") -> None:
    """Refuse to plan a meeting for a day that has passed, or for one so far ahead that it is a slip. Raises Invalid."""
    day, last = clock.local_date(starts_at), clock.today().year + MOST_YEARS_AHEAD
    sentence: str | None = None
    if day < clock.today():
        sentence = "This day has passed. Correct it: a meeting is planned for a day to come."
    elif day.year > last:
        sentence = say("Correct the year: meetings are planned until %(last)s at the latest.", last=last)
    if sentence is not None:
        raise Invalid("The meeting cannot be then.", errors=[{"field": field, "sentence": sentence}])


def require_begun(meeting: Meeting) -> None:
    """Refuse to record anything of a meeting before its day. Raises NotYet."""
    if clock.today() < meeting.day:
        raise NotYet(say("The meeting is on %(day)s. Record this on that day or later, or move it.", day=meeting.day))


def _require_recorded(db: Session, meeting: Meeting) -> None:
    """Refuse to close the minutes, which tell of every item (KL 5:66), while one is not recorded: it would be stuck."""
    from committee.agenda import AgendaItem

    left = select(AgendaItem.title).where(AgendaItem.meeting_id == meeting.id, AgendaItem.state == "confirmed")
    title = db.scalar(left.order_by(AgendaItem.position).limit(1))
    if title is not None and db.get_one(Body, meeting.body_id).records_items:
        raise Conflict(say("Record first what became of '%(title)s': the minutes tell of every item.", title=title))


def _require_between(first: date, noted: date, last: date, field: str, rule: str) -> None:
    """Refuse a day outside of a span that `rule` tells of, and one that has not come."""
    if not first <= noted <= last:
        raise Invalid("The day cannot be right.", errors=[{"field": field, "sentence": rule}])
    require_come(noted, field)


def is_secretary(actor: Actor, of: Body) -> bool:
    """Whether the actor looks after the body's meetings: as its secretary or chair, or as operator."""
    return actor.has_in(of.id, ("secretary", "chair")) or actor.has("operator")


def require_secretary(actor: Actor, of: Body) -> None:
    """Refuse anybody who does not look after the meetings of the body."""
    if not is_secretary(actor, of):
        raise Forbidden(say("Only the secretary or chair of %(body)s can do this.", body=of.short_name))


def tell_items(db: Session, meeting: Meeting, name: str, actor_id: UUID | None) -> None:
    """Publish a message for every item of the agenda."""
    from committee.agenda import AgendaItem

    items = select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id, AgendaItem.state != "withdrawn")
    for item_id in db.scalars(items.order_by(AgendaItem.position)).all():
        messages.publish(
            db,
            meeting.organization_id,
            name,
            {"agenda_item_id": str(item_id)},
            unique_key=f"{name}:{item_id}",
            actor_id=actor_id,
        )


def may_change(actor: Actor, of: Body) -> bool:
    """Whether the verbs on the body's meetings are open to the actor."""
    return actor.is_internal and is_secretary(actor, of)


def for_change(db: Session, actor: Actor, meeting_id: UUID, *, lock: bool = False) -> tuple[Meeting, Body]:
    """The meeting and its body, for somebody who may change it. Raises NotFound or Forbidden."""
    found = db.get(Meeting, meeting_id, with_for_update=lock)
    if found is None or found.organization_id != actor.organization_id or not actor.is_internal:
        raise NotFound("There is no such meeting.")
    of = db.get_one(Body, found.body_id)
    require_secretary(actor, of)
    return found, of


def to_change(db: Session, actor: Actor, meeting_id: UUID, version: int | None) -> Meeting:
    """The meeting, locked, for somebody who may change it. Raises NotFound, Forbidden or Stale."""
    found, _ = for_change(db, actor, meeting_id, lock=True)
    if version is not None and found.version != version:
        raise Stale("Somebody else has just changed this meeting. Read it again and repeat what you wanted to do.")
    return found


def require_order(db: Session, meeting: Meeting) -> None:
    """A meeting comes after the one that prepares it, and before those that it prepares."""
    following = (Meeting.prepared_by_id == meeting.id) & (Meeting.state != "cancelled")
    with db.no_autoflush:
        linked = db.scalars(select(Meeting).where((Meeting.id == meeting.prepared_by_id) | following)).all()
    before = next((each for each in linked if each.id == meeting.prepared_by_id), None)
    if meeting.prepared_by_id is not None and (before is None or before.organization_id != meeting.organization_id):
        raise NotFound("There is no such preparing meeting.")
    if before is not None and before.starts_at > meeting.starts_at:
        sentence = say(
            "The meeting would come before the one that prepares it (%(day)s). Move that one first.", day=before.day
        )
        raise Conflict(sentence)
    after = next((each for each in linked if each is not before and each.starts_at < meeting.starts_at), None)
    if after is not None:
        sentence = say(
            "The meeting would come after the one that it prepares (%(day)s). Move that one first.", day=after.day
        )
        raise Conflict(sentence)


def record(db: Session, meeting: Meeting, type_: str, actor_id: UUID | None, data: dict[str, str]) -> None:
    """Log what happened to a meeting."""
    events.record(db, meeting.organization_id, type_, "meeting", meeting.id, actor_id=actor_id, data=data)
