"""What holds for every page: anybody can read it, on any screen, in both languages, and it costs little."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from store.database import Database
from store.ids import new_id
from tests.conftest import TEMPLATE, driver
from tests.support import postgres
from tests.support.pages import (
    EDITORS,
    MOST_BYTES,
    MOST_BYTES_WITH_PICTURE,
    MOST_STATEMENTS,
    PAGES,
    PICTURES,
    Addresses,
    whole_site,
)
from tests.support.site import HEIGHT, Site, overflow, violations
from tests.support.statements import executed


@pytest.fixture(scope="module")
def whole(
    sqlite_demo: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Addresses]]:
    """One site that is only read, and the ids that stand in addresses."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(sqlite_demo, folder / "handslag.db")
    database = Database(f"sqlite:///{folder / 'handslag.db'}")
    with whole_site(database, browser, folder) as found:
        yield found
    database.dispose()


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_a_page_in_both_languages_on_a_phone_and_on_a_desk(
    whole: tuple[Site, Addresses], name: str
) -> None:
    site, addresses = whole
    who, path = PAGES[name]
    page = site.visit(who, path.format(**addresses), language="en", width=1440)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    most = MOST_BYTES_WITH_PICTURE if page.locator(PICTURES).count() else MOST_BYTES
    assert name in EDITORS or site.received[page] < most
    assert _too_wide(page) == []
    page.context.add_cookies([{"name": "handslag_language", "value": "sv", "url": site.address}])
    page.reload()  # on the phone, and with what the desk has loaded
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("lang") == "sv"
    assert violations(page) == []
    assert _too_wide(page) == []
    page.context.close()


def _too_wide(page: Page) -> list[int]:
    """The widths at which a page that has been read wants to be moved sideways; it is left on a phone."""
    wide = []
    for width in (768, 320):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if overflow(page) > 0:
            wide.append(width)
    return wide


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_little(whole: tuple[Site, Addresses], name: str) -> None:
    site, addresses = whole
    who, path = PAGES[name]
    site.get(who, path.format(**addresses))  # signs in
    with executed(site.database) as statements:
        site.get(who, path.format(**addresses))
    assert len(statements) <= MOST_STATEMENTS, [text for text, _ in statements]


def test_every_page_is_answered_over_postgresql_as_well(browser: Browser, postgresql_url: str, tmp_path: Path) -> None:
    name = f"handslag_{new_id().hex}"
    database = Database(driver(postgres.create_database(postgresql_url, name, TEMPLATE)))
    answers = {}
    with whole_site(database, browser, tmp_path) as (site, addresses):
        for page, (who, path) in PAGES.items():
            site.get(who, path.format(**addresses))  # signs in
            with executed(database) as statements:
                answers[page] = site.get(who, path.format(**addresses)).status_code, len(statements)
    database.dispose()
    postgres.drop_database(postgresql_url, name)
    assert max(count for _, count in answers.values()) <= MOST_STATEMENTS, answers
    assert [page for page, (status, _) in answers.items() if status != HTTPStatus.OK] == ["nothing"]


def test_what_pages_are_built_of_is_asked_for_once(whole: tuple[Site, Addresses]) -> None:
    site, _ = whole
    built = re.findall(r'"(/static/[^"]+)"', site.get(None, "/sign-in").text)
    assert built
    for address in built:
        answer = site.get(None, address)
        assert "immutable" in answer.headers["Cache-Control"], address
        assert answer.headers["Content-Encoding"] == "gzip"
