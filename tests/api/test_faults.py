"""When something goes wrong that the caller is not to blame for: a clear answer, nothing half done, nothing leaked."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from committee import tasks
from store.database import Database
from store.settings import Settings
from tests.api.conftest import Caller, Callers, multipart
from tests.api.register import PEOPLE, known_ids
from tests.api.test_cases import complete, deploy, open_case
from tests.support.diagrams import OPENING, bpmn

NO_WAY_ON = bpmn(
    OPENING
    + """
    <userTask id="write" name="Skriv"><extensionElements>
      <handslag:performer role="officer" body="stab"/><handslag:form ref="write"/></extensionElements></userTask>
    <exclusiveGateway id="which"/><endEvent id="end"/><endEvent id="other"/>""",
    "start > write > which; which > end : points = 1; which > other : points = 2",
    process="small_referral",
)
LACKING = bpmn(
    OPENING
    + """
    <userTask id="write" name="Skriv"><extensionElements>
      <handslag:performer role="officer" body="stab"/><handslag:form ref="write"/></extensionElements></userTask>
    <serviceTask id="tell" name="Meddela"><extensionElements><handslag:operation name="notify"/>
      <handslag:input name="role" value="head"/><handslag:input name="body" value="stab"/><handslag:input name="subject" value="=nothing"/></extensionElements></serviceTask>
    <endEvent id="end"/>""",
    "start > write > tell > end",
    process="small_referral",
)
FORM = b'{"type": "default", "components": [{"type": "number", "key": "points", "label": "Po\xc3\xa4ng"}]}'


def test_a_step_that_fails_keeps_what_was_sent_and_waits_for_the_operator(people: Callers) -> None:
    deploy(people, write__form=FORM)
    assert deploy(people, p__bpmn=NO_WAY_ON).status_code == 201
    assert open_case(people).status_code == 201
    failed = complete(people, "officer", {"points": 3})
    assert failed.status_code == 409
    assert failed.json["code"] == "step_failed"
    assert len(people.officer.get("/tasks").json["items"]) == 1, "the task stands where it stood"
    (incident,) = people.operator.get("/incidents").json["items"]
    assert incident["action"] == "complete_task" and incident["state"] == "open"
    assert people.officer.get("/incidents").status_code == 403
    assert people.officer.post(f"/incidents/{incident['id']}/retry").status_code == 403
    assert people.operator.post(f"/incidents/{incident['id']}/retry").status_code == 409
    assert people.operator.post("/incidents/01900000-0000-7000-8000-000000000000/retry").status_code == 404
    assert people.officer.post(f"/incidents/{incident['id']}/skip", {"reason": "x"}).status_code == 403
    assert people.operator.post(f"/incidents/{incident['id']}/skip", {"reason": " "}).status_code == 422
    assert people.operator.post(f"/incidents/{incident['id']}/skip", {"reason": "sent anew"}).json["state"] == "skipped"
    assert people.operator.post(f"/incidents/{incident['id']}/retry").status_code == 409
    assert people.operator.get("/incidents").json["items"] == []
    assert people.operator.get("/instances?has_incident=true").json["items"] == []


def test_a_step_of_the_system_that_lacks_something_is_no_fault_of_whoever_did_the_step_before(people: Callers) -> None:
    deploy(people, write__form=FORM)
    assert deploy(people, p__bpmn=LACKING).status_code == 201
    assert open_case(people).status_code == 201
    failed = complete(people, "officer", {"points": 3})
    assert (failed.status_code, failed.json["code"]) == (409, "step_failed")
    (incident,) = people.operator.get("/incidents").json["items"]
    assert (incident["element_id"], incident["sentence"]) == ("tell", "The step needs 'subject'.")
    instance = people.operator.get("/instances").json["items"][0]["id"]
    tag = people.operator.get(f"/instances/{instance}").headers["ETag"]
    held = people.operator.post(f"/instances/{instance}/suspend", {"reason": "Väntar"}, headers={"If-Match": tag})
    assert held.status_code == 200, held.text
    assert people.operator.post(f"/incidents/{incident['id']}/retry").status_code == 409
    (left,) = people.operator.get("/incidents").json["items"]
    assert (left["sentence"], left["attempts"]) == ("The step needs 'subject'.", 1), "nothing was tried"


def test_without_a_database_it_lives_but_is_not_ready_and_says_when_to_come_back(tmp_path: Path) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    app = create_app(Settings(data_dir=tmp_path), gone)
    officer = Caller(app.test_client(), PEOPLE["officer"].token)
    assert officer.get("/livez").status_code == 200
    for path in ("/readyz", "/me", "/cases", "/metrics"):
        answer = officer.get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json["code"] == "unavailable"
        assert "127.0.0.1" not in answer.text and "psycopg" not in answer.text


def test_a_full_disk_is_told_and_nothing_is_half_done(
    people: Callers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/cases/{known_ids(database)['case_id'][0]}/documents"
    large = multipart(("file", "a.txt", b"x" * 2_000_000))

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    for place in ("werkzeug.formparser.SpooledTemporaryFile", "store.files.tempfile.NamedTemporaryFile"):
        with monkeypatch.context() as patch:
            patch.setattr(place, full)
            answer = people.officer.post(address, **large)
            assert (answer.status_code, answer.json["code"]) == (503, "unavailable"), place
            assert int(answer.headers["Retry-After"]) > 0
    assert len(people.officer.get(address).json["items"]) == 1
    assert people.officer.post(address, **large).status_code == 201


def test_what_nobody_foresaw_is_logged_under_a_number_and_told_without_details(
    people: Callers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(tasks, "find_tasks", fail)
    with caplog.at_level(logging.ERROR):
        answer = people.officer.get("/tasks")
    assert answer.status_code == 500
    assert answer.json["code"] == "internal"
    assert "secret" not in answer.text and "ZeroDivision" not in answer.text
    number = caplog.records[-1].getMessage().split()[2]
    assert number in answer.json["detail"]


@pytest.mark.parametrize(
    "condition",
    [
        "count(for a in 1..1000, b in 1..1000 return a) &gt; points",
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "^(a|aa)+$!") and points &gt; 0',
        "sum(for i in 1..10000000 return i) &gt; points",
    ],
)
def test_an_expression_that_is_stopped_is_a_step_that_fails_and_keeps_what_was_sent(
    people: Callers, condition: str
) -> None:
    deploy(people, write__form=FORM)
    endless = NO_WAY_ON.replace(b"points = 1", condition.encode())
    assert deploy(people, p__bpmn=endless).status_code == 201
    assert open_case(people).status_code == 201
    failed = complete(people, "officer", {"points": 3})
    assert (failed.status_code, failed.json["code"]) == (409, "step_failed"), failed.text
    (incident,) = people.operator.get("/incidents").json["items"]
    assert incident["code"] == "expression_limit"


def test_a_case_whose_first_step_cannot_be_taken_is_not_opened_and_says_why(people: Callers) -> None:
    often = bpmn(
        OPENING + '<intermediateCatchEvent id="t" name="T"><timerEventDefinition id="d">'
        '<timeCycle>=&quot;R/PT0S&quot;</timeCycle></timerEventDefinition></intermediateCatchEvent><endEvent id="e"/>',
        "start > t > e",
        process="small_referral",
    )
    assert deploy(people, p__bpmn=often).status_code == 201
    refused = open_case(people)
    assert refused.status_code == 409 and "at least a minute" in refused.json["detail"], refused.text
    assert people.manager.get("/cases").json["items"] == []
