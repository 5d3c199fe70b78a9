"""What comes in a case is read from its diagrams, with the days of its plan, and says where it is not settled."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from committee.access import authenticate
from committee.casefile import read_casefile
from committee.coming import ComingStep
from tests.support.region import REFERRAL, Region

AFTER_THE_DRAFT = [
    "Godkänn utkastet", "Arbetsutskottet bereder", "Samråd med kommunerna", "Nämnden beslutar", "Expediera svaret",
    "Rensa och avsluta",
]  # fmt: skip


def test_a_case_tells_what_comes_with_planned_days_and_on_what_it_depends(region: Region) -> None:
    case = region("registrator").post("/cases", REFERRAL).json["id"]
    assert [step.day for step in _coming(region, case)] == [None] * 9, "nothing is planned before it is registered"
    region.do("registrator", "register_referral")
    region.triage(municipal_interest=True, sender_allows_extension=True)

    steps = {step.name: step for step in _coming(region, case)}
    asked = ["Skriv yttrande och tjänsteskrivelse", "Kommunerna tillfrågas", "Arbeta in kommunernas synpunkter"]
    assert list(steps) == [*asked, *AFTER_THE_DRAFT], "who asks the municipalities works in what they say"
    meetings = {step.body: step.day for step in steps.values() if step.role is None and step.body}
    assert meetings == {"run_au": date(2021, 3, 31), "samrad": date(2021, 4, 1), "run": date(2021, 4, 15)}
    assert steps["Expediera svaret"].day == date(2021, 4, 28)
    assert (steps["Godkänn utkastet"].role, steps["Godkänn utkastet"].day) == ("head", None)
    (fork,) = steps["Nämnden beslutar"].forks
    assert (fork.question, fork.way, fork.others) == ("Behöver förslaget justeras?", "Nej", ("Ja",))

    region.do("chef", "assign_officer", case_officer_id=region("handlaggare").get("/me").json["person_id"])
    open_now = [step.name for step in _coming(region, case) if step.is_open]
    assert open_now == ["Kommunerna tillfrågas"]
    assert "Sammanställ svaren" in [step.name for step in _coming(region, case)], "what a called process has ahead"


def test_a_case_that_waits_for_more_time_is_not_told_to_ask_for_it_again(region: Region) -> None:
    case = region("registrator").post("/cases", REFERRAL | {"reply_by": "2021-02-26"}).json["id"]
    region.do("registrator", "register_referral")
    region.triage(sender_allows_extension=True)
    region.do("chef", "assign_officer", case_officer_id=region("handlaggare").get("/me").json["person_id"])
    region.do("handlaggare", "ask_extension", new_date="2021-05-14", reason="Nämnden sammanträder i april.")

    first, *rest = _coming(region, case)
    assert first.name == "Skriv yttrande och tjänsteskrivelse"
    assert [(fork.question, fork.way) for fork in first.forks][:1] == [("Väntar på avsändaren", "Anstånd beviljat")]
    assert [step.name for step in rest] == AFTER_THE_DRAFT


def test_nothing_comes_in_a_case_that_has_ended(region: Region) -> None:
    case = region.registered()
    region.change("registrator", case, "withdraw", reason="Remissen återtogs.")
    assert _coming(region, case.rpartition("/")[2]) == []


def _coming(region: Region, case: str) -> list[ComingStep]:
    with region.database.engine.connect() as connection:
        actor = authenticate(connection, region.users["handlaggare"])
    assert actor is not None
    with region.database.reading() as db:
        return list(read_casefile(db, actor, UUID(case)).coming)
