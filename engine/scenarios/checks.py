"""Whether a trial stands as a scenario says, and what a person would say where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.scenarios.model import Then
from engine.scenarios.view import Seen, View, listed, shown
from store import clock
from store.sentences import say

if TYPE_CHECKING:
    from engine.feel import Value

Mistake = tuple[str, str]
"""The word of the scenario that does not hold, and the rest of the sentence that began with when."""


def check(then: Then, view: View) -> Iterator[Mistake]:
    """Everything that does not hold after a step."""
    yield from _open(then, view)
    yield from _passed(then, view)
    yield from _dates(then, view)
    known = view.received()
    for name in then.waiting_for:
        if name not in known:
            waited = sorted(each for each in known if "/" not in each and each not in view.names)
            there = listed(waited, say("nothing from outside"))
            yield "waiting_for", say("it should wait for '%(name)s', but waits for %(there)s", name=name, there=there)
    for sentence in values(then.data, view.data()):
        yield "data", sentence
    yield from _given(then, view)
    yield from _decided(then, view)


def _open(then: Then, view: View) -> Iterator[Mistake]:
    if then.open is None:
        return
    left = [seen for seen, _, _ in view.open()]
    missing = [reference for reference in then.open if not _take(left, reference)]
    if missing or left:
        there = [str(seen) for seen, _, _ in view.open()]
        yield (
            "open",
            say(
                "the open tasks should be %(meant)s, but were %(there)s",
                meant=listed([view.name(each) for each in then.open]),
                there=listed(there),
            ),
        )


def _take(left: list[Seen], reference: str) -> bool:
    found = next((seen for seen in left if seen.is_meant(reference)), None)
    if found is not None:
        left.remove(found)
    return found is not None


def _passed(then: Then, view: View) -> Iterator[Mistake]:
    at = 0
    for number, reference in enumerate(then.passed):
        places = [place for place, seen in enumerate(view.since) if seen.is_meant(reference)]
        later = [place for place in places if place >= at]
        if later:
            at = later[0] + 1
        elif places:
            yield (
                "passed",
                say(
                    "%(element)s should have come after %(other)s, but came before it",
                    element=view.name(reference),
                    other=view.name(then.passed[number - 1]),
                ),
            )
        else:
            there = listed([str(seen) for seen in view.since], say("nothing"))
            sentence = say(
                "%(element)s should have been passed, but was not. Passed was %(there)s",
                element=view.name(reference),
                there=there,
            )
            yield "passed", sentence
    for reference in then.not_passed:
        if any(seen.is_meant(reference) for seen in view.since):
            yield "not_passed", say("%(element)s should not have been passed, but was", element=view.name(reference))


def _dates(then: Then, view: View) -> Iterator[Mistake]:
    for reference, expected in then.timers.items():
        instants = view.timers(reference)
        if not _is_among(expected, instants):
            wanted, there = _day(expected, say("no date")), listed([shown(each) for each in instants], say("not set"))
            yield (
                "timers",
                say(
                    "the timer %(element)s should be set for %(wanted)s, but is %(there)s",
                    element=view.name(reference),
                    wanted=wanted,
                    there=there,
                ),
            )
    for reference, expected in then.due.items():
        days = view.due(reference)
        if not days:
            yield (
                "due",
                say(
                    "%(element)s should be open and due on %(wanted)s, but is not open",
                    element=view.name(reference),
                    wanted=_day(expected, say("no day")),
                ),
            )
        elif not _is_among(expected, [day for day in days if day is not None]):
            wanted, there = _day(expected, say("no day")), listed([_day(each, say("no day")) for each in days])
            yield (
                "due",
                say(
                    "%(element)s should be due on %(wanted)s, but is due on %(there)s",
                    element=view.name(reference),
                    wanted=wanted,
                    there=there,
                ),
            )


def _is_among(expected: Any, found: list[Any]) -> bool:
    if expected is None:
        return not found
    if isinstance(expected, datetime):
        return expected in found
    return any((clock.local_date(each) if isinstance(each, datetime) else each) == expected for each in found)


def _day(value: date | object | None, nothing: str) -> str:
    return nothing if value is None else shown(value)


def values(expected: Mapping[str, Any], there: Mapping[str, Value]) -> Iterator[str]:
    """The names whose value is another one than it should be."""
    for name, value in expected.items():
        if name not in there and value is not None:
            yield say("'%(name)s' should be %(wanted)s, but is not set", name=name, wanted=shown(value))
        elif there.get(name) != value or isinstance(there.get(name), bool) != isinstance(value, bool):
            is_now = shown(there.get(name))
            yield say("'%(name)s' should be %(wanted)s, but is %(there)s", name=name, wanted=shown(value), there=is_now)


def _given(then: Then, view: View) -> Iterator[Mistake]:
    for reference, expected in then.given_to.items():
        there = view.given_to(reference)
        if there is None:
            yield (
                "given_to",
                say("%(element)s should have been given something, but was not come to", element=view.name(reference)),
            )
            continue
        for what in values(expected, there):
            yield "given_to", say("of what %(element)s was given, %(what)s", element=view.name(reference), what=what)


def _decided(then: Then, view: View) -> Iterator[Mistake]:
    last = {decided.decision: decided for decided in view.decided}
    for word, names in (("decided", then.decided), ("rules", then.rules)):
        for name in names:
            if name not in last:
                yield word, say("'%(name)s' should have been decided, but was not", name=name)
    for name, expected in then.decided.items():
        if name in last:
            for what in values(expected, last[name].gives):
                yield "decided", say("of what '%(name)s' decided, %(what)s", name=name, what=what)
    for name, rules in then.rules.items():
        hit = [rule for _, rule in last[name].rules] if name in last else rules
        if sorted(hit) != sorted(rules):
            yield (
                "rules",
                say(
                    "in '%(name)s' the rules %(rules)s should have fitted, but %(hit)s did",
                    name=name,
                    rules=listed(rules),
                    hit=listed(hit),
                ),
            )
