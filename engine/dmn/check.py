"""All findings of a DMN file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.dmn.boxed import Boxed
from engine.dmn.gaps import Hole, holes
from engine.dmn.model import DmnError, Element, Model
from engine.dmn.read import read_model
from engine.dmn.table import DecisionTable
from engine.feel.scope import Run, Scope
from engine.feel.tree import BUILTINS, Literal
from engine.findings import Finding
from store.sentences import say

MAX_FINDINGS = 1_000
_MAX_CASES = 5
"""Gaps and overlaps that are told of one table; more do not help."""
_SEVERAL_HITS = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


def check(
    data: bytes, *, functions: Collection[str] | Mapping[str, Any] | None = None, asked: str | None = None
) -> list[Finding]:
    """What is wrong (error) and what could be better (advice). Never raises for a file.

    `functions` are the product's; where they are None, calls of unknown functions are not looked at. `asked` is the
    decision that diagrams will ask the file for.
    """
    try:
        model, findings, boxed = read_model(data, functions=sorted(functions or ()))
    except DmnError as error:
        hint = "Export it again from a DMN editor."
        return list(error.findings) or [Finding("", "", 0, "error", "decisions-unreadable", error.message, hint)]
    known = {*BUILTINS, *(functions or ()), *boxed.names, *model.imports}
    if functions is not None:
        _check_calls(boxed, known)
    _check_names(boxed, known | {"?", "item", "partial"})
    findings.extend(_advice(model))
    if asked is not None and not any(asked in (each.id, each.name) for each in _decisions(model)):
        sentence = say("Diagrams will ask this file for the decision '%(asked)s', which it does not have.", asked=asked)
        hint = "Name the file as its decision, or the decision as its file."
        findings.append(Finding("", model.name, 0, "error", "decision-name", sentence, hint))
    for table in model.tables:
        findings.extend(_about_rules(table))
        findings.extend(_about_answers(table))
    return sorted(findings, key=lambda finding: finding.severity != "error")[:MAX_FINDINGS]


def _decisions(model: Model) -> list[Element]:
    return [element for element in model.elements.values() if element.kind == "decision"]


def result_names(data: bytes) -> frozenset[str]:
    """The names that the tables of a file answer with; none where it cannot be read."""
    try:
        model, _, _ = read_model(data)
    except DmnError:
        return frozenset()
    return frozenset(output.name for table in model.tables for output in table.outputs)


def _check_calls(boxed: Boxed, known: set[str]) -> None:
    for element, called, _ in boxed.read:
        for name in sorted(called - known):
            sentence = say("The function '%(name)s' does not exist.", name=name)
            boxed.add(element, "unknown-function", sentence, "Check the name; docs/dmn.md lists all functions.")


def _check_names(boxed: Boxed, known: set[str]) -> None:
    for element, _, names in boxed.read:
        for name in sorted(names - known):
            if name.partition(".")[0] not in known:
                sentence = say("'%(name)s' is read here, but nothing in the file declares it.", name=name)
                hint = say('Draw it as input data. If it is a text, write it in quotes: "%(name)s".', name=name)
                boxed.add(element, "unknown-name", sentence, hint, "advice")


def _advice(model: Model) -> Iterator[Finding]:
    decisions = _decisions(model)
    if not decisions:
        sentence, hint = "The file has no decision.", "Draw one, or remove the file."
        yield Finding("", model.name, 0, "error", "no-decision", sentence, hint)
    for element in decisions:
        if element.node == Literal(None):
            sentence = say("The decision '%(name)s' has no logic and is always null.", name=element.name)
            yield Finding(element.id, element.name, element.line, "advice", "no-logic", sentence, "Give it a table.")


def _about_rules(table: DecisionTable) -> Iterator[Finding]:
    told = holes(table)
    if told is None or not table.rules:
        return
    found, never_first = told
    gaps = [hole for hole in found if not hole.rules]
    if gaps and table.hit_policy not in _SEVERAL_HITS and not any(output.default for output in table.outputs):
        for hole in gaps[:_MAX_CASES]:
            sentence = say("No rule of '%(name)s' fits when %(case)s.", name=table.name, case=hole.case)
            yield _finding(table, table.line, "rule-gap", sentence, "Add a rule, or a default output.")
    for hole in [hole for hole in found if _is_doubtful(table, hole)][:_MAX_CASES]:
        numbers = ", ".join(str(number + 1) for number in hole.rules)
        sentence = say(
            "Rules %(numbers)s of '%(name)s' fit at once when %(case)s.",
            numbers=numbers,
            name=table.name,
            case=hole.case,
        )
        hint = "Narrow one of them, or choose the hit policy FIRST or PRIORITY."
        yield _finding(table, table.rules[hole.rules[1]].line, "rule-overlap", sentence, hint)
    if table.hit_policy == "FIRST":
        for number in never_first:
            sentence = say(
                "Rule %(number)s of '%(name)s' is never reached: the rules before it take every case.",
                number=number + 1,
                name=table.name,
            )
            yield _finding(table, table.rules[number].line, "rule-unreachable", sentence, "Move it up or remove it.")


def _about_answers(table: DecisionTable) -> Iterator[Finding]:
    """Answers that are written out and are not among the values of their column."""
    run = Run({}, [])
    for column, output in enumerate(table.outputs):
        for number, rule in enumerate(table.rules, 1):
            answer = rule.outputs[column]
            if output.values is None or not isinstance(answer, Literal) or answer.value is None:
                continue
            if run.value(output.values, Scope({"?": answer.value})) is not True:
                sentence = say(
                    "Rule %(number)s of '%(name)s' answers %(answer)s, which is not among the output values of '%(output)s'.",
                    number=number,
                    name=table.name,
                    answer=rule.answers[column][:60],
                    output=output.name or table.name,
                )
                yield _finding(
                    table, rule.line, "output-values", sentence, "Add it to the output values, or mend the answer."
                )


def _is_doubtful(table: DecisionTable, hole: Hole) -> bool:
    if len(hole.rules) < 2:
        return False
    if table.hit_policy == "UNIQUE":
        return True
    answers = [table.rules[number].outputs for number in hole.rules]
    return table.hit_policy == "ANY" and any(answer != answers[0] for answer in answers)


def _finding(table: DecisionTable, line: int, rule: str, sentence: str, hint: str) -> Finding:
    return Finding(table.id, table.name, line, "advice", rule, sentence, hint)
