"""What a scenario file may say.

pydantic, as for the organisation profiles: a model names each word with its type, refuses every other word, and tells where
the mistake is; the sentences are ours. The words are read by process owners, so they are few, and texts are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, model_validator

from engine.bpmn.model import TimerType
from engine.iso8601 import is_literal
from engine.scenarios.reader import Document, Path, Unreadable, parse
from engine.trial import meant
from store import clock
from store.sentences import Sentence, quoted, say

MAX_SCENARIOS = 500
MAX_STEPS = 1_000
_SHARED = ("process", "decision", "at", "given", "operations", "functions", "answered")
"""What may stand above `scenarios:`, for all of them."""
_YEARS = range(1000, 9000)
"""Years whose days have a neighbour in every time zone, with room for time to pass."""
_INSTANT = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d")
_LAID_TOGETHER = ("given", "operations", "functions")


class _Mistake(ValueError):
    """A mistake whose sentence is written here, and not by pydantic; it goes on after what it is about."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _when(value: Any) -> date | datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        value = datetime.fromisoformat(value).replace(tzinfo=clock.STOCKHOLM)
    if isinstance(value, date):
        if value.year not in _YEARS:
            raise _Mistake(say("must lie in the years %(first)s to %(last)s", first=_YEARS.start, last=_YEARS.stop - 1))
        return value
    raise _Mistake(say("must be a date such as 2026-03-02, or an instant such as 2026-03-02T09:00:00"))


def _day_or_nothing(value: Any) -> date | datetime | None:
    return None if value is None else _when(value)


def _duration(value: Any) -> str:
    if isinstance(value, str) and is_literal(TimerType.DURATION, value):
        return value
    raise _Mistake(say("must be a duration such as P14D (days), P2M (months) or PT8H (hours)"))


def _answers(value: Any) -> list[Any]:
    answers = value if isinstance(value, list) else [value]
    if not answers or not all(isinstance(answer, dict) for answer in answers):
        raise _Mistake(say("must be what it answers, such as {fits: true}, or a list of such answers"))
    return answers


Names = Annotated[list[str], Field(max_length=1_000)]
Values = dict[str, Any]
When = Annotated[Any, PlainValidator(_when)]
Duration = Annotated[Any, PlainValidator(_duration)]
Day = Annotated[Any, PlainValidator(_day_or_nothing)]
Operations = dict[str, Annotated[Any, PlainValidator(_answers)]]
"""Operation, or decision to be answered in place of its table -> its answers, one after the other; the last one stays."""
Functions = dict[str, Values]
"""`deadline` and other functions that ask a case -> what they are asked for -> what they give."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Then(_Part):
    """What must hold after a step. What is not named is not looked at, but that `open` names all that is open."""

    open: Names | None = None
    passed: Names = Field(default_factory=list)
    not_passed: Names = Field(default_factory=list)
    waiting_for: Names = Field(default_factory=list)
    timers: dict[str, Day] = Field(default_factory=dict)
    due: dict[str, Day] = Field(default_factory=dict)
    data: Values = Field(default_factory=dict)
    given_to: dict[str, Values] = Field(default_factory=dict)
    decided: dict[str, Values] = Field(default_factory=dict)
    rules: dict[str, Names] = Field(default_factory=dict)


class Step(_Part):
    """One thing that happens, and what must hold then."""

    complete: str | None = None
    message: str | None = None
    signal: str | None = None
    advance: Duration = None
    until: When = None
    given: Values | None = Field(None, alias="with")
    by: Annotated[str, Field(pattern=r"^\S+( of \S+)?$")] | None = None
    where: Values = Field(default_factory=dict)
    error: str | None = None
    operations: Operations = Field(default_factory=dict)
    functions: Functions = Field(default_factory=dict)
    then: Then = Field(default_factory=Then)

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        acts = [
            name for name in ("complete", "message", "signal", "advance", "until") if getattr(self, name) is not None
        ]
        if len(acts) > 1:
            several = say("%(these)s and %(last)s", these=", ".join(acts[:-1]), last=acts[-1])
            raise _Mistake(say("has %(acts)s at once. Make a step of each", acts=several))
        if not self.model_fields_set:
            raise _Mistake(say("says nothing. Say what happens: complete, message, signal, advance or until"))
        if self.given is not None and not {"complete", "message", "signal"} & set(acts):
            raise _Mistake(say("has 'with', which goes with complete, message and signal only"))
        if (self.where or self.by or self.error is not None) and "complete" not in acts:
            raise _Mistake(say("has 'by', 'where' or 'error', which go with complete only"))
        if self.error is not None and self.given is not None:
            raise _Mistake(say("has both 'with' and 'error'. A task ends in one of them"))
        return self


class Ends(_Part):
    """The BPMN error in which a process ends."""

    error: str


def _ends(value: Any) -> str | Ends:
    if isinstance(value, dict):
        return Ends(**value)
    if value not in ("completed", "waiting"):
        raise _Mistake(say("must be 'completed', 'waiting' or {error: CODE}"))
    return str(value)


class Story(_Part):
    """A process, what is given to it, what happens, and how it ends."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    process: str
    start: str | None = None
    at: When
    given: Values = Field(default_factory=dict)
    operations: Operations = Field(default_factory=dict)
    functions: Functions = Field(default_factory=dict)
    answered: Names = Field(default_factory=list)
    after: str | None = None
    steps: Annotated[list[Step], Field(max_length=MAX_STEPS)] = Field(default_factory=list)
    ends: Annotated[Any, PlainValidator(_ends)]
    data: Values = Field(default_factory=dict)


