"""What all commands share: where they print, their options, how findings look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from store.database import Database

FOUND, REFUSED = 1, 3
"""Exit codes: 0 is done, 1 something to look at was found, 2 is a command written wrongly, 3 it could not be done."""

out = Console()
err = Console(stderr=True)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines instead of a table.")


def open_database() -> Database:
    """The database of the settings, whatever it holds."""
    from store.database import Database  # here: help and the supervisor need no database
    from store.settings import Settings

    settings = Settings()
    settings.require_consistent()
    store = Database(settings.url())
    click.get_current_context().call_on_close(store.dispose)
    return store


def open_store() -> Database:
    """The database of the settings, in the time that the settings say; where its own time has been moved, one is told."""
    from store import simulation
    from store.settings import Settings

    settings, store = Settings(), open_database()
    simulation.use_configured_clock(settings, store)
    if settings.clock == "system" and (at := _moved_to(store)) is not None:
        err.print(
            f"The clock of this database has been moved to {at:%Y-%m-%d %H:%M} UTC, but this command lives in real "
            "time. Where the server is started with HANDSLAG_CLOCK=simulated, give it here too.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    return store


def _moved_to(store: Database) -> datetime | None:
    from store import simulation
    from store.errors import NotUpgraded

    try:
        return simulation.shown(store)
    except NotUpgraded:
        return None


def print_json(value: object) -> None:
    """JSON on standard output, alone."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Iterable[str | Column], rows: Iterable[Iterable[object]], empty: str) -> None:
    """A table, or a sentence where there is nothing to show. Its first column is never broken, and nothing is cut."""
    table = Table(*columns, title=title)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    out.print(table if table.row_count else empty)


def print_findings(findings: Iterable[Mapping[str, Any]]) -> None:
    """Everything that was found in files, under what to do about it; errors last, where a terminal is read first."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for found in findings:
        groups.setdefault((found.get("severity") or "error", found.get("hint") or ""), []).append(found)
    for (severity, hint), alike in sorted(groups.items(), key=lambda group: group[0][0] == "error"):
        heading = f"{severity.capitalize()}: {hint}" if hint else severity.capitalize()
        _print_line(heading, style="red" if severity == "error" else "yellow")
        for found in alike:
            at = ":".join(str(found[key]) for key in ("file", "line") if found.get(key))
            told = (at, found.get("element_id"), found.get("sentence"))
            _print_line("  " + "  ".join(part for part in told if part))
    errors = sum(len(alike) for (severity, _), alike in groups.items() if severity == "error")
    advice = sum(map(len, groups.values())) - errors
    _print_line(f"{errors} error{'s' * (errors != 1)}, {advice} advice." if groups else "No findings.")


def _print_line(text: str, style: str | None = None) -> None:
    """A line that the terminal may fold, and nothing cuts: ids are to be copied."""
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
