"""A case over HTTP: deployed, opened, advanced by those who may, withdrawn; and what is refused on the way."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.api.conftest import Callers
from tests.support.diagrams import OPENING, OPENING_FORM, bpmn

FORM = b"""{"type": "default", "components": [
  {"type": "textfield", "key": "text", "label": "Yttrande", "validate": {"required": true, "maxLength": 200}},
  {"type": "number", "key": "points", "label": "Punkter"}]}"""
PROCESS = bpmn(
    OPENING
    + """
    <userTask id="write" name="Skriv yttrande"><extensionElements>
      <handslag:performer role="officer" body="stab"/><handslag:form ref="write"/></extensionElements></userTask>
    <userTask id="approve" name="Godk\u00e4nn"><extensionElements>
      <handslag:performer role="chair" body="run"/></extensionElements></userTask>
    <endEvent id="end"/>""",
    "start > write > approve > end",
    process="small_referral",
)


def deploy(people: Callers, **files: bytes) -> Any:
    """Put files in use; what opens cases has the form for it."""
    if any(OPENING.encode() in data for data in files.values()):
        assert deploy(people, opening__form=OPENING_FORM).status_code == 201
    parts = [(io.BytesIO(data), name.replace("__", ".")) for name, data in files.items()]
    return people.owner.post("/definitions", data={"files": parts}, content_type="multipart/form-data")


@pytest.fixture
def deployed(people: Callers) -> Any:
    first = deploy(people, write__form=FORM)
    assert first.status_code == 201, first.text
    answer = deploy(people, small_referral__bpmn=PROCESS)
    assert answer.status_code == 201, answer.text
    return answer.json["definitions"]


def open_case(people: Callers, **more: Any) -> Any:
    return people.registrar.post("/cases", {"case_type": "small_referral", "title": "Stärkt äganderätt 🌲", **more})


def the_task(people: Callers, name: str) -> tuple[str, str]:
    """The one task that waits for somebody, with its tag."""
    (task,) = getattr(people, name).get("/tasks").json["items"]
    return task["id"], getattr(people, name).get(f"/tasks/{task['id']}").headers["ETag"]


def complete(people: Callers, name: str, values: dict[str, Any]) -> Any:
    task, tag = the_task(people, name)
    return getattr(people, name).post(f"/tasks/{task}/complete", {"values": values}, headers={"If-Match": tag})


def test_a_case_goes_from_one_to_the_next_until_it_ends(people: Callers, deployed: Any) -> None:
    opened = open_case(people, sender="Justitiedepartementet", reply_by="2099-04-30")
    assert opened.status_code == 201
    case = opened.headers["Location"].removeprefix("/api/v1")
    assert people.officer.get(case).json["title"] == "Stärkt äganderätt 🌲"
    assert people.chair.get("/tasks").json["items"] == []
    done = complete(people, "officer", {"text": "Tillstyrks.", "points": 3})
    assert done.status_code == 200, done.text
    assert done.json["state"] == "completed"
    assert complete(people, "chair", {}).status_code == 200
    told = [each["type"] for each in people.officer.get(f"{case}/events").json["items"]]
    assert told[0] == "case.opened"
    assert told.count("task.completed") == 2


def test_a_task_is_completed_once(people: Callers, deployed: Any) -> None:
    open_case(people)
    task, tag = the_task(people, "officer")
    answers = [
        people.officer.post(f"/tasks/{task}/complete", {"values": {"text": "Ja"}}, headers={"If-Match": tag})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json["code"] == "task_not_open"


def test_of_two_who_complete_a_task_at_once_one_wins_and_the_other_is_told(people: Callers, deployed: Any) -> None:
    open_case(people)
    task, tag = the_task(people, "officer")
    together = Barrier(4)

    def go(_: int) -> Any:
        together.wait()
        return people.officer.post(f"/tasks/{task}/complete", {"values": {"text": "Ja"}}, headers={"If-Match": tag})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(go, range(4)))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    others = [answer for answer in answers if answer.status_code != 200]
    assert len(others) == 3
    assert all(answer.status_code in (409, 412) and answer.json["detail"].endswith(".") for answer in others)
    assert len(people.chair.get("/tasks").json["items"]) == 1


def test_a_task_is_completed_only_by_those_it_waits_for(people: Callers, deployed: Any) -> None:
    open_case(people)
    task, tag = the_task(people, "officer")
    for name, expected in {"manager": 403, "registrar": 403, "chair": 404, "umea": 404, "stranger": 401}.items():
        answer = getattr(people, name).post(
            f"/tasks/{task}/complete", {"values": {"text": "Ja"}}, headers={"If-Match": tag}
        )
        assert answer.status_code == expected, (name, answer.text)


@pytest.mark.parametrize(
    "values, field",
    [
        ({}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"text": 5}, "text"),
        ({"text": "Ja", "points": "many"}, "points"),
        ({"text": "Ja", "typename": "x"}, "typename"),
        ({"text": "Ja", "__class__": "x"}, "__class__"),
    ],
)
def test_a_submission_that_the_form_does_not_accept_names_the_field_and_changes_nothing(
    people: Callers, deployed: Any, values: dict[str, Any], field: str
) -> None:
    open_case(people)
    answer = complete(people, "officer", values)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert complete(people, "officer", {"text": "Rätt 📝"}).status_code == 200


def test_a_withdrawn_case_has_nothing_left_to_do(people: Callers, deployed: Any) -> None:
    case = open_case(people).headers["Location"]
    task, tag = the_task(people, "officer")
    read = people.registrar.get(case)
    withdrawn = people.registrar.post(
        f"{case}/withdraw", {"reason": "Återkallad"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert withdrawn.status_code == 200 and withdrawn.json["status"] == "withdrawn"
    answer = people.officer.post(f"/tasks/{task}/complete", {"values": {"text": "Ja"}}, headers={"If-Match": tag})
    assert answer.status_code == 409
    again = people.registrar.post(
        f"{case}/withdraw", {"reason": "Igen"}, headers={"If-Match": withdrawn.headers["ETag"]}
    )
    assert again.status_code == 409


def test_a_case_is_opened_once_for_one_key(people: Callers, deployed: Any) -> None:
    body = {"case_type": "small_referral", "title": "En"}
    answers = [people.registrar.post("/cases", body, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(people.officer.get("/cases").json["items"]) == 1
    assert len(people.officer.get("/tasks").json["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"case_type": "small_referral", "title": " "},
        {"case_type": "small_referral", "title": "x" * 1001},
        {"case_type": "small_referral", "title": "a\x00b"},
        {"case_type": "small_referral", "title": "x", "typename": "y"},
        {"case_type": "small_referral", "title": "x", "reply_by": "2021-02-29"},
        {"case_type": "small_referral", "title": "x", "reply_by": "2021-04-30T12:00:00"},
        {"case_type": "small_referral", "title": "x", "reply_by": "0001-01-01"},
        {"case_type": "../../etc/passwd", "title": "x"},
        {"case_type": ["small_referral"], "title": "x"},
        [],
    ],
)
def test_a_case_is_not_opened_from_what_is_not_understood(people: Callers, deployed: Any, body: Any) -> None:
    answer = people.registrar.post("/cases", body)
    assert answer.status_code == 422
    assert answer.json["detail"].endswith(".")
    assert people.officer.get("/cases").json["items"] == []


def test_a_body_that_is_too_large_is_not_read(people: Callers) -> None:
    answer = people.registrar.post("/cases", {"case_type": "small_referral", "title": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "1 MB" in answer.json["detail"]


def test_a_case_of_a_process_that_is_not_deployed_is_not_opened(people: Callers, deployed: Any) -> None:
    answer = people.registrar.post("/cases", {"case_type": "nothing", "title": "x"})
    assert answer.status_code == 404
    assert answer.json["code"] == "definition_not_found"
    assert "small_referral" in answer.json["detail"], "the types that there are"


def test_only_the_organisations_own_people_open_and_see_cases(people: Callers, deployed: Any) -> None:
    case = open_case(people).headers["Location"]
    assert people.umea.post("/cases", {"case_type": "small_referral", "title": "x"}).status_code == 403
    assert people.chair.post("/cases", {"case_type": "small_referral", "title": "x"}).status_code == 403
    assert people.umea.get(case).status_code == 404
    assert people.umea.get(f"{case}/events").status_code == 404
    assert people.umea.get("/cases").json["items"] == []
