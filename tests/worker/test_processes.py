"""`python -m worker` as it runs in use: several at once, woken early, stopped while it works."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from committee import processes
from committee.cases import Case
from committee.organisations import Body, Person
from engine import definitions, instances
from engine.models import Instance
from store import clock, events
from store.database import Database
from store.events import Event, Outbox
from store.exits import CONFIGURATION, TEMPORARY
from store.ids import new_id
from store.settings import Settings
from tests.api.register import populate
from tests.support.diagrams import OPENING_FORM
from tests.support.eventually import eventually
from tests.support.running import Running, running
from tests.worker.conftest import Inbox, after, notify
from worker.outbox import LEASE, send_mail

Travel = Callable[[datetime | timedelta], None]
Mail = tuple[Inbox, Settings]
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def office(database: Database, travel: Travel) -> Database:
    """A register whose officer can be written to, in the past: what waits for time here is due for the workers."""
    populate(database)
    with database.transaction() as db:
        db.execute(update(Person).where(Person.key == "officer").values(email="hanna@region.example"))
    return database


def wait(office: Database, number: int) -> None:
    """Start processes that wait, and then write to the officer."""
    with office.transaction() as db:
        tenant = db.scalars(select(Body.organization_id).limit(1)).one()
        context = processes.check_context(db, tenant)
        diagram = after("PT0S", notify("tell"), "tell")
        files = {"opening.form": OPENING_FORM, "p.bpmn": diagram}
        definitions.deploy(db, tenant, files, context=context)
        definition = definitions.latest(db, tenant, "process", "small_referral")
        case = Case(organization_id=tenant, title="Skog", case_type="p", status="received", received_at=clock.now())
        db.add(case)
        db.flush()
        for _ in range(number):
            instances.start(db, definition, {}, case_id=case.id)


def write(office: Database, subject: str) -> None:
    """Put a mail into the outbox."""
    payload = {"to": "hanna@region.example", "subject": subject, "text": "Hej"}
    with office.transaction() as db:
        events.send(db, new_id(), subject, "email", payload)


def is_all_done(office: Database) -> bool:
    """Whether no instance waits and no mail is left."""
    with office.reading() as db:
        waiting = db.scalar(select(func.count()).where(Instance.status == "running"))
        return waiting == 0 and not db.scalar(select(func.count()).where(Outbox.state == "pending"))


def worker(office: Database, folder: Path, to: Mail, number: int = 0) -> AbstractContextManager[Running]:
    """A worker that polls so seldom that only a wake-up can make it work twice."""
    settings = {name: str(getattr(to[1], name)) for name in ("smtp_host", "smtp_port", "mail_sender")}
    return running("worker", office, folder, number, **settings)


@only_postgresql
def test_three_workers_fire_two_thousand_timers_and_send_their_mail_each_once(
    office: Database, tmp_path: Path, inbox: Mail
) -> None:
    wait(office, 2000)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(office, tmp_path, inbox, number)) for number in range(3)]
        eventually(lambda: is_all_done(office), "three workers do all that is due", 240)
        assert [each.stop() for each in workers] == [0, 0, 0]
    with office.reading() as db:
        fired = db.scalars(select(Event.subject_id).where(Event.type == "timer.fired")).all()
    sent = [mail["Message-ID"] for mail in inbox[0].mails]
    assert (len(fired), len(set(fired))) == (2000, 2000)
    assert (len(sent), len(set(sent))) == (2000, 2000)
    assert all("timers=" in each.log for each in workers), "one of them had nothing to do"
    assert not any("Traceback" in each.log or "failed" in each.log for each in workers)


@only_postgresql
def test_a_worker_is_woken_by_what_becomes_due_also_in_the_middle_of_a_round(
    office: Database, tmp_path: Path, inbox: Mail
) -> None:
    received, _ = inbox
    received.meanwhile = lambda: wait(office, 1) if len(received.mails) == 1 else None
    with worker(office, tmp_path, inbox) as woken:
        woken.says("listen.started")
        wait(office, 1)
        eventually(lambda: len(received.mails) == 1, "the first was told of")
        write(office, "Medan den arbetar läggs mer till")
        eventually(lambda: len(received.mails) == 3 and is_all_done(office), "what came during the round was done")


def test_a_worker_that_is_stopped_finishes_the_mail_it_has_begun_and_begins_no_other(
    office: Database, tmp_path: Path, inbox: Mail
) -> None:
    received, _ = inbox
    for number in range(5):
        write(office, f"Brev {number}")
    with worker(office, tmp_path, inbox) as stopped:

        def stop() -> None:
            stopped.process.terminate()
            write(office, "Ett till, när ingen längre lyssnar")

        received.meanwhile = stop
        assert stopped.process.wait(120) == 0
        assert "Traceback" not in stopped.log
    with office.reading() as db:
        rows = db.execute(select(Outbox.state, Outbox.attempts).order_by(Outbox.state.desc())).all()
    assert len(received.mails) == 1
    assert [tuple(row) for row in rows] == [("sent", 1)] + [("pending", 0)] * 5


def test_the_mail_of_a_worker_that_was_killed_comes_back(
    office: Database, tmp_path: Path, inbox: Mail, travel: Travel
) -> None:
    received, settings = inbox
    write(office, "Påminnelse")
    with worker(office, tmp_path, inbox) as killed:
        received.meanwhile = killed.kill
        eventually(killed.ended, "it was killed while it sent")
    eventually(lambda: received.mails, "the server got the first mail")
    received.meanwhile = lambda: None
    travel(clock.machine_now())
    assert send_mail(office, settings) == 0, "its claim stands for a while"
    travel(LEASE)
    assert send_mail(office, settings) == 1
    first, second = received.mails
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_that_cannot_start_says_why_in_one_sentence(database: Database, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    for number, (store, settings, code, sentence) in enumerate(
        [
            (empty, {}, CONFIGURATION, "Run: handslag db upgrade"),
            (away, {}, TEMPORARY, "cannot be reached"),
            (database, {"worker_poll_seconds": "soon"}, CONFIGURATION, "HANDSLAG_WORKER_POLL_SECONDS"),
        ]
    ):
        with running("worker", store, tmp_path, number, **settings) as process:
            assert process.process.wait(120) == code
            assert sentence in process.log and "Traceback" not in process.log
        store.dispose()
