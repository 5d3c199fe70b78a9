"""Agendas for the tests of the pages of meetings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.support.region import REFERRAL
from tests.support.site import Site

TITLES = ("Stärkt äganderätt", "Ny plan för regional utveckling", "Kulturplan <b>för</b> länet")


def on_agenda(site: Site, meeting: str, role: str, titles: tuple[str, ...] = TITLES) -> None:
    """Put cases on an agenda, in the order given."""
    for title in titles:
        case = site.region("registrator").post("/cases", {**REFERRAL, "title": title}).json["id"]
        added = site.region("sekreterare").post(f"{meeting}/agenda", {"case_id": case, "role": role})
        assert added.status_code == 201, added.text


def under_way(
    site: Site, travel: Callable[[datetime], None], body: str, day: str, role: str, titles: tuple[str, ...] = TITLES
) -> str:
    """A meeting with cases on its agenda, summoned, on its day at ten; its address."""
    meeting = site.region.meeting(body, day)
    on_agenda(site, meeting, role, titles)
    site.region.change("sekreterare", meeting, "summon")
    travel(datetime.fromisoformat(f"{day}T10:00:00+02:00"))
    return meeting
