"""An instance is carried over, taken back or stepped by two at once, on PostgreSQL: one is first, and nothing is half."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from engine.errors import TaskNotOpen
from store.database import Database
from tests.support.at_once import overlapping
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, MESSAGE, NAMES, boundary
from tests.versions.office import Office

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
both_ways = pytest.mark.parametrize("first", [0, 1])


class Three:
    """Three versions of a process, each with another step behind the open one, and an instance carried to the second."""

    def __init__(self, database: Database) -> None:
        self.office = Office(database)
        self.versions = [self.office.deploy(p_bpmn=_version(step)) for step in ("x", "y", "z")]
        self.office.start(self.versions[0])
        self.moved = self.office.migrate(*self.versions[:2])
        self.told: list[str] = []

    def carry_on(self) -> None:
        """Carry it to the third version; what comes of it is told."""
        done = self.office.migrate(*self.versions[1:])
        self.told += [f"carried on: {each.state}" for each in done.results]

    def take_back(self) -> None:
        """Take it back to the first."""
        self.told += [f"taken back: {state}" for state in self.office.undo(self.moved)]

    def step(self) -> None:
        """Complete its open task."""
        try:
            self.office.do("a")
        except TaskNotOpen:
            self.told.append("too late")

    def at_once(self, *acts: Callable[[], None], first: int) -> None:
        """Both at once, the one of that number first."""
        overlapping(self.office.database, lambda _db: acts[first](), acts[1 - first])

    @property
    def version(self) -> int:
        """The number of the version that the instance is on."""
        on: UUID = self.office.one("instance")["definition_id"]
        return self.versions.index(on)

    def goes_on_to(self, step: str) -> bool:
        """Whether what stands and listens is that of one version, and leads to its own step."""
        (listens,) = self.office.rows()["subscription"]
        self.office.do("a")
        return (listens["element_id"], self.office.open) == (f"stop_{step}", [step])


def _version(step: str) -> bytes:
    body = task("a") + boundary(f"stop_{step}", "a", MESSAGE) + task(step)
    return bpmn(ENDS + body, f"start > a > {step} > end; stop_{step} > end", declared=NAMES)


@pytest.fixture
def three(database: Database, travel: object) -> Three:
    return Three(database)


@both_ways
def test_carried_on_and_taken_back(three: Three, first: int) -> None:
    three.at_once(three.carry_on, three.take_back, first=first)
    assert (
        three.told
        == [
            ["carried on: moved", "taken back: moved"],
            ["taken back: undone", "carried on: refused"],
        ][first]
    )
    assert three.version == (2, 0)[first]
    assert three.goes_on_to("zx"[first])


def test_carried_on_by_two(three: Three) -> None:
    three.at_once(three.carry_on, three.carry_on, first=0)
    assert three.told == ["carried on: moved", "carried on: refused"]
    assert three.goes_on_to("z")


def test_taken_back_by_two(three: Three) -> None:
    three.at_once(three.take_back, three.take_back, first=0)
    assert three.told == ["taken back: undone", "taken back: undone"], "it is back, whoever did it"
    assert three.goes_on_to("x")


@both_ways
def test_stepped_and_taken_back(three: Three, first: int) -> None:
    three.at_once(three.step, three.take_back, first=first)
    assert three.told == ["taken back: moved" if first == 0 else "taken back: undone"]
    assert three.office.open == ["yx"[first]]


@both_ways
def test_a_message_comes_while_it_is_taken_back(three: Three, first: int) -> None:
    three.at_once(lambda: three.office.publish("Answer"), three.take_back, first=first)
    assert three.told == ["taken back: moved" if first == 0 else "taken back: undone"]
    assert [row["status"] for row in three.office.rows()["instance"]] == ["completed"], "the message came, either way"
