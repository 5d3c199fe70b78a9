"""Steps of a meeting's own process: agenda, summons, minutes, notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from committee import delegated, meetings, summons
from committee.meetings import Meeting
from committee.operations.reading import day, required_text
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock, events
from store.errors import Invalid


@operation("open_agenda", "Öppna föredragningslistan", "Open the agenda", inputs=("meeting_id",))
def open_agenda(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Cases may ask for a place; what delegates have decided meanwhile is reported here."""
    meeting = _meeting(context, inputs)
    delegated.report_waiting(context.db, meeting)
    _log(context, meeting, "agenda.opened")
    return {}


@operation("close_material", "Stäng för nya underlag", "Close for material", inputs=("meeting_id",))
def close_material(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that papers come too late from now on."""
    _log(context, _meeting(context, inputs), "material.closed")
    return {}


@operation("summon_meeting", "Sänd kallelse", "Send the summons", inputs=("meeting_id",))
def summon_meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Send the summons, unless it has been sent already."""
    meeting = _meeting(context, inputs)
    if meeting.state == "planned":
        summons.summon(context.db, meeting, context.actor_id)
    return {}


@operation("start_meeting", "Öppna sammanträdet", "Open the meeting", inputs=("meeting_id",))
def start_meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that the meeting has begun."""
    _log(context, _meeting(context, inputs), "meeting.opened")
    return {}


@operation("hold_meeting", "Avsluta sammanträdet", "Close the meeting", inputs=("meeting_id",))
def hold_meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The meeting is over."""
    meeting = _meeting(context, inputs)
    if meeting.state in ("planned", "summoned"):
        meeting.state = "held"
    _log(context, meeting, "meeting.closed")
    return {}


@operation("draft_minutes", "Skriv protokollet", "Draft the minutes", inputs=("meeting_id",))
def draft_minutes(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that the minutes have been drafted."""
    _log(context, _meeting(context, inputs), "minutes.drafted")
    return {}


@operation("adjust_minutes", "Justera protokollet", "Adjust the minutes", inputs=("meeting_id", "adjusted_on?"))
def adjust_minutes(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note the adjustment, unless it has been noted already."""
    meeting = _meeting(context, inputs)
    if meeting.state in ("summoned", "held"):
        meetings.adjust(context.db, meeting, day(inputs, "adjusted_on") or clock.today(), context.actor_id)
    return {}


@operation(
    "post_notice", "Anslå protokollet", "Post the notice", inputs=("meeting_id", "notice_posted_on?"),
    outputs=("last_appeal_on", "remove_at"),
)  # fmt: skip
def post_notice(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Post the notice, unless it has been posted already."""
    meeting = _meeting(context, inputs)
    if meeting.notice_posted_on is None:
        meetings.post(context.db, meeting, day(inputs, "notice_posted_on") or clock.today(), context.actor_id)
    dates: tuple[date | None, date | None] = (meeting.last_appeal_on, meeting.notice_removed_on)
    return {"last_appeal_on": dates[0], "remove_at": dates[1]}


@operation("remove_notice", "Ta ner anslaget", "Take the notice down", inputs=("meeting_id",))
def remove_notice(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that the notice has been taken down."""
    _log(context, _meeting(context, inputs), "notice.removed")
    return {}


@operation("archive_meeting", "Lämna protokollet till arkiv", "Hand the minutes to the archive", inputs=("meeting_id",))
def archive_meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that the minutes have gone to the archive."""
    _log(context, _meeting(context, inputs), "minutes.archived")
    return {}


def _meeting(context: OperationContext, inputs: Mapping[str, Value]) -> Meeting:
    found = context.db.get(Meeting, UUID(required_text(inputs, "meeting_id")))
    if found is None or found.organization_id != context.organization_id:
        raise Invalid("There is no such meeting.")
    return found


def _log(context: OperationContext, meeting: Meeting, type_: str) -> None:
    events.record(
        context.db, context.organization_id, type_, "meeting", meeting.id, actor_id=context.actor_id,
        instance_id=context.instance_id,
    )  # fmt: skip
