"""`python -m bench`: measure, print, write `bench/RESULTS.md`."""

from __future__ import annotations

import importlib
import logging
import os
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import report
from bench.lab import Lab
from bench.report import Result

AREAS = ("kernel", "verbs", "serving", "lists", "timers", "memory", "startup", "extremes")
"""Modules of `bench/` with a function `measure(lab)`, in the order of the report."""
RESULTS = Path(__file__).parent / "RESULTS.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="About a minute: smaller numbers, fewer repetitions.")
@click.option("--only", type=click.Choice(AREAS), multiple=True, help="Measure only this (may be given several times).")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
def main(*, quick: bool, only: tuple[str, ...], output: Path | None) -> None:
    """Measure Handslag against baselines taken in the same run, and against the targets of its design.

    Without options the report goes to bench/RESULTS.md; a part of it is only printed, unless --output is given. A
    target that is missed is no failure: the exit code is 0 when everything could be measured.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    out = Console()
    begun, busy = time.perf_counter(), os.getloadavg()[0]
    results: dict[str, Result] = {}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=out, transient=True) as progress, Lab(progress, quick=quick) as lab:
        # What is started finds its bytecode, as after any installation, whatever this shell says about writing it.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(lab.folder / "bytecode")
        for name in lab.track([area for area in AREAS if area in only or not only], "Benchmark"):
            results[name] = importlib.import_module(f"bench.{name}").measure(lab)
    report.show(results, out)
    whole = not only and not quick
    if path := output or (RESULTS if whole else None):
        report.write(
            results, path, "make bench" if whole else "a part of make bench", time.perf_counter() - begun, busy
        )
        out.print(f"Written: {path}")


if __name__ == "__main__":
    main()
