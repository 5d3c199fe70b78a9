"""The government's list of referrals as a table in a file: CSV as any program writes it, also as Swedish Excel does."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from store.errors import Invalid, TooLarge
from store.sentences import say

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("rubrik", "titel", "ärendemening"),
    "ministry": ("departement", "avsändare", "från"),
    "sender_reference": ("diarienummer", "dnr", "avsändarens diarienummer"),
    "reply_by": ("svar senast", "sista svarsdag", "svarsdatum"),
}
"""Columns that a list must have, with what they may also be called; others are passed over."""
MOST_ROWS = 5_000
MOST_BYTES = 5 * 1024 * 1024
MOST_TITLE, MOST_LINE = 300, 300
_SEPARATORS = (",", ";", "\t")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def rows_of(content: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a list, as `Incoming` has them. Raises Invalid with an error for each wrong row, TooLarge."""
    if len(content) > MOST_BYTES:
        raise TooLarge("The list is larger than 5 MB. Send the rows that are new.")
    rows = _table(_text(content))
    if len(rows) > MOST_ROWS:
        raise TooLarge("The list has more than 5,000 rows. Send those that are new.")
    errors: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 2):
        title, day = line(row["title"] or "", MOST_TITLE), (row["reply_by"] or "").strip()
        try:
            reply_by = date.fromisoformat(day) if day else None
        except ValueError:
            wrong = say("Line %(line)s: '%(day)s' is no day. Write it as 2027-03-31.", line=number, day=day[:40])
            errors.append({"field": f"{number}", "sentence": wrong})
            continue
        if not title:
            errors.append({"field": f"{number}", "sentence": say("Line %(line)s has no title.", line=number)})
            continue
        sender, reference = (line(row[name] or "", MOST_LINE) or None for name in ("ministry", "sender_reference"))
        known_by = "\n".join((title, reference or "", day))
        digest = hashlib.sha256(known_by.encode()).hexdigest()
        yield {"title": title, "sender": sender, "sender_reference": reference, "reply_by": reply_by, "digest": digest}
    if errors:
        raise Invalid("The list has rows that cannot be read; nothing of it was taken in.", errors=errors)


def line(text: str, most: int | None = None) -> str:
    """A text on one line, without what cannot be seen or turns its direction, cut to a length if one is given."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[:most]


def _text(content: bytes) -> str:
    """The letters of a file: UTF-8, else what Excel writes ("Unicode text", or Windows-1252 for CSV)."""
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in found:
            return found
    raise _no_list()


def _table(text: str) -> list[dict[str, str | None]]:
    """The rows by our names of the columns. The separator is what stands most often between the names of the columns."""
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True, delimiter=separator)
        names = {_key(each): each for each in reader.fieldnames or ()}
        rows = list(reader)
    except csv.Error as problem:
        raise _no_list() from problem
    called = {
        name: next((names[each] for each in (name, *others) if each in names), None) for name, others in COLUMNS.items()
    }
    missing = [f"{name} ({COLUMNS[name][0]})" for name, found in called.items() if found is None]
    if missing:
        raise Invalid(say("The list has no column %(names)s. Its first line must name them.", names=", ".join(missing)))
    return [{name: row[found] for name, found in called.items() if found is not None} for row in rows]


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _no_list() -> Invalid:
    return Invalid(say("This is no list: it must be CSV, with a first line of column names."))
