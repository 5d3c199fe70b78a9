"""The supervisor starts again what dies, for as long as that can help, and says so when it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from store import migrate
from store.database import Database
from store.exits import CONFIGURATION
from tests.support import postgres
from tests.support.eventually import eventually
from tests.support.running import free_port, running


def test_it_waits_for_the_database_and_starts_again_what_was_killed(tmp_path: Path) -> None:
    with postgres.own_server() as server:
        url = postgres.create_database(server.url, "handslag").replace("postgresql:", "postgresql+psycopg:", 1)
        database = Database(url)
        migrate.upgrade(database)
        database.dispose()
        server.stop()
        with running("cli.main worker", database, tmp_path) as supervisor:
            eventually(lambda: supervisor.log.count("ended with code 75") > 1, "it goes on without a database", 180)
            assert "starting it again in 1 s" in supervisor.log and "again in 2 s" in supervisor.log
            server.start()
            eventually(lambda: "worker.started" in supervisor.log, "it works when the database is back", 180)
            (child,) = psutil.Process(supervisor.process.pid).children()
            child.kill()
            eventually(lambda: supervisor.log.count("worker.started") == 2, "it started what was killed", 180)
            assert "ended with code -9" in supervisor.log
            assert supervisor.stop() == 0
            assert "worker.stopped" in supervisor.log and "Traceback" not in supervisor.log


@pytest.mark.parametrize(("command", "begun"), [("worker", "worker.started"), ("api", "listening on")])
def test_what_it_runs_ends_with_it_however_it_ends(tmp_path: Path, command: str, begun: str) -> None:
    database = Database(f"sqlite:///{tmp_path}/handslag.db")
    migrate.upgrade(database)
    with running(f"cli.main {command}", database, tmp_path, port=str(free_port())) as supervisor:
        eventually(lambda: begun in supervisor.log.lower(), "it is at work", 180)
        (child,) = psutil.Process(supervisor.process.pid).children()
        supervisor.process.kill()
        try:
            eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "it has ended", 30)
        finally:
            if child.is_running():
                child.kill()
    assert "Traceback" not in supervisor.log
    database.dispose()


def test_it_gives_up_at_what_only_a_person_can_mend(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/handslag.db")
    with running("cli.main worker", database, tmp_path, 1) as worker:
        assert worker.process.wait(180) == CONFIGURATION
        assert "Run: handslag db upgrade" in worker.log
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with running("cli.main api", database, tmp_path, 2, port=str(port)) as api:
            assert api.process.wait(180) == CONFIGURATION
            assert f"cannot listen on 127.0.0.1:{port}" in api.log and "HANDSLAG_PORT" in api.log
    assert "Traceback" not in worker.log + api.log
    database.dispose()
