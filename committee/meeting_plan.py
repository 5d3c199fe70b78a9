"""A turn of the chain is planned together: the meeting that prepares, the one that consults, the one that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.calendar import Roll, roll
from committee.meeting_year import PLACES, in_order
from committee.meetings import Meeting, add_meeting, may_change, record, require_coming, require_secretary
from committee.organisations import Body, body, chain_of
from store import clock
from store.database import Database
from store.errors import Conflict, Invalid
from store.sentences import say

CHOICES_SHOWN = 50
DEFAULT_DAYS_BEFORE = {"preparing_body": 15, "consulting_body": 14}
"""Days before the deciding meeting, where the calendar has no turn of the chain yet to take them from."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A meeting to be planned."""

    body: str
    """Key of the body."""
    starts_at: datetime
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Planning:
    """What is needed to plan a turn of the chain."""

    bodies: Sequence[Body]
    """Those whose meetings the reader looks after, in the order of the chain."""
    deciding: Body | None
    """The body of the chain that decides, if the reader looks after its meetings."""
    suggested: Mapping[str, date]
    """Days by the key of a body, counted back from the day of the deciding meeting."""
    preparing: Sequence[tuple[Meeting, Body]]
    """Coming meetings that can prepare another."""


def read_planning(db: Session, actor: Actor, deciding_on: date | None = None) -> Planning:
    """What the reader can plan, with suggestions for the days before a deciding meeting."""
    chain = chain_of(db, actor.organization_id)
    found = db.scalars(select(Body).where(Body.organization_id == actor.organization_id, Body.kind != "administration"))
    bodies = in_order(chain, [of for of in found if may_change(actor, of)])
    deciding = next((of for of in bodies if of.key == chain.get("deciding_body")), None)
    suggested = _suggested(db, actor, chain, deciding_on) if deciding_on and deciding else {}
    return Planning(bodies, deciding, suggested, _preparing(db, actor, chain))


def plan_meetings(
    store: Database, actor: Actor, wanted: Sequence[Wanted], *, prepared_by_id: UUID | None = None
) -> list[Meeting]:
    """Put meetings into the calendar together, or none of them.

    What consults and what decides is prepared by the preparing body's meeting among them, else by `prepared_by_id`.
    """
    with store.transaction() as db:
        access.require_internal(actor)
        chain = chain_of(db, actor.organization_id)
        keys = [chain[place] for place in PLACES[:3] if place in chain]
        order = {key: place for place, key in enumerate(keys)}
        made: dict[str, Meeting] = {}
        for each in sorted(wanted, key=lambda one: order.get(one.body, len(order))):
            of = body(db, actor.organization_id, each.body)
            require_secretary(actor, of)
            require_coming(each.starts_at, field=f"{of.key}.starts_at")
            _require_free(db, of, each.starts_at)
            before = made.get(chain.get("preparing_body", "")) if of.key in keys[1:] else None
            if before is not None:
                _require_after(db, before, of, each.starts_at)
            prepared = (before.id if before else prepared_by_id) if of.key in keys[1:] else None
            made[of.key] = add_meeting(db, of, each.starts_at, place=each.place, prepared_by_id=prepared)
            data = {"starts_at": made[of.key].starts_at.isoformat()}
            record(db, made[of.key], "meeting.created", actor.person_id, data)
        return list(made.values())


def _require_after(db: Session, before: Meeting, of: Body, starts_at: datetime) -> None:
    """Refuse what would come before the preparing meeting that is wanted with it, and that can still be changed here."""
    if starts_at >= before.starts_at:
        return
    sentence = say(
        "%(body)s, which prepares this meeting, has %(day)s here. Give a later day for this one, or an earlier one for %(body)s.",
        body=db.get_one(Body, before.body_id).short_name,
        day=before.day,
    )
    raise Invalid("The meeting cannot be then.", errors=[{"field": f"{of.key}.starts_at", "sentence": sentence}])


def _require_free(db: Session, of: Body, starts_at: datetime) -> None:
    """Refuse a second meeting on a day: a form that is sent twice plans nothing twice."""
    day = clock.local_date(starts_at)
    same = select(Meeting.id).where(
        Meeting.body_id == of.id,
        Meeting.state != "cancelled",
        Meeting.starts_at >= clock.start_of(day),
        Meeting.starts_at < clock.start_of(day + timedelta(days=1)),
    )
    if db.scalar(same.limit(1)) is not None:
        raise Conflict(
            say("%(body)s has a meeting on %(day)s already. Choose another day.", body=of.short_name, day=day)
        )


def _suggested(db: Session, actor: Actor, chain: Mapping[str, str], deciding_on: date) -> dict[str, date]:
    """As many days before as in the last turn of the chain that is in the calendar."""
    ids = {of.key: of.id for of in db.scalars(select(Body).where(Body.organization_id == actor.organization_id))}
    decided = select(Meeting).where(
        Meeting.body_id == ids.get(chain.get("deciding_body", "")),
        Meeting.prepared_by_id.is_not(None),
        Meeting.state != "cancelled",
    )
    last = db.scalar(decided.order_by(Meeting.starts_at.desc()).limit(1))
    before = db.scalars(
        select(Meeting).where((Meeting.id == last.prepared_by_id) | (Meeting.prepared_by_id == last.prepared_by_id))
    ).all() if last is not None else ()  # fmt: skip
    days = {meeting.body_id: (last.day - meeting.day).days for meeting in before if last is not None}
    found = {chain["deciding_body"]: deciding_on}
    for place, usual in DEFAULT_DAYS_BEFORE.items():
        if (key := chain.get(place)) is not None and key in ids:
            found[key] = roll(deciding_on - timedelta(days=days.get(ids[key], usual)), Roll.BACKWARD)
    return found


def _preparing(db: Session, actor: Actor, chain: Mapping[str, str]) -> list[tuple[Meeting, Body]]:
    coming = (
        select(Meeting, Body)
        .join(Body, Body.id == Meeting.body_id)
        .where(Meeting.organization_id == actor.organization_id, Body.key == chain.get("preparing_body", ""))
        .where(Meeting.state.in_(("planned", "summoned")), Meeting.starts_at >= clock.start_of(clock.today()))
        .order_by(Meeting.starts_at)
        .limit(CHOICES_SHOWN)
    )
    return [(meeting, of) for meeting, of in db.execute(coming)]
