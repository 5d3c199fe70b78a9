"""Who reaches what: each resource with those who may, those who may not, and those for whom it does not exist."""

from __future__ import annotations

from typing import Any

import pytest

from store import clock
from store.database import Database
from tests.api.conftest import Callers
from tests.api.register import known_ids

READING: dict[str, dict[str, int]] = {
    "/me": {"officer": 200, "umea": 200},
    "/organizations": {"officer": 200, "umea": 200},
    "/bodies": {"officer": 200, "umea": 200},
    "/bodies/{body_id}": {"officer": 200, "umea": 200},
    "/bodies/{body_id}/members": {"officer": 200, "umea": 403},
    "/cases": {"officer": 200, "chair": 200, "umea": 200},
    "/cases/{case_id}": {"officer": 200, "chair": 200, "umea": 404},
    "/cases/{case_id}/events": {"officer": 200, "umea": 404},
    "/tasks": {"officer": 200, "umea": 200},
    "/tasks/{task_id}": {"officer": 200, "manager": 200, "chair": 404, "umea": 404},
    "/deadlines": {"officer": 200, "umea": 403},
    "/deadlines/{deadline_id}": {"officer": 200, "umea": 403},
    "/deadlines/{deadline_id}/extensions": {"officer": 200, "umea": 403},
    "/meetings": {"officer": 200, "umea": 200},
    "/meetings/{meeting_id}": {"officer": 200, "umea": 404},
    "/meetings/{meeting_id}/agenda": {"officer": 200, "umea": 404},
    "/agenda-items/{item_id}": {"officer": 200, "umea": 404},
    "/agenda-items/{item_id}/samrad": {"officer": 200, "umea": 404},
    "/agenda-items/{item_id}/completions": {"officer": 200, "umea": 404},
    "/referrals": {"officer": 200, "umea": 200},
    "/referrals/{referral_id}": {"officer": 200, "umea": 200},
    "/consultees": {"officer": 200, "umea": 200},
    "/consultees/{consultee_id}": {"officer": 200, "umea": 200},
    "/consultees/{consultee_id}/extensions": {"officer": 200, "umea": 200},
    "/cases/{case_id}/plan": {"officer": 200, "chair": 200, "umea": 404},
    "/cases/{case_id}/documents": {"officer": 200, "chair": 200, "umea": 404},
    "/documents": {"officer": 200, "umea": 200},
    "/documents/{document_id}": {"officer": 200, "chair": 200, "umea": 404},
    "/documents/{document_id}/versions": {"officer": 200, "umea": 404},
    "/documents/{document_id}/versions/1/content": {"officer": 200, "umea": 404},
    "/documents/{document_id}/attachments": {"officer": 200, "umea": 404},
    "/decisions": {"officer": 200, "umea": 403},
    "/overdue": {"manager": 200, "officer": 200, "umea": 403},
    "/at-risk": {"manager": 200, "umea": 403},
    "/coming": {"manager": 200, "umea": 403},
    "/standings": {"manager": 200, "officer": 403, "umea": 403},
    "/weeks": {"manager": 200, "officer": 403, "umea": 403},
    "/months": {"manager": 200, "officer": 403, "umea": 403},
    "/heat?process_key=waits": {"manager": 200, "officer": 403, "umea": 403},
    "/passages": {"manager": 200, "officer": 403, "umea": 403},
    "/responses": {"manager": 200, "officer": 403, "umea": 403},
    "/counts": {"manager": 200, "officer": 403, "umea": 403},
    "/incidents": {"operator": 200, "manager": 200, "officer": 403, "umea": 403},
    "/definitions": {"officer": 200, "owner": 200},
    "/definitions/{definition_id}": {"officer": 200},
    "/operations": {"officer": 200, "owner": 200},
    "/metrics": {"operator": 200, "officer": 403, "umea": 403},
    "/openapi.json": {"officer": 200, "umea": 200},
}
DOING: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("/messages", {"name": "StatementLate"}, {"operator": 201, "owner": 201, "officer": 403, "chair": 403, "umea": 403}),
    ("/clock", {"days": 1}, {"operator": 200, "officer": 403, "umea": 403}),
    ("/deadlines/{deadline_id}/extend", {"new_date": "2099-01-07", "reason": "Anstånd"}, {"officer": 200, "manager": 403, "umea": 404}),
    ("/meetings", {"body": "run", "starts_at": f"{clock.today().year + 1}-01-07T09:00:00+01:00"}, {"secretary": 201, "officer": 403, "au_secretary": 403, "umea": 403}),
    ("/meetings/{meeting_id}/summon", {}, {"secretary": 200, "officer": 403, "au_secretary": 403, "umea": 404}),
    ("/meetings/{meeting_id}/cancel", {"reason": "Inga ärenden"}, {"chair": 200, "officer": 403, "umea": 404}),
    ("/agenda-items/{item_id}/outcome", {"outcome": "adopted", "text": "x"}, {"au_secretary": 403, "officer": 403, "umea": 404, "secretary": 409}),
    ("/agenda-items/{item_id}/order", {"before_id": None}, {"au_secretary": 403, "officer": 403, "umea": 404, "secretary": 200}),
    ("/agenda-items/{item_id}/completions", {"description": "Karta"}, {"chair": 403, "umea": 404, "officer": 409}),
    ("/referrals/{referral_id}/stop", {"reason": "Återkallad"}, {"chair": 403, "umea": 403, "officer": 409}),
    ("/consultees/{consultee_id}/answer", {"answer_kind": "approve"}, {"umea": 403, "chair": 403, "registrar": 200}),
    ("/consultees/{consultee_id}/ask-extension", {"new_date": "2199-01-07", "reason": "Sommar"}, {"umea": 200}),
    ("/consultees/{consultee_id}/abstain", {"reason": "Berörs inte"}, {"officer": 403, "umea": 409}),
    ("/tasks/{task_id}/claim", {}, {"officer": 200, "manager": 403, "umea": 404}),
]  # fmt: skip


