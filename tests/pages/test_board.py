"""The managers' board: a figure is opened, and behind it stands what was counted."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect

from committee.cases import Case
from tests.support.region import REFERRAL
from tests.support.site import Site


def _spring(site: Site, travel: Any) -> None:
    """Three referrals: one out for consultation, one with its officer, one still at the registrar; then weeks pass."""
    region = site.region
    region("registrator").post("/cases", REFERRAL | {"title": "Skogsutredningen", "reply_by": "2021-06-30"})
    travel(timedelta(days=1, hours=6))
    region.do("registrator", "register_referral")
    travel(timedelta(days=4))
    region.triage(municipal_interest=True, sender_allows_extension=True)
    travel(timedelta(hours=5))
    region.do("chef", "assign_officer", case_officer_id=region("handlaggare").get("/me").json["person_id"])
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    travel(timedelta(days=12))
    region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Kommunen avstyrker.")
    region.registered(title="Folkhögskolor", municipal_interest=False)
    travel(timedelta(days=25))
    region("registrator").post("/cases", REFERRAL | {"title": "=Kalkyl", "reply_by": "2021-09-30"})
    travel(timedelta(days=7))


def _rows(page: Page) -> Any:
    return page.locator("tbody tr")


def test_a_manager_finds_what_is_late_behind_the_figure(site: Site, travel: Any, tmp_path: Any) -> None:
    _spring(site, travel)
    page = site.visit("ledare", "/board")
    figure = page.get_by_role("link", name="Försenat", exact=False).first
    count = int(figure.locator(".number").inner_text())
    assert count == len(site.region("ledare").get("/overdue?limit=200").json["items"]) > 3
    figure.click()
    expect(page.get_by_role("heading", level=1, name="Försenat")).to_be_visible()
    expect(_rows(page)).to_have_count(count)
    expect(_rows(page).filter(has_text="=Kalkyl")).not_to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Som kalkylblad").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(lines) == count + 1 and {"'=Kalkyl"} == {line[2] for line in lines if "Kalkyl" in line[2]}
    with page.expect_download() as download:
        page.get_by_role("link", name="Till kalendern").click()
    calendar = download.value.path().read_text(encoding="utf-8")
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert calendar.count("BEGIN:VEVENT") == count, "the list, as the page says"
    assert "SUMMARY:Sammanträde" in site.get("ledare", "/board/calendar.ics").text


def test_each_figure_of_a_week_opens_what_it_was_counted_from(site: Site, travel: Any) -> None:
    _spring(site, travel)
    page = site.visit("ledare", "/board")
    weeks = page.get_by_role("region", name="Vecka för vecka")
    for side in ("Steg", "Datum i ärenden"):
        figure = weeks.get_by_role("link", name=re.compile(rf"^Vecka \d+, {side}: \d+$")).first
        count = int(figure.inner_text())
        figure.click()
        expect(_rows(page)).to_have_count(count)
        expect(_rows(page).filter(has_text="Datum i ärendet")).to_have_count(0 if side == "Steg" else count)
        expect(page.get_by_label("Slag")).not_to_have_value("")
        page.go_back()


def test_a_plan_that_leaves_too_little_time_is_told_from_one_that_does_not_hold(site: Site) -> None:
    for title, slack in (("Broar", 2), ("Vägar", -4)):
        case = site.region.registered(title=title)
        with site.database.transaction() as db:
            db.get_one(Case, UUID(case.rpartition("/")[2])).slack_days = slack
    listed = site.get("ledare", "/board/due?figure=at_risk").text
    assert "Ärendets plan: 2 arbetsdagars marginal" in listed and "Ärendets plan: 4 arbetsdagar för sent" in listed
    for form in ("calendar.ics?", "due?format=csv&"):
        kept = site.get("ledare", f"/board/{form}figure=at_risk&kind=plan").text
        assert re.findall(r"Planen (?:lämnar|håller)|Broar|Vägar", kept).count("Planen lämnar") == 1, kept
        assert "Planen håller inte" in kept


def test_a_manager_looks_at_one_body_alone(site: Site, travel: Any) -> None:
    _spring(site, travel)
    page = site.visit("chef", "/board")
    page.get_by_label("Organ", exact=True).select_option(label="Staben")
    page.get_by_role("button", name="Visa").click()
    table = page.get_by_role("region", name="Var arbetet ligger").get_by_role("row")
    expect(table).to_have_count(2)
    staff = table.filter(has_text="Staben").get_by_role("link", name="Staben, Försenat")
    count = int(staff.inner_text())
    staff.click()
    expect(_rows(page)).to_have_count(count)
    for path in ("", "/heat", "/months", "/answers?format=csv"):
        assert [site.get(who, f"/board{path}").status_code for who in ("handlaggare", "umea")] == [403, 404]


def test_a_manager_sees_where_the_time_goes_in_the_referral_process(site: Site, travel: Any) -> None:
    _spring(site, travel)
    page = site.visit("ledare", "/board?by=step")
    page.get_by_role("link", name="Fördela remissen").or_(
        page.get_by_role("link", name="Registrera remissen")
    ).first.click()
    page.get_by_role("link", name="Hälften klara inom", exact=True).click()
    triage = page.get_by_role("row").filter(has_text="Fördela remissen")
    expect(triage).to_contain_text("2 dagar")
    expect(page.locator('[data-element-id="triage_referral"]')).to_have_class(re.compile("is-heat-4"))
    triage.get_by_role("link", name="Fördela remissen, Klart: 2").click()
    expect(page.get_by_role("heading", level=1, name="Fördela remissen")).to_be_visible()
    expect(_rows(page)).to_have_count(2)
    expect(_rows(page).filter(has_text="Skogsutredningen")).to_contain_text("4 dagar")
