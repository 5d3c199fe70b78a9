"""`handslag documents`: whether the disk holds the files that the register names."""

from __future__ import annotations

from dataclasses import asdict

import click

from cli.output import AS_JSON, FOUND, err, open_store, print_json, print_table
from committee import filing
from store.files import file_store
from store.settings import Settings


@click.group()
def documents() -> None:
    """The files of the documents."""


@documents.command()
@AS_JSON
def check(*, as_json: bool) -> None:
    """Read every file and compare the disk with the register. Exit code 1 when a file is missing or damaged.

    Files that no document names are left by uploads that failed, or are being uploaded just now. They do no harm.
    """
    store, files = open_store(), file_store(Settings())
    with err.status("Reading the files"):
        report = filing.check_files(store, files)
    if as_json:
        print_json(asdict(report))
    else:
        cells = [(state, sha256) for state, found in asdict(report).items() for sha256 in found]
        print_table("Files", ("Is", "SHA-256"), cells, "Every file is there and whole.")
    raise SystemExit(FOUND if report.missing or report.damaged else 0)
