"""Days and meetings as files for people's own calendars (iCalendar, RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import flask
from icalendar import Calendar, Event
from icalendar.enums import TRANSP

from committee.meetings import Meeting
from committee.organisations import Body
from store import clock
from web import spreadsheet
from web.language import _

MOST = 1000
"""Entries of a person's calendar; nobody keeps more before them."""
NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Characters that no text of a calendar may have (§3.1), which the library lets through."""


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


def download(name: str, entries: Iterable[Entry]) -> flask.Response:
    """A calendar to keep, written while its entries are read. They may ask for what belongs to the request."""
    lines = flask.stream_with_context(_written(name, entries, clock.now()))
    return spreadsheet.attachment(flask.Response(lines, mimetype="text/calendar"), "handslag.ics")


def _written(name: str, entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    whole = Calendar.new(name=name, prodid="-//Handslag//Handslag//SV", method="PUBLISH")
    head, end, rest = whole.to_ical().partition(b"END:VCALENDAR")
    yield head
    for entry in entries:
        yield _event(entry, at).to_ical()
    yield end + rest


def _event(entry: Entry, at: datetime) -> Event:
    summary, description, location = (
        NO_TEXT.sub("", each) for each in (entry.summary, entry.description, entry.location)
    )
    is_day = not isinstance(entry.begins, datetime)
    return Event.new(
        uid=entry.uid,
        stamp=at,
        start=entry.begins,
        end=entry.begins + timedelta(days=1) if is_day else None,
        transparency=TRANSP.TRANSPARENT if is_day else None,
        summary=summary,
        description=description or None,
        location=location or None,
        url=entry.url or None,
    )


def uid(row_id: UUID) -> str:
    """The name of a row in every calendar, for good."""
    return f"{row_id}@{flask.request.host}"


def of_meeting(meeting: Meeting, body: Body) -> Entry:
    """A meeting, when and where it is."""
    address = flask.url_for("meetings.read_meeting", meeting_id=meeting.id, _external=True)
    summary = _("Meeting: %(body)s", body=body.name)
    return Entry(uid(meeting.id), meeting.starts_at, summary, location=meeting.place or "", url=address)
