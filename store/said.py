"""Sentences that are kept, so that they can be read in another language later."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Dialect

from store.base import JSON_TYPE
from store.sentences import Sentence


class Sentences(TypeDecorator[list[str]]):
    """A list of sentences, each with what it was made of; one that was kept as a text comes back as that."""

    impl = JSON_TYPE
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return None if value is None else [_plain(each) for each in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> list[str] | None:
        return None if value is None else [_again(each) for each in value]


class OneSentence(TypeDecorator[str]):
    """A sentence with what it was made of; one that was kept as a text comes back as that."""

    impl = JSON_TYPE
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else _plain(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return cast("str | None", _again(value))


def _plain(value: object) -> Any:
    if isinstance(value, Sentence):
        return {"said": value.template, "values": {name: _plain(each) for name, each in value.values.items()}}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"day": value.isoformat()}
    return value if isinstance(value, int | float | bool | None) else str(value)


def _again(value: Any) -> Any:
    match value:
        case {"said": str(template), "values": dict(values)}:
            return Sentence(template, {name: _again(each) for name, each in values.items()})
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case _:
            return value
