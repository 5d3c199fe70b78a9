"""What a scenario can see of a trial, in the words of its diagram."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.bpmn.model import Node
from engine.feel import to_json
from engine.spiff import Waiting, WaitKind
from engine.trial import Trial
from engine.trial.parts import Decided, Given, Tried
from engine.trial.runner import PEOPLE
from store import clock, sentences
from store.sentences import quoted, say

NONE = say("none")

if TYPE_CHECKING:
    from engine.feel import Value

OPEN = (*PEOPLE, WaitKind.CALL)
_RECEIVED = (WaitKind.MESSAGE, WaitKind.SIGNAL)


@dataclass(frozen=True, slots=True)
class Seen:
    """An element of one instance."""

    instance: Tried
    element: str

    @property
    def node(self) -> Node:
        return self.instance.compiled.nodes[self.element]

    def is_meant(self, reference: str) -> bool:
        """Whether a scenario means it: by its id, or `what/id` with the process or call activity that it is inside."""
        inside, _, element = reference.rpartition("/")
        caller = self.instance.caller
        places = (self.instance.compiled.process.id, caller.element_id if caller is not None else None)
        return element == self.element and (not inside or inside in places)

    def __str__(self) -> str:
        return labelled(self.element, self.node.name)


@dataclass(slots=True)
class View:
    """A trial, and how far it had come when the scenario last looked."""

    trial: Trial
    names: Mapping[str, str]
    """Element, and `process/element` -> its name, of all processes that may be run."""
    _traced: int = 0
    _decided: int = 0
    _given: int = 0
    since: list[Seen] = field(default_factory=list)
    """What has been passed in the last step, in order."""
    decided: list[Decided] = field(default_factory=list)
    """What has been decided in the last step."""
    given: list[Given] = field(default_factory=list)
    """What operations and called processes have been given in the last step."""

    def look(self) -> None:
        """Take in what has happened since the last look."""
        trace, decided = self.trial.trace, self.trial.decided
        passed = (found for found in trace[self._traced :] if found.entry.event == "completed")
        self.since = [Seen(found.instance, found.entry.element_id) for found in passed]
        self.decided = decided[self._decided :]
        self.given = self.trial.given[self._given :]
        self._traced, self._decided, self._given = len(trace), len(decided), len(self.trial.given)

    def open(self) -> Iterator[tuple[Seen, tuple[UUID, str], Waiting]]:
        """The open tasks, and the calls that are to be answered, oldest first."""
        run = {child.caller.key for child in self.trial.live.values() if child.caller and child.status == "running"}
        for (instance_id, key), wait in self.trial.waits.items():
            if wait.kind in OPEN and not (wait.kind is WaitKind.CALL and self._runs(instance_id, key, run)):
                yield Seen(self.trial.live[instance_id], wait.element_id), (instance_id, key), wait

    def _runs(self, instance_id: UUID, key: str, run: set[str]) -> bool:
        """Whether the process that a call calls is run here, and not answered."""
        if key not in run:
            return False
        callers = (child.caller for child in self.trial.live.values() if child.status == "running")
        return any(caller is not None and (caller.instance_id, caller.key) == (instance_id, key) for caller in callers)

    def timers(self, reference: str) -> list[datetime]:
        """When the timers of an element fall due."""
        armed = (timer for timer in self.trial.timers.values() if timer.due_at is not None)
        meant = (timer for timer in armed if Seen(timer.instance, timer.wait.element_id).is_meant(reference))
        return [timer.due_at for timer in meant if timer.due_at is not None]

    def due(self, reference: str) -> list[object]:
        """The days by which the open tasks of an element should be done."""
        return [seen.instance.due[wait.key] for seen, _, wait in self.open() if seen.is_meant(reference) and wait.key in seen.instance.due]  # fmt: skip

    def given_to(self, reference: str) -> Mapping[str, Value] | None:
        """What an element was given last in this step, or what the task sees that is open there; None where nothing was."""
        given = [each.values for each in self.given if Seen(each.instance, each.element).is_meant(reference)]
        if given:
            return given[-1]
        there = ((seen, wait) for seen, _, wait in self.open() if seen.is_meant(reference))
        return next((seen.instance.run.variables(wait.key) for seen, wait in there), None)

    def received(self) -> set[str]:
        """The names of messages and signals that are waited for, and the elements that wait for them."""
        found = [(key, wait) for key, wait in self.trial.waits.items() if wait.kind in _RECEIVED]
        elements = {wait.element_id for _, wait in found}
        places = {f"{self.trial.live[key].compiled.process.id}/{wait.element_id}" for (key, _), wait in found}
        return elements | places | {wait.name for _, wait in found if wait.name}

    def data(self) -> Mapping[str, Value]:
        """The variables of the process that is tried."""
        return self.trial.data()

    def name(self, reference: str) -> str:
        """The element that a scenario means, as people know it."""
        inside, _, element = reference.rpartition("/")
        name = self.names.get(reference) or self.names.get(element)
        shown = labelled(element, name)
        return say("%(element)s in %(process)s", element=shown, process=quoted(inside)) if inside else shown


def labelled(element: str, name: str | None) -> str:
    """An element as people know it, with its id."""
    if not name or name == element:
        return quoted(element)
    return say("%(element)s (%(id)s)", element=quoted(name), id=element)


def listed(items: list[str], nothing: str = NONE) -> str:
    """`a`, `a and b`, `a, b and c`; several of the same are counted."""
    counted = {item: items.count(item) for item in items}
    shown = [
        item if count == 1 else say("%(count)s × %(item)s", count=count, item=item) for item, count in counted.items()
    ]
    if len(shown) < 2:
        return shown[0] if shown else nothing
    return say("%(these)s and %(last)s", these=sentences.listed(shown[:-1]), last=shown[-1])


def shown(value: Value | object) -> str:
    """A value as a scenario would write it."""
    if isinstance(value, datetime):
        return value.astimezone(clock.STOCKHOLM).strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    if isinstance(value, date):
        return value.isoformat()
    plain: Any = to_json(value)  # type: ignore[arg-type]  # whatever else there is comes from FEEL
    return json.dumps(plain, ensure_ascii=False) if plain is not None else "nothing"
