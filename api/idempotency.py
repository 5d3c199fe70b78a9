"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a creating POST that is sent twice happens once.

The record of the key, the verb and the answer are written in one transaction (`Database.joined`), so there is no
instant at which a process may die and leave one without the others: either the repeat finds the answer, or nothing
had happened and the repeat is the first.

Only answers that changed something (2xx) are kept; after a refusal the same key may be used for a corrected request.
On PostgreSQL a repeat that arrives while the first is still at work gets a 409 at once; on the embedded database
writers queue, so it waits for the first and gets its answer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

import flask
from sqlalchemy import Index, UniqueConstraint, delete, select, text
from sqlalchemy.orm import Mapped, Session

from api import context
from api.bodies import parse_json
from store import clock
from store.base import Base, Identified
from store.errors import Conflict, Invalid
from store.sentences import say

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,128}")
KEPT = timedelta(hours=24)
"""How long a repeat is recognised, on the product's clock."""
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Link")

P = ParamSpec("P")


class IdempotencyRecord(Identified, Base):
    """The answer that was given to a request under a key."""

    __tablename__ = "idempotency_record"

    actor_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[str]
    """SHA-256 of what was asked: the same key with another question is a mistake of the client's."""
    created_at: Mapped[datetime]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]

    __table_args__ = (
        UniqueConstraint("actor_id", "key"),
        Index("ix_idempotency_record_age", "actor_id", "created_at"),
    )


class KeyReused(Invalid):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class InFlight(Conflict):
    """The first request with this key is not finished."""

    code = "idempotency_in_flight"


def idempotent(view: Callable[P, Any]) -> Callable[P, Any]:
    """Answer a repeated request with the answer of the first; must be the outermost decorator of a view."""

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
        key = flask.request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if KEY.fullmatch(key) is None:
            raise Invalid(say("%(header)s must be 1 to 128 visible ASCII characters, such as a UUID.", header=HEADER))
        return _once(key, fingerprint(flask.request), lambda: view(*args, **kwargs))

    return wrapper


def _once(key: str, asked: str, carry_out: Callable[[], Any]) -> flask.Response:
    actor = context.actor()
    failure: Exception | None = None
    with context.database().joined() as session:
        _reserve(session, actor.person_id, key)
        kept = _find(session, actor.person_id, key)
        if kept is not None:
            return _repeat(kept, asked)
        try:
            response: flask.Response = flask.make_response(carry_out())
        except Exception as error:  # what a failed verb left on purpose (an incident) is to be committed
            failure = error
        else:
            _keep(session, key, asked, response)
    if failure is not None:
        raise failure
    return response


def _reserve(session: Session, actor_id: UUID, key: str) -> None:
    """Let one request with a key through at a time."""
    if session.get_bind().dialect.name != "postgresql":
        return  # the transaction already holds the only write lock
    digest = hashlib.sha256(f"{actor_id}/{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}):
        raise InFlight(
            "The first request with this key is still being carried out. Ask again in a moment.", retry_after=1
        )


def _find(session: Session, actor_id: UUID, key: str) -> IdempotencyRecord | None:
    too_old = clock.now() - KEPT
    session.execute(
        delete(IdempotencyRecord).where(IdempotencyRecord.actor_id == actor_id, IdempotencyRecord.created_at < too_old)
    )
    return session.scalar(
        select(IdempotencyRecord).where(IdempotencyRecord.actor_id == actor_id, IdempotencyRecord.key == key)
    )


def _repeat(kept: IdempotencyRecord, asked: str) -> flask.Response:
    if kept.fingerprint != asked:
        raise KeyReused("This key was used for another request. Take a new key for each new thing that you ask for.")
    response = flask.Response(kept.body, status=kept.status)
    response.headers.update(kept.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _keep(session: Session, key: str, asked: str, response: flask.Response) -> None:
    if not 200 <= response.status_code < 300:
        return
    session.add(
        IdempotencyRecord(
            organization_id=context.actor().organization_id,
            actor_id=context.actor().person_id,
            key=key,
            fingerprint=asked,
            created_at=clock.now(),
            status=response.status_code,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            body=response.get_data(),
        )
    )


def fingerprint(request: flask.Request) -> str:
    """SHA-256 of what a request asks for. How JSON is spaced and how multipart is cut do not count."""
    digest = hashlib.sha256()

    def add(part: str | bytes) -> None:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)

    for part in (request.method, request.path, request.query_string):
        add(part)
    if request.mimetype == "multipart/form-data":
        # a part without a name has None for one, which does not sort
        for name, value in sorted((name or "", value) for name, value in request.form.items(multi=True)):
            add(name)
            add(value)
        parts = [(name or "", file.filename or "", file.stream) for name, file in request.files.items(multi=True)]
        for name, file_name, stream in sorted(parts, key=lambda part: part[:2]):
            add(name)
            add(file_name)
            digest.update(hashlib.file_digest(stream, "sha256").digest())  # type: ignore[arg-type]
            stream.seek(0)
    elif request.is_json and request.content_length:
        add(json.dumps(parse_json(request.get_data(cache=True)), sort_keys=True))
    else:
        add(request.get_data(cache=True))
    return digest.hexdigest()
