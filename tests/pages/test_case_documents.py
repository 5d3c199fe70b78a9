"""Documents of a case in the browser: filed by dragging and by button, looked at, in versions; and what is refused."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from committee.documents import Document
from tests.support.region import REFERRAL
from tests.support.site import Site

MARKUP = "Åtta\n<script>document.title='x'</script>"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def bomb() -> bytes:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("document.xml", bytes(100 * 1024 * 1024))
    return packed.getvalue()


REFUSED = {
    "program.exe": b"MZ\x90\x00\x03" + bytes(200),
    "bild.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "sida.html": b"<!doctype html><script>alert(1)</script>",
    "tom.pdf": b"",
    "remiss.pdf": b"<html>not what its name says</html>",
    "underlag.docx": bomb(),
}


@pytest.fixture
def case(site: Site) -> str:
    """The address of a case that has come in."""
    return f"/cases/{site.region('registrator').post('/cases', REFERRAL).json['id']}"


def titles(site: Site, case: str) -> list[str]:
    """The documents that the case has."""
    return [each["title"] for each in site.region("registrator").get(f"{case}/documents").json["items"]]


def drop(page: Page, **files: bytes) -> None:
    """Let files fall on the place for them, as from the desktop."""
    named = {name.replace("_", "."): base64.b64encode(data).decode() for name, data in files.items()}
    page.locator("[data-drop]").evaluate(
        """(place, files) => {
            const held = new DataTransfer();
            for (const [name, data] of Object.entries(files))
                held.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
            place.dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
        }""",
        named,
    )


def test_files_are_filed_by_dragging_and_by_button_and_stand_in_the_list_at_once(site: Site, case: str) -> None:
    page = site.visit("registrator", f"{case}/documents")
    expect(page.get_by_text("Det finns inga handlingar än.")).to_be_visible()
    drop(page, Remiss_pdf=PDF, karta_png=PNG)
    page.get_by_label("Slag").select_option("Inkommen")
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_role("rowheader")).to_have_text(["karta", "Remiss"])
    page.locator("#file").set_input_files(
        [{"name": "följebrev.txt", "mimeType": "text/plain", "buffer": MARKUP.encode()}]
    )
    assert titles(site, case) == ["Remiss", "karta"]  # choosing alone sends nothing
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_role("rowheader").first).to_have_text("följebrev")
    drop(page, samma_pdf=PDF)
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_text("Filen finns redan i ärendet, som handling 1, Remiss.")).to_be_visible()
    assert titles(site, case) == ["Remiss", "karta", "följebrev"]


def test_a_file_that_comes_when_the_sign_in_has_ended_is_said_to_wait_for_it(site: Site, case: str) -> None:
    page = site.visit("registrator", f"{case}/documents")
    page.get_by_label("Slag").select_option("Inkommen")
    drop(page, Remiss_pdf=PDF)
    page.context.clear_cookies(name="handslag_session")
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_text("Logga in i ett nytt fönster och välj sedan filen igen här.")).to_be_visible()
    assert titles(site, case) == []


def test_a_document_is_looked_at_where_it_is_and_gets_a_version(site: Site, case: str) -> None:
    for name, data in (("Remiss.pdf", PDF), ("karta.png", PNG), ("följebrev.txt", MARKUP.encode())):
        assert site.post("registrator", f"{case}/documents", files={"file": (name, data)}).status_code == 303
    page = site.visit("registrator", f"{case}/documents")
    page.get_by_role("link", name="Remiss", exact=True).click()
    with page.expect_response(lambda answer: "content?show" in answer.url) as shown:
        page.reload()
    assert shown.value.headers["content-type"] == "application/pdf"
    answer = site.get("registrator", shown.value.url.removeprefix(site.address))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page.go_back()
    page.get_by_role("link", name="karta", exact=True).click()
    expect(page.get_by_role("img", name="karta")).to_have_js_property("naturalWidth", 1)
    page.go_back()
    page.get_by_role("link", name="följebrev", exact=True).click()
    expect(page.get_by_role("region", name="Vad det säger")).to_contain_text("<script>document.title='x'</script>")
    page.locator("#file").set_input_files(
        [{"name": "nytt.txt", "mimeType": "text/plain", "buffer": "Åtta, rättat".encode()}]
    )
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_role("region", name="Vad det säger")).to_have_text("Åtta, rättat")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("region", name="Vad det säger")).to_contain_text("Åtta")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Ladda ner följebrev.txt").click()
    assert saved.value.suggested_filename == "följebrev.txt"


def test_what_is_no_document_is_refused_with_a_sentence_and_nothing_of_it_is_kept(
    site: Site, case: str, tmp_path: Path
) -> None:
    page = site.visit("registrator", f"{case}/documents")
    huge = tmp_path / "film.pdf"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    page.get_by_label("Slag").select_option("Inkommen")
    page.locator("#file").set_input_files(huge)
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_text("är större än 50 MB och skickades inte.")).to_be_visible()
    drop(page, **{name.replace(".", "_"): data for name, data in REFUSED.items()})
    page.get_by_role("button", name="Lägg till").click()
    told = page.locator("[data-uploads] li[data-state=refused]")
    expect(told).to_have_count(len(REFUSED))
    assert all(len(text.split()) > 5 for text in told.all_inner_texts())
    assert titles(site, case) == []
    assert not [path for path in (tmp_path / "files").glob("**/*") if path.is_file()]


def test_without_script_several_files_are_sent_at_once_and_those_refused_are_named(site: Site, case: str) -> None:
    files = [("file", ("Remiss.pdf", PDF)), ("file", ("program.exe", REFUSED["program.exe"]))]
    answer = site.post("registrator", f"{case}/documents", files=files)
    assert answer.status_code == 422
    assert "program.exe" in answer.text
    assert titles(site, case) == ["Remiss"]
    assert site.post("registrator", f"{case}/documents").status_code == 422
    huge = site.post("registrator", f"{case}/documents", files={"file": ("film.pdf", PDF + bytes(51 * 1024 * 1024))})
    assert (huge.status_code, titles(site, case)) == (413, ["Remiss"])


def test_who_may_not_file_or_read_cannot(site: Site, case: str) -> None:
    assert site.post("registrator", f"{case}/documents", files={"file": ("Remiss.pdf", PDF)}).status_code == 303
    assert site.post("ordforande", f"{case}/documents", files={"file": ("x.pdf", PDF)}).status_code == 403
    assert 'type="file"' not in site.get("ordforande", f"{case}/documents").text
    with site.database.reading() as db:
        document = db.query(Document).one()
    for path in (f"/documents/{document.id}", f"/documents/{document.id}/versions/1/content"):
        assert site.get("umea", path).status_code == 404
        assert site.get(None, path).status_code == 302
