"""Boxed expressions of a DMN file to nodes of FEEL's tree, so that one interpreter and one budget serve both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from lxml import etree

from engine.dmn.table import BY_PRIORITY, HIT_POLICIES, DecisionTable, Input, Output, Rule
from engine.dmn.types import ANY_ITEM, ItemType, Typed
from engine.feel import tree, unary
from engine.feel.cursor import Names
from engine.feel.errors import FeelSyntaxError
from engine.feel.functions import Parameter
from engine.feel.limits import MAX_NESTING
from engine.feel.parser import parsed
from engine.feel.scope import Run, Scope
from engine.feel.tree import Node
from engine.feel.types import ANY, Type
from engine.feel.values import Value
from engine.findings import Finding
from store.sentences import say

MAX_LETTERS = 1_000_000
"""Of all expressions of a file: reading takes a microsecond or three a letter."""
NULL = tree.Literal(None)
Xml: TypeAlias = etree._Element
"""lxml has no public name for it."""


def local(element: Xml) -> str:
    """An element's name without its namespace; comments and the like have none."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Xml | None, *names: str) -> Xml | None:
    """The first child of one of these names."""
    if element is None:
        return None
    return next((item for item in element if local(item) in names), None)


def children(element: Xml, name: str) -> list[Xml]:
    """All children of a name."""
    return [item for item in element if local(item) == name]


def line_of(element: Xml) -> int:
    """The line in the file, from 1; 0 where it is not known."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else 0


def text_of(element: Xml | None) -> str:
    """The text in an element's `text` child."""
    found = child(element, "text")
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


