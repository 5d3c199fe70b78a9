"""Runs the API and the worker as separate processes: restarts one that dies, stops all on Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

from rich.console import Console

GRACE_SECONDS = 20
"""How long a process may take to finish what it has begun."""
MAX_RESTARTS = 5
"""Deaths in a row after which starting again would hide a fault."""
HEALTHY_SECONDS = 30.0


def supervise(names: Sequence[str], out: Console) -> int:
    """Run the packages as processes until told to stop; give the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watchers = [_Watcher(name, stop, out) for name in names]
    for watcher in watchers:
        watcher.start()
    stop.wait()
    for watcher in watchers:
        watcher.join()
    failed = [watcher.name for watcher in watchers if watcher.failed]
    out.print(f"Stopped because {', '.join(failed)} kept dying." if failed else "Stopped.")
    return 1 if failed else 0


class _Watcher(threading.Thread):
    """Keeps one process running."""

    def __init__(self, name: str, stop: threading.Event, out: Console) -> None:
        super().__init__(name=name)
        self.stop, self.out, self.failed = stop, out, False

    def run(self) -> None:
        deaths = 0
        while not self.stop.is_set():
            # A group of its own: Ctrl-C reaches the supervisor, which then stops the others in order.
            process = subprocess.Popen([sys.executable, "-m", self.name], start_new_session=True)  # noqa: S603
            lived = self._wait(process)
            if self.stop.is_set():
                _terminate(process)
                return
            deaths = 1 if lived else deaths + 1
            self.out.print(f"{self.name} ended with code {process.returncode}; starting it again.")
            if deaths >= MAX_RESTARTS:
                self.failed = True
                self.stop.set()

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the process to end or the supervisor to stop; say whether it lived for long."""
        waited = 0.0
        while process.poll() is None and not self.stop.wait(0.2):
            waited += 0.2
        return waited > HEALTHY_SECONDS


def _terminate(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
