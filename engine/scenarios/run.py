"""Running scenarios: each in a trial of its own, in memory and in its own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.feel import Value
from engine.functions import FunctionContext, bound_functions
from engine.scenarios import checks
from engine.scenarios.coverage import Coverage, Covered
from engine.scenarios.model import Ends, Questions, Scenario, Step, Story, combined, steps_of
from engine.scenarios.view import View, listed, shown
from engine.trial import Advance, Answers, Files, Message, Refusal, Signal, Trial, Until, go_on, meant, nobody_took
from store import clock
from store.errors import HandslagError, Invalid
from store.sentences import say

if TYPE_CHECKING:
    from engine.spiff import Waiting


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as the scenario says."""

    line: int
    sentence: str


@dataclass(slots=True)
class Outcome:
    """What became of one scenario."""

    scenario: Scenario
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What may explain them: questions that the scenario does not answer."""

    @property
    def holds(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        told = self.scenario.told
        about = {"process": told.process} if isinstance(told, Story) else {"decision": told.decision}
        named = {"scenario": self.scenario.name, "file": self.scenario.file, "line": self.scenario.line(), **about}
        return named | {"holds": self.holds, "problems": [asdict(each) for each in self.problems], "notes": self.notes}


@dataclass(slots=True)
class Runner:
    """Runs scenarios on the files that belong together, and counts what they pass."""

    files: Files
    coverage: Coverage = field(default_factory=Coverage)

    def run(self, scenario: Scenario) -> Outcome:
        """Run one scenario to its end or to the first act that fails."""
        outcome = Outcome(scenario)
        if isinstance(scenario.told, Questions):
            _ask(self.files, self.coverage, scenario, scenario.told, outcome)
            return outcome
        outcome.problems += _misspelt(self.files, scenario)
        if outcome.holds:
            _Play(self, scenario, scenario.told, outcome).play()
        return outcome

    def covered(self) -> list[Covered]:
        """What the scenarios have passed so far."""
        return self.coverage.of(self.files)


class _Script(Answers):
    """The answers of a scenario: what it does not answer is nothing, and for functions that is remembered."""

    def function(self, name: str, asked: Value) -> Value:
        """What the scenario says that a function gives."""
        known = self.given.get(name, [{}])[-1]
        if not isinstance(known, dict) or str(asked) not in known:
            super().tell(
                say(
                    "%(name)s(%(asked)s) was asked for, and the scenario says nothing of it: it gave nothing.",
                    name=name,
                    asked=shown(asked),
                )
            )
            return None
        return known[str(asked)]

    def tell(self, sentence: str) -> None:
        """Operations that answer nothing are as a scenario wants them."""

    def answer(self, operations: Mapping[str, list[Any]], functions: Mapping[str, Mapping[str, Any]]) -> None:
        """From now on these are the answers."""
        self.given |= {name: [_refusal(each) for each in deepcopy(found)] for name, found in operations.items()}
        so_far = {name: self.given[name][-1] for name in functions if name in self.given}
        self.given |= {name: [found] for name, found in combined(so_far, dict(functions)).items()}


def _refusal(answer: dict[str, Any]) -> dict[str, Any] | Refusal:
    return Refusal(str(answer["error"])) if answer.keys() == {"error"} else answer


_STATUS = {"completed": say("completed"), "waiting": say("waiting"), "failed": say("failed")}


class _Stopped(Exception):
    """Nothing after this step could mean anything; why has been said."""


class _Play:
    """One scenario of a process."""

    def __init__(self, runner: Runner, scenario: Scenario, story: Story, outcome: Outcome) -> None:
        self.runner, self.scenario, self.story, self.outcome = runner, scenario, story, outcome
        self.when: str = say("At the start")
        self.own = True
        """Whether the step is the scenario's own. Those of scenarios before it are checked there."""
        self.answers = _Script()
        self.answers.answer(story.operations, story.functions)
        self.trial = Trial(runner.files.without(story.answered), self.answers, _instant(story.at))
        self.view = View(self.trial, _names(runner.files, story.process))

    def play(self) -> None:
        """Start the process, do every step, and look at how it ended."""
        try:
            compiled = self.trial.files.chosen(self.story.process)
            with self.trial.moment():
                self.trial.start(compiled, self.story.given, self.story.start)
            # Of the other files, those run that are called or sent to; their own clocks are no part of the story.
            self.trial.starting = [armed for armed in self.trial.starting if armed.compiled is compiled]
            self.view.look()
            for within, number, step in steps_of(self.scenario):
                if self.trial.problem is not None:
                    break
                self._step(within, number, step)
            self._end()
        except _Stopped:
            pass
        except Invalid as problem:
            self._problem(self.scenario.line("process"), problem.message)
        if not self.outcome.holds:
            self.outcome.notes += self.answers.unanswered
        self.runner.coverage.add(self.runner.files, self.trial)

    def _step(self, within: Scenario, number: int, step: Step) -> None:
        line = within.line("steps", number)
        self.answers.answer(step.operations, step.functions)
        if step.functions:
            with self.trial.moment():
                self.trial.rearm()
        self.own = within is self.scenario
        did = self._act(step, line)
        when = self.when = did or self.when
        if self.trial.problem is not None:
            if not isinstance(self.story.ends, Ends) or self._error() != self.story.ends.error:
                self._problem(line, say("%(when)s it failed: %(why)s", when=when, why=self.trial.problem))
            return
        if did:
            self.view.look()
        if self.own:
            for word, sentence in checks.check(step.then, self.view):
                is_apart = sentence.startswith(("'", "of ", "in "))
                told = {"when": when, "what": sentence}
                whole = say("%(when)s, %(what)s.", **told) if is_apart else say("%(when)s %(what)s.", **told)
                self._problem(within.line("steps", number, "then", word), whole)

    def _act(self, step: Step, line: int) -> str:
        """Do what the step says, and say when that is; nothing where the step only looks."""
        given = step.given or {}
        if step.complete is not None:
            self._complete(step.complete, step, line)
            return say("After %(element)s", element=self.view.name(step.complete))
        if step.message is not None:
            go_on(self.trial, [Message(step.message, given)])
            return say("After the message '%(name)s'", name=step.message)
        if step.signal is not None:
            before = len(self.trial.unheard)
            go_on(self.trial, [Signal(step.signal, given)])
            for sentence in self.trial.unheard[before:] if self.own else ():
                self._problem(line, sentence)
            return say("After the signal '%(name)s'", name=step.signal)
        if step.advance is not None:
            go_on(self.trial, [Advance(step.advance)])
        elif step.until is not None:
            go_on(self.trial, [Until(_instant(step.until).isoformat())])
        else:
            return ""
        return say("On %(instant)s", instant=shown(self.trial.now))

    def _complete(self, reference: str, step: Step, line: int) -> None:
        found = next(self._meant(reference, step.where), None)
        if found is None:
            there = listed([str(seen) for seen, _, _ in self.view.open()], say("nothing"))
            where = ", ".join(f"{name} = {shown(value)}" for name, value in step.where.items())
            at = self.view.name(reference)
            if where:
                at = say("%(element)s where %(where)s", element=at, where=where)
            self._problem(
                line,
                say("%(element)s should be completed, but is not open. Open is %(there)s.", element=at, there=there),
            )
            raise _Stopped
        self._look_who(reference, step.by, found, line)
        result = Refusal(step.error) if step.error is not None else step.given or {}
        with self.trial.moment():
            self.trial.finish(*found, result)

    def _look_who(self, reference: str, by: str | None, found: tuple[tuple[UUID, str], Waiting], line: int) -> None:
        """Whether a task is for whom the scenario says does it."""
        if by is None or not self.own:
            return
        (instance_id, _), wait = found
        with self.trial.moment():
            role, place = self.trial.performer(instance_id, wait)
            if by not in (role, f"{role} of {place}"):
                who = f"{role} of {place}" if place and role else role or say("nobody in particular")
                self._problem(
                    line,
                    say(
                        "%(element)s should be for %(wanted)s, but is for %(there)s.",
                        element=self.view.name(reference),
                        wanted=by,
                        there=who,
                    ),
                )

    def _meant(self, reference: str, where: Mapping[str, Any]) -> Iterator[tuple[tuple[UUID, str], Waiting]]:
        for seen, place, wait in self.view.open():
            if seen.is_meant(reference):
                visible = seen.instance.run.variables(wait.key) if where else {}
                if all(visible.get(name) == value for name, value in where.items()):
                    yield place, wait

    def _end(self) -> None:
        line, expected = self.scenario.line("ends"), self.story.ends
        status = self._status()
        if isinstance(expected, Ends):
            self._should_fail(line, expected.error, status)
            return
        if status == "failed":
            if self.outcome.holds:
                self._problem(line, say("At the start it failed: %(why)s", why=self.trial.problem))
            return
        if status != expected:
            wanted, there = _STATUS.get(expected, expected), _STATUS.get(status, status)
            told = say("At the end it should be %(wanted)s, but is %(there)s.", wanted=wanted, there=there)
            if status == "waiting":
                steps = listed([self.view.name(wait.element_id) for wait in self.trial.waits.values()])
                told = say(
                    "At the end it should be %(wanted)s, but is waiting. It waits at %(steps)s.",
                    wanted=wanted,
                    steps=steps,
                )
            self._problem(line, told)
        for sentence in checks.values(self.story.data, self.view.data()):
            self._problem(self.scenario.line("data"), say("At the end, %(what)s.", what=sentence))
        for letter in self.trial.letters:
            lost = nobody_took(self.trial, letter)
            if letter.payload:
                lost = say("%(what)s It had %(values)s.", what=lost, values=shown(dict(letter.payload)))
            self._problem(self.scenario.line(), lost)

    def _should_fail(self, line: int, error: str, status: str) -> None:
        if status != "failed":
            there = _STATUS.get(status, status)
            sentence = say("It should end in the error '%(error)s', but it is %(status)s.", error=error, status=there)
            self._problem(line, sentence)
        elif self._error() != error and self.outcome.holds:
            why = self.trial.problem
            self._problem(
                line, say("It should end in the error '%(error)s', but failed: %(why)s", error=error, why=why)
            )

    def _status(self) -> str:
        if self.trial.problem is not None:
            return "failed"
        first = next(iter(self.trial.live.values()), None)
        return "waiting" if first is None or first.status == "running" else first.status

    def _error(self) -> str | None:
        first = next(iter(self.trial.live.values()), None)
        return first.run.snapshot().error if first is not None else None

    def _problem(self, line: int, sentence: str) -> None:
        self.outcome.problems.append(Problem(line, sentence))


