"""What a run found: tables of figures and targets, on the screen and in `bench/RESULTS.md`."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table as RichTable

from bench.timing import number
from store import clock


@dataclass(slots=True)
class Table:
    """Figures of one question. Cells are texts, as they are to be read."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""

    def add(self, *cells: object) -> None:
        """A row; numbers are written with as many digits as they deserve."""
        self.rows.append([number(cell) if isinstance(cell, float) else str(cell) for cell in cells])


@dataclass(frozen=True, slots=True)
class Target:
    """A promise of the design, and what was measured."""

    promise: str
    measured: float
    limit: float
    at_most: bool = True
    """Whether the limit is a ceiling; else it is a floor."""
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


@dataclass(slots=True)
class Result:
    """What one area found."""

    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def show(results: Mapping[str, Result], out: Console) -> None:
    """Print everything."""
    for result in results.values():
        for table in result.tables:
            shown = RichTable(*table.columns, title=table.title, title_justify="left", caption=table.note or None)
            for row in table.rows:
                shown.add_row(*row)
            out.print(shown)
    shown = RichTable("Target", "Measured", "Limit", "", title="Targets of the design", title_justify="left")
    for target in _targets(results):
        shown.add_row(*_cells(target), "[green]met[/green]" if target.met else "[red]missed[/red]")
    out.print(shown)


def write(results: Mapping[str, Result], path: Path, title: str, command: str, seconds: float, busy: float) -> None:
    """Write the report; the file says by which command it was made, and on what kind of machine."""
    lines = [
        f"# {title}",
        "",
        f"Made by `{command}` on {clock.today().isoformat()} in {seconds / 60:.0f} minutes, on {machine()}.",
        f"Do not edit: run it again. {busy:.1f} other processes wanted a core when it began: trust ratios, not absolute times.",
        "",
        *_markdown(["Target of the design", "Measured", "Limit", ""], _target_rows(results), "Targets"),
    ]
    for result in results.values():
        for table in result.tables:
            lines += _markdown(table.columns, table.rows, table.title, table.note)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def machine() -> str:
    """The class of the machine, without its name."""
    memory = round(psutil.virtual_memory().total / 2**30)
    parts = [f"{psutil.cpu_count()} cores ({platform.machine()})", f"{memory} GiB of memory", platform.system()]
    return ", ".join([*parts, f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"])


def _targets(results: Mapping[str, Result]) -> list[Target]:
    return [target for result in results.values() for target in result.targets]


def _target_rows(results: Mapping[str, Result]) -> list[Sequence[str]]:
    return [[*_cells(target), "met" if target.met else "**missed**"] for target in _targets(results)]


def _cells(target: Target) -> list[str]:
    unit = f" {target.unit}" if target.unit else ""
    sign = "at most" if target.at_most else "at least"
    return [target.promise, number(target.measured) + unit, f"{sign} {number(target.limit)}{unit}"]


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str, note: str = "") -> list[str]:
    lines = [f"## {title}", "", "| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return [*lines, "", *([note, ""] if note else [])]
