"""The operator's pages: what failed is done again, skipped or moved on, and nobody else sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from lxml import html
from playwright.sync_api import expect
from sqlalchemy import select

from committee import operating
from committee.organisations import Organization
from store import clock
from store.events import Outbox
from store.settings import Settings
from tests.support.diagrams import OPENING, OPENING_FORM, bpmn
from tests.support.region import REFERRAL
from tests.support.running import free_port
from tests.support.site import Site
from worker.outbox import send_mail
from worker.tick import start_processes

FORMS = {
    "opening.form": OPENING_FORM,
    "write.form": b'{"type": "default", "components": [{"type": "number", "key": "points", "label": "Po\xc3\xa4ng"}]}',
}
ADDRESSES = ("", "/incidents", "/mail", "/timers", "/backups", "/processes")


def _mail(site: Site, case: str, key: str, **given: object) -> None:
    with site.database.reading() as db:
        tenant = db.scalar(select(Organization.id).where(Organization.key == "vasterbotten"))
    payload = {"to": "anna@umea.example", "subject": "Påminnelse <b>nu</b>", "text": "…"}
    made = {"channel": "email", "payload": payload, "due_at": clock.now(), "created_at": clock.now()}
    with site.database.transaction() as db:
        db.add(Outbox(organization_id=tenant, key=key, case_id=UUID(case), **made | given))


def _mail_that_failed(site: Site, case: str, key: str = "a") -> None:
    _mail(site, case, key, state="failed", attempts=10, error="SMTPRecipientsRefused: 550")


def _points(way: str) -> bytes:
    """A process that has a way on only where a condition holds."""
    body = """
    <userTask id="write" name="Skriv"><extensionElements>
      <handslag:performer role="registrar" body="stab"/><handslag:form ref="write"/></extensionElements></userTask>
    <exclusiveGateway id="which" name="Vägval"/><endEvent id="end"/><endEvent id="other"/>"""
    flows = f"start > write > which; which > end : {way}; which > other : points = 0"
    return bpmn(OPENING + body, flows, process="points")


@pytest.mark.parametrize("path", ADDRESSES)
def test_only_an_operator_opens_the_pages(site: Site, path: str) -> None:
    assert site.get("drift", f"/operation{path}").status_code == 200
    assert site.get("handlaggare", f"/operation{path}").status_code == 403


def test_mail_that_nobody_took_is_sent_again_or_given_up_with_a_reason(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    _mail_that_failed(site, case)
    page = site.visit("drift", "/operation")
    page.get_by_role("link", name="E-post som ingen tog emot").click()
    expect(page.get_by_role("row").filter(has_text="Påminnelse <b>nu</b>")).to_contain_text("550")
    page.get_by_label("Varför det inte ska skickas").fill("Adressen finns inte längre")
    page.get_by_role("button", name="Ge upp").click()
    expect(page.get_by_text("Inget här.")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("skickas inte")
    page.get_by_role("link", name="Uppgivna").click()
    given_up = page.get_by_role("row").filter(has_text="Påminnelse")
    expect(given_up).to_contain_text("Adressen finns inte längre")
    expect(given_up).to_contain_text("Dragan Drift")
    told = "”Påminnelse &lt;b&gt;nu&lt;/b&gt;” kunde inte skickas och skickas inte: Adressen finns inte längre"
    assert told in site.get("registrator", f"/cases/{case}/timeline").text


def test_all_mail_that_failed_while_the_server_was_away_is_sent_again_at_once(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    for number in range(operating.MOST_IN_ONE + 3):
        _mail_that_failed(site, case, f"mail {number}")
    page = site.visit("drift", "/operation/mail")
    page.get_by_text("Skicka alla igen").click()
    page.get_by_role("button", name="Ja, skicka allt igen").click()
    expect(page.get_by_role("alert")).to_contain_text("Allt prövas igen")
    expect(page.get_by_text("Inget här.")).to_be_visible()
    with site.database.reading() as db:
        waiting = db.scalars(select(Outbox).where(Outbox.error.is_not(None))).all()
    assert {(mail.state, mail.attempts) for mail in waiting} == {("pending", 0)}
    assert len(waiting) == operating.MOST_IN_ONE + 3
    assert site.post("registrator", "/operation/mail").status_code == 403


def test_a_mail_server_that_does_not_answer_is_said_and_the_figures_are_those_of_their_lists(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    _mail(site, case, "a"), _mail(site, case, "b", due_at=clock.now() + timedelta(days=1))
    send_mail(site.database, Settings(smtp_host="127.0.0.1", smtp_port=free_port()))
    page = site.visit("drift", "/operation")
    expect(page.get_by_text("Allt är väl")).to_have_count(0)
    expect(page.get_by_role("row", name="E-post som ska ut")).to_contain_text("2")
    page.get_by_role("link", name="E-post som ska ut").click()
    expect(page.get_by_role("row").filter(has_text="Påminnelse")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("row", name="Av dem har servern inte tagit emot")).to_contain_text("1")
    page.get_by_role("alert").get_by_role("link", name="Se vad den svarade").click()
    expect(page.get_by_role("row").filter(has_text="ConnectionRefusedError")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="Påminnelse")).to_have_count(1)


def test_a_step_that_fails_is_told_to_who_took_it_and_done_again_when_its_cause_is_gone(site: Site) -> None:
    people = site.region
    deploy = partial(people("processagare").post, "/definitions", content_type="multipart/form-data")
    assert deploy(data={"files": [(BytesIO(form), name) for name, form in FORMS.items()]}).status_code == 201
    wrong = deploy(data={"files": (BytesIO(_points("points = 1")), "points.bpmn")}).json["definitions"][0]["id"]
    assert people("registrator").post("/cases", {"case_type": "points", "title": "Poäng"}).status_code == 201
    task = f"/tasks/{people.waiting('registrator')['write']}"
    version = people("registrator").get(task).json["version"]

    refused = site.post("registrator", task, data={"action": "complete", "version": version, "field.points": "3"})
    assert refused.status_code == 409
    assert "systemförvaltaren har fått veta det" in refused.text and 'value="3"' in refused.text

    page = site.visit("drift", "/operation")
    page.get_by_role("link", name="Steg som misslyckats").click()
    failed = page.get_by_role("article", name="Vägval")
    failed.get_by_role("button", name="Gör om").click()
    expect(page.get_by_role("alert")).to_contain_text("Vägval")
    expect(failed).to_contain_text("2 gånger")

    right = deploy(data={"files": (BytesIO(_points("points > 0")), "points.bpmn")}).json["definitions"][0]["id"]
    moved = people("processagare").post(f"/definitions/{right}/migrations", {"from": wrong, "reason": "Vägen saknades"})
    assert moved.status_code == 200, moved.text
    failed.get_by_role("button", name="Gör om").click()
    expect(failed).to_have_count(0)
    assert people.waiting("registrator") == {}, "it went on with what had been written"


def test_a_case_that_stands_wrong_is_moved_on_after_a_look_at_what_that_does(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    page = site.visit("drift", "/operation/processes")
    page.get_by_role("link", name="Extern remiss").first.click()
    steps = page.get_by_label("Steget att fortsätta från").get_by_role("option").all_inner_texts()
    replans = [name for name in steps if name.endswith("Planera om")]
    assert "Godkänt? → Planera om" in replans and len(set(replans)) == len(replans) == 9
    page.get_by_label("Vad du vill göra").select_option(value="move")
    page.get_by_label("Vilket av dem som står").select_option(label="Registrera remissen (steg)")
    page.get_by_label("Steget att fortsätta från").select_option(label="Fördela remissen")
    page.get_by_label("Varför", exact=True).fill("Redan diariefört i det gamla systemet")
    page.get_by_role("button", name="Visa vad som skulle hända").click()
    preview = page.get_by_role("status")
    expect(preview).to_contain_text("Registrera remissen")
    expect(preview).to_contain_text("Fördela remissen")
    assert "register_referral" in site.region.waiting("registrator"), "nothing is done before it is said"
    preview.get_by_role("button", name="Gör det").click()
    expect(page.get_by_role("link", name="Fördela remissen")).to_be_visible()
    assert site.region.waiting("registrator") == {}
    told = (
        "Flyttades för hand från ”Registrera remissen” till ”Fördela remissen”: Redan diariefört i det gamla systemet"
    )
    log = site.visit("registrator", f"/cases/{case}/timeline").get_by_role("listitem")
    expect(log.filter(has_text=told)).to_contain_text("Dragan Drift")


def test_a_timer_of_one_of_several_says_of_which(site: Site) -> None:
    site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    page = site.visit("drift", "/operation/timers")
    mine = page.get_by_role("row").filter(has_text="7 dagar kvar · Umeå kommun")
    expect(mine).to_have_count(1)
    mine.get_by_role("link", name="7 dagar kvar").click()
    expect(page.get_by_role("row", name="7 dagar kvar · Umeå kommun")).to_have_count(1)
    expect(page.get_by_role("row", name="Svara på remissen · Umeå kommun")).to_have_count(1)


def test_a_message_that_nobody_waits_for_says_in_words_what_it_is_and_of_which_case(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json
    keys = {"correlation": {"case_id": case["id"]}}
    for name in ("ExtensionRefused", "EgetBesked"):
        assert site.region("drift").post("/messages", {"name": name, **keys}).status_code == 201
    assert site.region("drift").post("/messages", {"name": "ItemRemoved", "correlation": {"agenda_item_id": "x"}})
    page = site.visit("drift", "/operation/messages")
    row = page.get_by_role("row", name="Avsändaren ger inte anstånd")
    expect(row.get_by_role("link")).to_have_attribute("href", f"/cases/{case['id']}")
    expect(page.get_by_role("rowheader", name="EgetBesked")).to_be_visible()


def test_a_process_is_suspended_and_goes_on_with_reasons(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    page = site.visit("drift", "/operation/processes")
    page.get_by_role("link", name="Extern remiss").first.click()
    page.get_by_label("Varför den ska vara vilande").fill("Avsändaren återkommer")
    page.get_by_role("button", name="Gör vilande").click()
    expect(page.get_by_text("vilande sedan 15 feb. 2021 10:00 av Dragan Drift")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="Avsändaren återkommer")).to_be_visible()
    assert site.region("drift").get(f"/instances?case_id={case}&suspended=true").json["items"]
    page.get_by_label("Varför den ska fortsätta").fill("Avsändaren har återkommit")
    page.get_by_role("button", name="Låt den fortsätta").click()
    expect(page.get_by_text("pågår")).to_be_visible()


def test_a_page_that_is_old_changes_nothing(site: Site) -> None:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    instance = site.region("drift").get(f"/instances?case_id={case}").json["items"][0]
    given = {"version": instance["version"], "action": "suspend", "reason": "x"}
    address = f"/operation/processes/{instance['id']}"
    assert site.post("drift", address, data=given).status_code == 303
    assert site.post("drift", address, data=given).status_code == 409
    assert site.post("drift", address, data=given | {"action": "resume", "reason": " "}).status_code == 422
    assert site.post("drift", f"/operation/processes/{uuid4()}", data=given).status_code == 404


def test_a_backup_is_made_while_the_work_goes_on(site: Site, tmp_path: Path) -> None:
    page = site.visit("drift", "/operation/backups")
    page.get_by_role("button", name="Gör en säkerhetskopia nu").click()
    expect(page.get_by_role("row")).to_have_count(2)
    (made,) = (tmp_path / "backups").iterdir()
    assert made.read_bytes().startswith(b"SQLite format 3")
    expect(page.get_by_text("Tiden är simulerad här")).to_be_visible()
    page.get_by_text("Hjälp med den här sidan").click()
    expect(page.get_by_text(f"På servern ligger filerna i mappen {made.parent}.")).to_be_visible()
    assert f"-{clock.now():%Y}" not in made.name, "the file is dated by the machine, as its row is"


def test_a_step_that_fails_before_its_process_has_begun_is_told_by_its_name(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    timer = "<timerEventDefinition><timeCycle>R/P7D</timeCycle></timerEventDefinition>"
    body = f"""<startEvent id="start">{timer}</startEvent><exclusiveGateway id="g" name="Finns något att göra?"/>
    <endEvent id="end"/><endEvent id="other"/>"""
    drawn = bpmn(body, "start > g; g > end : 1 = 2; g > other : 2 = 3", process="weekly")
    answer = site.region("processagare").post(
        "/definitions", content_type="multipart/form-data", data={"files": (BytesIO(drawn), "weekly.bpmn")}
    )
    assert answer.status_code == 201, answer.text
    travel(timedelta(days=7))
    assert start_processes(site.database) == 0
    headings = html.fromstring(site.get("drift", "/operation/incidents").text).xpath("//article//h2")
    assert [each.text for each in headings] == ["Finns något att göra?"]


def _fail(site: Site, title: str) -> str:
    """A step that stops on an error each time that it is handed in; its case."""
    case = site.region("registrator").post("/cases", {"case_type": "points", "title": title}).json["id"]
    task = f"/tasks/{site.region.waiting('registrator')['write']}"
    for _ in range(2):
        assert site.post("registrator", task, data={"action": "complete", "field.points": "3"}).status_code == 409
    assert "stannade på ett fel" in site.get("registrator", task).text
    return str(case)


def test_a_step_that_fails_twice_stands_once_and_is_gone_when_it_is_done_anew_or_skipped(site: Site) -> None:
    deploy = partial(site.region("processagare").post, "/definitions", content_type="multipart/form-data")
    assert deploy(data={"files": [(BytesIO(form), name) for name, form in FORMS.items()]}).status_code == 201
    assert deploy(data={"files": (BytesIO(_points("points = 1")), "points.bpmn")}).status_code == 201
    _fail(site, "Bidrag till skidspår")
    assert len(site.region("drift").get("/incidents").json["items"]) == 1
    listed = site.get("drift", "/operation/incidents").text
    assert "Inget villkor efter" in listed and "Skriv, Ragna Registrator" in listed and "2 gånger" in listed
    task = f"/tasks/{site.region.waiting('registrator')['write']}"
    assert site.post("registrator", task, data={"action": "complete", "field.points": "1"}).status_code == 303
    assert "Inget steg har misslyckats" in site.get("drift", "/operation/incidents").text

    case = _fail(site, "Bidrag till bygdegård")
    assert site.get("registrator", "/cases").text.count("Ett steg har stannat") == 1
    (incident,) = site.region("drift").get("/incidents").json["items"]
    given = {"action": "skip", "reason": "Ansökan drogs tillbaka"}
    assert site.post("drift", f"/operation/incidents/{incident['id']}", data=given).status_code == 303
    for reader, path in (("drift", "/operation/incidents?state=skipped"), ("registrator", f"/cases/{case}/timeline")):
        assert "Ansökan drogs tillbaka" in site.get(reader, path).text
    assert "<dt>Hoppades över</dt>" in site.get("drift", "/operation/incidents?state=skipped").text
