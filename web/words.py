"""Dates and spans as people write them, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment

from committee.calendar import working_days_between
from committee.operating import MOST_COUNTED
from store import clock
from web.language import _, current, ngettext


def day(value: date | None) -> str:
    """A day with its month in letters; the year only when it is not this one."""
    if value is None:
        return ""
    pattern = "d MMM" if value.year == clock.today().year else "d MMM y"
    return format_date(value, pattern, locale=current())


def long_day(value: date | None) -> str:
    """A day with its weekday and week: torsdag 12 mars 2026, v. 11."""
    if value is None:
        return ""
    written = format_date(value, "EEEE d MMMM y", locale=current())
    return _("%(day)s, week %(week)s", day=written, week=value.isocalendar().week)


def month(value: date) -> str:
    """A month with its year: mars 2026."""
    return format_date(value, "LLLL y", locale=current())


def short_month(value: date) -> str:
    """A month under a column: mars."""
    return format_date(value, "LLL", locale=current())


def moment(value: datetime | None) -> str:
    """An instant, as the clock on the wall in Sweden shows it."""
    if value is None:
        return ""
    return format_datetime(value.astimezone(clock.STOCKHOLM), "d MMM y HH:mm", locale=current())


def local_day(value: datetime | None) -> str:
    """The day on which something happened, in Sweden."""
    return day(clock.local_date(value)) if value is not None else ""


def size(count: int) -> str:
    """How large a file is."""
    steps = (("MB", 1024 * 1024), ("kB", 1024), ("byte", 1))
    unit, one = next((unit, one) for unit, one in steps if count >= one or one == 1)
    return f"{format_decimal(count / one, format='#,##0.#', locale=current())} {unit}"


def value(given: object) -> str:
    """A value of a process as people read it; nothing for one that has no words."""
    match given:
        case bool():
            return _("Yes") if given else _("No")
        case datetime():
            return moment(given) if given.tzinfo is not None else str(given)
        case date():
            return long_day(given)
        case Decimal() | int():
            return format_decimal(given, locale=current())
        case list():
            return ", ".join(filter(None, map(value, given)))
    return given if isinstance(given, str) else ""


def away(value: date | None) -> str:
    """How far off a day is: working days ahead, since those are what can be used; calendar days behind."""
    if value is None:
        return ""
    today = clock.today()
    if value == today:
        return _("today")
    if value < today:
        late = (today - value).days
        return ngettext("%(num)s day late", "%(num)s days late", late)
    left = working_days_between(today, value)
    return ngettext("in %(num)s working day", "in %(num)s working days", left)


def lasting(value: timedelta) -> str:
    """How long something took: in hours for less than two days, then in days; to the tenth while there are few."""
    hours = value.total_seconds() / 3600
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%(num)s hour", "%(num)s hours", round(hours))
    days = hours / 24
    return _("%(days)s days", days=format_decimal(days, format="0.#" if days < 10 else "0", locale=current()))


def percent(share: int) -> str:
    """A share of the whole, in whole per cent."""
    return format_percent(Decimal(share) / 100, locale=current())


def is_late(value: date, done_at: datetime | None = None) -> bool:
    """Whether a day has passed; of what is done whether it had passed then."""
    return value < (clock.local_date(done_at) if done_at is not None else clock.today())


def counted(value: int) -> str:
    """A number of what there is; beyond so many it is not counted further."""
    return format_decimal(min(value, MOST_COUNTED), locale=current()) + ("+" if value > MOST_COUNTED else "")


def install(environment: Environment) -> None:
    """Make them filters of the templates."""
    for filter_ in (
        day, local_day, long_day, month, short_month, moment, size, counted, away, lasting, percent, is_late,
    ):  # fmt: skip
        environment.filters[filter_.__name__] = filter_
