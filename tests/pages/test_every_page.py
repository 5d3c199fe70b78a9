"""What holds for every page: anybody can read it, on any screen, in both languages, and it costs little."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from store import clock
from store.database import Database
from tests.support.region import REFERRAL, Region
from tests.support.site import Site, overflow, serving, violations
from tests.support.statements import executed

PAGES = {
    "sign-in": (None, "/sign-in"),
    "me": ("handlaggare", "/me"),
    "work": ("handlaggare", "/work"),
    "cases": ("handlaggare", "/cases"),
    "case": ("handlaggare", "/cases/{asked}"),
    "case-documents": ("handlaggare", "/cases/{asked}/documents"),
    "case-statements": ("handlaggare", "/cases/{asked}/statements"),
    "case-days": ("handlaggare", "/cases/{asked}/days"),
    "case-timeline": ("handlaggare", "/cases/{asked}/timeline"),
    "case-withdraw": ("handlaggare", "/cases/{asked}/withdraw"),
    "case-of-municipality": ("umea", "/cases/{asked}"),
    "document": ("handlaggare", "/documents/{document}"),
    "task": ("registrator", "/tasks/{task}"),
    "library": ("processagare", "/studio"),
    "meetings": ("sekreterare", "/meetings"),
    "meetings-list": ("sekreterare", "/meetings/list"),
    "incoming": ("registrator", "/register"),
    "register": ("registrator", "/register/new?reply_by=2021-04-30"),
    "operation": ("drift", "/operation"),
    "running processes": ("drift", "/operation/processes"),
    "a process": ("drift", "/operation/processes/{instance}"),
    "failed steps": ("drift", "/operation/incidents"),
    "timers": ("drift", "/operation/timers"),
    "backups": ("drift", "/operation/backups"),
    "meetings-new": ("sekreterare", "/meetings/new?deciding_on=2022-06-15"),
    "meeting": ("sekreterare", "/meetings/{meeting}"),
    "meeting-move": ("sekreterare", "/meetings/{meeting}/move?day=2021-05-12&time=09:00"),
    "attendance": ("sekreterare", "/meetings/{meeting}/attendance"),
    "agenda-item": ("sekreterare", "/agenda-items/{item}"),
    "nothing": ("handlaggare", "/nothing"),
}
"""Name, who reads it (None: nobody is signed in), and its address; {case} and {task} are of a referral that has come in, {asked} and
{document} of one on which municipalities have been asked."""
TODAY = clock.at(date(2021, 2, 15), 10)
MOST_STATEMENTS = 12
MOST_BYTES = 100_000
MOST_BYTES_WITH_PICTURE = 160_000
"""A diagram's viewer is of that size alone, and comes after the page itself can be read."""


Addresses = dict[str, str]


@pytest.fixture(scope="module")
def whole(
    demo_template: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Addresses]]:
    """One site that is only read, and the ids that stand in addresses."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(demo_template, folder / "handslag.db")
    clock.use(lambda: TODAY)
    database = Database(f"sqlite:///{folder / 'handslag.db'}")
    region = Region(database, folder)
    with serving(region, browser, folder) as site:
        asked, document = _asked(site)
        case = region("registrator").post("/cases", REFERRAL).json["id"]
        instance = region("drift").get(f"/instances?case_id={case}").json["items"][0]["id"]
        meeting = region.meeting("run", "2021-04-15")
        item = region("sekreterare").post(f"{meeting}/agenda", {"case_id": case, "role": "decision"}).json["id"]
        task = region.waiting("registrator")["register_referral"]
        ids = {"case": case, "task": task, "instance": instance, "asked": asked, "document": document}
        yield site, {**ids, "meeting": meeting.rpartition("/")[2], "item": item}
    assert site.complaints == []
    database.dispose()
    clock.use(None)


def _asked(site: Site) -> tuple[str, str]:
    """A case on which all municipalities have been asked and one has answered, with a document; their ids."""
    region, case = site.region, site.region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Kommunen avstyrker.")
    site.post("registrator", f"{case}/documents", files={"file": ("Remiss.txt", b"Remiss")})
    document = region("registrator").get(f"{case}/documents").json["items"][0]["id"]
    return case.rpartition("/")[2], document


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_a_page_in_both_languages_on_a_phone_and_on_a_desk(
    whole: tuple[Site, Addresses], name: str
) -> None:
    site, addresses = whole
    who, path = PAGES[name]
    on_phone = site.visit(who, path.format(**addresses), language="sv", width=320)
    on_phone.wait_for_load_state("networkidle")
    assert (violations(on_phone), overflow(on_phone)) == ([], 0)
    on_desk = site.visit(who, path.format(**addresses), language="en", width=1440)
    on_desk.wait_for_load_state("networkidle")
    assert violations(on_desk) == []
    most = MOST_BYTES_WITH_PICTURE if on_desk.locator("[data-diagram]").count() else MOST_BYTES
    assert site.received[on_desk] < most
    on_desk.set_viewport_size({"width": 320, "height": 900})
    assert overflow(on_desk) == 0
    for page in (on_phone, on_desk):
        page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_little(whole: tuple[Site, Addresses], name: str) -> None:
    site, addresses = whole
    who, path = PAGES[name]
    site.get(who, path.format(**addresses))  # signs in
    with executed(site.database) as statements:
        site.get(who, path.format(**addresses))
    assert len(statements) <= MOST_STATEMENTS, [text for text, _ in statements]
