"""Days and meetings for people's calendars (iCalendar, RFC 5545): the few parts of it that they need, written with care."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75
"""Bytes of a line; what is longer is folded (RFC 5545 §3.1)."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a calendar."""

    uid: str
    """The same for the same thing, so that a calendar which reads it again replaces what it had."""
    begins: date | datetime
    """A day fills no time (it shows as free); an instant is in UTC."""
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""


def calendar(name: str, entries: Iterable[Entry], *, at: datetime) -> Iterator[str]:
    """The lines of a calendar as of an instant."""
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Handslag//Handslag//SV",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    )
    for line in (*head, f"X-WR-CALNAME:{text(name)}"):
        yield folded(line)
    for entry in entries:
        for line in _event(entry, at):
            yield folded(line)
    yield folded("END:VCALENDAR")


def _event(entry: Entry, at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{_instant(at)}"
    if isinstance(entry.begins, datetime):
        yield f"DTSTART:{_instant(entry.begins)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.begins:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.begins + timedelta(days=1):%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{text(entry.summary)}"
    for name, value in (("DESCRIPTION", entry.description), ("LOCATION", entry.location)):
        if value:
            yield f"{name}:{text(value)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield "END:VEVENT"


def text(value: str) -> str:
    """A text as its value is written (§3.3.11); characters that no text may have are left out."""
    whole = _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return whole.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line with its end, in pieces of at most 75 bytes; no character is cut in two."""
    pieces, room = [""], LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append("")
            room = LONGEST_LINE - 1  # the space that begins a piece
        pieces[-1] += character
        room -= size
    return "\r\n ".join(pieces) + "\r\n"


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
