"""Runs the API and the worker as separate processes: restarts one that dies, stops all on Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from rich.console import Console

from store import exits

GRACE_SECONDS = 20
"""How long a process may take to finish what it has begun."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a process that ended is started again; twice as long each time that it does not live long."""
HEALTHY_SECONDS = 60.0


def supervise(names: Sequence[str], out: Console) -> int:
    """Run the packages as processes until told to stop; give the exit code.

    A process that ends is started again for as long as that may help: the database may be back by then. One that ends
    with `exits.CONFIGURATION` has said what somebody must change first, so that all are stopped.
    """
    stop = exits.told_to_stop()
    lifeline, _held = os.pipe()  # our end closes with us, however we end: then the processes end too
    watchers = [_Watcher(name, stop, out, lifeline) for name in names]
    for watcher in watchers:
        watcher.start()
    stop.wait()
    for watcher in watchers:
        watcher.join()
    failed = [watcher.name for watcher in watchers if watcher.failed]
    out.print(f"Stopped, because {' and '.join(failed)} cannot run like this; see above." if failed else "Stopped.")
    return exits.CONFIGURATION if failed else 0


class _Watcher(threading.Thread):
    """Keeps one process running."""

    def __init__(self, name: str, stop: threading.Event, out: Console, lifeline: int) -> None:
        super().__init__(name=name)
        self.stop, self.out, self.failed = stop, out, False
        self.lifeline = lifeline

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self.stop.is_set():
            # A group of its own: Ctrl-C reaches the supervisor, which then stops the others in order.
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", self.name],
                env=os.environ | {exits.LIFELINE: str(self.lifeline)},
                pass_fds=(self.lifeline,),
                start_new_session=True,
            )
            lived_long = self._wait(process)
            if self.stop.is_set():
                end(process)
            elif process.returncode == exits.CONFIGURATION:
                self.failed = True
                self.stop.set()
            else:
                pause = FIRST_PAUSE if lived_long else min(pause * 2, LONGEST_PAUSE)
                self.out.print(f"{self.name} ended with code {process.returncode}; starting it again in {pause:g} s.")
                self.stop.wait(pause)

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the process to end or the supervisor to stop; say whether it lived for long."""
        waited = 0.0
        while process.poll() is None and not self.stop.wait(0.2):
            waited += 0.2
        return waited > HEALTHY_SECONDS


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, and make it when it has not within its time."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
