"""API and worker that are killed and started again many times: real processes, forked from one that has imported all.

A start by `python -m` costs seconds of importing (tests/worker shows those); here each start costs milliseconds, so that
a test can afford many deaths.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from store.database import Database
from tests.support.eventually import eventually
from tests.support.running import free_port

_forge = multiprocessing.get_context("forkserver")
_forge.set_forkserver_preload(["api.__main__", "worker.__main__", "committee"])


class Member:
    """The API or the worker."""

    def __init__(self, name: str, settings: Mapping[str, str], log: Path) -> None:
        self.name, self._settings, self._log = name, settings, log
        self.deaths = 0
        self.start()

    def start(self) -> None:
        """Start it as `python -m name` does."""
        self.process = _forge.Process(target=_run, args=(self.name, dict(self._settings), str(self._log)), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """SIGKILL, wherever it is."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.deaths += 1

    def stop(self) -> int | None:
        """SIGTERM; gives the exit code."""
        self.process.terminate()
        self.process.join(30)
        return self.process.exitcode

    @property
    def log(self) -> str:
        """What it has said in all its lives."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""


class Api(Member):
    """The API and its address."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        port = free_port()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        super().__init__("api", {**settings, "HANDSLAG_PORT": str(port)}, log)

    def await_answer(self, status: int = 200) -> None:
        """Wait until it says that it is ready, or whatever else is expected."""

        def answers() -> bool:
            with suppress(httpx.TransportError):
                return self.client.get("/readyz").status_code == status
            return False

        eventually(answers, f"the API answers {status}", 120)


@contextmanager
def crew(database: Database, folder: Path, **more: str) -> Iterator[tuple[Api, Member]]:
    """An API and a worker on a database, until the end of the block. `more` are HANDSLAG_… in small letters."""
    given = {"database_url": database.url, "data_dir": str(folder), "worker_poll_seconds": "0.2", **more}
    settings = {f"HANDSLAG_{key.upper()}": value for key, value in given.items()}
    api = Api(settings, folder / "api.log")
    members = api, Member("worker", settings, folder / "worker.log")
    try:
        api.await_answer()
        yield members
    finally:
        for member in members:
            with suppress(ValueError):  # it was killed and not started again
                member.process.kill()
                member.process.join()
        api.client.close()


def _run(name: str, settings: dict[str, str], log: str) -> None:
    os.environ.update(settings)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    importlib.import_module(f"{name}.__main__").main()
