"""What people, programs and bad luck send to the pages of a case: refused with a page that says so, and nothing is lost."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from lxml import html
from playwright.sync_api import expect

from committee import sessions
from tests.api.conftest import multipart
from tests.support.region import REFERRAL
from tests.support.site import Site
from tests.support.studio import HANDSHAKE, OWNER, RENAMED, brought, changed

MARKUP = "<script>document.title='x'</script>"
TEN_MEGABYTES = "x" * (10 * 1024 * 1024)
QUESTION = "Hur berörs kommunen av fler frivilliga skydd?"


@pytest.fixture
def asked(site: Site) -> str:
    """The address of a case on which municipalities have been asked."""
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question=QUESTION)
    return case


def written_fields(site: Site, path: str) -> tuple[str, dict[str, str], list[str]]:
    """Where the form of a page goes, what it sends as it stands, and the names of what people write in it."""
    page = html.fromstring(site.get("handlaggare", path).text)
    (form,) = page.xpath("//main//form[@method='post'][.//textarea or .//input[@type='date']]")[:1]
    names = form.xpath(".//textarea/@name | .//input[not(@type) or @type='text' or @type='date']/@name")
    sent = {name: str(value) for name, value in form.form_values()}
    return form.get("action") or path, sent, [str(name) for name in names]


def pages_with_forms(site: Site, case: str) -> list[str]:
    """Every page of a case on which somebody writes."""
    inside = site.region("handlaggare")
    deadline = next(each["id"] for each in inside.get("/deadlines?limit=200").json["items"] if each["kind"] == "draft")
    consultee = inside.get("/consultees?limit=1").json["items"][0]
    return [
        case,
        f"{case}/withdraw",
        f"{case}/extension",
        f"/deadlines/{deadline}/extend",
        f"/consultees/{consultee['id']}/answer",
        f"/referrals/{consultee['referral_id']}/stop",
    ]


def test_markup_is_text_and_ten_megabytes_are_refused_in_every_field_of_a_case(site: Site, asked: str) -> None:
    for path in pages_with_forms(site, asked):
        action, sent, names = written_fields(site, path)
        assert names, path
        for name in names:
            answer = site.post("handlaggare", action, data={**sent, "action": "complete", name: TEN_MEGABYTES})
            assert answer.status_code in (409, 413, 422), (path, name)
        answer = site.post("handlaggare", action, data={**sent, "action": "draft", **dict.fromkeys(names, MARKUP)})
        assert answer.status_code in (303, 409, 422), path
        assert MARKUP not in answer.text, path
    for part in ("", "/days", "/statements", "/timeline"):
        assert MARKUP not in site.get("handlaggare", asked + part).text, part


def test_a_case_that_one_may_not_see_is_not_there_and_not_named(site: Site, asked: str) -> None:
    other = site.region("registrator").post("/cases", REFERRAL | {"title": "Hemlig remiss"}).json["id"]
    for part in ("", "/documents", "/statements", "/days", "/timeline", "/assign", "/withdraw", "/extension"):
        answer = site.get("umea", f"/cases/{other}{part}")
        assert (answer.status_code, "Hemlig" in answer.text) == (404, False), part
    assert site.post("umea", f"/cases/{other}/withdraw", data={"reason": "x"}).status_code == 404
    assert site.post("umea", f"/cases/{other}/documents", files={"file": ("a.txt", b"a")}).status_code == 404


def test_what_is_the_regions_own_takes_no_form_from_a_municipality(site: Site, asked: str) -> None:
    consultee = site.region("umea").get("/consultees").json["items"][0]
    own = f"/consultees/{consultee['id']}/answer", f"/referrals/{consultee['referral_id']}/stop"
    for address in (*own, f"{asked}/documents", "/meetings/new"):
        assert site.post("umea", address, data={"reason": "x"}).status_code == 404, address


def test_what_can_be_in_no_address_and_no_story_of_ours_is_no_mistake_of_ours(site: Site) -> None:
    assert site.get("ledare", "/board/cases?from=0001-01-01&before=9999-12-31").status_code == 200
    draft = brought(site, f"{HANDSHAKE}.bpmn", changed(f"{HANDSHAKE}.bpmn", RENAMED))
    for story in ("[" * 100_000, r'{"acts": [], "at": "2021-02-15", "given": {"x": "\ud800"}}'):
        assert site.post(OWNER, f"{draft}/trial", data={"story": story, "act": "advance:P1D"}).status_code == 422
    refused = site.post("handlaggare", "/board")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_form_that_gets_a_new_version_under_an_open_page_is_taken_as_it_was_shown(site: Site) -> None:
    case = site.region.registered()
    action, sent, _ = written_fields(site, case)
    owner = site.region("processagare")
    forms = owner.get("/definitions?kind=form&limit=200").json["items"]
    (current,) = [each for each in forms if each["key"] == "confirm_consultation"]
    content: bytes = owner.get(f"/definitions/{current['id']}/content").data
    changed = content.replace(b'"question"', b'"other_question"')
    answer = owner.post("/definitions", **multipart(("files", "confirm_consultation.form", changed)))
    assert changed != content and answer.status_code == 201, answer.text
    sent |= {"action": "complete", "field.mode": "remiss", "field.question": QUESTION}
    assert site.post("handlaggare", action, data=sent).status_code == 303
    assert QUESTION in site.get("handlaggare", f"{case}/statements").text


def test_what_stands_in_a_field_that_is_taken_away_under_an_open_page_is_kept_and_shown(site: Site) -> None:
    site.region("registrator").post("/cases", REFERRAL)
    task = f"/tasks/{site.region.waiting('registrator')['register_referral']}"
    page = site.visit("registrator", task)
    page.get_by_label("Kommentar").fill(QUESTION)
    expect(page.locator("[data-kept]")).to_contain_text("Det du skrev sparades")
    owner = site.region("processagare")
    old = {each["key"]: each["id"] for each in owner.get("/definitions?limit=200").json["items"]}
    form: bytes = owner.get(f"/definitions/{old['register_referral']}/content").data
    drawn: bytes = owner.get(f"/definitions/{old['external_referral']}/content").data
    files = ("external_referral.bpmn", drawn.replace(b'name="Registrera remissen"', b'name="Registrera"')), (
        "register_referral.form", form.replace(b'"comment"', b'"remark"').replace(b'"Kommentar"', b'"Anm"'),
    )  # fmt: skip
    new = owner.post("/definitions", **multipart(*(("files", name, data) for name, data in files))).json["definitions"]
    (to,) = [each["id"] for each in new if each["kind"] == "process"]
    move = {"from": old["external_referral"], "reason": "Nytt formulär"}
    assert owner.post(f"/definitions/{to}/migrations", move).status_code == 200

    page.get_by_label("Kommentar").fill(f"{QUESTION} Och mer.")
    page.get_by_role("button", name="Klar").click()
    expect(page.get_by_role("alert")).to_contain_text("Formuläret har ändrats sedan du öppnade sidan")
    gone = page.get_by_role("region", name="Det här skrevs där ingenting längre efterfrågas")
    expect(gone).to_contain_text(f"{QUESTION} Och mer.")
    with page.expect_response("**/draft"):
        page.get_by_label("Anm").fill("En anmärkning")
    page.reload()
    expect(gone).to_contain_text(f"{QUESTION} Och mer.")
    page.get_by_role("button", name="Klar").click()
    expect(page.get_by_text("”Registrera” är klart.")).to_be_visible()


def test_a_form_of_very_many_fields_is_not_taken_apart_for_anybody(site: Site) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [site.post(who, "/work", content=b"a=&" * 1_000, headers=form) for who in (None, "handlaggare")]
    assert [answer.status_code for answer in answers] == [413, 413]
    assert site.post(None, "/work", content=b"a=%3c" * 1_000_000, headers=form).status_code == 413


def test_two_gigabytes_are_refused_before_they_are_read(site: Site) -> None:
    case = f"/cases/{site.region('registrator').post('/cases', REFERRAL).json['id']}"
    token = sessions.begin_demo(site.database, "vasterbotten", "registrator")
    head = (
        f"POST {case}/documents HTTP/1.1\r\nHost: {urlsplit(site.address).netloc}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Cookie: handslag_session={token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {2 * 1024**3}\r\n\r\n"
    )
    place = urlsplit(site.address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
