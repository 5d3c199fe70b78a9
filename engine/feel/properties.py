"""What stands after a dot: entries of contexts, and the parts of dates, durations and ranges (DMN 1.3 table 65)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel.scope import Run
from engine.feel.values import Range, Value, YearsMonthsDuration


def member(run: Run, value: Value, name: str) -> Value:
    """The part of a value with this name; null and a note where it has none."""
    if isinstance(value, dict):
        if name not in value:
            run.note(f"The context has no entry '{name}'.")
        return value.get(name)
    if isinstance(value, list):
        run.make(len(value))
        run.spend(len(value))
        return [member(run, item, name) for item in value]
    if value is None:
        return None
    parts = _parts(value)
    if name not in parts:
        run.note(f"There is no '{name}' in this value.")
        return None
    found = parts[name]
    return Decimal(found) if isinstance(found, int) and not isinstance(found, bool) else found


def _parts(value: Value) -> dict[str, Value | int]:
    if isinstance(value, Range):
        return {
            "start": value.start, "end": value.end,
            "start included": value.start_included, "end included": value.end_included,
        }  # fmt: skip
    if isinstance(value, YearsMonthsDuration):
        years, months = divmod(abs(value.months), 12)
        sign = -1 if value.months < 0 else 1
        return {"years": sign * years, "months": sign * months}
    if isinstance(value, timedelta):
        return _duration_parts(value)
    parts: dict[str, Value | int] = {}
    if isinstance(value, date):
        parts = {"year": value.year, "month": value.month, "day": value.day, "weekday": value.isoweekday()}
    if isinstance(value, datetime | time):
        parts |= {"hour": value.hour, "minute": value.minute, "second": _seconds(value)}
        parts |= {"time offset": value.utcoffset(), "timezone": _zone_name(value.tzinfo)}
    return parts


def _duration_parts(value: timedelta) -> dict[str, Value | int]:
    size, sign = abs(value), -1 if value < timedelta() else 1
    seconds = Decimal(size.seconds % 60) + Decimal(size.microseconds) / 1_000_000
    return {
        "days": sign * size.days, "hours": sign * (size.seconds // 3600),
        "minutes": sign * (size.seconds // 60 % 60), "seconds": sign * seconds,
    }  # fmt: skip


def _seconds(value: datetime | time) -> Value | int:
    return Decimal(value.second) + Decimal(value.microsecond) / 1_000_000 if value.microsecond else value.second


def _zone_name(zone: tzinfo | None) -> str | None:
    return zone.key if isinstance(zone, ZoneInfo) else None
