"""Random block-structured processes: how each is drawn, and, told independently of the kernel, what it must do.

A block says which tasks are open and what is open after one of them is done. `Walker` is that meaning, written from the
standard's text (BPMN 2.0.2 §13) over the block's own structure: no tokens, no flows, nothing that the kernel has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise

from hypothesis import strategies as st

from tests.support.diagrams import bpmn
from tests.support.parts import boundary, subprocess_of

MESSAGE = '<messageEventDefinition messageRef="m1"/>'
DECLARED = '<message id="m1" name="Stop"/>'
LAPS = 3


@dataclass
class Drawing:
    """Elements and flows that are drawn so far, in one scope."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    elements: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def add(self, kind: str, element: str, inner: str = "") -> str:
        self.elements.append(f'<{element} id="{(key := self.name(kind))}">{inner}</{element}>')
        return key

    def flow(self, source: str, target: str, condition: str = "") -> None:
        self.flows.append(f"{source} > {target}" + (f" : {condition}" if condition else ""))

    def inside(self) -> Drawing:
        """The drawing of a subprocess: its own elements and flows, names unlike all others."""
        return Drawing(self.numbers)

    def text(self) -> str:
        return "".join(self.elements) + "[[" + ";".join(self.flows) + "]]"


class Walker(ABC):
    """What a block that has begun still has to do."""

    @abstractmethod
    def open(self) -> list[str]:
        """The tasks that are open; none: the block is done."""

    @abstractmethod
    def do(self, task: str) -> None:
        """One of the open tasks is done (or its message comes, for a boundary event)."""

    def messages(self) -> list[str]:
        """The boundary events that wait."""
        return []


class Block(ABC):
    """A part of a process with one way in and one way out."""

    @abstractmethod
    def draw(self, drawing: Drawing) -> tuple[str, str]:
        """Draw it; give its first and last element."""

    @abstractmethod
    def begin(self) -> Walker:
        """A token comes in."""


