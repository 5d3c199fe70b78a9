"""The files of a trial: checked as for deployment, compiled, found by what diagrams call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from engine import definitions, dmn
from engine.bpmn.check import CheckContext
from engine.bpmn.model import Diagram, NodeType
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from engine.functions import FunctionContext, bound_functions
from store.errors import Invalid
from store.sentences import say

_ANSWERED = ("unknown-operation",)
"""Rules whose errors are advice here: the person who tries the diagram answers in place of the operation."""


class Files:
    """Diagrams and decisions that are tried together; the first is the one that is tried."""

    def __init__(self, contents: Mapping[str, bytes], context: CheckContext) -> None:
        context = replace(context, forms=None, decisions=None, processes=None, bodies=None, tags=None)
        self.findings = [_milder(finding) for finding in definitions.check_files(contents, context)]
        self.processes: dict[str, definitions.Compiled] = {}
        self.decision_files: dict[str, dmn.Decisions] = {}
        """The files of decisions by their names without ending."""
        self.names: dict[str, str] = {}
        """Process or file of decisions -> the name of its file."""
        if self.refused:
            return
        for name, data in contents.items():
            path = PurePosixPath(name)
            if path.suffix == ".bpmn":
                self._compile(name, data)
            elif path.suffix == ".dmn":
                self.decision_files[path.stem] = dmn.read(data)
                self.names[path.stem] = name

    @property
    def refused(self) -> bool:
        """Whether anything must be mended first."""
        return any(finding["severity"] == "error" for finding in self.findings)

    def decisions(self, key: str) -> dmn.Decisions | None:
        """The file of a decision: the one of its name, else the one that holds it."""
        found = self.decision_file(key)
        return self.decision_files[found] if found is not None else None

    def decision_file(self, key: str) -> str | None:
        """The name, without its ending, of the file that a decision is in."""
        files = self.decision_files.items()
        held = (stem for stem, found in files if key in found.names or key in found.names.values())
        return key if key in self.decision_files else next(held, None)

    def asked(self) -> set[str]:
        """The operations and decisions that diagrams ask for, and the functions that expressions may."""
        nodes = [node for compiled in self.processes.values() for node in compiled.nodes.values()]
        functions = bound_functions(FunctionContext(None, None, None))
        return {name for node in nodes for name in (node.operation, node.decision) if name} | set(functions)

    def without(self, answered: Iterable[str]) -> Files:
        """The same files, but processes that are to be answered when they are called, and not run."""
        made = copy(self)
        made.processes = {key: found for key, found in self.processes.items() if key not in set(answered)}
        return made

    def chosen(self, process: str | None) -> definitions.Compiled:
        """The process to try: the one that is named, else the first that no other one calls. Raises Invalid."""
        if not self.processes:
            raise Invalid(say("None of the files holds a process to try."))
        if process is None:
            called = set(self._called())
            return next((found for key, found in self.processes.items() if key not in called), self._first())
        if process not in self.processes:
            known = ", ".join(map(repr, self.processes))
            raise Invalid(say("There is no process '%(name)s' here, only %(known)s.", name=process, known=known))
        return self.processes[process]

    def _first(self) -> definitions.Compiled:
        return next(iter(self.processes.values()))

    def _called(self) -> Iterator[str]:
        for compiled in self.processes.values():
            yield from (node.called_element for node in compiled.nodes.values() if node.called_element)

    def _compile(self, name: str, data: bytes) -> None:
        for process in read(data).processes.values():
            if process.is_executable:
                key = UUID(int=len(self.processes) + 1)
                self.processes[process.id] = definitions.compile_process(data, process.id, key)
                self.names[process.id] = name


def decisions_named(content: bytes) -> set[str]:
    """The decisions that a diagram names; none when it cannot be read."""
    try:
        diagram: Diagram = read(content)
    except DiagramUnreadable:
        return set()
    nodes = (node for process in diagram.processes.values() for node in process.scope.walk())
    return {node.decision for node in nodes if node.type is NodeType.BUSINESS_RULE_TASK and node.decision}


def meant(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant who wrote a name that is not known; nothing where none is like it."""
    close = get_close_matches(name, list(known), 1)
    return say(" Did you mean '%(name)s'?", name=close[0]) if close else ""


def _milder(finding: dict[str, Any]) -> dict[str, Any]:
    return finding | {"severity": "advice"} if finding["rule"] in _ANSWERED else finding
