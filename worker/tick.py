"""One round of the worker: every row that is due, each in a transaction of its own.

Rows are found without a lock and taken with one (`SKIP LOCKED` on PostgreSQL, the write lock on SQLite), so any number
of workers may run at once and none does what another has taken.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from committee import processes
from engine import timers
from store import clock
from store.database import Database
from store.errors import HandslagError
from store.events import Outbox
from store.settings import Settings
from worker import mail

BATCH = 200
"""Rows looked up at a time."""
MAX_ATTEMPTS = 10
LONGEST_DELAY = timedelta(hours=6)

log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Done:
    """What a round did."""

    timers: int = 0
    mails: int = 0


def tick(store: Database, settings: Settings) -> Done:
    """Do everything that is due now."""
    return Done(timers=fire_timers(store), mails=send_mail(store, settings))


def fire_timers(store: Database) -> int:
    """Fire all due timers; give how many fired. A timer whose step fails becomes an incident and is passed over."""
    fired = 0
    while True:
        with store.reading() as db:
            due = list(db.scalars(timers.due(clock.now()).limit(BATCH)))
        progress = 0
        for timer_id in due:
            progress += _fire(store, timer_id)
        fired += progress
        if len(due) < BATCH or not progress:
            return fired


def _fire(store: Database, timer_id: UUID) -> int:
    try:
        return int(processes.fire_due_timer(store, timer_id))
    except HandslagError as problem:
        log.warning("timer.failed", timer_id=str(timer_id), code=problem.code)
        return 0


def send_mail(store: Database, settings: Settings) -> int:
    """Send all due e-mail; give how many were sent. Without an SMTP server it stays in the outbox."""
    if not settings.smtp_host:
        return 0
    sent = 0
    with store.reading() as db:
        due = select(Outbox.id).where(Outbox.state == "pending", Outbox.due_at <= clock.now())
        keys = list(db.scalars(due.order_by(Outbox.due_at, Outbox.id).limit(BATCH * 20)))
    for key in keys:
        sent += _send_one(store, settings, key)
    return sent


def _send_one(store: Database, settings: Settings, key: UUID) -> int:
    with store.transaction() as db:
        row = db.scalar(
            select(Outbox).where(Outbox.id == key, Outbox.state == "pending").with_for_update(skip_locked=True)
        )
        if row is None:
            return 0
        row.attempts += 1
        try:
            mail.send(row, settings)
        except (smtplib.SMTPException, OSError, ValueError, KeyError) as problem:
            _put_off(row, problem)
            return 0
        row.state, row.sent_at, row.error = "sent", clock.now(), None
        return 1


def _put_off(row: Outbox, problem: Exception) -> None:
    """Try again later, each time twice as late; after the last attempt somebody has to look at it."""
    row.error = f"{type(problem).__name__}: {problem}"[:500]
    row.due_at = clock.now() + min(timedelta(seconds=30) * 2**row.attempts, LONGEST_DELAY)
    if row.attempts >= MAX_ATTEMPTS:
        row.state = "failed"
    log.warning("mail.put_off", key=str(row.id), attempts=row.attempts, state=row.state)
