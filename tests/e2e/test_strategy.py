"""A strategy of the region's own from its directive to legal force, over HTTP, with the worker keeping the days.

Actors propose changes, municipalities and others are consulted, of whom one agency is silent; the regional executive refers
it back once; the regional assembly adopts it, nobody appeals, and it is published when the decision is in legal force.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.database import Database
from tests.support.region import Region
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
OTHERS = ["lansstyrelsen", "trafikverket", "region_norrbotten", "rf_sisu"]
SILENT = "trafikverket"
INSTRUCTION = "Tydliggör hur målen ska följas upp."


class Strategy:
    """The case of the strategy, its region, and the calendar's way through the year."""

    def __init__(self, region: Region, travel: Travel) -> None:
        self.region, self.travel = region, travel
        made = region("registrator").post("/cases", {"case_type": "internal_strategy", "title": "Ny RUS till 2030"})
        assert made.status_code == 201, made.text
        self.case = made.json["id"]

    def on(self, day: str) -> None:
        """Go to noon of a day; the worker does what has become due."""
        self.travel(datetime.fromisoformat(f"{day}T11:00:00+00:00"))
        fire_timers(self.region.database)

    def do(self, element: str, **values: Any) -> None:
        """A task of the officer's."""
        self.region.do("handlaggare", element, **values)

    def treated(self, body: str, outcome: str, **more: Any) -> tuple[str, str]:
        """The papers are handed in, the body meets and treats the case; the meeting and its day."""
        self.do("deliver_material", proposal="Enligt förslaget.")
        meeting, item, day = self._summoned(body)
        self.on(day)
        said = {"outcome": outcome, "text": "Enligt förslaget.", **more}
        answer = self.region("sekreterare").post(f"/agenda-items/{item}/outcome", said)
        assert answer.status_code == 201, answer.text
        return meeting, day

    def adjusted(self, body: str, outcome: str) -> str:
        """The body treats the case and its minutes are adjusted on the same day; the meeting."""
        meeting, day = self.treated(body, outcome)
        self.region.change("sekreterare", meeting, "adjust", adjusted_on=day)
        return meeting

    def shaken_hands_on(self) -> None:
        """Samråd, in which both sides agree."""
        self.region.do("sekreterare", "include_samrad_item", proposal="Förslaget i korthet")
        _, item, day = self._summoned("samrad")
        self.on(day)
        positions = {
            "region_position": "agrees",
            "municipal_position": "agrees_with_input",
            "municipal_input": "Se Umeå.",
        }
        assert self.region("sekreterare").post(f"/agenda-items/{item}/samrad", positions).status_code == 201
        self.region.do("sekreterare", "write_samrad_extract", notes="Samrådet skakar hand.")

    def asked(self, mode: str) -> None:
        """The officer says how a consultation is sent out."""
        self.do("confirm_consultation", mode=mode, question="Vad saknas?")

    def consultees(self, **query: str) -> dict[str, str]:
        """Consultee to id of those who were asked, by the key of the organisation."""
        asking = self.region("registrator")
        known = {each["id"]: each["key"] for each in asking.get("/organizations?limit=200").json["items"]}
        search = "&".join(f"{name}={value}" for name, value in query.items())
        found = asking.get(f"/consultees?case_id={self.case}&limit=200&{search}").json["items"]
        return {known[each["consulted_id"]]: each["id"] for each in found}

    def answered_by_mail(self, consultee_id: str, kind: str) -> None:
        """An answer comes to the registrar."""
        answer = self.region("registrator").post(f"/consultees/{consultee_id}/answer", {"answer_kind": kind})
        assert answer.status_code == 200, answer.text

    def prolonged(self, until: str) -> None:
        """The head gives all who have yet to answer more time."""
        deadlines = self.region("chef").get(f"/deadlines?case_id={self.case}").json["items"]
        (found,) = (each["id"] for each in deadlines if each["kind"] == "consultation")
        self.region.change("chef", f"/deadlines/{found}", "extend", new_date=until, reason="Fler behöver tid.")

    def _summoned(self, body: str) -> tuple[str, str, str]:
        """Go to the day of the summons and send it: the meeting that has the case on its agenda, the item, the day."""
        secretary = self.region("sekreterare")
        for each in secretary.get(f"/meetings?body={body}&state=planned&limit=200").json["items"]:
            meeting = f"/meetings/{each['id']}"
            for item in secretary.get(f"{meeting}/agenda").json["items"]:
                if item["state"] == "confirmed":
                    self.on(each["summons_due"])
                    self.region.change("sekreterare", meeting, "summon")
                    return meeting, item["id"], each["day"]
        raise AssertionError(f"the case is on no agenda of {body}")


