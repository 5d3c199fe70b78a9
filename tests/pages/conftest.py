"""The product in a real browser, over the demo organisation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from store.database import Database
from store.events import Event
from tests.support import site as served
from tests.support.region import Region
from tests.support.site import Site
from web import timeline

NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium-headless-shell)"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; where there is none the pages' tests are skipped, unless they are demanded."""
    if served.program() is None and not os.environ.get("HANDSLAG_REQUIRE_BROWSER"):
        pytest.skip(NO_BROWSER)
    assert served.program() is not None, NO_BROWSER
    with served.browsing() as opened:
        yield opened


@pytest.fixture
def database(sqlite_demo: Path, tmp_path: Path) -> Iterator[Database]:
    """The demo organisation in an embedded database of its own."""
    path = tmp_path / "handslag.db"
    shutil.copy(sqlite_demo, path)
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
    with database.reading() as db:
        kept = set(db.scalars(select(Event.type).where(Event.case_id.is_not(None)).distinct()))
    assert kept <= {*timeline.TYPES, *timeline.LEFT_OUT}, "the log of a case says nothing of it, and not why"
