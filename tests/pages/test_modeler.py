"""A process owner changes a process in the studio: with no file touched by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.site import Site
from web import modeler_words

SCRIPTS = Path(__file__).parents[2] / "web" / "client" / "src"


@pytest.fixture
def draft(site: Site) -> str:
    """The address of a draft of the referral flow."""
    found = site.region("processagare").get("/definitions?kind=process&key=external_referral&limit=200").json["items"]
    answer = site.post("processagare", "/studio/drafts", data={"definition_id": found[-1]["id"]})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def _open(site: Site, draft: str, *, language: str = "sv", width: int = 1440) -> Page:
    page = site.visit("processagare", draft, language=language, width=width)
    _ready(page)
    return page


def _ready(page: Page) -> None:
    expect(page.locator("#studio[data-ready]")).to_be_attached()
    expect(page.locator("#findings-count")).not_to_be_empty()


def _choose(page: Page, step: str) -> None:
    if not page.locator("#steps").is_visible():
        page.get_by_text("Processen som tabell").click()
    page.locator("#steps").get_by_role("button", name=step, exact=True).click()
    expect(page.locator("#panel-heading")).to_have_text(step)


def _xml(site: Site, draft: str) -> str:
    return site.get("processagare", f"{draft}/content").text


def _insert(page: Page, after: str, name: str) -> None:
    _choose(page, after)
    page.get_by_label("Vad steget heter").fill(name)
    page.get_by_role("button", name="Infoga").click()
    expect(page.locator("#panel-heading")).to_have_text(name)


def test_a_step_is_inserted_and_told_who_does_it_with_what_and_by_when(site: Site, draft: str) -> None:
    page = _open(site, draft)
    _insert(page, "Skriv yttrande och tjänsteskrivelse", "Jämställdhetsbedömning")
    panel = page.get_by_role("region", name="Det valda")
    panel.get_by_label("Roll").select_option(label="Handläggare")
    panel.get_by_label("Formulär").select_option("analyse")
    panel.get_by_label("Frist").select_option(label="Ett antal arbetsdagar efter att steget börjar")
    expect(panel.get_by_label("Arbetsdagar")).to_have_value("5")
    expect(page.locator("#saved")).to_contain_text("Sparat")
    page.reload()
    _ready(page)
    _choose(page, "Jämställdhetsbedömning")
    expect(panel.get_by_label("Id")).to_have_value("jamstalldhetsbedomning")
    expect(panel.get_by_label("Formulär")).to_have_value("analyse")
    expect(panel.get_by_label("Arbetsdagar")).to_have_value("5")
    page.screenshot(path="/tmp/studio/story.png")
    page.screenshot(path="/tmp/studio/story-full.png", full_page=True)
    xml = _xml(site, draft)
    assert '<handslag:due date="=working days after(today(), 5)" />' in xml
    assert '<handslag:performer role="officer"' in xml


def test_everything_that_the_scripts_say_is_handed_to_them_in_the_readers_language() -> None:
    said = set()
    for path in [SCRIPTS / "modeler.ts", *(SCRIPTS / "modeler").glob("*.ts")]:
        found = re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))
        said |= {text.replace('\\"', '"') for text in found}
    assert said <= {*modeler_words.FIELDS, *modeler_words.KINDS, *modeler_words.MENUS}
