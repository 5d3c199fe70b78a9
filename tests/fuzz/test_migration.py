"""An instance that is carried to a copy of its diagram, at any step, goes on as the one that stayed."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.spiff import KernelError, Program, Run, Snapshot
from store.database import Database
from tests.fuzz.blocks import Block, blocks, diagram
from tests.fuzz.nets import Graph, graphs
from tests.support.kernel import evaluate, program
from tests.versions.office import Office

MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONGEST_WALK, MOST_TOKENS = 25, 30


def renamed(data: bytes) -> bytes:
    """The same diagram in which every element and flow has another id."""
    attributes = rb'( (?:id|sourceRef|targetRef|attachedToRef|default)=")(?!p"|m1")'
    return re.sub(attributes, rb"\1x_", data)


class Pair:
    """One instance that stays and one that is carried to a copy after every step."""

    def __init__(self, data: bytes, **variables: object) -> None:
        here, other = program(data), program(renamed(data))
        self.copies = (program(data), here)
        self.renamed = other
        self.there = {key: f"x_{key}" for key in here.places}
        self.back = {value: key for key, value in self.there.items()}
        self.stays = Run.start(here, variables, evaluate)  # type: ignore[arg-type]
        self.state = self.stays.save()
        self.snapshot = self._same_snapshot(Run.start(here, variables, evaluate))  # type: ignore[arg-type]

    def act(self, key: str) -> None:
        """Let one wait be over, in the one that stays and in the one that was carried."""
        is_task = any(wait.key == key and wait.kind == "user" for wait in self.snapshot.waiting)
        moved = self._carried()
        for run in (self.stays, moved):
            (Run.complete if is_task else Run.trigger)(run, key, {})
        self.snapshot = self._same_snapshot(moved)
        self.state = self.stays.save()
        assert moved.save() == self.state

    def _same_snapshot(self, moved: Run) -> Snapshot:
        stayed = self.stays.snapshot()
        assert moved.snapshot() == stayed
        return stayed

    def _carried(self) -> Run:
        """To a copy, to one with other names and back: nothing has changed."""
        run = Run.restore(self.copies[1], self.state, evaluate)
        ways: list[tuple[Program, dict[str, str]]] = [
            (self.copies[0], {}),
            (self.renamed, self.there),
            (self.copies[1], self.back),
        ]
        for target, mapping in ways:
            migrated = run.migrated(target, mapping)
            assert not migrated.obstacles
            assert not migrated.went_on
            run = migrated.run
            run.snapshot()
        assert run.save() == self.state
        return run


@MANY
@given(block=blocks(), data=st.data())
def test_a_process_of_blocks_goes_on_in_a_copy_as_it_would_have_where_it_was(block: Block, data: st.DataObject) -> None:
    pair = Pair(diagram(block), yes=True)
    for _ in range(LONGEST_WALK):
        if pair.snapshot.status != "running":
            return
        pair.act(data.draw(st.sampled_from([wait.key for wait in pair.snapshot.waiting])))


@MANY
@given(graph=graphs(), data=st.data())
def test_a_process_of_any_shape_goes_on_in_a_copy_as_it_would_have_where_it_was(
    graph: Graph, data: st.DataObject
) -> None:
    picks = data.draw(st.fixed_dictionaries({node: st.integers(0, ways - 1) for node, ways in graph.choices().items()}))
    try:
        pair = Pair(graph.diagram(), **{f"pick_{node}": Decimal(choice) for node, choice in picks.items()})
        for _ in range(LONGEST_WALK):
            assume(len(pair.snapshot.waiting) < MOST_TOKENS)
            if pair.snapshot.status != "running":
                return
            pair.act(data.draw(st.sampled_from([wait.key for wait in pair.snapshot.waiting])))
    except KernelError:
        return  # it can come to a dead end, which other tests hold


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks(6), data=st.data())
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_carried_over_and_taken_back_is_as_it_was_to_the_byte(
    database: Database, travel: object, block: Block, data: st.DataObject
) -> None:
    """State, tasks, subscriptions and called processes of any process of blocks, with other ids for all elements."""
    office = Office(database)
    drawn = diagram(block)
    source = office.deploy(p_bpmn=drawn)
    office.start(source, yes=True)
    for _ in range(data.draw(st.integers(0, 5))):
        if office.open:
            office.do(data.draw(st.sampled_from(office.open)))
    before = office.rows()
    target = office.deploy(p_bpmn=renamed(drawn))
    done = office.migrate(source, target, {key: f"x_{key}" for key in program(drawn).places})
    assert all(element.startswith("x_") for element in office.open)
    assert set(office.undo(done)) <= {"undone"}
    assert office.rows() == before
