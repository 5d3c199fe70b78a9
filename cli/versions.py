"""`handslag diff`: what has changed between two versions, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cli.output import AS_JSON, open_store, out, print_json
from committee import profile
from engine import definitions
from engine.versions.change import Change
from engine.versions.diff import diff as differences
from engine.versions.stored import named
from store.settings import Settings

KINDS = {".bpmn": "process", ".dmn": "decisions", ".form": "form"}


@click.command()
@click.argument("older", metavar="A")
@click.argument("newer", metavar="B")
@AS_JSON
def diff(older: str, newer: str, *, as_json: bool) -> None:
    """Say what changed from A to B: two files, or versions that are deployed, as external_referral:3.

    A name without a number is the version in use.
    """
    (kind, before, process), (other, after, same) = _content(older), _content(newer)
    if kind != other:
        raise click.UsageError(f"'{older}' and '{newer}' are not of one kind.")
    found = differences(kind, before, after, process if process == same else None)
    if as_json:
        print_json([change.as_dict() for change in found])
    else:
        _print(found)


def _content(name: str) -> tuple[str, bytes, str | None]:
    """Kind and content of a file or a deployed version, and the process that is meant in it."""
    path = Path(name)
    if path.suffix in KINDS:
        if not path.is_file():
            raise click.UsageError(f"There is no file '{name}'.")
        return KINDS[path.suffix], path.read_bytes(), None
    store = open_store()
    with store.reading() as db:
        found = named(db, profile.tenant_of(db, Settings().region).id, name)
        return found.kind, definitions.content(db, found), found.key if found.kind == "process" else None


def _print(found: Sequence[Change]) -> None:
    """Sentences one below the other; what is only drawn elsewhere is counted."""
    told = [change for change in found if change.subject != "drawing"]
    for change in told:
        out.print(f"{change.sentence}  ({change.id})" if change.id else change.sentence, markup=False, soft_wrap=True)
    if drawn := len(found) - len(told):
        only = "" if told else "Only the layout has changed: "
        out.print(f"{only}{drawn} element(s) and flow(s) are drawn elsewhere.", markup=False)
    if not found:
        out.print("Nothing has changed.")
