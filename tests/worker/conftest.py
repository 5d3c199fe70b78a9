"""Processes that wait for time, over the register and the API of the API's tests; and mail servers that are real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from store.settings import Settings
from tests.api.conftest import app, people
from tests.support.diagrams import OPENING, bpmn
from tests.support.running import free_port

__all__ = ["app", "people"]


class Inbox(Message):
    """An SMTP server's handler that keeps what it gets, and does something of its own meanwhile."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Any] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def handle_message(self, message: Any) -> None:
        self.meanwhile()
        self.mails.append(message)


@pytest.fixture
def serve() -> Iterator[Callable[[], tuple[Inbox, Settings]]]:
    """Starts real SMTP servers; each comes with the settings that lead to it."""
    with ExitStack() as stack:

        def start() -> tuple[Inbox, Settings]:
            handler, port = Inbox(), free_port()
            server = Controller(handler, hostname="127.0.0.1", server_hostname="localhost", port=port)
            server.start()
            stack.callback(server.stop)
            return handler, Settings(smtp_host="127.0.0.1", smtp_port=port, mail_sender="handslag@region.example")

        yield start


@pytest.fixture
def inbox(serve: Callable[[], tuple[Inbox, Settings]]) -> tuple[Inbox, Settings]:
    """One of them."""
    return serve()


def after(duration: str, then: str, way: str, *, process: str = "small_referral") -> bytes:
    """A process that waits for a duration before it does anything."""
    timer = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    wait = f'{OPENING}<intermediateCatchEvent id="wait">{timer}</intermediateCatchEvent>'
    return bpmn(f'{wait}{then}<endEvent id="end"/>', f"start > wait > {way} > end", process=process)


def reminded(cycle: str, *, process: str = "small_referral") -> bytes:
    """A task for the officers, of which a timer on its edge reminds them again and again."""
    return bpmn(
        f"""{OPENING}
        <userTask id="write" name="Skriv"><extensionElements>
          <handslag:performer role="officer" body="stab"/></extensionElements></userTask>
        <boundaryEvent id="again" attachedToRef="write" cancelActivity="false">
          <timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition></boundaryEvent>
        {notify("remind")}<endEvent id="end"/><endEvent id="told"/>""",
        "start > write > end; again > remind > told",
        process=process,
    )


def notify(key: str) -> str:
    """A task that writes to the officers."""
    inputs = {"body": "stab", "role": "officer", "subject": "Påminnelse"}
    mapped = "".join(f'<handslag:input name="{name}" value="=&quot;{text}&quot;"/>' for name, text in inputs.items())
    return (
        f'<serviceTask id="{key}" name="{key}"><extensionElements><handslag:operation name="notify"/>{mapped}'
        "</extensionElements></serviceTask>"
    )
