"""An API over a small register: the tenant, a municipality, and people with tokens."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from api.app import create_app
from store.database import Database
from store.settings import Settings
from tests.api.register import PEOPLE, populate


class Caller:
    """A person who calls the API: `officer.get("/tasks")`, `officer.post("/cases", {...})`."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Any request; `body` is sent as JSON."""
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            options["json"] = body
        path = path if path.startswith(("/api/", "/livez", "/readyz", "/metrics")) else f"/api/v1{path}"
        return self.client.open(path, method=method, headers=headers, buffered=True, **options)

    def get(self, path: str, **options: Any) -> Any:
        """A question."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """A verb."""
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        """A replacement."""
        return self.call("PUT", path, body, **options)


def multipart(*files: tuple[str, str, bytes], **fields: str) -> dict[str, Any]:
    """A multipart body: files as field, name and content. (The test client itself would leave large ones open.)"""
    parts = [(field, FileStorage(io.BytesIO(data), name)) for field, name, data in files]
    boundary, body = encode_multipart(MultiDict([*fields.items(), *parts]))
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


class Callers:
    """Everybody in the register, by key, and `stranger`, who has no token."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Caller:
        return Caller(self.app.test_client(), None if name == "stranger" else PEOPLE[name].token)


@pytest.fixture
def app(database: Database, tmp_path: Any) -> Iterator[flask.Flask]:
    """The application over a populated database."""
    populate(database)
    yield create_app(Settings(data_dir=tmp_path, clock="simulated"), database)


@pytest.fixture
def people(app: flask.Flask) -> Callers:
    """Those who call."""
    return Callers(app)
