"""`handslag test`: runs the scenarios of diagrams and decision tables, in memory, and says what they have covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.output import AS_JSON, FOUND, REFUSED, err, out, print_findings, print_json, print_table
from committee import functions, profile  # noqa: F401  (they register what diagrams call)
from engine.bpmn.check import CheckContext
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations
from engine.scenarios import Covered, Outcome, Runner, Scenario, Unreadable, read
from engine.trial import Files
from store.settings import Settings

ENDINGS = (".yaml", ".yml")
SHOWN = 20
"""Parts of one diagram that nothing has passed, as a person is shown them; --json has all."""


@dataclass(slots=True)
class Tested:
    """Scenario files that are about the same diagrams, and what became of them."""

    folder: Path
    runner: Runner
    scenarios: list[Scenario] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--only", multiple=True, metavar="NAME", help="Only scenarios whose name has this in it.")
@click.option(
    "--processes",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the diagrams and decision tables; without it the one above the scenarios.",
)
@click.option("--full", is_flag=True, help="Exit code 1 too when something of a diagram is not passed by any scenario.")
@AS_JSON
def test(files: tuple[Path, ...], only: tuple[str, ...], processes: Path | None, *, full: bool, as_json: bool) -> None:
    """Run scenarios: what diagrams and decision tables must do. No database, no side effects, a clock of their own.

    FILES are scenario files or folders of them; without any, those of `processes/scenarios`. Exit code 0: all hold,
    1: some do not, 3: a diagram or a scenario file cannot be read.
    """
    chosen = _chosen(files or (Settings().processes_dir / "scenarios",))
    if not chosen:
        raise click.UsageError("There are no scenario files (*.yaml) there. docs/scenarios.md says how to write one.")
    groups = [_read(folder, paths) for folder, paths in _together(chosen, processes).items()]
    refused = any(group.mistakes or group.runner.files.refused for group in groups)
    _run(groups, only, quiet=as_json)
    covered = [each for group in groups for each in group.runner.covered()] if not refused else []
    outcomes = [outcome for group in groups for outcome in group.outcomes]
    if only and not outcomes and not refused:
        raise click.UsageError(f"No scenario has {' or '.join(map(repr, only))} in its name.")
    if as_json:
        print_json(_told(groups, outcomes, covered))
    else:
        _print(groups, outcomes, covered, parts=not only)
    failed = not all(outcome.holds for outcome in outcomes) or (full and any(each.missing for each in covered))
    raise SystemExit(REFUSED if refused else FOUND if failed else 0)


def _chosen(paths: Iterable[Path]) -> list[Path]:
    """The scenario files, those of folders in the order of their names."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.iterdir() if each.suffix in ENDINGS) if path.is_dir() else [path]
        found += (each for each in inside if each not in found)
    return found


def _together(paths: Iterable[Path], processes: Path | None) -> dict[Path, list[Path]]:
    """Scenario files by the folder of the diagrams that they are about: their own, or the one above it."""
    found: dict[Path, list[Path]] = {}
    for path in paths:
        beside = path.resolve().parent
        folder = processes or (beside if next(beside.glob("*.bpmn"), None) or next(beside.glob("*.dmn"), None) else beside.parent)  # fmt: skip
        found.setdefault(folder, []).append(path)
    return found


def _read(folder: Path, paths: Sequence[Path]) -> Tested:
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".bpmn", ".dmn")}
    known = bound_functions(FunctionContext(None, None, None))
    context = CheckContext(operations=frozenset(operations()), functions=frozenset(known))
    made = Tested(folder, Runner(Files(contents, context)))
    for path in paths:
        try:
            made.scenarios += read(_shown(path), path.read_bytes())
        except Unreadable as mistake:
            made.mistakes += (
                {"file": _shown(path), "line": line, "severity": "error", "sentence": sentence}
                for line, sentence in mistake.mistakes
            )
    return made


def _shown(path: Path) -> str:
    """A path as a person would write it from where she stands."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _run(groups: Iterable[Tested], only: tuple[str, ...], *, quiet: bool) -> None:
    """Run what can be run, under a bar that moves with every scenario."""
    work = [
        (group, scenario)
        for group in groups
        if not group.runner.files.refused
        for scenario in group.scenarios
        if not only or any(part.lower() in scenario.name.lower() for part in only)
    ]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet) as progress:
        bar = progress.add_task("Scenarios", total=len(work))
        for group, scenario in work:
            group.outcomes.append(group.runner.run(scenario))
            progress.advance(bar)


def _told(groups: Iterable[Tested], outcomes: Sequence[Outcome], covered: Sequence[Covered]) -> dict[str, Any]:
    findings = [found for group in groups for found in (*group.mistakes, *_errors(group))]
    holds = all(outcome.holds for outcome in outcomes)
    return {
        "status": "refused" if findings else "passed" if holds else "failed",
        "scenarios": [outcome.as_dict() for outcome in outcomes],
        "coverage": [each.as_dict() for each in covered],
        "findings": findings,
    }


def _errors(group: Tested) -> Iterator[dict[str, Any]]:
    return (found for found in group.runner.files.findings if found["severity"] == "error")


def _print(groups: Iterable[Tested], outcomes: Sequence[Outcome], covered: Sequence[Covered], *, parts: bool) -> None:
    findings = [found for group in groups for found in (*group.mistakes, *_errors(group))]
    if findings:
        print_findings(findings)
    failing = [outcome for outcome in outcomes if not outcome.holds]
    for outcome in failing:
        out.print(f"{outcome.scenario.name}", style="bold red", markup=False)
        for problem in outcome.problems:
            out.print(f"  {outcome.scenario.file}:{problem.line}  {problem.sentence}", markup=False, highlight=False)
        for note in outcome.notes:
            out.print(f"  Note: {note}", style="yellow", markup=False)
    _print_coverage(covered, parts=parts)
    held = len(outcomes) - len(failing)
    colour = "red" if failing or findings else "green"
    out.print(f"{held} of {len(outcomes)} scenarios hold.", style=colour, markup=False)


def _print_coverage(covered: Sequence[Covered], *, parts: bool) -> None:
    rows = [(each.file, each.name, *_counts(each), f"{each.percent} %") for each in covered]
    if rows:
        print_table("Passed by the scenarios", ("File", "Name", "Elements", "Flows", "Rules", ""), rows, "")
    for each in covered if parts else ():
        missing = each.missing if len(each.missing) < len(each.parts) else []  # else no scenario is about it
        for part in missing[:SHOWN]:
            out.print(f"  {each.file}:{part.line}  not passed: {part.kind} {part.name or part.id} ({part.id})", markup=False)  # fmt: skip
        if len(missing) > SHOWN:
            out.print(f"  {each.file}: and {len(missing) - SHOWN} more; --json has all.", markup=False)


def _counts(covered: Covered) -> list[str]:
    counts = (covered.count(kind) for kind in ("element", "flow", "rule"))
    return [f"{passed}/{every}" if every else "" for passed, every in counts]
