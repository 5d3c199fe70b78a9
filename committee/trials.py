"""Trying a draft: its story is played from the beginning each time, in memory, so that nothing has to be kept or undone.

What a system's step would do to a case it does not do here: the person says what it answers. Processes that the draft
calls are answered too, since they have trials of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.drafts import Draft, named_files
from engine import trial
from engine.bpmn.check import CheckContext
from engine.bpmn.model import Node
from engine.feel import Value, from_json
from engine.functions import FunctionContext, bound_functions
from engine.operations import Operation, operations
from store import clock
from store.errors import Invalid
from store.sentences import say

MAX_ACTS = 300
ISO_DAY = len("2027-04-08")
_DEADLINE = re.compile(rb'deadline\((?:\w+,\s*)?(?:"|&quot;)(\w+)(?:"|&quot;)\)')


@dataclass(frozen=True, slots=True)
class Story:
    """How a trial begins, and what happens in it."""

    at: date
    given: Mapping[str, Any]
    """Variables that the process is started with."""
    answers: Mapping[str, Mapping[str, Any]]
    """What each operation gives."""
    deadlines: Mapping[str, str]
    """The day of each kind of deadline."""
    acts: Sequence[trial.Act]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a story; without nodes the draft was refused."""

    told: Mapping[str, Any]
    nodes: Mapping[str, Node]

    @property
    def marks(self) -> dict[str, str]:
        """What is drawn on the picture, by element: where it stands, what is waited for, what has been passed."""
        done = {each["element"]: "done" for each in self.told["trace"] if each["event"] == "completed"}
        waits = {each["element"]: "waiting" for each in (*self.told["timers"], *self.told["waiting_for"])}
        return {**done, **waits, **{each["element"]: "open" for each in self.told["open"]}}


def play(db: Session, draft: Draft, story: Story) -> Played:
    """Play a story on a draft as it was last saved. Raises Invalid for one that is too long."""
    if len(story.acts) > MAX_ACTS:
        raise Invalid(say("A trial has at most %(most)s steps. Begin it anew.", most=MAX_ACTS))
    contents = {draft.file_name: draft.content}
    named = named_files(db, draft.organization_id, draft.content)
    contents |= {name: data for name, data in named.items() if name.endswith(".dmn")}
    files = _files(tuple(contents.items()), draft.organization_id)
    if files.refused:
        return Played(trial.report(files, None), {})
    compiled = files.chosen(None)
    answers = [(name, values(given)) for name, given in story.answers.items() if given]
    answers += [(name, dict(story.deadlines)) for name in ("deadline", "own deadline") if story.deadlines]
    tried = trial.Trial(files, trial.Answers.of(answers), clock.at(story.at, 8))
    trial.play(tried, compiled, values(story.given), story.acts)
    return Played(trial.report(files, tried), compiled.nodes)


@lru_cache(maxsize=8)
def _files(contents: tuple[tuple[str, bytes], ...], organization_id: UUID) -> trial.Files:
    """Read once for a whole trial, of which every step plays the story anew."""
    known = bound_functions(FunctionContext(None, organization_id, None))
    return trial.Files(dict(contents), CheckContext(operations=frozenset(operations()), functions=frozenset(known)))


def asked(nodes: Mapping[str, Node]) -> list[Operation]:
    """The operations of a draft that would give something, which a person has to say here."""
    named = {node.operation for node in nodes.values() if node.operation and not node.form}
    return [found for name, found in operations().items() if name in named and found.outputs]


def deadlines_named(draft: Draft) -> list[str]:
    """The kinds of deadlines that a draft asks for."""
    return sorted({found.decode() for found in _DEADLINE.findall(draft.content)})


def form_files(db: Session, draft: Draft) -> dict[str, bytes]:
    """The forms by name that a draft may show: those in use that it names, and before them those that are being written."""
    named = named_files(db, draft.organization_id, draft.content)
    found = {PurePath(name).stem: data for name, data in named.items() if name.endswith(".form")}
    written = select(Draft.file_name, Draft.content).where(
        Draft.organization_id == draft.organization_id, Draft.file_name.endswith(".form")
    )
    return found | {PurePath(name).stem: data for name, data in db.execute(written.order_by(Draft.changed_at))}


def values(given: Mapping[str, Any]) -> dict[str, Value]:
    """What somebody has written, as values: a text that is a day is that day."""
    return {name: _day(value) or from_json(value) for name, value in given.items()}


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == ISO_DAY else None
    except ValueError:
        return None
