"""Two transactions at once, on PostgreSQL: the second begins while the first has not committed yet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from sqlalchemy.orm import Session

from store.database import Database
from tests.support.eventually import eventually

_BLOCKED = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
)


def overlapping(database: Database, first: Callable[[Session], object], second: Callable[[], object]) -> bool:
    """Do `first`, and leave its transaction open until `second` is done or waits for it; whether it had to wait.

    So the second sees nothing of what the first has written, unless it waits for it.
    """
    with ThreadPoolExecutor(1) as pool:
        with database.joined() as db:  # verbs join it that have a transaction of their own
            first(db)
            other = pool.submit(second)
            eventually(lambda: other.done() or _somebody_waits(database), "the second is done, or waits")
            waits = not other.done()
        other.result(60)
        return waits


def _somebody_waits(database: Database) -> bool:
    with database.asking() as connection:
        return connection.execute(_BLOCKED).first() is not None
