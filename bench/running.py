"""A run of areas: measure each, print what was found, and write it down."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import report
from bench.lab import Lab
from bench.report import Result


def run(areas: Iterable[str], title: str, command: str, *, quick: bool, output: Path | None) -> None:
    """Measure areas, which are modules of `bench` with a function `measure(lab)`, and report in their order.

    The report is printed, and written to `output` if that is given, with the command that makes it again.
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
        for name in lab.track(areas, title):
            results[name] = importlib.import_module(f"bench.{name}").measure(lab)
    report.show(results, out)
    if output is not None:
        report.write(results, output, title, command, time.perf_counter() - begun, busy)
        out.print(f"Written: {output}")
