"""Files that come in and go out: as multipart or in JSON, under names that can do no harm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import flask
import marshmallow as ma
from marshmallow import fields, validate
from werkzeug.datastructures import FileStorage

from api.bodies import parse_json, require_text
from api.problems import UnsupportedMediaType
from api.schemas import Line, Schema
from store.errors import Invalid
from store.sentences import say

MAX_FILES = 100
INLINE_SAFE = re.compile(r"[A-Za-z0-9 ._()-]")


class FileSchema(Schema):
    """A text file in a JSON body."""

    name = Line(required=True, metadata={"description": "With its ending: .bpmn, .dmn or .form."})
    content = fields.String(required=True, metadata={"description": "The file's text."})


class FilesSchema(Schema):
    """Text files in a JSON body."""

    files = fields.List(fields.Nested(FileSchema), required=True, validate=validate.Length(min=1, max=MAX_FILES))


class UploadedFile(fields.Field[FileStorage]):
    """The file of a multipart body, with its name."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "binary", **kwargs.pop("metadata", {})}
        super().__init__(required=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise ma.ValidationError("Send it as a file: a part with a file name.")
        return value


FILES_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
                },
                "required": ["files"],
            }
        },
        "application/json": {"schema": FilesSchema},
    },
}
"""What an operation that reads several text files takes, for the document."""


def read_files() -> dict[str, bytes]:
    """The files of a body, by name, in the order in which they came.

    Raises Invalid when there is none, when two have one name, or when a name is a path.
    """
    request = flask.request
    pairs: list[tuple[str, bytes]]
    if request.mimetype == "multipart/form-data":
        pairs = [(each.filename or "", each.stream.read()) for each in request.files.getlist("files")]
    elif request.is_json:
        loaded = FilesSchema().load(parse_json(request.get_data(cache=True)))
        pairs = [(each["name"], each["content"].encode()) for each in loaded["files"]]
    else:
        sent = request.mimetype[:100] or "nothing"
        raise UnsupportedMediaType(
            say("Send multipart/form-data or application/json; the Content-Type says %(sent)s.", sent=sent)
        )
    if not pairs:
        raise Invalid("There is no file in the body. Send each as a part with the name 'files'.")
    if len(pairs) > MAX_FILES:
        raise Invalid(say("At most %(most)s files can be sent together.", most=MAX_FILES))
    files: dict[str, bytes] = {}
    for name, data in pairs:
        if safe_name(name) in files:
            raise Invalid(say("Two files have the name '%(name)s'. Give each its own.", name=safe_name(name)))
        files[safe_name(name)] = data
    return files


def read_form(schema: type[ma.Schema]) -> dict[str, Any]:
    """The fields and the file of a multipart body, each once. Raises UnsupportedMediaType or ValidationError."""
    request = flask.request
    if request.mimetype != "multipart/form-data":
        sent = request.mimetype[:100] or "nothing"
        raise UnsupportedMediaType(
            say("Send the file as multipart/form-data; the Content-Type says %(sent)s.", sent=sent)
        )
    given: dict[str, Any] = {}
    for name, value in [*request.form.items(multi=True), *request.files.items(multi=True)]:
        require_text(name)
        if isinstance(value, str):
            require_text(value)
        if name in given:
            raise Invalid(say("'%(name)s' is there more than once. Send it once.", name=name[:100]))
        given[name] = value
    loaded: dict[str, Any] = schema().load(given)
    return loaded


def safe_name(name: str) -> str:
    """A file's name, if it is only a name. Raises Invalid for paths, control characters and names too long."""
    require_text(name)
    if not name.strip() or len(name) > 200:
        raise Invalid("Each file needs a name of 1 to 200 characters.")
    if re.search(r"[/\\\x00-\x1f\x7f]", name) or name.strip(". ") == "":
        raise Invalid("A file's name must not hold slashes or control characters. Send the name alone, not a path.")
    return name


def disposition(name: str) -> str:
    """A Content-Disposition that makes a browser save a file and never show it (RFC 6266, RFC 8187)."""
    plain = "".join(letter if INLINE_SAFE.fullmatch(letter) else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
