"""Days and meetings as files for people's own calendars; `web.icalendar` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import flask

from committee.meetings import Meeting
from committee.organisations import Body
from store import clock
from web import icalendar, spreadsheet
from web.icalendar import Entry
from web.language import _

MOST = 1000
"""Entries of a person's calendar; nobody keeps more before them."""


def download(name: str, entries: Iterable[Entry]) -> flask.Response:
    """A calendar to keep, written while its entries are read. They may ask for what belongs to the request."""
    lines = flask.stream_with_context(icalendar.calendar(name, entries, at=clock.now()))
    return spreadsheet.attachment(flask.Response(lines, mimetype="text/calendar"), "handslag.ics")


def uid(row_id: UUID) -> str:
    """The name of a row in every calendar, for good."""
    return f"{row_id}@{flask.request.host}"


def of_meeting(meeting: Meeting, body: Body) -> Entry:
    """A meeting, when and where it is."""
    address = flask.url_for("meetings.read_meeting", meeting_id=meeting.id, _external=True)
    summary = _("Meeting: %(body)s", body=body.name)
    return Entry(uid(meeting.id), meeting.starts_at, summary, location=meeting.place or "", url=address)
