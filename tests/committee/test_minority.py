"""The right of a minority to put a case off: only in the assembly, and only once in a case (KL 5:50)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from store import clock
from tests.support.region import Region

Travel = Callable[[datetime | timedelta], None]
INSTRUCTION = "Utred kostnaderna."


class Matter:
    """A case that a body has on its agenda as often as one likes."""

    def __init__(self, region: Region, travel: Travel) -> None:
        self.region, self.travel = region, travel
        made = region("registrator").post("/cases", {"case_type": "internal_strategy", "title": "Ny kulturplan"})
        self.case = made.json["id"]

    def treated(self, body: str, day: str, outcome: str, method: str) -> Any:
        secretary = self.region("sekreterare")
        made = secretary.post("/meetings", {"body": body, "starts_at": f"{day}T09:00:00+01:00"})
        address = f"/meetings/{made.json['id']}"
        item = secretary.post(f"{address}/agenda", {"case_id": self.case, "role": "decision"})
        self.region.change("sekreterare", address, "summon")
        self.travel(clock.at(date.fromisoformat(day), 12))
        said = {"outcome": outcome, "text": "Skjuts upp.", "instruction": INSTRUCTION, "method": method}
        return secretary.post(f"/agenda-items/{item.json['id']}/outcome", said)


@pytest.fixture
def matter(region: Region, travel: Travel) -> Matter:
    return Matter(region, travel)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_a_third_of_the_assembly_refers_a_case_back_once_and_then_it_takes_a_majority(matter: Matter) -> None:
    assert matter.treated("rf", "2021-03-16", "refer_back", "minority").status_code == 201
    again = matter.treated("rf", "2021-04-20", "table", "minority")
    assert (again.status_code, "majority" in again.json["detail"]) == (409, True)
    assert matter.treated("rf", "2021-05-18", "table", "vote").status_code == 201


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_a_committee_needs_a_majority_and_no_minority_adopts_anything(matter: Matter) -> None:
    assert matter.treated("run", "2021-03-16", "refer_back", "minority").status_code == 409
    assert matter.treated("rf", "2021-03-16", "adopted", "minority").status_code == 409
    assert matter.treated("run", "2021-04-20", "refer_back", "vote").status_code == 201
