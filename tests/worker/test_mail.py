"""E-mail leaves the outbox over a real SMTP conversation, once, and waits when nobody answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email.header import decode_header, make_header

import pytest
from sqlalchemy import select

from store import events
from store.database import Database
from store.events import Event, Outbox
from store.ids import new_id
from store.settings import Settings
from tests.support.running import free_port
from tests.worker.conftest import Inbox
from worker import mail
from worker.mail import MailServer
from worker.outbox import LEASE, MAX_ATTEMPTS, send_mail

Travel = Callable[[datetime | timedelta], None]


def put(database: Database, subject: str) -> None:
    with database.transaction() as db:
        payload = {"to": "hanna@region.example", "subject": subject, "text": "Å, ä och ö"}
        events.send(db, new_id(), f"key:{subject}", "email", payload)


def test_a_mail_is_sent_once_with_an_id_made_from_its_key(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings]
) -> None:
    received, settings = inbox
    put(database, "Påminnelse\nBcc: all@region.example")
    assert send_mail(database, settings) == 1
    assert send_mail(database, settings) == 0
    (got,) = received.mails
    assert (got["To"], got["Bcc"]) == ("hanna@region.example", None)
    assert str(make_header(decode_header(got["Subject"]))) == "Påminnelse Bcc: all@region.example"
    assert got["Message-ID"].endswith("@region.example>")
    assert got.get_payload(decode=True).decode().strip() == "Å, ä och ö"


def test_a_mail_that_cannot_be_sent_waits_longer_each_time_and_then_asks_for_help(
    database: Database, travel: Travel
) -> None:
    nobody = Settings(smtp_host="127.0.0.1", smtp_port=free_port())
    put(database, "Påminnelse")
    assert send_mail(database, nobody) == 0
    assert send_mail(database, nobody) == 0, "it was tried again at once"
    for _ in range(MAX_ATTEMPTS):
        travel(timedelta(hours=7))
        send_mail(database, nobody)
    with database.reading() as db:
        row = db.scalars(select(Outbox)).one()
        told = db.scalars(select(Event).where(Event.subject_id == row.id)).all()
    assert (row.state, row.attempts) == ("failed", MAX_ATTEMPTS)
    assert [each.type for each in told] == ["mail.failed"], "that it never left is said once"
    assert row.error


def test_without_a_mail_server_nothing_is_lost(database: Database, travel: Travel) -> None:
    put(database, "Påminnelse")
    assert send_mail(database, Settings(smtp_host="")) == 0
    with database.reading() as db:
        assert db.scalars(select(Outbox)).one().state == "pending"


def test_nobody_waits_for_the_database_while_a_mail_server_thinks(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings]
) -> None:
    received, settings = inbox
    put(database, "Den första")
    received.meanwhile = lambda: put(database, "Den andra") if not received.mails else None
    assert send_mail(database, settings) == 2
    assert [str(make_header(decode_header(each["Subject"]))) for each in received.mails] == ["Den första", "Den andra"]


def test_a_claim_that_ran_out_is_taken_over_and_the_receiver_can_tell_the_two_mails_are_one(
    database: Database, travel: Travel, serve: Callable[[], tuple[Inbox, Settings]]
) -> None:
    (slow, to_slow), (quick, to_quick) = serve(), serve()
    put(database, "Påminnelse")

    def taken_over() -> None:
        assert send_mail(database, to_quick) == 0, "it was claimed, and sent by another all the same"
        travel(LEASE)
        assert send_mail(database, to_quick) == 1

    slow.meanwhile = taken_over
    assert send_mail(database, to_slow) == 1
    (first,), (second,) = slow.mails, quick.mails
    assert first["Message-ID"] == second["Message-ID"]
    travel(timedelta(days=1))
    assert send_mail(database, to_slow) == 0


def test_a_mail_that_cannot_be_made_stops_no_other(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings]
) -> None:
    received, settings = inbox
    with database.transaction() as db:
        events.send(db, new_id(), "broken", "email", {"to": ["not", "a", "text"]})
    put(database, "Påminnelse")
    assert send_mail(database, settings) == 1
    assert len(received.mails) == 1


def test_a_mail_at_which_the_worker_always_dies_is_given_up(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    _, settings = inbox
    monkeypatch.setattr(MailServer, "send", die)
    put(database, "Påminnelse")
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            send_mail(database, settings)
        travel(LEASE)
    assert send_mail(database, settings) == 0
    with database.reading() as db:
        assert db.scalars(select(Outbox)).one().state == "failed"


def test_the_mail_of_a_round_shares_one_conversation(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    received, settings = inbox
    for number in range(5):
        put(database, f"Påminnelse {number}")
    assert send_mail(database, settings) == 5
    assert len({each["X-Peer"] for each in received.mails}) == 1
    monkeypatch.setattr(mail, "MAILS_IN_A_ROW", 2)
    received.mails.clear()
    for number in range(5, 10):
        put(database, f"Påminnelse {number}")
    assert send_mail(database, settings) == 5
    assert len({each["X-Peer"] for each in received.mails}) == 3


def test_a_mail_that_is_refused_and_a_server_that_hangs_up_stop_no_other(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings]
) -> None:
    received, settings = inbox
    for subject in "Först", "Vägras", "Sist":
        put(database, subject)

    def refuse() -> None:
        if len(received.mails) == 1 and not refused:
            refused.append(True)
            raise RuntimeError

    refused: list[bool] = []
    received.meanwhile = refuse
    assert send_mail(database, settings) == 2
    travel(timedelta(hours=1))
    assert send_mail(database, settings) == 1
    subjects = [str(make_header(decode_header(each["Subject"]))) for each in received.mails]
    assert subjects == ["Först", "Sist", "Vägras"]


def test_a_server_that_has_hung_up_meanwhile_gets_a_new_conversation(
    database: Database, travel: Travel, inbox: tuple[Inbox, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    received, settings = inbox
    put(database, "Den första")
    put(database, "Den andra")
    with MailServer(settings) as server:
        conversations = []
        for row in waiting(database):
            server.send(row)
            assert server._open is not None and server._open.sock is not None
            conversations.append(server._open)
            server._open.sock.shutdown(socket.SHUT_RDWR)
    assert len(set(conversations)) == len(received.mails) == 2


def waiting(database: Database) -> list[Outbox]:
    with database.reading() as db:
        return list(db.scalars(select(Outbox).order_by(Outbox.id)))
