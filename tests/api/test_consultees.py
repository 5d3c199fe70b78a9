"""Consultees over HTTP: a municipality sees its own question only, and answers once."""

from __future__ import annotations

from store.database import Database
from tests.api.conftest import Callers
from tests.api.register import known_ids


def test_a_municipality_that_answers_twice_is_told_and_its_first_answer_stands(
    people: Callers, database: Database
) -> None:
    address = f"/consultees/{known_ids(database)['consultee_id'][0]}"
    assert [each["status"] for each in people.umea.get("/consultees").json["items"]] == ["invited"]
    first = people.registrar.post(f"{address}/answer", {"answer_kind": "approve", "answer_text": "Tillstyrks 👍"})
    assert first.json["status"] == "answered"
    second = people.registrar.post(f"{address}/answer", {"answer_kind": "object"})
    assert second.status_code == 409
    assert people.umea.get(address).json == first.json


def test_more_time_means_a_later_day(people: Callers, database: Database) -> None:
    address = f"/consultees/{known_ids(database)['consultee_id'][0]}"
    answer = people.umea.post(f"{address}/ask-extension", {"new_date": "2000-02-29", "reason": "Sommar"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "new_date"
    asked = people.umea.post(f"{address}/ask-extension", {"new_date": "2199-01-07", "reason": "Sommar"})
    assert asked.json["status"] == "extension_asked"
    (told,) = people.umea.get(f"{address}/extensions").json["items"]
    assert (told["asked_until"], told["reason"], told["granted"]) == ("2199-01-07", "Sommar", None)


def test_an_answer_that_is_none_is_refused(people: Callers, database: Database) -> None:
    address = f"/consultees/{known_ids(database)['consultee_id'][0]}"
    assert people.registrar.post(f"{address}/answer", {"answer_kind": "maybe"}).status_code == 422
    assert people.registrar.post(f"{address}/answer", {"answer_kind": "approve", "typename": "x"}).status_code == 422
