"""Connections to a server that is away now and then."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from store import database as store_database
from store.database import Database
from store.errors import Unavailable

OWN_PROCESS = text("SELECT pg_backend_pid()")


def own_process(database: Database) -> int:
    """The server's process that answers the pool's first connection."""
    with database.reading() as db:
        return int(db.scalar(OWN_PROCESS) or 0)


def kill(database: Database, process: int) -> None:
    """End a process of the server, as its restart would; by another connection than the one that it serves."""
    other = Database(database.url)
    with other.connection() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    other.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_died_at_rest_is_replaced_unseen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_database, "RESTED_SECONDS", 0.0)
    first = own_process(database)
    kill(database, first)
    assert own_process(database) != first


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_died_in_use_refuses_one_question_and_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_database, "RESTED_SECONDS", 3600.0)
    first = own_process(database)
    kill(database, first)
    with pytest.raises(Unavailable):
        own_process(database)
    assert own_process(database) != first
