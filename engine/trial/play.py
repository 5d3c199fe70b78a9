"""Playing a trial: what people do, what comes from outside, and how time passes, in the order that was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from engine import schedule
from engine.bpmn.model import TimerType
from engine.feel import shown
from engine.spiff import WaitKind
from engine.trial.answers import Refusal
from engine.trial.files import meant
from engine.trial.parts import TrialStopped
from engine.trial.runner import MAX_FIRINGS, PEOPLE, Trial
from store import clock
from store.sentences import say

if TYPE_CHECKING:
    from engine.definitions import Compiled
    from engine.feel import Value
    from engine.trial.letters import Letter

MAX_TASKS = 5_000
"""Tasks that are completed by themselves in one trial; a loop that nobody ends would never stop."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Somebody does a task."""

    element: str
    result: Mapping[str, Value] | Refusal


@dataclass(frozen=True, slots=True)
class Message:
    """A message comes from outside."""

    name: str
    payload: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal is given to everybody who waits for it."""

    name: str
    payload: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advance:
    """Time passes: `P14D`."""

    duration: str


@dataclass(frozen=True, slots=True)
class Until:
    """Time passes up to a date (00:00 in Stockholm) or instant."""

    instant: str


@dataclass(frozen=True, slots=True)
class Auto:
    """From here on every open task is completed, but for those that a later Complete names."""


Act = Complete | Message | Signal | Advance | Until | Auto


def play(trial: Trial, compiled: Compiled, variables: Mapping[str, Value], acts: Sequence[Act]) -> None:
    """Start a process and do one act after the other; the first failure ends the trial."""
    with trial.moment():
        trial.start(compiled, variables)
    go_on(trial, acts)


def go_on(trial: Trial, acts: Sequence[Act]) -> None:
    """Do one act after the other; the first failure ends the trial."""
    player = _Player(trial)
    for number, act in enumerate(acts):
        if trial.problem is not None:
            return
        player.do(act, Counter(later.element for later in acts[number + 1 :] if isinstance(later, Complete)))


def nobody_heard(trial: Trial, name: str) -> str:
    """That a signal came when nobody waited for it, and what waits for others."""
    waited = [wait.name for wait in trial.waits.values() if wait.kind is WaitKind.SIGNAL and wait.name]
    return say(
        "Nobody waited for the signal '%(name)s', and signals are not kept.%(meant)s",
        name=name,
        meant=meant(name, waited),
    )


def nobody_took(trial: Trial, letter: Letter) -> str:
    """That nobody has waited for a message, and with which keys some wait for others of its name."""
    waits = [wait for wait in trial.waits.values() if wait.kind is WaitKind.MESSAGE]
    keys = [_listed(wait.correlation) for wait in waits if wait.name == letter.name]
    if keys:
        return say(
            "Nobody waited for the message '%(name)s' with such keys: it is waited for with %(keys)s.",
            name=letter.name,
            keys="; ".join(keys),
        )
    known = [wait.name for wait in waits if wait.name]
    return say("Nobody waited for the message '%(name)s'.%(meant)s", name=letter.name, meant=meant(letter.name, known))


def _listed(keys: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {shown(value)}" for name, value in keys.items()) or "none"


class _Player:
    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.auto = False
        self.completed = 0

    def do(self, act: Act, later: Counter[str]) -> None:
        """One act, and what is completed by itself after it; `later` are the elements that later acts complete."""
        trial = self.trial
        match act:
            case Advance(duration):
                self._move(lambda now: schedule.due(TimerType.DURATION, duration, now).at or now, later)
                return
            case Until(instant):
                self._move(lambda now: schedule.due(TimerType.DATE, instant, now).at or now, later)
                return
            case Auto():
                self.auto = True
            case Complete(element, result):
                with trial.moment():
                    trial.complete(element, result)
            case Message(name, payload):
                with trial.moment():
                    trial.message(name, payload)
            case Signal(name, payload):
                with trial.moment():
                    if not trial.signal(name, payload):
                        trial.unheard.append(nobody_heard(trial, name))
        self._complete_all(later)

    def _move(self, to: Callable[[datetime], datetime], later: Counter[str]) -> None:
        """Let time pass, from one timer that falls due to the next."""
        trial = self.trial
        with trial.moment():
            end = to(trial.now)
            if end < trial.now:
                there = f"{trial.now.astimezone(clock.STOCKHOLM):%Y-%m-%d %H:%M}"
                raise TrialStopped(say("Time does not go back: it is %(instant)s already.", instant=there))
        for _ in range(MAX_FIRINGS):
            if trial.problem is not None:
                return
            armed = trial.next_due()
            if armed is None or armed.due_at is None or armed.due_at > end:
                trial.now = end
                self._complete_all(later)
                return
            with trial.moment():
                trial.fire(armed)
            self._complete_all(later)
        with trial.moment():
            sentence = say(
                "More than %(most)s timers fell due in one move of the clock. Move it less far.", most=MAX_FIRINGS
            )
            raise TrialStopped(sentence)

    def _complete_all(self, later: Counter[str]) -> None:
        """Complete the task that has been open longest, and the next, until none is left that nobody else is to do."""
        trial = self.trial
        while self.auto and trial.problem is None:
            element = self._next_task(later)
            if element is None:
                return
            self.completed += 1
            with trial.moment():
                if self.completed > MAX_TASKS:
                    sentence = say(
                        "Stopped after %(most)s tasks: the diagram goes round in a loop without end.", most=MAX_TASKS
                    )
                    raise TrialStopped(sentence)
                trial.complete(element, {})

    def _next_task(self, later: Counter[str]) -> str | None:
        left = later.copy()
        for wait in self.trial.waits.values():
            if wait.kind not in PEOPLE:
                continue
            if left[wait.element_id] <= 0:
                return wait.element_id
            left[wait.element_id] -= 1
        return None
