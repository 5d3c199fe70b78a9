"""What a rule says, and what the organisation knows that a diagram may name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.bpmn.model import Diagram, Node, Process


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend (`error`: the diagram is refused) or to think about (`advice`: it never is)."""

    element_id: str
    name: str
    line: int
    severity: str
    rule: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Names that a diagram may use. None means that it is not known here, and is not checked."""

    operations: frozenset[str] | None = None
    functions: frozenset[str] | None = None
    bodies: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    decisions: frozenset[str] | None = None
    processes: frozenset[str] | None = None


Rule = Callable[[Diagram, Process, CheckContext], Iterator[Finding]]
"""A rule looks at one process and yields findings."""


def error(node: Node, rule: str, sentence: str, hint: str) -> Finding:
    """A finding that refuses the diagram."""
    return Finding(node.id, node.name, node.line, "error", rule, sentence, hint)


def advice(node: Node, rule: str, sentence: str, hint: str) -> Finding:
    """A finding that is only advice."""
    return Finding(node.id, node.name, node.line, "advice", rule, sentence, hint)


def label(node: Node) -> str:
    """How a finding speaks of a node."""
    return f"'{node.name or node.id}'"
