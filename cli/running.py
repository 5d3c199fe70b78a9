"""`handslag run`: from nothing to a served organisation."""

from __future__ import annotations

import click
from rich.table import Column

from cli import supervisor
from cli.output import open_store, out, print_table
from committee import profile
from store import migrate
from store.database import Database
from store.settings import Settings


@click.command()
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
    out.print(
        f"Pages: http://{settings.host}:{settings.port}   API: http://{settings.host}:{settings.port}/api/v1/docs   Stop with Ctrl-C."
    )
    raise SystemExit(supervisor.supervise(("server", "worker"), out))


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
