"""From the command to the first answer."""

from __future__ import annotations

import resource
import subprocess
import sys

from bench.lab import SQLITE, Lab
from bench.processes import running, serving
from bench.report import Result, Table, Target
from bench.timers import await_started
from bench.timing import median, milliseconds
from store.database import Database

LIMIT_SECONDS = 2.0


def measure(lab: Lab) -> Result:
    """The API, the worker and the command line, each several times."""
    table = Table(
        "Start-up, seconds (SQLite)",
        ["What", "Median", "Longest", "Of it at work on a core"],
        note="With its bytecode; the first start after an installation that made none compiles all that it imports.",
    )
    result = Result([table])
    times = lab.often(3, 1)
    with lab.database(SQLITE) as database:
        works = {
            "API until it answers": lambda: _api(lab, database),
            "worker until it works": lambda: _worker(lab, database),
            "handslag --help": _help,
        }
        for name, work in lab.track(works.items(), "Start-up"):
            work()  # the first one writes its bytecode
            before = _worked()
            taken = [milliseconds(work) / 1000 for _ in range(times)]
            table.add(name, median(taken), max(taken), (_worked() - before) / times)
            result.targets.append(Target(f"Start-up: {name}", median(taken), LIMIT_SECONDS, unit="s"))
    return result


def _worked() -> float:
    """Seconds of processor time of all processes that have been started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _api(lab: Lab, database: Database) -> None:
    # Stopping is timed too: some hundredths of a second.
    with serving(database.url, lab.folder):
        pass


def _worker(lab: Lab, database: Database) -> None:
    (lab.folder / "worker.log").unlink(missing_ok=True)
    with running("worker", {"DATABASE_URL": database.url}, lab.folder):
        await_started(lab.folder / "worker.log")


def _help() -> None:
    subprocess.run([sys.executable, "-m", "cli.main", "--help"], check=True, stdout=subprocess.DEVNULL)
