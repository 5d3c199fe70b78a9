"""A step of something that runs very many times costs as much as a step of something that runs a few times."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from engine.trial import Trial
from tests.support.diagrams import task
from tests.support.parts import ENDS
from tests.support.semantics import Row, ran

OPERATION = '<extensionElements><handslag:operation name="plan"/></extensionElements>'


def over(items: int, *, sequential: bool) -> str:
    """Multi-instance over so many numbers."""
    loop = f'<handslag:loop collection="=for n in 1..{items} return n" element="n" output="all" outputElement="=n"/>'
    kind = f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
    return f"{kind}<extensionElements>{loop}</extensionElements></multiInstanceLoopCharacteristics>"


def calls(work: Callable[[], object]) -> int:
    """How many functions some work calls: the same on every machine, however busy."""
    counted = 0

    def count(_frame: Any, event: str, _of: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("kind", ["task", "serviceTask", "userTask"])
def test_eight_times_as_many_iterations_are_eight_times_the_work(kind: str, sequential: bool) -> None:
    def run(items: int) -> int:
        activity = task("a", kind, (OPERATION if kind == "serviceTask" else "") + over(items, sequential=sequential))
        row = Row("many", ENDS + activity, "start > a > end", trace="", answers=(("plan", {"route": 7}),))
        return calls(lambda: ran(row, Trial))

    run(10)
    assert run(800) < 8.8 * run(100)
