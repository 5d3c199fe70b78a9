"""Messages from outside, which a diagram's message events wait for; and values that its conditional starts are asked of."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api import context
from api.blueprint import Blueprint
from api.schemas import Instant, Key, Line, Representation, Schema
from committee import processes
from engine.models import Message
from store.sentences import say

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
        raise ma.ValidationError(say("Send at most %(most)s values in a list.", most=MAX_ITEMS))
    for item in items:
        _require_scalar(item)


def _variables() -> fields.Dict:
    """Values by name: texts, numbers, true, false, null and lists of them."""
    return fields.Dict(
        keys=Key(),
        values=fields.Raw(
            allow_none=True,
            validate=_require_flat,
            metadata={"anyOf": [SCALAR, {"type": "array", "items": ITEM, "maxItems": MAX_ITEMS}]},
        ),
        load_default=dict,
        validate=validate.Length(max=MAX_NAMES),
    )


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
    payload = _variables()
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


class ConditionsSchema(Schema):
    """What conditions are asked of. Values are texts, numbers, true, false, null and lists of them."""

    variables = _variables()


class StartedSchema(Representation):
    """A process instance that has started."""

    id = fields.UUID()
    process_key = fields.String()


class StartedListSchema(Representation):
    """What a question to the conditions has started."""

    started = fields.List(fields.Nested(StartedSchema))


@blp.post("/conditions")
@blp.creates(StartedListSchema, body=ConditionsSchema, location=False)
def meet_conditions(body: dict[str, Any]) -> dict[str, Any]:
    """Start every process in use that has a conditional start which is true of these variables; for operators and process owners."""
    return {"started": processes.meet_conditions(context.database(), context.actor(), body["variables"])}
