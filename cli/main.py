"""`handslag`: install, run, deploy, check and look. Exit codes: 0 done, 1 findings or refusal, 2 wrong use."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli import supervisor
from cli.demo.command import demo
from committee import overview, profile
from committee.processes import check_context
from engine import definitions
from engine.bpmn.check import CheckContext
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations
from store import migrate
from store.database import Database
from store.errors import HandslagError
from store.settings import Settings
from store.simulation import use_configured_clock

out = Console()
err = Console(stderr=True)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines instead of a table.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handslag")
def cli() -> None:
    """Handslag: case handling for committees in regional development, on BPMN diagrams.

    Settings come from the environment; the most used are HANDSLAG_DATABASE_URL (PostgreSQL instead of the embedded
    database), HANDSLAG_DATA_DIR (default ./var) and HANDSLAG_PORT (default 8080).
    """


@cli.command()
def run() -> None:
    """Set up the database with the demo organisation and serve: API and worker under one supervisor."""
    settings = Settings()
    settings.require_consistent()
    store = Database(settings.url())
    out.print(f"Database: {store.engine.url.render_as_string(hide_password=True)}")
    migrate.upgrade(store)
    users = profile.load_demo(store, settings)
    made = profile.deploy_processes(store, settings)
    out.print(f"Deployed {len(made)} new version(s) from {settings.processes_dir}")
    store.dispose()
    _print_users(users, settings)
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
    migrate.upgrade(_store())
    out.print("The database is up to date.")


@db.command(name="check")
def check_database() -> None:
    """Check that the database has this release's tables. Exit code 1 when it has not."""
    store = _store()
    different = [] if not migrate.is_current(store) else migrate.differences(store)
    if not migrate.is_current(store) or different:
        err.print("The database differs from this release. Run: handslag db upgrade")
        raise SystemExit(1)
    out.print("The database has this release's tables.")


@cli.command()
@FILES
@AS_JSON
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Report everything that is wrong with diagrams, decision tables and forms. Exit code 1 when there are errors."""
    context = CheckContext(
        operations=frozenset(operations()), functions=frozenset(bound_functions(FunctionContext(None, None, None)))
    )
    shown = track(files, "Reading", console=err, transient=True, disable=as_json or len(files) < 3)
    findings = definitions.check_files({path.name: path.read_bytes() for path in shown}, context)
    if as_json:
        click.echo(json.dumps(findings, ensure_ascii=False, indent=2))
    else:
        _print_findings(findings)
    raise SystemExit(any(found["severity"] == "error" for found in findings))


@cli.command()
@FILES
def deploy(files: tuple[Path, ...]) -> None:
    """Put files in use together. With an error in any of them nothing is deployed."""
    settings = Settings()
    store = _store()
    with store.transaction() as session:
        tenant = profile.tenant_of(session, settings.region)
        made = definitions.deploy(
            session,
            tenant.id,
            {path.name: path.read_bytes() for path in files},
            context=check_context(session, tenant.id),
        )
    for definition in made:
        out.print(f"{definition.kind} {definition.key}: version {definition.number}")
    out.print(f"{len(made)} new version(s); the rest is in use already.")


@cli.command()
@AS_JSON
def overdue(*, as_json: bool) -> None:
    """List the steps and deadlines whose day has passed. Exit code 1 when there are any."""
    settings = Settings()
    store = _store()
    use_configured_clock(settings, store)
    with store.reading() as session:
        rows = overview.overdue(session, profile.tenant_of(session, settings.region).id)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=2))
    else:
        table = Table("Due", "Days late", "What", "Case", title="Overdue")
        for row in rows:
            table.add_row(row.due.isoformat(), str(row.days_late), row.what, f"{row.registry_number or ''} {row.title}")
        out.print(table if rows else "Nothing is overdue.")
    raise SystemExit(bool(rows))


cli.add_command(demo)


def main() -> None:
    """Run the command line; a known error is a sentence, never a stack of calls."""
    try:
        cli()
    except HandslagError as problem:
        err.print(f"[red]{problem.code}[/red]: {problem.message}")
        if problem.errors:
            _print_findings([dict(found) for found in problem.errors])
        sys.exit(1)


def _store() -> Database:
    return Database(Settings().url())


def _print_findings(findings: list[dict[str, object]]) -> None:
    table = Table("File", "Line", "Element", "", "Finding", "What to do")
    for found in findings:
        colour = "red" if found.get("severity") == "error" else "yellow"
        cells = [str(found.get(key, "")) for key in ("file", "line", "element_id", "severity", "sentence", "hint")]
        table.add_row(*cells[:3], f"[{colour}]{cells[3]}[/{colour}]", *cells[4:])
    out.print(table if findings else "No findings.")


def _print_users(users: list[profile.DemoUser], settings: Settings) -> None:
    table = Table("Who", "Roles", "Token", title="Demo organisation: anyone who has a token is that person")
    for user in users:
        table.add_row(user.name, user.roles, user.token)
    out.print(table)
    out.print(f"API and its documentation: http://{settings.host}:{settings.port}/api/v1/docs   Stop with Ctrl-C.")


if __name__ == "__main__":
    main()
