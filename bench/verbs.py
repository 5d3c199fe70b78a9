"""Completing a task in-process: the verb with its rows, events and one durable commit."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from bench import workload
from bench.lab import KINDS, POSTGRESQL, SQLITE, Lab
from bench.naive import Naive, Store
from bench.report import Result, Table, Target
from bench.timing import alternate
from bench.workload import Region
from committee.tasks import complete_task
from engine.models import Instance, Task

YOUNG, OLD = 10, 1000


class Follower:
    """One instance whose open task is completed, again and again."""

    def __init__(self, region: Region) -> None:
        self.store, self.actor = region.database, region.actor()
        (self.instance_id,) = region.start(1)
        self.task_id = self._next()

    def step(self) -> None:
        """Complete a task; which one is next is not part of what is measured."""
        complete_task(self.store, self.actor, self.task_id, workload.ANSWER)

    def look(self) -> None:
        """Find the next open task."""
        self.task_id = self._next()

    def _next(self) -> UUID:
        with self.store.reading() as db:
            return db.scalars(
                select(Task.id).where(Task.instance_id == self.instance_id, Task.state == "open").limit(1)
            ).one()

    def size(self) -> int:
        """Bytes of state."""
        with self.store.reading() as db:
            return int(db.scalars(select(func.length(Instance.state)).where(Instance.id == self.instance_id)).one())


def measure(lab: Lab) -> Result:
    """On each database: the bare commit, naive SpiffWorkflow, and the verb on a young and on an old instance."""
    table = Table(
        "Completing a task in-process (median of one durable transaction)",
        [
            "Database",
            "Bare commit, ms",
            "Naive, ms (a core's)",
            "Handslag, ms",
            "By bare commit",
            "Naive by Handslag",
            "State, bytes",
        ],
        note="Naive: a young instance, with one side table of open tasks. Handslag: task, timer and event rows, form checked.",
    )
    result = Result([table])
    for kind in lab.track(KINDS, "Complete a task"):
        _measure_on(lab, kind, table, result)
    return result


def _measure_on(lab: Lab, kind: str, table: Table, result: Result) -> None:
    address = lab.new_address(kind)
    store = Store(Path(address) if kind == SQLITE else address)
    naive = Naive(store, 1)
    naive.grow(0)
    with lab.database(kind) as database:
        region = Region(database)
        old, young = Follower(region), Follower(region)
        steps = lab.often(OLD, 100)
        _grow(lab, old, steps, kind)
        _grow(lab, young, YOUNG, kind)
        times = lab.often(60, 10)
        works = [store.bare_commit, naive.step, naive.rewind, young.step, young.look, old.step, old.look]
        bare, theirs, _, own, _, aged, _ = alternate(works, times)
        table.add(kind, bare, theirs, own, own.half / bare.half, theirs.half / own.half, old.size())
        result.targets.append(
            Target(f"Completing a task on {kind}: Handslag by naive SpiffWorkflow", own.half / theirs.half, 0.5)
        )
        if kind == POSTGRESQL:
            result.targets.append(Target(f"Completing a task on {kind} by the bare commit", own.half / bare.half, 3))
        result.targets.append(
            Target(
                f"Completing a task on {kind} after {steps:,} steps by after {YOUNG} (a core's work)",
                aged.work / own.work,
                1.1,
            )
        )
        result.targets.append(Target(f"State after {steps:,} steps on {kind}", old.size() / 1000, 100, unit="kB"))


def _grow(lab: Lab, follower: Follower, steps: int, kind: str) -> None:
    for _ in lab.track(range(steps), f"History on {kind}"):
        follower.step()
        follower.look()
