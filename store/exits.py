"""How a process ends when it cannot go on: one sentence, and an exit code that a supervisor can act on (sysexits.h).

And that it ends with its supervisor, however that one ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from store.errors import HandslagError, Misconfigured, Unavailable

TEMPORARY = 75
"""EX_TEMPFAIL: something is away; it may be back when the process is started again."""
CONFIGURATION = 78
"""EX_CONFIG: starting again changes nothing; somebody has to change the settings or upgrade the database."""


LIFELINE = "HANDSLAG_LIFELINE"
"""Environment: the number of a pipe of which the supervisor holds the other end."""


def told_to_stop() -> threading.Event:
    """What SIGTERM and Ctrl-C set, from now on; for the main thread.

    One that comes while the first is still setting it would wait for ever for the lock that the first holds, as when make
    hands on what the whole group got already: from the first on they are ignored.
    """
    stop, numbers = threading.Event(), (signal.SIGTERM, signal.SIGINT)

    def handle(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        stop.set()

    for number in numbers:
        signal.signal(number, handle)
    return stop


def end_with_supervisor() -> None:
    """Stop in order when the supervisor has gone, also by SIGKILL: then the pipe ends. Without one nothing is done."""
    pipe = os.environ.pop(LIFELINE, None)
    if pipe is None:
        return

    def hold() -> None:
        os.read(int(pipe), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=hold, name="lifeline", daemon=True).start()


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