class Case(_Part):
    """What a decision is given and what it gives."""

    given: Values = Field(default_factory=dict)
    gives: Any
    rules: Names | None = None


class Questions(_Part):
    """A decision and its cases."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    decision: str
    at: Day = None
    given: Values = Field(default_factory=dict)
    functions: Functions = Field(default_factory=dict)
    cases: Annotated[list[Case], Field(min_length=1, max_length=MAX_STEPS)]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file."""

    file: str
    told: Story | Questions
    path: Path
    document: Document
    before: tuple[Scenario, ...] = ()
    """The scenarios that it goes on from, the first one first: their steps are done before its own."""

    @property
    def name(self) -> str:
        return self.told.scenario

    def line(self, *within: str | int) -> int:
        """The line of a part of the scenario."""
        return self.document.line((*self.path, *within))


def read(file: str, data: bytes) -> list[Scenario]:
    """The scenarios of a file. Raises Unreadable for all mistakes of its words together, else for the first mistake."""
    document = parse(data)
    said = document.value
    if not isinstance(said, dict):
        raise Unreadable(
            say("A file is a scenario, or has a list of them under 'scenarios:'. Copy another one and change it.")
        )
    if "scenarios" not in said:
        if (word := next((name for name in said if _is_list_of_mappings(said[name])), None)) not in (
            None,
            "steps",
            "cases",
        ):
            sentence = say("'%(name)s' is not known here.%(meant)s", name=word, meant=meant(str(word), ("scenarios",)))
            raise Unreadable(sentence, document.line((str(word),)))
        return _all(file, document, {}, [((), said)])
    shared: dict[str, Any] = {name: value for name, value in said.items() if name != "scenarios"}
    for name in shared.keys() - set(_SHARED):
        sentence = say(
            "'%(name)s' belongs in a scenario. Above 'scenarios:' may stand: %(names)s.",
            name=name,
            names=", ".join(_SHARED),
        )
        raise Unreadable(sentence, document.line((name,)))
    items = said["scenarios"]
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        sentence = say("'scenarios' must be a list, each beginning with '- scenario: its name'.")
        raise Unreadable(sentence, document.line(("scenarios",)))
    return _all(file, document, shared, [(("scenarios", number), item) for number, item in enumerate(items)])


def _all(file: str, document: Document, shared: dict[str, Any], items: list[tuple[Path, Any]]) -> list[Scenario]:
    if len(items) > MAX_SCENARIOS:
        raise Unreadable(
            say("The file has more than %(most)s scenarios. Make several files of it.", most=MAX_SCENARIOS)
        )
    by_name: dict[str, tuple[Path, Any]] = {}
    for path, item in items:
        name = item.get("scenario")
        if isinstance(name, str) and name in by_name:
            sentence = say("Two scenarios are called '%(name)s'. Give one another name.", name=name)
            raise Unreadable(sentence, document.line((*path, "scenario")))
        by_name[str(name)] = path, item
    made: dict[Path, Scenario] = {}
    wrong: list[Unreadable] = []
    for path, item in items:
        chain = _chain(document, by_name, path, item)
        laid: dict[str, Any] = shared
        for number, (at, part) in enumerate(chain):
            laid = _laid_together(laid, part)
            if at not in made:
                before = tuple(made[earlier] for earlier, _ in chain[:number] if earlier in made)
                told = _valid(document, at, laid, wrong)
                if told is not None:
                    made[at] = Scenario(file, told, at, document, before)
    if wrong:
        raise Unreadable(wrong[0].message, wrong[0].line, wrong[1:])
    return [made[path] for path, _ in items]


