"""What a rule says, and what the organisation knows that a diagram may name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.bpmn.check.catalogue import CATALOGUE
from engine.bpmn.model import Diagram, Flow, Node, Process, Scope
from engine.findings import Finding
from store.sentences import quoted, say

__all__ = [
    "CheckContext", "FileRule", "Finding", "Rule", "about_file", "between", "found", "has_id", "label", "scopes", "way",
]  # fmt: skip

MAX_NAME = 200
"""Letters of a name that a finding shows."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Names that a diagram may use. None means that it is not known here, and is not checked.

    `results` and `fields` are the variables that operations, decisions and forms bring, `given` those that callers give a process.
    `started` has the process that each message starts, `tags` the called processes' versions that have a tag: (process, tag).
    """

    operations: frozenset[str] | None = None
    functions: frozenset[str] | None = None
    bodies: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    decisions: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    results: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    started: Mapping[str, str] = field(default_factory=dict)
    tags: frozenset[tuple[str, str]] | None = None


Rule = Callable[[Diagram, Process, CheckContext], Iterator[Finding]]
"""A rule looks at one process, lowered, and yields findings."""
FileRule = Callable[[Diagram, CheckContext], Iterator[Finding]]
"""A rule that looks at a file as a whole."""


class Element(Protocol):
    """Whatever a finding can be about."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def line(self) -> int: ...


def found(at: Element, rule: str, template: str, hint: str = "", *, line: int = 0, **values: object) -> Finding:
    """A finding of a rule of the catalogue, which gives its severity and, where there is none, its hint.

    The template of its sentence (`store.sentences`) may speak of `%(element)s`, which is what it is about.
    """
    described = CATALOGUE[rule]
    sentence = say(template, **{"element": label(at), **values})
    return Finding(_shown(at.id), at.name, line or at.line, described.severity, rule, sentence, hint or described.hint)


def about_file(rule: str, sentence: str, line: int = 0) -> Finding:
    """A finding about a file as a whole."""
    described = CATALOGUE[rule]
    return Finding("", "", line, described.severity, rule, sentence, described.hint)


def label(element: Element) -> str:
    """How a finding speaks of an element."""
    name = element.name or _shown(element.id)
    return quoted(name[:MAX_NAME] if name else say("without an id"))


def way(flow: Flow, scope: Scope) -> Flow:
    """A flow by the name that people know it by: its own, else those of its ends."""
    ends = [scope.nodes[end].name for end in (flow.source, flow.target) if end in scope.nodes]
    return flow if flow.name else replace(flow, name=between(*ends))


def between(source: str = "", target: str = "") -> str:
    """What a flow without a name is called; nothing where an end of it has none either."""
    return f"{source} → {target}" if source and target else ""


def scopes(process: Process) -> Iterator[tuple[Node | None, Scope]]:
    """The process's scope and that of each subprocess."""
    yield None, process.scope
    for node in process.scope.walk():
        if node.scope is not None:
            yield node, node.scope


def has_id(element: Element) -> bool:
    """Whether the file gives the element an id; the reader makes one that no file can hold where it does not."""
    return not element.id.startswith("\x00")


def _shown(key: str) -> str:
    return "" if key.startswith("\x00") else key
