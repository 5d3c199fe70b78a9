"""What happened in earlier cases, done again on a diagram that is not in use yet: would they have gone the same way?

The register knows what people answered, which messages came and when, and where the called processes ended; not what
each of the system's own steps answered. That is taken from what they left behind. Whether it is enough is not assumed:
each case is first done again on the diagram that it went by, and only where that gives the way that it went is the new
diagram tried. The others are told of as not comparable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access, processes
from committee.access import Actor
from committee.cases import Case, start_variables
from committee.deadlines import Deadline
from engine import definitions, instances
from engine.bpmn.check import CheckContext
from engine.definitions import Compiled
from engine.feel import Value, load
from engine.functions import FunctionContext, bound_functions
from engine.models import Definition, Instance, Message, Task
from engine.operations import operations
from engine.spiff import WaitKind
from engine.trial import Act, Answers, Complete, Files, Refusal, Trial, Until, go_on
from engine.trial import Message as Letter
from store import clock
from store.database import Database
from store.events import Event

YEAR = timedelta(days=366)
MAX_CASES = 200
MAX_NEW_STEPS = 50
"""New steps that one case may pass; a loop of them would never end."""
_ANSWERED = (WaitKind.USER, WaitKind.MANUAL, WaitKind.CALL)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one earlier case."""

    case_id: UUID | None
    state: str
    """`same`, `other` (another way) or `incomparable` (what the register knows is not enough)."""
    gained: Sequence[str] = ()
    """Names of the steps that it would pass and did not."""
    lost: Sequence[str] = ()
    """Names of the steps that it passed and would not."""
    problem: str | None = None
    """Why it stopped."""


@dataclass(frozen=True, slots=True)
class _Story:
    """What is known of one instance."""

    case_id: UUID | None
    began: datetime
    given: Mapping[str, Value]
    ended: Mapping[str, Value]
    """Its variables as they are now, of which the answers of the system's steps are taken."""
    acts: Sequence[tuple[datetime, Act]]
    dates: Mapping[str, Any]
    route: Counter[str]
    """The elements that it passed, and how often."""


@dataclass(slots=True)
class _Diagram:
    """A diagram to do it on, with the decisions that are in use."""

    files: Files
    compiled: Compiled
    names: Mapping[str, str] = field(default_factory=dict)


def earlier(db: Session, actor: Actor, key: str) -> list[UUID]:
    """The instances of the last year that a case was carried by, the latest first."""
    access.require(actor, "process_owner")
    found = (
        select(Instance.id)
        .where(
            Instance.organization_id == actor.organization_id,
            Instance.process_key == key,
            Instance.case_id.is_not(None),
            Instance.parent_id.is_(None),
            Instance.started_at >= clock.now() - YEAR,
        )
        .order_by(Instance.started_at.desc(), Instance.id)
        .limit(MAX_CASES)
    )
    return list(db.scalars(found))


def replay(
    store: Database, actor: Actor, files: Mapping[str, bytes], key: str, instance_ids: Sequence[UUID]
) -> Iterator[Replayed]:
    """Each of some instances of a process, done again on the process of that key in the files."""
    access.require(actor, "process_owner")
    with store.reading() as db:
        decisions = _decisions(db, actor) | {name: data for name, data in files.items() if name.endswith(".dmn")}
    name, drawn = next((name, data) for name, data in files.items() if name.endswith(".bpmn"))
    newer = _diagram({name: drawn} | decisions, key)
    older: dict[UUID, _Diagram] = {}
    for instance_id in instance_ids:
        with store.reading() as db:
            instance = db.get_one(Instance, instance_id)
            definition = db.get_one(Definition, instance.definition_id)
            story = _story(db, instance)
            if definition.id not in older:
                file = {definition.file_name: processes.content(db, definition)}
                older[definition.id] = _diagram(file | decisions, key)
        yield _compare(story, older[definition.id], newer)


def _diagram(contents: Mapping[str, bytes], key: str) -> _Diagram:
    known = bound_functions(FunctionContext(None, None, None))
    files = Files(contents, CheckContext(operations=frozenset(operations()), functions=frozenset(known)))
    compiled = files.chosen(key)
    names = {node.id: node.name or node.id for node in compiled.nodes.values()}
    return _Diagram(files.without([each for each in files.processes if each != key]), compiled, names)


def _compare(story: _Story, older: _Diagram, newer: _Diagram) -> Replayed:
    was, problem = _play(story, older, {})
    if problem is not None or was != story.route:
        return Replayed(story.case_id, "incomparable", problem=problem)
    now, problem = _play(story, newer, older.names)
    gained, lost = list((now - was).elements()), list((was - now).elements())
    if not gained and not lost and problem is None:
        return Replayed(story.case_id, "same")
    return Replayed(story.case_id, "other", _named(gained, newer), _named(lost, older), problem)


def _named(elements: Sequence[str], diagram: _Diagram) -> list[str]:
    """What they are called; what has no name, as most gateways, says nothing to a reader beside what has."""
    named = [each for each in elements if diagram.names[each] != each]
    return [diagram.names[each] for each in named or elements]


