"""Messages from outside: what a diagram's message events wait for."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api import context
from api.blueprint import Blueprint
from api.schemas import Instant, Key, Line, Representation, Schema
from committee import processes
from engine.models import Message

blp = Blueprint("messages", "What a diagram's message events wait for, from outside.")

MAX_NAMES = 20
MAX_ITEMS = 200
SCALAR = {"type": ["string", "number", "boolean"]}
ITEM = {"type": ["string", "number", "boolean", "null"]}


def _require_scalar(value: Any) -> None:
    if isinstance(value, dict | list):
        raise ma.ValidationError("Send a text, a number, true, false or null. Documents are rows that are named by id.")


def _require_flat(value: Any) -> None:
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS:
        raise ma.ValidationError(f"Send at most {MAX_ITEMS} values in a list.")
    for item in items:
        _require_scalar(item)


class PublishSchema(Schema):
    """A message. Values are texts, numbers, true, false, null and lists of them."""

    name = Key(required=True)
    correlation = fields.Dict(
        keys=Key(),
        values=fields.Raw(allow_none=True, validate=_require_scalar, metadata=SCALAR),
        load_default=dict,
        validate=validate.Length(max=MAX_NAMES),
        metadata={"description": "Names and values that say which instance it is for."},
    )
    payload = fields.Dict(
        keys=Key(),
        values=fields.Raw(
            allow_none=True,
            validate=_require_flat,
            metadata={"anyOf": [SCALAR, {"type": "array", "items": ITEM, "maxItems": MAX_ITEMS}]},
        ),
        load_default=dict,
        validate=validate.Length(max=MAX_NAMES),
    )
    unique_key = Line(
        metadata={"description": "The sender's own key: a second message with it is the first one again."}
    )


class MessageSchema(Representation):
    """A message that was published."""

    id = fields.UUID()
    name = fields.String()
    state = fields.String(metadata={"description": "waiting until somebody waits for it, then delivered."})
    published_at = Instant()
    delivered_at = Instant(allow_none=True)
    delivered_to = fields.UUID(allow_none=True)


@blp.post("/messages")
@blp.creates(MessageSchema, body=PublishSchema, location=False)
def publish_message(body: dict[str, Any]) -> Message:
    """Publish a message; for operators and process owners."""
    return processes.publish(
        context.database(),
        context.actor(),
        body["name"],
        body["correlation"],
        body["payload"],
        unique_key=body.get("unique_key"),
    )
