"""Deciding: what a decision requires is decided first, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.dmn.model import Element, Model
from engine.dmn.types import conform
from engine.feel.functions import Function
from engine.feel.scope import Run, Scope
from engine.feel.values import Value


class Evaluation:
    """One question to a model: what was given, and what is decided so far."""

    def __init__(self, model: Model, run: Run, variables: Mapping[str, Value]) -> None:
        self.model = model
        self.run = run
        self.variables = variables
        self.known: dict[str, Value] = {}

    def answer(self, element: Element) -> Value:
        """What somebody asked for: a decision's value, or what a service gives for the variables."""
        if element.kind != "service":
            return self.value(element)
        inputs = [self.model.elements[target].name for target in element.parameters if target in self.model.elements]
        return Service(self, element).call(self.run, [self.variables.get(name) for name in inputs], None)

    def value(self, element: Element) -> Value:
        """The value of an element, after those of all that it requires."""
        for needed in self._order(element):
            if needed.id not in self.known:
                self.known[needed.id] = self._decide(needed)
        return self.known[element.id]

    def _order(self, element: Element) -> list[Element]:
        """What is required, before what requires it; without recursion, since a file may chain thousands."""
        order: list[Element] = []
        seen: set[str] = set()
        waiting = [(element, False)]
        while waiting:
            current, done = waiting.pop()
            if done:
                order.append(current)
            elif current.id not in seen:
                seen.add(current.id)
                waiting.append((current, True))
                if current.id not in self.known:
                    required = (
                        self.model.elements[target] for target in current.requires if target in self.model.elements
                    )
                    waiting.extend((needed, False) for needed in required)
        return order

    def _decide(self, element: Element) -> Value:
        match element.kind:
            case "input":
                return conform(self.run, self.variables.get(element.name), element.type, element.name)
            case "service":
                return Service(self, element)
        assert element.node is not None
        scope = Scope(self._required(element), self._outside(element))
        if element.kind == "knowledge":  # a function that may call itself, or another that calls it
            scope = Scope(_Known(self, element), scope)
        value = self.run.value(element.node, scope)
        return conform(self.run, value, element.type, element.name) if element.kind == "decision" else value

    def _required(self, element: Element) -> dict[str, Value]:
        values = {
            self.model.elements[target].name: self.known[target] for target in element.requires if target in self.known
        }
        values.update({name: self._imported(model) for name, model in self.model.imports.items()})
        return values

    def _outside(self, element: Element) -> Scope:
        return Scope(self.variables if element.kind == "decision" else {})

    def _imported(self, model: Model) -> dict[str, Value]:
        key = f"#import {model.namespace}"
        if key not in self.known:
            inner = Evaluation(model, self.run, self.variables)
            wanted = [element for element in model.elements.values() if element.kind in ("knowledge", "service")]
            self.known[key] = {element.name: inner.value(element) for element in wanted}
        found = self.known[key]
        assert isinstance(found, dict)
        return found


class _Known(Mapping[str, Value]):
    """Knowledge by name as it becomes known: when a function is made, those that it calls may not be."""

    def __init__(self, evaluation: Evaluation, element: Element) -> None:
        elements = evaluation.model.elements
        self._known = evaluation.known
        self._ids = {elements[target].name: target for target in (*element.requires, element.id) if target in elements}

    def __contains__(self, name: object) -> bool:
        return self._ids.get(str(name)) in self._known

    def __getitem__(self, name: str) -> Value:
        return self._known[self._ids[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


@dataclass(frozen=True, slots=True, eq=False)
class Service(Function):
    """A decision service as a function of its input decisions and input data."""

    evaluation: Evaluation
    element: Element

    def call(self, run: Run, args: Sequence[Value], named: Mapping[str, Value] | None) -> Value:
        """The value of its output decision, or a context of them."""
        elements = self.evaluation.model.elements
        inputs = [elements[target] for target in self.element.parameters if target in elements]
        if named is not None:
            if set(named) != {item.name for item in inputs}:
                run.note(f"The service '{self.element.name}' has other parameters.")
                return None
            args = [named[item.name] for item in inputs]
        if len(args) != len(inputs):
            run.note(f"The service '{self.element.name}' takes {len(inputs)} arguments; it got {len(args)}.")
            return None
        inner = Evaluation(self.evaluation.model, run, {})
        for item, value in zip(inputs, args, strict=True):
            fitting = conform(run, value, item.type, item.name)
            if value is not None and fitting is None:
                return None
            inner.known[item.id] = fitting
        run.spend(1)
        outputs = [elements[target] for target in self.element.outputs if target in elements]
        results: dict[str, Value] = {item.name: inner.value(item) for item in outputs}
        value = next(iter(results.values())) if len(results) == 1 else results
        return conform(run, value, self.element.type, self.element.name)
