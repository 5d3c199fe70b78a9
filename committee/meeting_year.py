"""A year of meetings as the bodies of the chain see it: month by month, with what is missing between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from committee.access import Actor
from committee.agenda import AgendaItem
from committee.meetings import Meeting, find_meetings
from committee.organisations import Body, chain_of
from store import clock

PLACES = ("preparing_body", "consulting_body", "deciding_body", "board", "assembly")
"""The bodies of a profile's chain, in the order in which a case comes to them."""
LONG_GAP = timedelta(weeks=8)
"""From here on the time between two meetings of the deciding body is told of: a referral may fall between them."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A long time without a meeting of the deciding body."""

    after: date
    before: date

    @property
    def weeks(self) -> int:
        """Whole weeks between the two meetings."""
        return (self.before - self.after).days // 7


@dataclass(frozen=True, slots=True)
class Month:
    """A month, with the meetings of each body in their order."""

    first: date
    meetings: Mapping[UUID, Sequence[Meeting]]


@dataclass(frozen=True, slots=True)
class Year:
    """A year of meetings."""

    year: int
    bodies: Sequence[Body]
    """Those of the chain first, then others that have a meeting in the year."""
    months: Sequence[Month]
    items: Mapping[UUID, int]
    """How many items stand on the agenda of a meeting."""
    unprepared: frozenset[UUID]
    """Coming meetings of the deciding body that no meeting of the preparing one comes before."""
    gaps: Sequence[Gap]
    coming: Sequence[tuple[Meeting, Body]]
    """Those that still take papers, the one that closes first before the others."""


def read_year(db: Session, actor: Actor, year: int) -> Year:
    """The meetings of a calendar year that the actor may see."""
    first, last = clock.start_of(date(year, 1, 1)), clock.start_of(date(year + 1, 1, 1))
    meetings = db.scalars(
        find_meetings(actor, starts_from=first, starts_before=last).order_by(Meeting.starts_at, Meeting.id)
    ).all()
    chain = chain_of(db, actor.organization_id)
    bodies = _columns(db, actor, chain, {meeting.body_id for meeting in meetings})
    keys = {body.id: body.key for body in bodies}
    deciding = [m for m in meetings if keys.get(m.body_id) == chain.get("deciding_body") and m.state != "cancelled"]
    today = clock.today()
    unprepared = {m.id for m in deciding if m.prepared_by_id is None and m.day >= today and "preparing_body" in chain}
    by_id = {body.id: body for body in bodies}
    open_ = [m for m in meetings if m.state == "planned" and m.material_stop >= today]
    return Year(
        year=year,
        bodies=bodies,
        months=[_month(date(year, number, 1), bodies, meetings) for number in range(1, 13)],
        items=items_of(db, meetings),
        unprepared=frozenset(unprepared),
        gaps=list(_gaps(deciding)),
        coming=[(m, by_id[m.body_id]) for m in sorted(open_, key=lambda m: (m.material_stop, m.starts_at))],
    )


def bodies_that_meet(db: Session, actor: Actor) -> list[Body]:
    """The bodies that have ever had a meeting that the actor may see, in the order of the chain."""
    met = find_meetings(actor).with_only_columns(Meeting.body_id).distinct()
    return in_order(chain_of(db, actor.organization_id), db.scalars(select(Body).where(Body.id.in_(met))))


def in_order(chain: Mapping[str, str], bodies: Iterable[Body]) -> list[Body]:
    """Bodies in the order of the chain, others after them by name."""
    keys = [chain[place] for place in PLACES if place in chain]
    return sorted(bodies, key=lambda body: (keys.index(body.key) if body.key in keys else len(keys), body.name))


def items_of(db: Session, meetings: Sequence[Meeting]) -> dict[UUID, int]:
    """How many items stand on the agenda of each meeting; those without any are left out."""
    counted = (
        select(AgendaItem.meeting_id, func.count())
        .where(AgendaItem.meeting_id.in_([meeting.id for meeting in meetings]), AgendaItem.state != "withdrawn")
        .group_by(AgendaItem.meeting_id)
    )
    return {row[0]: row[1] for row in db.execute(counted)} if meetings else {}


def _columns(db: Session, actor: Actor, chain: Mapping[str, str], met: set[UUID]) -> list[Body]:
    """The bodies that prepare, consult and decide, and whoever else meets; for outsiders those of their meetings."""
    keys = [chain[place] for place in PLACES[:3] if place in chain]
    found = db.scalars(select(Body).where(Body.organization_id == actor.organization_id))
    return in_order(chain, (b for b in found if b.id in met or (actor.is_internal and b.key in keys)))


def _month(first: date, bodies: Sequence[Body], meetings: Sequence[Meeting]) -> Month:
    of = [meeting for meeting in meetings if meeting.day.month == first.month]
    return Month(first, {body.id: [meeting for meeting in of if meeting.body_id == body.id] for body in bodies})


def _gaps(deciding: Sequence[Meeting]) -> Iterable[Gap]:
    days = [meeting.day for meeting in deciding]
    return (Gap(after, before) for after, before in pairwise(days) if before - after >= LONG_GAP)
