"""Forms: form-js JSON shown by our own templates, and what a browser sends read back as the API would get it.

The engine is the one that decides (`engine.forms.accept`). What cannot be read as its type is handed on as it was
written, so that the engine says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.forms import option, repeated_for, to_text
from store import clock
from web.language import _

_SHOWN = {"text", "html"}
_GROUPS = {"group", "columns"}
_MANY = {"checklist", "taglist"}
_ONE = {"radio", "select"}
PREFIX = "field."
"""Before the names of a form's fields, so that they cannot be taken for the page's own."""

Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Value and label of what can be chosen, by the name that a form asks for it by (form-js: `valuesKey`)."""
NONE: Choices = {}


@dataclass(frozen=True, slots=True)
class Input:
    """A component of a form as the page shows it."""

    type: str
    key: str
    label: str
    description: str
    options: tuple[tuple[str | bool, str], ...]
    """Value and label of what can be chosen."""
    required: bool
    subtype: str
    rules: Mapping[str, Any]
    text: str
    value: Any
    parts: tuple[str, ...] | None = None
    """Of a text that is asked once for each of a list: what each is about; empty where the list is not known."""

    @property
    def name(self) -> str:
        """Of the field in the page."""
        return PREFIX + self.key

    @property
    def is_left_to_a_file(self) -> bool:
        """Whether a file can say it instead: a long text that need not be written and has not been begun."""
        return self.type == "textarea" and not self.required and not self.value


def inputs(schema: Mapping[str, Any] | None, values: Mapping[str, Any], choices: Choices = NONE) -> Iterator[Input]:
    """The components in their order; those of groups in their place."""
    for component in (schema or {}).get("components", ()):
        kind = component.get("type", "")
        if kind in _GROUPS:
            if component.get("label"):
                yield _input({"type": "text", "text": component["label"]}, None, choices)
            yield from inputs(component, values, choices)
        elif component.get("key") or kind in _SHOWN:
            yield _input(component, values.get(component.get("key", "")), choices)


def asks_for(schema: Mapping[str, Any] | None) -> set[str]:
    """The names of the choices that a form does not hold itself."""
    found: set[str] = set()
    for component in (schema or {}).get("components", ()):
        named = {component.get("valuesKey"), repeated_for(component)} - {None}
        found |= named or asks_for(component)
    return found


def _input(component: Mapping[str, Any], value: Any, choices: Choices) -> Input:
    rules = component.get("validate") or {}
    return Input(
        type=component["type"],
        key=component.get("key", ""),
        label=component.get("label") or component.get("dateLabel") or component.get("key", ""),
        description=component.get("description", ""),
        options=tuple(_options(component, choices)),
        required=bool(rules.get("required")),
        subtype=component.get("subtype", "date"),
        rules=rules,
        text=component.get("text") or component.get("content") or "",
        value=value if value is not None else component.get("defaultValue"),
        parts=_parts(component, choices),
    )


def _parts(component: Mapping[str, Any], choices: Choices) -> tuple[str, ...] | None:
    source = repeated_for(component)
    return tuple(label for _value, label in choices.get(source, ())) if source is not None else None


def _options(component: Mapping[str, Any], choices: Choices) -> Iterator[tuple[str | bool, str]]:
    yield from choices.get(component.get("valuesKey", ""), ())
    for each in component.get("values") or ():
        value = option(each)
        yield value, str(each.get("label") or to_text(value))


def shown(field: Input, value: Any) -> str:
    """A value as it is read: the label of what was chosen."""
    if field.type == "checkbox":
        return _("Yes") if value else _("No")
    if field.parts is not None and isinstance(value, list):
        return "\n\n".join("\n".join(filter(None, pair)) for pair in zip_longest(field.parts, value, fillvalue=""))
    labels = {to_text(value): label for value, label in field.options}
    several = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(to_text(each), str(each)) for each in several)


def read(schema: Mapping[str, Any] | None, form: MultiDict[str, str]) -> dict[str, Any]:
    """What was filled in, as JSON values by key; an empty field is left out."""
    found: dict[str, Any] = {}
    for each in inputs(schema, {}):
        if not each.key:
            continue
        value = _read(each, form)
        if value not in (None, "", []):
            found[each.key] = value
    return found


def _read(field: Input, form: MultiDict[str, str]) -> Any:
    if field.type == "checkbox":
        return field.name in form
    if field.type in _MANY:
        return form.getlist(field.name)
    if field.parts is not None:
        texts = [each.replace("\r\n", "\n") for each in form.getlist(field.name)]
        return texts if any(each.strip() for each in texts) else []
    written = form.get(field.name, "").replace("\r\n", "\n")
    if field.type == "number":
        return _number(written)
    if field.type == "datetime" and field.subtype == "datetime" and written:
        return _instant(written)
    if field.type in _ONE:
        return next((value for value, _label in field.options if to_text(value) == written), written)
    return written if field.type == "textarea" else written.strip()


def _number(written: str) -> Any:
    """A number as Swedes write it: 1 000,5."""
    plain = "".join(written.split()).replace(",", ".").replace("−", "-")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return written


def _instant(written: str) -> str:
    """The time on the wall in Sweden, as an instant."""
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        return written
    return local.replace(tzinfo=clock.STOCKHOLM).isoformat() if local.tzinfo is None else written
