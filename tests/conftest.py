"""Fixtures: a database of each kind that is empty but migrated, and a clock that stands still."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from store import clock, migrate
from store.database import Database
from store.ids import new_id
from tests.support import postgres
from tests.support.region import Region

os.environ["COLUMNS"] = "200"  # tables are as wide whatever terminal the tests run in
settings.register_profile("handslag", deadline=None)  # a busy machine is no failure
settings.load_profile("handslag")

TEMPLATE = "handslag_template"
DEMO = "handslag_demo"
TODAY = datetime.fromisoformat("2021-02-15T09:00:00+00:00")


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


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """The name of a migrated template database on that server."""
    return TEMPLATE


@pytest.fixture(scope="session")
def postgresql_demo(postgresql_url: str) -> str:
    """The name of a template database with the demo organisation on that server."""
    return postgres.once(DEMO, lambda: _make_template(postgresql_url, DEMO, TEMPLATE))


def _make_template(server_url: str, name: str = TEMPLATE, origin: str | None = None) -> str:
    postgres.drop_database(server_url, name)
    _fill(Database(driver(postgres.create_database(server_url, name, origin))), demo=origin is not None)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _fill(Database(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def sqlite_demo(sqlite_template: Path) -> Path:
    """A file with the demo organisation that tests copy."""
    path = sqlite_template.with_name("demo.db")
    shutil.copy(sqlite_template, path)
    _fill(Database(f"sqlite:///{path}"), demo=True)
    return path


def _fill(made: Database, *, demo: bool = False) -> None:
    """Bring a template to its migrations, or fill a migrated one with the demo organisation and the delivered processes."""
    if demo:
        with clock.within(lambda: TODAY):
            Region(made, Path(tempfile.gettempdir()))
    else:
        migrate.upgrade(made)
    if made.engine.dialect.name == "sqlite":
        with made.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database; every test runs on SQLite and on PostgreSQL."""
    with _copied(request, tmp_path, "sqlite_template", "postgresql_template") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the demo organisation and the delivered processes, of each kind."""
    with _copied(request, tmp_path, "sqlite_demo", "postgresql_demo") as made:
        yield made


@contextmanager
def _copied(request: pytest.FixtureRequest, folder: Path, file: str, template: str) -> Iterator[Database]:
    """A copy of one of two templates, which are named by their fixtures."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = folder / "handslag.db"
            shutil.copy(request.getfixturevalue(file), path)
            made = Database(f"sqlite:///{path}")
        else:
            url, name = request.getfixturevalue("postgresql_url"), f"handslag_{new_id().hex}"
            made = Database(driver(postgres.create_database(url, name, request.getfixturevalue(template))))
            stack.callback(postgres.drop_database, url, name)
        stack.callback(made.dispose)
        yield made


@pytest.fixture
def region(demo_database: Database, tmp_path: Path, travel: object) -> Region:
    """The demo organisation on the day that `travel` stands at, 15 February 2021 when nobody has travelled."""
    return Region(demo_database, tmp_path)


@pytest.fixture
def travel() -> Iterator[Callable[[datetime | timedelta], None]]:
    """Time stands still at TODAY; `travel` moves it to an instant or on by a duration."""
    at = [TODAY]

    def move(to: datetime | timedelta) -> None:
        at[0] = at[0] + to if isinstance(to, timedelta) else to

    clock.use(lambda: at[0])
    yield move
    clock.use(None)


def driver(url: str) -> str:
    """The address as SQLAlchemy wants it, with the driver in it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
