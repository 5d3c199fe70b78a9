"""What every schema has in common: bounded texts, aware instants in UTC, unknown fields refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow import fields, validate

from store.base import Base

LINE = 200
"""Characters in a title or a name."""
TEXT = 50_000
"""Characters in a running text."""
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)
"""Days outside are slips of the pen, and at the ends of the calendar time zones overflow."""

NO_ZONE = "Say the time zone, for example 2021-04-30T13:00:00+02:00 or 2021-04-30T11:00:00Z."
UNKNOWN = "There is no such field here. Check its spelling, or leave it out."
OUT_OF_RANGE = "The year must be from 1900 to 2200."


BODY = {"description": "Key of a body, such as run_au."}
STEP = {"description": "Id of a step in the diagram."}
OFFICER = {"description": "The case's officer: a person."}
TEXT_OF_CASE = {"description": "Part of the case's title or of its registry number."}
"""What filters are called and mean is the same in every list."""


class Schema(ma.Schema):
    """What is read: a field that we do not know is refused, since it was meant to do something."""

    class Meta:
        unknown = ma.RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages = {**self.error_messages, "unknown": UNKNOWN}


class Question(Schema):
    """What is read from a query, where numbers and flags are written as text."""


class Representation(ma.Schema):
    """What is written: every field is always there, None where nothing is known."""

    class Meta:
        unknown = ma.EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Mark the field as required, so that the document promises it."""
        field_obj.required = True


_BREAKS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_TURNS = r"\u202a-\u202e\u2066-\u2069"
"""They turn the direction of what follows, so that a title could read otherwise than it is written."""
_UNSEEN = r"\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
READABLE = rf"^[^{_BREAKS}{_TURNS}]*[^{_BREAKS}{_TURNS}{_UNSEEN}][^{_BREAKS}{_TURNS}]*$(?!\n)"
"""One line with at least one character that can be seen."""


class Line(fields.String):
    """One line of text that holds something to be seen, at most `LINE` characters."""

    def __init__(self, maximum: int = LINE, **kwargs: Any) -> None:
        rules = [
            validate.Length(min=1, max=maximum, error=f"Write 1 to {maximum} characters."),
            validate.Regexp(READABLE, error="Write something that can be read, on one line."),
        ]
        super().__init__(validate=rules, **kwargs)


class Text(fields.String):
    """A running text, at most `TEXT` characters; it may be empty."""

    def __init__(self, maximum: int = TEXT, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=maximum, error=f"Write at most {maximum} characters."), **kwargs)


class Key(fields.String):
    """A name that machines use: of a body, an organisation, a process."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = validate.Regexp(
            r"^[A-Za-z_][A-Za-z0-9_.\-]{0,99}$", error="Use letters, digits, _, - and . (at most 100)."
        )
        super().__init__(validate=pattern, **kwargs)


class Whole(fields.Integer):
    """A whole number within bounds that every database holds."""

    def __init__(self, minimum: int, maximum: int, **kwargs: Any) -> None:
        bounds = validate.Range(min=minimum, max=maximum, error=f"Give a whole number from {minimum} to {maximum}.")
        super().__init__(validate=bounds, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        digits = (
            isinstance(value, str)
            and isinstance(self.root, Question)
            and value.isascii()
            and value.lstrip("-").isdigit()
        )
        if not digits and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.make_error("invalid", input=value)
        number: int = super()._deserialize(value, attr, data, **kwargs)
        return number


class Flag(fields.Boolean):
    """True or false and nothing that looks like them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(self.root, Question) and value in ("true", "false"):
            return bool(value == "true")
        raise ma.ValidationError("Say true or false.")


class Instant(fields.AwareDateTime):
    """An instant; naive ones are refused, what goes out is in UTC and ends with Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            format="iso",
            error_messages={"invalid_awareness": NO_ZONE, "invalid": f"Not an instant (ISO 8601). {NO_ZONE}"},
            **kwargs,
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return str(value.astimezone(UTC).isoformat()).replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        instant: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_DAY < instant.date() < LAST_DAY:
            raise ma.ValidationError(OUT_OF_RANGE)
        return instant.astimezone(UTC)


class Day(fields.Date):
    """A date where the committees sit (Europe/Stockholm)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            format="iso", error_messages={"invalid": "Not a date of the calendar; write it as 2021-04-30."}, **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="date")
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ma.ValidationError(OUT_OF_RANGE)
        return day


class Id(fields.UUID):
    """The key of a row, in the canonical form of RFC 9562."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages={"invalid_uuid": "Not an id; copy it as the API gave it."}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> UUID:
        if not isinstance(value, str) or len(value) != 36:
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, attr, data, **kwargs)


def columns(row: Base) -> dict[str, Any]:
    """A row's columns by name, to be shown together with something else."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def choice(*values: str, **kwargs: Any) -> fields.String:
    """One of a few words."""
    return fields.String(validate=validate.OneOf(values, error="Say one of: {choices}."), **kwargs)


class ProblemField(Representation):
    """One wrong field."""

    field = fields.String(metadata={"description": "Where: names and positions joined by full stops."})
    sentence = fields.String(metadata={"description": "What to do about it."})


class ProblemSchema(ma.Schema):
    """A problem (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "urn:handslag:problem: and the code."})
    title = fields.String(
        required=True, metadata={"description": "In the language that Accept-Language asks for (en, sv)."}
    )
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; programs act on it."})
    detail = fields.String(required=True, metadata={"description": "What happened and what to do."})
    errors = fields.List(
        fields.Dict(keys=fields.String()), metadata={"description": "One entry for each wrong field or finding."}
    )
