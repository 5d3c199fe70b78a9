"""The days of a case: moved with their reason, set when they come, and what they bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import expect

from committee import lapsing
from tests.pages.test_cases import MARKUP
from tests.support.region import REFERRAL
from tests.support.site import Site, overflow


def test_the_days_of_next_year_leave_a_narrow_page_as_wide_as_it_is(site: Site) -> None:
    case = site.region.registered(reply_by="2022-04-29")
    page = site.visit("handlaggare", case, width=320)
    expect(page.get_by_text("2022 ·").first).to_be_visible()
    assert overflow(page) == 0


def test_a_day_is_moved_with_its_reason_and_what_depends_on_it_follows(site: Site) -> None:
    page = site.visit("handlaggare", f"{site.region.registered()}/days")
    page.get_by_role("row", name="Svarsdag").get_by_role("link", name="Flytta").click()
    page.get_by_label("Ny dag").fill("2021-03-01")
    plan = page.get_by_role("region", name="Vad kalendern medger")
    expect(plan).to_contain_text("Den vanliga vägen hinns inte med")  # before one says yes
    page.get_by_label("Varför").fill(MARKUP)
    page.get_by_role("button", name="Flytta dagen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Varför")).to_have_value(MARKUP)
    page.get_by_label("Ny dag").fill("2021-05-31")
    expect(plan).to_contain_text("I tid")
    page.get_by_role("button", name="Flytta dagen").click()
    expect(page.get_by_role("row", name="Svarsdag")).to_contain_text("30 apr. till 31 maj")
    expect(page.get_by_role("row", name="Svarsdag")).to_contain_text(MARKUP)
    page.get_by_role("link", name="Vad som har hänt").click()
    expect(page.get_by_text(f"Svarsdag flyttades från 30 apr. till 31 maj: {MARKUP}")).to_be_visible()


def test_a_day_to_answer_by_that_comes_later_is_set_where_the_days_stand(site: Site) -> None:
    opened = {key: REFERRAL[key] for key in ("case_type", "title")}
    case = "/cases/" + site.region("registrator").post("/cases", opened).json["id"]
    assert f"{case}/reply_by" in site.get("registrator", f"{case}/days").text
    refused = site.post("registrator", f"{case}/reply_by", data={"reply_by": "2020-01-01"})
    assert refused.status_code == 422 and "2020-01-01" in refused.text
    site.post("registrator", f"{case}/reply_by", data={"reply_by": "2021-04-30"})
    page = site.get("registrator", f"{case}/days").text
    assert "30 apr" in page and f"{case}/reply_by" not in page


def test_a_senders_day_that_is_no_working_day_is_kept_beside_the_one_that_is_worked_to(site: Site) -> None:
    sunday = REFERRAL | {"reply_by": "2021-05-02"}
    assert (
        "söndag 2 maj 2021, vecka 17 är ingen arbetsdag"
        in site.get("registrator", "/register/plan?reply_by=2021-05-02").text
    )
    case = "/cases/" + site.region("registrator").post("/cases", sunday).json["id"]
    days = site.get("registrator", f"{case}/days").text
    assert "30 apr" in days and "angivet till söndag 2 maj 2021" in days
    assert "30 apr" in (head := site.get("registrator", case).text) and "angiven dag, 2 maj, är ingen arbetsdag" in head
    listed = site.get("registrator", "/cases").text
    assert 'datetime="2021-04-30"' in listed and "2 maj" not in listed, "the list says the same day"


def test_what_the_plan_leaves_is_that_of_today_and_is_not_said_once_the_day_has_passed(
    site: Site, travel: Callable[[datetime | timedelta], None]
) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    site.region.do("registrator", "register_referral")
    assert "arbetsdagars marginal" in site.get("chef", "/cases").text
    travel(datetime.fromisoformat("2021-03-20T09:00:00+00:00"))
    while lapsing.replan_next(site.database):
        pass
    assert "arbetsdagar för sent" in site.get("handlaggare", "/cases").text
    assert "gick förbi utan ärendet, som planerades om" in site.get("handlaggare", f"/cases/{case}/timeline").text
    travel(datetime.fromisoformat("2021-07-12T09:00:00+00:00"))
    listed = site.get("registrator", "/cases").text
    assert "Försenat" in listed and "arbetsdagar för sent" not in listed


def test_time_that_one_who_was_asked_was_given_stands_beside_the_day_for_the_answers(site: Site) -> None:
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    (umea,) = site.region("umea").get("/consultees").json["items"]
    ask = {"new_date": "2021-04-06", "reason": "Nämnden sammanträder i april."}
    assert site.region("umea").post(f"/consultees/{umea['id']}/ask-extension", ask).status_code == 200
    site.region.do("handlaggare", "grant_consultee_extension", granted=True)
    row = site.visit("handlaggare", f"{case}/days").get_by_role("row", name="Kommunernas svar")
    expect(row).to_contain_text("till 6 apr., Hanna Handläggare")
    expect(row).to_contain_text("Anstånd till Umeå kommun. De andra som inte har svarat ska fortfarande svara senast")
