"""The core of a process owner's work, with the keyboard alone: no pointer touches the page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.support.site import Site

MOST_TABS = 80
STEP = "Godkänn utkastet"
RENAMED = "Godkänn förslaget"


def test_a_step_is_found_changed_checked_tried_and_put_in_use_without_a_pointer(site: Site) -> None:
    page = site.visit("processagare", "/studio")
    _press(page, page.get_by_role("link", name="Extern remiss", exact=True).first)
    _press(page, page.get_by_role("link", name="Öppna version 1"))
    _press(page, page.get_by_role("button", name="Ändra i ett utkast"))
    expect(page.locator("#studio[data-ready]")).to_be_attached()

    _press(page, page.get_by_role("button", name="Gå till stegen"))
    expect(page.locator("#steps button").first).to_be_focused()
    _press(page, page.locator("#steps").get_by_role("button", name=STEP, exact=True), most=250)
    expect(page.locator("#panel-heading")).to_be_focused()
    expect(page.locator("#panel-heading")).to_have_text(STEP)
    _write(page, page.get_by_label("Namn", exact=True), RENAMED)
    _choose(page, page.get_by_label("Frist"), "Ett antal arbetsdagar")
    _write(page, page.get_by_label("Arbetsdagar"), "3")
    expect(page.locator("#findings-count")).to_contain_text("0 att rätta")
    expect(page.locator("#saved")).to_contain_text("Sparat")

    _press(page, page.get_by_role("link", name="Prova"), backwards=True)
    _press(page, page.get_by_role("button", name="Klart"))
    expect(page.get_by_role("row", name="Registrera remissen")).to_be_visible()
    _press(page, page.get_by_role("link", name="Tillbaka till utkastet"))
    _press(page, page.get_by_role("link", name="Ta i bruk"))
    expect(page.get_by_text(f"namnet är nu {RENAMED}, var {STEP}")).to_be_visible()
    _press(page, page.get_by_role("button", name="Ta i bruk nu"))
    expect(page.get_by_text("Version 2 är i bruk.")).to_be_visible()
    expect(page.get_by_role("row", name=RENAMED)).to_contain_text("3 arbetsdagar efter att det börjar")


def _reach(page: Page, wanted: Locator, most: int = MOST_TABS, *, backwards: bool = False) -> None:
    """Go to a control by the tab key, as somebody does who sees where the focus is."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{wanted} is not within {most} steps of the keyboard")


def _press(page: Page, wanted: Locator, most: int = MOST_TABS, *, backwards: bool = False) -> None:
    _reach(page, wanted, most, backwards=backwards)
    page.keyboard.press("Enter")


def _write(page: Page, wanted: Locator, text: str) -> None:
    _reach(page, wanted)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def _choose(page: Page, wanted: Locator, option: str) -> None:
    """By typing the beginning of an option's name."""
    _reach(page, wanted)
    page.keyboard.type(option)
