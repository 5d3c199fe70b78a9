"""Months and answers: counted on stages that are worked out by hand, on both databases, with their lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from committee import cases, months, responses
from committee.access import Actor
from committee.cases import Case
from committee.deadlines import Deadline
from committee.organisations import Organization
from committee.referrals import Consultee, Referral
from store import clock
from store.database import Database
from store.errors import Forbidden
from tests.api.register import populate
from tests.support.people import acting

Travel = Callable[[datetime | timedelta], None]


@pytest.fixture
def manager(database: Database, travel: Travel) -> Actor:
    """Who watches, on 15 February 2021."""
    populate(database)
    return acting(database, "manager")


def _case(database: Database, actor: Actor, received: datetime, days: float | None = None, missed: str = "") -> None:
    """A case that came in at an instant and was closed so many days later, or not."""
    with database.transaction() as db:
        closed_at = received + timedelta(days=days) if days is not None else None
        made = Case(
            organization_id=actor.organization_id, title="Remiss", case_type="referral", status="closed" if closed_at else "in_work",
            received_at=received, closed_at=closed_at,
        )  # fmt: skip
        db.add(made)
        db.flush()
        if missed:
            due_on = clock.local_date(received)
            state = {"organization_id": actor.organization_id, "case_id": made.id, "due_on": due_on, "state": "missed"}
            db.add(Deadline(kind=missed, **state))


def test_months_begin_at_midnight_in_stockholm(database: Database, manager: Actor) -> None:
    _case(database, manager, datetime(2020, 12, 31, 22, 59, tzinfo=UTC), 30)  # closed on 30 January
    _case(database, manager, datetime(2020, 12, 31, 23, 0, tzinfo=UTC), 10, "reply_by")
    _case(database, manager, datetime(2021, 1, 5, tzinfo=UTC), 2, "draft")
    _case(database, manager, datetime(2021, 1, 5, tzinfo=UTC), missed="reply_by")
    _case(database, manager, datetime(2020, 2, 28, tzinfo=UTC), 345)  # before the twelve months; closed on 7 February
    with database.reading() as db:
        found = {each.first: each for each in months.months(db, manager)}
        assert (min(found), max(found), len(found)) == (date(2020, 3, 1), date(2021, 2, 1), 12)
        numbers = {
            first: (each.received, each.closed, each.late)
            for first, each in found.items()
            if each.received + each.closed
        }
        assert numbers == {date(2020, 12, 1): (1, 0, 0), date(2021, 1, 1): (3, 3, 1), date(2021, 2, 1): (0, 1, 0)}
        january = found[date(2021, 1, 1)].spread
        assert january is not None and (january.median, january.p90) == (timedelta(days=10), timedelta(days=26))
        assert months.months(db, manager, "strategy")[-1].closed == 0
        for each in found.values():
            span = {"closed_from": clock.start_of(each.first), "closed_before": clock.start_of(each.end)}
            assert len(db.scalars(cases.find_cases(manager, **span)).all()) == each.closed  # type: ignore[arg-type]
            assert len(db.scalars(cases.find_cases(manager, late=True, **span)).all()) == each.late  # type: ignore[arg-type]


def test_the_response_rate_is_of_what_could_have_been_answered(database: Database, manager: Actor) -> None:
    past, ahead = date(2021, 2, 14), date(2021, 2, 15)
    stage = [
        ("answered", past), ("answered", ahead), ("abstained", past), ("late", past), ("no_reply", past), ("invited", past),
        ("extension_asked", past), ("invited", ahead), ("extension_asked", ahead), ("stopped", past), ("answered", date(2019, 5, 1)),
    ]  # fmt: skip
    _case(database, manager, clock.now())
    with database.transaction() as db:
        umea = db.scalars(select(Organization).where(Organization.key == "umea")).one()
        own = {"organization_id": umea.organization_id}
        case_id = db.scalars(select(Case.id)).one()
        for status, day in stage:
            referral = Referral(case_id=case_id, mode="remiss", reply_by=day, created_at=clock.now(), **own)
            db.add(referral)
            db.flush()
            db.add(Consultee(referral_id=referral.id, consulted_id=umea.id, status=status, reply_by=day, **own))
    since = date(2020, 2, 15)
    with database.reading() as db:
        (found,) = responses.responses(db, manager, since)
        expected = {"answered": 2, "abstained": 1, "late": 1, "silent": 3, "waiting": 2, "stopped": 1}
        assert (found.key, found.counts, found.asked, found.rate) == ("umea", expected, 7, 4 / 7)
        assert responses.total([found, found]).rate == 4 / 7
        for which, count in {**expected, "asked": 7}.items():
            behind = db.scalars(responses.find_asked(manager, since, organization="umea", which=which)).all()
            assert len(responses.described(db, behind)) == count, which
    for who in ("officer", "umea"):
        with database.reading() as db, pytest.raises(Forbidden):
            responses.responses(db, acting(database, who), since)
        with database.reading() as db, pytest.raises(Forbidden):
            months.months(db, acting(database, who))
