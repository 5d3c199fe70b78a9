"""Dates, times, date-times and durations from and to text (XML Schema's lexical forms, DMN 1.3 §10.3.2.3).

Limits of the implementation, on purpose: years 1 to 9999 and microseconds, as Python's calendar has them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.values import Value, YearsMonthsDuration

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w+/-]{0,60})?", re.ASCII
)
_MONTHS = re.compile(r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,15})(?:\.(\d{1,18}))?S)?)?", re.ASCII
)


def parse_date(text: str) -> date | None:
    """A date, or None where the text is none or no such day exists."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """A time of day, with its offset or zone where it has one."""
    found = _TIME.fullmatch(text.removeprefix("T"))
    if found is None:
        return None
    zone = parse_zone(found[5]) if found[5] else None
    if found[5] and zone is None:
        return None
    micro = int((found[4] or "0")[:6].ljust(6, "0"))
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if (hour, minute, second, micro) == (24, 0, 0, 0):
        hour = 0
    try:
        return time(hour, minute, second, micro, tzinfo=zone)
    except ValueError:
        return None


def parse_date_time(text: str) -> datetime | None:
    """A date and time; a date alone is its midnight."""
    day, mark, clock = text.partition("T")
    parsed = parse_date(day)
    if parsed is None:
        return None
    if not mark:
        return datetime(parsed.year, parsed.month, parsed.day)  # noqa: DTZ001 - FEEL's local date and time
    of_day = None if clock.startswith("T") else parse_time(clock)
    if of_day is None:
        return None
    moment = datetime.combine(parsed, of_day)
    try:
        return moment + timedelta(days=1) if clock.startswith("24") else moment
    except OverflowError:
        return None


def parse_zone(text: str) -> tzinfo | None:
    """`Z`, an offset of at most 14 hours, or `@` and a name of the IANA database."""
    if text in ("Z", "z"):
        return UTC
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if offset > timedelta(hours=18) or minutes > 59:
        return None
    return timezone(-offset if text[0] == "-" else offset) if offset else UTC


def parse_duration(text: str) -> timedelta | YearsMonthsDuration | None:
    """A duration of years and months, or of days and time; never both, since a month has no fixed length."""
    months, found = _MONTHS.fullmatch(text), _DAYS.fullmatch(text)
    try:
        if months is not None and (months[2] or months[3]):
            count = int(months[2] or 0) * 12 + int(months[3] or 0)
            return YearsMonthsDuration(-count if months[1] else count)
        if found is None or not any(found.groups()[1:5]) or text.endswith("T"):
            return None
        micro = int((found[6] or "0")[:6].ljust(6, "0"))
        duration = timedelta(
            days=int(found[2] or 0), hours=int(found[3] or 0), minutes=int(found[4] or 0),
            seconds=int(found[5] or 0), microseconds=micro,
        )  # fmt: skip
        return -duration if found[1] else duration
    except OverflowError:
        return None


def parse_at(text: str) -> Value:
    """What an `@"…"` literal means: the first of the forms that fits; None for none."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text[1:]:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def show(value: date | time | timedelta | YearsMonthsDuration) -> str:
    """The text of a date, time or duration that the parsers above read back."""
    if isinstance(value, datetime):
        if is_second_hour(value):  # its zone alone would mean the hour before
            value = value.replace(tzinfo=timezone(value.utcoffset() or timedelta()))
        return f"{value.date().isoformat()}T{show(value.timetz())}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        clock = value.replace(tzinfo=None).isoformat()
        return (clock.rstrip("0") if value.microsecond else clock) + _show_zone(value.tzinfo)
    return _show_months(value.months) if isinstance(value, YearsMonthsDuration) else _show_days(value)


def is_second_hour(value: datetime) -> bool:
    """Whether this is the second of two equal clock times, in a night when daylight saving ends."""
    return value.fold == 1 and value.utcoffset() != value.replace(fold=0).utcoffset()


def _show_zone(zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None) or timedelta()
    if not offset:
        return "Z"
    seconds = int(abs(offset).total_seconds())
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text + (f":{seconds % 60:02}" if seconds % 60 else "")


def _show_months(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return f"{'-' if months < 0 else ''}P{text or '0M'}"


def _show_days(value: timedelta) -> str:
    size = abs(value)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = (f"{size.days}D" if size.days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if value < timedelta() else ''}P{text or 'T0S'}"
