"""What is asked of a database: the statements themselves, so that a test can count them or ask how they are planned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from store.database import Database

Statement = tuple[str, Any]
"""Its text and its values, as the driver gets them."""


@contextmanager
def executed(database: Database) -> Iterator[list[Statement]]:
    """The statements that are executed inside, in their order; without those that begin a transaction."""
    seen: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        if not text.startswith("BEGIN"):
            seen.append((text, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plan(database: Database, statement: Statement) -> str:
    """How a database would go about a statement, in its own words."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement[0]}", statement[1]))
