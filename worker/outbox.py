"""Mail leaves the outbox: claimed in one transaction, sent outside of any, recorded in a second.

No lock is held while a mail server thinks. A claim is a lease: it moves the row's `due_at` to where the lease ends, so
the mail of a worker that was killed comes back by itself. Whoever dies between sending and recording sends again: at
least once, under the same Message-ID (docs/decisions/0005).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from store import clock, events
from store.database import Database
from store.events import Outbox
from store.settings import Settings
from worker.mail import MailServer

MAX_ATTEMPTS = 10
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
LEASE = timedelta(minutes=5)
"""How long a claim stands: longer than the slowest SMTP conversation that `worker.mail.TIMEOUT_SECONDS` allows."""

log = logging.getLogger("handslag.worker")


def send_mail(store: Database, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send the mail that is due until told to stop; give how many were sent.

    Without an SMTP server it stays in the outbox.
    """
    sent = 0
    with MailServer(settings) as server:
        while settings.smtp_host and not stopping() and (row := _claim(store)) is not None:
            sent += _send(store, server, row)
    return sent


def _claim(store: Database) -> Outbox | None:
    """The oldest mail that is due and that nobody else is sending; its attempt is counted before it begins."""
    with store.transaction() as db:
        while (row := _oldest(db)) is not None:
            if row.attempts < MAX_ATTEMPTS:
                row.attempts += 1
                row.due_at = clock.now() + LEASE
                return row
            row.error = row.error or "The worker died during every attempt."
            _fail(db, row)
            db.flush()
    return None


def _oldest(db: Session) -> Outbox | None:
    return db.scalar(
        select(Outbox)
        .where(Outbox.state == "pending", Outbox.channel == "email", Outbox.due_at <= clock.now())
        .order_by(Outbox.due_at, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _send(store: Database, server: MailServer, row: Outbox) -> int:
    try:
        server.send(row)
    except Exception as problem:  # whatever is wrong with one mail is written on it and stops no other
        _put_off(store, row, problem)
        return 0
    with store.transaction() as db:
        sent = db.get_one(Outbox, row.id, with_for_update=True)
        sent.state, sent.sent_at, sent.error = "sent", clock.now(), None
    return 1


def _fail(db: Session, row: Outbox) -> None:
    """Try no more until somebody says so; the log of the case tells that it did not leave."""
    row.state = "failed"
    events.record(db, row.organization_id, "mail.failed", "outbox", row.id, case_id=row.case_id)


def _put_off(store: Database, claimed: Outbox, problem: Exception) -> None:
    """Try again later, each time twice as late; after the last attempt somebody has to look at it."""
    with store.transaction() as db:
        row = db.get_one(Outbox, claimed.id, with_for_update=True)
        if row.state != "pending" or row.attempts != claimed.attempts:
            return  # our lease had run out: another worker has it
        row.error = f"{type(problem).__name__}: {problem}"[:500]
        row.due_at = clock.now() + min(FIRST_DELAY * 2**row.attempts, LONGEST_DELAY)
        if row.attempts >= MAX_ATTEMPTS:
            _fail(db, row)
        log.warning("mail.put_off key=%s attempts=%d state=%s", row.key, row.attempts, row.state)
