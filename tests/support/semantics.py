"""Diagrams with the trace that they must leave, written so that they can be read.

    Row("a deadline interrupts", body, "start > ask > end; late > end", does="advance P14D",
        trace="start ask+ | ask! late end")

`does` are acts, divided by `;`: `ask`, `ask={"x": 1}` completes a task; `message Answer`, `signal Moved`, `advance P14D`.
The trace has one part for the start and one for each act, divided by `|`: `ask+` entered, `ask-` completed, `ask!` cancelled,
`ask?` failed; `ask` alone is entered and completed in one go.

Every row runs twice: as it is, and with its state saved and restored after every single step of every instance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.bpmn.check import CheckContext
from engine.feel import Value, from_json
from engine.spiff import Run, Snapshot
from engine.trial import Act, Advance, Answers, Complete, Files, Message, Refusal, Signal, Trial, go_on, play, report
from engine.trial.parts import Tried
from tests.support.diagrams import bpmn
from tests.support.parts import NAMES

BEGINS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_MARKS = {"entered": "+", "completed": "-", "cancelled": "!", "failed": "?"}


@dataclass(frozen=True)
class Row:
    """A construct of BPMN, a diagram that uses it, what happens to it, and what must come of it."""

    says: str
    body: str
    flows: str
    trace: str
    does: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    answers: tuple[tuple[str, object], ...] = ()
    """Answers of operations by name; a text is the code of a BPMN error."""
    status: str = "completed"
    ends_with: Mapping[str, object] = field(default_factory=dict)
    """Variables of the process, as they must be at the end."""
    more: bytes = b""
    """Other processes of the same file: what stands between its definitions and their end."""
    beside: tuple[tuple[str, bytes], ...] = ()
    """Other files by name: decisions."""

    @property
    def diagram(self) -> bytes:
        """The file."""
        drawn = bpmn(self.body, self.flows, declared=NAMES)
        return drawn.replace(b"</definitions>", self.more + b"</definitions>")


class Restored(Trial):
    """A trial whose instances are saved, thrown away and restored after every step."""

    def observe(self, live: Tried, snapshot: Snapshot) -> None:
        """Restore what has just been looked at."""
        super().observe(live, snapshot)
        if snapshot.status != "running":
            return  # what an error brings is told to the caller in the same step, and is in no state
        waiting = live.run.waiting()
        live.run = Run.restore(live.compiled.program, live.run.save(), self._evaluator)
        again = live.run.snapshot()
        assert (again.waiting, again.status) == (waiting, snapshot.status), "restoring changed what waits"


def ran(row: Row, kind: type[Trial]) -> tuple[str, Mapping[str, object]]:
    """The trace of a row in short form, and its report."""
    files = Files({"row.bpmn": row.diagram, **dict(row.beside)}, CheckContext())
    told = [finding["sentence"] for finding in files.findings if finding["severity"] == "error"]
    assert not told, told
    answers = ((name, Refusal(it) if isinstance(it, str) else from_json(it)) for name, it in row.answers)
    trial = kind(files, Answers.of(answers), BEGINS)
    parts, seen = [], 0
    for step in [None, *(_act(text) for text in row.does.split(";") if text.strip())]:
        if step is None:
            play(trial, files.chosen(None), _values(row.data), [])
        else:
            go_on(trial, [step])
        parts.append(_short([(p.entry.element_id, p.entry.event) for p in trial.trace[seen:]]))
        seen = len(trial.trace)
    return " | ".join(parts), report(files, trial)


def _act(text: str) -> Act:
    word, _, rest = text.strip().partition(" ")
    match word:
        case "message":
            name, _, payload = rest.partition(":")
            return Message(name, _values(json.loads(payload or "{}")))
        case "signal":
            return Signal(rest)
        case "advance":
            return Advance(rest)
        case _:
            element, said, result = text.strip().partition("=")
            return Complete(element, _result(result if said else "{}"))


def _result(text: str) -> Mapping[str, Value] | Refusal:
    return Refusal(text[1:]) if text.startswith("!") else _values(json.loads(text))


def _values(given: Mapping[str, object]) -> dict[str, Value]:
    return {name: from_json(value) for name, value in given.items()}


def _short(entries: list[tuple[str, str]]) -> str:
    told: list[str] = []
    for element, moved in entries:
        if moved == "completed" and told and told[-1] == f"{element}+":
            told[-1] = element
        else:
            told.append(element + _MARKS[moved])
    return " ".join(told)
