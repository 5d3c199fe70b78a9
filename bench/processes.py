"""The product's processes as the supervisor starts them: one that serves, one that works."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.eventually import eventually

PATIENCE_SECONDS = 30.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(module: str, settings: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` with `HANDSLAG_…` settings; what it says goes to a file in the folder."""
    environment = os.environ | {f"HANDSLAG_{name}": value for name, value in settings.items()}
    environment |= {"HANDSLAG_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with (folder / f"{module}.log").open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(url: str, folder: Path, module: str = "api") -> Iterator[tuple[int, psutil.Process]]:
    """An API process over a database; gives its port when it answers."""
    port = free_port()
    with running(module, {"DATABASE_URL": url, "PORT": str(port)}, folder) as process:
        await_answer(process, port)
        yield port, psutil.Process(process.pid)


def await_answer(process: subprocess.Popen[bytes], port: int, path: str = "/livez") -> None:
    """Wait until the process answers."""
    message = f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()

    def answers() -> bool:
        assert process.poll() is None, f"the process ended with code {process.returncode}"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                connection.sendall(message)
                return b" 200 " in connection.recv(64)
        except OSError:
            return False

    eventually(answers, "an answer of the process", PATIENCE_SECONDS)


def resident(process: psutil.Process) -> float:
    """Megabytes of memory that a process and its children hold."""
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 2**20
