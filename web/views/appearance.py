"""The organisation's colours and logo."""

from __future__ import annotations

import flask

from store.errors import NotFound
from web import context

blp = flask.Blueprint("appearance", __name__)

CACHED = "public, max-age=3600"


@blp.get("/theme.css")
def theme() -> flask.Response:
    """The two colours of which the theme makes all others."""
    look = context.appearance()
    css = f":root {{ --organization-main: {look.main}; --organization-accent: {look.accent}; }}\n"
    return _kept(flask.Response(css, mimetype="text/css"))


@blp.get("/logo")
def logo() -> flask.Response:
    """The picture at the top of every page."""
    found = context.appearance().logo
    if found is None:
        raise NotFound("This organisation has no logo.")
    response = flask.Response(found.content, mimetype=found.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return _kept(response)


def _kept(response: flask.Response) -> flask.Response:
    response.headers["Cache-Control"] = CACHED
    return response
