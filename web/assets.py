"""What the build has made (`web/static`): files with a hash of their content in the name, kept by browsers for ever."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import flask
from whitenoise import WhiteNoise

from store.errors import Misconfigured

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"


@cache
def _manifest() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured("The pages' styles and scripts have not been built. Run: make setup") from error
    return found


def scripts(name: str) -> list[str]:
    """Addresses of an entry's script."""
    return [PREFIX + _entry(name)["file"]]


def styles(name: str) -> list[str]:
    """Addresses of an entry's styles."""
    return [PREFIX + file for file in _entry(name).get("css", ())]


def _entry(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _manifest()[f"src/{name}.ts"]
    return found


def serve(app: flask.Flask) -> None:
    """Serve the files, compressed where a compressed one lies beside."""
    _manifest()
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=STATIC, prefix=PREFIX, max_age=0, immutable_file_test=_is_hashed
    )


def _is_hashed(_path: str, url: str) -> bool:
    return not url.endswith("/manifest.json")
