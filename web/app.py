"""The WSGI application of the pages."""

from __future__ import annotations

import gzip
import importlib

import flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from committee.appearance import read_appearance
from store.database import Database
from store.errors import HandslagError, Invalid, NotFound
from store.settings import Settings
from web import assets, background, context, health, language, navigation, problems, session, terms, words
from web.headers import HEADERS
from web.language import _
from web.views import sign_in
from web.views.case_documents import ENVELOPE_BYTES

VIEWS = (
    "appearance",
    "sign_in",
    "me",
    "work",
    "tasks",
    "cases",
    "case_dates",
    "case_documents",
    "case_verbs",
    "consultations",
    "municipality",
    "meetings",
    "agenda",
    "attendance",
    "rescheduling",
    "meeting_plan",
    "studio_drafts",
    "studio_trials",
    "studio",
    "studio_deploy",
    "studio_migrate",
    "studio_work",
    "register",
    "board",
    "board_heat",
    "board_figures",
    "operation",
    "instances",
    "studio_editors",
    "studio_scenarios",
)
"""Modules of `web/views/` with a blueprint `blp`."""
OPEN = ("appearance", "sign_in")
"""Those of them that need no sign-in."""
INSIDE = frozenset(
    (
        "register", "board", "board_heat", "board_figures", "operation", "instances", "case_verbs", "case_dates", *navigation.STUDIO,
        "consultations.offer_answer", "consultations.register_answer", "consultations.offer_stop", "consultations.stop",
        "cases.read_timeline", "case_documents.add_documents", "case_documents.add_version", "meeting_plan",
    )
)  # fmt: skip
"""Those of them, and single pages, that are for the organisation's own people: for others they do not exist."""
MAX_FORM_BYTES = 20 * 1024 * 1024
MAX_WRITTEN_BYTES, MAX_FIELDS = 2 * 1024 * 1024, 1000
"""Of a form without files. It is taken apart before anybody is known: a few bytes a field would cost anybody's memory."""
COMPRESSED_FROM = 1024
"""Bytes of a page; below, compressing costs more than it saves."""


def create_app(settings: Settings, database: Database) -> flask.Flask:
    """The pages over a database that has been migrated. Raises Misconfigured for settings that contradict."""
    settings.require_consistent()
    app = flask.Flask("web", root_path=str(assets.STATIC.parent), static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FIELDS,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions[context.EXTENSION] = context.Installed(settings, database, read_appearance(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app.jinja_env)
    words.install(app.jinja_env)
    terms.install(app.jinja_env)
    health.install(app.jinja_env)
    app.jinja_env.globals.update(
        styles=assets.styles, scripts=assets.scripts, appearance=context.appearance, **navigation.GLOBALS
    )
    for name in VIEWS:
        app.register_blueprint(importlib.import_module(f"web.views.{name}").blp)
    app.before_request(_admit)
    app.after_request(_dress)
    app.register_error_handler(HandslagError, problems.from_own)
    app.register_error_handler(HTTPException, problems.from_http)
    app.register_error_handler(Exception, problems.from_unknown)
    assets.serve(app)
    background.install(app)
    return app


def _admit() -> Response | tuple[str | Response, int] | None:
    """Who is reading, and has a change come from one of our own pages?"""
    flask.g.actor = None
    session.require_own_page()
    known = session.is_signed_in()
    _require_small()
    request = flask.request
    sent = request.args if request.mimetype == "multipart/form-data" else request.values  # files are for their page
    if known and any("\x00" in text for pair in sent.items(multi=True) for text in pair):
        raise Invalid(_("This holds a character that no text can have (NUL). Take it out and send it again."))
    if known and not flask.g.actor.is_internal and INSIDE & {request.blueprint, request.endpoint}:
        raise NotFound(_("There is no such page. Go back, or begin from the first page."))
    if known or request.endpoint is None or request.blueprint in OPEN:
        return None
    if request.method in session.SAFE_METHODS:
        return flask.redirect(flask.url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
    return sign_in.interrupted()


def _require_small() -> None:
    """Refuse what is larger than any file, and a form whose letters would make far more work than they are.

    Raises RequestEntityTooLarge.
    """
    request = flask.request
    if (request.content_length or 0) > context.settings().max_upload_bytes + ENVELOPE_BYTES:
        raise RequestEntityTooLarge  # the server asks only for this page
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = MAX_WRITTEN_BYTES
        if request.get_data().count(b"&") >= MAX_FIELDS:
            raise RequestEntityTooLarge


def _dress(response: flask.Response) -> flask.Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return _compressed(response)


def _compressed(response: flask.Response) -> flask.Response:
    """Send pages small. They hold nothing that an attacker could guess letter by letter from their size (BREACH)."""
    if (
        response.mimetype not in ("text/html", "application/xml")
        or response.direct_passthrough
        or not flask.request.accept_encodings["gzip"]
        or (response.content_length or 0) < COMPRESSED_FROM
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), 6))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
