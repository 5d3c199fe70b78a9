"""What of the diagrams and decision tables scenarios have passed, and what not.

An element is passed when a token has left it as the diagram means it to be left: an activity that was only interrupted, or
an event that was waited for in vain, is not. A sequence flow is passed when a token went along it; one behind an
event-based gateway when its event came. A rule is passed when it fitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.bpmn.model import Scope

if TYPE_CHECKING:
    from engine import dmn
    from engine.trial import Files, Trial


@dataclass(frozen=True, slots=True)
class Part:
    """An element, a sequence flow or a rule, and how often it was passed."""

    kind: Literal["element", "flow", "rule"]
    id: str
    name: str
    line: int
    times: int


@dataclass(frozen=True, slots=True)
class Covered:
    """A process or a file of decision tables."""

    file: str
    kind: Literal["process", "decisions"]
    key: str
    name: str
    parts: tuple[Part, ...]

    @property
    def missing(self) -> list[Part]:
        """What nothing has passed."""
        return [part for part in self.parts if not part.times]

    @property
    def percent(self) -> int:
        """Parts passed of a hundred, rounded down: 100 is all."""
        return 100 * (len(self.parts) - len(self.missing)) // len(self.parts) if self.parts else 100

    def count(self, kind: str) -> tuple[int, int]:
        """(passed, all) of a kind of parts."""
        of_kind = [part for part in self.parts if part.kind == kind]
        return sum(1 for part in of_kind if part.times), len(of_kind)

    def as_dict(self) -> dict[str, Any]:
        """For machines, and for pages that draw it on the diagram."""
        kinds = ("element", "flow") if self.kind == "process" else ("rule",)
        counts = {f"{kind}s": dict(zip(("passed", "all"), self.count(kind), strict=True)) for kind in kinds}
        named = {"file": self.file, "kind": self.kind, "key": self.key, "name": self.name, "percent": self.percent}
        return named | counts | {"parts": [asdict(part) for part in self.parts]}


class Coverage:
    """Counts what trials pass."""

    def __init__(self) -> None:
        self._passed: Counter[tuple[str, str, str]] = Counter()

    def add(self, files: Files, trial: Trial) -> None:
        """Count what a trial has passed."""
        for passed in trial.trace:
            if passed.entry.event == "completed":
                self._passed["element", passed.instance.compiled.process.id, passed.entry.element_id] += 1
        for live, flow in trial.flows:
            self._passed["flow", live.compiled.process.id, flow] += 1
        for decided in trial.decided:
            self.add_rules(files.decision_file(decided.decision), decided.rules)

    def add_rules(self, file: str | None, rules: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
        """Count the rules of a file of decisions that fitted."""
        for table, rule in rules:
            self._passed["rule", file or "", f"{table}/{rule}"] += 1

    def of(self, files: Files) -> list[Covered]:
        """What has been passed of each process and of each file of decision tables."""
        made = []
        for key, compiled in files.processes.items():
            name = compiled.process.name or key
            made.append(
                Covered(files.names[key], "process", key, name, tuple(self._parts(key, compiled.process.scope)))
            )
        for stem, decisions in files.decision_files.items():
            rules = tuple(self._rules(stem, decisions))
            if rules:
                made.append(Covered(files.names[stem], "decisions", stem, decisions.model.name or stem, rules))
        return made

    def _parts(self, process: str, scope: Scope) -> Iterator[Part]:
        for node in scope.nodes.values():
            yield Part("element", node.id, node.name, node.line, self._passed["element", process, node.id])
        for flow in scope.flows.values():
            ends = " → ".join(scope.nodes[end].name or end for end in (flow.source, flow.target))
            name = f"{flow.name}: {ends}" if flow.name else ends
            yield Part("flow", flow.id, name, flow.line, self._passed["flow", process, flow.id])
        for node in scope.nodes.values():
            if node.scope is not None:
                yield from self._parts(process, node.scope)

    def _rules(self, file: str, decisions: dmn.Decisions) -> Iterator[Part]:
        for table in decisions.model.tables:
            for number, rule in enumerate(table.rules, start=1):
                key, name = "/".join(table.reference(rule)), f"rule {number} of '{table.name}'"
                yield Part("rule", rule.id or str(number), name, rule.line, self._passed["rule", file, key])
