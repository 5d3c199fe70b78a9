"""Who is reading: signing in and out, languages, and a sign-in that ends in the middle of a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from lxml import html
from playwright.sync_api import expect

from committee import appearance
from committee.sessions import LIFETIME
from store.errors import Misconfigured
from store.settings import Settings
from tests.support.region import REFERRAL
from tests.support.site import Site

LONG = "Regionen ser i huvudsak positivt på förslaget. " * 400
MARKUP = "<script>document.title='x'</script><img src=x onerror=alert(1)>"


def test_a_person_chooses_who_they_are_and_goes_on_to_where_they_were_going(site: Site) -> None:
    page = site.visit(None, "/cases?text=skog")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    page.get_by_label("Vem är du i demoorganisationen?").select_option(label="Hanna Handläggare")
    page.get_by_role("button", name="Logga in").click()
    expect(page).to_have_url(f"{site.address}/cases?text=skog")
    page.get_by_role("link", name="Hanna Handläggare").click()
    expect(page.get_by_role("row", name="Handläggare")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    page.goto("/work")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()


def test_the_language_is_chosen_on_any_page_and_kept(site: Site) -> None:
    page = site.visit("handlaggare", "/cases")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    page.goto("/work")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_what_was_written_survives_a_sign_in_that_ends(site: Site, travel: Callable[[timedelta], None]) -> None:
    site.region("registrator").post("/cases", REFERRAL)
    task = site.region.waiting("registrator")["register_referral"]
    page = site.visit("registrator", f"/tasks/{task}")
    field = page.locator("form textarea, form input[type=text]").first
    field.fill(MARKUP)
    travel(LIFETIME + timedelta(minutes=1))
    page.get_by_role("button", name="Spara till senare").click()
    expect(page.get_by_role("heading", name="Logga in igen")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.dismiss())  # what was written waits here and nowhere else
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Logga in igen")).to_be_visible()
    page.get_by_label("Vem är du i demoorganisationen?").select_option(label="Ragna Registrator")
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_text("Du är inloggad som Ragna Registrator.")).to_be_visible()
    page.get_by_role("button", name="Skicka nu").click()
    expect(page).to_have_url(f"{site.address}/tasks/{task}")
    expect(page.locator("form textarea, form input[type=text]").first).to_have_value(MARKUP)


def test_a_long_text_comes_through_a_sign_in_that_ends(site: Site) -> None:
    answer = site.post(None, "/tasks/00000000-0000-0000-0000-000000000000", data={"field.text": LONG})
    assert answer.status_code == 401
    assert LONG.strip() in answer.text


def test_who_signs_in_again_as_somebody_else_still_has_what_was_written(site: Site) -> None:
    site.region("registrator").post("/cases", REFERRAL)
    task = site.region.waiting("registrator")["register_referral"]
    again = "Ett till."  # in a field of the same name
    sent = {"action": "complete", "field.comment": [LONG + MARKUP, again], "version": "1"}
    page = html.fromstring(site.post("pkd", f"/tasks/{task}", data=sent).text)
    assert [field.text for field in page.xpath("//textarea[@readonly]")] == [LONG + MARKUP, again]
    assert "finns inte, eller är inte till för dig" in page.text_content()
    foreign = site.post("pkd", f"/tasks/{task}", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403 and LONG not in foreign.text  # what another site writes is not shown as ours


def test_files_that_were_to_be_sent_are_asked_for_again(site: Site) -> None:
    sent = {"file": ("Yttrande.pdf", b"%PDF-1.7")}
    ended = site.post(
        None,
        "/consultations/00000000-0000-0000-0000-000000000000/answer",
        data={"field.answer_text": "Se bilagan."},
        files=sent,
    )
    asked = html.fromstring(ended.text).xpath("//main//form")[0]
    back = site.post(None, "/sign-in", data=dict(asked.form_values()) | {"person": "umea"})
    again = html.fromstring(back.text).xpath("//main//form")[0]
    assert again.get("enctype") == "multipart/form-data"
    assert again.xpath("string(.//label[@for=//input[@type='file' and @name='file']/@id])") == "Filer, Yttrande.pdf"
    assert ("field.answer_text", "Se bilagan.") in again.form_values()
    assert "Välj dem igen här, annars skickas de inte" in back.text


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://x.example"}):
        answer = httpx.post(f"{site.address}/sign-in", data={"person": "handlaggare"}, headers=headers)
        assert (answer.status_code, answer.cookies) == (403, {}), headers
    assert httpx.post(f"{site.address}/sign-in", data={"person": "handlaggare"}).status_code == 403


@pytest.mark.parametrize("going_to", ["https://x.example/", "//x.example", "/\\x.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(site: Site, going_to: str) -> None:
    answer = site.post(None, "/sign-in", data={"person": "handlaggare", "next": going_to})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")


def test_a_person_who_does_not_exist_is_told_so(site: Site) -> None:
    answer = site.post(None, "/sign-in", data={"person": MARKUP})
    assert answer.status_code == 422
    assert "<script>document" not in answer.text


def test_the_pages_carry_the_organisations_name_and_colours(site: Site) -> None:
    page = site.visit("handlaggare", "/work")
    expect(page.get_by_role("banner").get_by_role("link", name="Region Västerbotten")).to_be_visible()
    header = page.evaluate("getComputedStyle(document.querySelector('.site-header')).backgroundColor")
    assert header == "rgb(29, 79, 74)"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('main = "#ffee00"', "too light"),
        ('main = "red"', "Write a colour like"),
        ('logo = "../secret.svg"', "beside the profile"),
        ('logo = "missing.svg"', "cannot be read"),
        ('logo = "vasterbotten.toml"', "Name an .svg or .png"),
    ],
)
def test_colours_that_cannot_be_read_and_wrong_logos_are_refused(tmp_path: object, written: str, told: str) -> None:
    settings = Settings()
    profile = (settings.processes_dir / "regions" / "vasterbotten.toml").read_text(encoding="utf-8")
    folder = tmp_path / "regions"  # type: ignore[operator]
    folder.mkdir()
    own = profile.replace('main = "#1d4f4a"', written)
    assert own != profile
    (folder / "vasterbotten.toml").write_text(own, encoding="utf-8")
    with pytest.raises(Misconfigured, match=told):
        appearance.read_appearance(Settings(processes_dir=tmp_path))
