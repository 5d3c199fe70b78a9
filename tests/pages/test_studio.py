"""The process owner's studio: the library, what changed, and how a change gets into use."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.site import Site

PROCESSES = Path(__file__).parents[2] / "processes"
HANDSHAKE = "samrad_handshake"


def changed(name: str, *pairs: tuple[str, str]) -> bytes:
    """A delivered file with some of its text replaced, as a tool of the process owner would have."""
    text = (PROCESSES / name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


@pytest.fixture
def second(site: Site) -> None:
    """A second version of the handshake, in which a step has another name."""
    renamed = changed(f"{HANDSHAKE}.bpmn", ('name="Meddela ordföranden"', 'name="Meddela ordförande och sekreterare"'))
    files = [{"name": f"{HANDSHAKE}.bpmn", "content": renamed.decode()}]
    assert site.region("processagare").post("/definitions", {"files": files}).status_code == 201


def test_the_library_tells_who_uses_what_and_what_changed(site: Site, second: None) -> None:
    page = site.visit("processagare", "/work")
    page.get_by_role("link", name="Processer").click()
    row = page.get_by_role("row").filter(has_text="Samråd med kommunerna")
    expect(row).to_contain_text("Extern remiss, Intern strategi")
    row.get_by_role("link", name="Samråd med kommunerna").click()
    expect(page.get_by_role("row", name="i bruk 15 feb.")).to_contain_text("Petra Processägare")
    page.get_by_role("link", name="Öppna version 2").click()
    expect(page.get_by_text("Nothing in the diagram sets 'deciding_body'")).to_be_visible()  # advice of the checker
    page.get_by_role("link", name="Vad som ändrats sedan version 1").click()
    expect(page.locator(".is-changed[data-element-id=tell_chair]")).to_have_count(2)  # in both pictures
    expect(page.get_by_text("namnet är nu Meddela ordförande och sekreterare")).to_be_visible()
    page.get_by_role("button", name="Visa").click()
    expect(page.locator(".is-shown[data-element-id=tell_chair]")).to_have_count(2)


def test_only_the_organisations_own_people_may_look(site: Site) -> None:
    assert site.get("handlaggare", "/studio").status_code == 200
    assert site.get("umea", "/studio").status_code == 404
