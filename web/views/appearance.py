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


@blp.get("/icon.svg")
def icon() -> flask.Response:
    """The picture in the browser's tab: two hands' worth of the organisation's colours."""
    look = context.appearance()
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<rect width="16" height="16" rx="3" fill="{look.main}"/>'
        '<path d="M4 3v10M12 3v10M4 8h8" stroke="white" stroke-width="2.4" stroke-linecap="round"/></svg>'
    )
    return _kept(flask.Response(svg, mimetype="image/svg+xml"))


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
