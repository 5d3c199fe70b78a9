"""Errors on the wire: RFC 9457 problem details, from one table.

Everything that goes wrong leaves as `application/problem+json` with a stable `code`, a title in the reader's language
and a sentence that says what to do. What we did not foresee is logged under an id and leaves without details.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from flask import Response, current_app, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from store import errors
from store.sentences import say, translated

MEDIA_TYPE = "application/problem+json"
SWEDISH = "swedish"
"""Where the app keeps what gives a message's Swedish."""
RETRY_SECONDS = 2
"""How long a client should wait before it asks again when the database was away or a request was in flight."""

log = logging.getLogger("handslag.api")

BRANCHES: tuple[tuple[type[errors.HandslagError], HTTPStatus], ...] = (
    (errors.NotFound, HTTPStatus.NOT_FOUND),
    (errors.Forbidden, HTTPStatus.FORBIDDEN),
    (errors.Stale, HTTPStatus.PRECONDITION_FAILED),
    (errors.Conflict, HTTPStatus.CONFLICT),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.NotUpgraded, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""Branches of the error tree, the narrower before the wider; what is in none of them is a 500."""

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("The request cannot be read", "Anropet går inte att läsa"),
    401: ("A token is needed", "Ett åtkomstbevis krävs"),
    403: ("You may not do this", "Du får inte göra detta"),
    404: ("It was not found", "Det finns inte"),
    405: ("This cannot be done here", "Detta kan inte göras här"),
    409: ("It is not in a state where this can be done", "Läget tillåter inte detta"),
    412: ("Somebody else has changed it", "Någon annan har ändrat det"),
    413: ("It is too large", "Det är för stort"),
    415: ("The media type is not accepted", "Innehållets format tas inte emot"),
    416: ("It has no such part", "Den delen finns inte"),
    422: ("What was sent cannot be accepted", "Uppgifterna kan inte godtas"),
    428: ("Say which version you have read", "Ange vilken version du har läst"),
    500: ("Something went wrong here", "Något gick fel hos oss"),
    503: ("Not available just now", "Inte tillgängligt just nu"),
}

CODES: Mapping[int, str] = {
    400: "unreadable",
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    412: "stale",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    422: "invalid",
    428: "precondition_required",
}
"""Codes of the errors that arise before a verb is reached."""

SENTENCES: Mapping[int, str] = {
    404: "There is nothing at this address. Check it against /api/v1/openapi.json.",
    405: "This address does not take that method; the Allow header names those that it takes.",
    416: "The file is shorter than the part that was asked for. Ask for a part of it, or leave Range out.",
}


MEND = "Correct the fields that are listed and send it again. Nothing was changed."


class Unreadable(errors.Invalid):
    """The body could not even be parsed."""

    code = "unreadable"


class Unauthenticated(errors.HandslagError):
    """No token, or one that is not known."""

    code = "unauthenticated"


class UnsupportedMediaType(errors.Invalid):
    """The body is of a kind that this operation does not read."""

    code = "unsupported_media_type"


class PreconditionRequired(errors.Invalid):
    """If-Match is missing on a change to something that people edit together (RFC 6585 §3)."""

    code = "precondition_required"


OWN_BRANCHES: tuple[tuple[type[errors.HandslagError], HTTPStatus], ...] = (
    (Unreadable, HTTPStatus.BAD_REQUEST),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (UnsupportedMediaType, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (PreconditionRequired, HTTPStatus.PRECONDITION_REQUIRED),
)


def status_of(error: errors.HandslagError) -> HTTPStatus:
    """The HTTP status of an error of ours."""
    for branch, status in OWN_BRANCHES + BRANCHES:
        if isinstance(error, branch):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    problems: tuple[Mapping[str, Any], ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as a response."""
    english, swedish = TITLES.get(status, (HTTPStatus(status).phrase, HTTPStatus(status).phrase))
    language = request.accept_languages.best_match(["en", "sv"]) or "en"
    gettext: Callable[[str], str] = current_app.extensions[SWEDISH] if language == "sv" else str
    body: dict[str, Any] = {
        "type": f"urn:handslag:problem:{code}",
        "title": swedish if language == "sv" else english,
        "status": status,
        "code": code,
        "detail": translated(detail, gettext),
    }
    if problems:
        body["errors"] = [
            {
                name: translated(value, gettext) if name in ("sentence", "hint") else value
                for name, value in each.items()
            }
            for each in problems
        ]
    response = Response(orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    response.vary.add("Accept-Language")
    response.content_language.add(language)
    return response


def from_own(error: errors.HandslagError) -> Response:
    """An error that we raised on purpose."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return from_unknown(error)
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = error.details.get("challenge", 'Bearer realm="handslag"')
    if status == HTTPStatus.SERVICE_UNAVAILABLE or "retry_after" in error.details:
        headers["Retry-After"] = str(error.details.get("retry_after", RETRY_SECONDS))
    return problem(status, error.code, error.message, problems=error.errors, headers=headers)


def from_disk(error: OSError) -> Response:
    """The machine's trouble: a full disk is nobody's mistake here, all else is ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("the disk is full: %s", error)
        return from_own(errors.Unavailable("The server's disk is full. Nothing was changed; tell the operator."))
    return from_unknown(error)


def _elsewhere(status: int) -> str | None:
    """What is said of an address that only another setting brings."""
    if status == HTTPStatus.NOT_FOUND and request.path == "/api/v1/clock":
        return "The clock is the real one. Start with HANDSLAG_CLOCK=simulated to move it."
    return None


def from_http(error: HTTPException) -> Response:
    """An error of Flask, Werkzeug or webargs: no such address, wrong method, wrong fields."""
    status = error.code or 500
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return from_unknown(getattr(error, "original_exception", None) or error)
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    fields = tuple(flatten(data.get("messages", {})))
    detail = _elsewhere(status) or SENTENCES.get(status) or error.description or HTTPStatus(status).phrase
    if fields:
        detail = MEND
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Location")}
    return problem(status, CODES.get(status, f"http_{status}"), detail, problems=fields, headers=kept)


def from_fields(error: ValidationError) -> Response:
    """A body that a view read itself and that has wrong fields."""
    return problem(422, CODES[422], MEND, problems=tuple(flatten(error.messages)))


def from_unknown(error: BaseException) -> Response:
    """What we did not foresee: all of it to the log, nothing of it to the wire but an id to find it by."""
    number = uuid4().hex[:12]
    log.error("unforeseen error %s in %s %s", number, request.method, request.url_rule, exc_info=error)
    told = say(
        "This is our mistake. Nothing was changed. Tell the operator the number %(number)s, it is in the log.",
        number=number,
    )
    return problem(500, "internal", told)


def flatten(messages: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Marshmallow's nested messages as one line a field: `{"field": "consultees.2.key", "sentence": …}`."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            skipped = not path and name in ("json", "query", "form", "files", "json_or_form")
            step = "" if skipped or name == "_schema" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(messages, list):
        for inner in messages:
            yield from flatten(inner, path)
    else:
        yield {"field": path, "sentence": str(messages)}
