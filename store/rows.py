"""Writing a row past the object mapper: one statement that is made once. For what every step writes.

A flush looks at all objects and computes what has changed, which costs about twice as much. What people edit stays with it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, inspect, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from store.base import Base


def write(db: Session, row: Any, **values: object) -> None:
    """Change a versioned row at once, and its object with it. One that is new or has other changes waits for its flush.

    Raises StaleDataError when its version has moved on, as a flush does.
    """
    state = inspect(row)
    if not state.persistent or state.modified:
        for name, value in values.items():
            setattr(row, name, value)
        return
    values["version"] = row.version + 1
    model: type[Base] = type(row)
    done = db.connection().execute(_by_version(model), {"of": row.id, "was": row.version, **values})
    if done.rowcount != 1:
        raise StaleDataError
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _by_version(model: type[Base]) -> Update:
    columns = model.__table__.c
    return update(model.__table__).where(columns.id == bindparam("of"), columns.version == bindparam("was"))  # type: ignore[arg-type]
