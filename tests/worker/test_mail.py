"""E-mail leaves the outbox over a real SMTP conversation, once, and waits when nobody answers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy import select

from store import events
from store.database import Database
from store.events import Outbox
from store.ids import new_id
from store.settings import Settings
from worker.tick import MAX_ATTEMPTS, send_mail

Travel = Callable[[datetime | timedelta], None]


class Inbox(Message):
    """An SMTP server's handler that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Settings]]:
    """A real SMTP server, and the settings that lead to it."""
    handler, port = Inbox(), free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    yield handler, Settings(smtp_host="127.0.0.1", smtp_port=port, mail_sender="handslag@region.example")
    server.stop()


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
    (mail,) = received.mails
    assert (mail["To"], mail["Bcc"]) == ("hanna@region.example", None)
    assert str(make_header(decode_header(mail["Subject"]))) == "Påminnelse Bcc: all@region.example"
    assert mail["Message-ID"].endswith("@region.example>")
    assert mail.get_payload(decode=True).decode().strip() == "Å, ä och ö"


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
    assert (row.state, row.attempts) == ("failed", MAX_ATTEMPTS)
    assert row.error


def test_without_a_mail_server_nothing_is_lost(database: Database, travel: Travel) -> None:
    put(database, "Påminnelse")
    assert send_mail(database, Settings(smtp_host="")) == 0
    with database.reading() as db:
        assert db.scalars(select(Outbox)).one().state == "pending"
