"""Timing: what is compared is run in turn, so that whatever else the machine does meets all of it alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Work = Callable[[], object]


def milliseconds(work: Work) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


@dataclass(slots=True)
class Taken:
    """Milliseconds of each call of one piece of work: that have passed, and that a core has worked for it."""

    passed: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)

    @property
    def half(self) -> float:
        """The median of what has passed."""
        return median(self.passed)

    @property
    def work(self) -> float:
        """The median of the work of a core: it neither waits for the disk nor for others."""
        return median(self.worked)

    def __str__(self) -> str:
        return f"{number(self.half)} ({number(self.work)})"


def alternate(works: Sequence[Work], times: int) -> list[Taken]:
    """Call the pieces of work in turn so many times; a round before them warms up."""
    for work in works:
        work()
    every = [Taken() for _ in works]
    for _ in range(times):
        for work, taken in zip(works, every, strict=True):
            before = time.thread_time()
            taken.passed.append(milliseconds(work))
            taken.worked.append((time.thread_time() - before) * 1000)
    return every


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that so large a part of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
