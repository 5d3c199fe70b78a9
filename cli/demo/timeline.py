"""The timeline: what happened, told as a person would; or collected for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

WEEKDAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")
ROOMY = 100
"""Columns from which there is room for long names."""
MONTHS = ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what on a day, and by when it had to be done."""

    day: date
    who: str
    what: str
    due: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"day": self.day.isoformat(), "due": self.due.isoformat() if self.due else None}


@dataclass(frozen=True, slots=True)
class Check:
    """What must be true at the end, and what was found."""

    sentence: str
    found: str
    expected: str

    @property
    def held(self) -> bool:
        """Whether it was as it must be."""
        return self.found == self.expected


@dataclass
class Timeline:
    """One scenario as it was played. `out` None: nothing is printed."""

    key: str
    title: str
    out: Console | None
    entries: list[Entry] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    problem: str | None = None
    _day: date | None = None

    @property
    def failures(self) -> list[str]:
        """A sentence for each thing that ended otherwise."""
        missed = [f"{c.sentence}: {c.found}, expected {c.expected}" for c in self.checks if not c.held]
        return missed + ([self.problem] if self.problem else [])

    def begin(self) -> None:
        """The heading."""
        if self.out:
            self.out.rule(f"[bold]({self.key}) {self.title}[/bold]", align="left")

    def tell(self, sentence: str) -> None:
        """A sentence of narration."""
        if self.out:
            self.out.print(Text(sentence, style="italic"))

    def add(self, entry: Entry) -> None:
        """Something happened."""
        self.entries.append(entry)
        if self.out is None:
            return
        row = Table.grid(padding=(0, 2), expand=True)
        row.add_column(width=18, no_wrap=True)
        row.add_column(width=28 if self.out.width >= ROOMY else 20, no_wrap=True, overflow="ellipsis")
        row.add_column(ratio=1)
        day = "" if entry.day == self._day else swedish(entry.day)
        told = Text.assemble(entry.what, _due(entry), style="dim" if entry.who == WORKER else "")
        row.add_row(day, entry.who, told)
        self._day = entry.day
        self.out.print(row)

    def check(self, sentence: str, found: object, expected: object) -> None:
        """Compare what the API says with how the story ends."""
        made = Check(sentence, str(found), str(expected))
        self.checks.append(made)
        if self.out and made.held:
            self.out.print(Text(f"  ✓ {sentence}: {found}", style="green"))
        elif self.out:
            self.out.print(Text(f"  ✗ {sentence}: {found}, expected {expected}", style="bold red"))

    def fail(self, problem: str) -> None:
        """The play broke off."""
        self.problem = problem
        if self.out:
            self.out.print(Text(f"  ✗ {problem}", style="bold red"))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "key": self.key,
            "title": self.title,
            "entries": [entry.as_dict() for entry in self.entries],
            "checks": [asdict(check) | {"held": check.held} for check in self.checks],
            "failures": self.failures,
        }


WORKER = "Bevakningen"
"""Who acts when nobody does: timers that the worker fires."""


def swedish(day: date) -> str:
    """A date as people write it: `tors 25 mars 2021`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def _due(entry: Entry) -> tuple[str, str]:
    if entry.due is None:
        return ("", "")
    late = entry.day > entry.due
    return (f"  {'för sent, skulle ske' if late else 'senast'} {swedish(entry.due)}", "red" if late else "cyan")
