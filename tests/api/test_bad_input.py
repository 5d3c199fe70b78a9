"""What should not be sent, tried one by one: each gets a sentence that says what to do, and nothing has changed.

The world is the demo organisation with one referral under way and one withdrawn. After each try every row of every
table is as it was, and no file has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.base import Base
from store.database import Database
from tests.api.conftest import multipart
from tests.support.diagrams import bpmn
from tests.support.region import REFERRAL, Region

Travel = Callable[[datetime | timedelta], None]
Answer = Any
TEN_MEGABYTES = "x" * 10_000_000


class World(Region):
    """The demo organisation, with what is tried upon."""

    diagrams_go_to = "/definitions"

    def prepare(self) -> World:
        """A referral that is being drafted while the municipalities answer, and another that was withdrawn."""
        self.case = self.registered()
        self.do("handlaggare", "confirm_consultation", mode="delning", question="Vad anser kommunen?")
        self.draft, self.draft_tag = self.task("handlaggare", "draft_statement")
        self.answer, self.answer_tag = self.task("umea", "answer_consultation")
        self.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")
        (self.consultee,) = [each["id"] for each in self("umea").get("/consultees").json["items"]]
        self.au, self.run = self.meeting("run_au", "2021-03-31"), self.meeting("run", "2021-04-15")
        withdrawn = self("registrator").post("/cases", REFERRAL).json["id"]
        self.withdrawn, self.withdrawn_tag = self.task("registrator", "register_referral")
        self.change("registrator", f"/cases/{withdrawn}", "withdraw", reason="Återtagen.")
        return self

    def task(self, key: str, element: str) -> tuple[str, str]:
        """The address and the tag of the task at an element."""
        address = f"/tasks/{self.waiting(key)[element]}"
        return address, self(key).get(address).headers["ETag"]

    def complete(self, key: str, task: str, tag: str, **values: Any) -> Answer:
        return self(key).post(f"{task}/complete", {"values": values}, headers={"If-Match": tag})

    def deploy(self, *files: tuple[str, bytes]) -> Answer:
        return self("processagare").post(self.diagrams_go_to, **multipart(*(("files", *file) for file in files)))

    def upload(self, name: str, data: bytes = b"%PDF-1.7") -> Answer:
        return self("registrator").post(f"{self.case}/documents", **multipart(("file", name, data)))

    def send(self, data: bytes, content_type: str = "application/json") -> Answer:
        return self("registrator").post("/cases", data=data, content_type=content_type)

    def move(self, meeting: str, starts_at: Any) -> Answer:
        tag = self("sekreterare").get(meeting).headers["ETag"]
        body = {"starts_at": starts_at, "reason": "Krock"}
        return self("sekreterare").post(f"{meeting}/move", body, headers={"If-Match": tag})

    def open(self, **case: Any) -> Answer:
        return self("registrator").post("/cases", REFERRAL | case)

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        with self.database.reading() as db:
            tables = Base.metadata.sorted_tables
            return {table.name: sorted(map(repr, db.execute(select(table)).all())) for table in tables}


@dataclass(frozen=True)
class Bad:
    """Something that should not be sent, and what is answered."""

    what: str
    send: Callable[[World], Answer]
    status: int
    code: str
    says: str
    """A part of the sentence that the person reads."""


def diagram(condition: str) -> bytes:
    return bpmn('<startEvent id="s"/><userTask id="a" name="A"/><endEvent id="e"/>', f"s > a ; a > e : = {condition}")


GOOD = bpmn('<startEvent id="s"/><endEvent id="e"/>', "s > e")
ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
HTML = b"<html xmlns='http://www.w3.org/1999/xhtml'/>"
TWICE = GOOD.replace(b"</definitions>", b'<process id="p" isExecutable="true"/></definitions>')

DIAGRAMS = [
    Bad("malformed XML", lambda w: w.deploy(("x.bpmn", GOOD[:-20])), 422, "diagram_refused", "XML"),
    Bad("an external entity", lambda w: w.deploy(("x.bpmn", ENTITY + GOOD[38:])), 422, "diagram_refused", "DOCTYPE"),
    Bad("entities in entities", lambda w: w.deploy(("x.bpmn", BOMB + GOOD[38:])), 422, "diagram_refused", "DOCTYPE"),
    Bad("50 MB", lambda w: w.deploy(("x.bpmn", GOOD + b" " * 50_000_000)), 413, "too_large", "10 MB"),
    Bad("deep nesting", lambda w: w.deploy(("x.bpmn", b"<a>" * 50_000)), 422, "diagram_refused", "deep"),
    Bad("another namespace", lambda w: w.deploy(("x.bpmn", HTML)), 422, "diagram_refused", "BPMN"),
    Bad("two processes with one id", lambda w: w.deploy(("x.bpmn", TWICE)), 422, "diagram_refused", "id"),
    Bad("one id in two files", lambda w: w.deploy(("x.bpmn", GOOD), ("y.bpmn", GOOD + b"\n")), 422, "diagram_refused", "p"),
    Bad("an attribute", lambda w: w.deploy(("x.bpmn", diagram("().__class__"))), 422, "diagram_refused", "expression"),
    Bad("10^6 brackets", lambda w: w.deploy(("x.bpmn", diagram("(" * 10**6))), 422, "diagram_refused", "expression"),
    Bad("a good file beside a bad one", lambda w: w.deploy(("good.bpmn", GOOD), ("x.bpmn", HTML)), 422, "diagram_refused", "BPMN"),
]  # fmt: skip
TASKS = [
    Bad("done before", lambda w: w.complete("umea", w.answer, w.answer_tag, answer_kind="object"), 409, "task_not_open", "already done"),
    Bad("another municipality's", lambda w: w.complete("mala", w.answer, w.answer_tag, answer_kind="object"), 404, "task_not_found", "not for you"),
    Bad("another body's", lambda w: w.complete("ordforande", w.draft, w.draft_tag), 404, "task_not_found", "not for you"),
    Bad("seen, but another role's", lambda w: w.complete("chef", w.draft, w.draft_tag), 403, "forbidden", "another role"),
    Bad("after the withdrawal", lambda w: w.complete("registrator", w.withdrawn, w.withdrawn_tag), 409, "task_not_open", "no longer needed"),
    Bad("without what was read", lambda w: w("handlaggare").post(f"{w.draft}/complete", {"values": {}}), 428, "precondition_required", "ETag"),
    Bad("an unknown field", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, **DRAFT, extra=1), 422, "invalid", "extra"),
    Bad("a typename", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, **DRAFT, typename="x"), 422, "invalid", "typename"),
    Bad("a typename inside", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, **DRAFT | {"text": {"typename": "x"}}), 422, "invalid", "text"),
    Bad("a field missing", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, position="approve"), 422, "invalid", "summary"),
    Bad("10 MB of text", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, **DRAFT | {"text": TEN_MEGABYTES}), 413, "too_large", "1 MB"),
    Bad("10 MB in a draft", lambda w: w("handlaggare").put(f"{w.draft}/draft", {"values": {"text": TEN_MEGABYTES}}, headers={"If-Match": w.draft_tag}), 413, "too_large", "1 MB"),
    Bad("a NUL", lambda w: w.complete("handlaggare", w.draft, w.draft_tag, **DRAFT | {"text": "a\0b"}), 422, "invalid", "NUL"),
]  # fmt: skip
DRAFT = {"position": "approve", "summary": "Tillstyrks."}
DATES = [
    Bad("no zone", lambda w: w.move(w.run, "2021-04-22T09:00:00"), 422, "invalid", "time zone"),
    Bad("a day for an instant", lambda w: w.move(w.run, "2021-04-22"), 422, "invalid", "time zone"),
    Bad("29 February in a year without", lambda w: w.move(w.run, "2021-02-29T09:00:00+01:00"), 422, "invalid", "instant"),
    Bad("to reply by 29 February", lambda w: w.open(reply_by="2021-02-29"), 422, "invalid", "calendar"),
    Bad("a reply-by in the past", lambda w: w.open(reply_by="2021-02-14"), 422, "invalid", "has passed"),
    Bad("a reply-by in another age", lambda w: w.open(reply_by="1899-12-31"), 422, "invalid", "1900"),
    Bad("a reply-by with a time", lambda w: w.open(reply_by="2021-04-30T12:00:00Z"), 422, "invalid", "2021-04-30"),
    Bad("a number", lambda w: w.open(reply_by=20210430), 422, "invalid", "2021-04-30"),
    Bad("the end of time", lambda w: w.move(w.run, "9999-12-31T23:59:59Z"), 422, "invalid", "2200"),
]  # fmt: skip
BODIES = [
    Bad("half a body", lambda w: w.send(b'{"case_type": "external_ref'), 400, "unreadable", "JSON"),
    Bad("a body of brackets", lambda w: w.send(b"[" * 10**5), 400, "unreadable", "JSON"),
    Bad("a body nested deep", lambda w: w.send(b"[" * 500 + b"]" * 500), 422, "invalid", "flatter"),
    Bad("a body of 2 MB", lambda w: w.send(b" " * 2 * 2**20), 413, "too_large", "1 MB"),
    Bad("no JSON", lambda w: w.send(b"case_type=x", "application/x-www-form-urlencoded"), 415, "unsupported_media_type", "application/json"),
    Bad("a number that does not exist", lambda w: w.send(b'{"reply_by": NaN}'), 400, "unreadable", "JSON"),
    Bad("a name twice", lambda w: w.send(b'{"case_type": "external_referral", "title": "A", "title": "B"}'), 400, "unreadable", "'title' stands twice"),
    Bad("a name twice inside", lambda w: w.send(b'{"title": "A", "more": [{"a": 1, "\\u0061": 2}]}'), 400, "unreadable", "'a' stands twice"),
    Bad("half of a letter", lambda w: w.send(b'{"title": "\\ud83c"}'), 400, "unreadable", "JSON"),
    Bad("a field twice removed", lambda w: w.open(typename="x"), 422, "invalid", "no such field"),
    Bad("a title of 10 MB", lambda w: w.open(title=TEN_MEGABYTES), 413, "too_large", "1 MB"),
    Bad("a title that nobody sees", lambda w: w.open(title="\ufeff\u200b "), 422, "invalid", "can be read"),
    Bad("a title of two lines", lambda w: w.open(title="Remiss\n"), 422, "invalid", "on one line"),
    Bad("a title that turns round", lambda w: w.open(title="Ja \u202ejeN"), 422, "invalid", "can be read"),
    Bad("a process that is a path", lambda w: w.open(case_type="../../etc/passwd"), 422, "invalid", "letters"),
    Bad("a process that nobody deployed", lambda w: w.open(case_type="nothing"), 404, "definition_not_found", "Cases are opened of: "),
    Bad("a process that others call", lambda w: w.open(case_type="municipal_consultation"), 422, "invalid", "external_referral, internal_strategy"),
    Bad("a process of meetings", lambda w: w.open(case_type="meeting_cycle"), 422, "invalid", "not by a person"),
    Bad("a message with a thing inside", lambda w: w("drift").post("/messages", {"name": "X", "payload": {"a": {"typename": "x"}}}), 422, "invalid", "payload"),
    Bad("a tag of another thing", lambda w: w.complete("handlaggare", w.draft, w.answer_tag, **DRAFT), 412, "stale", "Read it again"),
    Bad("an id that is none", lambda w: w("chef").get("/cases/1%27%20OR%201=1"), 404, "not_found", "openapi.json"),
]  # fmt: skip
REGISTER = [
    Bad("a path", lambda w: w.upload("../../x"), 422, "file_refused", "path"),
    Bad("a path to a PDF", lambda w: w.upload("../../x.pdf"), 422, "file_refused", "path"),
    Bad("a diagram that is a path", lambda w: w.deploy(("../../x.bpmn", GOOD)), 422, "invalid", "path"),
    Bad("a page", lambda w: w.upload("x.html", b"<script>"), 422, "file_refused", "PDF"),
    Bad("a document of 51 MB", lambda w: w.upload("x.pdf", b"%PDF-" + bytes(51 * 2**20)), 413, "too_large", "50 MB"),
    Bad("before its own AU", lambda w: w.move(w.run, "2021-03-30T09:00:00+02:00"), 409, "conflict", "prepares it"),
    Bad("AU after its RUN", lambda w: w.move(w.au, "2021-04-16T09:00:00+02:00"), 409, "conflict", "Move that one first"),
    Bad("a second answer", lambda w: w("registrator").post(f"/consultees/{w.consultee}/answer", {"answer_kind": "object"}), 409, "conflict", "as a document"),
    Bad("time after the answer", lambda w: w("umea").post(f"/consultees/{w.consultee}/ask-extension", {"new_date": "2021-06-01", "reason": "Mer tid"}), 409, "conflict", "answered"),
]  # fmt: skip


@pytest.fixture
def world(demo_database: Database, tmp_path: Path, travel: Travel) -> Iterator[World]:
    """The world on 15 February 2021."""
    yield World(demo_database, tmp_path).prepare()


def test_each_gets_a_sentence_and_nothing_has_changed(world: World, tmp_path: Path, subtests: pytest.Subtests) -> None:
    before = world.rows()
    for bad in (*DIAGRAMS, *TASKS, *DATES, *BODIES, *REGISTER):
        with subtests.test(bad.what):
            answer = bad.send(world)
            assert (answer.status_code, answer.json["code"]) == (bad.status, bad.code), answer.text[:1000]
            sentences = [each["sentence"] + each.get("field", "") for each in answer.json.get("errors", ())]
            assert bad.says in " ".join([answer.json["detail"], *sentences]), answer.text[:1000]
            assert answer.json["detail"].endswith("."), answer.json["detail"]
            assert "Traceback" not in answer.text and len(answer.text) < 100_000
            after = world.rows()
            assert after == before, [name for name in before if before[name] != after[name]]
    assert not list((tmp_path / "files").glob("**/*")), "no file has come"


def test_the_checker_says_what_deploying_says_and_changes_nothing(world: World, subtests: pytest.Subtests) -> None:
    world.diagrams_go_to = "/definitions/check"
    before = world.rows()
    for bad in DIAGRAMS:
        with subtests.test(bad.what):
            answer = bad.send(world)
            if bad.status == 413:
                assert answer.status_code == 413
                continue
            assert answer.status_code == 200, answer.text[:1000]
            errors = [each for each in answer.json["items"] if each["severity"] == "error"]
            assert any(bad.says in each["sentence"] for each in errors), errors
            assert all(each["file"] and each["hint"] for each in errors), errors
    assert world.rows() == before


def test_letters_of_all_kinds_come_back_as_they_were(world: World) -> None:
    text = "Skogen 🌲👩‍🌾, sámi: Ubmeje, \u202eomvänt\u202c, 漢字, å\u0308 \u0000"[:-1]
    done = world.complete("handlaggare", world.draft, world.draft_tag, **DRAFT | {"text": text})
    assert done.status_code == 200
    (written,) = world("chef").get(f"{world.case}/documents").json["items"]
    content = world("chef").get(f"/documents/{written['id']}/versions/1/content")
    assert content.data.decode() == f"Tillstyrks.\n\n{text}"


def test_29_february_and_both_nights_of_daylight_saving_are_days_like_others(world: World) -> None:
    nights = {
        "2024-02-29T09:00:00+01:00": ("2024-02-29T08:00:00Z", "2024-02-29"),
        "2021-03-28T01:59:59+01:00": ("2021-03-28T00:59:59Z", "2021-03-28"),
        "2021-03-28T02:30:00+01:00": ("2021-03-28T01:30:00Z", "2021-03-28"),
        "2021-10-31T02:30:00+02:00": ("2021-10-31T00:30:00Z", "2021-10-31"),
        "2021-10-31T02:30:00+01:00": ("2021-10-31T01:30:00Z", "2021-10-31"),
        "2021-10-30T23:30:00Z": ("2021-10-30T23:30:00Z", "2021-10-31"),
    }
    for given, expected in nights.items():
        made = world("sekreterare").post("/meetings", {"body": "rs", "starts_at": given})
        assert made.status_code == 201, made.text
        assert (made.json["starts_at"], made.json["day"]) == expected
        assert made.json["summons_due"] < made.json["day"]
    listed = world("sekreterare").get(
        "/meetings?body=rs&starts_from=2021-10-30T22:00:00Z&starts_before=2021-10-31T23:00:00Z"
    )
    assert len(listed.json["items"]) == 3
    assert world.open(reply_by="2024-02-29").status_code == 201


def test_what_came_too_late_is_registered_when_that_is_meant(world: World) -> None:
    late = world.open(reply_by="2021-02-12", reply_by_passed=True)
    assert late.status_code == 201
    overdue = world("ledare").get(f"/overdue?case_id={late.json['id']}").json["items"]
    assert [(each["step"], each["days_late"]) for each in overdue] == [("reply_by", 3)]
    assert world("chef").get(f"/cases/{late.json['id']}/plan").json["health"] == "overdue"


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_of_another_age_in_a_form_is_refused_like_one_in_a_body(world: World, day: str) -> None:
    (mala,) = world("mala").get("/consultees").json["items"]
    asked = {"new_date": "2021-04-20", "reason": "Mer tid"}
    assert world("mala").post(f"/consultees/{mala['id']}/ask-extension", asked).status_code == 200
    task, tag = world.task("handlaggare", "grant_consultee_extension")
    refused = world.complete("handlaggare", task, tag, granted=True, new_date=day)
    assert refused.status_code == 422, refused.text
    assert refused.json["errors"] == [{"field": "new_date", "sentence": "Give a year from 1900 to 2200."}]
    assert world("mala").get(f"/consultees/{mala['id']}").json["reply_by"] == mala["reply_by"]
