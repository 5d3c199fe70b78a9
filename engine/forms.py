"""Forms: form-js JSON, read once, and a submission checked against it.

The server is the one that decides: what a form does not name is refused, so that no field slips past the rules.
Form-js: https://github.com/bpmn-io/form-js (schema version 4 and later).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import regex
from sqlalchemy.orm import Session

from engine import definitions
from engine.feel import Value, from_json
from engine.findings import Finding
from engine.models import Definition
from store.errors import Invalid
from store.sentences import Sentence, say, stopped_at

MAX_TEXT = 100_000
"""Characters in one field that sets no limit of its own."""
NAME = "handslag:name"
"""The property of a form's schema that says what people call the form; form-js has none, and keeps it."""
MAX_NAME = 200
MAX_FORM_BYTES = 1_000_000
PATTERN_SECONDS = 0.2
MAX_REPEATED = 100
SHOWN_CHOICES = 10
"""Choices that the sentence about a wrong one names."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years outside are slips of the pen, and at the ends of the calendar counting with days and zones overflows."""
_INPUTS = {"textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "taglist", "datetime"}
_DISPLAY = {"text", "html", "image", "separator", "spacer", "button", "table", "iframe", "expression"}
_NESTED = {"group", "columns"}
_WORDS = ("type", "key", "label", "dateLabel", "description", "text", "content", "subtype", "valuesKey")
"""What a component says in words; others would be words to the pages too."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form."""

    key: str
    type: str
    label: str
    validate: Mapping[str, Any]
    options: tuple[str | bool, ...] | None
    subtype: str = "date"
    is_repeated: bool = False
    """Asked once for each of a list that the place of the form knows; what is sent is a list of texts in its order."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that can check a submission; `schema` is what pages and other editors show."""

    schema: Mapping[str, Any]
    fields: Mapping[str, Field]


_loaded: dict[UUID, Form] = {}


def load(db: Session, definition_id: UUID) -> Form:
    """A deployed version of a form."""
    if definition_id not in _loaded:
        _loaded[definition_id] = read(definitions.content(db, db.get_one(Definition, definition_id)))
    return _loaded[definition_id]


def read(data: bytes) -> Form:
    """Parse form-js JSON; raises Invalid with a sentence."""
    if len(data) > MAX_FORM_BYTES:
        raise Invalid("The form is larger than 1 MB. Split it into several tasks.")
    try:
        schema = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        why = stopped_at(error.lineno, error.colno, error.msg)
        raise Invalid(say("The form is not JSON: %(why)s.", why=why)) from error
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise Invalid("The form has no list of components. Make it with a form-js editor.")
    fields = {field.key: field for field in _fields(schema["components"])}
    return Form(schema, fields)


def name_of(data: bytes) -> str:
    """What people call a form; empty where it says nothing, or cannot be read."""
    try:
        named = read(data).schema.get(NAME)
    except Invalid:
        return ""
    return " ".join(named.split())[:MAX_NAME] if isinstance(named, str) else ""


def field_keys(data: bytes) -> frozenset[str]:
    """The names that a submission of a form has; none where it cannot be read."""
    try:
        return frozenset(read(data).fields)
    except Invalid:
        return frozenset()


def check(data: bytes) -> list[Finding]:
    """All findings of a form."""
    try:
        form = read(data)
    except Invalid as error:
        return [Finding("", "", 0, "error", "form-unreadable", error.message, "Make it with a form-js editor.")]
    findings = []
    for field in form.fields.values():
        if not field.key.isidentifier():
            sentence = say(
                "The field '%(field)s' has the key '%(key)s'.", field=field.label or field.key, key=field.key
            )
            hint = "Use letters, digits and underscores, so that expressions can name it."
            findings.append(Finding(field.key, field.label, 0, "error", "form-field-key", sentence, hint))
    return findings


def accept(form: Form | None, submission: Mapping[str, Any]) -> dict[str, Value]:
    """The submission as values, or Invalid with one error a field. Without a form only an empty one is accepted."""
    fields = form.fields if form is not None else {}
    errors: list[dict[str, str]] = []
    values: dict[str, Value] = {}
    for key in submission:
        if key not in fields:
            errors.append({"field": key[:200], "sentence": "This form has no such field. Remove it."})
    for field in fields.values():
        try:
            values[field.key] = _accept(field, submission.get(field.key))
        except ValueError as error:
            errors.append({"field": field.key, "sentence": error.args[0]})
    if errors:
        raise Invalid("The form was not accepted. Mend the fields that are named and send it again.", errors=errors)
    return values


def _fields(components: list[Any], depth: int = 0) -> Iterator[Field]:
    if depth > 10:
        raise Invalid("The form's groups are nested more than ten deep.")
    for component in components:
        if not isinstance(component, dict):
            raise Invalid("A component of the form is not an object.")
        _require_shape(component)
        kind = component.get("type")
        if kind in _NESTED:
            yield from _fields(component.get("components", []), depth + 1)
        elif kind in _INPUTS:
            yield _field(component)
        elif kind not in _DISPLAY:
            raise Invalid(say("The form has a component of the type '%(kind)s', which is not supported.", kind=kind))


def _require_shape(component: Mapping[str, Any]) -> None:
    """Refuse a component with parts that are not of the kind that whoever shows or checks it takes them for."""
    properties = component.get("properties") or {}
    named = (
        [properties.get("repeatFor"), properties.get("beginsWith")] if isinstance(properties, dict) else [properties]
    )
    lists = [(name, component[name]) for name in ("components", "values") if name in component]
    wrong = [
        *(name for name in _WORDS if not isinstance(component.get(name), str | None)),
        *(name for name, found in lists if not _are_objects(found)),
        *("properties" for found in named if not isinstance(found, str | None)),
    ]
    if wrong:
        raise Invalid(
            say(
                "'%(part)s' of the component '%(value)s' cannot be read. Make it with a form-js editor.",
                part=wrong[0],
                value=str(component.get("key") or component.get("id") or "")[:100],
            )
        )


def _are_objects(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(each, dict) for each in found)


def _field(component: Mapping[str, Any]) -> Field:
    key = component.get("key")
    if not isinstance(key, str) or not key:
        raise Invalid(say("The component '%(value)s' has no key.", value=component.get("label", component.get("id"))))
    values = component.get("values")
    options = tuple(map(option, values)) if isinstance(values, list) else None
    validate = component.get("validate") or {}
    if not isinstance(validate, dict):
        raise Invalid(say("The rules of the field '%(key)s' are not an object.", key=key))
    for rule in ("min", "max", "minLength", "maxLength"):
        _limit(validate, rule)
    return Field(
        key,
        component["type"],
        component.get("label", ""),
        validate,
        options,
        component.get("subtype", "date"),
        is_repeated=repeated_for(component) is not None,
    )


def repeated_for(component: Mapping[str, Any]) -> str | None:
    """The name of the list for each of which a text is asked (a property of the component, which form-js keeps)."""
    properties = component.get("properties")
    found = (
        properties.get("repeatFor") if isinstance(properties, dict) and component.get("type") == "textarea" else None
    )
    return str(found) if found else None


def beginnings(schema: Mapping[str, Any] | None) -> dict[str, str]:
    """By field, what it begins with where the component says so (`beginsWith`, a property that form-js keeps)."""
    found: dict[str, str] = {}
    for component in (schema or {}).get("components", ()):
        if isinstance(properties := component.get("properties"), dict) and properties.get("beginsWith"):
            found[str(component.get("key"))] = str(properties["beginsWith"])
        if component.get("type") in _NESTED:
            found |= beginnings(component)
    return found


def option(component: Mapping[str, Any]) -> str | bool:
    """What is chosen: a text, or yes or no. A decision is such a choice, since an unticked box is no answer."""
    value = component.get("value")
    return value if isinstance(value, bool) else str(value)


def _accept(field: Field, value: Any) -> Value:
    if value is None or value == "" or value == []:
        if field.validate.get("required"):
            if field.type == "checkbox":
                raise ValueError(say("'%(label)s' must be ticked.", label=field.label or field.key))
            raise ValueError(say("'%(label)s' must be filled in.", label=field.label or field.key))
        return False if field.type == "checkbox" else None
    if field.is_repeated:
        return _texts(field, value)
    match field.type:
        case "checkbox":
            return _checkbox(field, value)
        case "number":
            return _number(field, value)
        case "checklist" | "taglist":
            return _list(field, value)
        case "datetime":
            return _date(field, value)
        case _ if isinstance(value, bool) and field.options is not None and value in field.options:
            return value
        case _:
            return _text(field, value)


def _checkbox(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(say("Give true or false."))
    if field.validate.get("required") and not value:
        raise ValueError(say("'%(label)s' must be ticked.", label=field.label or field.key))
    return value


def _number(field: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(say("Give a number."))
    number = from_json(value)
    if not isinstance(number, Decimal) or not number.is_finite():
        raise ValueError(say("Give a number."))
    low, high = _limit(field.validate, "min"), _limit(field.validate, "max")
    if low is not None and number < low:
        raise ValueError(say("Give a number that is at least %(low)s.", low=low))
    if high is not None and number > high:
        raise ValueError(say("Give a number that is at most %(high)s.", high=high))
    return number


def _list(field: Field, value: object) -> list[Value]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(say("Give a list of texts."))
    if field.options is not None and (unknown := [item for item in value if item not in field.options]):
        raise ValueError(_no_choice(unknown[0], field.options))
    return list(value)


def _texts(field: Field, value: object) -> list[Value]:
    """One text for each of a list; those that are left empty keep their place."""
    if not isinstance(value, list) or len(value) > MAX_REPEATED or not all(isinstance(item, str) for item in value):
        raise ValueError(say("Give a list of texts."))
    if field.validate.get("required") and not all(item.strip() for item in value):
        raise ValueError(say("'%(label)s' must be filled in.", label=field.label or field.key))
    return [_text(field, item) if item else "" for item in value]


def _date(field: Field, value: object) -> Value:
    if not isinstance(value, str):
        raise ValueError(say("Give a date as a text, for example 2027-04-08."))
    try:
        found = (datetime if field.subtype == "datetime" else date).fromisoformat(value)
    except ValueError as error:
        raise ValueError(say("Give a date that exists, for example 2027-04-08.")) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(say("Give a year from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValueError(say("Give the time with its zone, for example 2027-04-08T13:00:00+02:00."))
    return found


def _no_choice(value: str, options: tuple[str | bool, ...]) -> Sentence:
    choices = (to_text(each) for each in options[:SHOWN_CHOICES])
    told = {"value": value[:100], "choices": ", ".join(choice[:100] for choice in choices)}
    if (more := len(options) - SHOWN_CHOICES) > 0:
        return say("'%(value)s' is not one of the choices: %(choices)s and %(more)s more.", more=more, **told)
    return say("'%(value)s' is not one of the choices: %(choices)s.", **told)


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(say("Give a text."))
    rules = field.validate
    if field.options is not None and value not in field.options:
        raise ValueError(_no_choice(value, field.options))
    longest, shortest = int(_limit(rules, "maxLength") or MAX_TEXT), int(_limit(rules, "minLength") or 0)
    if len(value) > longest:
        raise ValueError(
            say(
                "The text is longer than %(longest)s characters. Shorten it or upload it as a document.",
                longest=longest,
            )
        )
    if len(value) < shortest:
        raise ValueError(say("The text is shorter than %(shortest)s characters.", shortest=shortest))
    if (pattern := rules.get("pattern")) and not _matches(str(pattern), value):
        raise ValueError(say("The text does not have the form that is asked for."))
    return value


def _limit(rules: Mapping[str, Any], name: str) -> Decimal | None:
    """A limit that a rule sets, as a number or in digits; None where it sets none. Raises Invalid."""
    written = rules.get(name)
    if written is None or written == "":
        return None
    try:
        found = Decimal(str(written))
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Invalid(say("The rule '%(rule)s' is no number but '%(value)s'.", rule=name, value=str(written)[:100]))
    return found


def to_text(chosen: str | bool) -> str:
    """What can be chosen, as it is written: yes and no as JSON has them."""
    return str(chosen).lower() if isinstance(chosen, bool) else str(chosen)


def _matches(pattern: str, value: str) -> bool:
    """A pattern comes from a file that somebody uploaded, so it gets a moment and no more."""
    try:
        return regex.fullmatch(pattern, value, timeout=PATTERN_SECONDS) is not None
    except (TimeoutError, regex.error) as problem:
        raise ValueError(
            say("The form's own pattern for this field cannot be used. Tell the process owner.")
        ) from problem
