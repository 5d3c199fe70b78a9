"""What holds for every page: anybody can read it, on any screen, in both languages, and it costs little."""

from __future__ import annotations

import pytest

from tests.support.region import REFERRAL
from tests.support.site import Site, overflow, violations
from tests.support.statements import executed

PAGES = {
    "sign-in": (None, "/sign-in"),
    "me": ("handlaggare", "/me"),
    "work": ("handlaggare", "/work"),
    "cases": ("handlaggare", "/cases"),
    "case": ("handlaggare", "/cases/{case}"),
    "task": ("registrator", "/tasks/{task}"),
    "library": ("processagare", "/studio"),
    "nothing": ("handlaggare", "/nothing"),
}
"""Name, who reads it (None: nobody is signed in), and its address; {case} and {task} are of a referral that has come in."""
MOST_STATEMENTS = 12
MOST_BYTES = 100_000
MOST_BYTES_WITH_PICTURE = 160_000
"""A diagram's viewer is of that size alone, and comes after the page itself can be read."""


@pytest.fixture
def addresses(site: Site) -> dict[str, str]:
    """The ids that stand in addresses."""
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    return {"case": case, "task": next(iter(site.region.waiting("registrator").values()))}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    site: Site, addresses: dict[str, str], language: str
) -> None:
    for who, path in PAGES.values():
        page = site.visit(who, path.format(**addresses), language=language, width=320)
        assert (path, violations(page), overflow(page)) == (path, [], 0)
        page.set_viewport_size({"width": 1440, "height": 900})
        assert (path, violations(page)) == (path, [])


def test_a_page_asks_the_database_little(site: Site, addresses: dict[str, str]) -> None:
    for who, path in PAGES.values():
        site.get(who, path.format(**addresses))  # signs in
        with executed(site.database) as statements:
            site.get(who, path.format(**addresses))
        assert len(statements) <= MOST_STATEMENTS, (path, [text for text, _ in statements])


def test_a_first_visit_sends_little(site: Site, addresses: dict[str, str]) -> None:
    for who, path in PAGES.values():
        page = site.visit(who, path.format(**addresses))
        page.wait_for_load_state("networkidle")
        most = MOST_BYTES_WITH_PICTURE if page.locator("[data-diagram]").count() else MOST_BYTES
        assert site.received[page] < most, path
