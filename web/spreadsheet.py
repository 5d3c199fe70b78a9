"""Lists as files that a spreadsheet opens (CSV, RFC 4180), with what makes Swedish ones read them right.

Traps: without a byte order mark å, ä and ö are read wrong; where the comma separates decimals, only the semicolon separates
columns; and a text that begins as a formula would be carried out by the one who opens the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import flask

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
ROWS_AT_ONCE = 200


def spreadsheet(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> flask.Response:
    """A file to keep, written while its rows are read. The rows may ask for what belongs to the request."""
    body = flask.stream_with_context(_written(header, rows))
    return attachment(flask.Response(body, mimetype="text/csv"), f"{name}.csv")


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
