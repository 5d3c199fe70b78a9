"""Deadlines are spoken of in time, once before they pass and once after, however late the worker is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from committee import deadlines, reminders
from committee.cases import Case
from committee.deadlines import Deadline
from committee.organisations import Organization, Person
from engine.timers import MAX_ATTEMPTS
from store import clock
from store.database import Database
from store.events import Event, Outbox
from tests.api.register import populate

Travel = Callable[[datetime | timedelta], None]
FRIDAY = date(2021, 4, 30)
"""Ten working days before it is Friday 16 April: no holiday lies between."""


@pytest.fixture
def case_id(database: Database, travel: Travel) -> UUID:
    """A case on 15 February 2021 with an officer; everybody can be reached at their key."""
    populate(database)
    with database.transaction() as db:
        db.execute(update(Person).values(email=Person.key + "@demo.invalid"))
        officer = db.scalars(select(Person).where(Person.key == "officer")).one()
        case = Case(organization_id=officer.organization_id, title="Äganderätt", case_type="p", status="in_work")
        case.received_at, case.registry_number, case.case_officer_id = clock.now(), "RUN 1-2021", officer.id
        db.add(case)
        db.flush()
        deadlines.set_deadline(db, case.organization_id, case.id, "reply_by", FRIDAY)
        return case.id


def test_the_officer_is_reminded_once_in_time_and_those_above_once_when_it_has_passed(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    assert _day(database, travel, date(2021, 4, 15)) == []
    told = ("officer", "Svarsdag om 10 arbetsdagar: RUN 1-2021")
    assert _day(database, travel, date(2021, 4, 16)) == [told]
    assert _day(database, travel, date(2021, 4, 19)) == [told]
    assert _day(database, travel, FRIDAY) == [told]
    late = ("manager", "Svarsdag passerades för 1 dag sedan: RUN 1-2021")
    assert _day(database, travel, date(2021, 5, 1)) == [told, late]
    assert _day(database, travel, date(2021, 6, 1)) == [told, late]
    with database.reading() as db:
        types = db.scalars(select(Event.type).where(Event.type.startswith("deadline.")).order_by(Event.seq)).all()
    assert types == ["deadline.reminded", "deadline.escalated"]


def test_a_worker_that_was_off_says_only_how_late_it_is(database: Database, case_id: UUID, travel: Travel) -> None:
    assert _day(database, travel, date(2021, 5, 7)) == [
        ("manager", "Svarsdag passerades för 7 dagar sedan: RUN 1-2021")
    ]


def test_a_reminder_that_comes_late_says_how_much_time_is_left(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    assert _day(database, travel, date(2021, 4, 29)) == [("officer", "Svarsdag om 1 arbetsdag: RUN 1-2021")]


def test_a_moved_deadline_is_watched_afresh_and_one_that_is_met_no_more(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    assert len(_day(database, travel, date(2021, 5, 7))) == 1
    with database.transaction() as db:
        found = db.scalars(select(Deadline)).one()
        deadlines.extend(db, found, date(2021, 6, 30), "Anstånd", granted_by="Miljödepartementet", actor_id=None)
    assert len(_day(database, travel, date(2021, 6, 14))) == 1
    assert _day(database, travel, date(2021, 6, 15))[1:] == [("officer", "Svarsdag om 10 arbetsdagar: RUN 1-2021")]
    with database.transaction() as db:
        deadlines.close_deadline(db, case_id, "reply_by", "met")
    assert len(_day(database, travel, date(2021, 8, 1))) == 2


def test_a_deadline_that_is_moved_away_and_back_is_spoken_of_again(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    assert len(_day(database, travel, date(2021, 5, 7))) == 1
    with database.transaction() as db:
        organization_id = db.get_one(Case, case_id).organization_id
        for day in (date(2021, 6, 30), FRIDAY):
            deadlines.set_deadline(db, organization_id, case_id, "reply_by", day)
    assert len(_day(database, travel, date(2021, 5, 7))) == 2


def test_the_profile_says_what_is_watched_and_how_early(database: Database, case_id: UUID, travel: Travel) -> None:
    with database.transaction() as db:
        tenant = db.scalars(select(Organization).where(Organization.kind == "region")).one()
        tenant.profile = {"reminders": {"triage": 1}}
        db.flush()
        deadlines.set_deadline(db, tenant.id, case_id, "decision", date(2021, 4, 1))
        deadlines.set_deadline(db, tenant.id, case_id, "triage", date(2021, 4, 1))
    assert _day(database, travel, date(2021, 3, 31)) == []
    assert [subject for _, subject in _day(database, travel, date(2021, 4, 6))] == [
        "Fördelning passerades för 5 dagar sedan: RUN 1-2021"
    ]


def test_whoever_sets_a_date_within_its_warning_time_is_not_reminded_of_it(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    travel(clock.at(date(2021, 4, 20), 8))
    with database.transaction() as db:
        organization_id = db.get_one(Case, case_id).organization_id
        deadlines.set_deadline(db, organization_id, case_id, "reply_by", date(2021, 4, 26))
    assert _day(database, travel, date(2021, 4, 26)) == []
    assert len(_day(database, travel, date(2021, 4, 27))) == 1


def test_a_deadline_that_cannot_be_spoken_of_is_tried_later_and_later_and_stops_none_behind_it(
    database: Database, case_id: UUID, travel: Travel
) -> None:
    with database.transaction() as db:
        deadlines.set_deadline(db, db.get_one(Case, case_id).organization_id, case_id, "send", date(2021, 4, 19))
        db.execute(update(Deadline).where(Deadline.kind == "send").values(kind="nobody knows what"))
    told = ("officer", "Svarsdag om 10 arbetsdagar: RUN 1-2021")
    assert _day(database, travel, date(2021, 4, 16)) == [told]
    waits = []
    for _ in range(MAX_ATTEMPTS + 1):
        with database.reading() as db:
            retry_at = db.scalars(select(Deadline.retry_at).where(Deadline.attempts > 0)).one()
        assert retry_at is not None
        waits.append((retry_at - clock.now()).total_seconds())
        assert _remind_all(database) == 0, "it was tried again at once"
        travel(retry_at)
        assert _remind_all(database) == 1
    assert waits == [30 * 2 ** min(n, MAX_ATTEMPTS - 1) for n in range(MAX_ATTEMPTS + 1)]
    with database.transaction() as db:
        db.execute(update(Deadline).where(Deadline.attempts > 0).values(kind="send"))
    assert _day(database, travel, date(2021, 4, 17)) == [
        told,
        ("registrar", "Sista dag att sända svaret om 1 arbetsdag: RUN 1-2021"),
    ]


def test_workers_at_once_speak_of_each_deadline_once(database: Database, case_id: UUID, travel: Travel) -> None:
    with database.transaction() as db:
        case = db.get_one(Case, case_id)
        for number in range(20):
            other = Case(
                organization_id=case.organization_id, title=f"Remiss {number}", case_type="p", status="in_work"
            )
            other.received_at, other.case_officer_id = clock.now(), case.case_officer_id
            db.add(other)
            db.flush()
            deadlines.set_deadline(db, case.organization_id, other.id, "reply_by", FRIDAY)
    travel(clock.at(date(2021, 4, 16), 8))
    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(lambda _: _remind_all(database), range(4))) == 21
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Outbox)) == 21


def _remind_all(database: Database) -> int:
    told = 0
    while reminders.remind_next(database):
        told += 1
    return told


def _day(database: Database, travel: Travel, day: date) -> list[tuple[str, str]]:
    """To whom what has been written, after the worker has been at work in the morning of a day."""
    travel(clock.at(day, 8))
    _remind_all(database)
    with database.reading() as db:
        mails = db.scalars(select(Outbox).order_by(Outbox.created_at, Outbox.id)).all()
    return [(mail.payload["to"].partition("@")[0], mail.payload["subject"]) for mail in mails]