def _play(story: _Story, diagram: _Diagram, before: Mapping[str, str]) -> tuple[Counter[str], str | None]:
    """What is passed, and why it stopped. Steps that are not in `before` are done at once, with nothing."""
    trial = Trial(diagram.files, _answers(story, diagram), story.began)
    with trial.moment():
        trial.start(diagram.compiled, story.given)
    for at, act in story.acts:
        _pass_new_steps(trial, before)
        if at > trial.now:
            go_on(trial, [Until(at.isoformat())])
            _pass_new_steps(trial, before)
        if trial.problem is not None:
            break
        go_on(trial, [act])
    _pass_new_steps(trial, before)
    first = next(iter(trial.live.values()), None)
    passed = (each.entry for each in trial.trace if each.instance is first and each.entry.event == "completed")
    return Counter(entry.element_id for entry in passed), trial.problem


def _pass_new_steps(trial: Trial, before: Mapping[str, str]) -> None:
    for _ in range(MAX_NEW_STEPS if before else 0):
        new = (wait.element_id for wait in trial.waits.values() if wait.kind in _ANSWERED)
        element = next((each for each in new if each not in before), None)
        if element is None or trial.problem is not None:
            return
        with trial.moment():
            trial.complete(element, {})


def _answers(story: _Story, diagram: _Diagram) -> Answers:
    """What the system's steps answer: what they left in the variables."""
    given: dict[str, list[Value | Refusal]] = {}
    for node in diagram.compiled.nodes.values():
        known = operations().get(node.operation or "")
        if known is None:
            continue
        result = {name: story.ended[name] for name in known.outputs if name in story.ended}
        for output in node.outputs:
            if output.value.startswith("=") and output.value[1:].isidentifier() and output.name in story.ended:
                result[output.value[1:]] = story.ended[output.name]
        given.setdefault(known.name, [{}])[0] |= result  # type: ignore[operator]
    return Answers(given | {name: [dict(story.dates)] for name in ("deadline", "own deadline")})


def _story(db: Session, instance: Instance) -> _Story:
    case = db.get_one(Case, instance.case_id)
    deadlines = db.execute(select(Deadline.kind, Deadline.due_on).where(Deadline.case_id == case.id))
    acts = sorted(
        [*_done(db, instance), *_called(db, instance), *_received(db, instance)], key=lambda each: (each[0], each[1])
    )
    return _Story(
        case_id=instance.case_id,
        began=instance.started_at,
        given=start_variables(db, case),
        ended=instances.variables(db, instance),
        acts=[(at, act) for at, _, act in acts],
        dates={kind: due_on for kind, due_on in deadlines},  # noqa: C416 - rows are no pairs to mypy
        route=_route(db, instance),
    )


_Placed = tuple[datetime, int, Act]
"""When, in which place among what happened at that instant, and what."""
_LAST = 2**63
"""The place of what the log has not: messages come from outside, after what people did."""


def _places(db: Session, instance: Instance) -> dict[UUID, int]:
    """Where the log has the ends of the case's tasks and processes."""
    ends = ("task.completed", "instance.completed", "instance.failed")
    found = select(Event.subject_id, Event.seq).where(Event.case_id == instance.case_id, Event.type.in_(ends))
    return {subject_id: seq for subject_id, seq in db.execute(found)}  # noqa: C416 - rows are no pairs to mypy


def _done(db: Session, instance: Instance) -> Iterator[_Placed]:
    places = _places(db, instance)
    done = select(Task).where(Task.instance_id == instance.id, Task.state == "completed").order_by(Task.completed_at)
    for task in db.scalars(done):
        assert task.completed_at is not None
        result = {name: load(value) for name, value in (task.result or {}).items()}
        yield task.completed_at, places.get(task.id, 0), Complete(task.element_id, result)


def _called(db: Session, instance: Instance) -> Iterator[_Placed]:
    places = _places(db, instance)
    called = select(Instance).where(Instance.parent_id == instance.id, Instance.status.in_(("completed", "failed")))
    for child in db.scalars(called.order_by(Instance.ended_at)):
        failed = child.status == "failed"
        result = Refusal(child.error_code or "") if failed else instances.variables(db, child)
        assert child.ended_at is not None
        yield child.ended_at, places.get(child.id, 0), Complete(child.parent_element_id or "", result)


def _received(db: Session, instance: Instance) -> Iterator[_Placed]:
    came = select(Message).where(Message.delivered_to == instance.id).order_by(Message.delivered_at)
    for message in db.scalars(came):
        assert message.delivered_at is not None
        payload = {name: load(value) for name, value in message.payload.items()}
        yield message.delivered_at, _LAST, Letter(message.name, payload)


def _route(db: Session, instance: Instance) -> Counter[str]:
    advanced = select(Event.data).where(
        Event.case_id == instance.case_id, Event.instance_id == instance.id, Event.type == "instance.advanced"
    )
    entries = (entry for data in db.scalars(advanced) for entry in data["trace"])
    return Counter(element for element, event in entries if event == "completed")


def _decisions(db: Session, actor: Actor) -> dict[str, bytes]:
    """The decision tables in use."""
    found = db.scalars(processes.definitions(actor, kind="decisions", latest=True))
    return {each.file_name: definitions.content(db, each) for each in found}
