"""How long things usually take, and how long the slow ones: the median and the ninetieth percentile, by group.

The database finds the few values on which they lie, so that not every wait is fetched. Between two values they are
interpolated: as `statistics.median` and `statistics.quantiles(method="inclusive")` have it, and PostgreSQL's percentile_cont.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, SelectBase, case, cast, func, literal_column, select
from sqlalchemy.orm import Session

SHARES = ((1, 2), (9, 10))
"""The median and the ninetieth percentile, as fractions."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long the things of a group took."""

    count: int
    median: timedelta
    p90: timedelta
    """Nine of ten took no longer."""


def spreads(db: Session, waits: SelectBase) -> Mapping[Any, Spread]:
    """By group. `waits` has the columns `group` and `seconds`, which is never null."""
    wait = waits.subquery().c
    place = (func.row_number().over(partition_by=wait.group, order_by=wait.seconds) - 1).label("place")
    count = func.count().over(partition_by=wait.group).label("count")
    ranked = select(wait.group, wait.seconds, place, count).subquery().c
    values = [each for share in SHARES for each in _around(ranked, *share)]
    found = db.execute(select(ranked.group, func.max(ranked.count), *values).group_by(ranked.group))
    return {
        row[0]: Spread(row[1], _between(row[1], SHARES[0], *row[2:4]), _between(row[1], SHARES[1], *row[4:6]))
        for row in found
    }


def _around(ranked: Any, part: int, whole: int) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The value at a share of the way through a group, or the two between which it lies."""
    before = cast((ranked.count - 1) * literal_column(str(part)), Integer) // literal_column(str(whole))

    def at(place: ColumnElement[int]) -> ColumnElement[int]:
        return func.max(case((ranked.place == place, ranked.seconds)))

    return at(before), at(before + 1)


def _between(count: int, share: tuple[int, int], low: int, high: int | None) -> timedelta:
    part, whole = share
    beyond = (count - 1) * part % whole / whole
    return timedelta(seconds=low + beyond * ((high if high is not None else low) - low))
