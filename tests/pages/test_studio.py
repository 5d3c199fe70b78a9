"""The process owner's studio: the library, what changed, and how a change gets into use."""

from __future__ import annotations

import json
import re
import threading

import pytest
from playwright.sync_api import expect

from tests.support.site import PATIENCE_SECONDS, Site
from tests.support.studio import OWNER, brought, changed, renamed_handshake, versions, worked
from web import background


def test_the_library_tells_who_uses_what_and_what_changed(site: Site) -> None:
    renamed_handshake(site)
    page = site.visit("processagare", "/work")
    page.get_by_role("link", name="Processer").click()
    row = page.get_by_role("row").filter(has_text="Samråd med kommunerna")
    expect(row).to_contain_text("Extern remiss, Intern strategi")
    row.get_by_role("link", name="Samråd med kommunerna").click()
    expect(page.get_by_role("row", name="i bruk 15 feb.")).to_contain_text("Petra Processägare")
    page.get_by_role("link", name="Öppna version 2").click()
    expect(page.get_by_text("Inget i diagrammet sätter ”deciding_body”")).to_be_visible()  # advice of the checker
    page.get_by_role("link", name="Vad som ändrats sedan version 1").click()
    expect(page.locator(".is-changed[data-element-id=tell_chair]")).to_have_count(2)  # in both pictures
    expect(page.get_by_text("namnet är nu Meddela ordförande och sekreterare")).to_be_visible()
    page.get_by_role("button", name="Visa").click()
    expect(page.locator(".is-shown[data-element-id=tell_chair]")).to_have_count(2)


def test_a_version_is_told_in_words_as_far_as_there_are_words(site: Site) -> None:
    page = site.visit("processagare", "/studio/library/process/external_referral")
    page.get_by_role("link", name="Öppna version 1").click()
    register, reminder = (
        page.get_by_role("row", name="Registrera remissen"),
        page.get_by_role("row", name="Sista dagen nära"),
    )
    expect(register.get_by_role("cell", name="Registrator", exact=True)).to_be_visible()
    expect(register).to_contain_text("1 arbetsdag efter att det börjar")
    expect(reminder).to_contain_text("1 arbetsdag före svarsdag")
    expect(page.get_by_role("row", name="Remiss inkommer")).to_contain_text("En remiss har kommit")
    expect(page.get_by_role("row", name="Omarbeta yttrandet")).to_contain_text('=if deadline("draft")')
    register.get_by_role("link", name="Formuläret").click()
    expect(page.get_by_role("heading", name="register_referral")).to_be_visible()


def test_a_step_of_another_than_its_lanes_is_not_said_to_be_also_the_lanes(site: Site) -> None:
    officer = '<handslag:performer role="officer" body="=administration" /><handslag:form ref="assign_officer" />'
    content = changed("external_referral.bpmn", ('<handslag:form ref="assign_officer" />', officer)).decode()
    files = [{"name": "external_referral.bpmn", "content": content}]
    assert site.region(OWNER).post("/definitions", {"files": files}).status_code == 201
    page = site.visit("processagare", versions(site)["external_referral:2"])
    expect(
        page.get_by_role("row", name="Utse handläggare").get_by_role("cell", name="Handläggare", exact=True)
    ).to_be_visible()


def test_a_step_without_a_name_is_called_by_its_kind_where_it_differs(site: Site) -> None:
    fork = '<bpmn:parallelGateway id="split">'
    noted = changed("external_referral.bpmn", (fork, f"{fork}<bpmn:documentation>Samtidigt</bpmn:documentation>"))
    told = site.get(OWNER, f"{brought(site, 'external_referral.bpmn', noted)}/deploy").text
    assert "Steget ”Parallella vägar”" in told


def test_only_the_organisations_own_people_may_look(site: Site) -> None:
    assert site.get("handlaggare", "/studio").status_code == 200
    assert site.get("umea", "/studio").status_code == 404


APPROVED = ('name="Godkänn utkastet"', 'name="Godkänn förslaget"')


