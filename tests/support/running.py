"""API and worker as the processes that they are in use: started, asked, stopped and killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from store.database import Database
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[2]
LONG = "600"
"""Seconds of a poll that a test does not live to see."""


class Running:
    """One process of ours and its log."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self.process, self._log = name, process, log

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def says(self, text: str) -> None:
        """Wait until it has said something."""
        eventually(lambda: text in self.log or self.ended(), f"the {self.name} says '{text}'", 120)
        assert text in self.log, f"the {self.name} ended without saying '{text}':\n{self.log[-2000:]}"

    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.process.poll() is not None

    def stop(self, seconds: float = 30.0) -> int:
        """Ask it to end (SIGTERM) and give its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it in the middle of whatever it does (SIGKILL)."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(command: str, database: Database, folder: Path, number: int = 0, **settings: str) -> Iterator[Running]:
    """Run `python -m command` on a database until the end of the block. `settings` are HANDSLAG_… in small letters."""
    given = {"database_url": database.url, "data_dir": str(folder), "worker_poll_seconds": LONG, **settings}
    environment = os.environ | {f"HANDSLAG_{key.upper()}": value for key, value in given.items()}
    module, *arguments = command.split()
    path = folder / f"{module}{number}.log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield Running(command, process, path)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def await_ready(address: str, server: Running) -> None:
    """Wait until an API answers that it is ready."""

    def ready() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{address}/readyz").is_success
        return server.ended()

    eventually(ready, "the API is ready", 120)
    assert not server.ended(), server.log[-2000:]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
