"""What a municipality does with what the region asks it, on a phone; and what it never sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from committee import access, people, sessions, statements
from committee.cases import Case
from committee.documents import DISPATCHED, DocumentVersion
from committee.organisations import Person
from committee.sessions import LIFETIME
from engine.models import Task
from tests.support.site import Site, overflow
from worker.tick import fire_timers

PHONE = 360
PDF_TYPE = "application/pdf"
QUESTIONS = "Hur berörs kommunen av fler frivilliga skydd?\nVilka kostnader ser kommunen?"
MARKUP = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)
REFUSED = {
    "program.exe": b"MZ\x90\x00\x03" + bytes(200),
    "bild.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "sida.html": b"<!doctype html><script>alert(1)</script>",
}


def asked(site: Site, mode: str = "remiss") -> str:
    """A case on which every municipality has been asked two questions; its address."""
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode=mode, question=QUESTIONS)
    return case


def question(site: Site, key: str) -> str:
    """The address of what a municipality has been asked."""
    (found,) = site.region(key).get("/consultees").json["items"]
    return f"/consultations/{found['id']}"


def form_of(site: Site, key: str) -> dict[str, str]:
    """What an open page sends along besides what is written."""
    page = site.get(key, f"{question(site, key)}?way=questions").text
    return dict(re.findall(r'type="hidden" name="(\w+)"(?: id="[\w-]+")? value="([^"]*)"', page))


def choose(page: Page, way: str) -> None:
    """Choose a way of answering; nothing of the page may be wider than the phone."""
    page.get_by_role("navigation", name="Sätt att svara").get_by_role("link", name=way).click()
    expect(page.get_by_role("link", name=way)).to_have_attribute("aria-current", "page")
    assert overflow(page) == 0


def sends(officer: Page) -> None:
    """The region's officer asks two questions, and chooses what is sent with them."""
    officer.get_by_role("radio", name="Remiss").check()
    officer.get_by_label("Frågor att besvara").fill(QUESTIONS)
    officer.get_by_role("checkbox", name="1. Remiss").check()
    officer.get_by_role("button", name="Klart").click()
    expect(officer.get_by_text("”Bestäm frågor och utskick” är klart.")).to_be_visible()


def comes_in_and_finds(umea: Page) -> None:
    """From the sign-in to what is asked."""
    umea.get_by_label("Vem är du i demoorganisationen?").select_option(label="Handläggare, Umeå kommun")
    umea.get_by_role("button", name="Logga in").click()
    expect(umea.get_by_role("heading", name="Våra remisser")).to_be_visible()
    expect(umea.get_by_role("row").last).to_contain_text("om 17 arbetsdagar")
    umea.get_by_role("link", name="SOU 2020:73").click()
    expect(umea.get_by_text("Region Västerbotten frågar Umeå kommun")).to_be_visible()
    expect(umea.get_by_role("region", name="Handlingar som följer med").get_by_role("listitem")).to_have_count(1)


def asks_for_time(umea: Page) -> None:
    """First nothing, then too much, then what can be given."""
    choose(umea, "Begär anstånd")
    umea.get_by_role("button", name="Begär anstånd").click()
    expect(umea.get_by_text("Detta måste fyllas i.").or_(umea.get_by_text("Välj en dag, eller skriv"))).to_have_count(2)
    umea.get_by_label("Anstånd till").fill("2021-04-30")
    umea.get_by_label("Varför").fill("Nämnden sammanträder den 1 april.")
    umea.get_by_role("button", name="Begär anstånd").click()
    expect(umea.get_by_text("Ange en dag före")).to_be_visible()
    expect(umea.get_by_role("alert")).to_have_text("Då ska regionen själv redan ha svarat.")
    expect(umea.get_by_label("Varför")).to_have_value("Nämnden sammanträder den 1 april.")
    umea.get_by_label("Anstånd till").fill("2021-04-06")
    umea.get_by_role("button", name="Begär anstånd").click()
    expect(umea.get_by_role("region", name="Anstånd")).to_contain_text("Inget besked än.")


def gives_time(officer: Page) -> None:
    """The step says in words who asks for what, and why."""
    given = officer.get_by_role("region", name="Underlag till steget")
    terms = given.get_by_role("term").all_inner_texts()
    asked_for = ["Begärs av", "Anstånd begärs till", "Svarsdag i dag", "Skäl"]
    assert terms == [*asked_for, "Att tänka på", "Utkastet ska vara klart"]
    expect(given).to_contain_text("tisdag 6 april 2021")
    assert not re.search(r"\d{4}-\d\d-\d\d", given.inner_text())
    officer.get_by_role("radio", name="Ja").check()
    officer.get_by_label("Kommentar").fill("Det går bra.")
    officer.get_by_role("button", name="Klart").click()


