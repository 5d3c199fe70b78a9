"""The document promises what the API does: every operation, every answer, and nothing without a token."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from openapi_spec_validator import validate

from api.problems import MEDIA_TYPE, SWEDISH
from tests.api.conftest import Caller, Callers

OPEN = {"/livez", "/readyz"}


def operations(app: flask.Flask) -> list[tuple[str, str, dict[str, Any]]]:
    document = app.extensions["document"]()
    return [(path, method, each) for path, methods in document["paths"].items() for method, each in methods.items()]


def filled(path: str) -> str:
    """A path with ids of nothing."""
    return path.replace("{", "").replace("}", "") if "_id}" not in path else _with_ids(path)


def _with_ids(path: str) -> str:
    return "/".join(
        "01900000-0000-7000-8000-000000000000" if step.endswith("_id}") else "1" if step == "{number}" else step
        for step in path.split("/")
    )


def test_the_document_is_openapi_3_1(app: flask.Flask) -> None:
    document = app.extensions["document"]()
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_address_of_the_application_is_in_the_document(app: flask.Flask) -> None:
    documented = {path.replace("{", "<").replace("}", ">") for path in app.extensions["document"]()["paths"]}
    served = {_without_converters(str(rule)) for rule in app.url_map.iter_rules()}
    assert served == documented


def _without_converters(rule: str) -> str:
    return "/".join("<" + step.split(":")[-1].lstrip("<") if step.startswith("<") else step for step in rule.split("/"))


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(app: flask.Flask) -> None:
    names = [each["operationId"] for _, _, each in operations(app)]
    assert len(names) == len(set(names))
    assert all(each["summary"].endswith(".") for _, _, each in operations(app))


def test_problems_are_promised_as_problem_json_only(app: flask.Flask) -> None:
    for name, answer in app.extensions["document"]()["components"]["responses"].items():
        assert list(answer["content"]) == [MEDIA_TYPE], name


def test_nothing_but_health_answers_without_a_token(app: flask.Flask, people: Callers) -> None:
    for path, method, operation in operations(app):
        answer = people.stranger.call(method.upper(), filled(path))
        if path in OPEN:
            assert answer.status_code == 200 and operation["security"] == []
        else:
            assert answer.status_code == 401, (method, path)
            assert answer.content_type == MEDIA_TYPE
            assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_token_that_nobody_has_opens_nothing(app: flask.Flask) -> None:
    unknown = Caller(app.test_client(), "hs_" + "x" * 40)
    for path, method, _ in operations(app):
        assert path in OPEN or unknown.call(method.upper(), filled(path)).status_code == 401, (method, path)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Bearer hs_test_stab_officer ", "Basic aGVqOmhlag==", "Bearer " + "é" * 20]
)
def test_a_token_that_is_not_one_opens_nothing(people: Callers, header: str) -> None:
    expected = 200 if header.strip() == "Bearer hs_test_stab_officer" else 401
    assert (
        people.stranger.get("/me", headers={"Authorization": header.encode("latin-1").decode("latin-1")}).status_code
        == expected
    )


def test_the_page_opens_in_a_browser_with_the_token_as_password(people: Callers) -> None:
    import base64

    password = base64.b64encode(b"anybody:hs_test_stab_officer").decode()
    page = people.stranger.get("/docs", headers={"Authorization": f"Basic {password}"})
    assert page.status_code == 200
    assert b"<script" not in page.data and b"http://" not in page.data and b"https://" not in page.data
    assert b"/api/v1/me" in page.data


def test_only_an_operator_reads_the_metrics(people: Callers) -> None:
    assert people.officer.get("/metrics").status_code == 403
    assert b"handslag_tasks_open" in people.operator.get("/metrics").data


def test_a_method_that_an_address_does_not_take_is_named_with_those_it_takes(people: Callers) -> None:
    answer = people.officer.call("DELETE", "/me")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json and answer.json["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "language, title",
    [("sv", "Det finns inte"), ("sv-SE,sv;q=0.9,en;q=0.8", "Det finns inte"), ("de", "It was not found")],
)
def test_titles_are_in_the_readers_language(people: Callers, language: str, title: str) -> None:
    answer = people.officer.get("/nothing", headers={"Accept-Language": language})
    assert answer.json and answer.json["title"] == title and answer.json["code"] == "not_found"


def test_what_to_do_is_said_in_swedish_where_swedish_is_known(app: flask.Flask, people: Callers) -> None:
    known = {
        "There is no body '%(key)s'. Check the organisation profile.": "Organet %(key)s finns inte.",
        "Write 1 to 200 characters.": "Skriv 1 till 200 tecken.",
        "The field '%(field)s' has the key '%(key)s'.": "Fältet %(field)s har nyckeln %(key)s.",
    }
    app.extensions[SWEDISH] = lambda message: known.get(message, message)
    swedish = {"Accept-Language": "sv"}
    meeting = {"body": "nobody", "starts_at": "2199-04-15T07:00:00Z", "place": "Umeå"}
    refused = people.secretary.post("/meetings", meeting, headers=swedish)
    assert refused.json and refused.json["detail"] == "Organet nobody finns inte."
    wrong = people.secretary.post("/meetings", meeting | {"place": ""}, headers=swedish)
    assert wrong.json and "Skriv 1 till 200 tecken." in [each["sentence"] for each in wrong.json["errors"]]
    form = '{"components": [{"type": "textfield", "label": "Namn", "key": "a b"}]}'
    found = people.owner.post("/definitions", {"files": [{"name": "x.form", "content": form}]}, headers=swedish)
    assert found.json and found.json["errors"][0]["sentence"] == "Fältet Namn har nyckeln a b."
    english = people.secretary.post("/meetings", meeting)
    assert english.json and english.json["detail"].startswith("There is no body 'nobody'.")
