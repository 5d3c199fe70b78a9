"""Reading what was sent: strict, bounded, and the same for every operation.

PostgreSQL stores neither NUL characters nor lone surrogates, so no text with them gets further than here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import flask
import marshmallow as ma
import orjson
from webargs import core
from webargs.flaskparser import FlaskParser

from api.problems import Unreadable, UnsupportedMediaType
from store.errors import Invalid
from store.sentences import say, stopped_at

JSON_BYTES = 1024 * 1024
DIAGRAM_BYTES = 10 * 1024 * 1024
ENVELOPE_BYTES = 64 * 1024
"""What multipart puts around a file."""
SURROGATE = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 32
"""Levels of arrays and objects in a body. Nothing that we read has more than a handful."""


def parse_json(data: bytes) -> Any:
    """A JSON text (RFC 8259, UTF-8, numbers that exist) of at most `MAX_DEPTH` levels, with no name twice (RFC 7493 §2.3).

    Whole numbers keep every digit, others are doubles. Raises Unreadable when it is not, Invalid when it holds a text
    that cannot be stored.
    """
    try:
        require_storable(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        why = stopped_at(error.lineno, error.colno, error.msg)
        raise Unreadable(say("The body is not JSON in UTF-8: %(why)s.", why=why)) from error
    # The quick parser keeps the last of two values of one name, and makes doubles of whole numbers beyond 64 bits.
    # What it has passed is well-formed, of numbers that a double can hold, and flat enough here.
    return json.loads(data.decode(), object_pairs_hook=_once_each)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise Unreadable(
                say("'%(name)s' stands twice in one object, and only one of its values can be meant.", name=name[:80])
            )
        seen.add(name)
    return dict(pairs)


def require_storable(value: Any) -> None:
    """Refuse NUL characters, lone surrogates and deep nesting anywhere in a value."""
    todo: list[tuple[Any, int]] = [(value, 1)]
    while todo:
        item, depth = todo.pop()
        if isinstance(item, str):
            require_text(item)
        elif isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise Invalid(
                    say("The body is nested more than %(most)s levels deep. Send it flatter.", most=MAX_DEPTH)
                )
            parts = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            todo.extend((part, depth + 1) for part in parts)


def require_text(text: str) -> None:
    """Refuse characters that no database can hold."""
    if "\x00" in text:
        raise Invalid("A text holds a NUL character, which cannot be stored. Remove it.")
    if not text.isascii() and SURROGATE.search(text):
        raise Invalid("A text holds half of a character (a lone surrogate). Send it as proper UTF-8.")


class StrictParser(FlaskParser):
    """webargs' parser with our reading of JSON; unknown names are refused wherever they stand."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the name and kind are webargs'
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
        "form": ma.RAISE,
        "files": ma.RAISE,
    }

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The body, if it says that it is JSON."""
        data = req.get_data(cache=True)
        if not data:
            return core.missing if req.mimetype in ("", "application/json") else _refuse(req, "application/json")
        if not req.is_json:
            _refuse(req, "application/json")
        return parse_json(data)

    def load_querystring(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The query; its texts are checked like those of a body."""
        for name, value in req.args.items(multi=True):
            require_text(name)
            require_text(value)
        return super().load_querystring(req, schema)

    def load_form(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The fields beside the files of a multipart body."""
        if req.mimetype != "multipart/form-data":
            _refuse(req, "multipart/form-data")
        for name, value in req.form.items(multi=True):
            require_text(name)
            require_text(value)
        return super().load_form(req, schema)

    def load_files(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The files of a multipart body."""
        if req.mimetype != "multipart/form-data":
            _refuse(req, "multipart/form-data")
        return super().load_files(req, schema)


def _refuse(req: flask.Request, wanted: str) -> Any:
    sent = req.mimetype or "nothing"
    raise UnsupportedMediaType(
        say("This operation reads %(wanted)s, but the Content-Type says %(sent)s.", wanted=wanted, sent=sent[:100])
    )
