"""The blueprint that every noun uses: flask-smorest's, with our decorators for lists, creation and change.

A decorator also leaves notes (`_apidoc["house"]`) from which `api/document.py` completes the OpenAPI document and
`api/app.py` takes limits and openness, so that what is documented is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import flask
import flask_smorest  # type: ignore[import-untyped]
import marshmallow as ma
from marshmallow import fields

from api import etag
from api.bodies import JSON_BYTES, StrictParser
from api.files import read_form
from api.idempotency import idempotent
from api.paging import next_address
from api.schemas import Question, Representation
from store.paging import Page

View = Callable[..., Any]
V = TypeVar("V", bound=View)

ETAG_HEADER = {
    "ETag": {
        "description": "The version that was read; send it as If-Match with a change.",
        "schema": {"type": "string"},
    }
}
LOCATION_HEADER = {"Location": {"description": "Address of what was created.", "schema": {"type": "string"}}}
LINK_HEADER = {"Link": {"description": 'The next page, rel="next", when there is one.', "schema": {"type": "string"}}}


def noted(view: V, **notes: Any) -> V:
    """Leave notes on a view."""
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    apidoc.setdefault("house", {}).update(notes)
    view._apidoc = apidoc  # type: ignore[attr-defined]
    return view


def notes_of(view: Any) -> Mapping[str, Any]:
    """The notes that were left on a view."""
    notes: Mapping[str, Any] = getattr(view, "_apidoc", {}).get("house", {})
    return notes


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # has no stubs
    """One noun of the API."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, description=description)
        self._prepare_doc_cbks.append(self._prepare_house_doc)

    @staticmethod
    def _prepare_house_doc(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
        doc["x-house"] = doc_info.get("house", {})
        return doc

    def at(self, method: str, rule: str) -> Callable[[V], V]:
        """The view answers `method` at `rule`; must be the first (outermost) decorator."""

        def decorate(view: V) -> V:
            self.add_url_rule(rule, None, view, methods=[method])
            return view

        return decorate

    def get(self, rule: str) -> Callable[[V], V]:
        """The view answers a question."""
        return self.at("GET", rule)

    def post(self, rule: str) -> Callable[[V], V]:
        """The view carries out a verb."""
        return self.at("POST", rule)

    def put(self, rule: str) -> Callable[[V], V]:
        """The view replaces something."""
        return self.at("PUT", rule)

    def lists(self, item: type[ma.Schema], query: type[ma.Schema]) -> Callable[[View], View]:
        """The view answers with a `Page`; its one positional argument is the query."""
        page = page_schema(item)

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                found: Page[Any] = view(*args, **kwargs)
                following = next_address(found)
                headers = {"Link": f'<{following}>; rel="next"'} if following else {}
                return {"items": found.items, "next": following}, headers

            answered = self.response(200, page, headers=LINK_HEADER)(wrapper)
            read: View = self.arguments(query(), location="query")(answered)
            return noted(read, query=True)

        return decorate

    def reads_all(self, item: type[ma.Schema], *, query: type[ma.Schema] | None = None) -> Callable[[View], View]:
        """The view answers with a short list that is not walked: a `Page` without a cursor.

        Without a query it takes no parameters, and refuses those that somebody sends: they were meant to do something.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapper(asked: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
                given = (asked, *args) if query is not None else args
                found: Page[Any] = view(*given, **kwargs)
                return {"items": found.items, "next": None}

            answered: View = self.response(200, page_schema(item))(wrapper)
            read: View = self.arguments((query or Question)(), location="query")(answered)
            return noted(read, query=True)

        return decorate

    def reads(
        self, schema: type[ma.Schema], *, versioned: bool = False, query: type[ma.Schema] | None = None
    ) -> Callable[[View], View]:
        """The view answers with one thing."""

        def decorate(view: View) -> View:
            answered: View = self.response(200, schema, headers=ETAG_HEADER if versioned else None)(view)
            if query is None:
                return answered
            read: View = self.arguments(query(), location="query")(answered)
            return noted(read, query=True)

        return decorate

    def reads_bytes(self, *media_types: str) -> Callable[[View], View]:
        """The view answers with a `Response` of one of these media types."""

        def decorate(view: View) -> View:
            for media_type in media_types:
                schema = {"type": "object"} if media_type == "application/json" else {"type": "string"}
                view = self.response(200, schema, content_type=media_type)(view)
            return view

        return decorate

    def downloads(self, *media_types: str) -> Callable[[View], View]:
        """The view answers with a file of one of these media types, whole or in part (RFC 9110 §14), with an ETag."""

        def decorate(view: View) -> View:
            whole = {"type": "string", "format": "binary"}
            for media_type in media_types:
                view = self.response(200, whole, content_type=media_type, headers=ETAG_HEADER)(view)
            return noted(view, parts=True, problems=(416,))

        return decorate

    def creates(
        self,
        schema: type[ma.Schema],
        *,
        body: type[ma.Schema] | None = None,
        versioned: bool = False,
        location: bool = True,
        status: int = 201,
    ) -> Callable[[View], View]:
        """The view makes something new; the same Idempotency-Key makes it once."""
        headers = {**(LOCATION_HEADER if location else {}), **(ETAG_HEADER if versioned else {})}

        def decorate(view: View) -> View:
            answered = self.response(status, schema, headers=headers or None)(view)
            read = self.arguments(body())(answered) if body is not None else answered
            return noted(idempotent(read), idempotent=True)

        return decorate

    def uploads(
        self, schema: type[ma.Schema], form: type[ma.Schema], thing: str | None = None
    ) -> Callable[[View], View]:
        """The view takes one file with fields beside it, as multipart; `form` has the field `file`.

        With `thing` the file changes what exists: its id is in the path as `thing`, and `version` is from If-Match.
        """
        described = {"required": True, "content": {"multipart/form-data": {"schema": form}}}

        def decorate(view: View) -> View:
            answered = self.response(201, schema, headers={**LOCATION_HEADER, **ETAG_HEADER})(view)
            documented = self.doc(requestBody=described)(answered)

            @wraps(documented)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                if thing is not None:
                    kwargs["version"] = etag.expected_version(kwargs[thing])
                return documented(read_form(form), *args, **kwargs)

            return noted(idempotent(wrapper), idempotent=True, upload=True, if_match=thing is not None)

        return decorate

    def acts(
        self, schema: type[ma.Schema], *, body: type[ma.Schema] | None = None, versioned: bool = True
    ) -> Callable[[View], View]:
        """The view carries out a verb that overwrites nobody's work, so that it asks for no If-Match."""

        def decorate(view: View) -> View:
            answered: View = self.response(200, schema, headers=ETAG_HEADER if versioned else None)(view)
            read: View = self.arguments(body())(answered) if body is not None else answered
            return read

        return decorate

    def describes(self, **parts: Any) -> Callable[[View], View]:
        """Parts of the operation in the document that cannot be read from the other decorators."""
        decorate: Callable[[View], View] = self.doc(**parts)
        return decorate

    def changes(
        self, schema: type[ma.Schema], thing: str, *, body: type[ma.Schema] | None = None, repeatable: bool = False
    ) -> Callable[[View], View]:
        """The view changes the thing whose id is in the path as `thing`; it gets `version`, taken from If-Match.

        If `repeatable`, one whose answer was lost can be sent again under its Idempotency-Key, and gets that answer.
        """

        def decorate(view: View) -> View:
            answered = self.response(200, schema, headers=ETAG_HEADER)(view)
            read = self.arguments(body())(answered) if body is not None else answered

            @wraps(read)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                key = kwargs[thing]
                assert isinstance(key, UUID)
                return read(*args, version=etag.expected_version(key), **kwargs)

            return noted(idempotent(wrapper) if repeatable else wrapper, if_match=True, idempotent=repeatable)

        return decorate


def limited(maximum: int) -> Callable[[V], V]:
    """The view takes bodies of at most so many bytes (others take `JSON_BYTES`)."""
    return lambda view: noted(view, limit=maximum)


def limit_of(view: Any) -> int:
    """Bytes that a view takes."""
    limit: int = notes_of(view).get("limit", JSON_BYTES)
    return limit


def public(*, problems: tuple[int, ...] = ()) -> Callable[[V], V]:
    """The view needs no token; it may answer with these problems."""
    return lambda view: noted(view, public=True, problems=problems)


def refuses(*problems: int) -> Callable[[V], V]:
    """The view may answer with these problems too."""
    return lambda view: noted(view, problems=problems)


def browsable() -> Callable[[V], V]:
    """The view is opened in a browser too."""
    return lambda view: noted(view, browser=True)


def answer(
    thing: Any, versioned: etag.Versioned | None = None, *, location: str | None = None
) -> tuple[Any, dict[str, str]]:
    """What a view returns, with the headers that go with it."""
    headers = {"ETag": etag.tag(versioned)} if versioned is not None else {}
    if location is not None:
        headers["Location"] = location
    return thing, headers


_pages: dict[type[ma.Schema], type[ma.Schema]] = {}


def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of some schema, one for each."""
    if item not in _pages:
        name = item.__name__.removesuffix("Schema") + "Page"
        members = {
            "items": fields.List(fields.Nested(item)),
            "next": fields.String(
                allow_none=True, metadata={"description": "Address of the next page; null on the last."}
            ),
        }
        _pages[item] = type(name, (Representation,), members)
    return _pages[item]


def here(endpoint: str, **values: Any) -> str:
    """The address of an operation, as a path."""
    return flask.url_for(endpoint, **values)