def hands_a_file_in(umea: Page) -> None:
    """A statement that has been decided, forgotten at first; then the receipt."""
    choose(umea, "Lämna in ett yttrande")
    umea.get_by_role("combobox", name="Ställningstagande").select_option(label="Tillstyrker med synpunkter")
    umea.get_by_role("button", name="Lämna in svaret").click()
    expect(umea.get_by_text("Välj filen med yttrandet.")).to_be_visible()
    umea.get_by_label("Ert yttrande (måste fyllas i)").set_input_files(
        [{"name": "Yttrande.pdf", "mimeType": PDF_TYPE, "buffer": PDF}]
    )
    umea.get_by_label("Beslutat av").fill("KS 2021-04-01 § 54")
    umea.get_by_role("button", name="Lämna in svaret").click()
    receipt = umea.get_by_role("region", name="Kvittens")
    expect(receipt).to_contain_text("Tillstyrker med synpunkter")
    expect(receipt).to_contain_text("KS 2021-04-01 § 54")
    expect(receipt.get_by_role("link", name="Yttrande", exact=True)).to_be_visible()
    expect(receipt.get_by_role("button", name="Skriv ut kvittensen")).to_be_visible()
    assert overflow(umea) == 0


def abstains(vindeln: Page) -> None:
    """With a reason; it is found again among what one has abstained from."""
    choose(vindeln, "Avstå")
    vindeln.get_by_label("Skäl att avstå (måste fyllas i)").fill("Kommunen berörs inte.")
    vindeln.get_by_role("button", name="Avstå från att svara").click()
    expect(vindeln.get_by_role("region", name="Kvittens")).to_contain_text("Kommunen berörs inte.")
    vindeln.get_by_role("navigation", name="Var du är").get_by_role("link").click()
    vindeln.get_by_role("link", name="Avstådda (1)").click()
    expect(vindeln.get_by_role("link", name="SOU 2020:73")).to_be_visible()


def answers_the_questions(lycksele: Page) -> None:
    """Too early, which is seen at once; one, then a reload, then the other; going back sends nothing again."""
    lycksele.get_by_role("button", name="Lämna in svaret").click()
    expect(lycksele.get_by_role("alert")).to_be_focused()
    expect(lycksele.get_by_role("link", name="Ställningstagande")).to_be_in_viewport()
    lycksele.get_by_label("Hur berörs kommunen").fill("Hälften av skogen.")
    expect(lycksele.get_by_text("Det du skrev sparades")).to_be_visible()
    lycksele.reload()
    lycksele.get_by_role("combobox", name="Ställningstagande").select_option(label="Avstyrker")
    lycksele.get_by_label("Vilka kostnader").fill("Två tjänster.")
    lycksele.get_by_role("button", name="Lämna in svaret").click()
    expect(lycksele.get_by_role("region", name="Kvittens")).to_contain_text("Hälften av skogen.")
    lycksele.go_back()
    expect(lycksele.get_by_role("region", name="Kvittens")).to_be_visible()


def test_municipalities_answer_on_their_phones_and_the_region_sees_them_side_by_side(site: Site) -> None:
    case = site.region.registered()
    site.post("registrator", f"{case}/documents", files={"file": ("Remiss.pdf", PDF)})
    officer = site.visit("handlaggare", case)
    sends(officer)
    umea = site.visit(None, "/", width=PHONE)
    comes_in_and_finds(umea)
    asks_for_time(umea)
    officer.goto("/work")
    expect(officer.get_by_role("row", name="Ta ställning till anståndet")).to_contain_text("Begärs av: Umeå kommun")
    officer.goto(f"/tasks/{site.region.waiting('handlaggare')['grant_consultee_extension']}")
    gives_time(officer)
    umea.goto(question(site, "umea"))
    expect(umea.get_by_role("region", name="Anstånd")).to_contain_text("Beviljat: svara senast 6 apr.")
    expect(umea.get_by_role("region", name="Anstånd")).to_contain_text("Det går bra.")
    hands_a_file_in(umea)
    abstains(site.visit("vindeln", question(site, "vindeln"), width=PHONE))
    officer.goto(case)
    answers = officer.get_by_role("row", name="Svara på remissen")
    expect(answers.filter(has_text="klart")).to_contain_text("2 av de tillfrågade")
    expect(answers.filter(has_text="väntar")).to_contain_text("13 av de tillfrågade")
    answers_the_questions(site.visit("lycksele", f"{question(site, 'lycksele')}?way=questions", width=PHONE))

    officer.goto(f"{case}/statements")
    expect(officer.get_by_text("Sändes med: Remiss")).to_be_visible()
    expect(officer.get_by_role("article", name="Umeå kommun").get_by_role("link", name="Yttrande")).to_be_visible()
    expect(officer.get_by_role("article", name="Vindelns kommun")).to_contain_text("Kommunen berörs inte.")
    expect(officer.get_by_role("article", name="Lycksele kommun")).to_contain_text("Två tjänster.")


