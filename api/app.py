"""The WSGI application."""

from __future__ import annotations

import importlib
import math
import threading
from collections.abc import Callable
from typing import Any

import flask
import flask_smorest  # type: ignore[import-untyped]
from flask.json.provider import DefaultJSONProvider
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api import auth, context, document, problems
from api.blueprint import Blueprint, limit_of, notes_of
from api.bodies import ENVELOPE_BYTES
from api.etag import answer_not_modified
from api.metrics import Metrics
from api.schemas import ProblemSchema
from store.database import Database
from store.errors import HandslagError, TooLarge
from store.sentences import say
from store.settings import Settings

PREFIX = "/api/v1"
NOUNS = (
    "cases",
    "tasks",
    "deadlines",
    "meetings",
    "agenda",
    "attendance",
    "decisions",
    "delegations",
    "referrals",
    "consultees",
    "documents",
    "overview",
    "statistics",
    "organisations",
    "definitions",
    "migrations",
    "messages",
    "instances",
    "incidents",
    "operations",
)
"""Modules of `api/` with a blueprint `blp` under `PREFIX`, in the order in which the document shows them."""
SIMULATED_NOUNS = ("clock",)
"""Those that exist only in simulated time."""
ROOT_NOUNS = ("health",)
"""Those whose addresses stand at the root."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}


class Api(flask_smorest.Api):  # type: ignore[misc]  # has no stubs
    """flask-smorest's registry, with our problems instead of its errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: flask.Flask, **options: Any) -> None:
        self._blueprints: list[Blueprint] = []
        self._document: dict[str, Any] | None = None
        self._making = threading.Lock()
        super().__init__(app, **options)

    def _register_error_handlers(self) -> None:
        """Ours are registered by `create_app`."""

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Its addresses. They are described when the document is first asked for: that is most of the start-up."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint, **options)
        self._blueprints.append(blueprint)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document; the first who asks waits for it to be made."""
        with self._making:
            if self._document is None:
                for each in self._blueprints:
                    each.register_views_in_doc(self, self._app, self.spec, name=each.name, parameters=None)
                    self.spec.tag({"name": each.name, "description": each.description})
                self._document = document.finish(self.spec.to_dict())
            return self._document


def create_app(settings: Settings, database: Database, swedish: Callable[[str], str] = str) -> flask.Flask:
    """An application over a database that has been migrated. Raises Misconfigured for settings that contradict.

    `swedish` gives a message's Swedish, for those whose Accept-Language asks for it, or the message itself.
    """
    settings.require_consistent()
    app = flask.Flask("api", static_folder=None)
    app.config.update(
        API_TITLE="Handslag",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=200,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = False
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    app.extensions[context.EXTENSION] = context.Installed(settings, database)
    app.extensions[problems.SWEDISH] = swedish
    metrics = Metrics(database)
    app.extensions["metrics"] = metrics
    app.before_request(_admit)
    app.after_request(_dress)
    metrics.watch(app)
    _handle_errors(app)
    _register(app, settings)
    return app


def _register(app: flask.Flask, settings: Settings) -> None:
    api = Api(app, spec_kwargs={"info": {"description": "Committee case handling in Swedish regional development."}})
    nouns = NOUNS + SIMULATED_NOUNS if settings.clock == "simulated" else NOUNS
    for prefix, names in ((PREFIX, nouns), ("", ROOT_NOUNS)):
        for name in names:
            api.register_blueprint(importlib.import_module(f"api.{name}").blp, url_prefix=prefix)
    app.extensions["document"] = api.document


def _admit() -> None:
    """Before anything of the body is read: who is calling, and is it small enough?"""
    request = flask.request
    if request.url_rule is None:
        return  # no such address or method; Flask answers with 404 or 405 right after this
    view = flask.current_app.view_functions[request.url_rule.endpoint]
    notes = notes_of(view)
    limit = context.settings().max_upload_bytes + ENVELOPE_BYTES if notes.get("upload") else limit_of(view)
    request.max_content_length = limit
    if not notes.get("public"):
        auth.authenticate(browser=bool(notes.get("browser")))
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    size = f"{math.floor(limit / 1024 / 1024)} MB" if limit >= 1024 * 1024 else f"{limit} bytes"
    return TooLarge(say("The body may be at most %(size)s here. Send less at a time.", size=size))


def _dress(response: flask.Response) -> flask.Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return answer_not_modified(response)


def _handle_errors(app: flask.Flask) -> None:
    def too_large(_: RequestEntityTooLarge) -> flask.Response:
        return problems.from_own(_too_large(flask.request.max_content_length or ENVELOPE_BYTES))

    handlers: dict[type[Exception], Callable[[Any], flask.Response]] = {
        HandslagError: problems.from_own,
        RequestEntityTooLarge: too_large,
        HTTPException: problems.from_http,
        ValidationError: problems.from_fields,
        OSError: problems.from_disk,
        Exception: problems.from_unknown,
    }
    for kind, handler in handlers.items():
        app.register_error_handler(kind, handler)
