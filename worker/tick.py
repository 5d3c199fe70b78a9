"""One round of the worker: everything that is due, row by row, each in transactions of its own.

Rows are taken with a lock (`SKIP LOCKED` on PostgreSQL, the write lock on SQLite), so any number of workers may run at
once and none does what another has taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from committee import lapsing, processes, reminders
from store.database import Database
from store.errors import HandslagError, Misconfigured, Unavailable
from store.settings import Settings
from worker.outbox import send_mail

log = logging.getLogger("handslag.worker")


@dataclass(frozen=True, slots=True)
class Done:
    """What a round did."""

    timers: int = 0
    starts: int = 0
    reminders: int = 0
    plans: int = 0
    expired: int = 0
    mails: int = 0


def tick(store: Database, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> Done:
    """Do everything that is due now. Once told to stop, only what has begun is finished.

    A fault in one kind of work stops no other. Raises Unavailable when the database is away: then nothing can be done.
    """
    return Done(
        timers=_guarded(lambda: fire_timers(store, stopping)),
        starts=_guarded(lambda: start_processes(store, stopping)),
        reminders=_guarded(lambda: remind(store, stopping)),
        plans=_guarded(lambda: replan(store, stopping)),
        expired=_guarded(lambda: expire_messages(store, settings, stopping)),
        mails=_guarded(lambda: send_mail(store, settings, stopping)),
    )


def _guarded(work: Callable[[], int]) -> int:
    try:
        return work()
    except (Unavailable, Misconfigured):
        raise
    except Exception:
        log.exception("work.failed")
        return 0


def fire_timers(store: Database, stopping: Callable[[], bool] = lambda: False) -> int:
    """Fire all due timers; give how many fired. One whose step fails is put off and stops none behind it."""
    return _fire(lambda: processes.fire_next_timer(store), stopping)


def start_processes(store: Database, stopping: Callable[[], bool] = lambda: False) -> int:
    """Start the processes whose timers are due; give how many."""
    return _fire(lambda: processes.fire_next_start(store), stopping)


def _fire(fire_next: Callable[[], processes.Fired | None], stopping: Callable[[], bool]) -> int:
    fired = 0
    while not stopping() and (turn := fire_next()) is not None:
        if turn.error is None:
            fired += 1
            continue
        code = turn.error.code if isinstance(turn.error, HandslagError) else "internal"
        log.warning("timer.failed timer_id=%s code=%s", turn.timer_id, code)
    return fired


def remind(store: Database, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due about deadlines; give about how many."""
    told = 0
    while not stopping() and reminders.remind_next(store):
        told += 1
    return told


def replan(store: Database, stopping: Callable[[], bool] = lambda: False) -> int:
    """Make anew the plans of which a day has passed without the case; give how many."""
    made = 0
    while not stopping() and lapsing.replan_next(store):
        made += 1
    return made


def expire_messages(store: Database, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> int:
    """Drop the messages that nobody has waited for in time; give how many."""
    expired = 0
    while not stopping() and processes.expire_next_message(store, settings):
        expired += 1
    return expired
