"""The product in a real browser, over the demo organisation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from store import clock
from store.database import Database
from tests.support import site as served
from tests.support.region import Region
from tests.support.site import Site

NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium)"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; where there is none the pages' tests are skipped, unless they are demanded."""
    if served.program() is None and not os.environ.get("HANDSLAG_REQUIRE_BROWSER"):
        pytest.skip(NO_BROWSER)
    assert served.program() is not None, NO_BROWSER
    with served.browsing() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo organisation and the delivered processes, that tests copy."""
    path = tmp_path_factory.mktemp("demo") / "template.db"
    shutil.copy(sqlite_template, path)
    made = Database(f"sqlite:///{path}")
    began = clock.at(clock.date(2021, 2, 15), 10)
    clock.use(lambda: began)
    Region(made, path.parent)
    clock.use(None)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture
def database(demo_template: Path, tmp_path: Path) -> Iterator[Database]:
    """The demo organisation in an embedded database of its own."""
    path = tmp_path / "handslag.db"
    shutil.copy(demo_template, path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.dispose()


@pytest.fixture
def site(database: Database, browser: Browser, tmp_path: Path, travel: object) -> Iterator[Site]:
    """The product as it is served, on the day that `travel` stands at. No page may complain or ask another site."""
    region = Region(database, tmp_path)
    with served.serving(region, browser, tmp_path) as site:
        yield site
    assert site.complaints == []
