"""Lists by cursor (keyset): the next page starts after the last row that was seen, however the list has grown.

A cursor is opaque to whoever asks. It is not secret and not signed: it holds only a place in the sort order, it is
checked like any other input, and what may be seen is decided by the query that it is added to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Date, Integer, Select, String, Uuid, and_, true
from sqlalchemy.orm import Session

from store import clock
from store.base import UtcDateTime
from store.errors import Invalid
from store.query import Column, Condition, Ways, beyond

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

T = TypeVar("T")
S = TypeVar("S")
Place = tuple[Any, Any]
"""Where a page ended: the value of the sort column, and the row's id."""


class InvalidCursor(Invalid):
    """The cursor was not made by this list in this order."""

    code = "invalid_cursor"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor to go on with."""

    items: Sequence[T]
    cursor: str | None = None

    def map(self, represent: Callable[[T], S]) -> Page[S]:
        """The same page of something else."""
        return Page([represent(item) for item in self.items], self.cursor)


@dataclass(frozen=True)
class Ask:
    """Which page: sorted by a name (`-` before it for the other way), after a cursor, of so many rows."""

    sort: str
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT

    @property
    def name(self) -> str:
        """What it is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the last come first."""
        return self.sort.startswith("-")


def select_page(
    session: Session, found: Select[Any] | Ways, ask: Ask, sorts: Mapping[str, Column], key: Column
) -> Page[Any]:
    """A page of rows, sorted by one of `sorts` and then by `key`, the id. Raises InvalidCursor."""
    column, limit = sorts[ask.name], ask.limit
    after = _read_cursor(ask.cursor, ask.sort, column, key) if ask.cursor else None
    ways = Ways(found, [true()]) if isinstance(found, Select) else found
    by = [column.desc() if ask.descending else column.asc(), key.desc() if ask.descending else key.asc()]
    if _can_lack(column) and not ask.descending:  # backwards they are asked for by themselves, as an index has them
        by[0] = by[0].nulls_last()
    rows: list[Any] = []
    for part in _parts(column, key, after, descending=ask.descending):
        if len(rows) <= limit:
            rows += session.scalars(ways.first(key, by, limit + 1 - len(rows), part))
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], _cursor(ask.sort, getattr(last, column.key or ""), getattr(last, key.key or "")))


def merge_page(
    fetch: Callable[[Place | None, bool, int], Sequence[T]], ask: Ask, column: Column, key: Column
) -> Page[T]:
    """A page of rows that come from several tables: `fetch(after, descending, limit)` gives them in order.

    `column` and `key` say of which types a place is; a row has its parts under the name of the sort and as `id`.
    """
    after = _read_cursor(ask.cursor, ask.sort, column, key) if ask.cursor else None
    if after is not None and None in after:
        raise _refused()
    rows = fetch(after, ask.descending, ask.limit + 1)
    last: Any = rows[ask.limit - 1] if len(rows) > ask.limit else None
    following = _cursor(ask.sort, getattr(last, ask.name), last.id) if last is not None else None
    return Page(rows[: ask.limit], following)


def _parts(column: Column, key: Column, after: Place | None, *, descending: bool) -> list[Condition]:
    """What is left of a list after a place, in parts that an index can go to; rows without a value come last."""
    if after is None:
        return [column.is_not(None), column.is_(None)] if descending and _can_lack(column) else [None]
    value, last = after
    if value is None:
        return [and_(column.is_(None), key < last if descending else key > last)]
    return [beyond(column, key, after, descending=descending), *([column.is_(None)] if _can_lack(column) else [])]


def _can_lack(column: Column) -> bool:
    return bool(getattr(getattr(column, "expression", column), "nullable", True))


def _cursor(sort: str, value: Any, last: Any) -> str:
    packed = orjson.dumps([sort, _plain(value), _plain(last)])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _plain(value: Any) -> str | int | None:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | None) else str(value)


def _decode(cursor: str, sort: str) -> Place:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_for, value, last = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise _refused() from error
    if made_for != sort or not isinstance(value, str | int | None) or not isinstance(last, str | int):
        raise _refused()
    if any(isinstance(part, str) and "\x00" in part for part in (value, last)):
        raise _refused()
    return value, last


def _read_cursor(cursor: str, sort: str, column: Column, key: Column) -> Place:
    value, last = _decode(cursor, sort)
    return _typed(value, column), _typed(last, key)


def _typed(value: str | int | None, column: Column) -> Any:
    """A value of a cursor as its column holds it."""
    if value is None:
        return None
    try:
        match column.type:
            case Uuid():
                return UUID(str(value))
            case UtcDateTime():
                return clock.require_aware(datetime.fromisoformat(str(value))).astimezone(UTC)
            case Date():
                return date.fromisoformat(str(value))
            case Integer() if not isinstance(value, int) or abs(value) >= 2**63:
                raise _refused()
            case String() if not isinstance(value, str):
                raise _refused()
    except (ValueError, OverflowError) as error:
        raise _refused() from error
    return value


def _refused() -> InvalidCursor:
    return InvalidCursor("This cursor does not belong to this list in this order. Start again without a cursor.")
