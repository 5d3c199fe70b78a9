"""The managers' board: a figure is opened, and behind it stands what was counted."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.site import Site


def _spring(site: Site, travel: Any) -> None:
    """Three referrals: one is out for consultation, one with its officer, one still at the registrar; then weeks pass."""
    region = site.region
    region.registered(title="Skogsutredningen", reply_by="2021-06-30")
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Kommunen avstyrker.")
    region.registered(title="Folkhögskolor", municipal_interest=False)
    travel(timedelta(days=45))
    region("registrator").post(
        "/cases", {"case_type": "external_referral", "title": "=Kalkyl", "reply_by": "2021-09-30"}
    )
    travel(timedelta(days=7))


def _rows(page: Page) -> Any:
    return page.locator("tbody tr")


def test_a_manager_finds_what_is_late_behind_the_figure(site: Site, travel: Any, tmp_path: Any) -> None:
    _spring(site, travel)
    page = site.visit("ledare", "/board")
    figure = page.get_by_role("link", name="Försenat", exact=False).first
    count = int(figure.locator(".number").inner_text())
    assert count == len(site.region("ledare").get("/overdue?limit=200").json["items"]) > 3
    figure.click()
    expect(page.get_by_role("heading", level=1, name="Försenat")).to_be_visible()
    expect(_rows(page)).to_have_count(count)
    expect(_rows(page).filter(has_text="=Kalkyl")).not_to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Som kalkylblad").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(lines) == count + 1 and {"'=Kalkyl"} == {line[2] for line in lines if "Kalkyl" in line[2]}
