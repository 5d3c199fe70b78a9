"""What the person who tries a diagram answers in place of operations, decisions and functions that need a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from engine.operations import BpmnError
from store.errors import Invalid
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer that is a BPMN error."""

    code: str


@dataclass(slots=True)
class Answers:
    """Answers by name, in the order in which they are asked for; the last one stays."""

    given: dict[str, list[Value | Refusal]] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    """Sentences about what was asked for and not answered, each once."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Value | Refusal]]) -> Answers:
        """The answers of (name, answer)."""
        made = cls()
        for name, answer in pairs:
            made.given.setdefault(name, []).append(answer)
        return made

    def result(self, name: str) -> Mapping[str, Value] | None:
        """The next result of an operation or decision; None where there is none. Raises BpmnError, Invalid."""
        if name not in self.given:
            return None
        answer = self._next(name)
        if isinstance(answer, Refusal):
            raise BpmnError(answer.code)
        if not isinstance(answer, Mapping):
            raise Invalid(say("The answer of '%(name)s' must be an object, for example %(name)s={}.", name=name))
        return answer

    def function(self, name: str, asked: Value) -> Value:
        """What a function gives that needs a case: one value for all, or one for each thing that is asked for."""
        answer = self._next(name) if name in self.given else None
        if isinstance(answer, Mapping):
            answer = answer.get(str(asked))
        if answer is None or isinstance(answer, Refusal):
            self.tell(
                say(
                    '%(name)s("%(asked)s") asks a case, and here is none: it gave null. '
                    """Answer it with --operation '%(name)s={"%(asked)s": "2026-03-12"}'.""",
                    name=name,
                    asked=asked,
                )
            )
            return None
        return _as_date(answer)

    def not_run(self, name: str) -> None:
        """Note that an operation was not answered."""
        self.tell(say("The operation '%(name)s' was not run: it answered nothing. Answer with --operation.", name=name))

    def tell(self, sentence: str) -> None:
        """Note a sentence, once."""
        if sentence not in self.unanswered:
            self.unanswered.append(sentence)

    def _next(self, name: str) -> Value | Refusal:
        waiting = self.given[name]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def _as_date(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value
