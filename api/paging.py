"""Lists by cursor (keyset): the next page starts after the last row that was seen, however the list has grown.

A cursor is opaque to the client. It is not secret and not signed: it holds only a place in the sort order, it is
checked like any other input, and what may be seen is decided by the query that it is added to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import flask
import orjson
from marshmallow import fields, validate
from sqlalchemy import Date, Integer, Select, String, Uuid, and_, true
from sqlalchemy.orm import Session

from api.schemas import Line, Question, Whole
from store import clock
from store.base import UtcDateTime
from store.errors import Invalid, NotFound
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
    """Some rows of a list, and the address of the next ones."""

    items: Sequence[T]
    next: str | None

    def map(self, represent: Callable[[T], S]) -> Page[S]:
        """The same page of something else."""
        return Page([represent(item) for item in self.items], self.next)


class PageQuery(Question):
    """What every list takes; a list adds its filters and says by what it can be sorted."""

    limit = Whole(1, MAX_LIMIT, load_default=DEFAULT_LIMIT, metadata={"description": "Rows on a page."})
    cursor = Line(2000, metadata={"description": "From `next` of the page before."})


def sort_field(sorts: Iterable[str], default: str) -> fields.String:
    """The field `sort` of a list: a name, or `-` and a name for the other way."""
    allowed = [sign + name for name in sorts for sign in ("", "-")]
    return fields.String(
        load_default=default,
        validate=validate.OneOf(allowed, error="Sort by one of: {choices}."),
        metadata={"description": "A name; with - before it for descending order. Rows without a value come last."},
    )


def filters(query: Mapping[str, Any]) -> dict[str, Any]:
    """What a query narrows a list by: all of it but the place and the order."""
    return {name: value for name, value in query.items() if name not in ("limit", "cursor", "sort")}


def select_page(
    session: Session,
    found: Select[Any] | Ways,
    query: Mapping[str, Any],
    sorts: Mapping[str, Column],
    key: Column,
) -> Page[Any]:
    """A page of rows, sorted by one of `sorts` and then by `key`, the id."""
    sort: str = query["sort"]
    column, descending = sorts[sort.removeprefix("-")], sort.startswith("-")
    after = _read_cursor(query["cursor"], sort, column, key) if query.get("cursor") else None
    ways = Ways(found, [true()]) if isinstance(found, Select) else found
    by = [column.desc() if descending else column.asc(), key.desc() if descending else key.asc()]
    if _can_lack(column):  # only then: an index that is read backwards has its nulls first
        by[0] = by[0].nulls_last()
    limit: int = query["limit"]
    rows: list[Any] = []
    for part in _parts(column, key, after, descending=descending):
        if len(rows) <= limit:
            rows += session.scalars(ways.first(key, by, limit + 1 - len(rows), part))
    names = column.key or "", key.key or ""
    more = len(rows) > limit
    last_row = rows[limit - 1] if more else None
    return Page(rows[:limit], _next(sort, getattr(last_row, names[0]), getattr(last_row, names[1])) if more else None)


def merge_page(
    fetch: Callable[[Place | None, bool, int], Sequence[T]], query: Mapping[str, Any], column: Column, key: Column
) -> Page[T]:
    """A page of rows that come from several tables: `fetch(after, descending, limit)` gives them in order.

    `column` and `key` say of which types a place is; a row has its parts under the name of the sort and as `id`.
    """
    sort, limit = query["sort"], query["limit"]
    after = _read_cursor(query["cursor"], sort, column, key) if query.get("cursor") else None
    if after is not None and None in after:
        raise _refused()
    rows = fetch(after, sort.startswith("-"), limit + 1)
    last: Any = rows[limit - 1] if len(rows) > limit else None
    following = _next(sort, getattr(last, sort.removeprefix("-")), last.id) if last is not None else None
    return Page(rows[:limit], following)


def only(session: Session, statement: Select[Any], key: Column, thing_id: UUID, noun: str) -> Any:
    """The one row of a list that has an id; what the caller may not list does not exist for them. Raises NotFound."""
    found = session.scalar(statement.where(key == thing_id))
    if found is None:
        raise NotFound(f"There is no such {noun}, or it is not for you.")
    return found


def _parts(column: Column, key: Column, after: Place | None, *, descending: bool) -> list[Condition]:
    """What is left of a list after a place, in parts that an index can go to; rows without a value come last."""
    if after is None:
        return [None]
    value, last = after
    if value is None:
        return [and_(column.is_(None), key < last if descending else key > last)]
    return [beyond(column, key, after, descending=descending), *([column.is_(None)] if _can_lack(column) else [])]


def _can_lack(column: Column) -> bool:
    return bool(getattr(getattr(column, "expression", column), "nullable", True))


def _next(sort: str, value: Any, last: Any) -> str:
    packed = orjson.dumps([sort, _plain(value), _plain(last)])
    cursor = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    pairs = [(name, each) for name, each in flask.request.args.items(multi=True) if name != "cursor"]
    return f"{flask.request.path}?{urlencode([*pairs, ('cursor', cursor)])}"


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
                return clock.require_aware(datetime.fromisoformat(str(value)))
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
