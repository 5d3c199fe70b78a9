"""The stage: API and worker as real processes on an empty database, in simulated time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NoReturn

import httpx
from sqlalchemy import select

from cli import supervisor
from cli.demo.actors import Actor, DemoFailed
from committee import profile
from committee.organisations import Organization
from store import clock, migrate, simulation
from store.database import Database
from store.errors import Misconfigured
from store.settings import Settings

OPERATOR = "drift"
READY_SECONDS = 60.0
CATCH_UP_SECONDS = 60.0
POLL_SECONDS = 0.02


class Stage:
    """What the play stands on: people with tokens, and a clock that waits for the worker."""

    def __init__(self, client: httpx.Client, users: list[profile.DemoUser], crew: list[_Process]) -> None:
        self._client = client
        self._crew = crew
        self.actors = {user.key: Actor(client, user.key, user.token) for user in users}

    def actor(self, key: str) -> Actor:
        """A person of the demo organisation."""
        if key not in self.actors:
            raise DemoFailed(f"Nobody in the demo organisation has the key '{key}'.")
        return self.actors[key]

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return datetime.fromisoformat(self.actor(OPERATOR).get("/clock")["now"])

    def travel(self, to: datetime) -> Iterator[datetime]:
        """Move time to an instant by way of every timer that falls due before it, each done by the worker in its time.

        Gives each instant at which the worker had something to do, and the last.
        """
        following = self._caught_up(self.actor(OPERATOR).get("/clock"))
        while following is not None and following < to:
            reached, following = following, self._set(following)
            yield reached
        self._set(to)
        yield to

    def _set(self, at: datetime) -> datetime | None:
        return self._caught_up(self.actor(OPERATOR).post("/clock", {"at": at.isoformat()}))

    def _caught_up(self, shown: dict[str, Any]) -> datetime | None:
        """Wait until the worker has fired what is due; give the instant at which the next timer falls due."""
        until = time.monotonic() + CATCH_UP_SECONDS
        while shown["timers_due"]:
            _require_alive(self._crew)
            if time.monotonic() > until:
                raise DemoFailed(f"The worker has left {shown['timers_due']} timers since {shown['now']}.")
            time.sleep(POLL_SECONDS)
            shown = self.actor(OPERATOR).get("/clock")
        following = shown["next_timer_at"]
        return datetime.fromisoformat(following) if following else None


@contextmanager
def stage(begins: datetime, database_url: str = "") -> Iterator[Stage]:
    """Set everything up, with the clock at an instant; stop and clean up at the end. Raises Misconfigured, DemoFailed.

    Without a URL the database is an embedded one in a folder of its own that goes when the play is over.
    """
    with ExitStack() as stack:
        # Told to end, the play leaves this block and so stops its processes, as on Ctrl-C.
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _end))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="handslag-demo-")))
        settings = Settings(
            environment="development",
            clock="simulated",
            data_dir=folder,
            database_url=database_url,
            host="127.0.0.1",
            port=_free_port(),
            smtp_host="",
            worker_poll_seconds=0.05,
        )
        users = _prepare(settings, begins)
        crew = [stack.enter_context(_running(name, settings, folder)) for name in ("api", "worker")]
        client = stack.enter_context(httpx.Client(base_url=f"http://{settings.host}:{settings.port}", timeout=60))
        _await_ready(client, crew)
        yield Stage(client, users, crew)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _prepare(settings: Settings, begins: datetime) -> list[profile.DemoUser]:
    """What `handslag run` does before it serves, in simulated time and with an empty calendar."""
    store = Database(settings.url())
    try:
        migrate.upgrade(store)
        with store.reading() as db:
            if db.scalar(select(Organization.id).limit(1)) is not None:
                raise Misconfigured("The demo plays on an empty database, and this one is in use. Name another.")
        simulation.set_clock(store, begins)
        simulation.use_configured_clock(settings, store)
        users = profile.load_demo(store, settings, meetings=False)
        profile.deploy_processes(store, settings)
        return users
    finally:
        clock.use(None)
        store.dispose()


class _Process:
    """One of ours, and where it writes its log."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self.process, self.log = name, process, log


@contextmanager
def _running(name: str, settings: Settings, folder: Path) -> Iterator[_Process]:
    given = settings.model_dump(mode="json", exclude={"region", "threads", "max_upload_bytes"})
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    environment = os.environ | {f"HANDSLAG_{key.upper()}": value for key, value in texts.items()}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        # A group of its own: Ctrl-C reaches the play, which then stops its processes in order.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", name], env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield _Process(name, process, log)
        finally:
            supervisor.end(process)


def _await_ready(client: httpx.Client, crew: list[_Process]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        _require_alive(crew)
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(POLL_SECONDS)
    raise DemoFailed(f"The API was not ready within {READY_SECONDS:.0f} seconds.")


def _require_alive(crew: list[_Process]) -> None:
    for each in crew:
        if each.process.poll() is not None:
            last = each.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise DemoFailed(f"The {each.name} ended with code {each.process.returncode}. Its last words:\n{last}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
