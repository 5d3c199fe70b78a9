"""Documents over HTTP: kept by content, never written over, given back as files, and only to those who may read them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import flask
import pytest

from committee import filing
from committee.statements import latest
from store.database import Database
from store.files import FileStore
from tests.api.conftest import Caller, Callers, multipart
from tests.api.register import known_ids
from tests.committee.test_file_kinds import BAD, DOCX, GOOD, ODT, PDF

ENVELOPE = 64 * 1024


@pytest.fixture
def known(people: Callers, database: Database) -> dict[str, str]:
    """Ids of what exists."""
    return {name: ids[0] for name, ids in known_ids(database).items()}


@pytest.fixture
def files(app: flask.Flask, tmp_path: Path) -> FileStore:
    """The files of the application."""
    return FileStore(tmp_path / "files", 1)


def send(who: Caller, address: str, data: bytes = PDF, name: str = "Remiss.pdf", **fields: Any) -> Any:
    headers = fields.pop("headers", {})
    form = {"file": (io.BytesIO(data), name), **fields}
    return who.post(address, data=form, content_type="multipart/form-data", headers=headers)


def add(who: Caller, known: dict[str, str], **more: Any) -> Any:
    return send(who, f"/cases/{known['case_id']}/documents", **more)


def test_a_file_comes_back_byte_for_byte_and_only_as_an_attachment(people: Callers, known: dict[str, str]) -> None:
    made = add(people.registrar, known, name="Remiss å 🌲.pdf", dated="2021-02-12")
    assert made.status_code == 201, made.text
    document = made.headers["Location"]
    assert made.json["title"] == "Remiss å 🌲" and made.json["kind"] == "incoming"
    newest = made.json["newest"]
    assert (newest["number"], newest["size"], newest["media_type"]) == (1, len(PDF), "application/pdf")
    assert newest["sha256"] == hashlib.sha256(PDF).hexdigest()
    read = people.officer.get(f"{document}/versions/1/content")
    assert read.data == PDF
    assert read.headers["Content-Type"] == "application/pdf"
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert read.headers["ETag"] == f'"{newest["sha256"]}"'
    assert read.cache_control.private, "no proxy keeps it"
    said = read.headers["Content-Disposition"]
    assert said.startswith("attachment;") and "filename*=UTF-8''Remiss%20%C3%A5%20%F0%9F%8C%B2.pdf" in said
    told = [each["type"] for each in people.officer.get(f"/cases/{known['case_id']}/events").json["items"]]
    assert told[-1] == "document.received"


def test_a_part_is_given_and_what_is_known_is_not_sent_again(people: Callers, known: dict[str, str]) -> None:
    content = f"{add(people.officer, known).headers['Location']}/versions/1/content"
    part = people.officer.get(content, headers={"Range": "bytes=5-8"})
    assert (part.status_code, part.data) == (206, PDF[5:9])
    assert part.headers["Content-Range"] == f"bytes 5-8/{len(PDF)}"
    beyond = people.officer.get(content, headers={"Range": f"bytes={len(PDF)}-"})
    assert (beyond.status_code, beyond.json["code"]) == (416, "range_not_satisfiable")
    again = people.officer.get(content, headers={"If-None-Match": part.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_new_file_is_the_next_version_and_the_one_before_it_stays(people: Callers, known: dict[str, str]) -> None:
    made = add(people.officer, known)
    document = made.headers["Location"]
    tag = {"If-Match": made.headers["ETag"]}
    assert send(people.officer, f"{document}/versions", ODT, "Svar.odt").status_code == 428
    second = send(people.officer, f"{document}/versions", ODT, "Svar.odt", headers=tag)
    assert second.status_code == 201 and second.json["newest"]["number"] == 2
    late = send(people.secretary, f"{document}/versions", DOCX, "Svar.docx", headers=tag)
    assert (late.status_code, late.json["code"]) == (412, "stale")
    listed = people.officer.get(f"{document}/versions").json["items"]
    assert [each["file_name"] for each in listed] == ["Remiss.pdf", "Svar.odt"]
    assert people.officer.get(f"{document}/versions/1/content").data == PDF
    assert people.officer.get(f"{document}/versions/3/content").status_code == 404


def test_what_a_task_wrote_is_a_document_too_and_final_when_it_has_been_approved(
    people: Callers, known: dict[str, str], database: Database
) -> None:
    document = f"/documents/{known['document_id']}"
    read = people.officer.get(document)
    assert read.json["title"] == "Yttrande" and read.json["newest"]["file_name"] == "Yttrande 1.txt"
    assert people.officer.get(f"{document}/versions/1/content").text == "Tillstyrks."
    tag = {"If-Match": read.headers["ETag"]}
    second = send(people.officer, f"{document}/versions", DOCX, "Yttrande.docx", headers=tag)
    assert second.status_code == 201
    with database.transaction() as db:
        newest = latest(db, UUID(known["case_id"]))
        assert newest is not None and newest.number == 2
        newest.state = "approved"
    tag = {"If-Match": second.headers["ETag"]}
    refused = send(people.officer, f"{document}/versions", DOCX, "Yttrande.docx", headers=tag)
    assert refused.status_code == 409 and "new document" in refused.json["detail"]


def test_what_is_taken_has_the_media_type_of_its_content(people: Callers, known: dict[str, str]) -> None:
    for name, data in GOOD.items():
        made = add(people.officer, known, data=data, name=name)
        assert made.status_code == 201, made.text
        read = people.officer.get(f"{made.headers['Location']}/versions/1/content")
        assert (read.data, read.mimetype) == (data, made.json["newest"]["media_type"]), name


def test_what_is_not_taken_is_refused_and_nothing_of_it_is_kept(
    people: Callers, known: dict[str, str], files: FileStore
) -> None:
    for case, (name, data) in BAD.items():
        answer = add(people.officer, known, name=name, data=data)
        assert (answer.status_code, answer.json["code"]) == (422, "file_refused"), case
        assert answer.json["detail"].endswith("."), case
    assert list(files.all()) == []
    assert len(people.officer.get(f"/cases/{known['case_id']}/documents").json["items"]) == 1


@pytest.mark.parametrize(
    "form, field",
    [
        ({}, "file"),
        ({"file": "no file"}, "file"),
        ({"file": PDF, "typename": "x"}, "typename"),
        ({"file": PDF, "kind": "secret"}, "kind"),
        ({"file": PDF, "dated": "2021-02-29"}, "dated"),
        ({"file": PDF, "subject_type": "decision"}, "subject_id"),
    ],
)
def test_fields_that_are_not_understood_are_named(
    people: Callers, known: dict[str, str], form: dict[str, Any], field: str
) -> None:
    address = f"/cases/{known['case_id']}/documents"
    sent = {name: (io.BytesIO(value), "a.pdf") if value is PDF else value for name, value in form.items()}
    answer = people.officer.post(address, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_a_file_over_the_limit_is_refused_whether_it_says_so_or_not(
    people: Callers, known: dict[str, str], files: FileStore
) -> None:
    limit = 50 * 1024 * 1024
    for size in (limit + ENVELOPE, limit + 1):
        body = multipart(("file", "a.pdf", PDF + bytes(size - len(PDF))))
        over = people.officer.post(f"/cases/{known['case_id']}/documents", **body)
        assert (over.status_code, over.json["code"]) == (413, "too_large")
        assert "50 MB" in over.json["detail"]
    assert list(files.folder.rglob("*.part")) == [] and list(files.all()) == []


def test_a_document_is_added_once_for_one_key(people: Callers, known: dict[str, str]) -> None:
    key = {"Idempotency-Key": "one"}
    first, second = (add(people.officer, known, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json == second.json and second.headers["Idempotency-Replayed"] == "true"
    assert len(people.officer.get(f"/cases/{known['case_id']}/documents?kind=incoming").json["items"]) == 1


def test_who_may_not_write_is_refused_before_anything_is_kept(
    people: Callers, known: dict[str, str], files: FileStore
) -> None:
    for name, expected in {"chair": 403, "manager": 403, "umea": 403, "stranger": 401}.items():
        assert add(getattr(people, name), known).status_code == expected, name
    nowhere = send(people.officer, "/cases/01900000-0000-7000-8000-000000000000/documents")
    assert nowhere.status_code == 404
    assert list(files.all()) == []


def test_a_municipality_reads_the_version_it_was_sent_and_no_other(people: Callers, known: dict[str, str]) -> None:
    referral = people.officer.get(f"/consultees/{known['consultee_id']}").json["referral_id"]
    made = add(people.officer, known, kind="prepared")
    document = made.headers["Location"]
    assert people.umea.get(document).status_code == 404
    sent = people.officer.post(f"{document}/attachments", {"subject_type": "referral", "subject_id": referral})
    assert (sent.status_code, sent.json["number"]) == (201, 1)
    send(people.officer, f"{document}/versions", ODT, "Svar.odt", headers={"If-Match": tag_of(people, document)})
    assert [each["newest"]["number"] for each in people.umea.get("/documents").json["items"]] == [1]
    assert people.umea.get(f"{document}/versions/1/content").data == PDF
    assert people.umea.get(f"{document}/versions/2/content").status_code == 404
    assert [each["number"] for each in people.umea.get(f"{document}/versions").json["items"]] == [1]
    assert people.umea.get(f"{document}/attachments").status_code == 403
    for verb, body in {"versions": None, "attachments": {"subject_type": "referral", "subject_id": referral}}.items():
        tag = {"If-Match": tag_of(people, document)}
        answer = send(people.umea, f"{document}/{verb}", headers=tag) if body is None else people.umea.post(
            f"{document}/{verb}", body
        )  # fmt: skip
        assert answer.status_code == 403, answer.text


def tag_of(people: Callers, document: str) -> str:
    return str(people.officer.get(document).headers["ETag"])


def test_a_municipality_sends_a_file_with_its_own_answer(people: Callers, known: dict[str, str]) -> None:
    subject = {"subject_type": "consultee", "subject_id": known["consultee_id"]}
    made = add(people.umea, known, name="Protokollsutdrag.pdf", **subject)
    assert made.status_code == 201, made.text
    assert people.umea.get(made.headers["Location"]).json == made.json
    found = people.officer.get(f"/documents?subject_id={known['consultee_id']}").json["items"]
    assert [each["title"] for each in found] == ["Protokollsutdrag"]
    assert add(people.umea, known, kind="internal", **subject).status_code == 403
    elsewhere = {"subject_type": "agenda_item", "subject_id": known["item_id"]}
    assert add(people.umea, known, **elsewhere).status_code == 403


def test_a_document_is_attached_only_within_its_case_and_once(
    people: Callers, known: dict[str, str], database: Database
) -> None:
    document = f"/documents/{known['document_id']}"
    body = {"subject_type": "agenda_item", "subject_id": known["item_id"]}
    assert people.officer.post(f"{document}/attachments", body).status_code == 201
    assert people.officer.post(f"{document}/attachments", body).status_code == 409
    other = known_ids(database)["item_id"][0]
    assert people.officer.post(f"{document}/attachments", {**body, "subject_id": other}).status_code == 404
    wrong = {"subject_type": "decision", "subject_id": known["item_id"]}
    assert people.officer.post(f"{document}/attachments", wrong).status_code == 404
    assert people.officer.post(f"{document}/attachments", {**body, "number": 2}).status_code == 404
    listed = people.officer.get(f"{document}/attachments").json["items"]
    assert [(each["number"], each["subject_id"]) for each in listed] == [(1, known["item_id"])]


def test_a_list_of_documents_is_filtered_and_walked(people: Callers, known: dict[str, str]) -> None:
    for number in range(5):
        add(people.officer, known, title=f"Bilaga {number}", document_type="appendix")
    address, seen = f"/cases/{known['case_id']}/documents?document_type=appendix&text=bilaga&limit=2&sort=-title", []
    while address:
        page = people.officer.get(address).json
        seen += [each["title"] for each in page["items"]]
        address = page["next"]
    assert seen == [f"Bilaga {number}" for number in reversed(range(5))]


def test_files_that_no_row_names_are_found_and_so_are_those_that_are_lost_or_damaged(
    people: Callers, known: dict[str, str], database: Database, files: FileStore
) -> None:
    made = [add(people.officer, known, data=PDF + bytes([n])).json["newest"]["sha256"] for n in range(2)]
    orphan = FileStore(files.folder, 100).keep(io.BytesIO(b"a row that was rolled back")).sha256
    files.path(made[0]).unlink()
    files.path(made[1]).write_bytes(b"x")
    found = filing.check_files(database, files)
    assert (found.missing, found.damaged, found.unnamed) == ([made[0]], [made[1]], [orphan])
    listed = people.officer.get(f"/cases/{known['case_id']}/documents?sort=-serial").json["items"]
    lost = people.officer.get(f"/documents/{listed[1]['id']}/versions/1/content")
    assert (lost.status_code, lost.json["code"]) == (503, "unavailable")


def test_when_the_disk_takes_nothing_there_is_no_row_and_a_sentence(
    people: Callers, known: dict[str, str], files: FileStore
) -> None:
    files.folder.write_bytes(b"a file where the folder should be")
    answer = add(people.officer, known)
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert len(people.officer.get(f"/cases/{known['case_id']}/documents").json["items"]) == 1


def test_what_is_attached_after_the_summons_is_a_supplement_to_the_item(people: Callers, known: dict[str, str]) -> None:
    item, meeting = f"/agenda-items/{known['item_id']}", f"/meetings/{known['meeting_id']}"
    subject = {"subject_type": "agenda_item", "subject_id": known["item_id"]}
    assert add(people.officer, known, title="Förslag", **subject).status_code == 201
    assert people.officer.post(f"{item}/completions", {"description": "Karta"}).status_code == 409
    tag = {"If-Match": people.secretary.get(meeting).headers["ETag"]}
    assert people.secretary.post(f"{meeting}/summon", headers=tag).status_code == 200
    after = add(people.officer, known, title="Karta", **subject).json
    assert people.secretary.post(f"{item}/completions", {"description": "Muntlig rapport"}).status_code == 201
    listed = people.officer.get(f"{item}/completions").json["items"]
    assert [(each["description"], each["document_id"]) for each in listed] == [
        ("Karta", after["id"]),
        ("Muntlig rapport", None),
    ]


def test_of_many_documents_that_come_at_once_each_has_its_number(people: Callers, known: dict[str, str]) -> None:
    together = Barrier(4)

    def go(number: int) -> Any:
        together.wait()
        return add(people.officer, known, data=PDF + bytes([number]))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(go, range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sorted(answer.json["serial"] for answer in answers) == [2, 3, 4, 5]


def test_of_two_next_versions_that_come_at_once_one_is_the_next(people: Callers, known: dict[str, str]) -> None:
    made = add(people.officer, known)
    address, tag = f"{made.headers['Location']}/versions", {"If-Match": made.headers["ETag"]}
    together = Barrier(2)

    def go(number: int) -> Any:
        together.wait()
        return send(people.officer, address, PDF + bytes([number]), headers=dict(tag))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len(people.officer.get(address).json["items"]) == 2


def test_what_a_body_decided_on_stays_with_the_decision(
    people: Callers, known: dict[str, str], travel: Callable[[datetime], None]
) -> None:
    document, meeting = f"/documents/{known['document_id']}", f"/meetings/{known['meeting_id']}"
    tag = {"If-Match": people.secretary.get(meeting).headers["ETag"]}
    assert people.secretary.post(f"{meeting}/summon", headers=tag).status_code == 200
    travel(datetime.fromisoformat(people.secretary.get(meeting).json["starts_at"]))
    outcome = {"outcome": "adopted", "text": "Nämnden antar yttrandet."}
    decision = people.secretary.post(f"/agenda-items/{known['item_id']}/outcome", outcome).json["id"]
    body = {"subject_type": "decision", "subject_id": decision, "number": 1}
    assert people.secretary.post(f"{document}/attachments", body).status_code == 201
    newer = send(
        people.officer, f"{document}/versions", DOCX, "Nytt.docx", headers={"If-Match": tag_of(people, document)}
    )
    assert newer.json["newest"]["number"] == 2
    (found,) = people.officer.get(f"/documents?subject_id={decision}").json["items"]
    assert found["id"] == known["document_id"]
    assert [each["number"] for each in people.officer.get(f"{document}/attachments").json["items"]] == [1]