def test_a_changed_diagram_is_looked_at_put_in_use_followed_by_running_cases_and_taken_back(site: Site) -> None:
    case = site.region.registered()
    draft = brought(site, "external_referral.bpmn", changed("external_referral.bpmn", APPROVED))
    page = site.visit("processagare", f"{draft}/deploy")
    expect(page.get_by_text("namnet är nu Godkänn förslaget, var Godkänn utkastet")).to_be_visible()
    expect(page).to_have_title(re.compile("^Ta i bruk: "))
    page.get_by_role("button", name="Vad skulle hända med pågående ärenden?").click()
    expect(page.get_by_text("1 ärende följer med. 0 ärenden stannar")).to_be_visible()
    page.get_by_role("link", name="Tillbaka").click()
    page.get_by_role("button", name="Hur hade det senaste årets ärenden gått?").click()
    expect(page.get_by_text("Samma väg: 1. En annan väg: 0. Kan inte jämföras: 0.")).to_be_visible()
    page.get_by_role("link", name="Tillbaka").click()
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_text("Version 2 är i bruk. 1 ärende pågår på en tidigare version.")).to_be_visible()

    page.get_by_role("status").get_by_role("link", name="Flytta pågående ärenden").click()
    page.get_by_role("button", name="Se vad det skulle göra").click()
    page.get_by_label("Skäl (måste fyllas i)").fill("Beslut § 14")
    page.get_by_role("button", name="Flytta ärendena").click()
    page.get_by_role("link", name="Öppna flytten").click()
    expect(page.get_by_text("Beslut § 14")).to_be_visible()
    expect(page.get_by_text("Det står vid")).to_be_visible()
    page.get_by_role("button", name="Ta tillbaka").click()
    expect(page.get_by_role("row", name="SOU 2020:73")).to_contain_text("tillbakatagen")
    history = site.get("handlaggare", f"{case}/timeline").text
    assert "Ärendet flyttades till version 2 av processen ”Extern remiss”: Beslut § 14" in history
    assert "Ärendet flyttades tillbaka till version 1 av processen ”Extern remiss”." in history

    page.get_by_role("link", name="Extern remiss").click()
    page.get_by_role("row", name="pågår").or_(page.get_by_role("row")).last.get_by_role("link").first.click()
    page.get_by_role("button", name="Återgå till den här versionen").click()
    expect(page.get_by_text("Utkastet utgår från version 1, och en senare är i bruk.")).to_be_visible()
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_text("Version 3 är i bruk.")).to_be_visible()


def test_cases_that_cannot_follow_are_not_said_to_have_been_moved(site: Site) -> None:
    site.region.registered()
    other = changed(
        "external_referral.bpmn", ('"draft_statement"', '"write"'), (">draft_statement<", ">write<"),
        ('form ref="write"', 'form ref="draft_statement"'),
    )  # fmt: skip
    files = [{"name": "external_referral.bpmn", "content": other.decode()}]
    made = site.region(OWNER).post("/definitions", {"files": files})
    assert made.status_code == 201, made.text
    page = f"{versions(site)['external_referral:2']}/migrate"
    wish = {"from": "1", "reason": "Beslut § 14"}
    looked = site.get(OWNER, worked(site, page, action="preview", **wish)).text
    assert "0 ärenden följer med. 1 ärende stannar" in looked
    assert "Flytta ärendena" not in looked
    assert "Inget ärende flyttades" in site.get(OWNER, worked(site, page, action="migrate", **wish)).text


def test_what_cannot_be_used_is_refused_with_what_is_wrong(site: Site) -> None:
    for name, content, said in HOSTILE:
        begun = site.post("processagare", "/studio/drafts", files={"file": (name, content)})
        if begun.status_code == 422:  # a diagram that no tool could go on with
            assert 'role="alert"' in begun.text
            assert "<script>alert" not in begun.text
            continue
        address = f"{begun.headers['Location']}/deploy"
        shown = site.get("processagare", address)
        assert (name, shown.status_code) == (name, 200)
        assert said in shown.text, (name, content[:30])
        assert "<script>alert" not in shown.text
        assert site.post("processagare", address, data={"action": "deploy"}).status_code in (409, 422)
        assert site.get("handlaggare", address).status_code == 404


def test_scenarios_are_run_and_what_they_have_passed_is_drawn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, do = threading.Event(), background._do
    monkeypatch.setattr(background, "_do", lambda *given: seen.wait(PATIENCE_SECONDS) and do(*given))
    page = site.visit("processagare", "/studio/library/process/samrad_handshake")
    page.get_by_role("link", name="Öppna version 1").click()
    page.get_by_role("button", name="Kör scenarierna").click()
    expect(page.get_by_role("progressbar", name="0 av 11")).to_be_visible()
    seen.set()
    expect(page.get_by_text("11 av 11 stämmer.")).to_be_visible()
    expect(page.get_by_role("heading", name="Vad de har passerat: 100 %")).to_be_visible()
    expect(page.locator(".is-passed[data-element-id=tell_chair]")).to_have_count(1)

    other = changed("samrad_handshake.bpmn", ('name="handshake" value="=false"', 'name="handshake" value="=true"'))
    page.goto(f"{brought(site, 'samrad_handshake.bpmn', other)}/deploy")
    page.get_by_role("button", name="Kör scenarierna").click()
    expect(page.get_by_role("row", name="stämmer inte").first).to_contain_text(
        "”handshake” ska vara false, men är true"
    )


