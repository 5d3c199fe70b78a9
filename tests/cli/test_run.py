"""`handslag run`: all set up, API and worker serving, a clean stop on Ctrl-C, and again."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from store.database import Database
from tests.cli.conftest import environment, serves
from tests.support.eventually import eventually
from tests.support.running import free_port


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_run_serves_the_demo_until_ctrl_c_and_again(database: Database, tmp_path: Path) -> None:
    first = _run(database, tmp_path)
    second = _run(database, tmp_path)
    assert "demo-vasterbotten-registrator" in first
    assert re.search(r"Deployed [1-9]\d* new version", first)
    assert "Deployed 0 new version" in second


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_port_that_is_taken_is_said_in_a_sentence(database: Database, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = environment(database, tmp_path, HANDSLAG_PORT=str(taken.getsockname()[1]))
        command = [sys.executable, "-m", "cli.main", "api"]
        ended = subprocess.run(
            command, env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode != 0
    assert "HANDSLAG_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def _run(database: Database, folder: Path) -> str:
    """Run until the API answers with the demo's token and the worker has started, then press Ctrl-C."""
    port = free_port()
    given = environment(database, folder, HANDSLAG_PORT=str(port))
    log = folder / f"{port}.log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "cli.main", "run"]
        process = subprocess.Popen(command, env=given, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: serves(port), "the API answers")
            eventually(lambda: "worker.started" in log.read_text(), "the worker starts")
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text()
    printed = log.read_text()
    assert "Traceback" not in printed
    return printed


def test_a_second_signal_while_the_first_is_handled_stops_nothing_from_ending() -> None:
    waits = "from store.exits import told_to_stop; stop = told_to_stop(); print('ready', flush=True); stop.wait()"
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            for number in (signal.SIGTERM, signal.SIGINT) * 50:
                process.send_signal(number)
            assert process.wait(30) == 0
