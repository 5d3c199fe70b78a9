"""How many cases come in and are closed, month by month: in time or not, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import CTE, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.cases import Case, missed
from committee.overview import WATCHERS
from committee.spread import Spread, spreads
from store import clock
from store.base import UtcDateTime
from store.query import Column, equal, narrowed
from store.spans import seconds_between

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A month of cases, as the calendar in Europe/Stockholm has it."""

    first: date
    received: int
    closed: int
    late: int
    """Of those that were closed: whose answer or decision came after its day."""
    spread: Spread | None
    """How long those that were closed took, from their arrival."""

    @property
    def end(self) -> date:
        """The first day of the next month."""
        return following(self.first)


def months(db: Session, actor: Actor, process_key: str | None = None) -> list[Month]:
    """The last twelve months, this one last; of one type of case if it is named."""
    access.require(actor, *WATCHERS)
    firsts = [clock.today().replace(day=1) - relativedelta(months=back) for back in range(MONTHS - 1, -1, -1)]
    spans = _spans(firsts)
    counted: dict[tuple[str, int], int] = {}
    arms = (
        _count("received", spans, Case.received_at),
        _count("closed", spans, Case.closed_at),
        _count("late", spans, Case.closed_at).where(missed()),
    )
    own = (Case.organization_id == actor.organization_id, equal(Case.case_type, process_key))
    for what, number, count in db.execute(union_all(*(narrowed(arm, *own) for arm in arms))):
        counted[what, number] = count
    took = seconds_between(Case.received_at, Case.closed_at).label("seconds")
    closed = select(spans.c.number.label("group"), took).join(Case, _within(spans, Case.closed_at))
    taken = spreads(db, narrowed(closed, *own))

    def month(number: int, first: date) -> Month:
        received, closed, late = (counted.get((what, number), 0) for what in ("received", "closed", "late"))
        return Month(first, received, closed, late, taken.get(number))

    return [month(number, first) for number, first in enumerate(firsts)]


def following(first: date) -> date:
    """The first day of the next month."""
    found: date = first + relativedelta(months=1)
    return found


def _spans(firsts: list[date]) -> CTE:
    """The months as rows: their number, when they begin and when they end."""

    def rows() -> Iterator[Select[*tuple[Any, ...]]]:
        for number, first in enumerate(firsts):
            start, end = (literal(clock.start_of(day), UtcDateTime()) for day in (first, following(first)))
            yield select(literal(number).label("number"), start.label("start"), end.label("end"))

    return union_all(*rows()).cte("month")


def _count(what: str, spans: CTE, at: Column) -> Select[*tuple[Any, ...]]:
    """How many cases have an instant in each month."""
    return select(literal(what), spans.c.number, func.count()).join(Case, _within(spans, at)).group_by(spans.c.number)


def _within(spans: CTE, at: Column) -> Any:
    return (at >= spans.c.start) & (at < spans.c.end)