def test_what_another_tool_says_and_why_scenarios_are_refused_is_told_in_swedish(site: Site) -> None:
    ours, step = 'xmlns:handslag="urn:handslag:bpmn:1.0"', '<bpmn:userTask id="samrad_preinput"'
    theirs = f'{ours} xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    drawn = changed("samrad_handshake.bpmn", (ours, theirs), (step, f'{step} camunda:asyncBefore="true"'))
    page = f"{brought(site, 'samrad_handshake.bpmn', drawn)}/deploy"
    told = "”Lämna synpunkter inför samrådet” säger hur Camunda 7 ska arbeta, vilket inte betyder något här och inte gör någon skada: asyncBefore."
    assert told in site.get("processagare", page).text
    address = page.replace("/deploy", "/scenarios")
    refused = site.post("processagare", address, files={"file": ("samrad.yaml", b"scenaros:\n- scenario: Ett")})
    assert refused.status_code == 422
    assert "”scenaros” är inte känt här. Menade du ”scenarios”?" in refused.text
    assert "Ta i bruk: Samråd med kommunerna" in refused.text, "the page that it was sent from"
    offered = re.search(r'href="(/studio/scenarios/samrad_handshake.yaml)"', refused.text)
    assert offered is not None, "something to begin from"
    assert "scenario" in site.get(OWNER, offered[1]).text
    assert site.get(OWNER, "/studio/scenarios/..%2f..%2fpyproject.toml").status_code == 404
    assert site.get("umea", offered[1]).status_code in (403, 404)
    torn = site.post("processagare", "/studio/drafts", files={"file": ("torn.bpmn", b"<a>\n<b></a>")})
    assert "går inte att läsa vidare från rad 2, kolumn 8 (läsarens egna ord, på engelska: ”Opening" in torn.text


def test_a_decision_table_is_changed_checked_tried_and_put_in_use(site: Site) -> None:
    page = site.visit("processagare", brought(site, "referral_triage.dmn", changed("referral_triage.dmn")))
    expect(page.get_by_text("Inget att rätta.")).to_be_visible()
    page.locator("#trial").get_by_label("Dagar till svarsdagen").fill("20")
    page.get_by_role("button", name="Besluta").click()
    expect(page.get_by_role("row", name="3 gäller")).to_contain_text('"answer"')

    cell = page.locator("#dmn td.input-cell").nth(2)
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("< 10")
    expect(
        page.get_by_text("används aldrig: reglerna före tar alla fall")
    ).to_be_visible()  # by the checker, of the third rule
    page.get_by_role("button", name="Besluta").click()
    expect(page.get_by_role("row", name="4 gäller")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Sparat")
    page.reload()
    expect(page.locator("#dmn td.input-cell").nth(2)).to_contain_text("< 10")
    page.get_by_role("link", name="Granska innan det tas i bruk").click()
    expect(page.get_by_text("är nu < 10, var < 49")).to_be_visible()
    expect(page.get_by_text("ändrat")).to_have_count(1)  # nothing else has been lost on the way through the editor
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_text("Version 2 är i bruk.")).to_be_visible()


