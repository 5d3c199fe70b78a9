"""Simulated time: it stands still at an instant in the database, so that every process sees the same one.

A mode of its own for demonstrations and tests; production refuses it (`Settings.require_consistent`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store import clock
from store.base import Base
from store.database import Database
from store.errors import Conflict, Invalid
from store.sentences import say
from store.settings import Settings


class SimulatedClock(Base):
    """The one row that holds the simulated instant."""

    __tablename__ = "simulated_clock"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    at: Mapped[datetime]


def use_configured_clock(settings: Settings, store: Database) -> None:
    """Let the process live in simulated time if the settings say so."""
    if settings.clock == "simulated":
        clock.use(lambda: _read(store))


def shown(store: Database) -> datetime | None:
    """What the clock of a database shows, if it has been moved. Raises NotUpgraded where it has no tables."""
    with store.asking() as connection:
        return connection.execute(select(SimulatedClock.at)).scalar()


def set_clock(store: Database, at: datetime) -> datetime:
    """Move the simulated clock forward to an instant. Raises Invalid for one that has been."""
    instant = clock.require_aware(at).astimezone(UTC)
    with store.transaction() as db:
        row = _row(db)
        if row is None:
            db.add(SimulatedClock(id=1, at=instant))
        elif instant < row.at:
            raise Invalid(say("Time does not go back: the clock already shows %(day)s.", day=row.at.isoformat()))
        else:
            row.at = instant
        db.info["wake"] = True
    return instant


def require_simulated(settings: Settings) -> None:
    """Refuse to move a real clock."""
    if settings.clock != "simulated":
        raise Conflict("The clock is the real one. Start with HANDSLAG_CLOCK=simulated to move it.")


def _read(store: Database) -> datetime:
    return shown(store) or clock.machine_now()


def _row(db: Session) -> SimulatedClock | None:
    return db.get(SimulatedClock, 1)