@pytest.mark.parametrize("path", READING)
def test_a_question_is_answered_to_those_who_may_ask_it(people: Callers, database: Database, path: str) -> None:
    address = path.format(**{name: ids[0] for name, ids in known_ids(database).items()})
    for name, expected in {**READING[path], "stranger": 401}.items():
        assert getattr(people, name).get(address).status_code == expected, name


@pytest.mark.parametrize("path, body, expected", DOING, ids=[path for path, _, _ in DOING])
def test_a_verb_is_carried_out_for_those_who_may(
    people: Callers, database: Database, path: str, body: dict[str, Any], expected: dict[str, int]
) -> None:
    address = path.format(**{name: ids[0] for name, ids in known_ids(database).items()})
    read = people.officer.get(address.rpartition("/")[0]) if "{" in path else None
    headers = {"If-Match": read.headers.get("ETag", "")} if read is not None else {}
    refused_first = sorted(expected.items(), key=lambda pair: -pair[1])
    for name, status in [("stranger", 401), *refused_first]:
        answer = getattr(people, name).post(address, body or None, headers=headers)
        assert answer.status_code == status, (name, answer.text)


def test_an_extension_moves_a_deadline_forward_once_and_is_remembered(people: Callers, database: Database) -> None:
    address = f"/deadlines/{known_ids(database)['deadline_id'][0]}"
    tag = people.officer.get(address).headers["ETag"]
    body = {"new_date": "2099-01-07", "reason": "Anstånd", "granted_by": "Departementet"}
    assert people.officer.post(f"{address}/extend", body).status_code == 428
    moved = people.officer.post(f"{address}/extend", body, headers={"If-Match": tag})
    assert moved.json["due_on"] == "2099-01-07"
    assert people.officer.post(f"{address}/extend", body, headers={"If-Match": tag}).status_code == 412
    back = {**body, "new_date": "2000-02-29"}
    refused = people.officer.post(f"{address}/extend", back, headers={"If-Match": moved.headers["ETag"]})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "new_date"
    (extension,) = people.officer.get(f"{address}/extensions").json["items"]
    assert extension["new_date"] == "2099-01-07" and extension["granted_by"] == "Departementet"