def _chain(document: Document, by_name: dict[str, tuple[Path, Any]], path: Path, item: Any) -> list[tuple[Path, Any]]:
    """A scenario and those that it goes on from, the first one first."""
    chain = [(path, item)]
    while (name := chain[0][1].get("after")) is not None:
        line = document.line((*chain[0][0], "after"))
        if not isinstance(name, str) or name not in by_name:
            sentence = say(
                "There is no scenario '%(name)s' in this file to go on from.%(meant)s",
                name=name,
                meant=meant(str(name), by_name),
            )
            raise Unreadable(sentence, line)
        if by_name[name][0] in [at for at, _ in chain]:
            raise Unreadable(say("The scenarios go on from each other in a circle."), line)
        chain.insert(0, by_name[name])
    return chain


def _laid_together(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """What two say together: names that are given, operations and functions each by itself, all else by the later one."""
    laid = {name: value for name, value in below.items() if name in (*_SHARED, "start")} | above
    for name in _LAID_TOGETHER:
        lower, upper = below.get(name), above.get(name)
        if isinstance(lower, dict) and isinstance(upper, dict):
            laid[name] = combined(lower, upper) if name == "functions" else lower | upper
    return laid


def combined(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """What functions give, where some of it is said anew."""
    return lower | {
        name: lower[name] | found if isinstance(found, dict) and isinstance(lower.get(name), dict) else found
        for name, found in upper.items()
    }


def _is_list_of_mappings(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _valid(document: Document, path: Path, said: dict[str, Any], wrong: list[Unreadable]) -> Story | Questions | None:
    """What a scenario says; None where it has mistakes, which `wrong` then has, each once."""
    kind: type[Story | Questions] = Questions if "decision" in said and "process" not in said else Story
    try:
        return kind.model_validate(said)
    except ValidationError as found:
        for mistake in found.errors():
            place = tuple(mistake["loc"])
            at = (*path, *place)
            while len(at) > len(path) and at not in document.lines:
                at = at[:-1]  # what is missing has no line, but what it is missing in has
            shared = place if len(at) == len(path) and place in document.lines else at
            one = Unreadable(_sentence(mistake, place, kind), document.line(shared))
            if one.mistakes[0] not in [each.mistakes[0] for each in wrong]:
                wrong.append(one)
        return None


def _sentence(mistake: Any, place: tuple[Any, ...], kind: type[Story | Questions]) -> Sentence:
    told = {"what": _shown(place)}
    match mistake["type"]:
        case "extra_forbidden":
            known = _known(place[:-1], kind)
            close, names = meant(str(place[-1]), known), ", ".join(known)
            return say("%(what)s is not known here.%(meant)s Known are: %(names)s.", **told, meant=close, names=names)
        case "missing":
            return say("%(what)s is missing.", **told)
        case "value_error":
            error = mistake["ctx"]["error"]
            return say("%(what)s %(why)s.", **told, why=error.sentence if isinstance(error, _Mistake) else error)
        case "string_type":
            return say("%(what)s must be a text. Put it in quotes if it looks like a number or date.", **told)
        case "list_type":
            return say("%(what)s must be a list, such as [one, two].", **told)
        case "string_pattern_mismatch":
            return say(
                "%(what)s must be a role, such as secretary, or a role of a body or organisation: secretary of run.",
                **told,
            )
        case "too_short" | "string_too_short":
            return say("%(what)s is empty.", **told)
        case "too_long" | "string_too_long":
            return say("%(what)s is too long: at most %(most)s.", **told, most=mistake["ctx"]["max_length"])
        case "dict_type" | "model_type" | "model_attributes_type":
            return say("%(what)s must be names with values, such as {name: value}.", **told)
        case _:
            return say("%(what)s: %(why)s.", **told, why=quoted(mistake["msg"]))


def _shown(place: tuple[Any, ...]) -> Sentence:
    """What a mistake is about, where a sentence begins with it."""
    name = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    if place and isinstance(place[-1], int):
        return say("Number %(number)s of '%(name)s'", number=place[-1] + 1, name=name)
    return say("'%(name)s'", name=name) if place else say("The scenario")


def _known(place: tuple[Any, ...], kind: type[Story | Questions]) -> list[str]:
    """The words that may stand at a place."""
    models: dict[str, type[_Part]] = {"steps": Step, "then": Then, "cases": Case, "ends": Ends}
    model: type[_Part] = next((models[part] for part in reversed(place) if part in models), kind)
    return [field.alias or name for name, field in model.model_fields.items()]


def steps_of(scenario: Scenario) -> Iterator[tuple[Scenario, int, Step]]:
    """Every step with the scenario and the place that it stands in, those of earlier scenarios first."""
    for each in (*scenario.before, scenario):
        if isinstance(each.told, Story):
            for number, step in enumerate(each.told.steps):
                yield each, number, step
