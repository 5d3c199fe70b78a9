"""A case as its people work with it: how it goes, the next step, its days, its answers, its log; and the list of cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from committee import people
from committee.referrals import Consultee
from tests.support.keyboard import choose, press, tab_to, write
from tests.support.region import REFERRAL
from tests.support.site import Site
from tests.support.statements import executed

MARKUP = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
QUESTION = "Hur berörs kommunen av fler frivilliga skydd?"


def out_for_consultation(site: Site) -> str:
    """A case on which fifteen municipalities have been asked; its address."""
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question=QUESTION)
    return case


def saved(page: Page) -> None:
    """Wait until what was written is kept."""
    expect(page.get_by_text("Det du skrev sparades")).to_be_visible()


def two_officers(site: Site) -> None:
    """The head is also a case officer."""
    tenant = site.region("chef").get("/me").json["organization_id"]
    people.give_role(site.database, UUID(tenant), "chef", "stab", "officer")


def test_an_officer_sees_how_a_case_goes_and_does_the_next_step_on_its_page(site: Site) -> None:
    page = site.visit("handlaggare", site.region.registered())
    expect(page.get_by_text("Beslut kan fattas 15 apr.: 6 arbetsdagars marginal.")).to_be_visible()
    comes = page.get_by_role("region", name="Det som kommer").get_by_role("listitem").all_inner_texts()
    assert comes[0].split("\n")[0] == "Kommunerna tillfrågas (pågår)"
    (decision,) = [text.split("\n") for text in comes if "Nämnden beslutar" in text]
    assert list(filter(None, decision)) == [
        "Nämnden beslutar",
        "RUN",
        "15 apr. · om 41 arbetsdagar",
        "Beror på 1 vägval",
    ]
    page.get_by_role("listitem").filter(has_text="Nämnden beslutar").get_by_text("Beror på 1 vägval").click()
    expect(page.get_by_text("Beror på ”Behöver förslaget justeras?”: här ”Nej”, annars ”Ja”.")).to_be_visible()
    expect(
        page.get_by_role("row", name="Registrera remissen klart 15 feb. 2021 10:00 Ragna Registrator")
    ).to_be_visible()
    page.locator("[data-diagram]").first.scroll_into_view_if_needed()  # it is drawn when it comes near
    expect(page.locator(".djs-element.is-open").first).to_be_visible()

    step = page.get_by_role("region", name="Bestäm frågor och utskick")
    step.get_by_role("radio", name="Remiss").check()
    step.get_by_role("button", name="Klart").click()
    expect(page.get_by_role("alert")).to_contain_text("Frågor att besvara")
    expect(page.get_by_role("radio", name="Remiss")).to_be_checked()
    page.get_by_label("Frågor att besvara").fill(QUESTION)
    page.get_by_role("button", name="Klart").click()
    expect(page.get_by_text("”Bestäm frågor och utskick” är klart.")).to_be_visible()
    page.get_by_role("link", name="Yttranden (0 av 15)").click()
    expect(page.get_by_text(QUESTION)).to_be_visible()


def test_an_officer_reads_a_case_files_a_document_and_does_a_step_by_keyboard_alone(site: Site) -> None:
    site.region.registered()
    page = site.visit("handlaggare", "/cases")
    press(page, "link", REFERRAL["title"])
    for part, heading in (("Tider och beslut", "Tidsfrister"), ("Vad som har hänt", "Vad som har hänt")):
        press(page, "link", part)
        expect(page.get_by_role("heading", name=heading, level=2)).to_be_visible()
    press(page, "link", "Handlingar (0)")
    tab_to(page, page.locator("#file"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([{"name": "underlag.txt", "mimeType": "text/plain", "buffer": b"Underlag"}])
    tab_to(page, page.get_by_label("Slag"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Lägg till"))
    page.keyboard.press("Space")
    expect(page.get_by_role("rowheader")).to_have_text("underlag")
    press(page, "link", "underlag")
    expect(page.get_by_role("region", name="Vad det säger")).to_have_text("Underlag")
    press(page, "link", "Läget")
    choose(page, "Sätt att sända ut (måste fyllas i)", "Remiss")
    write(page, "Frågor att besvara", QUESTION)
    tab_to(page, page.get_by_role("button", name="Klart"))
    page.keyboard.press("Space")
    expect(page.get_by_text("”Bestäm frågor och utskick” är klart.")).to_be_visible()
    expect(page.get_by_role("region", name="Skriv yttrande och tjänsteskrivelse")).to_be_visible()


def test_what_is_written_is_kept_by_itself_and_is_there_again(site: Site) -> None:
    page = site.visit("handlaggare", site.region.registered())
    page.get_by_label("Frågor att besvara").fill(MARKUP)
    saved(page)
    page.reload()
    expect(page.get_by_label("Frågor att besvara")).to_have_value(MARKUP)


def test_a_text_stays_in_the_form_when_the_sign_in_ends_and_can_then_be_kept(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    page = site.visit("handlaggare", site.region.registered())
    travel(timedelta(days=30))
    page.get_by_label("Frågor att besvara").fill(QUESTION)
    expect(page.get_by_text("Din inloggning har gått ut.")).to_be_visible()
    expect(page.get_by_label("Frågor att besvara")).to_have_value(QUESTION)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Logga in i ett nytt fönster").click()
    opened.value.get_by_label("Vem är du i demoorganisationen?").select_option(label="Hanna Handläggare")
    opened.value.get_by_role("button", name="Logga in").click()
    expect(opened.value.get_by_role("heading", name="Mitt arbete")).to_be_visible()
    page.get_by_label("Frågor att besvara").press_sequentially(" Ja.")
    saved(page)


def test_two_at_one_step_see_each_other_and_neither_text_is_lost(site: Site) -> None:
    case = site.region.registered()
    two_officers(site)
    hanna, cecilia = site.visit("handlaggare", case), site.visit("chef", case)
    cecilia.get_by_label("Frågor att besvara").fill("Cecilias fråga")
    saved(cecilia)
    hanna.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(hanna.get_by_text("Cecilia Chef skriver också här")).to_be_visible()
    hanna.get_by_label("Frågor att besvara").fill("Hannas fråga")
    expect(hanna.get_by_text("Inte sparat.")).to_be_visible()
    hanna.get_by_role("radio", name="Remiss").check()
    hanna.get_by_role("button", name="Klart").click()
    expect(hanna.get_by_role("alert")).to_contain_text("Cecilias fråga")
    expect(hanna.get_by_label("Frågor att besvara")).to_have_value("Hannas fråga")
    hanna.get_by_role("button", name="Klart").click()
    expect(hanna.get_by_text("”Bestäm frågor och utskick” är klart.")).to_be_visible()
    cecilia.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(cecilia.get_by_text("Hanna Handläggare har just gjort klart steget.")).to_be_visible()


def test_a_step_is_handed_over_where_its_form_is_with_what_was_written_in_it(site: Site) -> None:
    two_officers(site)
    page = site.visit("handlaggare", site.region.registered())
    page.get_by_role("button", name="Ta uppgiften").click()
    page.get_by_label("Frågor att besvara").fill(QUESTION)
    page.get_by_text("Lämna över").first.click()
    page.get_by_role("button", name="Lämna över").click()
    expect(page.get_by_text("Välj ett alternativ.").first).to_be_visible()
    successor = site.region("chef").get("/me").json["name"]
    page.get_by_label("Till", exact=True).select_option(label=successor)
    page.get_by_role("button", name="Lämna över").click()
    expect(page.get_by_role("row", name="Bestäm frågor och utskick")).to_contain_text(successor)
    assert QUESTION in site.get("chef", f"/tasks/{site.region.waiting('chef')['confirm_consultation']}").text


def test_a_head_gives_a_case_its_officer_from_a_list_and_then_another(site: Site) -> None:
    two_officers(site)
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    site.region.do("registrator", "register_referral")
    site.region.triage()
    page = site.visit("chef", f"/cases/{case}")
    page.get_by_role("combobox", name="Handläggare").select_option(label="Hanna Handläggare")
    page.get_by_role("button", name="Klart").click()
    page.get_by_role("link", name="Byt handläggare").click()
    page.get_by_role("combobox", name="Handläggare").select_option(label="Cecilia Chef")
    page.get_by_role("button", name="Ge ärendet").click()
    expect(page.get_by_role("definition").filter(has_text="Cecilia Chef").first).to_be_visible()


def test_a_mark_of_secrecy_stands_on_every_part_of_the_case_for_the_regions_own_people(site: Site) -> None:
    case = f"/cases/{site.region('registrator').post('/cases', REFERRAL).json['id']}"
    warning = "Ärendet kan omfattas av sekretess."
    assert warning not in site.get("handlaggare", case).text
    site.region.do("registrator", "register_referral", secrecy="mark")
    assert [warning in site.get("handlaggare", f"{case}{part}").text for part in ("", "/documents", "/days")] == [
        True
    ] * 3


def test_a_case_leads_to_its_places_on_agendas(site: Site) -> None:
    case = site.region.registered()
    meeting = site.region.meeting("run", "2021-04-15")
    placed = {"case_id": case.removeprefix("/cases/"), "role": "decision"}
    item = site.region("sekreterare").post(f"{meeting}/agenda", placed).json["id"]
    for part in ("", "/days"):
        page = site.visit("handlaggare", f"{case}{part}")
        page.get_by_role("link", name=re.compile(r"^(RUN|Regionala utvecklingsnämnden), .*15 apr")).click()
        page.wait_for_url(f"**/agenda-items/{item}")


def test_the_answers_stand_side_by_side_and_one_that_came_by_post_is_registered(site: Site) -> None:
    case = out_for_consultation(site)
    site.region.do("umea", "answer_consultation", answer_kind="object", answer_text=MARKUP)
    page = site.visit("handlaggare", f"{case}/statements")
    expect(page.get_by_role("article", name="Umeå kommun")).to_contain_text(MARKUP)
    expect(page.get_by_role("article", name="Umeå kommun")).to_contain_text("Avstyrker")
    page.get_by_role("row", name="Malå").get_by_role("link", name="Registrera svar").click()
    page.get_by_label("Yttrandets text").fill("Vi instämmer.")
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("alert")).to_have_text("Ange ställningstagandet.")
    expect(page.get_by_label("Yttrandets text")).to_have_value("Vi instämmer.")
    page.get_by_label("Tillstyrker", exact=True).check()
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("article", name="Malå kommun")).to_contain_text("Vi instämmer.")
    expect(page.get_by_role("link", name="Yttranden (2 av 15)")).to_be_visible()
    page.get_by_role("link", name="Invänta inga fler svar").click()
    page.get_by_label("Varför").fill("Alla berörda har svarat.")
    page.get_by_role("button", name="Invänta inga fler").click()
    expect(page.get_by_text("Ingen inväntas sedan 15 feb.")).to_be_visible()


def test_the_wait_can_be_ended_only_while_somebody_is_waited_for(site: Site) -> None:
    case = out_for_consultation(site)
    assert "Invänta inga fler svar" in site.get("handlaggare", f"{case}/statements").text
    with site.database.transaction() as db:
        for consultee in db.scalars(select(Consultee)):
            consultee.status = "no_reply"
    read = site.get("handlaggare", f"{case}/statements").text
    assert "Yttranden (0 av 15)" in read and "Invänta inga fler svar" not in read


def test_the_log_speaks_of_what_people_did_and_never_of_the_machinery(site: Site) -> None:
    case = out_for_consultation(site)
    for language, asked in (("sv", r"yttra sig över.*\(15 gånger\)"), ("en", r"yttra sig över.*\(15 times\)")):
        text = site.visit("handlaggare", f"{case}/timeline", language=language).locator("main").inner_text()
        assert re.search(asked, text)
        assert not re.search(r"\b[a-z_]+\.[a-z]+ed\b|%\(|instance|None", text)
    events = f"{case}/events?sort=-at&limit="
    types = [event["type"] for event in site.region("handlaggare").get(f"{events}100").json["items"]]
    following = site.region("handlaggare").get(f"{events}{types.index('case.reminded') + 1}").json["next"]
    among = parse_qs(urlsplit(following).query)["cursor"][0]
    rest = site.get("handlaggare", f"{case}/timeline?cursor={quote(among)}").text
    assert "yttra sig över" in rest and "gånger)" not in rest, "of what began on the page before, nobody says how often"


def test_a_sentence_that_ends_with_a_month_has_one_full_stop(site: Site) -> None:
    site.region.registered()
    (deadline,) = [
        each["id"]
        for each in site.region("handlaggare").get("/deadlines?limit=200").json["items"]
        if each["kind"] == "reply_by"
    ]
    assert "Nu gäller 30 apr. Det som beror" in site.get("handlaggare", f"/deadlines/{deadline}/extend").text


def test_a_withdrawn_case_says_so_and_offers_nothing_more(site: Site) -> None:
    page = site.visit("registrator", site.region.registered())
    page.get_by_role("link", name="Återkalla ärendet").click()
    page.get_by_role("button", name="Återkalla ärendet").click()
    expect(page.get_by_text("Detta måste fyllas i.")).to_be_visible()
    page.get_by_label("Varför").fill("Avsändaren drog tillbaka remissen.")
    page.get_by_role("button", name="Återkalla ärendet").click()
    expect(page.get_by_text("Avslutades 15 feb.")).to_be_visible()
    expect(page.get_by_role("link", name="Återkalla ärendet")).to_have_count(0)


def test_cases_are_narrowed_and_sorted_by_the_address(site: Site, travel: Callable[[timedelta], None]) -> None:
    for number in range(52):
        case = REFERRAL | {"title": f"Ärende {number:02}", "reply_by": f"2021-04-{number % 28 + 1:02}"}
        assert site.region("registrator").post("/cases", case).status_code == 201
    page = site.visit("handlaggare", "/cases")
    kinds = page.get_by_label("Process").get_by_role("option").all_inner_texts()
    assert kinds == ["Alla", "Extern remiss", "Intern strategi"], "nothing that no case is opened with"
    page.get_by_role("link", name="Ärende", exact=True).click()
    expect(page.get_by_role("rowheader").first).to_have_text("Ärende 00")
    page.get_by_role("link", name="Visa fler").click()
    expect(page.get_by_role("rowheader")).to_have_text(["Ärende 50", "Ärende 51"])
    page.go_back()
    page.get_by_label("Ärendemening eller diarienummer").fill("ärende 3")
    page.get_by_role("button", name="Visa").click()
    expect(page.get_by_role("rowheader")).to_have_count(10)
    expect(page.get_by_role("rowheader").first).to_have_text("Ärende 30")
    page.reload()
    expect(page.get_by_label("Ärendemening eller diarienummer")).to_have_value("ärende 3")
    page.get_by_label("Bara det som är sent").check()
    page.get_by_role("button", name="Visa").click()
    expect(page.get_by_text("Inget ärende passar.")).to_be_visible()
    travel(timedelta(days=2))
    page.reload()
    page.get_by_label("Vem är du i demoorganisationen?").select_option(label="Hanna Handläggare")
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("rowheader")).to_have_count(10)


def test_a_case_says_that_it_waits_for_its_sender_and_links_only_to_steps_that_one_may_read(site: Site) -> None:
    case = "/cases/" + site.region("registrator").post("/cases", REFERRAL | {"reply_by": "2021-02-26"}).json["id"]
    site.region.do("registrator", "register_referral")
    site.region.triage(sender_allows_extension=True)
    officer = site.region("handlaggare").get("/me").json["person_id"]
    site.region.do("chef", "assign_officer", case_officer_id=officer)
    site.region.do("handlaggare", "ask_extension", new_date="2021-05-14", reason="Nämnden sammanträder i april.")
    assert "Väntar på avsändarens svar om anstånd, senast 22 feb." in site.get("handlaggare", case).text
    assert f"{case}/extension" in site.get("handlaggare", f"{case}/days").text
    comes = site.get("handlaggare", case).text.partition("Nämnden beslutar")[2]
    assert "arbetsdag" not in comes.partition("</li>")[0], "no meeting is in time"
    assert "/tasks/" in site.get("handlaggare", case).text
    assert "/tasks/" not in site.get("ordforande", case).text


def test_a_step_says_how_it_is_done_as_its_diagram_has_it(site: Site) -> None:
    site.region("registrator").post("/cases", REFERRAL)
    task = site.region.waiting("registrator")["register_referral"]
    assert "Diarieförs utan dröjsmål" in site.get("registrator", f"/tasks/{task}").text


def test_a_municipality_sees_its_own_answer_and_nothing_of_the_inner_work(site: Site) -> None:
    case = out_for_consultation(site)
    other = site.region("registrator").post("/cases", REFERRAL).json["id"]
    site.region.do("lycksele", "answer_consultation", answer_kind="object", answer_text="Lycksele avstyrker.")
    page = site.visit("umea", case, width=360)
    expect(page.get_by_role("heading", name="Regionen vill ha ert svar")).to_be_visible()
    expect(page.get_by_text("marginal")).to_have_count(0)
    expect(page.locator("[data-diagram]")).to_have_count(0)
    page.get_by_role("link", name="Yttranden (0 av 1)").click()
    expect(page.get_by_text("Umeå kommun", exact=True)).to_be_visible()
    expect(page.get_by_text("Lycksele")).to_have_count(0)
    for address in (f"/cases/{other}", f"{case}/timeline", f"{case}/assign", f"{case}/withdraw"):
        assert site.get("umea", address).status_code == 404, address
    assert "SOU" not in site.get("umea", f"/cases/{other}").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/cases?cursor=x", 302),
        ("/cases?sort=password", 200),
        ("/cases?officer=x&status=<script>", 200),
        ("/cases?process=%00", 422),
        ("/cases/00000000-0000-0000-0000-000000000000", 404),
        ("/cases/00000000-0000-0000-0000-000000000000/documents", 404),
        ("/cases/x/timeline", 404),
        ("/deadlines/00000000-0000-0000-0000-000000000000/extend", 404),
        ("/consultees/00000000-0000-0000-0000-000000000000/answer", 404),
        ("/documents/00000000-0000-0000-0000-000000000000", 404),
        ("/tasks/00000000-0000-0000-0000-000000000000/others", 404),
    ],
)
def test_an_address_that_nobody_has_given_is_answered_with_a_page(site: Site, address: str, status: int) -> None:
    answer = site.get("handlaggare", address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_a_great_case_asks_the_database_no_more_than_a_small_one(site: Site) -> None:
    case = out_for_consultation(site)
    for key in ("umea", "lycksele", "dorotea", "mala"):
        site.region.do(key, "answer_consultation", answer_kind="approve")
    for number in range(40):
        file = (f"Bilaga {number}.txt", f"Bilaga {number}".encode())
        assert site.post("registrator", f"{case}/documents", files={"file": file}).status_code == 303
    task = site.region.waiting("handlaggare")["draft_statement"]
    for number in range(75):
        for action in ("claim", "release"):
            assert site.post("handlaggare", f"/tasks/{task}", data={"action": action}).status_code == 303, number
    for part in ("", "/documents", "/statements", "/days", "/timeline"):
        with executed(site.database) as statements:
            page = site.get("handlaggare", case + part)
        assert page.status_code == 200
        assert len(statements) <= 12, (part, [text for text, _ in statements])
        assert len(page.content) < 200_000


def test_who_is_asked_and_by_when_stands_before_the_question_goes_out_and_after(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    case = site.region.registered(reply_by="2021-05-31")
    step = f"/tasks/{site.region.waiting('handlaggare')['confirm_consultation']}"
    planned = "går frågan till 15, som ska svara senast 15 mars om du inte anger en annan dag"
    assert planned in site.get("chef", step).text
    travel(timedelta(days=43))
    assert site.get("handlaggare", case).status_code == 200  # signs in
    for path in (step, case):
        with executed(site.database) as statements:
            site.get("handlaggare", path)
        assert len(statements) <= 12, (path, [text for text, _ in statements])
    page = site.visit("handlaggare", step)
    told = page.get_by_role("region", name="Det som sänds ut")
    expect(told).to_contain_text("Den planerade svarsdagen, 15 mars, har gått.")
    expect(told).to_contain_text("går frågan till 15, som ska svara senast 15 apr. om du")
    told.get_by_text("De som tillfrågas").click()
    expect(told).to_contain_text("Umeå kommun")
    page.get_by_label("Remiss").check()
    page.get_by_label("Frågor att besvara").fill(QUESTION)
    page.get_by_role("button", name="Klart").click()
    expect(page.get_by_role("status").first).to_contain_text("15 har tillfrågats och ska svara senast 15 apr.")
    assert page.url.split("?")[0].endswith(case)
