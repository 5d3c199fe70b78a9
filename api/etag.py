"""Entity tags (RFC 9110 §8.8.3): which version of a thing somebody has read.

A tag is strong and made of the row's id and its version, so that nothing has to be rendered to compare it.
"""

from __future__ import annotations

import re
from typing import Protocol
from uuid import UUID

import flask

from api.problems import PreconditionRequired
from store.errors import Stale

TAG = re.compile(r'"([0-9a-f]{32})\.([0-9]{1,18})"')


class Versioned(Protocol):
    """A row that people edit, or what a question says about one."""

    @property
    def id(self) -> UUID:
        """Its key."""

    @property
    def version(self) -> int:
        """Counts its changes."""


def tag(thing: Versioned) -> str:
    """The value of an ETag header."""
    return f'"{thing.id.hex}.{thing.version}"'


def expected_version(thing_id: UUID) -> int:
    """The version of a thing that the caller has read, from If-Match.

    Raises PreconditionRequired without the header, Stale when its tag is not one of this thing.
    """
    header = flask.request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        raise PreconditionRequired("Read it first, and send the ETag that you got back as If-Match with your change.")
    match = TAG.fullmatch(header)
    if match is None or match[1] != thing_id.hex:
        raise Stale("If-Match does not hold an ETag of this thing. Read it again and repeat what you wanted to do.")
    return int(match[2])


def answer_not_modified(response: flask.Response) -> flask.Response:
    """Empty an answer that the caller already has (If-None-Match)."""
    if flask.request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    value, weak = response.get_etag()
    if value is not None and not weak and flask.request.if_none_match.contains(value):
        response.status_code = 304
        response.set_data(b"")
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
    return response
