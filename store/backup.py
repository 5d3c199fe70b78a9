"""Backup and restore of the embedded database. PostgreSQL has its own tools.

Trap this module is about: an SQLite database in use is three files, `handslag.db`, `-wal` and `-shm`. A copy put over the
first alone is mixed with what the old `-wal` holds. Here SQLite itself reads and writes whole databases, never files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from store import migrate
from store.database import Database
from store.errors import Conflict, Invalid, NotFound


def backup(database: Database, target: Path) -> None:
    """Copy the embedded database into a new file, as it is at one instant, also while it is in use.

    Raises Invalid on PostgreSQL, Conflict for a file that exists.
    """
    path = _path(database)
    if target.exists():
        raise Conflict(f"'{target}' is there already. Choose another name.")
    with _readable(path), closing(_open(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, that may be carried anywhere


def restore(database: Database, source: Path) -> None:
    """Let the embedded database be what a backup holds: all of it, or nothing is changed.

    Raises Invalid on PostgreSQL or for a file that is no whole Handslag database of this release or an older one,
    Conflict while somebody uses the database or when it is so damaged that SQLite cannot open it.
    """
    path = _path(database)
    with closing(_open(source)) as given:
        with _readable(source):
            _require_ours(given, source)
        database.dispose()
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=0)) as target:
            _take_alone(target, path)
            given.backup(target)


def _path(database: Database) -> Path:
    if not database.is_sqlite:
        raise Invalid("This is for the embedded database. Use pg_dump and pg_restore for PostgreSQL.")
    return Path(database.url.removeprefix("sqlite:///"))


def _open(path: Path) -> sqlite3.Connection:
    """A file that is read only. Raises NotFound."""
    if not path.is_file():
        raise NotFound(f"There is no file '{path}'.")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _require_ours(given: sqlite3.Connection, source: Path) -> None:
    if (told := given.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Invalid(f"'{source}' is damaged ({told}). Take another backup; nothing was changed.")
    has_revision = given.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    revision = given.execute("SELECT version_num FROM alembic_version").fetchone() if has_revision else None
    if revision is None or not migrate.is_known(revision[0]):
        raise Invalid(
            f"'{source}' is no Handslag database of this release or an older one. Nothing was changed; choose another."
        )


def _take_alone(target: sqlite3.Connection, path: Path) -> None:
    """Write back what a `-wal` holds and remove it, which SQLite does for the only user of a database alone."""
    try:
        target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as problem:
        raise Conflict(f"'{path}' is in use ({problem}). Stop API and worker first; nothing was changed.") from problem
    except sqlite3.DatabaseError as problem:
        raise Conflict(
            f"'{path}' cannot be opened ({problem}). Move it away, with its -wal and -shm, and restore again."
        ) from problem


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """A file that SQLite cannot read is a mistake in what was given."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        raise Invalid(f"'{path}' cannot be read as a database ({problem}). Choose another file.") from problem
