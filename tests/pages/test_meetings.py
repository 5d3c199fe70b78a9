"""Meetings in a browser: the year of the chain, an agenda put in order, and what became of each item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.support.keyboard import choose, press, write
from tests.support.meetings import TITLES, on_agenda, under_way
from tests.support.region import REFERRAL
from tests.support.site import Site, overflow, violations

Travel = Callable[[datetime | timedelta], None]


def order(page: Page) -> list[str]:
    """The titles of the agenda, from above."""
    return page.locator("[data-agenda] a").all_inner_texts()


def test_the_year_shows_the_chain_with_its_weeks_and_the_days_that_papers_are_due(site: Site) -> None:
    page = site.visit("sekreterare", "/meetings")
    table = page.get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == ["Månad", "RUN AU", "Samråd", "RUN"]
    april = table.get_by_role("row").filter(has_text="April").get_by_role("cell").all_inner_texts()
    assert " ".join(april[2].split()) == "v. 15, tors 15 apr. Materialstopp 7 apr., kallelse 8 apr."
    table.get_by_role("link", name="v. 15, tors 15 apr.").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Regionala utvecklingsnämnden"
    page.get_by_role("link", name="RUN AU ons 31 mars").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Regionala utvecklingsnämndens arbetsutskott"


def test_a_turn_of_the_chain_is_planned_at_once_with_days_suggested_as_in_the_last(site: Site) -> None:
    page = site.visit("sekreterare", "/meetings")
    page.get_by_role("link", name="Planera sammanträden").click()
    page.get_by_label("Dag för beslutande sammanträde").fill("2022-06-15")
    page.get_by_role("button", name="Föreslå dagarna före").click()
    assert page.get_by_label("Dag, RUN AU").input_value() == "2022-05-31"
    assert page.get_by_label("Dag, Samråd").input_value() == "2022-06-01"
    page.get_by_label("Dag, RUN AU").fill("2022-06-20")
    page.get_by_role("button", name="Lägg in i kalendern").click()
    (wrong,) = page.get_by_role("alert").get_by_role("link").all_inner_texts()
    assert wrong.startswith("Samråd: RUN AU, som bereder det här sammanträdet, står på 20 juni 2022 i formuläret.")
    page.get_by_label("Dag, RUN AU").fill("2022-05-30")
    page.get_by_label("Plats, RUN", exact=True).fill("Regionens hus <b>A</b>")
    page.get_by_role("button", name="Lägg in i kalendern").click()
    page.get_by_role("link", name="v. 24, ons 15 juni 2022").click()
    facts = page.locator("dl").inner_text()
    assert "Regionens hus <b>A</b>" in facts
    assert "RUN AU mån 30 maj 2022" in facts
    again = {"day-run": "2022-06-15", "time-run": "09:00"}
    assert site.post("sekreterare", "/meetings/new", data=again).status_code == 409
    assert site.post("sekreterare", "/meetings/new", data={"day-run": "0001-01-01", "time-run": "x"}).status_code == 422
    assert site.get("handlaggare", "/meetings/new").status_code == 403


def test_an_agenda_is_put_in_order_by_dragging(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision")
    page = site.visit("sekreterare", meeting)
    items = page.locator("[data-item]")
    items.nth(2).drag_to(items.nth(0), target_position={"x": 20, "y": 2})
    page.wait_for_url("**/meetings/*moved=*")
    assert order(page) == [TITLES[2], TITLES[0], TITLES[1]]
    items.nth(0).drag_to(items.nth(2), target_position={"x": 20, "y": 50})
    page.wait_for_function("title => document.querySelector('[data-agenda] a').innerText === title", arg=TITLES[0])
    assert order(page) == [TITLES[0], TITLES[1], TITLES[2]]


def test_the_secretary_puts_the_agenda_in_order_and_sends_the_summons_by_keyboard_alone(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision", TITLES[:2])
    page = site.visit("sekreterare", meeting)
    press(page, "button", f"Flytta upp: {TITLES[1]}")
    assert order(page) == [TITLES[1], TITLES[0]]
    page.keyboard.press("Enter")  # the focus went along: at the top the arrow down has it
    page.wait_for_url("**way=down*")
    assert order(page) == [TITLES[0], TITLES[1]]
    press(page, "link", "Förbered kallelsen")
    assert page.locator(".written").inner_text().index(TITLES[0]) < page.locator(".written").inner_text().index(
        TITLES[1]
    )
    assert page.get_by_role("region", name="Går till").get_by_role("listitem").all_inner_texts() == [
        "Orvar Ordförande ordforande@demo.invalid"
    ]
    assert site.region.mails("ordforande") == []
    press(page, "button", "Skicka kallelsen")
    assert site.region.mails("ordforande") == ["Kallelse: RUN 15 april 2021"]
    page.get_by_text("Vad ärendena leder till antecknas från tors 15 apr.").wait_for()


def test_the_secretary_records_where_both_sides_of_the_samrad_stand_by_keyboard_alone(
    site: Site, travel: Travel
) -> None:
    meeting = under_way(site, travel, "samrad", "2021-04-01", "consultation", TITLES[:1])
    page = site.visit("sekreterare", meeting)
    press(page, "link", "Anteckna nästa ärende")
    press(page, "button", "Anteckna ståndpunkterna")
    assert page.get_by_role("alert").get_by_role("link").all_inner_texts() == [
        "Regionen: Välj var parten står.",
        "Kommunerna: Välj var parten står.",
    ]
    assert (violations(page), overflow(page)) == ([], 0)
    choose(page, "Regionen", "Instämmer")
    choose(page, "Kommunerna", "Instämmer, med inspel")
    write(page, "Inspel från kommunerna", "Lägg till <b>kollektivtrafiken</b>.")
    press(page, "button", "Anteckna ståndpunkterna")
    assert "Båda parter är överens" in page.locator(".agenda > li").inner_text()
    press(page, "link", f"Utdrag {TITLES[0]}")
    assert "Lägg till <b>kollektivtrafiken</b>." in page.get_by_role("article").inner_text()


def test_the_secretary_records_paragraph_by_paragraph_until_the_notice_by_keyboard_alone(
    site: Site, travel: Travel
) -> None:
    meeting = under_way(site, travel, "run", "2021-04-15", "decision", TITLES[:2])
    page = site.visit("sekreterare", meeting)
    press(page, "link", "Anteckna nästa ärende")
    choose(page, "Utfall", "Återremiss")
    write(page, "Paragrafens text", "Ärendet återremitteras.")
    press(page, "button", "Anteckna paragrafen")
    assert (violations(page), overflow(page)) == ([], 0)
    assert page.get_by_label("Paragrafens text").input_value() == "Ärendet återremitteras."
    write(page, "Vad som ska göras innan ärendet kommer tillbaka", "Belys kostnaderna.")
    press(page, "button", "Anteckna paragrafen")
    assert page.get_by_role("status").first.inner_text() == f"Antecknat: {TITLES[0]}. Näst på föredragningslistan:"
    choose(page, "Utfall", "Bifall")
    write(page, "Paragrafens text", "Nämnden antar yttrandet.")
    press(page, "button", "Anteckna paragrafen")
    became = [" ".join(text.split()) for text in page.locator(".agenda > li p:last-child").all_inner_texts()]
    assert became == [f"§ 1 Återremiss · Utdrag {TITLES[0]}", f"§ 2 Bifall · Utdrag {TITLES[1]}"]
    write(page, "Justerat den", "04152021")
    press(page, "button", "Protokollet är justerat")
    write(page, "Anslaget den", "04152021")
    press(page, "button", "Protokollet är anslaget")
    assert "6 maj" in page.locator("dl").inner_text()
    press(page, "link", f"Utdrag {TITLES[1]}")
    assert page.get_by_role("article").inner_text().endswith("RUN 2021-04-15 § 2")
    back = next(each["id"] for each in site.region("sekreterare").get(f"{meeting}/agenda").json["items"])
    assert "Belys kostnaderna." in site.get("sekreterare", f"/agenda-items/{back}/extract").text
    assert (violations(page), overflow(page)) == ([], 0)


def test_a_move_is_shown_before_it_is_made_and_not_made_over_somebody_elses(site: Site) -> None:
    site.region.registered()
    run = site.region.meeting("run", "2021-04-15")
    page = site.visit("sekreterare", run)
    page.get_by_role("link", name="Flytta eller ställ in sammanträdet").click()
    page.get_by_label("Ny dag").fill("2021-02-12")
    page.get_by_role("button", name="Visa vad som flyttas").click()
    assert page.get_by_role("alert").get_by_role("link").get_attribute("href") == "#day"
    page.get_by_label("Ny dag").fill("2021-05-12")
    page.get_by_role("button", name="Visa vad som flyttas").click()
    assert page.get_by_role("alert").inner_text() == "Svaret i 1 ärende skulle komma för sent."
    case = page.get_by_role("row").filter(has_text=REFERRAL["title"]).get_by_role("cell").last
    assert " ".join(case.inner_text().split()) == "6 arbetsdagars marginal → 10 arbetsdagar för sent"
    earlier = "2021-04-20T09:00:00+02:00"
    site.region.change("ordforande", run, "move", starts_at=earlier, reason="Lokalen")
    page.get_by_label("Varför").first.fill("Krock <b>igen</b>")
    page.get_by_role("button", name="Flytta sammanträdet").click()
    page.get_by_role("alert").first.wait_for()
    assert site.region("sekreterare").get(run).json["day"] == "2021-04-20"
    assert page.get_by_label("Varför").first.input_value() == "Krock <b>igen</b>"
    page.get_by_role("button", name="Flytta sammanträdet").click()
    page.get_by_text("onsdag 12 maj 2021, vecka 19").wait_for()


def test_what_a_cancellation_leads_to_is_shown_before_it_is_made(site: Site) -> None:
    site.region.registered(municipal_interest=False)
    run = site.region.meeting("run", "2021-04-15")
    page = site.visit("sekreterare", f"{run}/move")
    page.get_by_text("Ställ in sammanträdet i stället").click()
    assert page.get_by_role("alert").inner_text() == "Svaret i 1 ärende skulle komma för sent."
    case = page.get_by_role("row").filter(has_text=REFERRAL["title"]).get_by_role("cell").last
    before, after = case.inner_text().split("→")
    assert before.strip() == "6 arbetsdagars marginal"
    page.get_by_label("Varför").fill("Snöstorm")
    page.get_by_role("button", name="Ställ in sammanträdet").click()
    page.get_by_text("Sammanträdet är inställt: Snöstorm").wait_for()
    found = site.region("handlaggare").get("/cases").json["items"][0]["id"]
    slack = site.region("handlaggare").get(f"/cases/{found}/plan").json["plan"]["slack_days"]
    assert str(-slack) in after


def test_that_a_case_is_not_registered_is_said_where_it_is_put_up_and_where_it_is_decided(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    made = site.region("registrator").post("/cases", {**REFERRAL, "title": TITLES[0]}).json["id"]
    find = f"{meeting}?find=Stärkt"
    asked, said = "ska vara diariefört innan det beslutas", "Ärendet är ännu inte diariefört."
    assert asked in site.get("sekreterare", find).text
    put = {"case_id": made, "role": "decision"}
    assert site.post("sekreterare", f"{meeting}/agenda", data=put).status_code == 303
    item = site.region.item(meeting)
    assert said in site.get("sekreterare", item).text
    assert "Beslut · Ännu inte diariefört" in site.get("sekreterare", meeting).text
    site.region.do("registrator", "register_referral")
    assert asked not in site.get("sekreterare", find).text and said not in site.get("sekreterare", item).text


def test_a_move_says_which_answers_its_papers_would_come_before(site: Site) -> None:
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    au = site.region.meeting("run_au", "2021-03-31")

    def said(sentence: str) -> list[str]:
        days = ("2021-03-24", "2021-03-30")
        return [day for day in days if sentence in site.get("sekreterare", f"{au}/move?day={day}&time=09:00").text]

    assert said("för sent för handlingarna till ett tidigare sammanträde") == ["2021-03-24"]
    put = {"case_id": case.rpartition("/")[2], "role": "preparation"}
    assert site.region("sekreterare").post(f"{au}/agenda", put).status_code == 201
    assert said("för sent för handlingarna till ett tidigare sammanträde") == [], "it has its place there"
    assert said("före den dag då de tillfrågade ska ha svarat") == ["2021-03-24"]


def test_readers_see_a_meeting_and_change_nothing_and_others_do_not_know_of_it(site: Site) -> None:
    samrad, run = site.region.meeting("samrad", "2021-04-01"), site.region.meeting("run", "2021-04-15")
    on_agenda(site, samrad, "consultation", TITLES[2:])
    item = site.region.item(samrad)
    for who in ("handlaggare", "kommunalrad"):
        page = site.visit(who, samrad)
        assert page.get_by_text(TITLES[2]).is_visible()
        assert page.locator("main button").count() == 0
    form = {"region_position": "agrees", "municipal_position": "agrees", "reason": "x", "cancel_reason": "x"}
    for address in (f"{item}/order", f"{item}/samrad", f"{item}/withdraw", f"{run}/summon", f"{run}/cancel"):
        assert site.post("handlaggare", address, data=form).status_code == 403, address
        assert site.post("umea", address, data=form).status_code == 404, address
    assert site.get("kommunalrad", run).status_code == 404
    assert site.get("handlaggare", f"{run}/move").status_code == 403
    assert site.post("sekreterare", f"{item}/samrad", data=form).status_code == 409


@pytest.mark.parametrize(
    ("reply_by", "said"),
    [("2021-06-30", "fredag 30 april 2021"), ("2021-04-30", "inte någon plats vid ett annat sammanträde")],
)
def test_after_an_item_is_taken_off_the_page_says_where_its_case_goes_instead(
    site: Site, reply_by: str, said: str
) -> None:
    site.region.registered(municipal_interest=False, reply_by=reply_by)
    site.region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    site.region.do("chef", "approve_statement", approved=True)
    site.region.change("sekreterare", site.region.meeting("run_au", "2021-02-26"), "cancel", reason="Snöstorm")
    item = site.region.item(site.region.meeting("run_au", "2021-03-31"))
    assert "bara tillbaka om du sätter upp det igen" in site.get("sekreterare", item).text
    taken = site.post("sekreterare", f"{item}/withdraw", data={"reason": "Kompletteras"})
    assert taken.status_code == 303
    assert said in site.get("sekreterare", taken.headers["Location"]).text


def test_who_is_disqualified_is_noted_and_goes_with_the_item(site: Site) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision", TITLES[:2])
    page = site.visit("sekreterare", f"{meeting}/attendance")
    page.get_by_role("button", name="Anteckna").click()
    assert page.get_by_role("alert").get_by_role("link").all_inner_texts() == ["Ledamot: Välj en ledamot."]
    page.get_by_label("Ledamot").select_option("Orvar Ordförande")
    page.get_by_label("Varför").select_option("Jävig")
    page.get_by_label("Från ärende").fill("2")
    page.get_by_role("button", name="Anteckna").click()
    noted = page.get_by_role("row").filter(has_text="Orvar")
    assert noted.get_by_role("cell").all_inner_texts()[:4] == ["Jävig", "2", "2", "ingen"]
    page.goto(meeting)
    page.get_by_role("button", name=f"Flytta upp: {TITLES[1]}").click()
    page.get_by_role("link", name="Tjänstgörande").click()
    assert noted.get_by_role("cell").all_inner_texts()[:4] == ["Jävig", "1", "1", "ingen"]
    page.get_by_role("button", name="Ta tillbaka Orvar Ordförande").click()
    expect(page.get_by_text("Ingen är antecknad som frånvarande.")).to_be_visible()


@pytest.mark.parametrize(
    "address, form, status",
    [
        ("{meeting}/attendance", {"person_id": "{me}", "ground": "absent", "from_position": "9" * 20}, 422),
        ("{meeting}/attendance", {"person_id": "x", "ground": "absent"}, 422),
        ("{meeting}/agenda", {"case_id": "{me}", "role": "decision"}, 404),
        ("{meeting}/agenda", {"case_id": "x", "role": "decision"}, 422),
        ("{meeting}/move", {"day": "9999-12-31", "time": "09:00", "reason": "x"}, 422),
        ("{meeting}/cancel", {"cancel_reason": "x" * 2001}, 422),
        ("{meeting}/summon", {"version": "99"}, 409),
        ("{meeting}/adjust", {"adjusted_on": "2021-04-15"}, 409),
        ("{item}/order", {"before_id": "x"}, 422),
        ("{item}/order", {"before_id": "{me}"}, 409),
        ("{item}/outcome", {"outcome": "adopted", "method": "chair", "text": "x"}, 422),
        ("{item}/outcome", {"outcome": "adopted", "method": "acclamation", "text": "x" * 100_001}, 422),
        ("{item}/outcome", {"outcome": "adopted", "method": "acclamation", "text": "x"}, 409),
        ("{item}/withdraw", {"reason": "a\x00b"}, 422),
        ("/meetings/new", {"day-run": "2025-12-31", "time-run": "23:59", "prepared_by": "{me}"}, 404),
        ("/meetings/new", {"day-run": "2199-01-01", "time-run": "09:00"}, 422),
        ("{meeting}/move", {"day": "2199-01-01", "time": "09:00", "reason": "x"}, 422),
    ],
)
def test_what_cannot_be_is_refused_with_the_page_or_without_and_changes_nothing(
    site: Site, address: str, form: dict[str, str], status: int
) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "decision", TITLES[:1])
    secretary = site.region("sekreterare")
    ids = {"meeting": meeting, "item": site.region.item(meeting), "me": secretary.get("/me").json["person_id"]}
    before = [secretary.get(ids[name]).json for name in ("meeting", "item")]
    sent = {name: value.format(**ids) for name, value in form.items()}
    assert site.post("sekreterare", address.format(**ids), data=sent).status_code == status
    assert [secretary.get(ids[name]).json for name in ("meeting", "item")] == before


def test_a_day_that_nobody_works_on_is_told_of_and_taken_and_an_empty_one_is_asked_for(site: Site) -> None:
    days = {"day-run_au": "2022-06-01", "day-run": "2022-06-06", "time-run_au": "09:00", "time-run": "09:00"}
    made = site.post("sekreterare", "/meetings/new", data=days)  # the second is the national day
    assert made.status_code == 303
    page = site.get("sekreterare", made.headers["Location"])
    assert "6 juni 2022" in page.text and "Sammanträdesdagen är ingen arbetsdag." in page.text
    run_au = site.region.meeting("run_au", "2022-06-01")
    assert "ingen arbetsdag" not in site.get("sekreterare", run_au).text
    assert "Välj en dag, eller skriv den" in site.get("sekreterare", f"{run_au}/move?day=&time=09:00").text


def test_what_is_written_of_an_item_is_kept_until_it_is_recorded(site: Site, travel: Travel) -> None:
    meeting = site.region.meeting("run", "2021-04-15")
    on_agenda(site, meeting, "information", TITLES[:1])
    site.region.change("sekreterare", meeting, "summon")
    travel(datetime.fromisoformat("2021-04-15T13:00:00+02:00"))
    item = site.region.item(meeting)
    page = site.visit("sekreterare", item)
    for written in ("Nämnden noterar informationen.", "Nämnden noterar informationen och tackar."):
        with page.expect_response(f"**{item}/draft"):
            page.get_by_label("Paragrafens text").fill(written)
        expect(page.get_by_text("Det du skrev sparades")).to_be_visible()
    page.goto("/work")
    page.goto(item)
    expect(page.get_by_label("Paragrafens text")).to_have_value("Nämnden noterar informationen och tackar.")
    other = {"text": "Något annat.", "window": "another", "version": "1"}
    assert site.post("sekreterare", f"{item}/draft", data=other).status_code == 409
    assert site.post("handlaggare", f"{item}/draft", data=other).status_code == 403
    page.get_by_label("Till protokollet").check()
    page.get_by_role("button", name="Anteckna paragrafen").click()
    page.goto(item)
    expect(page.get_by_text("Nämnden noterar informationen och tackar.").first).to_be_visible()
    assert site.post("sekreterare", f"{item}/draft", data=other).status_code == 409
