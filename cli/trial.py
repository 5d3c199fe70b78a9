"""`handslag try`: runs a diagram in memory, with a clock of its own, no database and no side effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

import click

from cli.output import AS_JSON, print_json
from cli.picture import print_trial
from cli.trial_options import Duration, InOrder, Moment, Object, Pair
from committee import functions, profile  # noqa: F401  (they register what diagrams call)
from engine import trial
from engine.bpmn.check import CheckContext
from engine.feel import Value
from engine.functions import FunctionContext, bound_functions
from engine.operations import operations
from engine.trial import files as trial_files
from store import clock
from store.errors import Invalid

EXIT = {"completed": 0, "waiting": 0, "failed": 1, "refused": 2}


@click.command(name="try", cls=InOrder)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--process", help="The process to start; without it the first one that no other calls.")
@click.option(
    "--data", default="{}", type=Object(), metavar="JSON", help="JSON object of the variables that it is started with."
)
@click.option(
    "--at", type=Moment(), metavar="DATE", help="Date or instant at which the trial's clock starts; without it, now."
)
@click.option(
    "--auto", count=True, help="From here on complete every open task, but those that a later --complete names."
)
@click.option(
    "--complete", multiple=True, type=Pair("="), metavar="ELEMENT[=JSON]", help="Complete a task (=!CODE: by an error)."
)
@click.option(
    "--message", multiple=True, type=Pair(":", may_fail=False), metavar="NAME[:JSON]", help="A message comes."
)
@click.option("--signal", multiple=True, metavar="NAME", help="A signal is given.")
@click.option("--advance", multiple=True, type=Duration(), metavar="P14D", help="Time passes.")
@click.option(
    "--until", multiple=True, type=Moment(), metavar="DATE", help="Time passes until a date (00:00) or an instant."
)
@click.option("--operation", multiple=True, type=Pair("=", must_say=True), metavar="NAME=JSON", help="What an operation, a decision or a function such as deadline answers (=!CODE: an error). Given several times: one answer after the other.")  # fmt: skip
@AS_JSON
@click.pass_context
def try_(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    process: str | None,
    data: dict[str, Value],
    at: datetime | None,
    operation: tuple[tuple[str, Any], ...],
    as_json: bool,
    **acts: Any,
) -> None:
    """Try a diagram in memory: no database, no side effects, a clock of its own. The first of FILES is tried.

    The options say what happens, in the order given. Processes that it calls are in the same or the other FILES;
    decision tables are those beside it. Exit code 0: completed or waiting, 1: failed, 2: refused.
    """
    chosen = trial.Files(_contents(files), _context())
    tried = None
    if not chosen.refused:
        try:
            compiled = chosen.chosen(process)
            tried = trial.Trial(chosen, trial.Answers.of(operation), at or clock.now())
        except Invalid as problem:
            raise click.UsageError(problem.message) from problem
        trial.play(tried, compiled, data, list(_acts(ctx.obj, acts)))
    told = trial.report(chosen, tried)
    if as_json:
        print_json(told)
    else:
        print_trial(told, tried)
    raise SystemExit(EXIT[told["status"]])


def _acts(order: list[str], given: Mapping[str, Any]) -> Iterator[trial.Act]:
    values = {name: iter(value) for name, value in given.items() if name != "auto"}
    for name in order:
        match name:
            case "auto":
                yield trial.Auto()
            case "complete":
                yield trial.Complete(*next(values[name]))
            case "message":
                yield trial.Message(*next(values[name]))
            case "signal":
                yield trial.Signal(next(values[name]))
            case "advance":
                yield trial.Advance(next(values[name]))
            case "until":
                yield trial.Until(next(values[name]).isoformat())


def _contents(paths: tuple[Path, ...]) -> dict[str, bytes]:
    """The files, and the decision tables beside them that their diagrams name."""
    found = {path.name: path.read_bytes() for path in paths}
    for path in paths:
        for name in trial_files.decisions_named(found[path.name]) if path.suffix == ".bpmn" else ():
            beside = path.with_name(f"{PurePath(name).name}.dmn")
            if beside.is_file():
                found.setdefault(beside.name, beside.read_bytes())
    return found


def _context() -> CheckContext:
    known = bound_functions(FunctionContext(None, None, None))
    return CheckContext(operations=frozenset(operations()), functions=frozenset(known))
