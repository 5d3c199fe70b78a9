"""`handslag`: install, run, deploy, check and look.

Exit codes: 0 done, 1 something to look at was found, 2 the command was written wrongly, 3 it could not be done.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from rich.table import Column

from cli import configuration, documents, files, register, supervisor, trial
from cli.demo.command import demo
from cli.output import AS_JSON, FOUND, REFUSED, err, open_store, out, print_findings, print_json, print_table
from committee import overview, profile
from store import migrate
from store.database import Database
from store.errors import HandslagError
from store.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handslag")
def cli() -> None:
    """Handslag: case handling for committees in regional development, on BPMN diagrams.

    Settings come from the environment, for example HANDSLAG_DATABASE_URL (PostgreSQL instead of the embedded database),
    HANDSLAG_DATA_DIR (default ./var) and HANDSLAG_PORT (default 8080). All of them: handslag settings
    """


@cli.command()
def run() -> None:
    """Set up all and serve: API and worker under one supervisor, until Ctrl-C.

    Brings the database up to date, loads the organisation of HANDSLAG_REGION and deploys what is new in the processes
    folder. With HANDSLAG_ENVIRONMENT=development (the default) also invented people with tokens that everybody knows.
    """
    settings = Settings()
    store = open_store()
    out.print(f"Database: {store.engine.url.render_as_string(hide_password=True)}", markup=False)
    migrate.upgrade(store)
    users = _load(store, settings)
    made = profile.deploy_processes(store, settings)
    out.print(f"Deployed {len(made)} new version(s) from {settings.processes_dir}", markup=False)
    store.dispose()
    if users:
        _print_users(users)
    out.print(f"API and its documentation: http://{settings.host}:{settings.port}/api/v1/docs   Stop with Ctrl-C.")
    raise SystemExit(supervisor.supervise(("api", "worker"), out))


@cli.command()
def api() -> None:
    """Serve the API alone (PostgreSQL: as many processes as you like)."""
    raise SystemExit(supervisor.supervise(("api",), out))


@cli.command()
def worker() -> None:
    """Run the worker alone: timers, reminders, mail (PostgreSQL: as many processes as you like)."""
    raise SystemExit(supervisor.supervise(("worker",), out))


@cli.group()
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


@cli.command()
@AS_JSON
def overdue(*, as_json: bool) -> None:
    """List the steps and deadlines whose day has passed. Exit code 1 when there are any."""
    store = open_store()
    with store.reading() as session:
        rows = overview.overdue(session, profile.tenant_of(session, Settings().region).id)
    if as_json:
        print_json([row.as_dict() for row in rows])
    else:
        cells = ((row.due, row.days_late, row.what, f"{row.registry_number or ''} {row.title}") for row in rows)
        print_table("Overdue", ("Due", "Days late", "What", "Case"), cells, "Nothing is overdue.")
    raise SystemExit(FOUND if rows else 0)


for command in (
    files.check,
    files.deploy,
    documents.documents,
    trial.try_,
    register.organization,
    register.person,
    register.token,
    configuration.settings,
    demo,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; a known error is a sentence, never a stack of calls."""
    try:
        cli.main(arguments, prog_name="handslag", standalone_mode=True)
    except HandslagError as problem:
        err.print(f"{problem.code}: {problem.message}", style="red", markup=False)
        if problem.errors:
            print_findings([dict(found) for found in problem.errors])
        sys.exit(FOUND if problem.errors else REFUSED)


def _load(store: Database, settings: Settings) -> list[profile.DemoUser]:
    if settings.environment == "development":
        return profile.load_demo(store, settings)
    with store.transaction() as session:
        profile.load_profile(session, profile.read_profile(profile.profile_path(settings)))
    return []


def _print_users(users: list[profile.DemoUser]) -> None:
    cells = ((user.name, user.roles, user.token) for user in users)
    columns = ("Who", "Roles", Column("Token", no_wrap=True))  # half a token is none
    print_table("Demo organisation: anyone who has a token is that person", columns, cells, "")


if __name__ == "__main__":
    main()
