"""Who is calling: bearer tokens (RFC 6750).

Tokens are long and random, stored as hashes and looked up by their hash (`committee.access`), so that the time a
look-up takes says nothing about a token's letters. Everything needs one but the two health questions.
"""

from __future__ import annotations

import base64
import binascii
import re

import flask

from api import context
from api.problems import Unauthenticated
from committee import access

TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,256}")

BEARER = 'Bearer realm="handslag"'
BEARER_OR_BASIC = 'Bearer realm="handslag", Basic realm="handslag", charset="UTF-8"'
"""For pages that are opened in a browser, which can only ask for a name and a password: the token is the password."""


def authenticate(*, browser: bool = False) -> None:
    """Put the caller into `flask.g.actor`. Raises Unauthenticated."""
    challenge = BEARER_OR_BASIC if browser else BEARER
    token = _token(flask.request.headers.get("Authorization", ""), browser)
    if token is None:
        raise Unauthenticated("Send a token in the header: Authorization: Bearer …", challenge=challenge)
    with context.database().asking() as db:
        actor = access.authenticate(db, token, demo=context.settings().environment == "development")
    if actor is None:
        unknown = f'{challenge}, error="invalid_token"' if not browser else challenge
        raise Unauthenticated(
            "This token is not known, or it is no longer valid. Ask the operator for one.", challenge=unknown
        )
    flask.g.actor = actor


def _token(header: str, browser: bool) -> str | None:
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if browser and scheme.lower() == "basic":
        try:
            _, _, value = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif scheme.lower() != "bearer":
        return None
    return value if TOKEN.fullmatch(value) else None
