"""Who is reading: a cookie with the token of a session (`committee.sessions`).

Forms are protected by what browsers say of themselves (Fetch Metadata, else Origin), not by hidden fields: a request
that changes something must come from our own pages. A sign-in that runs out in the middle of a long text loses
nothing: the sign-in page carries what was sent, and offers to send it again.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import flask
from werkzeug.wrappers import Response

from committee import access, sessions
from store.errors import Forbidden
from web import context
from web.language import _

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def cookie_name() -> str:
    """With the prefix that ties it to this host, where the pages are served over TLS."""
    return "__Host-handslag_session" if _is_secure() else "handslag_session"


def _is_secure() -> bool:
    return context.settings().environment == "production"


def is_signed_in() -> bool:
    """Put the reader into `flask.g.actor`; False when nobody is signed in, or no longer."""
    token = flask.request.cookies.get(cookie_name())
    if not token:
        return False
    with context.database().reading() as db:
        actor = access.authenticate(db.connection(), token)
    if actor is None:
        return False
    flask.g.actor = actor
    return True


def keep(response: Response, token: str) -> None:
    """Give the browser the session's token; scripts cannot read it, and other sites' forms do not send it."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def end(response: Response) -> None:
    """Sign out, here and in the register."""
    token = flask.request.cookies.get(cookie_name())
    if token:
        sessions.end(context.database(), token)
    response.delete_cookie(cookie_name(), secure=_is_secure(), httponly=True, samesite="Lax")


def is_own_page() -> bool:
    """Whether a page of ours has sent what is asked for."""
    site = flask.request.headers.get("Sec-Fetch-Site")
    origin = flask.request.headers.get("Origin")
    return (
        site == "same-origin"
        if site is not None
        else origin is not None and urlsplit(origin).netloc == flask.request.host
    )


def require_own_page() -> None:
    """Refuse a change that another site's page has sent. Raises Forbidden."""
    if flask.request.method not in SAFE_METHODS and not is_own_page():
        raise Forbidden(_("This was not sent from one of our pages. Open the page again and repeat it there."))


def inside(address: str | None) -> str:
    """An address of this site to go on to; anything else becomes the first page."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable():
        return address
    return flask.url_for("work.my_work")