def test_a_text_outlives_the_sign_in_and_a_second_click_answers_nothing_twice(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    asked(site)
    address = f"{question(site, 'umea')}/answer"
    fields = {**form_of(site, "umea"), "action": "hand-in", "field.answer_kind": "approve"}
    fields["field.answers"] = [MARKUP, "å" * 19_000]  # type: ignore[assignment]
    again = site.post(None, address, data=fields)
    assert again.status_code == 401 and "å" * 19_000 in again.text and MARKUP not in again.text
    first = site.post("umea", address, data=fields, files={"file": ("Bilaga.pdf", PDF)})
    assert first.status_code == 303, first.text
    second = site.post("umea", address, data=fields, files={"file": ("Bilaga.pdf", PDF)})
    assert second.status_code == 409 and "Kvittens" in second.text and "redan inlämnat" in second.text
    assert [each["title"] for each in site.region("umea").get("/documents").json["items"]] == ["Bilaga"]
    travel(LIFETIME + timedelta(minutes=1))
    assert site.get("umea", "/consultations").status_code == 302


def test_who_leaves_an_answer_that_stands_beside_a_colleagues_is_asked(site: Site) -> None:
    asked(site)
    page = site.visit("umea", f"{question(site, 'umea')}?way=questions", width=PHONE)
    field, keep = page.locator("form[data-keep] textarea").first, page.locator("form[data-keep]")
    theirs = form_of(site, "umea") | {field.get_attribute("name") or "": "Kollegans text."}
    assert site.post("umea", keep.get_attribute("data-keep") or "", data=theirs).status_code == 200
    field.fill("Min text.")
    page.get_by_role("button", name="Spara till senare").click()
    expect(page.get_by_text("Kollegans text.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("link", name="Begär anstånd").click()
    expect(field).to_have_value("Min text.")


def test_what_is_wrong_is_said_and_what_was_written_is_kept(site: Site) -> None:
    asked(site)
    address = f"{question(site, 'umea')}/answer"
    fields = {**form_of(site, "umea"), "action": "hand-in", "field.answer_kind": "object", "field.answer_text": MARKUP}
    for name, content in REFUSED.items():
        refused = site.post("umea", address, data=fields, files={"file": (name, content)})
        assert refused.status_code == 422, name
        assert "Filer av det här slaget tas inte emot." in refused.text and "&lt;script&gt;" in refused.text
    assert "&lt;script&gt;" in site.get("umea", question(site, "umea")).text, "kept, though nothing was handed in"
    too_long = site.post("umea", address, data=fields | {"field.decided_by": "x" * 201})
    assert too_long.status_code == 422 and "längre än 200 tecken" in too_long.text
    assert site.region("umea").get("/documents").json["items"] == []
    for verb, needed in (("more-time", "new_date"), ("abstain", "reason")):
        refused = site.post("umea", f"{address.removesuffix('answer')}{verb}?way=time", data={"decided_by": MARKUP})
        assert (refused.status_code, needed in refused.text) == (422, True)
    assert [each["status"] for each in site.region("umea").get("/consultees").json["items"]] == ["invited"]


def test_questions_that_change_under_an_open_page_lose_nothing_of_what_was_written(site: Site) -> None:
    asked(site)
    fields = {
        **form_of(site, "umea"),
        "action": "hand-in",
        "field.answer_kind": "object",
        "field.views": "Skogens ägare",
    }
    with site.database.transaction() as db:
        task = db.scalars(select(Task).where(Task.operation == "answer_consultation")).first()
        other = db.scalars(select(Task.form_definition_id).where(Task.element_id == "confirm_consultation")).first()
        assert task is not None and other is not None
        for each in db.scalars(select(Task).where(Task.operation == "answer_consultation")):
            each.form_definition_id = other
    answer = site.post("umea", f"{question(site, 'umea')}/answer", data=fields)
    assert answer.status_code == 409 and "Skogens ägare" in answer.text


def test_an_answer_that_was_begun_when_the_region_stops_waiting_can_still_be_copied(site: Site) -> None:
    asked(site)
    (found,) = site.region("umea").get("/consultees").json["items"]
    begun = {**form_of(site, "umea"), "action": "draft", "field.answers": ["Halva svaret", ""]}
    assert site.post("umea", f"/consultations/{found['id']}/answer", data=begun).status_code == 303
    stopped = site.post("handlaggare", f"/referrals/{found['referral_id']}/stop", data={"reason": "Det brådskar"})
    assert stopped.status_code == 303
    assert "Halva svaret" in site.get("umea", f"/consultations/{found['id']}").text
    assert "Ni hade börjat" not in site.get("vindeln", question(site, "vindeln")).text


def test_only_what_is_kept_nowhere_is_said_to_be_kept_nowhere_when_the_day_has_passed(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    asked(site)
    form = form_of(site, "umea")
    begun = {**form, "action": "draft", "field.answers": ["Halva svaret", ""]}
    address = question(site, "umea")
    assert site.post("umea", f"{address}/answer", data=begun).status_code == 303
    travel(timedelta(days=40))
    fire_timers(site.database)
    site.admit("umea", sessions.begin_demo(site.database, "vasterbotten", "umea"))
    late = site.post("umea", f"{address}/answer", data=begun | {"action": "hand-in"})
    assert late.status_code == 409 and "Ni hade börjat på ett svar" in late.text
    assert "Det finns inte sparat någon annanstans" not in late.text and late.text.count("Halva svaret") == 1
    more = begun | {"action": "hand-in", "field.answers": ["Hela svaret", ""]}
    late = site.post("umea", f"{address}/answer", data=more)
    assert "Det finns inte sparat någon annanstans" in late.text
    assert (late.text.count("Halva svaret"), late.text.count("Hela svaret")) == (1, 1)


def test_a_text_that_is_too_long_is_told_and_stays_whole(site: Site) -> None:
    asked(site)
    umea = site.visit("umea", f"{question(site, 'umea')}?way=questions", width=PHONE)
    umea.get_by_role("combobox", name="Ställningstagande").select_option(label="Avstyrker")
    costs = umea.get_by_label("Vilka kostnader")
    costs.focus()
    umea.keyboard.insert_text("å" * 20_001)  # as pasting does: what a browser's own limit would cut is cut
    umea.get_by_role("button", name="Lämna in svaret").click()
    expect(umea.get_by_role("alert")).to_contain_text("Texten är längre än 20")
    assert len(costs.input_value()) == 20_001
    costs.fill("x" * 2_200_000)
    expect(umea.get_by_text("för stort")).to_be_visible()


def test_what_comes_when_nothing_is_taken_any_more_can_be_copied(site: Site) -> None:
    asked(site)
    umea, lycksele = question(site, "umea"), question(site, "lycksele")
    answer = {**form_of(site, "umea"), "action": "hand-in", "way": "questions", "field.answer_kind": "object"}
    late = answer | {"field.answers": ["Kollegans ord", MARKUP]}
    asking = {"new_date": "2021-04-06", "reason": "Nämnden möts sent"}
    assert site.post("umea", f"{umea}/more-time?way=time", data=asking).status_code == 303
    again = site.post("umea", f"{umea}/more-time?way=time", data=asking | {"reason": "Ordföranden är sjuk"})
    site.region.do("umea", "answer_consultation", answer_kind="approve", answers=["Lite.", ""])
    second = site.post("umea", f"{umea}/answer", data=late)
    (referral,) = site.region("umea").get("/referrals").json["items"]
    site.post("handlaggare", f"/referrals/{referral['id']}/stop", data={"reason": "Det brådskar"})
    stopped = site.post("lycksele", f"{lycksele}/answer", data=late)
    abstaining = {"reason": "Berörs inte", "decided_by": "KS 2021-03-01 § 2"}
    abstained = site.post("lycksele", f"{lycksele}/abstain?way=abstain", data=abstaining)
    for refused, words in (
        (again, ("Ordföranden är sjuk", "2021-04-06")),
        (second, ("Kvittens", "Kollegans ord", "&lt;script&gt;")),
        (stopped, ("Kollegans ord", "&lt;script&gt;")),
        (abstained, ("Berörs inte", "KS 2021-03-01 § 2")),
    ):
        assert refused.status_code == 409 and "Det finns inte sparat någon annanstans." in refused.text
        assert [word for word in words if word not in refused.text] == [] and MARKUP not in refused.text


@pytest.fixture
def colleague(site: Site) -> str:
    """Somebody at Umeå who registers, and answers nothing; their key."""
    with site.database.reading() as db:
        tenant = db.scalars(select(Person.organization_id)).first()
    assert tenant is not None
    people.add_person(site.database, tenant, "asa", "Åsa Arkivarie")
    people.give_role(site.database, tenant, "asa", "umea_kansli", "registrar")
    with site.database.transaction() as db:
        token = access.issue_token(db, db.scalars(select(Person).where(Person.key == "asa")).one(), "asa")
    site.admit("asa", sessions.begin(site.database, token, demo=False))
    return "asa"


def test_a_municipality_sees_what_it_was_sent_and_nothing_else(site: Site, colleague: str) -> None:
    case = asked(site, mode="delning")
    other = site.region("registrator").post("/cases", {"case_type": "external_referral", "title": "Vatten"}).json["id"]
    site.post(
        "registrator", f"{case}/documents", files={"file": ("Tjänsteskrivelse.pdf", PDF)}, data={"kind": "internal"}
    )
    (internal,) = site.region("registrator").get(f"{case}/documents").json["items"]
    referral = site.region("umea").get("/referrals").json["items"][0]["id"]
    lycksele = question(site, "lycksele")
    site.region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Lycksele avstyrker.")
    hidden = (
        lycksele, f"/consultees/{lycksele.rpartition('/')[2]}/answer", f"/cases/{other}", f"/documents/{internal['id']}",
        f"/documents/{internal['id']}/versions/1/content", f"{case}/timeline", f"/referrals/{referral}/stop",
        f"{case}/withdraw", f"{case}/days", "/board",
        "/studio", "/studio/drafts", "/operation", "/operation/incidents", "/register", "/register/new",
    )  # fmt: skip
    assert {path: site.get("umea", path).status_code for path in hidden} == dict.fromkeys(hidden, 404)
    for verb in ("answer", "more-time", "abstain"):
        assert (
            site.post("umea", f"{lycksele}/{verb}", data={"reason": "x", "new_date": "2021-04-06"}).status_code == 404
        )
    assert site.get("handlaggare", "/consultations").status_code == 404
    assert site.post("handlaggare", f"{question(site, 'umea')}/answer", data={}).status_code == 404
    for path in (
        case,
        f"{case}/statements",
        f"{case}/documents",
        question(site, "umea"),
        "/consultations?group=answered",
    ):
        page = site.get("umea", path)
        assert page.status_code == 200, path
        assert not any(word in page.text for word in ("Lycksele avstyrker", "Tjänsteskrivelse", "Staben")), path

    assert site.post(colleague, f"{question(site, 'umea')}/abstain", data={"reason": "x"}).status_code == 403
    read = site.get(colleague, question(site, "umea")).text
    assert "Den besvaras av dem som har rollen Handläggare hos er." in read and "Lämna in" not in read
    site.region.do("umea", "answer_consultation", answer_kind="approve", answers=["Lite.", ""])
    assert "Lite." in site.get(colleague, question(site, "umea")).text
    assert site.post(colleague, f"{question(site, 'umea')}/abstain", data={"reason": "x"}).status_code == 409


def test_what_the_region_has_sent_is_read_by_those_it_asked(site: Site) -> None:
    case = asked(site)
    with site.database.transaction() as db:
        of = db.get_one(Case, UUID(case.rpartition("/")[2]))
        version = statements.write(db, of, "statement", "Regionen tillstyrker.", actor_id=None)
    assert "Så blev det" not in site.get("umea", question(site, "umea")).text
    document = f"/documents/{version.document_id}"
    assert site.get("umea", document).status_code == 404
    with site.database.transaction() as db:
        db.get_one(DocumentVersion, version.id).state = DISPATCHED
    assert "Så blev det" in site.get("umea", question(site, "umea")).text
    assert "Regionen tillstyrker." in site.get("umea", document).text