@pytest.fixture
def strategy(database: Database, tmp_path: Path, travel: Travel) -> Strategy:
    """The case on 2 January 2018, with a meeting of the executive and one of the assembly in the calendar."""
    travel(datetime.fromisoformat("2018-01-02T08:00:00+00:00"))
    region = Region(database, tmp_path)
    for body, day in (("rs", "2018-10-30"), ("rf", "2019-02-12")):
        made = region("sekreterare").post("/meetings", {"body": body, "starts_at": f"{day}T09:00:00+01:00"})
        assert made.status_code == 201, made.text
    return Strategy(region, travel)


def test_a_strategy_goes_from_its_directive_to_legal_force(strategy: Strategy) -> None:
    _directed(strategy)
    _drafted_with_the_actors(strategy)
    _consulted(strategy)
    strategy.do("write_remiss_report", summary="Tolv av sexton synpunkter har tagits in.")
    strategy.do("revise_strategy", summary="Bearbetat efter remissen.")
    _proposed(strategy)
    strategy.treated("rs", "refer_back", instruction=INSTRUCTION)
    assert strategy.region("registrator").get(f"/cases/{strategy.case}").json["status"] == "in_work"
    _revised_as_told(strategy)
    _proposed(strategy)
    strategy.region.do("sekreterare", "call_meeting", meeting_date="2019-01-15", reason="Inget är planerat.")
    strategy.adjusted("rs", "forwarded")
    meeting = strategy.adjusted("rf", "adopted")
    _in_legal_force(strategy, meeting)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_gotland_the_board_proposes_itself_and_there_is_nobody_to_shake_hands_with(
    database: Database, tmp_path: Path, travel: Travel
) -> None:
    travel(datetime.fromisoformat("2018-01-02T08:00:00+00:00"))
    region = Region(database, tmp_path, name="gotland", head="direktor")
    strategy = Strategy(region, travel)
    _directed(strategy, "rs")
    strategy.do("plan_dialogues", themes=["Vatten"], dialogues_by="2018-03-01")
    strategy.do("hold_dialogue", held_on="2018-02-26", summary="Många röster")
    strategy.do("write_dialogue_document", summary="Underlag", actors=["lansstyrelsen"], views_by="2018-03-12")
    _answered_by_all(strategy)
    strategy.do("draft_strategy", summary="Utkast 1")
    strategy.adjusted("rs", "adopted")
    strategy.do("plan_remiss", consultation_by="2018-09-03", other_consultees=["lansstyrelsen", "tillvaxtverket"])
    _answered_by_all(strategy)
    strategy.do("write_remiss_report", summary="Allt har tagits in.")
    strategy.do("revise_strategy", summary="Bearbetat efter remissen.")
    strategy.treated("regu", "forwarded")
    strategy.adjusted("rs", "forwarded")
    region.do("sekreterare", "call_meeting", meeting_date="2018-12-18", reason="Inget är planerat.")
    strategy.adjusted("rf", "adopted")
    found = region("direktor").get(f"/decisions?case_id={strategy.case}&sort=decided_on").json["items"]
    kinds = [each["kind"] for each in found]
    assert kinds == ["adopted", "adopted", "forwarded", "forwarded", "adopted"]


def _answered_by_all(strategy: Strategy) -> None:
    """Those who were named are asked, and all answer by mail."""
    strategy.asked("remiss")
    for consultee_id in strategy.consultees(status="invited").values():
        strategy.answered_by_mail(consultee_id, "approve")
    strategy.do("compile_consultation", summary="Alla har svarat")


def _directed(strategy: Strategy, deciding_body: str = "run") -> None:
    strategy.region.do("registrator", "register_strategy")
    strategy.do("write_directive", summary="Ny RUS till 2030", adopt_by="2018-11-30")
    strategy.adjusted(deciding_body, "adopted")
    strategy.do("analyse", summary="Utvärdering av den gamla strategin")


def _drafted_with_the_actors(strategy: Strategy) -> None:
    """A dialogue for each theme; then actors propose changes to a document that is shared, not yet sent out."""
    strategy.do("plan_dialogues", themes=["Tillit", "Klimat"], dialogues_by="2018-03-01")
    officer = strategy.region("handlaggare")
    tasks = [officer.get(f"/tasks/{each['id']}").json for each in officer.get("/tasks").json["items"]]
    assert {task["given"]["theme"] for task in tasks} == {"Tillit", "Klimat"}
    for _ in tasks:
        strategy.do("hold_dialogue", held_on="2018-02-20", summary="Många röster")
    strategy.do("write_dialogue_document", summary="Underlag", actors=["umea", "lansstyrelsen"], views_by="2018-03-12")
    strategy.asked("delning")
    strategy.region.do("umea", "answer_consultation", answer_kind="approve_with_comments")
    strategy.answered_by_mail(strategy.consultees()["lansstyrelsen"], "approve")
    strategy.do("compile_consultation", summary="Två ändringsförslag")
    strategy.do("draft_strategy", summary="Utkast 1")
    strategy.shaken_hands_on()
    strategy.adjusted("run", "adopted")


