"""Agendas for the tests of the pages of meetings."""

from __future__ import annotations

from tests.support.region import REFERRAL
from tests.support.site import Site

TITLES = ("Stärkt äganderätt", "Ny plan för regional utveckling", "Kulturplan <b>för</b> länet")


def on_agenda(site: Site, meeting: str, role: str, titles: tuple[str, ...] = TITLES) -> None:
    """Put cases on an agenda, in the order given."""
    for title in titles:
        case = site.region("registrator").post("/cases", {**REFERRAL, "title": title}).json["id"]
        added = site.region("sekreterare").post(f"{meeting}/agenda", {"case_id": case, "role": role})
        assert added.status_code == 201, added.text
