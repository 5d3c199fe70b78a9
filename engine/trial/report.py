"""What a trial tells: what was passed, what is open, and what is waited for, as plain values for people and machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import EventType, Node
from engine.feel import to_json
from engine.spiff import Waiting, WaitKind
from engine.trial.files import meant
from engine.trial.parts import Tried
from engine.trial.play import nobody_took
from engine.trial.runner import PEOPLE, Trial
from store import clock
from store.sentences import say

if TYPE_CHECKING:
    from engine.trial.files import Files


def report(files: Files, trial: Trial | None) -> dict[str, Any]:
    """The trial as one object; without a trial the files were refused."""
    told: dict[str, Any] = {
        "status": status(trial),
        "problem": trial.problem if trial else say("The diagram is refused: mend the errors first."),
        "at": _shown(trial.now) if trial else None,
        "trace": _trace(trial) if trial else [],
        "open": _open(trial) if trial else [],
        "timers": _timers(trial) if trial else [],
        "waiting_for": _waiting_for(trial) if trial else [],
        "data": _data(trial) if trial else {},
        "notes": _notes(files, trial) if trial else [],
        "findings": files.findings,
    }
    return told


def status(trial: Trial | None) -> str:
    """`completed`, `waiting`, `failed` or `refused`."""
    if trial is None:
        return "refused"
    if trial.problem is not None:
        return "failed"
    states = {live.status for live in trial.live.values()}
    return "completed" if states and "running" not in states else "waiting"


def _notes(files: Files, trial: Trial) -> list[str]:
    """What was not answered, and what was said in vain: nothing asks for it, or nobody waits for it."""
    asked = files.asked()
    vain = [
        say("Nothing asks for '%(name)s'.%(meant)s", name=name, meant=meant(name, asked))
        for name in trial.answers.given
        if name not in asked
    ]
    lost = [nobody_took(trial, letter) for letter in trial.letters if letter.keys is None]
    return [*trial.answers.unanswered, *vain, *dict.fromkeys(trial.unheard), *dict.fromkeys(lost)]


def _trace(trial: Trial) -> list[dict[str, Any]]:
    return [
        _element(passed.instance, passed.entry.element_id)
        | {"event": passed.entry.event, "at": _shown(passed.at)}
        | _instance(passed.instance)
        for passed in trial.trace
    ]


def _open(trial: Trial) -> list[dict[str, Any]]:
    found = []
    for live, wait in _waits(trial, PEOPLE):
        due = live.due[wait.key]
        told = {"since": _shown(live.since[wait.key]), "due": str(due) if due else None, "locals": _plain(wait.locals)}
        found.append(_element(live, wait.element_id) | told | _instance(live))
    return found


def _timers(trial: Trial) -> list[dict[str, Any]]:
    starting = [
        _described(armed.start.node)
        | {"due_at": _shown(armed.due_at), "timer": armed.start.event.timer, "expression": armed.start.event.expression}
        | {"locals": {}, "process": armed.compiled.process.id, "instance": None}
        for armed in trial.starting
        if armed.due_at is not None
    ]
    return starting + [
        _element(armed.instance, armed.wait.element_id)
        | {"due_at": _shown(armed.due_at), "timer": armed.wait.timer, "expression": armed.wait.expression}
        | {"locals": _plain(armed.wait.locals)}
        | _instance(armed.instance)
        for armed in trial.timers.values()
        if armed.due_at is not None or armed.fired_at is None  # what has fired for good is waited for no more
    ]


def _waiting_for(trial: Trial) -> list[dict[str, Any]]:
    kinds = (WaitKind.MESSAGE, WaitKind.SIGNAL, WaitKind.CONDITION, WaitKind.CALL)
    found = [
        _element(live, wait.element_id)
        | {"kind": wait.kind.value, "what": _what(live, wait), "correlation": _plain(wait.correlation)}
        | {"locals": _plain(wait.locals)}
        | _instance(live)
        for live, wait in _waits(trial, kinds)
        if wait.kind is not WaitKind.CALL or not _is_called(trial, live, wait)
    ]
    for compiled, start in trial.not_started():
        event = start.event
        what = event.expression if event.type is EventType.CONDITIONAL else event.ref
        told = _described(start.node) | {"kind": _kind(event.type), "what": what, "correlation": {}, "locals": {}}
        found.append(told | {"process": compiled.process.id, "instance": None})
    return found


def _kind(trigger: EventType) -> str:
    """What starts a process, by the words that the waits of its instances have."""
    return WaitKind.CONDITION.value if trigger is EventType.CONDITIONAL else trigger.value


def _is_called(trial: Trial, live: Tried, wait: Waiting) -> bool:
    callers = (child.caller for child in trial.live.values() if child.status == "running")
    return any(caller is not None and (caller.instance_id, caller.key) == (live.id, wait.key) for caller in callers)


def _what(live: Tried, wait: Waiting) -> str | None:
    if wait.kind is WaitKind.CALL:
        return live.compiled.nodes[wait.element_id].called_element
    return wait.expression if wait.kind is WaitKind.CONDITION else wait.name


def _data(trial: Trial) -> dict[str, Any]:
    return _plain(trial.data())


def _waits(trial: Trial, kinds: Iterable[WaitKind]) -> list[tuple[Tried, Waiting]]:
    wanted = set(kinds)
    return [(trial.live[key], wait) for (key, _), wait in trial.waits.items() if wait.kind in wanted]


def _element(live: Tried, element_id: str) -> dict[str, Any]:
    node = live.compiled.nodes.get(element_id)
    return _described(node) if node else {"element": element_id, "name": "", "type": ""}


def _described(node: Node) -> dict[str, Any]:
    return {"element": node.id, "name": node.name, "type": node.type.value}


def _instance(live: Tried) -> dict[str, Any]:
    return {"process": live.compiled.process.id, "instance": live.number}


def _plain(values: Any) -> dict[str, Any]:
    return {name: to_json(value) for name, value in values.items()}


def _shown(instant: datetime | None) -> str | None:
    return instant.astimezone(clock.STOCKHOLM).isoformat(timespec="seconds") if instant else None
