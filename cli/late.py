"""`handslag overdue`: what is late."""

from __future__ import annotations

import click

from cli.output import AS_JSON, FOUND, open_store, print_json, print_table
from committee import overview, profile
from store.settings import Settings


@click.command()
@AS_JSON
def overdue(*, as_json: bool) -> None:
    """List the steps and deadlines whose day has passed. Exit code 1 when there are any."""
    store = open_store()
    with store.reading() as session:
        rows = overview.overdue(session, profile.tenant_of(session, Settings().region).id)
    if as_json:
        print_json([row.as_dict() for row in rows])
    else:
        cells = (
            (row.due_on, row.days_late, f"{row.what} (suspended)" if row.suspended else row.what, _case(row))
            for row in rows
        )
        print_table("Overdue", ("Due", "Days late", "What", "Case"), cells, "Nothing is overdue.")
    raise SystemExit(FOUND if rows else 0)


def _case(row: overview.Late) -> str:
    return f"{row.registry_number or ''} {row.title}"
