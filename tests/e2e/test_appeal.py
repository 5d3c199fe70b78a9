"""Appeals against a decision of the regional assembly, over HTTP: legal force waits for the court."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from tests.support.diagrams import OPENING, OPENING_FORM, bpmn
from tests.support.region import Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
GIVEN = {
    "case_id": "=case_id", "body": "rf", "role": "decision", "wait_for": "legal_force", "after": "=today()",
    "latest": "=null", "administration": "=administration",
}  # fmt: skip
INPUTS = "".join(f'<handslag:input name="{name}" value="{value}"/>' for name, value in GIVEN.items())
TASK = """<userTask id="{key}" name="{key}"><extensionElements><handslag:performer role="officer" body="stab"/>
</extensionElements></userTask>"""
MATTER = bpmn(
    OPENING
    + f"""<callActivity id="decide" name="Fullmäktige" calledElement="committee_decision">
    <extensionElements>{INPUTS}<handslag:output name="outcome" value="=outcome"/></extensionElements></callActivity>
    <exclusiveGateway id="stands" name="Står det?"/>{TASK.format(key="carry_out")}{TASK.format(key="think_again")}
    <endEvent id="end"/>""",
    'start > decide > stands\nstands > think_again : outcome = "annulled"\nstands > carry_out *\n'
    "carry_out > end; think_again > end",
    process="assembly_matter",
)


@dataclass
class Decided:
    """A decision of the assembly of 16 March 2021 whose notice was posted on the 18th: three weeks are up on 8 April."""

    region: Region
    travel: Travel
    address: str

    def on(self, day: str) -> None:
        self.travel(datetime.fromisoformat(f"{day}T11:00:00+00:00"))
        fire_timers(self.region.database)

    def appealed(self, received_on: str) -> Any:
        return self.region("registrator").post(f"{self.address}/appeals", {"received_on": received_on})

    @property
    def legal_force_on(self) -> str | None:
        found: str | None = self.region("chef").get(self.address).json["legal_force_on"]
        return found

    @property
    def open(self) -> list[str]:
        return sorted(self.region.waiting("handlaggare"))


@pytest.fixture
def decided(region: Region, travel: Travel) -> Decided:
    """The decision."""
    secretary = region("sekreterare")
    made = region("processagare").call(
        "POST",
        "/definitions",
        data={"files": [(BytesIO(MATTER), "assembly_matter.bpmn"), (BytesIO(OPENING_FORM), "opening.form")]},
    )
    assert made.status_code == 201, made.text
    meeting = secretary.post("/meetings", {"body": "rf", "starts_at": "2021-03-16T09:00:00+01:00"})
    address = f"/meetings/{meeting.json['id']}"
    assert region("registrator").post("/cases", {"case_type": "assembly_matter", "title": "Taxa"}).status_code == 201
    region.do("handlaggare", "deliver_material", proposal="Taxan antas.")
    region.change("sekreterare", address, "summon")
    travel(datetime.fromisoformat("2021-03-16T11:00:00+00:00"))
    outcome = secretary.post(f"{region.item(address)}/outcome", {"outcome": "adopted", "text": "Taxan antas."})
    region.change("sekreterare", address, "adjust", adjusted_on="2021-03-16")
    travel(datetime.fromisoformat("2021-03-18T11:00:00+00:00"))
    region.change("sekreterare", address, "notice", notice_posted_on="2021-03-18")
    return Decided(region, travel, f"/decisions/{outcome.json['id']}")


def test_a_decision_that_nobody_appeals_takes_legal_force_when_three_weeks_are_over(decided: Decided) -> None:
    decided.on("2021-04-08")
    assert (decided.legal_force_on, decided.open) == (None, [])
    decided.on("2021-04-12")  # the worker was off for the weekend; the day is the law's all the same
    assert (decided.legal_force_on, decided.open) == ("2021-04-09", ["carry_out"])


def test_an_appeal_that_the_court_dismisses_delays_legal_force_until_it_does(decided: Decided) -> None:
    decided.on("2021-04-08")
    assert decided.appealed("2021-04-07").status_code == 201
    decided.on("2021-06-01")
    assert (decided.legal_force_on, decided.open) == (None, ["follow_appeal"])
    decided.region.do("handlaggare", "follow_appeal", ruling="dismissed", ruled_on="2021-05-28")
    assert (decided.legal_force_on, decided.open) == ("2021-05-28", ["carry_out"])
    (appeal,) = decided.region("chef").get(f"{decided.address}/appeals").json["items"]
    assert (appeal["received_on"], appeal["ruling"]) == ("2021-04-07", "dismissed")


def test_a_decision_that_the_court_annuls_never_takes_legal_force(decided: Decided) -> None:
    decided.appealed("2021-03-18")
    decided.region.do("handlaggare", "follow_appeal", ruling="annulled", ruled_on="2021-03-18")
    assert (decided.legal_force_on, decided.open) == (None, ["think_again"])


def test_an_appeal_that_comes_too_late_changes_nothing_but_one_that_came_in_time_does(decided: Decided) -> None:
    decided.on("2021-04-09")
    late = decided.appealed("2021-04-09")
    assert (late.status_code, decided.legal_force_on) == (409, "2021-04-09")
    assert "court" in late.json["detail"]
    assert decided.appealed("2021-04-10").status_code == 409
    assert decided.appealed("2021-03-01").status_code == 422  # before the decision was made
    assert decided.appealed("2021-04-08").status_code == 201
    assert decided.legal_force_on is None
