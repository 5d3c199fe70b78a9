"""How a process ends when it cannot go on: one sentence, and an exit code that a supervisor can act on (sysexits.h)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from store.errors import HandslagError, Misconfigured, Unavailable

TEMPORARY = 75
"""EX_TEMPFAIL: something is away; it may be back when the process is started again."""
CONFIGURATION = 78
"""EX_CONFIG: starting again changes nothing; somebody has to change the settings or upgrade the database."""


def code_of(error: HandslagError) -> int:
    """The exit code of an error."""
    if isinstance(error, Misconfigured):
        return CONFIGURATION
    return TEMPORARY if isinstance(error, Unavailable) else 1


@contextmanager
def told() -> Iterator[None]:
    """End the process with the sentence of a known error, never with a stack of calls."""
    try:
        yield
    except HandslagError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        raise SystemExit(code_of(error)) from error
