"""The lines of the README and of the guides, copied and pasted, do what they say."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from store.database import Database
from store.settings import Settings
from tests.cli.conftest import ROOT, Handslag, environment, serves
from tests.support.eventually import eventually
from tests.support.running import free_port

README = (ROOT / "README.md").read_text()


BPMN = (ROOT / "docs" / "bpmn.md").read_text()
COMMANDS = re.findall(r"^    \.venv/bin/handslag ((?:.*\\\n)*.*)$", BPMN, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_commands_of_the_guide_to_diagrams_run(
    command: str, handslag: Handslag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(command.replace("\\\n", ""), comments=True)
    files = [str(path) for word in words if "*" in word for path in sorted(Path().glob(word))]
    answer = handslag(*(word for word in words if "*" not in word), *files)
    assert answer.code == 0, answer.out + answer.err
    if "--json" in words:
        assert answer.json["status"] == "completed"
        assert "samrad_day" in {row["element"] for row in answer.json["trace"]}, "time has passed"


GUIDES = ("bpmn", "dmn", "import", "operations", "scenarios", "versions")


@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_of_a_guide_are_copied_from_the_top_of_a_clone(guide: str) -> None:
    shown = re.findall(r"^    (.*handslag .*)$", (ROOT / "docs" / f"{guide}.md").read_text(), re.MULTILINE)
    assert shown
    for line in shown:
        words = line.split("#")[0].split()
        assert [word for word in words if word.endswith("handslag") and word != ".venv/bin/handslag"] == [], line
        files = [word for word in words if word.endswith((".bpmn", ".yaml", ".dmn")) and not word.startswith("theirs")]
        assert [word for word in files if not list(ROOT.glob(word))] == [], line


INSTALL = (ROOT / "docs" / "install.md").read_text()
FIRST_START = re.findall(r"^    handslag (.*?)(?:  +#.*)?$", INSTALL.split("## First start")[1], re.MULTILINE)


def test_after_the_first_start_of_the_guide_services_have_all_that_they_serve(
    handslag: Handslag, database: Database, tmp_path: Path
) -> None:
    new = {"HANDSLAG_DATABASE_URL": f"sqlite:///{tmp_path}/region.db"} if database.is_sqlite else {}
    assert FIRST_START[0] == "db upgrade" and FIRST_START[-1] == "run"
    for command in FIRST_START[:-1]:
        answer = handslag(*shlex.split(command), **new)
        assert answer.code == 0, f"{command}: {answer.err}"
    anna = {"Authorization": f"Bearer {answer.out.strip()}"}
    store = Database(new["HANDSLAG_DATABASE_URL"]) if new else database
    client = create_app(Settings(environment="production"), store).test_client()
    processes = client.get("/api/v1/definitions?kind=process", headers=anna).get_json()["items"]
    assert "external_referral" in {each["key"] for each in processes}
    assert client.get("/readyz").status_code == 200
    store.dispose()


@pytest.fixture
def port(database: Database, tmp_path: Path) -> Iterator[int]:
    """`make run` in simulated time."""
    found = free_port()
    given = environment(database, tmp_path, HANDSLAG_PORT=str(found), HANDSLAG_CLOCK="simulated")
    with (tmp_path / "run.log").open("w") as log:
        command = [sys.executable, "-m", "cli.main", "run"]
        process = subprocess.Popen(command, env=given, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: serves(found), "the API answers")
            yield found
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's lines need curl")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_newcomer_takes_a_referral_in_and_sees_it_become_late(port: int) -> None:
    section = README.split("## Over the API")[1].split("\n## ")[0]
    lines = [line for line in re.findall(r"^    (.*)$", section, re.MULTILINE) if not line.startswith("make ")]
    script = "\n".join(lines).replace(":8080/", f":{port}/")
    ran = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True, timeout=60, check=True)
    printed = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    opened, _, done, heads, late_at_first, clock, late = printed
    assert (opened["title"], done["state"], clock["mode"]) == ("Stärkt äganderätt", "completed", "simulated")
    assert late_at_first["items"] == []
    names = {task["name"] for task in heads["items"]}
    assert names & {row["what"] for row in late["items"]}
    assert {row["case_id"] for row in late["items"] if row["meeting_id"] is None} == {opened["id"]}
