"""`handslag db`: the database itself."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import err, open_database, out
from store import migrate
from store.backup import backup as back_up
from store.backup import restore as bring_back

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def db() -> None:
    """The database: upgrade it, check it, back it up, restore it."""


@db.command()
def upgrade() -> None:
    """Bring the database to this release's tables."""
    migrate.upgrade(open_database())
    out.print("The database is up to date.")


@db.command(name="check")
def check_database() -> None:
    """Check that the database has this release's tables. Exit code 1 when it has not."""
    store = open_database()
    different = [] if not migrate.is_current(store) else migrate.differences(store)
    if not migrate.is_current(store) or different:
        err.print("The database is empty or differs from this release. Run: handslag db upgrade")
        raise SystemExit(1)
    out.print("The database has this release's tables.")


@db.command()
@FILE
def backup(file: Path) -> None:
    """Copy the embedded database into a new file, also while it is in use. For PostgreSQL: pg_dump."""
    back_up(open_database(), file)
    out.print(f"The database is in {file}. Copy the folder of the documents now, too.", markup=False, soft_wrap=True)


@db.command()
@FILE
def restore(file: Path) -> None:
    """Let the embedded database be what a backup holds. Stop API and worker first. For PostgreSQL: pg_restore."""
    bring_back(open_database(), file)
    out.print(
        "The database is that of the backup. Next: handslag db upgrade && handslag documents check", soft_wrap=True
    )
