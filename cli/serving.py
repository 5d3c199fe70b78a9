"""`handslag api` and `handslag worker`: one kind of process under a supervisor, which itself needs next to nothing."""

from __future__ import annotations

import click

from cli import supervisor
from cli.output import out


@click.command()
def api() -> None:
    """Serve the API alone (PostgreSQL: as many processes as you like)."""
    raise SystemExit(supervisor.supervise(("api",), out))


@click.command()
def worker() -> None:
    """Run the worker alone: timers, reminders, mail (PostgreSQL: as many processes as you like)."""
    raise SystemExit(supervisor.supervise(("worker",), out))
