"""Columns over time as the server draws them: where each stands, and the lines behind them. The template makes SVG of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

WIDTH, HEIGHT = 720, 220
"""Units of the picture; it is scaled, but never so far that its texts could not be read."""
LEFT, BOTTOM, TOP = 36, 24, 8
GAP = 0.28
"""Of a group's width, between it and the next."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or a layer of it."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line behind the columns, and the number that it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups of columns beside each other."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    middles: Sequence[float]
    """Where the label of each group stands."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def chart(groups: Sequence[Sequence[Sequence[tuple[str, int]]]]) -> Chart:
    """Columns for groups of numbers. Each is one or more layers of kind and number, the later before the earlier."""
    steps = ticks(max((number for group in groups for layers in group for _, number in layers), default=0))
    room, top = HEIGHT - BOTTOM - TOP, steps[-1]
    wide = (WIDTH - LEFT) / max(len(groups), 1)

    def columns() -> Iterator[Column]:
        for place, group in enumerate(groups):
            width = wide * (1 - GAP) / max(len(group), 1)
            for number, layers in enumerate(group):
                x = LEFT + wide * (place + GAP / 2) + number * width
                for kind, high in layers:
                    height = room * high / top
                    yield Column(
                        kind, round(x, 2), round(TOP + room - height, 2), round(width - 1, 2), round(height, 2)
                    )

    return Chart(
        list(columns()),
        [Line(round(TOP + room - room * step / top, 2), step) for step in steps],
        [round(LEFT + wide * (place + 0.5), 2) for place in range(len(groups))],
    )


def ticks(most: int) -> list[int]:
    """Round numbers (of 1, 2 or 5) from 0 to the first that is not below: at most six."""
    rising = (base * 10**power for power in count() for base in (1, 2, 5))
    step = next(each for each in rising if each * 5 >= most)
    return list(range(0, max(step * -(-most // step), step) + 1, step))
