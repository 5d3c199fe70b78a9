"""The FEEL functions of the product: deadlines of the case, working days, meetings, and the product's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from committee import calendar, deadlines, meetings
from committee.agenda import AgendaItem
from committee.meetings import Meeting
from committee.referrals import Consultee
from engine.feel import NativeFunction, Value
from engine.functions import FunctionContext, provide
from store import clock

MAX_WORKING_DAYS = 2_000


@provide
def functions(context: FunctionContext) -> Mapping[str, NativeFunction]:
    """The product's functions, bound to the case of a step."""

    def deadline(kind: Value) -> Value:
        if context.db is None:
            return context.elsewhere("deadline", kind)
        if context.case_id is None or not isinstance(kind, str):
            return None
        found = deadlines.of_kind(context.db, context.case_id, kind)
        return found.due_on if found is not None else None

    def own_deadline(key: Value, kind: Value) -> Value:
        if context.db is None:
            return context.elsewhere("own deadline", kind)
        if not isinstance(key, str) or not isinstance(kind, str):
            return None
        return _own_deadline(context.db, key, kind)

    def next_meeting(key: Value, after: Value) -> Value:
        if context.db is None:
            return context.elsewhere("next meeting", key)
        start = _date(after)
        if context.organization_id is None or not isinstance(key, str) or start is None:
            return None
        return meetings.next_after(context.db, context.organization_id, key, start)

    made = (
        NativeFunction("deadline", ("kind",), deadline),
        NativeFunction("own deadline", ("id", "kind"), own_deadline),
        NativeFunction("next meeting", ("body", "after"), next_meeting),
        NativeFunction("working days before", ("date", "days"), _before),
        NativeFunction("working days after", ("date", "days"), _after),
        NativeFunction("working days between", ("from", "to"), _between),
        NativeFunction("is working day", ("date",), _is_working_day),
        NativeFunction("still to come", ("date",), _still_to_come),
        NativeFunction("today", (), clock.today),
        NativeFunction("now", (), lambda: clock.now().astimezone(clock.STOCKHOLM)),
    )
    return {function.name: function for function in made}


def _own_deadline(db: Session, key: str, kind: str) -> date | None:
    """A date of one agenda item, meeting or consultee, read again each time so that it follows what is moved."""
    try:
        row_id = UUID(key)
    except ValueError:
        return None
    if (item := db.get(AgendaItem, row_id)) is not None:
        row_id = item.meeting_id
    if (meeting := db.get(Meeting, row_id)) is not None:
        return meeting.date_of(kind)
    consultee = db.get(Consultee, row_id)
    return consultee.reply_by if consultee is not None and kind == "reply_by" else None


def _before(day: Value, days: Value) -> Value:
    return _moved(day, days, -1)


def _after(day: Value, days: Value) -> Value:
    return _moved(day, days, 1)


def _moved(day: Value, days: Value, sign: int) -> Value:
    start = _date(day)
    if start is None or not isinstance(days, Decimal) or days != int(days) or abs(days) > MAX_WORKING_DAYS:
        return None
    return calendar.working_days_after(start, sign * int(days))


def _between(start: Value, end: Value) -> Value:
    first, last = _date(start), _date(end)
    if first is None or last is None or abs((last - first).days) > 366 * 20:
        return None
    return Decimal(calendar.working_days_between(first, last))


def _is_working_day(day: Value) -> Value:
    found = _date(day)
    return calendar.is_working_day(found) if found is not None else None


def _still_to_come(moment: Value) -> Value:
    """A date or a time that has not come yet, as it is, else null: a reminder asks, of what came before its task was born.

    The engine asks a timer's expression again as of the moment at which the timer began to wait.
    """
    at = _at(moment)
    return moment if at is not None and at > clock.now() else None


def _at(moment: Value) -> datetime | None:
    """The instant of a time, or of the midnight that begins a date."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.STOCKHOLM)
    return clock.start_of(moment) if isinstance(moment, date) else None


def _date(value: Value) -> date | None:
    if isinstance(value, datetime):
        return clock.local_date(value) if value.tzinfo is not None else value.date()
    return value if isinstance(value, date) else None
