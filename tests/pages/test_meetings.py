"""Meetings in a browser: the year of the chain, an agenda put in order, and what became of each item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Page

from tests.support.region import REFERRAL
from tests.support.site import Site

Travel = Callable[[datetime | timedelta], None]
TITLES = ("Stärkt äganderätt", "Ny plan för regional utveckling", "Kulturplan <b>för</b> länet")


def on_agenda(site: Site, meeting: str, role: str, titles: tuple[str, ...] = TITLES) -> None:
    """Put cases on an agenda, in the order given."""
    for title in titles:
        case = site.region("registrator").post("/cases", {**REFERRAL, "title": title}).json["id"]
        added = site.region("sekreterare").post(f"{meeting}/agenda", {"case_id": case, "role": role})
        assert added.status_code == 201, added.text


def order(page: Page) -> list[str]:
    """The titles of the agenda, from above."""
    return page.locator("[data-agenda] a").all_inner_texts()


def test_the_year_shows_the_chain_with_its_weeks_and_the_days_that_papers_are_due(site: Site) -> None:
    page = site.visit("sekreterare", "/meetings")
    table = page.get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == ["Månad", "RUN AU", "Samråd", "RUN"]
    april = table.get_by_role("row").filter(has_text="April").get_by_role("cell").all_inner_texts()
    assert " ".join(april[2].split()) == "v. 15, tors 15 apr. Materialstopp 7 apr., kallelse 8 apr."
    table.get_by_role("link", name="v. 15, tors 15 apr.").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Regionala utvecklingsnämnden"
    page.get_by_role("link", name="RUN AU ons 31 mars").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Regionala utvecklingsnämndens arbetsutskott"


def test_an_agenda_is_put_in_order_by_dragging(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision")
    page = site.visit("sekreterare", meeting)
    items = page.locator("[data-item]")
    items.nth(2).drag_to(items.nth(0), target_position={"x": 20, "y": 2})
    page.wait_for_url("**/meetings/*moved=*")
    assert order(page) == [TITLES[2], TITLES[0], TITLES[1]]
    items.nth(0).drag_to(items.nth(2), target_position={"x": 20, "y": 50})
    page.wait_for_function("title => document.querySelector('[data-agenda] a').innerText === title", arg=TITLES[0])
    assert order(page) == [TITLES[0], TITLES[1], TITLES[2]]
