"""DMN 1.3: decisions and their tables, read from XML, decided by FEEL's interpreter within its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.dmn.check import check, result_names
from engine.dmn.evaluate import Evaluation
from engine.dmn.model import DecisionFailed, DmnError, Element, Model
from engine.dmn.read import read_model
from engine.dmn.table import DecisionTable
from engine.feel import FeelError, NativeFunction, Value, parse
from engine.feel.jsonform import measure
from engine.feel.scope import Run
from engine.findings import Finding
from store.sentences import say

__all__ = ["DecisionFailed", "Decisions", "DmnError", "Finding", "check", "read", "result_names"]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of one file."""

    model: Model

    @property
    def names(self) -> Mapping[str, str]:
        """The decisions' names by id."""
        return {item.id: item.name for item in self.model.elements.values() if item.kind == "decision"}

    @property
    def given(self) -> list[str]:
        """What a decision of the file is given from outside: its input data, drawn or not.

        Not drawn is what a condition of a decision's table reads and nothing in the file gives.
        """
        elements = self.model.elements.values()
        drawn = [item.name for item in elements if item.kind == "input"]
        known = {item.name for item in elements} | self.model.imports.keys()
        tables = [item.node for item in elements if item.kind == "decision" and isinstance(item.node, DecisionTable)]
        texts = [column.text for table in tables for column in table.inputs if column.text]
        read = [name for text in texts for name in sorted(parse(text, names=known).free_names - known)]
        return list(dict.fromkeys([*drawn, *read]))

    def decide(
        self,
        decision: str,
        variables: Mapping[str, Value],
        *,
        functions: Mapping[str, NativeFunction] = {},
        notes: list[str] | None = None,
        hits: list[tuple[str, str]] | None = None,
        strict: bool = True,
    ) -> Value:
        """The value of a decision, by its id or name. `hits` gets the (table, rule) ids of the rules that fitted.

        Raises DecisionFailed where there is no such decision, a value is not of the type that it should be, no rule
        fits, or several do where one may; with `strict=False` all but the first give null, as the standard has it. Raises FeelError when a limit is passed.
        """
        element = self._find(decision)
        run = Run(functions, notes)
        if strict:
            run.on_fault = _fail
        try:
            value = Evaluation(self.model, run, variables).answer(element)
            measure(value)
        except RecursionError as error:
            raise FeelError("The decision was stopped: it is nested too deeply.") from error
        finally:
            if hits is not None:
                hits += run.hits
        return value

    def _find(self, decision: str) -> Element:
        elements = self.model.elements
        if decision in elements:
            return elements[decision]
        named = [item for item in elements.values() if item.name == decision and item.kind in ("decision", "service")]
        if not named:
            known = ", ".join(item.id for item in elements.values() if item.kind == "decision")
            told = {"decision": decision, "known": known or say("none")}
            raise DecisionFailed(say("There is no decision '%(decision)s' in this file. It has %(known)s.", **told))
        if len(named) > 1:
            ids = ", ".join(item.id for item in named)
            raise DecisionFailed(
                say("Several decisions are called '%(decision)s'. Ask by id: %(ids)s.", decision=decision, ids=ids)
            )
        return named[0]


def read(data: bytes, *, imports: Sequence[Decisions] = (), functions: Collection[str] = ()) -> Decisions:
    """The decisions of a DMN file. Raises DmnError with all findings where it cannot be run."""
    model, findings, _ = read_model(data, [other.model for other in imports], sorted(functions))
    errors = tuple(finding for finding in findings if finding.severity == "error")
    if errors:
        told = {"why": errors[0].sentence, "count": len(errors)}
        raise DmnError(say("The decisions cannot be run: %(why)s (Errors: %(count)s.)", **told), errors)
    return Decisions(model)


def _fail(sentence: str) -> None:
    raise DecisionFailed(sentence)
