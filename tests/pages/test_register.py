"""Registering what has come in: from nothing, from the government's list, from a dropped e-mail."""

from __future__ import annotations

import http.client
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from committee import sessions
from tests.support.site import Site

LIST = (
    "title,reference,ministry,sender_reference,sent_month,reply_by\n"
    '"Remiss av SOU 2020:73 Stärkt äganderätt",SOU 2020:73,Miljödepartementet,M2020/01926,2020-12,2021-04-30\n'
    "Evenemangslista,,Kulturdepartementet,,2021-01,2021-03-06\n"
)
SENT_TWICE = """button => {
    button.form.requestSubmit(button);
    const again = new SubmitEvent("submit", {bubbles: true, cancelable: true});
    return button.form.dispatchEvent(again) ? "twice" : "once";
}"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _mail(folder: Path) -> Path:
    mail = EmailMessage()
    mail["From"] = "Miljödepartementet <m.registrator@regeringskansliet.example>"
    mail["Subject"] = "VB: Remiss SOU 2020:73 <script>alert(1)</script>"
    mail.set_content("Hej!\n\nSvaren ska ha kommit in till departementet senast den 30 april 2021.\n")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="SOU 2020_73.pdf")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="läs mig.exe")
    path = folder / "remiss.eml"
    path.write_bytes(mail.as_bytes())
    return path


def test_the_plan_is_seen_before_anything_is_saved(site: Site) -> None:
    page = site.visit("registrator", "/register/new")
    page.get_by_label("Ärendemening").fill("SOU 2020:73 Stärkt äganderätt")
    page.get_by_label("Från", exact=True).fill("Miljödepartementet")
    page.get_by_label("Svar senast").fill("2021-04-30")
    page.get_by_label("Svar senast").press("Tab")
    plan = page.get_by_role("region", name="Vad kalendern medger")
    expect(plan).to_contain_text("RUN AU: onsdag 31 mars")
    expect(plan).to_contain_text("I tid")
    assert site.region("registrator").get("/cases").json["items"] == []
    page.get_by_label("Svar senast").fill("2021-03-01")
    page.get_by_label("Svar senast").press("Tab")
    expect(plan).to_contain_text("Den vanliga vägen hinns inte med")
    expect(plan).to_contain_text("Begär anstånd av avsändaren")
    page.get_by_label("Svar senast").fill("2021-04-30")
    assert page.get_by_role("button", name="Registrera").evaluate(SENT_TWICE) == "once"
    expect(page.get_by_role("heading", name="SOU 2020:73 Stärkt äganderätt")).to_be_visible()
    (case,) = site.region("registrator").get("/cases").json["items"]
    assert (case["sender"], case["reply_by"]) == ("Miljödepartementet", "2021-04-30")


def test_what_is_half_written_survives_a_reload_and_the_way_back_but_not_the_registering(site: Site) -> None:
    page = site.visit("registrator", "/register/new")
    title, sender = page.get_by_label("Ärendemening"), page.get_by_label("Från", exact=True)
    title.fill("SOU 2020:73 Stärkt äganderätt")
    page.get_by_label("Svar senast").fill("2021-04-30")
    page.reload()
    expect(title).to_have_value("SOU 2020:73 Stärkt äganderätt")
    expect(page.get_by_role("region", name="Vad kalendern medger")).to_contain_text("RUN AU: onsdag 31 mars")
    sender.fill("x" * 301)
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_text("Skriv högst 300 tecken.").first).to_be_visible()
    page.goto("/work")
    page.go_back()
    page.go_back()
    expect(sender).to_have_value("x" * 301)
    sender.fill("Miljödepartementet")
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("heading", name="SOU 2020:73 Stärkt äganderätt")).to_be_visible()
    page.goto("/register/new")
    page.reload()
    expect(title).to_have_value("")


def test_what_was_written_comes_back_after_a_refusal_by_the_link_the_way_back_and_the_other_language(
    site: Site,
) -> None:
    page = site.visit("registrator", "/register/new?reply_by=2021-04-30")
    title, sender = page.get_by_role("textbox").first, page.locator("#sender")
    title.fill("SOU 2020:73 Stärkt äganderätt")
    for comes_back in (
        lambda: page.get_by_role("link", name="Tillbaka dit det skickades från").click(),
        page.go_back,
        lambda: page.get_by_role("button", name="English").click(),
    ):
        sender.fill("å" * 400_000)
        page.get_by_role("button", name="Registrera").click()
        expect(page.get_by_text("Det som skickades är för stort")).to_be_visible()
        expect(page.get_by_text("Det du skrev är sparat i det här fönstret")).to_be_visible()
        comes_back()
        expect(title).to_have_value("SOU 2020:73 Stärkt äganderätt")
        expect(page).to_have_url(f"{site.address}/register/new?reply_by=2021-04-30")
    sender.fill("x" * 301)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("Write at most 300 characters.").first).to_be_visible()
    page.get_by_role("button", name="Svenska").click()
    expect(page.get_by_role("heading", name="Registrera")).to_be_visible()
    expect(sender).to_have_value("x" * 301)
    page.goto("/register/new?reply_by=2021-04-30")
    expect(title).to_have_value("")


def test_a_row_of_the_list_becomes_a_case_once(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "remisser.csv"
    path.write_text(LIST, encoding="utf-8")
    page = site.visit("registrator", "/register")
    page.get_by_label("Regeringens lista").first.set_input_files(path)
    page.get_by_role("button", name="Ta in listan").click()
    expect(page.get_by_role("status")).to_contain_text("2 nya rader togs in")
    page.get_by_role("button", name="Lägg Evenemangslista åt sidan").click()
    expect(page.get_by_role("link", name="Evenemangslista")).to_have_count(0)
    page.get_by_role("button", name="Ta tillbaka Evenemangslista").click()
    expect(page.get_by_role("link", name="Evenemangslista")).to_have_count(1)
    page.get_by_role("button", name="Lägg Evenemangslista åt sidan").click()
    page.get_by_role("link", name="Remiss av SOU 2020:73").click()
    expect(page.get_by_label("Avsändarens diarienummer")).to_have_value("M2020/01926")
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("heading", name="Remiss av SOU 2020:73")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("alert").first).to_contain_text("Det finns redan ett sådant ärende")
    page.get_by_label("Det här är ett annat ärende").check()
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("alert").first).to_contain_text("Någon annan har redan tagit hand om det här.")
    assert len(site.region("registrator").get("/cases").json["items"]) == 1
    again = site.post("registrator", "/register/list", files={"file": ("r.csv", LIST.encode())})
    assert again.headers["Location"] == "/register?source=list&new=0&known=2"


def test_an_email_becomes_a_case_with_its_files_but_no_program(site: Site, tmp_path: Path) -> None:
    page = site.visit("registrator", "/register")
    page.get_by_label("Ett e-postmeddelande").set_input_files(_mail(tmp_path))
    page.get_by_role("button", name="Läs e-postmeddelandet").click()
    expect(page.get_by_label("Ärendemening")).to_have_value("Remiss SOU 2020:73 <script>alert(1)</script>")
    expect(page.get_by_label("Från", exact=True)).to_have_value("Miljödepartementet")
    expect(page.get_by_label("Svar senast")).to_have_value("2021-04-30")
    expect(page.get_by_role("listitem").filter(has_text="läs mig.exe")).to_contain_text("tas inte emot")
    expect(page.get_by_role("region", name="Brevet")).to_contain_text("senast den 30 april 2021")
    page.get_by_role("button", name="Registrera").click()
    expect(page.get_by_role("alert")).to_contain_text("läs mig.exe")
    (case,) = site.region("registrator").get("/cases").json["items"]
    filed = site.region("registrator").get(f"/documents?case_id={case['id']}").json["items"]
    assert sorted(document["title"] for document in filed) == ["SOU 2020_73", "e-post"]


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(site: Site) -> None:
    given = {"title": "  ", "sender": "<b>x</b>" * 100, "reply_by": "i morgon", "case_type": "external_referral"}
    answer = site.post("registrator", "/register/new", data=given)
    assert answer.status_code == 422
    assert answer.text.count("ds-validation-message") == 3
    assert "&lt;b&gt;x" in answer.text and "<b>x" not in answer.text
    passed = site.post(
        "registrator", "/register/new", data=given | {"title": "Sen", "sender": "", "reply_by": "2021-02-01"}
    )
    assert passed.status_code == 422
    assert 'value="Sen"' in passed.text
    assert site.region("registrator").get("/cases").json["items"] == []


def test_a_list_as_swedish_excel_saves_it_is_taken(site: Site) -> None:
    rows = "Rubrik;Departement;Diarienummer;Svar senast\nÖversyn av färdtjänsten;Infrastrukturdepartementet;I2021/1;2021-04-30\n"
    answer = site.post("registrator", "/register/list", files={"file": ("Remisser.csv", rows.encode("cp1252"))})
    assert answer.headers["Location"] == "/register?source=list&new=1&known=0"
    tray = site.get("registrator", "/register").text
    assert "Översyn av färdtjänsten" in tray
    assert "Infrastrukturdepartementet" in tray
    assert site.get("registrator", "/register/list").headers["Location"] == "/register"


def test_the_same_letter_becomes_a_second_case_only_when_somebody_says_so(site: Site) -> None:
    letter = {"case_type": "external_referral", "title": "Ny lag", "sender_reference": "I2021/1", "reply_by": ""}
    made = site.post("registrator", "/register/new", data=letter)
    again = site.post("registrator", "/register/new", data=letter | {"title": "Ny lag om vägar"})
    assert again.status_code == 409
    assert made.headers["Location"] in again.text
    assert site.post("registrator", "/register/new", data=letter | {"is_another": "1"}).status_code == 303


def test_a_file_that_is_too_large_is_not_sent_and_who_sends_it_all_the_same_gets_a_page(site: Site) -> None:
    tray = site.visit("registrator", "/register")
    most = tray.get_by_label("Regeringens lista").get_attribute("data-max")
    rows = {"name": "rader.csv", "mimeType": "text/csv", "buffer": b"x" * (int(most or 0) + 1)}
    tray.get_by_label("Regeringens lista").set_input_files([rows])  # type: ignore[list-item]
    tray.get_by_role("button", name="Ta in listan").click()
    said = tray.get_by_label("Regeringens lista").evaluate("field => field.validationMessage")
    assert (said, tray.url.endswith("/register")) == ("Det här är större än 5 MB. Välj något mindre.", True)

    place = urlsplit(site.address)
    token = sessions.begin_demo(site.database, "vasterbotten", "registrator")
    for path, language, words in (
        ("/register/mail", "sv", "för stort"),
        ("/register/list", "en", "too large"),
        ("/register", "sv", "för stort"),
    ):
        wire = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        wire.putrequest("POST", path)
        for name, value in {
            "Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Content-Length": str(60 * 1024**2),
            "Content-Type": "multipart/form-data; boundary=x",
            "Cookie": f"handslag_session={token}; handslag_language={language}",
        }.items():  # fmt: skip
            wire.putheader(name, value)
        wire.endheaders()
        answer = wire.getresponse()
        page = answer.read().decode()
        assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
        assert words in page and 'href="/register"' in page
        wire.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00", "CSV"),
        (b"a,b\n1,2\n", "title (rubrik), ministry"),
        (LIST.encode() + b"X,,,,,31 mars\n", "31 mars"),
        (LIST.encode() + b",,,,,2021-01-01\n", ""),
        (b"title,ministry,sender_reference,reply_by\n" + b"x,,,\n" * 5001, ""),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_whole(site: Site, content: bytes, told: str) -> None:
    answer = site.post("registrator", "/register/list", files={"file": ("r.csv", content)})
    assert answer.status_code in (413, 422)
    assert told in answer.text
    assert site.get("registrator", "/register").text.count('<th scope="row">') == 0


def test_what_is_no_email_is_refused(site: Site) -> None:
    for content in (b"", b"MZ\x90", b"\x00" * 1000, b"Hej\n\nhopp"):
        assert site.post("registrator", "/register/mail", files={"file": ("x.eml", content)}).status_code == 422


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"Subject: x\r\nFrom: " + b"a," * 200_000, 303, id="a sender of 400 kB"),
        pytest.param(b"Subject: x\r\nFrom: " + b"(" * 100_000, 303, id="a sender in brackets"),
        pytest.param(b"Subject: x\r\nFrom: \\@[charset*=*=", 303, id="a sender that makes the library fall over"),
        pytest.param(b"Subject: x\r\n" + NESTED, 422, id="parts in parts in parts"),
    ],
)
def test_an_email_that_is_there_to_keep_us_busy_is_dealt_with_at_once(site: Site, content: bytes, status: int) -> None:
    assert site.post("registrator", "/register/mail", files={"file": ("x.eml", content)}).status_code == status


def test_an_email_within_an_email_is_not_lost_unseen(site: Site) -> None:
    mail, inner = EmailMessage(), EmailMessage()
    mail["Subject"], inner["Subject"] = "VB: Remiss", "Remiss"
    mail.set_content("Se bifogat.")
    mail.add_attachment(inner)
    taken = site.post("registrator", "/register/mail", files={"file": ("x.eml", mail.as_bytes())})
    assert "Spara det som en egen fil" in site.get("registrator", taken.headers["Location"]).text
    form = {
        "incoming": taken.headers["Location"].rpartition("=")[2],
        "case_type": "external_referral",
        "title": "Remiss",
    }
    assert "Spara det som en egen fil" in site.post("registrator", "/register/new", data=form).text


def test_the_tray_is_for_those_who_open_cases(site: Site) -> None:
    for path in ("/register", "/register/new"):
        assert site.get("registrator", path).status_code == 200
        assert site.get("sekreterare", path).status_code == 403
        assert site.get("umea", path).status_code == 404