@dataclass
class Task(Block):
    """A user task, perhaps done by several, at once or one after the other."""

    times: int = 1
    sequential: bool = False

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        several = (
            f'<multiInstanceLoopCharacteristics isSequential="{str(self.sequential).lower()}">'
            f"<loopCardinality>{self.times}</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        self.key = drawing.add("t", "userTask", several if self.times > 1 else "")
        return self.key, self.key

    def begin(self) -> Walker:
        return _TaskWalker(self.key, self.times, self.sequential)


class _TaskWalker(Walker):
    def __init__(self, key: str, times: int, sequential: bool) -> None:
        self.key, self.left, self.sequential = key, times, sequential

    def open(self) -> list[str]:
        return [self.key] * min(self.left, 1 if self.sequential else self.left)

    def do(self, task: str) -> None:
        assert task == self.key
        self.left -= 1


@dataclass
class Sequence(Block):
    """One after another."""

    parts: list[Block]

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        ends = [part.draw(drawing) for part in self.parts]
        for (_, source), (target, _) in pairwise(ends):
            drawing.flow(source, target)
        return ends[0][0], ends[-1][1]

    def begin(self) -> Walker:
        return _SequenceWalker(self.parts)


class _SequenceWalker(Walker):
    def __init__(self, parts: list[Block]) -> None:
        self.rest = list(parts)
        self.now = self.rest.pop(0).begin()
        self._go_on()

    def _go_on(self) -> None:
        while not self.now.open() and self.rest:
            self.now = self.rest.pop(0).begin()

    def open(self) -> list[str]:
        return self.now.open()

    def messages(self) -> list[str]:
        return self.now.messages()

    def do(self, task: str) -> None:
        self.now.do(task)
        self._go_on()


@dataclass
class Split(Block):
    """Some of several ways at once, met again by a gateway of the same kind: `parallel`, `inclusive` or `exclusive`."""

    kind: str
    ways: list[Block]
    taken: list[bool]

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        fork, join = (drawing.add("g", f"{self.kind}Gateway") for _ in range(2))
        for way, taken in zip(self.ways, self.taken, strict=True):
            first, last = way.draw(drawing)
            drawing.flow(fork, first, "" if self.kind == "parallel" else f"yes = {str(taken).lower()}")
            drawing.flow(last, join)
        return fork, join

    def begin(self) -> Walker:
        chosen = [way for way, taken in zip(self.ways, self.taken, strict=True) if taken or self.kind == "parallel"]
        return _Together([way.begin() for way in (chosen[:1] if self.kind == "exclusive" else chosen)])


class _Together(Walker):
    def __init__(self, ways: list[Walker]) -> None:
        self.ways = ways

    def open(self) -> list[str]:
        return [task for way in self.ways for task in way.open()]

    def messages(self) -> list[str]:
        return [key for way in self.ways for key in way.messages()]

    def do(self, task: str) -> None:
        next(way for way in self.ways if task in (*way.open(), *way.messages())).do(task)


@dataclass
class Loop(Block):
    """A body that is done again until its last task says that it was the last time."""

    body: Block

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        meet, part = drawing.add("g", "exclusiveGateway"), drawing.add("g", "exclusiveGateway")
        first, last = self.body.draw(drawing)
        self.count = drawing.add("t", "userTask", self._counting())
        out = drawing.add("e", "intermediateThrowEvent")
        drawing.flow(meet, first)
        drawing.flow(last, self.count)
        drawing.flow(self.count, part)
        drawing.flow(part, meet, f"{self._laps} &lt; {LAPS}".replace("&lt;", "<"))
        drawing.flows.append(f"{part} > {out} *")
        return meet, out

    @property
    def _laps(self) -> str:
        return f"laps_{id(self)}"

    def _counting(self) -> str:
        given = f"=if {self._laps} = null then 1 else if {self._laps} = {LAPS} then 1 else {self._laps} + 1"
        return f'<extensionElements><handslag:output name="{self._laps}" value="{given}"/></extensionElements>'

    def begin(self) -> Walker:
        return _LoopWalker(self)


class _LoopWalker(_SequenceWalker):
    """Laps are told one after the other; the counting task ends each."""

    def __init__(self, loop: Loop) -> None:
        counting = Task()
        counting.key = loop.count
        super().__init__([loop.body, counting] * LAPS)


@dataclass
class Subprocess(Block):
    """A body in a subprocess; a message may interrupt it, and another way is gone instead."""

    body: Block
    instead: Block | None = None

    def draw(self, drawing: Drawing) -> tuple[str, str]:
        inner, begin = drawing.inside(), drawing.name("b")
        first, last = self.body.draw(inner)
        end = inner.add("e", "endEvent")
        inner.flow(begin, first)
        inner.flow(last, end)
        drawing.elements.append(subprocess_of(key := drawing.name("s"), inner.text(), begin))
        if self.instead is None:
            return key, key
        meet, self.stop = drawing.add("g", "exclusiveGateway"), drawing.name("m")
        drawing.elements.append(boundary(self.stop, key, MESSAGE))
        other_first, other_last = self.instead.draw(drawing)
        drawing.flow(key, meet)
        drawing.flow(self.stop, other_first)
        drawing.flow(other_last, meet)
        return key, meet

    def begin(self) -> Walker:
        return self.body.begin() if self.instead is None else _Interruptible(self)


class _Interruptible(Walker):
    def __init__(self, block: Subprocess) -> None:
        self.block, self.now, self.stopped = block, block.body.begin(), False

    def open(self) -> list[str]:
        return self.now.open()

    def messages(self) -> list[str]:
        inner = self.now.messages()
        return inner if self.stopped or not self.now.open() else [*inner, self.block.stop]

    def do(self, task: str) -> None:
        if not self.stopped and task == self.block.stop:
            assert self.block.instead is not None
            self.now, self.stopped = self.block.instead.begin(), True
        else:
            self.now.do(task)


def _split(kind: str, ways: list[Block], taken: list[bool]) -> Split:
    """At least one way is taken, as the standard asks of a split without default."""
    marked = (taken + [False] * len(ways))[: len(ways)]
    return Split(kind, ways, marked if any(marked) else [True, *marked[1:]])


def _larger(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(blocks, min_size=2, max_size=3)
    kinds = st.sampled_from(["parallel", "inclusive", "exclusive"])
    return st.one_of(
        several.map(Sequence),
        st.builds(_split, kinds, several, st.lists(st.booleans(), max_size=3)),
        st.builds(Loop, blocks),
        st.builds(Subprocess, blocks, st.none() | blocks),
    )


def blocks(most: int = 10) -> st.SearchStrategy[Block]:
    """Processes of up to about `most` tasks."""
    one = st.builds(Task, st.sampled_from([1, 1, 1, 2, 3]), st.booleans())
    return st.recursive(one, _larger, max_leaves=most)


def diagram(block: Block) -> bytes:
    """The whole process as a file."""
    drawing = Drawing()
    drawing.elements += ['<startEvent id="start"/>', '<endEvent id="end"/>']
    first, last = block.draw(drawing)
    drawing.flow("start", first)
    drawing.flow(last, "end")
    return bpmn("".join(drawing.elements), ";".join(drawing.flows), declared=DECLARED)