class Boxed:
    """Reads the expressions of one file and collects what is wrong with them."""

    def __init__(self, names: Collection[str], types: Mapping[str, ItemType], findings: list[Finding]) -> None:
        self.names = names
        self.types = types
        self.feel_types: dict[str, Type] = {}
        """The types as FEEL's texts name them; filled when all are known."""
        self._known = Names(names)
        self.findings = findings
        self.tables: list[DecisionTable] = []
        self.read: list[tuple[Xml, frozenset[str], frozenset[str]]] = []
        """Which functions each text calls, and which names it reads."""
        self._depth = 0
        self._letters = 0
        self._readers: dict[str, Callable[[Xml], Node]] = {
            "literalExpression": self._literal, "decisionTable": self._table, "context": self._context,
            "invocation": self._invocation, "functionDefinition": self.function, "list": self._list,
            "relation": self._relation, "conditional": self._conditional, "filter": self._filter,
            "for": self._for, "every": self._quantified, "some": self._quantified,
        }  # fmt: skip

    def inside(self, element: Xml | None) -> Node:
        """The node of the expression that is a child of this element; null where there is none."""
        if element is not None:
            for item in element:
                if (reader := self._readers.get(local(item))) is not None:
                    return self._read(reader, item)
        return NULL

    def type(self, reference: str | None, at: Xml) -> ItemType:
        """A type by its name, with or without a prefix."""
        if not reference:
            return ANY_ITEM
        found = self.types.get(reference) or self.types.get(reference.rpartition(":")[2])
        if found is None:
            self.add(
                at,
                "unknown-type",
                say("The type '%(reference)s' is not defined.", reference=reference),
                "Define it as an item definition.",
            )
        return found or ANY_ITEM

    def add(self, at: Xml, rule: str, sentence: str, hint: str, severity: str = "error") -> None:
        """Remember what is wrong at an element."""
        named: Xml | None = at
        while named is not None and not named.get("id"):
            named = named.getparent()
        element_id = (named.get("id") or "") if named is not None else ""
        name = at.get("name") or (named.get("name") or "" if named is not None else "")
        self.findings.append(Finding(element_id, name, line_of(at), severity, rule, sentence, hint))

    def parse(self, text: str, at: Xml, *, as_tests: bool = False) -> Node:
        """A text in FEEL."""
        language = at.get("expressionLanguage") or at.getroottree().getroot().get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            sentence = say("The expression language '%(language)s' is not run here.", language=language[:100])
            self.add(at, "expression-language", sentence, "Write it in FEEL.")
            return NULL
        if not text and not as_tests:
            return NULL
        self._letters += len(text)
        if self._letters > MAX_LETTERS:
            if self._letters - len(text) <= MAX_LETTERS:
                sentence = say(
                    "The expressions of the file have more than %(most)s letters together.", most=MAX_LETTERS
                )
                self.add(at, "too-large", sentence, "Split the file.")
            return unary.UnaryTests(()) if as_tests else NULL
        try:
            node, parser = parsed(text, self._known, as_tests=as_tests, types=self.feel_types)
        except FeelSyntaxError as error:
            self.add(
                at,
                "expression-syntax",
                say("'%(text)s' cannot be read: %(why)s", text=text[:200], why=error.message),
                error.hint,
            )
            return unary.UnaryTests((unary.Test(NULL, asks_input=True),)) if as_tests else NULL
        self.read.append((at, frozenset(parser.called & parser.free), frozenset(parser.free - parser.called)))
        return node

    def tests(self, text: str, at: Xml) -> unary.UnaryTests:
        """A cell's tests."""
        node = self.parse(text, at, as_tests=True)
        assert isinstance(node, unary.UnaryTests)
        return node

    def function(self, element: Xml) -> Node:
        """A function definition; only those in FEEL."""
        kind = element.get("kind", "FEEL")
        if kind != "FEEL":
            sentence = say("A function of the kind %(kind)s is not run here.", kind=kind)
            self.add(element, "external-function", sentence, "Write it in FEEL, or ask for an operation.")
            return NULL
        parameters = tuple(
            Parameter(item.get("name", ""), self.type(item.get("typeRef"), item).type)
            for item in children(element, "formalParameter")
        )
        return tree.FunctionOf(parameters, self._typed(element, self.inside(element), "a function's result"))

    def _read(self, reader: Callable[[Xml], Node], element: Xml) -> Node:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self.add(element, "too-deep", "The expressions are nested too deeply.", "Split it into several decisions.")
            self._depth -= 1
            return NULL
        node = reader(element)
        self._depth -= 1
        return node if local(element) == "functionDefinition" else self._typed(element, node, "an expression")

    def _typed(self, element: Xml, node: Node, what: str) -> Node:
        kind = self.type(element.get("typeRef"), element)
        return node if kind is ANY_ITEM or kind.type == ANY else Typed(node, kind, what)

    def _literal(self, element: Xml) -> Node:
        return self.parse(text_of(element), element)

    def _context(self, element: Xml) -> Node:
        entries: list[tuple[str, Node]] = []
        result: Node | None = None
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            node = self.inside(entry)
            if variable is None:
                result = node
                continue
            name = variable.get("name", "")
            kind = self.type(variable.get("typeRef"), variable)
            entries.append((name, Typed(node, kind, name) if kind is not ANY_ITEM else node))
        if result is None:
            return tree.ContextOf(tuple(entries))
        return WithContext(tuple(entries), result)

    def _invocation(self, element: Xml) -> Node:
        bindings = children(element, "binding")
        names = []
        for binding in bindings:
            parameter = child(binding, "parameter")
            names.append(parameter.get("name", "") if parameter is not None else "")
        return tree.Call(self.inside(element), tuple(self.inside(binding) for binding in bindings), tuple(names))

    def _list(self, element: Xml) -> Node:
        return tree.ListOf(tuple(self._items(element)))

    def _items(self, element: Xml) -> list[Node]:
        return [self._read(reader, item) for item in element if (reader := self._readers.get(local(item))) is not None]

    def _relation(self, element: Xml) -> Node:
        names = [column.get("name", "") for column in children(element, "column")]
        rows: list[Node] = []
        for row in children(element, "row"):
            cells = self._items(row)
            if len(cells) != len(names):
                sentence = say(
                    "A row has %(cells)s cells, but there are %(columns)s columns.",
                    cells=len(cells),
                    columns=len(names),
                )
                self.add(row, "relation-cells", sentence, "Fill in every cell.")
                continue
            rows.append(tree.ContextOf(tuple(zip(names, cells, strict=True))))
        return tree.ListOf(tuple(rows))

    def _conditional(self, element: Xml) -> Node:
        condition, then, otherwise = (self.inside(child(element, name)) for name in ("if", "then", "else"))
        return tree.If(condition, then, otherwise)

    def _filter(self, element: Xml) -> Node:
        return tree.Filter(self.inside(child(element, "in")), self.inside(child(element, "match")))

    def _iterator(self, element: Xml) -> tuple[tree.Iterator, ...]:
        return (tree.Iterator(element.get("iteratorVariable", ""), self.inside(child(element, "in"))),)

    def _for(self, element: Xml) -> Node:
        return tree.For(self._iterator(element), self.inside(child(element, "return")), reads_partial=True)

    def _quantified(self, element: Xml) -> Node:
        condition = self.inside(child(element, "satisfies"))
        return tree.Quantified(local(element) == "some", self._iterator(element), condition)

    def _table(self, element: Xml) -> Node:
        inputs = tuple(self._input(item) for item in children(element, "input"))
        outputs = tuple(self._output(item) for item in children(element, "output"))
        rules = [self._rule(item, len(inputs), len(outputs)) for item in children(element, "rule")]
        policy, aggregator = element.get("hitPolicy", "UNIQUE"), element.get("aggregation", "")
        if policy not in HIT_POLICIES or aggregator not in ("", "SUM", "MIN", "MAX", "COUNT"):
            sentence = say("The hit policy '%(policy)s' does not exist.", policy=f"{policy} {aggregator}".strip())
            self.add(element, "hit-policy", sentence, say("Use one of %(names)s.", names=", ".join(HIT_POLICIES)))
        elif policy == "COLLECT" and aggregator and len(outputs) > 1:
            sentence = say(
                "%(aggregator)s is of one output, but the table has %(count)s (DMN 1.3 §8.2.8).",
                aggregator=aggregator,
                count=len(outputs),
            )
            self.add(element, "aggregation", sentence, "Draw a table for each output, or collect them without it.")
        elif policy in BY_PRIORITY and not any(output.order for output in outputs):
            sentence = say(
                "%(policy)s goes by the order of the output values, but no output says which they are.", policy=policy
            )
            hint = "List the output values, the most important first, or choose FIRST or RULE ORDER."
            self.add(element, "output-order", sentence, hint)
        if not outputs:
            self.add(element, "no-output", "The table has no output column.", "Add one.")
        owner: Any = element
        while owner is not None and not owner.get("name"):
            owner = owner.getparent()
        name = owner.get("name", "") if owner is not None else ""
        kept = tuple(rule for rule in rules if rule is not None)
        table = DecisionTable(element.get("id", ""), name, line_of(element), inputs, outputs, kept, policy, aggregator)
        self.tables.append(table)
        return table if outputs else NULL

    def _input(self, element: Xml) -> Input:
        expression = child(element, "inputExpression")
        text = text_of(expression)
        kind = self.type(expression.get("typeRef"), expression) if expression is not None else ANY_ITEM
        values = text_of(child(element, "inputValues"))
        node = self.parse(text, expression if expression is not None else element)
        label = element.get("label") or text
        return Input(label, node, kind, self.tests(values, element) if values else None, text)

    def _output(self, element: Xml) -> Output:
        values, default = text_of(child(element, "outputValues")), child(element, "defaultOutputEntry")
        name = element.get("name", "")
        return Output(
            name,
            self.type(element.get("typeRef"), element),
            self.tests(values, element) if values else None,
            self.parse(text_of(default), default) if default is not None and text_of(default) else None,
            label=element.get("label", "") or name,
        )

    def _rule(self, element: Xml, inputs: int, outputs: int) -> Rule | None:
        asked, answered = children(element, "inputEntry"), children(element, "outputEntry")
        if (len(asked), len(answered)) != (inputs, outputs):
            sentence = say(
                "A rule has %(asked)s + %(answered)s cells, but the table has %(inputs)s + %(outputs)s columns.",
                asked=len(asked),
                answered=len(answered),
                inputs=inputs,
                outputs=outputs,
            )
            self.add(element, "rule-cells", sentence, "Fill in every cell; '-' means any value.")
            return None
        texts = tuple(text_of(item) for item in asked)
        tests = tuple(self.tests(text, item) for text, item in zip(texts, asked, strict=True))
        nodes = tuple(self.parse(text_of(item), item) for item in answered)
        answers = tuple(text_of(item) for item in answered)
        return Rule(element.get("id", ""), line_of(element), tests, nodes, texts, answers)


class WithContext:
    """A boxed context whose last entry, without a name, is its result."""

    __slots__ = ("entries", "result")

    def __init__(self, entries: tuple[tuple[str, Node], ...], result: Node) -> None:
        self.entries = entries
        self.result = result

    def evaluate(self, run: Run, scope: Scope) -> Value:
        """The result, which sees the entries."""
        values = tree.ContextOf(self.entries).evaluate(run, scope)
        assert isinstance(values, dict)
        return run.value(self.result, Scope(values, scope))
