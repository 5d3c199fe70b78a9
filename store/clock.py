"""The one clock. Nothing else in the product asks what time it is.

Instants are aware and in UTC; dates of the domain are dates in Europe/Stockholm. In simulated mode time stands
still at an instant that is kept in the database, so that API and worker processes see the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_source: Callable[[], datetime] | None = None
_here: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)
"""The clock of this thread's work alone: a diagram that is tried has a time of its own."""


def now() -> datetime:
    """This instant, aware, in UTC."""
    if (own := _here.get()) is not None:
        return own()
    return _source() if _source is not None else machine_now()


def machine_now() -> datetime:
    """This instant by the machine, also in simulated mode: for schedulers that wait in real time, and names of files."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date where the committees sit."""
    return local_date(now())


def local_date(instant: datetime) -> date:
    """The date in Europe/Stockholm at an instant."""
    return require_aware(instant).astimezone(STOCKHOLM).date()


def local_minute(instant: datetime) -> str:
    """An instant as people in Europe/Stockholm read it, to the minute: 2021-04-30 14:05."""
    return f"{require_aware(instant).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def start_of(day: date) -> datetime:
    """The first instant of a day in Europe/Stockholm, in UTC."""
    return datetime.combine(day, time(0), tzinfo=STOCKHOLM).astimezone(UTC)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Europe/Stockholm, in UTC. A time skipped in spring is moved forward by the zone's rules."""
    return datetime.combine(day, time(hour, minute), tzinfo=STOCKHOLM).astimezone(UTC)


def require_aware(instant: datetime) -> datetime:
    """Refuse a naive instant: it is a programming error, never input."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant!r}: say the time zone")
    return instant


def use(source: Callable[[], datetime] | None) -> None:
    """Replace the system's clock (simulated mode and tests); None puts it back."""
    global _source
    _source = source


@contextmanager
def within(source: Callable[[], datetime]) -> Iterator[None]:
    """Let the code of a block, in this thread alone, live in another time."""
    token = _here.set(source)
    try:
        yield
    finally:
        _here.reset(token)
