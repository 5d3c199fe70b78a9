"""Every kind of page, and a region in which each has something to show: what the tests hold to and what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser

from store import clock
from store.database import Database
from tests.support.region import REFERRAL, Region
from tests.support.site import Site, serving
from tests.support.studio import staged

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
    "shelf": ("processagare", "/studio/library/process/samrad_handshake"),
    "version of a process": ("processagare", "{handshake}"),
    "version of a table": ("processagare", "{table}"),
    "what changed": ("processagare", "{renamed}/changes"),
    "migrate": ("processagare", "{renamed}/migrate"),
    "migrated": ("processagare", "{migration}"),
    "new form": ("processagare", "/studio/new/form"),
    "drafts": ("processagare", "/studio/drafts"),
    "modeler": ("processagare", "{drawing}"),
    "decision editor": ("processagare", "{deciding}"),
    "form editor": ("processagare", "{asking}"),
    "trial": ("processagare", "{drawing}/trial"),
    "deploy": ("processagare", "{drawing}/deploy"),
    "would move": ("processagare", "{would_move}"),
    "earlier cases": ("processagare", "{earlier}"),
    "scenarios": ("processagare", "{scenarios}"),
    "meetings": ("sekreterare", "/meetings"),
    "meetings-list": ("sekreterare", "/meetings/list"),
    "incoming": ("registrator", "/register"),
    "register": ("registrator", "/register/new?reply_by=2021-04-30"),
    "operation": ("drift", "/operation"),
    "running processes": ("drift", "/operation/processes"),
    "a process": ("drift", "/operation/processes/{instance}"),
    "failed steps": ("drift", "/operation/incidents"),
    "messages": ("drift", "/operation/messages"),
    "timers": ("drift", "/operation/timers"),
    "backups": ("drift", "/operation/backups"),
    "meetings-new": ("sekreterare", "/meetings/new?deciding_on=2022-06-15"),
    "meeting": ("sekreterare", "/meetings/{meeting}"),
    "meeting-minutes": ("sekreterare", "/meetings/{meeting}/minutes"),
    "meeting-summons": ("sekreterare", "/meetings/{meeting}/summon"),
    "meeting-move": ("sekreterare", "/meetings/{meeting}/move?day=2021-05-12&time=09:00"),
    "attendance": ("sekreterare", "/meetings/{meeting}/attendance"),
    "agenda-item": ("sekreterare", "/agenda-items/{item}"),
    "board": ("ledare", "/board"),
    "board-due": ("ledare", "/board/due?figure=coming"),
    "board-heat": ("ledare", "/board/heat?process=external_referral"),
    "board-months": ("ledare", "/board/months"),
    "board-answers": ("ledare", "/board/answers"),
    "our consultations": ("umea", "/consultations"),
    "a consultation": ("umea", "/consultations/{put_to_umea}?way=questions"),
    "a receipt": ("lycksele", "/consultations/{put_to_lycksele}"),
    "nothing": ("handlaggare", "/nothing"),
}
"""Name, who reads it (None: nobody is signed in), and its address; {case} and {task} are of a referral that has come in, {asked} and
{document} of one on which municipalities have been asked."""
TODAY = clock.at(date(2021, 2, 15), 10)
MOST_STATEMENTS = 12
MOST_BYTES = 100_000
EDITORS = ("modeler", "decision editor", "form editor")
"""Their libraries are larger than any page; only those who draw load them."""
PICTURES = "[data-diagram], [data-difference]"
MOST_BYTES_WITH_PICTURE = 160_000
"""A diagram's viewer is of that size alone, and comes after the page itself can be read."""

Addresses = dict[str, str]


@contextmanager
def whole_site(database: Database, browser: Browser, folder: Path) -> Iterator[tuple[Site, Addresses]]:
    """The product over a migrated database, with something to see on every page, and the ids that stand in addresses."""
    clock.use(lambda: TODAY)
    try:
        with serving(Region(database, folder), browser, folder) as site:
            yield site, _staged(site)
    finally:
        clock.use(None)
    assert site.complaints == []


def _staged(site: Site) -> Addresses:
    region = site.region
    asked, document = _asked(site)
    case = region("registrator").post("/cases", REFERRAL).json["id"]
    instance = region("drift").get(f"/instances?case_id={case}").json["items"][0]["id"]
    meeting = region.meeting("run", "2021-04-15")
    item = region("sekreterare").post(f"{meeting}/agenda", {"case_id": case, "role": "decision"}).json["id"]
    task = region.waiting("registrator")["register_referral"]
    ids = {"case": case, "task": task, "instance": instance, "asked": asked, "document": document}
    for key in ("umea", "lycksele"):
        ids[f"put_to_{key}"] = region(key).get("/consultees").json["items"][0]["id"]
    return {**ids, **staged(site), "meeting": meeting.rpartition("/")[2], "item": item}


def _asked(site: Site) -> tuple[str, str]:
    """A case on which all municipalities have been asked and one has answered, with a document; their ids."""
    region, case = site.region, site.region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Kommunen avstyrker.")
    site.post("registrator", f"{case}/documents", files={"file": ("Remiss.txt", b"Remiss")})
    document = region("registrator").get(f"{case}/documents").json["items"][0]["id"]
    return case.rpartition("/")[2], document
