"""The OpenAPI document: flask-smorest's, completed so that every answer that may come is in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api import idempotency, problems

PARAMETERS: dict[str, Any] = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag that was read. Without it 428, with an old one 412.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "An ETag that the caller has; 304 if it is still right.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "required": False,
        "description": "A part of the file, such as bytes=0-1023; answered with 206.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    },
    "IdempotencyKey": {
        "name": idempotency.HEADER,
        "in": "header",
        "required": False,
        "description": "A new key (a UUID) for each new thing; a repeated request with it gets the same answer.",
        "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,128}$"},
    },
}
CHANGING = ("post", "put", "patch", "delete")


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """Complete and return the document that flask-smorest made."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["schemas"].pop("PaginationMetadata", None)  # flask-smorest's own paging, which is not used
    components["parameters"] = PARAMETERS
    components["responses"] = {f"Problem{status}": _problem(status) for status in sorted(problems.TITLES)}
    document["security"] = [{"token": []}]
    for path, methods in document["paths"].items():
        shared = methods.pop("parameters", [])
        for method, operation in methods.items():
            if shared:
                operation["parameters"] = [*shared, *operation.get("parameters", [])]
            _finish_operation(path, method, operation)
    return document


def _finish_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    notes = operation.pop("x-house", {})
    parameters: list[Any] = operation.setdefault("parameters", [])
    answers: dict[str, Any] = operation.setdefault("responses", {})
    if notes.get("public"):
        operation["security"] = []
    for flag, name in (("if_match", "IfMatch"), ("idempotent", "IdempotencyKey")):
        if notes.get(flag):
            parameters.append({"$ref": f"#/components/parameters/{name}"})
    if method == "get" and "ETag" in answers.get("200", {}).get("headers", {}):
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
        answers["304"] = {"description": "The caller has it already.", "headers": answers["200"]["headers"]}
    if notes.get("parts"):
        parameters.append({"$ref": "#/components/parameters/Range"})
        answers["206"] = {**answers["200"], "description": "The part that was asked for."}
    told = {status for status in answers if status >= "400"} | {
        str(each) for each in _problem_statuses(path, method, notes)
    }
    answers.update({status: {"$ref": f"#/components/responses/Problem{status}"} for status in told})
    operation["responses"] = dict(sorted(answers.items()))
    if not parameters:
        del operation["parameters"]
    operation.setdefault("operationId", _operation_id(path, method))


def _problem_statuses(path: str, method: str, notes: dict[str, Any]) -> list[int]:
    if notes.get("public"):
        return list(notes.get("problems", ()))
    statuses = {401, 403, 503, *notes.get("problems", ())}
    if "{" in path:
        statuses.add(404)
    if notes.get("query"):
        statuses.add(422)
    if method in CHANGING:
        statuses |= {400, 404, 409, 412, 413, 415, 422}
    if notes.get("if_match"):
        statuses.add(428)
    return sorted(statuses)


def _problem(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": problems.TITLES[status][0],
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == HTTPStatus.UNAUTHORIZED:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return answer


def _operation_id(path: str, method: str) -> str:
    words = [word.strip("{}") for word in path.removeprefix("/api/v1").strip("/").split("/")]
    return "_".join([method, *words]).replace("-", "_").replace(".", "_")
