"""Lists by cursor over HTTP: what every list takes, and the address of the next page. `store.paging` does the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import flask
from marshmallow import fields, validate
from sqlalchemy import Select
from sqlalchemy.orm import Session

from api.schemas import Line, Question, Whole
from store import paging
from store.errors import NotFound
from store.paging import DEFAULT_LIMIT, MAX_LIMIT, Ask, Page
from store.query import Column, Ways
from store.sentences import say


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


def ask(query: Mapping[str, Any]) -> Ask:
    """Which page of a list a query wants."""
    return Ask(query["sort"], query.get("cursor"), query["limit"])


def select_page(
    session: Session,
    found: Select[Any] | Ways,
    query: Mapping[str, Any],
    sorts: Mapping[str, Column],
    key: Column,
) -> Page[Any]:
    """A page of rows, sorted by one of `sorts` and then by `key`, the id."""
    return paging.select_page(session, found, ask(query), sorts, key)


def next_address(page: Page[Any]) -> str | None:
    """The address of the page after this one."""
    if page.cursor is None:
        return None
    pairs = [(name, each) for name, each in flask.request.args.items(multi=True) if name != "cursor"]
    return f"{flask.request.path}?{urlencode([*pairs, ('cursor', page.cursor)])}"


def only(session: Session, statement: Select[Any], key: Column, thing_id: UUID, noun: str) -> Any:
    """The one row of a list that has an id; what the caller may not list does not exist for them. Raises NotFound."""
    found = session.scalar(statement.where(key == thing_id))
    if found is None:
        raise NotFound(say("There is no such %(noun)s, or it is not for you.", noun=noun))
    return found
