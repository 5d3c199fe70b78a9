"""The simulated clock, for demonstrations and tests. These addresses exist only where HANDSLAG_CLOCK=simulated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields
from sqlalchemy import func, select

from api import context
from api.blueprint import Blueprint
from api.schemas import FIRST_DAY, LAST_DAY, OUT_OF_RANGE, Day, Instant, Representation, Schema, Whole
from committee import access, sessions
from engine import starts, timers
from store import clock, simulation
from store.errors import Invalid

blp = Blueprint("clock", "The simulated clock; it stands still until somebody moves it.")


class ClockSchema(Representation):
    """What the clock shows."""

    now = Instant()
    today = Day(metadata={"description": "The date in Europe/Stockholm."})
    mode = fields.String()
    timers_due = fields.Integer(
        metadata={"description": "Timers that the worker has yet to fire; 0: it has caught up."}
    )
    next_timer_at = Instant(allow_none=True, metadata={"description": "When the next one falls due after now."})


class SetClockSchema(Schema):
    """Either an instant, or how far to move on."""

    at = Instant()
    days = Whole(0, 3660)
    hours = Whole(0, 10_000)

    @ma.validates_schema
    def _either(self, data: dict[str, Any], **_: Any) -> None:
        if ("at" in data) == bool(data.keys() & {"days", "hours"}):
            raise ma.ValidationError("Say either `at`, or `days` and `hours`.")


@blp.get("/clock")
@blp.reads(ClockSchema)
def read_clock() -> dict[str, Any]:
    """What time it is in the simulation, and whether the worker has done what is due until then."""
    return _shown(clock.now())


@blp.post("/clock")
@blp.acts(ClockSchema, body=SetClockSchema, versioned=False)
def set_clock(body: dict[str, Any]) -> dict[str, Any]:
    """Move time forward; the worker is woken. Time does not go back."""
    access.require(context.actor(), "operator")
    simulation.require_simulated(context.settings())
    before = clock.now()
    instant = body.get("at") or before + timedelta(days=body.get("days", 0), hours=body.get("hours", 0))
    if not FIRST_DAY < instant.date() < LAST_DAY:
        raise Invalid(OUT_OF_RANGE)
    moved = simulation.set_clock(context.database(), instant)
    sessions.keep_through(context.database(), before, moved)
    return _shown(moved)


def _shown(instant: datetime) -> dict[str, Any]:
    with context.database().reading() as db:
        due = [each.due(instant).order_by(None).subquery() for each in (timers, starts)]
        coming = (timers.next_due(db, instant), starts.next_due(db, instant))
        return {
            "now": instant,
            "today": clock.local_date(instant),
            "mode": context.settings().clock,
            "timers_due": sum(db.scalars(select(func.count()).select_from(each)).one() for each in due),
            "next_timer_at": min((each for each in coming if each is not None), default=None),
        }
