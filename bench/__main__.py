"""`python -m bench`: measure, print, write `bench/RESULTS.md`."""

from __future__ import annotations

from pathlib import Path

import click

from bench.running import run

AREAS = ("kernel", "verbs", "serving", "lists", "timers", "memory", "startup", "extremes")
"""Modules of `bench/` with a function `measure(lab)`, in the order of the report."""
RESULTS = Path(__file__).parent / "RESULTS.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="About a minute: smaller numbers, fewer repetitions.")
@click.option("--only", type=click.Choice(AREAS), multiple=True, help="Measure only this (may be given several times).")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
def main(*, quick: bool, only: tuple[str, ...], output: Path | None) -> None:
    """Measure Handslag against baselines taken in the same run, and against the targets of its design.

    Without options the report goes to bench/RESULTS.md; a part of it is only printed, unless --output is given. A
    target that is missed is no failure: the exit code is 0 when everything could be measured.
    """
    whole = not only and not quick
    chosen = [area for area in AREAS if area in only or not only]
    command = "make bench" if whole else "a part of make bench"
    run(chosen, "Results of the benchmark", command, quick=quick, output=output or (RESULTS if whole else None))


if __name__ == "__main__":
    main()
