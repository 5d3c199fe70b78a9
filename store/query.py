"""Conditions that a question may or may not have: a filter that was not asked for narrows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
Condition = ColumnElement[bool] | None


@dataclass(frozen=True, slots=True)
class Ways:
    """Rows that meet the conditions in one of several ways, each along an index of its own; none where no way is."""

    rows: Select[*tuple[Any, ...]]
    ways: Sequence[ColumnElement[bool]]
    conditions: Sequence[Condition] = ()

    def first(self, key: Column, order: Sequence[ColumnElement[Any]], count: int, narrower: Condition) -> Any:
        """The statement of the first rows by an order: each way gives as many keys as could be needed."""
        asked = narrowed(self.rows, *self.conditions, narrower)
        if len(self.ways) < 2:
            return asked.where(*self.ways or [false()]).order_by(*order).limit(count)
        each = [asked.with_only_columns(key).where(way).order_by(*order).limit(count).subquery() for way in self.ways]
        keys = union_all(*(select(found) for found in each))  # from subqueries: SQLite takes no limit in a union
        return self.rows.where(key.in_(keys)).order_by(*order).limit(count)


def narrowed(statement: S, *conditions: Condition) -> S:
    """The statement with those of the conditions that there are."""
    return statement.where(*(condition for condition in conditions if condition is not None))


def equal(column: Column, value: object | None) -> Condition:
    """The column has the value."""
    return None if value is None else column == value


def at_least(column: Column, value: object | None) -> Condition:
    """The column has the value or a later one."""
    return None if value is None else column >= value


def below(column: Column, value: object | None) -> Condition:
    """The column has an earlier value."""
    return None if value is None else column < value


def beyond(column: Column, key: Column, place: tuple[Any, Any], *, descending: bool) -> ColumnElement[bool]:
    """Rows that come after a place in the order of column and key, in the form that an index can go to at once."""
    here = tuple_(column, key)
    return here < place if descending else here > place


def holding(column: Column, text: str | None) -> Condition:
    """The column holds the text somewhere, in small or capital letters."""
    return None if text is None else column.icontains(text, autoescape=True)
