"""Forms that stand inside a foreign diagram, as form-js: those of Camunda 8 are that already, Camunda 7's are made so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from lxml import etree

from engine.bpmn.imports.words import CAMUNDA_7_FAMILY, ENGINES
from engine.bpmn.model import NAMESPACE

SCHEMA_VERSION = 18
"""Of form-js, as our own forms have it."""
_TYPES = {
    "string": "textfield", "long": "number", "int": "number", "integer": "number", "double": "number", "boolean": "checkbox",
    "date": "datetime", "enum": "select",
}  # fmt: skip
_NAME = re.compile(r"\w[\w.-]{0,199}")
_LIMITS = {"minlength": "minLength", "maxlength": "maxLength", "min": "min", "max": "max"}


def held_forms(root: etree._Element) -> dict[str, bytes]:
    """Every form that the diagram holds, by the name under which `survey` lets its task ask for it."""
    return {key: content for key, content in _forms(root) if is_name(key)}


def is_name(key: str) -> bool:
    """Whether a form can be called so: it becomes the name of a file."""
    return _NAME.fullmatch(key) is not None


def fields(owner: etree._Element) -> list[etree._Element]:
    """The fields that Camunda 7, Flowable and Activiti write at a task or start event."""
    held = f"{{{NAMESPACE}}}extensionElements"
    found = (*owner.iterfind(f"{held}/{{*}}formData/{{*}}formField"), *owner.iterfind(f"{held}/{{*}}formProperty"))
    return [one for one in found if ENGINES.get(etree.QName(one).namespace or "") in CAMUNDA_7_FAMILY and one.get("id")]


def _forms(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    for held in root.iterfind(f".//{{{NAMESPACE}}}extensionElements/{{*}}userTaskForm"):
        if ENGINES.get(etree.QName(held).namespace or "") == "Camunda 8":
            yield held.get("id", ""), (held.text or "").strip().encode()
    for owner in root.iter(f"{{{NAMESPACE}}}userTask", f"{{{NAMESPACE}}}startEvent"):
        if found := fields(owner):
            yield owner.get("id", ""), orjson.dumps(_schema(owner.get("id", ""), found), option=orjson.OPT_INDENT_2)


def _schema(key: str, found: list[etree._Element]) -> dict[str, Any]:
    components = [_component(field) for field in found]
    return {"type": "default", "id": key, "schemaVersion": SCHEMA_VERSION, "components": components}


def _component(field: etree._Element) -> dict[str, Any]:
    key, kind = field.get("id", ""), _TYPES.get(field.get("type", "string"), "textfield")
    made: dict[str, Any] = {
        "id": f"field_{key}",
        "key": key,
        "type": kind,
        "label": field.get("label") or field.get("name") or key,
    }
    if kind == "datetime":
        made["subtype"] = "date"
    if kind == "select":
        values = field.iterchildren("{*}value")
        made["values"] = [{"value": one.get("id", ""), "label": one.get("name") or one.get("id", "")} for one in values]
    constraints = dict(_constraints(field))
    if constraints.pop("readonly", False):
        made["readonly"] = True
    return made | ({"validate": constraints} if constraints else {})


def _constraints(field: etree._Element) -> Iterator[tuple[str, Any]]:
    if field.get("required") == "true":
        yield "required", True
    for constraint in field.iterfind("{*}validation/{*}constraint"):
        name, config = constraint.get("name", ""), constraint.get("config", "")
        if name in ("required", "readonly") and config != "false":
            yield name, True
        elif name in _LIMITS and config.strip().isdecimal():
            yield _LIMITS[name], int(config)
