"""Random diagrams, walked at random: no token is lost, none is made, and saving changes nothing.

A diagram is built of blocks that have one way in and one way out, so that it is known beforehand how often each task must
run, whatever the order in which people and time act.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.feel import from_json
from engine.spiff import Run, Snapshot, Waiting
from tests.support.diagrams import bpmn, task
from tests.support.kernel import evaluate, program
from tests.support.parts import MESSAGE, NAMES, SIGNAL, TIMER, boundary, event, gateways, handler

TASK = st.just(("task",))
FLAG = st.booleans()


def _larger(block: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.lists(block, min_size=2, max_size=3)
    return st.one_of(
        st.tuples(st.just("sequence"), two),
        st.tuples(st.just("parallel"), two),
        st.tuples(st.just("exclusive"), two, st.integers(0, 1)),
        st.tuples(st.just("inclusive"), two, st.lists(FLAG, min_size=3, max_size=3)),
        st.tuples(st.just("again"), block, st.integers(0, 2)),
        st.tuples(st.just("inside"), block),
        st.tuples(st.just("each"), block, st.integers(0, 3), FLAG),
        st.tuples(st.just("deadline"), block),
        st.tuples(st.just("handled"), block),
    )


BLOCKS = st.recursive(st.one_of(TASK, st.just(("reminded",)), st.just(("choice",))), _larger, max_leaves=9)


@dataclass
class Drawing:
    """A diagram in the making, what its gateways will be told, and how often each task must be completed."""

    xml: str = ""
    flows: str = ""
    number: int = 0
    variables: dict[str, object] = field(default_factory=dict)
    laps: dict[str, int] = field(default_factory=dict)
    expected: Counter[str] = field(default_factory=Counter)
    reminders: dict[str, str] = field(default_factory=dict)

    def block(self, block: Any, times: int | None) -> tuple[str, str]:
        """Draw a block that runs that many times (None: nobody knows); give its first and last element."""
        self.number += 1
        key = f"{block[0]}{self.number}"
        return getattr(self, f"_{block[0]}")(key, times, *block[1:])  # type: ignore[no-any-return]

    def chain(self, *ends: str, condition: str = "") -> None:
        self.flows += " > ".join(ends) + condition + "\n"

    def _task(self, key: str, times: int | None) -> tuple[str, str]:
        self.xml += task(key)
        if times is not None:
            self.expected[key] = times
        return key, key

    def _reminded(self, key: str, times: int | None) -> tuple[str, str]:
        self.xml += boundary(f"{key}_ring", key, TIMER, interrupting=False) + task(f"{key}_note")
        self.chain(f"{key}_ring", f"{key}_note")
        self.reminders[f"{key}_ring"] = f"{key}_note"
        return self._task(key, times)

    def _choice(self, key: str, _times: int | None) -> tuple[str, str]:
        self.xml += f'<eventBasedGateway id="{key}"/>' + gateways(exclusive=f"{key}_end")
        for name, definition in (("a", MESSAGE), ("b", TIMER), ("c", TIMER)):
            self.xml += event(f"{key}_{name}", "intermediateCatchEvent", definition)
            self.chain(key, f"{key}_{name}", f"{key}_end")
        return key, f"{key}_end"

    def _sequence(self, _key: str, times: int | None, blocks: list[Any]) -> tuple[str, str]:
        ends = [self.block(block, times) for block in blocks]
        for one, other in itertools.pairwise(ends):
            self.chain(one[1], other[0])
        return ends[0][0], ends[-1][1]

    def _fork(self, kind: str, key: str, ways: list[tuple[Any, int | None, str]]) -> tuple[str, str]:
        self.xml += f'<{kind}Gateway id="{key}"/><{kind}Gateway id="{key}_end"/>'
        for block, times, condition in ways:
            first, last = self.block(block, times)
            self.chain(key, first, condition=condition)
            self.chain(last, f"{key}_end")
        return key, f"{key}_end"

    def _parallel(self, key: str, times: int | None, blocks: list[Any]) -> tuple[str, str]:
        return self._fork("parallel", key, [(block, times, "") for block in blocks])

    def _exclusive(self, key: str, times: int | None, blocks: list[Any], chosen: int) -> tuple[str, str]:
        self.variables[key] = chosen
        ways = [(block, _only(times, number == chosen), f" : {key} = {number}") for number, block in enumerate(blocks)]
        return self._fork("exclusive", key, ways)

    def _inclusive(self, key: str, times: int | None, blocks: list[Any], flags: list[bool]) -> tuple[str, str]:
        flags = [True, *flags[1:]] if not any(flags[: len(blocks)]) else flags
        self.variables[key] = flags
        ways = [(block, _only(times, flags[n]), f" : {key}[{n + 1}]") for n, block in enumerate(blocks)]
        return self._fork("inclusive", key, ways)

    def _again(self, key: str, times: int | None, block: Any, laps: int) -> tuple[str, str]:
        self.laps[key] = laps
        times = times and times * (laps + 1)
        self.xml += gateways(exclusive=f"{key}_begin") + gateways(exclusive=f"{key}_gate")
        self.xml += gateways(exclusive=f"{key}_end")
        first, last = self.block(block, times)
        self._task(key, times)
        self.chain(f"{key}_begin", first)
        self.chain(last, key, f"{key}_gate")
        self.chain(f"{key}_gate", f"{key}_begin", condition=f" : {key}_more")
        self.chain(f"{key}_gate", f"{key}_end *")
        return f"{key}_begin", f"{key}_end"

    def _inside(self, key: str, times: int | None, block: Any, more: str = "") -> tuple[str, str]:
        xml, flows, self.xml, self.flows = self.xml, self.flows, "", ""
        first, _ = self.block(block, times)
        self.chain(f"{key}_begin", first)
        self.xml = (
            f'{xml}<subProcess id="{key}"><startEvent id="{key}_begin"/>{self.xml}[[{self.flows}]]{more}</subProcess>'
        )
        self.flows = flows
        return key, key

    def _handled(self, key: str, times: int | None, block: Any) -> tuple[str, str]:
        self.reminders[f"{key}_h_start"] = f"{key}_note"
        if times is not None:
            self.expected[key] = times
        return self._inside(key, times, block, handler(f"{key}_h", SIGNAL, f"{key}_note", interrupting=False))

    def _each(self, key: str, times: int | None, block: Any, count: int, sequential: bool) -> tuple[str, str]:
        loop = f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        loop += f"<loopCardinality>{count}</loopCardinality></multiInstanceLoopCharacteristics>"
        return self._inside(key, None if times is None else times * count, block, loop)

    def _deadline(self, key: str, _times: int | None, block: Any) -> tuple[str, str]:
        first, last = self._inside(key, None, block)
        self.xml += boundary(f"{key}_late", key, TIMER) + gateways(exclusive=f"{key}_end")
        self.chain(last, f"{key}_end")
        self.chain(f"{key}_late", f"{key}_end")
        return first, f"{key}_end"


def _only(times: int | None, chosen: bool) -> int | None:
    return times if chosen else times and 0


class Walk:
    """One instance twice: one is saved and restored after every step, the other lives on in memory."""

    def __init__(self, drawing: Drawing, data: bytes) -> None:
        self.drawing = drawing
        self.program = program(data)
        given = {name: from_json(value) for name, value in drawing.variables.items()}
        self.hot = Run.start(self.program, given, evaluate)
        self.cold = Run.start(self.program, given, evaluate)
        self.trace: Counter[tuple[str, str]] = Counter()
        self.rung = 0

    def settle(self) -> Snapshot:
        hot, cold = self.hot.snapshot(), self.cold.snapshot()
        assert hot == cold, "saving and restoring changed what happens"
        self.trace.update((entry.element_id, entry.event) for entry in hot.trace)
        self.cold = Run.restore(self.program, self.cold.save(), evaluate)
        return hot

    def act(self, wait: Waiting) -> None:
        for run in (self.hot, self.cold):
            if wait.kind in ("timer", "message", "signal"):
                run.trigger(wait.key, {})
            else:
                run.complete(wait.key, self._result(run, wait))
        if wait.element_id in self.drawing.reminders:
            self.rung += 1
            self.drawing.expected[self.drawing.reminders[wait.element_id]] += 1

    def _result(self, run: Run, wait: Waiting) -> dict[str, Any]:
        name = wait.element_id
        if name not in self.drawing.laps:
            return {}
        lap = run.variables(wait.key).get(f"{name}_lap") or from_json(0)
        more = lap < self.drawing.laps[name]  # type: ignore[operator]
        return {f"{name}_more": more, f"{name}_lap": lap + 1 if more else from_json(0)}  # type: ignore[operator]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(BLOCKS, st.randoms(use_true_random=False))
def test_no_token_is_lost_and_none_is_made(block: Any, random: Any) -> None:
    drawing = Drawing(xml='<startEvent id="start"/><endEvent id="end"/>')
    first, last = drawing.block(block, 1)
    drawing.chain("start", first)
    drawing.chain(last, "end")
    assume(drawing.expected.total() <= 120)
    walk = Walk(drawing, bpmn(drawing.xml, drawing.flows, declared=NAMES))
    for _ in range(1_000):
        if (snapshot := walk.settle()).status != "running":
            break
        walk.act(random.choice([wait for wait in snapshot.waiting if not (wait.repeats and walk.rung >= 5)]))
    assert snapshot.status == "completed"
    completed = {key: walk.trace[key, "completed"] for key in drawing.expected if not _inside_unknown(key, drawing)}
    assert completed == {key: drawing.expected[key] for key in completed}
    assert walk.trace["end", "completed"] == 1
    for key, moved in list(walk.trace):
        if moved == "entered":
            assert walk.trace[key, moved] == walk.trace[key, "completed"] + walk.trace[key, "cancelled"], key


def _inside_unknown(key: str, drawing: Drawing) -> bool:
    """A reminder in a subprocess that a deadline ended can have been cancelled with it."""
    return key in drawing.reminders.values() and key.removesuffix("_note") not in drawing.expected