def _consulted(strategy: Strategy) -> None:
    """All municipalities and four others are asked; an agency is silent until its day has passed, and answers late."""
    region = strategy.region
    strategy.do("plan_remiss", consultation_by="2018-09-03", other_consultees=OTHERS)
    strategy.asked("remiss")
    strategy.asked("remiss")
    municipalities = [key for key in region.users if "answer_consultation" in region.waiting(key)]
    assert len(municipalities) == 15
    _given_some_time(strategy, "skelleftea")
    for key in municipalities:
        region.do(key, "answer_consultation", answer_kind="abstain" if key == "mala" else "approve")
    invited = strategy.consultees(status="invited")
    assert sorted(invited) == sorted(OTHERS)
    for key in set(OTHERS) - {SILENT}:
        strategy.answered_by_mail(invited[key], "approve_with_comments")
    strategy.do("compile_consultation", summary="Kommunernas svar")
    assert "write_remiss_report" not in region.waiting("handlaggare")  # the agency has time left
    strategy.prolonged("2018-09-10")
    assert region.mails(SILENT)[-1] == "Remisstiden är förlängd: svara senast 10 september 2018"
    strategy.on("2018-09-10")
    assert list(strategy.consultees(status="invited")) == [SILENT]
    strategy.on("2018-09-11")
    assert list(strategy.consultees(status="no_reply")) == [SILENT]
    strategy.do("compile_consultation", summary="Övrigas svar")
    strategy.answered_by_mail(invited[SILENT], "no_opinion")
    assert list(strategy.consultees(status="late")) == [SILENT]


def _given_some_time(strategy: Strategy, key: str) -> None:
    """A municipality asks for a month, and gets four days."""
    consultee = f"/consultees/{strategy.consultees(status='invited')[key]}"
    asked = strategy.region(key).post(
        f"{consultee}/ask-extension", {"new_date": "2018-10-03", "reason": "KS möts sent."}
    )
    assert asked.status_code == 200, asked.text
    strategy.do("grant_consultee_extension", granted=True, new_date="2018-09-07")
    assert strategy.region(key).get(consultee).json["reply_by"] == "2018-09-07"


def _proposed(strategy: Strategy) -> None:
    """RUN AU prepares, samråd agrees, RUN proposes to the executive."""
    strategy.treated("run_au", "forwarded")
    strategy.shaken_hands_on()
    strategy.adjusted("run", "forwarded")


def _revised_as_told(strategy: Strategy) -> None:
    officer = strategy.region("handlaggare")
    task = officer.get(f"/tasks/{strategy.region.waiting('handlaggare')['revise_strategy']}").json
    assert task["given"]["instruction"] == INSTRUCTION
    strategy.do("revise_strategy", summary="Uppföljningen är tydlig.")


def _in_legal_force(strategy: Strategy, meeting: str) -> None:
    """The notice is posted, nobody appeals for three weeks, and only then is the strategy published."""
    region = strategy.region
    strategy.on("2019-02-13")
    region.change("sekreterare", meeting, "notice", notice_posted_on="2019-02-13")
    strategy.on("2019-03-06")
    assert "publish_strategy" not in region.waiting("handlaggare")
    strategy.on("2019-03-07")
    (decision,) = (each for each in _decisions(strategy) if each["kind"] == "adopted" and each["legal_force_on"])
    assert decision["legal_force_on"] == "2019-03-07"
    strategy.do("publish_strategy", valid_from="2019-03-07", valid_to="2030-12-31", accessible=True)
    late = {each["kind"]: each["state"] for each in region("chef").get("/deadlines?limit=200").json["items"]}
    assert late == {"consultation": "missed", "decision": "missed"}  # one was silent; November became February
    strategy.do("close_case", cleaned=True)
    case = region("registrator").get(f"/cases/{strategy.case}").json
    assert (case["status"], case["result"]) == ("closed", "Gäller från 2019-03-07 till 2030-12-31")
    assert region.open_in(strategy.case) == []


def _decisions(strategy: Strategy) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = strategy.region("chef").get(f"/decisions?case_id={strategy.case}").json["items"]
    return found
