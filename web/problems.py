"""Errors as pages: what happened, and what to do. One table says which status a branch of the tree has."""

from __future__ import annotations

import logging
from html import escape

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from committee.access import RoleMissing
from store.errors import (
    Conflict,
    Forbidden,
    HandslagError,
    Invalid,
    NotFound,
    Stale,
    TooLarge,
    Unavailable,
)
from store.paging import InvalidCursor
from web import navigation, session, terms
from web.language import _, told

log = logging.getLogger("handslag.web")

STATUS: tuple[tuple[type[HandslagError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Stale, 409),
    (Conflict, 409),
    (TooLarge, 413),
    (Invalid, 422),
    (Unavailable, 503),
)
"""The first that fits."""


def status_of(error: HandslagError) -> int:
    """The HTTP status of one of our errors; 500 for what is a fault of ours."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def sentence(error: HandslagError) -> str:
    """What happened and what to do, in the language of the page."""
    if isinstance(error, RoleMissing):
        roles = ", ".join(terms.role(key) for key in error.roles)
        return _(
            "This is for other roles than yours: %(roles)s. Ask the operator if you should have one of them.",
            roles=roles,
        )
    return told(error.message)


def from_own(error: HandslagError) -> tuple[str, int] | Response:
    """One of our errors. An address from the middle of a list that is another list now leads to its beginning."""
    status = status_of(error)
    if isinstance(error, InvalidCursor) and flask.request.method == "GET" and "cursor" in flask.request.args:
        return flask.redirect(navigation.here(cursor=None))
    if status == 500:
        log.error("page failed: %s", error, exc_info=error)
    return page(status, sentence(error), error.code)


def from_http(error: HTTPException) -> tuple[str, int, dict[str, str]] | Response:
    """No such page, or not like this."""
    asked = flask.request
    if (
        isinstance(error, MethodNotAllowed) and asked.method == "GET"
    ):  # a refused form stands there, and is asked for again
        if (place := navigation.above(asked.path, asked.query_string.decode("ascii", "ignore"))) is not None:
            return flask.redirect(place)
    sentences = {
        404: _("There is no such page. Go back, or begin from the first page."),
        405: _("This cannot be done here. Go back and try again."),
        413: _("What was sent is too large. Send less at a time."),
    }
    status = error.code or 500
    headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if isinstance(error, MethodNotAllowed) else {}
    sentence = sentences.get(status, _("This could not be understood. Go back and try again."))
    return *page(status, sentence, ""), headers


def from_unknown(error: Exception) -> tuple[str, int]:
    """A mistake of ours."""
    log.error("page failed", exc_info=error)
    return page(500, _("This is our mistake, and it has been noted. Try again, or tell the operator."), "internal")


def page(status: int, sentence: str, code: str) -> tuple[str, int]:
    """A page that says what is wrong; for a part of a page that asked, the sentence alone."""
    if "HX-Request" in flask.request.headers:
        return escape(sentence), status
    return flask.render_template(
        "problem.html", sentence=sentence, status=status, code=code, left=_written(status)
    ), status


def _written(status: int) -> list[tuple[str, str]]:
    """The texts of a form that no page of its own shows again: of a step that is not the reader's, a fault of ours."""
    request = flask.request
    if request.method != "POST" or status == 413 or not session.is_own_page():
        return []
    # A single word is chosen, or as soon written again.
    texts = [text for _name, text in request.form.items(multi=True) if len(text.split()) > 1]
    return [(_("Text %(number)s", number=number), text) for number, text in enumerate(texts, start=1)]
