"""`python -m bench.floor`: the least that an endpoint can do durably: Flask, one row selected, changed and committed.

Served as the API is (waitress, as many threads), on the same database server, with the driver and nothing else.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import flask
import psycopg
import waitress  # type: ignore[import-untyped]

from store.settings import Settings

ROWS = 64
SELECT, UPDATE = "SELECT n FROM floor WHERE id = ?", "UPDATE floor SET n = ? WHERE id = ?"


class Rows:
    """A connection a thread."""

    def __init__(self, url: str) -> None:
        self.url, self.local = url, threading.local()
        self.is_sqlite = url.startswith("sqlite")
        self.begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"
        self.lock = threading.Lock()
        """SQLite lets waiting threads sleep too long: they queue here, as they do in the product."""

    def connection(self) -> Any:
        """This thread's connection."""
        if not hasattr(self.local, "connection"):
            self.local.connection = self._connect()
        return self.local.connection

    def change(self, key: int) -> int:
        """Read a row for update, change it, commit."""
        if not self.is_sqlite:
            return self._change(key, SELECT.replace("?", "%s") + " FOR UPDATE", UPDATE.replace("?", "%s"))
        with self.lock:
            return self._change(key, SELECT, UPDATE)

    def _change(self, key: int, select: str, update: str) -> int:
        connection = self.connection()
        connection.execute(self.begin)
        (count,) = connection.execute(select, (key,)).fetchone()
        connection.execute(update, (count + 1, key))
        connection.execute("COMMIT")
        return int(count)

    def _connect(self) -> Any:
        if not self.is_sqlite:
            return psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)
        made = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None, timeout=15)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=FULL")
        return made


def application(rows: Rows) -> flask.Flask:
    """The endpoint, and one that only answers."""
    app = flask.Flask("floor", static_folder=None)
    app.add_url_rule("/livez", "livez", lambda: {"status": "alive"})
    app.add_url_rule("/rows/<int:key>", "change", lambda key: {"n": rows.change(key)}, methods=["POST"])
    return app


def main() -> None:
    """Make the rows and serve."""
    settings = Settings()
    rows = Rows(settings.url())
    rows.connection().execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, n INTEGER)")
    for key in range(ROWS):
        rows.connection().execute(f"INSERT INTO floor VALUES ({key}, 0)")
    waitress.serve(application(rows), host="127.0.0.1", port=settings.port, threads=settings.threads)


if __name__ == "__main__":
    main()
