"""People of the demo: each calls the API with their own token, and gets a sentence when the API refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

from store.errors import HandslagError

BASE = "/api/v1"
CHANGED_MEANWHILE = 412
READINGS = 5


class DemoFailed(HandslagError):
    """The story did not go as it is told."""

    code = "demo_failed"


class Refused(DemoFailed):
    """The API refused what a person wanted; `status` is the answer's."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Actor:
    """A person with a token."""

    def __init__(self, client: httpx.Client, key: str, token: str) -> None:
        self.key = key
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self._me: dict[str, Any] | None = None

    @property
    def me(self) -> dict[str, Any]:
        """Who the API says that this is."""
        if self._me is None:
            self._me = self.get("/me")
        return self._me

    @property
    def name(self) -> str:
        """The person's name."""
        return str(self.me["name"])

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """One thing."""
        return self._call("GET", path, params=query or None)[0]

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list."""
        return list(self.each(path, **query))

    def each(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page as they are wanted."""
        page = self.get(path, **query)
        yield from page["items"]
        while page.get("next"):
            page = self.get(str(page["next"]).removeprefix(BASE))
            yield from page["items"]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make something, once."""
        return self._call("POST", path, json=body, headers={"Idempotency-Key": uuid4().hex})[0]

    def upload(self, path: str, file_name: str, content: bytes, **fields: str) -> dict[str, Any]:
        """Send a file with the fields beside it, once."""
        headers = {"Idempotency-Key": uuid4().hex}
        return self._call("POST", path, files={"file": (file_name, content)}, data=fields, headers=headers)[0]

    def change(self, path: str, verb: str, **body: Any) -> dict[str, Any]:
        """A verb on something versioned, as it was just read.

        The worker may move the same case between the reading and the verb; one then reads again, as the API asks.
        """
        for _ in range(READINGS - 1):
            try:
                return self._change(path, verb, body)
            except Refused as refused:
                if refused.status != CHANGED_MEANWHILE:
                    raise
        return self._change(path, verb, body)

    def _change(self, path: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        _, read = self._call("GET", path)
        return self._call("POST", f"{path}/{verb}", json=body or None, headers={"If-Match": read["ETag"]})[0]

    def _call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> tuple[dict[str, Any], httpx.Headers]:
        try:
            answer = self._client.request(method, f"{BASE}{path}", headers=self._headers | (headers or {}), **options)
        except httpx.HTTPError as problem:
            raise DemoFailed(f"The API did not answer {method} {path}: {problem}.") from problem
        if answer.is_error:
            sentence = f"{self.key} was refused {method} {path} ({answer.status_code}): {_reason(answer)}"
            raise Refused(sentence, answer.status_code)
        return (answer.json() if answer.content else {}), answer.headers


def _reason(answer: httpx.Response) -> str:
    """The problem's sentence, with those of its fields."""
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:300]
    fields = "; ".join(f"{each.get('field', '')}: {each.get('sentence', '')}" for each in problem.get("errors") or [])
    return f"{problem.get('detail') or problem.get('title')} {fields}".strip()
