"""`handslag migrate`: running instances go over to another version of their diagram, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

import click
from rich.markup import escape
from rich.table import Table

from cli.instance import acting
from cli.output import AS_JSON, FOUND, open_store, out, print_json
from committee import profile, versions
from committee.cases import Case
from engine.versions.stored import named
from store.settings import Settings

if TYPE_CHECKING:
    from store.database import Database

_STAYS = "[red]stays[/red]"
_OVER = {"moved": "[green]goes over[/green]", "refused": _STAYS}
_BACK = {"undone": "[green]is back[/green]", "moved": _STAYS}
"""What moved goes over, or stays in the new version when it should be taken back."""


@click.command()
@click.argument("source", metavar="[FROM", required=False)
@click.argument("target", metavar="TO]", required=False)
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="The element NEW takes the place of OLD.")
@click.option("--instance", "instances", multiple=True, type=click.UUID, help="Only these; without it all that run.")
@click.option(
    "--recompute", is_flag=True, help="Compute due dates and timers again where the diagram says them otherwise."
)
@click.option("--reason", help="Why; it stays in the history of each case. Needed to do it.")
@click.option("--as", "by", metavar="PERSON", help="Key of the person who does it. Needed to do it.")
@click.option("--yes", is_flag=True, help="Do it. Without it nothing is changed, only told.")
@click.option(
    "--undo", type=click.UUID, metavar="MIGRATION", help="Take back a migration, where nothing has moved on since."
)
@AS_JSON
def migrate(
    source: str | None,
    target: str | None,
    pairs: tuple[str, ...],
    instances: tuple[UUID, ...],
    reason: str | None,
    by: str | None,
    undo: UUID | None,
    *,
    recompute: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Carry running instances from one version of a process to another: handslag migrate referral:1 referral:2

    Without --yes it only tells what would become of each. Each instance goes over whole, in a transaction of its own, or
    stays as it is and says why; then the exit code is 1, and so it is with --undo.
    """
    if (yes or undo) and by is None:
        raise click.UsageError("Say in whose name with --as: the key of a process owner or operator.")
    store = open_store()
    with store.reading() as db:
        tenant = profile.tenant_of(db, Settings().region).id
        actor = acting(db, by) if by is not None else None
    if undo is not None and actor is not None:
        results = versions.undo(store, actor, undo)
        if not results and not as_json:
            out.print("Nothing of that migration is left to be taken back.")
            return
        _show(store, results, _BACK, "It stands where it stood before.", as_json=as_json)
        raise SystemExit(FOUND if any(each.state == "moved" for each in results) else 0)
    if source is None or target is None:
        raise click.UsageError("Say from which version to which: handslag migrate referral:1 referral:2")
    if yes and not (reason or "").strip():
        raise click.UsageError("Say why with --reason: it stays in the history of each case.")
    with store.reading() as db:
        ids = [named(db, tenant, name, ("process",)).id for name in (source, target)]
    wish = versions.Wish(ids[0], ids[1], dict(map(_pair, pairs)), instances or None, recompute, most=None)
    if yes and actor is not None:
        done = versions.migrate(store, actor, wish, reason or "")
    else:
        done = versions.carry_over(store, tenant, wish, "", actor_id=None, dry_run=True)
    _show_outcome(store, done, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    old, is_pair, new = text.partition("=")
    if not (old and is_pair and new):
        raise click.UsageError(f"'{text}' is no pair; write --map OLD=NEW.")
    return old, new


def _show_outcome(store: Database, done: versions.Outcome, *, as_json: bool) -> None:
    if not as_json:
        for each in done.instructions:
            if each.new is None:
                perhaps = f" Perhaps --map {each.old}={each.perhaps}" if each.perhaps else ""
                out.print(f"'{each.name}' ({each.old}) {each.why}.{perhaps}", markup=False, soft_wrap=True)
            elif each.new != each.old:
                out.print(f"'{each.name}' ({each.old}) goes on as {each.new}.", markup=False, soft_wrap=True)
    told = {"migration": done.id, "instructions": [asdict(each) for each in done.instructions]}
    _show(store, done.results, _OVER, "Everything stays as it is.", as_json=as_json, **told)
    if not as_json:
        if done.id is None:
            out.print("Nothing was changed. To do it, say --yes and --reason.")
        else:
            out.print(f"To take it back: handslag migrate --undo {done.id}", markup=False)
    raise SystemExit(FOUND if any(each.state == "refused" for each in done.results) else 0)


def _show(
    store: Database,
    results: Sequence[versions.Result],
    become: Mapping[str, str],
    nothing: str,
    *,
    as_json: bool,
    **more: object,
) -> None:
    if as_json:
        print_json({**more, "results": [asdict(each) for each in results]})
        return
    cases = _cases(store, (each.case_id for each in results))
    table = Table("Case", "Instance", "", "What happens")
    for each in results:
        case = cases.get(each.case_id, "-") if each.case_id else "-"
        said = "\n".join(each.sentences) or nothing
        table.add_row(escape(case), str(each.instance_id), become[each.state], escape(said))
    out.print(table if results else "No instance of that version runs.")


def _cases(store: Database, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The registry numbers of cases, or their titles while they have none."""
    with store.reading() as db:
        found = (db.get(Case, each) for each in {each for each in ids if each is not None})
        return {case.id: case.registry_number or case.title for case in found if case is not None}
