"""`handslag check` and `handslag deploy`: diagrams, decision tables and forms."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import track

from cli.output import AS_JSON, FILES, FOUND, err, open_store, out, print_findings, print_json
from committee import profile
from engine import definitions
from engine.bpmn.check import CheckContext
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations
from store.settings import Settings


@click.command()
@FILES
@AS_JSON
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Report everything that is wrong with diagrams, decision tables and forms. Exit code 1 when there are errors.

    Where forms are among FILES, a form that diagrams name must be one of them; so with decision tables, and with
    processes where there are several diagrams.
    """
    shown = track(files, "Reading", console=err, transient=True, disable=as_json or len(files) < 3)
    findings = definitions.check_files({str(path): path.read_bytes() for path in shown}, _together(files))
    if as_json:
        print_json(findings)
    else:
        print_findings(findings)
    raise SystemExit(FOUND if any(found["severity"] == "error" for found in findings) else 0)


def _together(files: tuple[Path, ...]) -> CheckContext:
    """What diagrams may name. A diagram alone cannot know what is deployed; files given together are all there is."""

    def known(suffix: str, at_least: int = 1) -> frozenset[str] | None:
        return frozenset() if sum(path.suffix == suffix for path in files) >= at_least else None

    return CheckContext(
        operations=frozenset(operations()),
        functions=frozenset(bound_functions(FunctionContext(None, None, None))),
        forms=known(".form"),
        decisions=known(".dmn"),
        processes=known(".bpmn", 2),
        tags=frozenset() if known(".bpmn", 2) is not None else None,
    )


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS_JSON
def deploy(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Put files in use together; without FILES those of HANDSLAG_PROCESSES_DIR that never were in use.

    With an error in any of them nothing is deployed, and the exit code is 1.
    """
    settings, store = Settings(), open_store()
    if files:
        made = profile.deploy_files(store, settings, {path.name: path.read_bytes() for path in files})
    else:
        made = profile.deploy_processes(store, settings)
    rows = [{"kind": each.kind, "key": each.key, "version": each.number, "id": each.id} for each in made]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        out.print(f"{row['kind']} {row['key']}: version {row['version']}", markup=False)
    out.print(f"{len(rows)} new version(s); the rest is in use already.")
