"""Lists as files that a spreadsheet opens (CSV, RFC 4180), with what makes Swedish ones read them right.

Traps: without a byte order mark å, ä and ö are read wrong; where the comma separates decimals, only the semicolon separates
columns; and a text that begins as a formula would be carried out by the one who opens the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import flask
from babel.numbers import format_decimal

from store.paging import Ask, Page
from web.language import current

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
ROWS_AT_ONCE = 1000

T = TypeVar("T")


def spreadsheet(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> flask.Response:
    """A file to keep, written while its rows are read. The rows may ask for what belongs to the request."""
    body = flask.stream_with_context(_written(header, rows))
    return attachment(flask.Response(body, mimetype="text/csv"), f"{name}.csv")


def every(page: Callable[[Ask], Page[T]], sort: str) -> Iterator[T]:
    """The whole of a list that is read page by page, asked for part by part."""
    ask = Ask(sort, limit=ROWS_AT_ONCE)
    while True:
        part = page(ask)
        yield from part.items
        if part.cursor is None:
            return
        ask = replace(ask, cursor=part.cursor)


def hours(spans: Iterable[timedelta]) -> list[str]:
    """Spans in hours, with decimals as the language of the page writes them."""
    return [format_decimal(span.total_seconds() / 3600, format="0.0", locale=current()) for span in spans]


def attachment(response: flask.Response, name: str) -> flask.Response:
    """The answer as a file with a name (of ASCII, without quotation marks)."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    part = io.StringIO()
    part.write(BYTE_ORDER_MARK)
    writer = csv.writer(part, delimiter=";")
    writer.writerow([cell(each) for each in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(each) for each in row])
        if number % ROWS_AT_ONCE == 0:
            yield part.getvalue()
            part.seek(0)
            part.truncate()
    yield part.getvalue()


def cell(value: object) -> object:
    """A value as a cell holds it: nothing for None, and no text that a spreadsheet would calculate."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
