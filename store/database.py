"""The database and the one transaction helper.

Traps this module is about:
- SQLite's driver begins transactions late; we begin them ourselves (`BEGIN IMMEDIATE` for verbs), so that a verb never
  finds half-way that somebody else wrote.
- SQLite makes waiting writers sleep longer and longer, which starves threads under load. Threads of one process
  therefore queue at a lock of ours first; other processes still meet SQLite's own lock.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from store import events
from store.errors import Busy, Conflict, NotUpgraded, Stale, Unavailable

BUSY_SECONDS = 15
RESTED_SECONDS = 1.0

_joined: ContextVar[Session | None] = ContextVar("joined", default=None)
"""The session of `Database.joined()` in this thread, if there is one."""


class Database:
    """A connection pool with two ways in: `transaction()` for verbs and `reading()` for questions."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._writers = threading.Lock()
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url, pool_size)
        single = {"handslag_begin": None} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._single = self.engine.execution_options(**single)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The transaction of one verb: commits once at the end, or changes nothing.

        Raises Stale when an optimistic version did not match, Conflict when a unique rule was broken, Unavailable when
        the database is away, locked for too long or out of space.
        """
        outer = self._outer()
        if outer is not None:
            with _translated(), _savepoint(outer):
                yield outer
            return
        with self._writer_lock(), _translated(), Session(self.engine, expire_on_commit=False) as session:
            session.info["write"] = True
            session.info["database"] = self
            with session.begin():
                if self.is_sqlite:
                    session.connection(execution_options={"handslag_begin": "BEGIN IMMEDIATE"})
                yield session
                events.seal(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view for questions; it is rolled back at the end, whatever was done with it."""
        outer = self._outer()
        if outer is not None:
            with _translated():
                yield outer
            return
        with _translated(), Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            session.info["database"] = self
            yield session

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For a question that is one statement: without a transaction, which would be two more trips to the server."""
        with _translated(), self._single.connect() as connection:
            yield connection

    @contextmanager
    def joined(self) -> Iterator[Session]:
        """One transaction for a verb and what must stand or fall with it, such as the record that it was carried out.

        `transaction()` and `reading()` called inside join it. A verb that fails inside undoes its own changes only.
        """
        with self.transaction() as session:
            token = _joined.set(session)
            try:
                yield session
            finally:
                _joined.reset(token)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A bare connection for what works below the models (migrations, the simulated clock). Raises Unavailable."""
        with _translated(), self.engine.connect() as connection:
            yield connection

    def _outer(self) -> Session | None:
        session = _joined.get()
        return session if session is not None and session.info["database"] is self else None

    def dispose(self) -> None:
        """Close all connections (before a fork, at shutdown)."""
        self.engine.dispose()

    @contextmanager
    def _writer_lock(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writers.acquire(timeout=BUSY_SECONDS):
            raise Busy
        try:
            yield
        finally:
            self._writers.release()


@contextmanager
def _savepoint(session: Session) -> Iterator[None]:
    """A verb inside a joined transaction: its rows and its events go together, or not at all."""
    pending = session.info.setdefault("events", [])
    kept = len(pending)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del pending[kept:]
        raise


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's errors into ours; what is a mistake of ours stays as it is."""
    try:
        yield
    except StaleDataError as error:
        raise Stale("Somebody else has just changed this. Read it again and repeat what you wanted to do.") from error
    except IntegrityError as error:
        raise Conflict("This would break a rule of the register (it exists already, or is referred to).") from error
    except DBAPIError as error:
        if _is_missing_table(error):
            raise NotUpgraded from error
        if _is_lock(error):
            raise Busy from error
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError) or _is_read_only(error):
            raise Unavailable(
                "The database cannot be reached or written to. Nothing was changed; try again later."
            ) from error
        raise


def _is_missing_table(error: DBAPIError) -> bool:
    """A table or column is not there: PostgreSQL says so by number, SQLite only in words."""
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig).startswith(("no such table", "no such column"))
    return getattr(error.orig, "sqlstate", None) in {"42P01", "42703"}


def _is_lock(error: DBAPIError) -> bool:
    """A deadlock that PostgreSQL broke, or a lock that was waited for too long."""
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig).startswith("database is locked")
    return getattr(error.orig, "sqlstate", None) in {"40P01", "55P03"}


def _is_read_only(error: DBAPIError) -> bool:
    """PostgreSQL after a failover: this server only follows another."""
    return getattr(error.orig, "sqlstate", None) == "25006"


def _postgresql_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"connect_timeout": 10, "options": "-c lock_timeout=15s -c timezone=UTC"},
    )

    @event.listens_for(engine, "checkin")
    def left(_connection: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        """Ask a connection that has rested whether it lives; asking each time would cost a round trip a transaction."""
        if time.monotonic() - record.info.get("left", math.inf) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another

    return engine


def _sqlite_engine(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and ":memory:" not in path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        # SQLite's own knows only a to z: without this nobody finds "Äganderätt" by "ägande"
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if statement := connection.get_execution_options().get("handslag_begin", "BEGIN"):
            connection.exec_driver_sql(statement)

    return engine


def _lower(text: str | None) -> str | None:
    return text.lower() if isinstance(text, str) else text
