"""`handslag db`: the database itself."""

from __future__ import annotations

import click

from cli.output import err, open_store, out
from store import migrate


@click.group()
def db() -> None:
    """The database: upgrade it, check it."""


@db.command()
def upgrade() -> None:
    """Bring the database to this release's tables."""
    migrate.upgrade(open_store())
    out.print("The database is up to date.")


@db.command(name="check")
def check_database() -> None:
    """Check that the database has this release's tables. Exit code 1 when it has not."""
    store = open_store()
    different = [] if not migrate.is_current(store) else migrate.differences(store)
    if not migrate.is_current(store) or different:
        err.print("The database differs from this release. Run: handslag db upgrade")
        raise SystemExit(1)
    out.print("The database has this release's tables.")
