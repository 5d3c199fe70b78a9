"""A process owner adds a step to the referral flow, tries it and puts it in use; a new case goes through it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.site import Site

STEP = "Jämställdhetsbedömning"
AFTER = "Skriv yttrande och tjänsteskrivelse"
QUESTION = "Hur påverkas kvinnor och män?"


def test_a_step_with_a_form_and_a_deadline_reaches_a_new_case_with_no_file_touched(site: Site) -> None:
    page = site.visit("processagare", "/studio")
    _make_form(page)
    _add_step(page)
    page.get_by_role("link", name="Ta i bruk").click()
    expect(page.get_by_text(f"Nytt: Steget ”{STEP}”.")).to_be_visible()
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_text("Version 2 är i bruk.")).to_be_visible()
    expect(page.get_by_role("row", name=STEP)).to_contain_text("5 arbetsdagar efter att det börjar")

    site.region.registered(municipal_interest=False)
    site.region.do("handlaggare", "draft_statement", position="approve", summary="Region Västerbotten tillstyrker.")
    officer = site.visit("handlaggare", "/work")
    row = officer.get_by_role("row", name=STEP)
    expect(row).to_contain_text("om 5 arbetsdagar")
    row.get_by_role("link", name=STEP).click()
    officer.get_by_label(QUESTION).fill("Lika.")
    officer.get_by_role("button", name="Klar").click()
    expect(officer.get_by_role("heading", name="SOU 2020:73")).to_be_visible()
    assert "approve_statement" in site.region.waiting(site.region.head)


def _make_form(page: Page) -> None:
    page.get_by_role("link", name="Formulär", exact=True).click()
    page.get_by_role("link", name="Nytt formulär").click()
    page.get_by_label("Namn").fill(STEP)
    page.get_by_role("button", name="Börja").click()
    page.get_by_role("button", name="Lång text").press("Enter")
    page.locator(".fjs-form-field-textarea").click()
    panel = page.get_by_role("region", name="Formuläret").locator(".bio-properties-panel")
    panel.get_by_text("Allmänt").click()
    panel.get_by_role("textbox", name="Ledtext").fill(QUESTION)
    expect(page.locator("#form-preview").get_by_label(QUESTION)).to_be_visible()
    page.get_by_role("link", name="Granska innan det tas i bruk").click()
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_text("Version 1 är i bruk.")).to_be_visible()


def _add_step(page: Page) -> None:
    """In the modeler, by the table beside the picture, as whoever does not point at pictures does it."""
    page.goto("/studio/library/process/external_referral")
    page.get_by_role("link", name="Öppna version 1").click()
    page.get_by_role("button", name="Ändra i ett utkast").click()
    expect(page.locator("#studio[data-ready]")).to_be_attached()
    page.get_by_text("Processen som tabell").click()
    page.locator("#steps").get_by_role("button", name=AFTER, exact=True).click()
    page.get_by_label("Vad steget heter").fill(STEP)
    page.get_by_role("button", name="Infoga").click()
    expect(page.locator("#panel-heading")).to_have_text(STEP)
    panel = page.get_by_role("region", name="Det valda")
    panel.get_by_label("Formulär").select_option("jamstalldhetsbedomning")
    panel.get_by_label("Frist").select_option(label="Ett antal arbetsdagar efter att steget börjar")
    expect(panel.get_by_label("Arbetsdagar")).to_have_value("5")
    expect(page.locator("#saved")).to_contain_text("Sparat")
