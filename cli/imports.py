"""`handslag import`: a diagram of another engine in the words of Handslag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from rich.progress import track

from cli.output import AS_JSON, FILES, FOUND, REFUSED, err, out, print_findings, print_json, print_table
from committee import functions  # noqa: F401  (it registers what diagrams call)
from engine import definitions
from engine.bpmn.check import CheckContext
from engine.bpmn.imports import Imported, imported
from engine.bpmn.model import Mapped
from engine.bpmn.xml import DiagramUnreadable
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations

_SPOKEN_OF = ("other-engine", "other-engine-code", "other-tool")
"""Advice that is about the import; style can wait for `handslag check`."""


@click.command(name="import")
@FILES
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File (or folder) to write; without it only the report is shown.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that are there already.")
@AS_JSON
def import_(files: tuple[Path, ...], output: Path | None, *, force: bool, as_json: bool) -> None:
    """Read diagrams of Camunda, Flowable and Activiti, and write them in the words of Handslag.

    Shows what becomes of their words, and what does not. With --output the diagrams are written with our words beside
    the others; layout, comments and all else stay as they are.
    Exit code 1: there is something to mend, 3: a file could not be read.
    """
    targets = _targets(files, output, force=force)
    shown = track(files, "Reading", console=err, transient=True, disable=as_json or len(files) < 3)
    told = [_import(path, targets.get(path), force=force) for path in shown]
    if as_json:
        print_json(told)
    else:
        for each in told:
            _print(each)
    errors = [found for each in told for found in each["findings"] if found["severity"] == "error"]
    raise SystemExit(REFUSED if any(found["rule"] == "unreadable" for found in errors) else FOUND if errors else 0)


def _targets(files: tuple[Path, ...], output: Path | None, *, force: bool) -> dict[Path, Path]:
    """Where each file is to be written."""
    if output is None:
        return {}
    if len(files) > 1 and not output.is_dir():
        raise click.UsageError(f"'{output}' is no folder: several files need one.")
    targets = {path: output / path.name if output.is_dir() else output for path in files}
    if missing := [str(path.parent) for path in targets.values() if not path.parent.is_dir()]:
        raise click.UsageError(f"There is no folder '{missing[0]}'.")
    if not force and (there := [str(path) for path in targets.values() if path.exists()]):
        raise click.UsageError(f"{', '.join(there)} is there already. Choose another name, or give --force.")
    return targets


def _import(path: Path, target: Path | None, *, force: bool) -> dict[str, Any]:
    data = path.read_bytes()
    findings = _findings(path, data)
    try:
        made = None if any(found["rule"] == "unreadable" for found in findings) else imported(data)
    except DiagramUnreadable:  # its encoding, of which a finding tells
        made = None
    return {
        "file": str(path),
        "mapped": [_row(one) for one in made.mapped] if made else [],
        "findings": findings,
        "written": [str(each) for each in _write(made, target, force=force)] if made and target else [],
    }


def _write(made: Imported, target: Path, *, force: bool) -> Iterator[Path]:
    """The diagram, and the forms that stood in it beside it; a form that is there already is left."""
    target.write_bytes(made.content)
    yield target
    for name, content in made.forms.items():
        path = target.parent / "forms" / f"{name}.form"
        if force or not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            yield path


def _row(one: Mapped) -> dict[str, Any]:
    return {
        "element_id": one.id,
        "name": one.name,
        "line": one.line,
        "engine": one.engine,
        "word": one.word,
        "value": one.value,
        "became": one.became,
    }


def _findings(path: Path, data: bytes) -> list[dict[str, object]]:
    """Errors, and advice about foreign words."""
    context = CheckContext(
        operations=frozenset(operations()), functions=frozenset(bound_functions(FunctionContext(None, None, None)))
    )
    name = str(path.with_suffix(".bpmn"))  # some tools call their files .xml
    told = definitions.check_files({name: data}, context)
    told = [found for found in told if found["severity"] == "error" or found["rule"] in _SPOKEN_OF]
    return [found | {"file": str(path)} for found in told]


def _print(told: Mapping[str, Any]) -> None:
    findings = told["findings"]
    rows = ((one["line"], one["element_id"], f"{one['word']}: {one['value']}", one["became"]) for one in told["mapped"])
    nothing = f"{told['file']}: nothing in it is said in the words of another engine."
    print_table(told["file"], ("Line", "Element", "Says", "Is read as"), rows, nothing)
    if findings:
        print_findings(findings)
    errors = sum(found["severity"] == "error" for found in findings)
    counts = f"{len(told['mapped'])} read, {errors} to mend, {len(findings) - errors} to think about."
    where = f" Written: {', '.join(told['written'])}." if told["written"] else ""
    out.print(counts + where, markup=False, soft_wrap=True)