def test_a_new_table_is_tried_with_what_its_conditions_ask_for_as_soon_as_they_ask(site: Site) -> None:
    page = site.visit("processagare", "/studio/new/decisions")
    page.get_by_label("Namn").fill("Spår")
    page.get_by_role("button", name="Börja").click()
    trial = page.locator("#trial")
    expect(trial.get_by_role("button", name="Besluta")).to_be_visible()
    page.locator("#dmn th.input-cell").first.dblclick()
    popup = page.locator("#dmn .context-menu")
    assert popup.evaluate("box => box.scrollHeight <= box.clientHeight")  # all of it is seen without scrolling
    popup.get_by_role("textbox", name="Villkorets namn").fill("Antal svar")
    popup.get_by_role("textbox", name="Villkorets uttryck").fill("answers")
    popup.locator(".dms-input-select").click()
    page.locator("#dmn .dms-select-options").get_by_text("tal", exact=True).click()
    expect(page.locator("#dmn th.input-cell .input-variable").first).to_have_text("tal")
    page.locator("#dmn .hit-policy-edit-policy-select").click()
    page.locator("#dmn .dms-select-options").get_by_text("Den första", exact=True).click()
    expect(page.locator("#dmn .hit-policy-edit-policy-select")).to_contain_text("Den första")
    trial.get_by_label("Antal svar").fill("3")
    page.locator("#dmn th.input-cell").first.dblclick()
    popup.get_by_role("textbox", name="Villkorets namn").fill("Svar")
    expect(trial.get_by_label("Svar", exact=True)).to_have_value("3")
    page.get_by_role("button", name="Vad som behöver vad", exact=True).click()
    expect(page.locator("#dmn").get_by_role("button", name="Nya indata")).to_be_visible()
    titles = page.locator("#dmn [title]").evaluate_all("each => each.map(it => it.title).filter(it => it)")
    assert {"Öppna beslutstabellen", "Filens namn"} <= {*titles}
    assert [title for title in titles if re.search("Create|Activate|Open|Definition|Append", title)] == []


def test_a_form_is_made_from_nothing_and_stands_as_it_will_be_filled_in(site: Site) -> None:
    page = site.visit("processagare", "/studio?kind=form")
    page.get_by_role("link", name="Nytt formulär").click()
    page.get_by_label("Namn").fill("Jämställdhetsbedömning")
    page.get_by_role("button", name="Börja").click()
    expect(page.get_by_text("jamstalldhetsbedomning.form")).to_be_visible()
    expect(page.get_by_role("button", name="Image view")).to_have_count(0)  # which our pages do not show
    expect(page.locator(".fjs-palette-group-title").first).to_have_text("Inmatning")
    expect(page.get_by_title("Lägg till fältet Lång text")).to_be_visible()
    page.get_by_role("button", name="Lång text").press("Enter")
    page.locator(".fjs-form-field-textarea").click()
    panel = page.get_by_role("region", name="Formuläret").locator(".bio-properties-panel")
    panel.get_by_text("Allmänt").click()
    panel.get_by_role("textbox", name="Ledtext").fill("Bedömning")
    expect(page.locator("#form-preview").get_by_label("Bedömning")).to_be_visible()
    page.get_by_role("button", name="Alternativknappar").press("Enter")
    page.locator(".fjs-form-field-radio").click()
    panel.locator("[data-group-id*=ptions]").get_by_title("Nytt").first.click()
    choices = page.locator("#form-preview").get_by_role("radio")
    expect(choices).to_have_count(2)
    for choice, label in zip(choices.all(), ("Värde", "Värde 2"), strict=True):
        expect(choice).to_have_accessible_name(label)
    page.get_by_role("link", name="Granska innan det tas i bruk").click()
    page.get_by_role("button", name="Ta i bruk nu").click()
    expect(page.get_by_label("Bedömning")).to_be_visible()
    expect(page.get_by_role("heading", name="Jämställdhetsbedömning")).to_be_visible()
    page.goto(f"{site.address}/studio?kind=form")
    page.get_by_role("link", name="Jämställdhetsbedömning").click()
    expect(page.get_by_role("heading", name="Jämställdhetsbedömning", level=1)).to_be_visible()
    known = versions(site)["jamstalldhetsbedomning:1"].rpartition("/")[2]
    draft = site.post(OWNER, "/studio/drafts", data={"definition_id": known}).headers["Location"]
    assert "Jämställdhetsbedömning</h1>" in site.get(OWNER, draft).text
    modeler = site.get(OWNER, brought(site, "a.bpmn", changed("samrad_handshake.bpmn"))).text
    handed = re.search(r'id="studio-data">(.*?)</script>', modeler, re.DOTALL)
    assert handed is not None
    assert {"key": "jamstalldhetsbedomning", "label": "Jämställdhetsbedömning"} in json.loads(handed[1])["choices"][
        "forms"
    ]


HOSTILE = (
    ("x.bpmn", b"<script>alert(1)</script>", "BPMN"),
    ("x.bpmn", b"", "Måste rättas"),
    ("x.bpmn", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "Måste rättas"),
    ("x.dmn", b"MZ\x90\x00", "XML"),
    ("x.form", b'{"components": [{"type": "<script>alert(1)</script>", "key": "a"}]}', "som inte stöds"),
    ("x.form", b"[" * 100_000, "JSON"),
)
"""Files that somebody brings, and a word of what is said of them."""
