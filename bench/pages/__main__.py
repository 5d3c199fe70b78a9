"""`python -m bench.pages`: visit every page, print, write `bench/PAGES.md`."""

from __future__ import annotations

from pathlib import Path

import click

from bench.running import run

AREAS = ("visits", "large")
"""Modules of `bench/pages/` with a function `measure(lab)`, in the order of the report."""
PAGES = Path(__file__).parents[1] / "PAGES.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Smaller numbers, fewer repetitions.")
@click.option("--only", type=click.Choice(AREAS), multiple=True, help="Measure only this (may be given several times).")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here.")
def main(*, quick: bool, only: tuple[str, ...], output: Path | None) -> None:
    """Measure the pages in a real browser, and against the limits that tests/support/pages.py sets.

    Without options the report goes to bench/PAGES.md; a part of it is only printed, unless --output is given.
    """
    whole = not only and not quick
    chosen = [f"pages.{area}" for area in AREAS if area in only or not only]
    command = "make bench-pages" if whole else "a part of make bench-pages"
    run(chosen, "The pages, measured", command, quick=quick, output=output or (PAGES if whole else None))


if __name__ == "__main__":
    main()
