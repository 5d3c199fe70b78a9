"""Diagrams over HTTP: deployed in versions, given back byte for byte, and refused with every finding."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.api.conftest import Callers
from tests.api.test_cases import FORM, PROCESS, deploy
from tests.support.diagrams import bpmn


def test_a_new_content_is_a_new_version_and_the_same_content_is_none(people: Callers) -> None:
    assert [each["number"] for each in deploy(people, write__form=FORM).json["definitions"]] == [1]
    assert deploy(people, write__form=FORM).json["definitions"] == []
    assert [each["number"] for each in deploy(people, write__form=FORM + b"\n").json["definitions"]] == [2]
    assert len(people.officer.get("/definitions?key=write").json["items"]) == 2
    (latest,) = people.officer.get("/definitions?latest=true").json["items"]
    assert latest["number"] == 2


def test_ten_who_deploy_a_version_of_their_own_at_once_all_get_a_number(people: Callers) -> None:
    together = Barrier(10)

    def version(number: int) -> list[int]:
        together.wait(30)
        made = deploy(people, write__form=FORM + b" " * number, p__bpmn=PROCESS + b" " * number)
        assert made.status_code == 201, made.text
        return [each["number"] for each in made.json["definitions"]]

    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(version, range(10)))
    assert sorted(numbers) == [[number, number] for number in range(1, 11)]


def test_a_diagram_comes_back_byte_for_byte_as_a_file(people: Callers) -> None:
    deploy(people, write__form=FORM)
    (made,) = deploy(people, p__bpmn=PROCESS).json["definitions"]
    answer = people.officer.get(f"/definitions/{made['id']}/content")
    assert answer.data == PROCESS
    assert answer.content_type == "application/bpmn+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_diagram_may_be_sent_as_json(people: Callers) -> None:
    body = {"files": [{"name": "write.form", "content": FORM.decode()}]}
    assert people.owner.post("/definitions", body).status_code == 201


def test_what_has_changed_between_two_versions_is_told_by_element(people: Callers) -> None:
    (first,) = deploy(people, write__form=FORM).json["definitions"]
    (second,) = deploy(people, write__form=FORM.replace(b'"label": "', b'"label": "Ny ')).json["definitions"]
    answer = people.officer.get(f"/definitions/{second['id']}/diff?from={first['id']}")
    assert answer.status_code == 200, answer.text
    assert {each["aspect"] for each in answer.json["items"]} == {"label"}
    deploy(people, write__form=FORM)
    (process,) = deploy(people, p__bpmn=PROCESS).json["definitions"]
    assert people.officer.get(f"/definitions/{process['id']}/diff?from={first['id']}").status_code == 422
    assert people.officer.get(f"/definitions/{process['id']}/diff").status_code == 422


def test_only_a_process_owner_deploys(people: Callers) -> None:
    body = {"files": [{"name": "write.form", "content": FORM.decode()}]}
    for name, expected in {"officer": 403, "operator": 403, "umea": 403, "stranger": 401}.items():
        assert getattr(people, name).post("/definitions", body).status_code == expected, name
        assert getattr(people, name).post("/definitions/check", body).status_code == expected, name


def test_a_diagram_with_mistakes_is_refused_with_all_of_them(people: Callers) -> None:
    wrong = bpmn(
        '<startEvent id="start"/><userTask id="a"/><endEvent id="end"/><userTask id="lost"/>', "start > a > end : = ("
    )
    checked = people.owner.post("/definitions/check", {"files": [{"name": "w.bpmn", "content": wrong.decode()}]})
    assert checked.status_code == 200
    errors = [each for each in checked.json["items"] if each["severity"] == "error"]
    assert errors
    refused = deploy(people, w__bpmn=wrong)
    assert refused.status_code == 422
    assert refused.json["code"] == "diagram_refused"
    assert {each["rule"] for each in refused.json["errors"]} == {each["rule"] for each in errors}
    assert people.owner.get("/definitions").json["items"] == []


SMALL = bpmn('<startEvent id="s"/><endEvent id="e"/>', "s > e")
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&a;</definitions>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<definitions",
        b"\x00\x01\x02",
        BOMB,
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<a>" * 50_000 + b"</a>" * 50_000,
        SMALL.replace(b"</definitions>", b'<process id="p" isExecutable="true"/></definitions>'),
        bpmn('<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>', "s > a ; a > e : = ().__class__"),
        bpmn('<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>', "s > a ; a > e : = " + "(" * 100_000),
    ],
    ids=["empty", "cut", "bytes", "entity", "namespace", "deep", "one id twice", "attribute", "brackets"],
)  # fmt: skip
def test_a_file_that_is_no_diagram_is_refused_with_a_sentence(people: Callers, data: bytes) -> None:
    answer = deploy(people, x__bpmn=data)
    assert answer.status_code == 422, answer.text
    assert all(each["sentence"][0].isupper() and each["hint"] for each in answer.json["errors"]), answer.text[:2000]
    assert people.owner.get("/definitions").json["items"] == []


def test_fifty_megabytes_are_not_read(people: Callers) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = people.owner.post("/definitions", data=b"x" * 50_000_000, content_type=kind)
    assert answer.status_code == 413
    assert "10 MB" in answer.json["detail"]


@pytest.mark.parametrize("name", ["../../x.bpmn", "x.exe", "x", "a\\b.bpmn"])
def test_a_file_with_a_name_that_cannot_be_is_refused(people: Callers, name: str) -> None:
    parts: Any = {"files": [(io.BytesIO(PROCESS), name)]}
    assert people.owner.post("/definitions", data=parts, content_type="multipart/form-data").status_code == 422


def test_nothing_in_the_body_is_told_so(people: Callers) -> None:
    assert people.owner.post("/definitions", data={}, content_type="multipart/form-data").status_code == 422
    assert people.owner.post("/definitions", data="x", content_type="text/plain").status_code == 415
