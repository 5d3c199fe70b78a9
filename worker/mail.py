"""E-mail from the outbox over SMTP (RFC 5321). A row's Message-ID is always the same, so that a receiver sees repetitions."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Self

from store.events import Outbox
from store.settings import Settings

TIMEOUT_SECONDS = 20
MAILS_IN_A_ROW = 50
"""In one conversation: mail servers often refuse more than a hundred."""


def message(row: Outbox, sender: str) -> EmailMessage:
    """The e-mail of an outbox row. Header values cannot break out: the policy refuses line breaks."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2] or "localhost"
    mail["From"] = sender
    mail["To"] = row.payload["to"]
    mail["Subject"] = " ".join(str(row.payload["subject"]).split())
    stable = hashlib.sha256(f"{row.organization_id}/{row.key}".encode()).hexdigest()[:40]
    mail["Message-ID"] = f"<{stable}@{domain}>"
    mail["Date"] = row.created_at
    mail.set_content(str(row.payload["text"]))
    return mail


class MailServer:
    """The mail server of one round: all its mail goes in one conversation, which is begun with the first.

    After a fault, after `MAILS_IN_A_ROW` and when the server has hung up meanwhile the next mail begins another.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open: smtplib.SMTP | None = None
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def send(self, row: Outbox) -> None:
        """Send one row. Raises smtplib.SMTPException or OSError."""
        mail = message(row, self.settings.mail_sender)
        server = self._ready()
        try:
            server.send_message(mail)
        except BaseException:
            server.close()  # without a word: it may be in the middle of a mail
            self._open = None
            raise
        self._sent += 1

    def _ready(self) -> smtplib.SMTP:
        if self._open is None or self._sent >= MAILS_IN_A_ROW or not _answers(self._open):
            self._hang_up()
            self._open, self._sent = _conversation(self.settings), 0
        return self._open

    def _hang_up(self) -> None:
        """End the conversation; a server that does not even take leave has nothing of ours."""
        server, self._open = self._open, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError), server:
                pass  # it says QUIT, and closes whatever the answer


def _conversation(settings: Settings) -> smtplib.SMTP:
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, _own_name(), timeout=TIMEOUT_SECONDS)
    try:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())  # without one, nobody's certificate is checked
        if settings.smtp_username:
            server.login(settings.smtp_username, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _answers(server: smtplib.SMTP) -> bool:
    """Whether the server is still there: it may end what has been silent for long."""
    try:
        return server.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


@cache
def _own_name() -> str:
    """What this machine calls itself to a mail server, asked once: without a name server each answer takes seconds."""
    return socket.getfqdn()
