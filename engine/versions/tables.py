"""What differs between two versions of a decision table, or of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine import forms
from engine.bpmn.words import article
from engine.bpmn.xml import parse
from engine.dmn.boxed import Xml, child, children, local, text_of
from engine.versions.change import ADDED, CHANGED, REMOVED, Change, changed


@dataclass(frozen=True, slots=True)
class _Table:
    policy: str
    columns: Mapping[str, str]
    """What a column is called -> what it asks or gives."""
    rules: Mapping[str, Mapping[str, str]]
    """Id of the rule (or its place) -> column -> cell."""


@dataclass(frozen=True, slots=True)
class _Decision:
    id: str
    name: str
    table: _Table | None
    logic: bytes
    """All that it says, where it is no table."""


def decisions(before: bytes, after: bytes) -> list[Change]:
    """All that differs between two DMN files."""
    old, new = _decisions(before), _decisions(after)
    found: list[Change] = []
    for decision in new.values():
        earlier = old.get(decision.id)
        if earlier is None:
            found.append(_whole(decision, ADDED))
            continue
        if earlier.name != decision.name:
            found.append(
                changed("decision", decision.id, decision.name, "name", "the name", earlier.name, decision.name)
            )
        if earlier.table is not None and decision.table is not None:
            found += _tables(decision, earlier.table, decision.table)
        elif earlier.logic != decision.logic:
            found.append(
                Change(
                    "decision", decision.id, decision.name, CHANGED, f"'{decision.name}' decides otherwise.", "logic"
                )
            )
    return found + [_whole(decision, REMOVED) for decision in old.values() if decision.id not in new]


def form(before: bytes, after: bytes) -> list[Change]:
    """All that differs between two forms; what is only shown is told together."""
    old, new = forms.read(before), forms.read(after)
    found: list[Change] = []
    for field in new.fields.values():
        earlier = old.fields.get(field.key)
        if earlier is None:
            sentence = f"The field '{field.label or field.key}' is new{_demand(field)}."
            found.append(Change("field", field.key, field.label, ADDED, sentence))
            continue
        for aspect, noun, was, now in _said(earlier, field):
            if was != now:
                found.append(changed("field", field.key, field.label, aspect, noun, was, now))
    for field in old.fields.values():
        if field.key not in new.fields:
            sentence = f"The field '{field.label or field.key}' is removed."
            found.append(Change("field", field.key, field.label, REMOVED, sentence))
    if not found and old.schema != new.schema:
        found.append(
            Change("file", "", "", CHANGED, "The fields are the same; the form only looks otherwise.", "layout")
        )
    return found


def _demand(field: forms.Field) -> str:
    return ", and must be filled in" if field.validate.get("required") else ""


def _said(old: forms.Field, new: forms.Field) -> Iterator[tuple[str, str, str | None, str | None]]:
    yield "label", "the label", old.label or None, new.label or None
    yield "type", "the type", _type(old), _type(new)
    yield "options", "the choices", _options(old), _options(new)
    for rule in dict.fromkeys([*new.validate, *old.validate]):
        yield rule, f"the rule '{rule}'", _rule(old, rule), _rule(new, rule)


def _type(field: forms.Field) -> str:
    return article(field.subtype if field.type == "datetime" else field.type)


def _options(field: forms.Field) -> str | None:
    return ", ".join(map(forms.to_text, field.options)) if field.options else None


def _rule(field: forms.Field, rule: str) -> str | None:
    value = field.validate.get(rule)
    return str(value).lower() if value else None


def _decisions(data: bytes) -> dict[str, _Decision]:
    found: dict[str, _Decision] = {}
    for item in parse(data):
        if local(item) not in ("decision", "businessKnowledgeModel", "decisionService", "inputData"):
            continue
        name = item.get("name") or ""
        key, table = item.get("id") or name, child(item, "decisionTable")
        read = _table(table) if table is not None else None
        found[key] = _Decision(key, name or key, read, etree.tostring(item, method="c14n"))
    return found


def _table(table: Xml) -> _Table:
    columns: dict[str, str] = {}
    for column in children(table, "input"):
        asked = text_of(child(column, "inputExpression"))
        columns[_unused(columns, column.get("label") or asked)] = asked
    for column in children(table, "output"):
        name = column.get("name") or column.get("label") or "result"
        columns[_unused(columns, name)] = f"output {name}"
    rules: dict[str, Mapping[str, str]] = {}
    for number, rule in enumerate(children(table, "rule"), 1):
        cells = [text_of(cell) for cell in (*children(rule, "inputEntry"), *children(rule, "outputEntry"))]
        rules[rule.get("id") or f"rule {number}"] = dict(zip(columns, cells, strict=False))
    policy = " ".join(part for part in (table.get("hitPolicy", "UNIQUE"), table.get("aggregation")) if part)
    return _Table(policy, columns, rules)


def _unused(columns: Mapping[str, str], name: str) -> str:
    return name if name not in columns else f"{name} ({len(columns) + 1})"


def _tables(decision: _Decision, old: _Table, new: _Table) -> Iterator[Change]:
    if old.policy != new.policy:
        yield changed("decision", decision.id, decision.name, "hit_policy", "the hit policy", old.policy, new.policy)
    for column in dict.fromkeys([*new.columns, *old.columns]):
        was, now = old.columns.get(column), new.columns.get(column)
        if was != now:
            yield changed("column", decision.id, decision.name, "column", f"the column '{column}'", was, now)
    shared = [column for column in new.columns if column in old.columns]
    yield from _rules(decision, old, new, shared)
    kept = [[key for key in each.rules if key in old.rules and key in new.rules] for each in (old, new)]
    if kept[0] != kept[1]:
        sentence = f"The rules of '{decision.name}' stand in another order."
        yield Change("decision", decision.id, decision.name, CHANGED, sentence, "order")


def _rules(decision: _Decision, old: _Table, new: _Table, columns: list[str]) -> Iterator[Change]:
    for number, (key, cells) in enumerate(new.rules.items(), 1):
        name = f"rule {number} of '{decision.name}'"
        earlier = old.rules.get(key)
        if earlier is None:
            said = ", ".join(f"{column} {cell or '-'}" for column, cell in cells.items())
            yield Change("rule", key, decision.name, ADDED, f"{name.capitalize()} is new: {said}.")
            continue
        for column in columns:
            was, now = earlier.get(column) or "-", cells.get(column) or "-"
            if was != now:
                sentence = f"{name[0].upper()}{name[1:]}: '{column}' is now {now}, was {was}."
                yield Change("rule", key, decision.name, CHANGED, sentence, column, was, now)
    for number, (key, cells) in enumerate(old.rules.items(), 1):
        if key not in new.rules:
            said = ", ".join(f"{column} {cell or '-'}" for column, cell in cells.items())
            yield Change("rule", key, decision.name, REMOVED, f"Rule {number} of '{decision.name}' is removed: {said}.")


def _whole(decision: _Decision, kind: str) -> Change:
    verb = "is new" if kind == ADDED else "is removed"
    return Change("decision", decision.id, decision.name, kind, f"The decision '{decision.name}' {verb}.")