def _instant(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else clock.start_of(value)


def _names(files: Files, process: str = "") -> dict[str, str]:
    """Names by element, and by `process/element`; where several processes have an id, that of the process itself."""
    names: dict[str, str] = {}
    for key, compiled in sorted(files.processes.items(), key=lambda item: item[0] == process):
        for node in compiled.nodes.values():
            names[node.id] = names[f"{key}/{node.id}"] = node.name
    return names


def _misspelt(files: Files, scenario: Scenario) -> Iterable[Problem]:
    """References to elements that no process has, and answers that nothing asks for."""
    yield from _unasked(files, scenario)
    known = _names(files)
    for number, step in enumerate(scenario.told.steps if isinstance(scenario.told, Story) else []):
        then = step.then
        groups: dict[str, Iterable[str]] = {
            "open": then.open or (), "passed": then.passed, "not_passed": then.not_passed, "timers": then.timers, "due": then.due,
            "given_to": then.given_to,
        }  # fmt: skip
        places = [(("then", word), name) for word, names in groups.items() for name in names]
        for place, name in [(("complete",), step.complete or ""), *places]:
            element = name.rpartition("/")[2]
            if element and element not in known:
                sentence = say(
                    "No diagram here has an element '%(name)s'.%(meant)s", name=element, meant=meant(element, known)
                )
                yield Problem(scenario.line("steps", number, *place), sentence)


def _unasked(files: Files, scenario: Scenario) -> Iterator[Problem]:
    if not isinstance(scenario.told, Story):
        return
    asked = files.asked()
    answered: list[tuple[tuple[str | int, ...], str]] = [(("operations",), name) for name in scenario.told.operations]
    for number, step in enumerate(scenario.told.steps):
        answered += [(("steps", number, "operations"), name) for name in step.operations]
    for place, name in answered:
        if name not in asked:
            sentence = say("Nothing asks for the operation '%(name)s'.%(meant)s", name=name, meant=meant(name, asked))
            yield Problem(scenario.line(*place, name), sentence)


def _ask(files: Files, coverage: Coverage, scenario: Scenario, asked: Questions, outcome: Outcome) -> None:
    """Ask a decision of every case."""
    decisions, answers = files.decisions(asked.decision), _Script()
    if decisions is None:
        outcome.problems.append(
            Problem(scenario.line("decision"), say("There is no decision '%(name)s' here.", name=asked.decision))
        )
        return
    answers.answer({}, asked.functions)
    functions = bound_functions(FunctionContext(None, None, None, answers.function))
    now = _instant(asked.at) if asked.at is not None else clock.now()
    for number, case in enumerate(asked.cases):
        hits: list[tuple[str, str]] = []
        line = scenario.line("cases", number)
        try:
            with clock.within(lambda: now):
                found = decisions.decide(asked.decision, asked.given | case.given, functions=functions, hits=hits)
        except HandslagError as error:
            sentence = say("Case %(number)s failed: %(why)s", number=number + 1, why=error.message)
            outcome.problems.append(Problem(line, sentence))
            continue
        finally:
            coverage.add_rules(files.decision_file(asked.decision), hits)
        for what in _differs(case.gives, found, case.rules, [rule for _, rule in hits]):
            whole = say("In case %(number)s %(what)s.", number=number + 1, what=what)
            outcome.problems.append(Problem(line, whole))


def _differs(expected: Any, found: Value, rules: list[str] | None, hit: list[str]) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        yield from checks.values(expected, found)
    elif expected != found:
        yield say("it should give %(wanted)s, but gives %(there)s", wanted=shown(expected), there=shown(found))
    if rules is not None and sorted(rules) != sorted(hit):
        yield say("the rules %(rules)s should have fitted, but %(hit)s did", rules=listed(rules), hit=listed(hit))
