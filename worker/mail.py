"""E-mail from the outbox over SMTP (RFC 5321). A row's Message-ID is always the same, so that a receiver sees repetitions."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

from store.events import Outbox
from store.settings import Settings

TIMEOUT_SECONDS = 20


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


def send(row: Outbox, settings: Settings) -> None:
    """Send one row. Raises smtplib.SMTPException or OSError."""
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, _own_name(), timeout=TIMEOUT_SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())  # without one, nobody's certificate is checked
        if settings.smtp_username:
            server.login(settings.smtp_username, settings.smtp_password)
        server.send_message(message(row, settings.mail_sender))


@cache
def _own_name() -> str:
    """What this machine calls itself to a mail server, asked once: without a name server each answer takes seconds."""
    return socket.getfqdn()
