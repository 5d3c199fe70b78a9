"""Is it alive, is it ready, how is it doing; and what can it do (the document and its page)."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields
from sqlalchemy import text

from api import context
from api.blueprint import Blueprint, browsable, public
from api.page import render
from api.schemas import Representation
from store import migrate
from store.errors import Forbidden

blp = Blueprint("health", "For machines that watch over it.")

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class HealthSchema(Representation):
    """A part that works."""

    status = fields.String()


@blp.get("/livez")
@public()
@blp.reads(HealthSchema)
def livez() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@blp.get("/readyz")
@public(problems=(503,))
@blp.reads(HealthSchema)
def readyz() -> dict[str, str]:
    """Whether it can work: the database answers and is migrated to this version."""
    database = context.database()
    with database.reading() as db:
        db.execute(text("SELECT 1"))
    migrate.require_current(database)
    return {"status": "ok"}


@blp.get("/metrics")
@blp.reads_bytes("text/plain")
def metrics() -> flask.Response:
    """Counts and times for Prometheus; its token must belong to an operator."""
    if not context.actor().has("operator"):
        raise Forbidden("Only an operator may read the metrics. Give Prometheus an operator's token.")
    return flask.Response(
        flask.current_app.extensions["metrics"].text(), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


@blp.get("/api/v1/openapi.json")
@browsable()
@blp.reads_bytes("application/json")
def openapi() -> flask.Response:
    """This document (OpenAPI 3.1)."""
    return flask.jsonify(document())


@blp.get("/api/v1/docs")
@browsable()
@blp.reads_bytes("text/html")
def docs() -> flask.Response:
    """The document as a page to read. In a browser: any name, and the token as password."""
    page = flask.Response(render(document(), "openapi.json"), content_type="text/html; charset=utf-8")
    page.headers["Content-Security-Policy"] = PAGE_POLICY
    return page


def document() -> dict[str, Any]:
    """The completed OpenAPI document of this app."""
    found = flask.current_app.extensions["document"]()
    assert isinstance(found, dict)
    return found
