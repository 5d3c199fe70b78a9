"""My work: an officer's morning, by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lxml import html
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from committee import access, people, sessions
from committee.organisations import Body, Person
from tests.support.region import REFERRAL
from tests.support.site import Site
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]
TITLES = ("Skog", "Vatten", "Vindkraft")


def _referrals(site: Site) -> None:
    for title in TITLES:
        site.region("registrator").post("/cases", REFERRAL | {"title": title})


def _second_registrar(site: Site, name: str) -> None:
    with site.database.reading() as db:
        tenant = db.scalars(select(Body.organization_id)).first()
    assert tenant is not None
    people.add_person(site.database, tenant, "rakel", name)
    people.give_role(site.database, tenant, "rakel", "stab", "registrar")


def _row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


def test_a_registrar_takes_two_tasks_at_once_gives_one_back_and_sees_why(site: Site) -> None:
    _referrals(site)
    page = site.visit("registrator", "/work")
    expect(_row(page, "Skog")).to_contain_text("Du är Registrator")
    for title in ("Skog", "Vatten"):
        _row(page, title).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ta", exact=True).click()
    expect(_row(page, "Skog")).to_contain_text("Du har tagit den")
    page.get_by_role("link", name="Tagna av mig").click()
    expect(page.get_by_role("button", name="Ta", exact=True)).to_have_count(0)
    expect(_row(page, "Vindkraft")).to_have_count(0)
    _row(page, "Vatten").get_by_role("checkbox").check()
    page.get_by_role("button", name="Lämna tillbaka").click()
    expect(_row(page, "Vatten")).to_have_count(0)
    expect(_row(page, "Skog")).to_have_count(1)


def test_what_is_done_meanwhile_is_said_and_the_rest_is_taken(site: Site) -> None:
    _referrals(site)
    page = site.visit("registrator", "/work")
    for title in TITLES:
        _row(page, title).get_by_role("checkbox").check()
    site.region.do("registrator", "register_referral")
    page.get_by_role("button", name="Ta", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("2 uppgifter ändrades som du ville")
    expect(page.get_by_role("alert")).to_contain_text("Registrera remissen:")


def test_a_task_is_taken_and_given_back_past_a_draft_that_somebody_else_keeps(site: Site) -> None:
    _referrals(site)
    _second_registrar(site, "Rakel Registrator")
    with site.database.transaction() as db:
        token = access.issue_token(db, db.scalars(select(Person).where(Person.key == "rakel")).one(), "rakel")
    site.admit("rakel", sessions.begin(site.database, token, demo=False))
    task = f"/tasks/{site.region.waiting('registrator')['register_referral']}"

    def form(key: str) -> dict[str, str]:
        (found,) = html.fromstring(site.get(key, task).text).xpath("//form[@data-keep]")
        return {name: str(value) for name, value in found.form_values()}

    name = next(each for each in form("rakel") if each.startswith("field."))
    for number, written in enumerate(({}, {name: "Mitt eget"})):
        open_page = form("registrator")
        kept = site.post("rakel", f"{task}/draft", data=form("rakel") | {name: f"Rakels {number}"})
        assert kept.status_code == 200, kept.text
        taken = site.post("registrator", task, data=open_page | written | {"action": "claim"})
        assert site.region("registrator").get(task).json["assignee_id"] is not None
        shown = taken.text if written else site.get("registrator", task).text
        assert [each for each in (f"Rakels {number}", *written.values()) if each not in shown] == []
        assert taken.status_code == (409 if written else 303)
        assert site.post("registrator", task, data={**form("registrator"), "action": "release"}).status_code == 303


def test_a_task_is_handed_over_to_somebody_who_has_the_role(site: Site) -> None:
    _referrals(site)
    _second_registrar(site, "Rakel Registrator")
    page = site.visit("registrator", "/work")
    _row(page, "Skog").get_by_role("checkbox").check()
    page.get_by_role("button", name="Ta", exact=True).click()
    expect(_row(page, "Skog")).to_contain_text("Du har tagit den")
    _row(page, "Skog").get_by_role("checkbox").check()
    page.get_by_role("button", name="Lämna över").click()
    expect(page.get_by_role("alert")).to_contain_text("Välj vem")
    _row(page, "Skog").get_by_role("checkbox").check()
    page.get_by_label("Till", exact=True).select_option(label="Rakel Registrator")
    page.get_by_role("button", name="Lämna över").click()
    expect(_row(page, "Skog")).to_contain_text("Tagen av Rakel Registrator")


def test_filters_stand_in_the_address_and_are_kept_under_a_name(site: Site) -> None:
    _referrals(site)
    page = site.visit("registrator", "/work")
    page.get_by_label("Ärende").fill("skog")
    page.get_by_role("button", name="Visa").click()
    expect(_row(page, "Vatten")).to_have_count(0)
    assert "text=skog" in page.url
    page.get_by_text("Spara den här vyn").click()
    page.get_by_label("Vyns namn").fill("<b>Skogen</b>")
    page.get_by_role("button", name="Spara", exact=True).click()
    page.get_by_role("link", name="Väntar på mig").click()
    page.get_by_role("link", name="<b>Skogen</b>").click()
    expect(_row(page, "Vatten")).to_have_count(0)
    expect(_row(page, "Skog")).to_have_count(1)
    page.get_by_role("button", name="Ta bort vyn <b>Skogen</b>").click()
    expect(page.get_by_role("link", name="<b>Skogen</b>")).to_have_count(0)


def test_the_whole_page_can_be_used_by_keyboard(site: Site) -> None:
    _referrals(site)
    page = site.visit("registrator", "/work")
    _tab_to(page, "Markera Registrera remissen, Skog")
    page.keyboard.press("Space")
    _tab_to(page, "Ta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Du har tagit den")).to_have_count(1)
    _tab_to(page, "Registrera remissen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Registrera remissen", level=1)).to_be_visible()
    _tab_to(page, "Klart")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Skog", level=1)).to_be_visible()


NAME_OF_FOCUSED = "(e => e.getAttribute('aria-label') || e.innerText || '')(document.activeElement)"


def _tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if str(page.evaluate(NAME_OF_FOCUSED)).strip() == name:
            return
    raise AssertionError(f"the keyboard does not come to '{name}'")


def test_ones_own_days_and_the_meetings_to_come_are_saved_for_a_calendar(site: Site) -> None:
    site.region.registered()
    answer = site.get("handlaggare", "/work.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (draft,) = [entry for entry in _entries(answer.text) if "Skriv yttrande" in entry["SUMMARY"]]
    assert draft["SUMMARY"] == f"Skriv yttrande och tjänsteskrivelse: {REFERRAL['title']}".replace(",", "\\,")
    assert draft["DTSTART;VALUE=DATE"] == "20210312"
    assert site.get("handlaggare", urlsplit(draft["URL"]).path).status_code == 200
    assert _entries(site.get("ordforande", "/work.ics").text) == []

    meetings = _entries(site.get("sekreterare", "/meetings.ics?body=run").text)
    assert [each["DTSTART"] for each in meetings][:2] == ["20210315T080000Z", "20210415T070000Z"], (
        "nine o'clock in winter and in summer"
    )
    assert {each["SUMMARY"] for each in meetings} == {"Sammanträde: Regionala utvecklingsnämnden"}
    assert _entries(site.get("umea", "/meetings.ics").text) == []


def _entries(calendar: str) -> list[dict[str, str]]:
    """What stands in a calendar, each entry by the names of its lines (RFC 5545 §3.1)."""
    lines = calendar.replace("\r\n ", "").split("\r\n")
    entries: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            entries.append({})
        elif entries:
            entries[-1][name] = value
    return entries


def test_who_has_done_a_step_of_a_meeting_is_told_so(site: Site, travel: Travel) -> None:
    travel(timedelta(days=10))
    fire_timers(site.database)
    briefing = site.region.waiting("ordforande")["chair_briefing"]  # of the last of those that wait
    sent = site.post("ordforande", f"/tasks/{briefing}", data={"action": "complete"})
    assert (
        "”Förbered med ordföranden” för Samråd, 1 mars, är klart."
        in site.get("ordforande", sent.headers["location"]).text
    )
