"""What the delivered diagrams and decision tables must do, as their owners wrote it down, and that nothing of them is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scenarios import Unreadable, read
from tests.cli.conftest import Handslag, handslag

__all__ = ["handslag"]
PROCESSES = Path(__file__).parents[2] / "processes"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_scenario_holds_and_together_they_pass_everything(handslag: Handslag) -> None:
    answer = handslag("test", "--full", "--json", HANDSLAG_DATABASE_URL="sqlite:////nowhere/at/all.db")
    told: dict[str, Any] = answer.json
    wrong = [f"{each['scenario']}: {problem['sentence']}" for each in told["scenarios"] for problem in each["problems"]]
    assert (wrong, told["findings"]) == ([], [])
    parts = [(each["file"], part) for each in told["coverage"] for part in each["parts"]]
    left = [f"{file}: {part['name']} ({part['id']})" for file, part in parts if not part["times"]]
    assert left == [], "every element, sequence flow and rule is passed by a scenario"
    assert answer.code == 0
    drawn = {path.name for path in PROCESSES.iterdir() if path.suffix in (".bpmn", ".dmn")}
    assert {each["file"] for each in told["coverage"]} == drawn


LINES = (PROCESSES / "scenarios" / "samrad_handshake.yaml").read_text().splitlines()


@settings(deadline=None)
@given(lines=st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=12))
def test_whatever_a_file_holds_it_is_read_or_refused_with_a_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    data = text.encode("utf-8", "surrogatepass")
    try:
        assert read("told.yaml", data)
    except Unreadable as refused:
        assert 1 <= refused.line <= len(text.splitlines()) + 2  # YAML breaks lines at other letters too
        assert refused.message.endswith((".", "?"))
