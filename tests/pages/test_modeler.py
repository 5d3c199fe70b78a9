"""A process owner changes a process in the studio, tries it, and loses nothing: with no file touched by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from playwright.sync_api import Page, expect

from tests.support.site import Site, violations
from tests.support.studio import OWNER, brought, changed, versions
from web import modeler_words

SCRIPTS = Path(__file__).parents[2] / "web" / "client" / "src"
STEP = "Jämställdhetsbedömning"
AFTER = "Skriv yttrande och tjänsteskrivelse"
TRIAGED = ("Berörs kommunerna?", "Rör det mål", "Kan avsändaren ge anstånd?")
WORKING_DAYS = "Ett antal arbetsdagar efter att steget börjar"


@pytest.fixture
def draft(site: Site) -> str:
    """The address of a draft of the referral flow."""
    found = site.region("processagare").get("/definitions?kind=process&key=external_referral&limit=200").json["items"]
    answer = site.post("processagare", "/studio/drafts", data={"definition_id": found[-1]["id"]})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def _open(site: Site, draft: str, *, language: str = "sv", width: int = 1440) -> Page:
    page = site.visit("processagare", draft, language=language, width=width)
    _ready(page)
    return page


def _ready(page: Page) -> None:
    expect(page.locator("#studio[data-ready]")).to_be_attached()
    expect(page.locator("#findings-count")).not_to_be_empty()


def _choose(page: Page, step: str) -> None:
    if not page.locator("#steps").is_visible():
        page.get_by_text("Processen som tabell").click()
    page.locator("#steps").get_by_role("button", name=step, exact=True).click()
    expect(page.locator("#panel-heading")).to_have_text(step)


def _insert(page: Page, after: str, name: str) -> None:
    _choose(page, after)
    page.get_by_label("Vad steget heter").fill(name)
    page.get_by_role("button", name="Infoga").click()
    expect(page.locator("#panel-heading")).to_have_text(name)


def _do(page: Page, task: str, answers: Mapping[str, str] = MappingProxyType({})) -> None:
    """Do a task of a trial: what is chosen, or written, in each field."""
    card = page.locator("details", has=page.locator("summary", has_text=task))
    if card.get_attribute("open") is None:
        card.locator("summary").click()
    for field, answer in answers.items():
        choices = card.get_by_role("group", name=field)
        if choices.count():
            choices.get_by_label(answer, exact=True).check()
        elif card.get_by_role("combobox", name=field).count():
            card.get_by_label(field).select_option(label=answer)
        else:
            card.get_by_label(field).fill(answer)
    card.get_by_role("button", name="Klart").click()


def _saved(page: Page) -> None:
    expect(page.locator("#saved")).to_contain_text("Sparat")


def _xml(site: Site, draft: str) -> str:
    return site.get("processagare", f"{draft}/content").text


def test_a_step_with_a_form_and_a_deadline_is_added_and_tried(site: Site, draft: str) -> None:
    page = _open(site, draft)
    _insert(page, AFTER, STEP)
    panel = page.get_by_role("region", name="Det valda")
    panel.get_by_label("Roll").select_option(label="Handläggare")
    panel.get_by_label("Formulär").select_option("analyse")
    panel.get_by_label("Frist").select_option(label=WORKING_DAYS)
    expect(panel.get_by_label("Arbetsdagar")).to_have_value("5")
    _saved(page)
    assert _xml(site, draft).count('<handslag:performer role="officer" body="=administration" />') == 2, "as its lane"
    page.get_by_role("link", name="Prova").click()
    page.get_by_text("Hur det börjar, och vad systemet svarar").click()
    page.get_by_label("Data som det börjar med").fill("deciding_body = run\npreparing_body = run_au")
    for name, value in {
        "Dagar till svarsdagen": "88",
        "Ordinarie nämnd hinns": "ja",
        "AU hinns": "ja",
        "Dagar för remissen": "30",
    }.items():
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Börja om med detta").click()
    _do(page, "Registrera remissen")
    _do(page, "Fördela remissen", {"Hur ska remissen": "Besvaras", **dict.fromkeys(TRIAGED, "Nej")})
    _do(page, "Utse handläggare", {"Handläggare": "Hanna Handläggare"})
    _do(page, AFTER, {"Ställningstagande": "Tillstyrker", "Sammanfattning": "God tid."})
    step = page.locator("summary", has_text=STEP)
    expect(step).to_contain_text("till 22 feb.")
    assert violations(page) == []
    page.get_by_role("button", name="En vecka").click()
    expect(page.get_by_text("22 feb. 2021 08:00").first).to_be_visible()
    happened = page.get_by_role("region", name="Vad som har hänt").get_by_role("row")
    expect(happened.nth(1)).to_contain_text(AFTER)  # the newest first
    expect(happened.filter(has_text="Parallella vägar")).to_have_count(1)  # which has no name
    page.get_by_role("button", name="Ta tillbaka det senaste").click()
    expect(step).to_be_visible()


def test_one_step_that_is_inserted_is_all_that_is_told_and_the_picture_opens_at_it(site: Site, draft: str) -> None:
    page = _open(site, draft)
    _insert(page, "Utse handläggare", STEP)
    inside = page.locator("#steps").get_by_role("row").filter(has=page.get_by_role("button", name="Varna chefen"))
    expect(inside.first).to_contain_text("När som helst")  # the lane of the subprocess that it stands in
    _saved(page)
    page.goto(f"{page.url}/deploy")
    told = page.get_by_role("region", name="Med ord").get_by_role("listitem")
    expect(told).to_have_text([
        re.compile("Nytt: Steget ”Jämställdhetsbedömning”"),
        re.compile("Nytt: Flödet ”Jämställdhetsbedömning → Planera baklänges”"),
        re.compile("Flödet ”Utse handläggare → Jämställdhetsbedömning”: vart det leder"),
        re.compile("bara ritade på ett annat ställe"),
    ])  # fmt: skip
    picture = page.locator("[data-side=new]")
    picture.scroll_into_view_if_needed()
    expect(picture.locator(".is-added.djs-shape").first).to_be_in_viewport()


def test_what_is_written_is_kept_as_our_words_and_survives_a_reload(site: Site, draft: str) -> None:
    before = _xml(site, draft)
    page = _open(site, draft)
    _insert(page, AFTER, STEP)
    panel = page.get_by_role("region", name="Det valda")
    panel.get_by_label("Frist").select_option(label=WORKING_DAYS)
    panel.get_by_label("Arbetsdagar").fill("7")
    panel.get_by_label("Arbetsdagar").press("Tab")
    _saved(page)
    page.reload()
    _ready(page)
    _choose(page, STEP)
    expect(panel.get_by_label("Id")).to_have_value("jamstalldhetsbedomning")
    expect(panel.get_by_label("Arbetsdagar")).to_have_value("7")
    after = _xml(site, draft)
    assert '<handslag:due date="=working days after(today(), 7)" />' in after
    for word in ("performer", "form", "operation", "output", "input", "correlation", "call", "decision", "due"):
        assert after.count(f"<handslag:{word} ") >= before.count(f"<handslag:{word} ") > 0, word


def test_a_finding_appears_where_it_is_and_goes_when_it_is_mended_or_undone(site: Site, draft: str) -> None:
    page = _open(site, draft)
    _choose(page, AFTER)
    page.get_by_label("Frist").select_option(label="Räknas ut med ett uttryck")
    page.get_by_label("Uttryck").fill("working dayz(1)")
    page.get_by_label("Uttryck").press("Tab")
    expect(page.locator("#findings-count")).to_contain_text("1 att rätta")
    expect(page.locator('[data-element-id="draft_statement"].has-error')).to_be_attached()
    expect(page.get_by_role("region", name="Det valda").get_by_role("list", name="Anmärkningar")).to_contain_text(
        "anropar ”working dayz”, som inte finns"
    )
    _choose(page, "Godkänn utkastet")
    page.locator("#findings").get_by_role("button", name=AFTER).first.click()
    expect(page.locator("#panel-heading")).to_have_text(AFTER)
    page.get_by_role("button", name="Ångra").click()
    page.get_by_role("button", name="Ångra").click()
    expect(page.locator("#findings-count")).to_contain_text("0 att rätta")
    expect(page.get_by_label("Frist")).to_have_value("draft")
    expect(page.locator('[data-element-id="draft_statement"].has-error')).to_have_count(0)


def test_two_windows_do_not_write_over_each_other(site: Site, draft: str) -> None:
    mine, theirs = _open(site, draft), _open(site, draft)
    _insert(theirs, AFTER, "Den andras steg")
    _saved(theirs)
    _insert(mine, AFTER, "Mitt steg")
    expect(mine.get_by_role("alert").filter(has_text="ändrats i ett annat fönster")).to_be_visible()
    mine.get_by_role("button", name="Behåll det jag har här").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text("egen kopia")
    assert "Mitt steg" in _xml(site, mine.url.removeprefix(site.address))
    assert "Den andras steg" in _xml(site, draft)


def test_what_was_drawn_without_connection_is_saved_when_there_is_one_even_after_a_reload(
    site: Site, draft: str
) -> None:
    page = _open(site, draft)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/content?version=*", lambda route: route.abort())
    _insert(page, AFTER, STEP)
    expect(page.locator("#saved")).to_contain_text("ingen förbindelse")
    page.unroute("**/content?version=*")
    page.reload()
    _ready(page)
    _saved(page)
    expect(page.locator("#steps").get_by_role("button", name=STEP, include_hidden=True)).to_be_attached()
    assert STEP in _xml(site, draft)


@pytest.mark.parametrize(
    "name",
    ["Jämställdhet & <b>insyn</b>", '2027 \x0b"år"', "日本", "x" * 5000],
    ids=["markup", "signs", "letters", "long"],
)
def test_a_process_is_begun_from_nothing_and_can_be_run(site: Site, name: str) -> None:
    answer = site.post("processagare", "/studio", data={"kind": "process", "name": name})
    assert answer.status_code == 303, answer.text
    draft = answer.headers["Location"]
    told = site.post("processagare", f"{draft}/check", content=_xml(site, draft)).json()["findings"]
    assert [each for each in told if each["severity"] == "error"] == []
    assert "har avslutats" in site.get("processagare", f"{draft}/trial", headers={"Accept-Language": "sv"}).text


def test_a_diagram_of_another_engine_becomes_a_draft_in_our_words(site: Site) -> None:
    page = site.visit("processagare", "/studio/drafts")
    page.get_by_label("Diagram, beslutstabell eller formulär").set_input_files(
        {"name": "beviljande.bpmn", "mimeType": "application/xml", "buffer": CAMUNDA.encode()}
    )
    page.get_by_role("button", name="Gör ett utkast av den").click()
    _ready(page)
    assert '<handslag:performer role="secretary" body="run_au"' in _xml(site, page.url.removeprefix(site.address))


def test_a_file_that_is_no_diagram_becomes_no_draft(site: Site) -> None:
    for content, why in ((b"<html>nej</html>", "Filen är XML men inte BPMN 2.0"), (b"<definitions", "XML")):
        refused = site.post("processagare", "/studio/drafts", files={"file": ("sida.bpmn", content)})
        assert (refused.status_code, why in refused.text, "sida.bpmn" in refused.text) == (422, True, False)


def test_tokens_run_through_the_picture_when_somebody_asks_for_them(site: Site, draft: str) -> None:
    page = _open(site, draft)
    page.get_by_role("button", name="Låt markörer löpa").click()
    tokens = page.get_by_role("group", name="Markörer som löper genom processen")
    tokens.get_by_title("Låt händelsen inträffa").first.click()
    expect(tokens.get_by_role("button", name="1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Låt markörer löpa").click()
    expect(tokens).to_have_count(0)


def test_who_opens_a_file_with_comments_is_told_that_they_will_be_lost(site: Site) -> None:
    diagram = changed("samrad_handshake.bpmn", ("<bpmn:process ", "<!-- Fråga Karin först. --><bpmn:process "))
    assert "Filen har kommentarer" in site.get(OWNER, brought(site, "samrad_handshake.bpmn", diagram)).text
    assert (
        "Filen har kommentarer" not in site.get(OWNER, brought(site, "a.bpmn", changed("samrad_handshake.bpmn"))).text
    )


def test_a_step_and_its_form_are_drafts_together_tried_and_put_in_use_together(site: Site) -> None:
    form = b'{"type": "default", "components": [{"type": "number", "key": "women", "label": "Andel kvinnor"}]}'
    brought(site, "share_of_women.form", form)
    referral = changed("external_referral.bpmn", ('ref="triage_referral"', 'ref="share_of_women"'))
    draft = brought(site, "external_referral.bpmn", referral)
    assert "share_of_women (utkast)" in site.get("processagare", draft).text
    found = site.post("processagare", f"{draft}/check", content=referral).json()["findings"]
    assert not [each for each in found if "share_of_women" in each["sentence"]]
    acts = [{"what": "complete", "element": "register_referral", "values": {}}]
    story = {"at": "2021-02-15", "given": {}, "answers": {}, "deadlines": {}, "acts": acts}
    said = {"story": json.dumps(story), "act": "complete:triage_referral", "field.women": "45"}
    tried = site.post("processagare", f"{draft}/trial", data=said).text
    assert "<dd>45</dd>" in tried, "a number is a number, as in a case"
    deploy = site.get("processagare", f"{draft}/deploy").text
    sent = {"action": "deploy", "read": re.findall(r'name="read" value="([^"]+)"', deploy)}
    sent["with"] = re.findall(r'type="hidden" name="with" value="([^"]+)"', deploy)
    assert len(sent["read"]) == 2, "the form that it cannot do without goes with it"
    assert site.post("processagare", f"{draft}/deploy", data=sent).status_code == 303
    assert "share_of_women:1" in versions(site)


def test_a_tried_step_asks_for_what_the_real_one_asks_and_offers_the_same_people(site: Site, draft: str) -> None:
    acts = [{"what": "complete", "element": "register_referral", "values": {"title": "Remiss"}}]
    acts += [{"what": "complete", "element": "triage_referral", "values": {"handling": "yttrande"}}]
    story = {"at": "2021-02-15", "given": {}, "answers": {}, "deadlines": {}, "acts": acts}
    sent = {"story": json.dumps(story), "act": "complete:assign_officer", "field.comment": "<b>Skyndsamt</b>"}
    refused = site.post("processagare", f"{draft}/trial", data=sent, headers={"Accept-Language": "sv"})
    assert refused.status_code == 422
    assert re.search(r'id="field.case_officer_id-error">[^<]*Handläggare[^<]*måste', refused.text)
    assert "&lt;b&gt;Skyndsamt&lt;/b&gt;</textarea>" in refused.text, "what was written is still there"
    officer = re.search(r'<option value="([^"]+)">Hanna', refused.text)
    assert officer is not None, "one of the organisation's own officers can be chosen"
    tried = site.post("processagare", f"{draft}/trial", data={**sent, "field.case_officer_id": officer[1]})
    assert tried.status_code == 200


def test_a_draft_is_thrown_away_only_by_who_says_so_twice(site: Site, draft: str) -> None:
    page = _open(site, draft)
    page.get_by_text("Namn och borttagning").click()
    page.get_by_role("link", name="Kasta utkastet").click()
    expect(page.get_by_role("heading", name="Kasta utkastet ”Extern remiss”?")).to_be_visible()
    page.get_by_role("link", name="Avbryt").click()
    expect(page).to_have_url(re.compile(re.escape(draft) + "$"))
    page.goto(f"{draft}/discard")
    page.get_by_role("button", name="Kasta utkastet").click()
    expect(page.get_by_role("heading", name="Utkast", exact=True)).to_be_visible()
    assert site.get("processagare", draft).status_code == 404


def test_others_know_nothing_of_drafts(site: Site, draft: str) -> None:
    for path in (draft, f"{draft}/content", f"{draft}/trial", f"{draft}/discard"):
        assert site.get("handlaggare", path).status_code == 404, path


@pytest.mark.parametrize(
    "story", ["", "[]", '{"acts": 1}', '{"acts": [{"what": "x"}], "at": "2021-02-15"}', "{" * 600_000]
)
def test_a_story_that_no_page_has_written_is_refused(site: Site, draft: str, story: str) -> None:
    answer = site.post("processagare", f"{draft}/trial", data={"story": story, "act": "advance:P1D"})
    assert answer.status_code == 422


def test_everything_that_the_scripts_say_is_handed_to_them_in_the_readers_language() -> None:
    said = set()
    for path in [SCRIPTS / "modeler.ts", *(SCRIPTS / "modeler").glob("*.ts")]:
        found = re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))
        said |= {text.replace('\\"', '"') for text in found}
    assert said <= {*modeler_words.FIELDS, *modeler_words.KINDS, *modeler_words.MENUS}


CAMUNDA = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  id="d" targetNamespace="t">
  <bpmn:process id="beviljande" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="prova" />
    <bpmn:userTask id="prova" name="Pröva" camunda:candidateGroups="run_au:secretary"><bpmn:incoming>f1</bpmn:incoming></bpmn:userTask>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="p"><bpmndi:BPMNPlane id="pl" bpmnElement="beviljande">
    <bpmndi:BPMNShape id="s1" bpmnElement="start"><dc:Bounds x="100" y="100" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="prova"><dc:Bounds x="200" y="80" width="100" height="80" /></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
