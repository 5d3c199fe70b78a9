"""`handslag organization|person|token`: the register, kept by the operator on the machine itself."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.output import AS_JSON, open_store, out, print_json, print_table
from committee import people, profile
from store.database import Database
from store.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])


def _register() -> tuple[Database, UUID]:
    """The database, and the organisation that it serves."""
    store = open_store()
    with store.reading() as db:
        return store, profile.tenant_of(db, Settings().region).id


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@click.group()
def organization() -> None:
    """The organisation: load its profile."""


@organization.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path | None) -> None:
    """Make the register agree with an organisation profile (default: that of HANDSLAG_REGION); no people are invented.

    It may be run again after each change of the profile: what is there is kept and updated.
    """
    settings = Settings()
    path = file or profile.profile_path(settings)
    with open_store().transaction() as db:
        loaded = profile.load_profile(db, profile.read_profile(path))
        out.print(
            f"{loaded.name} is in the register. Next: handslag person add KEY NAME --email ADDRESS",
            markup=False,
            soft_wrap=True,
        )


@click.group()
def person() -> None:
    """People: add them, give them roles in bodies, see who there is."""


@person.command()
@click.argument("key")
@click.argument("name")
@click.option("--email", help="Where reminders are sent.")
@click.option("--elected", is_flag=True, help="An elected member; without it an official.")
def add(key: str, name: str, email: str | None, *, elected: bool) -> None:
    """Put somebody into the register: handslag person add anna.berg "Anna Berg" --email anna.berg@region.example"""
    store, tenant = _register()
    people.add_person(store, tenant, key, name, email=email, kind="elected" if elected else "official")
    out.print(f"{name} is in the register. Next: handslag person role {key} BODY ROLE", markup=False, soft_wrap=True)


@person.command()
@click.argument("key")
@click.argument("body")
@click.argument("role")
@click.option("--from", "start", type=DAY, help="First day of the role.")
@click.option("--to", "end", type=DAY, help="Last day of the role.")
@click.option("--term", "term_key", help="The legislative term that it is for: 2027-2030.")
@click.option("--remove", is_flag=True, help="End the role instead; with --from the one that begins on that day.")
@click.option("--anyway", is_flag=True, help="Also a role that no diagram in use gives work to.")
def role(
    key: str, body: str, role: str, start: datetime | None, end: datetime | None, term_key: str | None, *, remove: bool,
    anyway: bool,
) -> None:  # fmt: skip
    """Give somebody a role in a body: handslag person role anna.berg run_au secretary --from 2027-01-01

    Each time is kept: who comes back for another term has had the first one too.
    """
    store, tenant = _register()
    if remove:
        people.end_role(store, tenant, key, body, role, start=_day(start))
        out.print(f"{key} no longer has the role {role} in {body}.", markup=False)
    else:
        given = people.give_role(
            store, tenant, key, body, role, start=_day(start), end=_day(end), term_key=term_key, anyway=anyway
        )
        since = f" from {given.start_date}" if given.start_date else ""
        out.print(f"{key} has the role {role} in {body}{since}.", markup=False)


@person.command(name="list")
@AS_JSON
def list_people(*, as_json: bool) -> None:
    """Who there is, with the roles in force today and those that are still to begin."""
    store, tenant = _register()
    with store.reading() as db:
        found = db.scalars(people.everybody(tenant)).all()
        held, coming = people.roles_of(db, found), people.coming_roles_of(db, found)
        rows: list[dict[str, Any]] = [
            {
                "key": each.key,
                "name": each.name,
                "email": each.email,
                "roles": [f"{role.role} ({role.body})" for role in held[each.id]],
                "coming_roles": [f"{role} ({of}) from {start}" for role, of, start in coming[each.id]],
            }
            for each in found
        ]
    if as_json:
        print_json(rows)
        return
    cells = ((row["key"], row["name"], row["email"], ", ".join([*row["roles"], *row["coming_roles"]])) for row in rows)
    print_table("People", ("Key", "Name", "E-mail", "Roles"), cells, "Nobody yet. Begin with: handslag person add")


@click.group()
def token() -> None:
    """Tokens, with which programs act as a person over the API."""


@token.command()
@click.argument("key")
@click.option("--name", default="api", show_default=True, help="What it is for.")
@click.option("--days", default=90, show_default=True, help="How long it lives.")
def issue(key: str, name: str, days: int) -> None:
    """Make a token for a person and print it; it cannot be read again."""
    store, tenant = _register()
    click.echo(people.issue_token(store, tenant, key, name, days))


@token.command()
@click.argument("key")
@click.option("--name", help="Only those of this name.")
def revoke(key: str, name: str | None) -> None:
    """Make a person's tokens useless at once."""
    store, tenant = _register()
    out.print(f"{people.revoke_tokens(store, tenant, key, name)} token(s) revoked.")
