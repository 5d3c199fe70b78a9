"""Memory and space: the processes', an instance's state, and what a case takes in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
from sqlalchemy import func, select, text

from bench import workload
from bench.clients import completion, load
from bench.lab import KINDS, Lab
from bench.processes import resident, running, serving
from bench.report import Result, Table
from bench.timers import await_started
from bench.workload import Region
from committee import profile
from committee.cases import open_case
from engine.models import Instance
from store import clock
from store.database import Database
from store.settings import Settings

REFERRAL = "external_referral"


def measure(lab: Lab) -> Result:
    """On each database, at the start and after work."""
    memory = Table("Memory of the processes, MB", ["Database", "API at start", "API after work", "Worker at start"])
    space = Table(
        "Space of an instance", ["Database", "Process", "State, bytes", "Database with its indexes, kB a case"],
        note="The state is all that the kernel keeps; tasks, timers, events and the case itself are rows.",
    )  # fmt: skip
    for kind in lab.track(KINDS, "Memory"):
        with lab.database(kind) as database:
            region = Region(database)
            memory.add(kind, *_processes(lab, region))
            _space(lab, kind, region, space)
    return Result([memory, space])


def _processes(lab: Lab, region: Region) -> tuple[float, float, float]:
    count = lab.often(600, 60)
    tasks = region.open_tasks(region.start(count))
    messages = [completion(task, region.tokens[workload.OFFICER], workload.ANSWER) for task in tasks]
    with serving(region.database.url, lab.folder) as (port, api):
        first = resident(api)
        load([port], messages, 4)
        after = resident(api)
    with _worker(lab, region.database) as worker:
        return first, after, resident(worker)


@contextmanager
def _worker(lab: Lab, database: Database) -> Iterator[psutil.Process]:
    with running("worker", {"DATABASE_URL": database.url}, lab.folder) as process:
        await_started(lab.folder / "worker.log")
        yield psutil.Process(process.pid)


def _space(lab: Lab, kind: str, region: Region, table: Table) -> None:
    database, count = region.database, lab.often(400, 60)
    before = _bytes(database)
    region.start(count)
    table.add(kind, "the measured case", _state(database, workload.KEY), (_bytes(database) - before) / count / 1000)
    profile.deploy_processes(database, Settings())
    actor, reply_by = region.actor("registrator"), clock.today() + timedelta(days=120)
    before, count = _bytes(database), count // 4
    for number in range(count):
        open_case(database, actor, REFERRAL, f"Remiss {number}", sender="Miljödepartementet", reply_by=reply_by)
    table.add(kind, REFERRAL, _state(database, REFERRAL), (_bytes(database) - before) / count / 1000)


def _state(database: Database, key: str) -> float:
    with database.reading() as db:
        found = select(func.avg(func.length(Instance.state))).where(Instance.process_key == key)
        return float(db.scalar(found) or 0)


def _bytes(database: Database) -> int:
    statement = "SELECT pg_database_size(current_database())"
    if database.is_sqlite:
        statement = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.reading() as db:
        return int(db.scalar(text(statement)) or 0)
