"""Pages used by keyboard alone, as somebody does who has no mouse."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Locator, Page

MOST_STOPS = 120
"""Nobody presses Tab more often than that to come to something."""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached by keyboard")


def press(page: Page, role: Literal["button", "link"], name: str) -> None:
    """Go to a button or a link, press it, and read the page that comes."""
    target = page.get_by_role(role, name=name, exact=True)
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, group: str, option: str) -> None:
    """Choose with the arrow keys in a group of radio buttons."""
    within = page.get_by_role("group", name=group, exact=True)
    options = within.get_by_role("radio")
    tab_to(page, options.first)
    page.keyboard.press("Space")
    for _ in range(options.count()):
        if within.get_by_role("radio", name=option, exact=True).is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{option} cannot be chosen by keyboard")


def write(page: Page, label: str, text: str) -> None:
    """Go to a field and write."""
    tab_to(page, page.get_by_label(label))
    page.keyboard.type(text)
