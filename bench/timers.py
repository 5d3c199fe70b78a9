"""Due timers: real worker processes fire them, each through a real step in a transaction of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from bench import workload
from bench.lab import POSTGRESQL, SQLITE, Lab
from bench.processes import PATIENCE_SECONDS, running
from bench.report import Result, Table, Target
from bench.workload import Region
from engine.models import Task, Timer
from store import clock
from store.database import Database
from store.events import Event
from tests.support.eventually import eventually

KEY = "bench_timer"
WORKERS = ((SQLITE, 1), (POSTGRESQL, 1), (POSTGRESQL, 2), (POSTGRESQL, 3))


def measure(lab: Lab) -> Result:
    """One worker on each database, two and three on PostgreSQL."""
    table = Table(
        "Due timers (an interrupting deadline that opens another task), real worker processes",
        ["Database", "Workers", "Timers", "Fired/s", "Fired twice"],
    )
    result = Result([table])
    count = lab.often(1000, 200)
    doubled = 0
    for kind, workers in lab.track(WORKERS, "Due timers"):
        with lab.database(kind) as database:
            rate, twice = _fire(lab, database, workers, count)
        table.add(kind, workers, count, rate, twice)
        doubled += twice
        if (kind, workers) == (POSTGRESQL, 2):
            result.targets.append(
                Target("Due timers fired a second by two workers on PostgreSQL", rate, 1000, at_most=False)
            )
    result.targets.append(Target("Timers fired twice", doubled, 0))
    return result


def _fire(lab: Lab, database: Database, workers: int, count: int) -> tuple[float, int]:
    """Timers fired a second, and how many fired more than once."""
    region = Region(database, {f"{KEY}.bpmn": workload.waiting_diagram(KEY, "P1D")})
    region.start(count, KEY)
    with ExitStack() as stack:
        for number in range(workers):
            folder = lab.folder / f"worker{number}"
            folder.mkdir(exist_ok=True)
            settings = {"DATABASE_URL": database.url, "WORKER_POLL_SECONDS": "0.2"}
            stack.enter_context(running("worker", settings, folder))
            await_started(folder / "worker.log")
        begun = time.perf_counter()
        with database.transaction() as db:
            db.execute(update(Timer).values(due_at=clock.now() - timedelta(minutes=1)))
            db.info["wake"] = True
        eventually(lambda: not _left(database), "all timers have fired", PATIENCE_SECONDS * 6)
        seconds = time.perf_counter() - begun
    with database.reading() as db:
        fired = db.scalar(select(func.count()).where(Event.type == "timer.fired")) or 0
        opened = db.scalar(select(func.count()).where(Task.element_id == "remind", Task.state == "open")) or 0
    return count / seconds, max(fired, opened) - count


def _left(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Timer)) or 0


def await_started(log: Path) -> None:
    """Wait until a worker says that it works."""
    eventually(
        lambda: log.exists() and "worker.started" in log.read_text(errors="replace"),
        "the worker has started",
        PATIENCE_SECONDS,
    )
