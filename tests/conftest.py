"""Fixtures: a database of each kind that is empty but migrated, and a clock that stands still."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from store import clock, migrate
from store.database import Database
from store.ids import new_id
from tests.support import postgres

os.environ["COLUMNS"] = "200"  # tables are as wide whatever terminal the tests run in
settings.register_profile("handslag", deadline=None)  # a busy machine is no failure
settings.load_profile("handslag")

TEMPLATE = "handslag_template"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that starts the others, or the only one
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: what was started is stopped first
        run = ExitStack()
        run.enter_context(postgres.run_of_tests())
        config.add_cleanup(run.close)


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The server of this test run, with a migrated template database."""
    return postgres.shared(_make_template)


def _make_template(server_url: str) -> None:
    postgres.drop_database(server_url, TEMPLATE)
    made = Database(_driver(postgres.create_database(server_url, TEMPLATE)))
    migrate.upgrade(made)
    made.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    made = Database(f"sqlite:///{path}")
    migrate.upgrade(made)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database; every test runs on SQLite and on PostgreSQL."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            template: Path = request.getfixturevalue("sqlite_template")
            path = tmp_path / "handslag.db"
            shutil.copy(template, path)
            made = Database(f"sqlite:///{path}")
        else:
            url = request.getfixturevalue("postgresql_url")
            name = f"handslag_{new_id().hex}"
            made = Database(_driver(postgres.create_database(url, name, TEMPLATE)))
            stack.callback(postgres.drop_database, url, name)
        stack.callback(made.dispose)
        yield made


@pytest.fixture
def travel() -> Iterator[Callable[[datetime | timedelta], None]]:
    """Time stands still at 2021-02-15 09:00 UTC; `travel` moves it to an instant or on by a duration."""
    at = [datetime.fromisoformat("2021-02-15T09:00:00+00:00")]

    def move(to: datetime | timedelta) -> None:
        at[0] = at[0] + to if isinstance(to, timedelta) else to

    clock.use(lambda: at[0])
    yield move
    clock.use(None)


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
