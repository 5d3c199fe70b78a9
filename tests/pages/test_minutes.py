"""Minutes in a browser: what is recorded is read, corrected and said the same wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.support.meetings import TITLES, on_agenda, under_way
from tests.support.site import Site
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
AGREES = ("agrees", "agrees_with_input")


def test_whoever_adjusts_the_minutes_reads_all_of_them_first(site: Site, travel: Travel) -> None:
    region, meeting = site.region, site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision", TITLES[:2])
    region.change("sekreterare", meeting, "summon")
    travel(datetime.fromisoformat("2021-04-15T12:00:00+02:00"))
    for item in region("sekreterare").get(f"{meeting}/agenda").json["items"]:
        said = {"outcome": "adopted", "text": f"Bifall till {item['title']}."}
        region("sekreterare").post(f"/agenda-items/{item['id']}/outcome", said)
    fire_timers(site.database)
    region.do("sekreterare", "open_meeting", present="Nio av elva.", adjusters="Anna", adjust_on="2021-04-27")
    region.do("sekreterare", "close_meeting", all_items_handled=True)
    region.do("sekreterare", "draft_minutes", text="Ordföranden hälsade välkommen.", comment="Att kolla.")
    page = site.visit("justerare", f"/tasks/{region.waiting('justerare')['adjust_minutes']}")
    page.get_by_role("link", name="Läs protokollet").click()
    minutes = page.get_by_role("article").inner_text()
    told = [f"Bifall till {title}." for title in TITLES[:2]]
    assert all(each in minutes for each in ["§ 1 ", "§ 2 ", *told, "Nio av elva.", "Ordföranden hälsade välkommen."])
    assert "är ännu inte justerat" in minutes and "Att kolla." not in minutes
    assert site.get("umea", f"{meeting}/minutes").status_code == 404


def test_a_slip_is_corrected_until_the_minutes_are_adjusted_and_no_typed_text_is_lost(
    site: Site, travel: Travel
) -> None:
    meeting = under_way(site, travel, "run", "2021-04-15", "decision", TITLES[:1])
    item = site.region.item(meeting)
    said = {"outcome": "noted", "method": "acclamation", "text": "Nämden noterar."}
    assert site.post("sekreterare", f"{item}/outcome", data=said).status_code == 303
    second = site.post("sekreterare", f"{item}/outcome", data=said | {"text": "Nämnden noterar anmälan."})
    assert second.status_code == 409
    assert "Nämnden noterar anmälan.</textarea>" in second.text
    right = {"text": "Nämnden noterar anmälan."}
    assert site.post("handlaggare", f"{item}/correct", data=right).status_code == 403
    assert site.post("sekreterare", f"{item}/correct", data=right).status_code == 303
    assert site.region("sekreterare").get(item).json["outcome_text"] == "Nämnden noterar anmälan."
    assert "Nämnden noterar anmälan." in site.get("sekreterare", f"{item}/extract").text
    site.region.change("sekreterare", meeting, "adjust", adjusted_on="2021-04-15")
    late = site.post("sekreterare", f"{item}/correct", data={"text": "Nämnden avslår."})
    assert (late.status_code, "Nämnden avslår." in late.text) == (409, True)


def test_a_side_that_differs_says_how_and_its_text_can_be_corrected(site: Site, travel: Travel) -> None:
    meeting = under_way(site, travel, "samrad", "2021-04-01", "consultation", TITLES[:1])
    item = site.region.item(meeting)
    stands = {"region_position": "agrees", "municipal_position": "differs"}
    for position in ("agrees_with_input", "differs"):
        silent = site.post("sekreterare", f"{item}/samrad", data=stands | {"municipal_position": position})
        assert 'href="#municipal_input"' in silent.text
    said = stands | {"municipal_input": "Staten ska betalla."}
    assert site.post("sekreterare", f"{item}/samrad", data=said).status_code == 303
    assert site.post("sekreterare", f"{item}/correct", data={"municipal_input": ""}).status_code == 422
    right = {"municipal_input": "Staten ska betala.", "region_input": ""}
    assert site.post("sekreterare", f"{item}/correct", data=right).status_code == 303
    assert "Staten ska betala." in site.get("sekreterare", item).text
    case = site.region("sekreterare").get(item).json["case_id"]
    decided = {"case_id": case, "role": "decision"}
    run = site.region("sekreterare").post(f"{site.region.meeting('run', '2021-04-15')}/agenda", decided).json["id"]
    assert "Staten ska betala." in site.get("sekreterare", f"/agenda-items/{run}").text
    site.region.change("sekreterare", meeting, "adjust", adjusted_on="2021-04-01")
    done = site.get("sekreterare", meeting).text
    assert (
        "Alla steg" in done and "Protokollet är anslaget" not in done
    )  # a body that only advises has nothing to appeal


@pytest.mark.parametrize(
    ("heading", "pairs"),
    [
        ("Båda parter är överens", [(one, other) for one in AGREES for other in AGREES]),
        ("Parterna är inte överens", [(one, "differs") for one in AGREES] + [("differs", one) for one in AGREES]),
        ("Ingen av parterna instämmer", [("differs", "differs")]),
        ("Inte behandlat av kommunerna", [(spoke, "not_handled") for spoke in (*AGREES, "differs")]),
        ("Inte behandlat av regionen", [("not_handled", spoke) for spoke in (*AGREES, "differs")]),
        ("Inte behandlat", [("not_handled", "not_handled")]),
    ],
)
def test_what_became_of_a_samrad_item_is_said_truly_wherever_it_is_read(
    site: Site, travel: Travel, heading: str, pairs: list[tuple[str, str]]
) -> None:
    meeting = under_way(
        site, travel, "samrad", "2021-04-01", "consultation", tuple(f"Ärende {one} {other}" for one, other in pairs)
    )
    items = site.region("sekreterare").get(f"{meeting}/agenda").json["items"]
    for item, (region, municipal) in zip(items, pairs, strict=True):
        stands = {"region_position": region, "municipal_position": municipal}
        said = {"region_input": "Ja, men.", "municipal_input": "Nej, men."}
        address = f"/agenda-items/{item['id']}"
        assert site.post("sekreterare", f"{address}/samrad", data=stands | said).status_code == 303
        for page in (address, f"{address}/extract", f"/cases/{item['case_id']}"):
            assert re.search(rf"(>|: ){heading}<", site.get("sekreterare", page).text), page
    assert len(re.findall(rf">\s*{heading} ·", site.get("sekreterare", meeting).text)) == len(pairs)
    assert len(re.findall(rf">{heading}<", site.get("sekreterare", f"{meeting}/minutes").text)) == len(pairs)


def test_how_it_was_decided_and_who_was_disqualified_stand_wherever_the_paragraph_is_read(
    site: Site, travel: Travel
) -> None:
    meeting = under_way(site, travel, "run", "2021-04-15", "decision", TITLES[:2])
    first, second = (each["id"] for each in site.region("sekreterare").get(f"{meeting}/agenda").json["items"])
    chair = site.region("ordforande").get("/me").json["person_id"]
    jav = {"person_id": chair, "ground": "disqualified", "from_position": "1"}
    assert site.post("sekreterare", f"{meeting}/attendance", data=jav).status_code == 303
    said = {"outcome": "noted", "method": "vote", "text": "Noteras.", "immediate_adjustment": "1"}
    for item_id in (first, second):
        other = said if item_id == first else {**said, "method": "acclamation"}
        assert site.post("sekreterare", f"/agenda-items/{item_id}/outcome", data=other).status_code == 303
    facts = ("Hur beslutet fattades: efter votering", "På grund av jäv deltar inte Orvar Ordförande.")
    adjusted = "Paragrafen justerades omedelbart."
    minutes = f"{meeting}/minutes"
    for page in (f"/agenda-items/{first}", f"/agenda-items/{first}/extract", minutes):
        assert all(each in site.get("sekreterare", page).text for each in (*facts, adjusted)), page
    assert site.get("sekreterare", minutes).text.count("På grund av jäv") == 1
    assert "efter votering" not in site.get("sekreterare", f"/agenda-items/{second}/extract").text


def test_the_agenda_says_beforehand_how_paragraphs_are_numbered(site: Site) -> None:
    run, samrad = site.region.meeting("run", "2021-04-15"), site.region.meeting("samrad", "2021-04-01")
    on_agenda(site, run, "decision", TITLES[:1])
    on_agenda(site, samrad, "consultation", TITLES[1:2])
    said = "En paragraf får sitt nummer när ärendet antecknas."
    assert [said in site.get("sekreterare", meeting).text for meeting in (run, samrad)] == [True, False]


def test_an_item_without_anybody_who_serves_says_who_is_disqualified(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision", TITLES[:1])
    chair = site.region("ordforande").get("/me").json["person_id"]
    jav = {"person_id": chair, "ground": "disqualified", "from_position": "1"}
    assert site.post("sekreterare", f"{meeting}/attendance", data=jav).status_code == 303
    page = site.get("sekreterare", site.region.item(meeting)).text
    said = (
        "Tjänstgör i ärendet",
        "Ingen tjänstgör i ärendet.",
        "deltar inte Orvar Ordförande",
        f"{meeting}/attendance",
    )
    assert [each for each in said if each not in page] == []


def test_a_day_that_was_not_chosen_is_asked_for_in_words_that_fit_a_calendar(site: Site, travel: Travel) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    site.region.change("sekreterare", meeting, "summon")
    travel(datetime.fromisoformat("2021-04-15T12:00:00+00:00"))
    refused = site.post("sekreterare", f"{meeting}/adjust", data={"adjusted_on": ""})
    assert (refused.status_code, "Välj en dag, eller skriv" in refused.text) == (422, True)


def test_a_case_that_is_decided_says_that_it_waits_for_the_minutes_to_be_adjusted(site: Site, travel: Travel) -> None:
    region = site.region
    case = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    region.do("chef", "approve_statement", approved=True)
    region.do("handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet.")
    _decided(site, travel, "run_au", "2021-03-31", {"outcome": "forwarded", "text": "Enligt förslaget."})
    region.do("sekreterare", "include_samrad_item", proposal="AU:s förslag")
    agrees = {"region_position": "agrees", "municipal_position": "agrees"}
    _decided(site, travel, "samrad", "2021-04-01", agrees, "samrad")
    region.do("sekreterare", "write_samrad_extract", notes="Parterna skakar hand.")
    region.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet.")
    said = "Ärendet väntar på att protokollet från RUN 15 apr. justeras, senast 29 apr. Sekreteraren antecknar det."
    run = _decided(site, travel, "run", "2021-04-15", {"outcome": "adopted", "text": "Enligt förslaget."})
    assert said in site.get("handlaggare", case).text
    region.change("sekreterare", run, "adjust", adjusted_on="2021-04-15")
    assert "justeras, senast" not in site.get("handlaggare", case).text


def _decided(site: Site, travel: Travel, body: str, day: str, said: dict[str, str], verb: str = "outcome") -> str:
    """A meeting is summoned and held, and its only item recorded; its address."""
    meeting = site.region.meeting(body, day)
    site.region.change("sekreterare", meeting, "summon")
    travel(datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    fire_timers(site.database)
    answer = site.region("sekreterare").post(f"{site.region.item(meeting)}/{verb}", said)
    assert answer.status_code == 201, answer.text
    return meeting
