"""The public DMN compatibility kit (dmn-tck): its cases read and played. The kit itself is not part of this repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.dmn import Decisions
from engine.dmn.read import read_model
from engine.feel import Function, temporal
from store.errors import HandslagError

REPOSITORY = Path(__file__).parents[2]
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def kit() -> Path | None:
    """Where the kit lies, or None."""
    given = os.environ.get("HANDSLAG_DMN_TCK")
    place = Path(given) if given else REPOSITORY.parent / "shared" / "data" / "dmn-tck"
    return place if place.is_dir() else None


@dataclass
class Outcome:
    case: str
    passed: bool
    expected: Any = None
    got: Any = None


def play(level: Path) -> Iterator[Outcome]:
    """All results asked for in one level of the kit."""
    for path in sorted(level.glob("*/*-test-*.xml")):
        yield from _play_file(path)


def _play_file(path: Path) -> Iterator[Outcome]:
    root = etree.parse(path).getroot()
    model_path = path.parent / _text(root, "modelName")
    others = [read_model(other.read_bytes())[0] for other in model_path.parent.glob("*.dmn") if other != model_path]
    model, _, _ = read_model(model_path.read_bytes(), others)
    decisions = Decisions(model)
    for case in _children(root, "testCase"):
        variables = {node.get("name"): _value(node) for node in _children(case, "inputNode")}
        for result in _children(case, "resultNode"):
            expected = _value(_children(result, "expected")[0])
            name = f"{path.parent.name} {path.stem[-2:]} {case.get('id')} {result.get('name')}"
            try:
                asked = case.get("invocableName") if case.get("type") == "decisionService" else None
                got: Any = decisions.decide(asked or result.get("name"), variables, strict=False)
                if asked and isinstance(got, dict) and result.get("name") in got:
                    got = got[result.get("name")]
            except HandslagError as error:
                got = f"!! {error.message}"
            yield Outcome(name, same(expected, got), expected, got)


def same(expected: Any, got: Any) -> bool:
    """Equality as the kit means it: numbers to eight decimals."""
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return abs(expected - got) < Decimal("1e-8") or (
            expected and abs(expected - got) / abs(expected) < Decimal("1e-8")
        )
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same(expected[key], got[key]) for key in expected)
    if isinstance(got, Function):
        return False
    return type(expected) is type(got) and expected == got


def _local(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if _local(child) == name]


def _text(node: Any, name: str) -> str:
    return (_children(node, name)[0].text or "").strip()


def _value(node: Any) -> Any:
    if items := _children(node, "list"):
        return None if items[0].get(f"{XSI}nil") == "true" else [_value(item) for item in _children(items[0], "item")]
    if parts := _children(node, "component"):
        return {part.get("name"): None if part.get(f"{XSI}nil") == "true" else _value(part) for part in parts}
    values = _children(node, "value")
    if not values or values[0].get(f"{XSI}nil") == "true":
        return None
    text = values[0].text or ""
    kind = (values[0].get(f"{XSI}type") or "xsd:string").rpartition(":")[2]
    match kind:
        case "decimal" | "double" | "integer" | "int" | "float" | "long":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            return temporal.parse_date(text)
        case "time":
            return temporal.parse_time(text)
        case "dateTime":
            return temporal.parse_date_time(text)
        case "duration":
            return temporal.parse_duration(text)
    return text
