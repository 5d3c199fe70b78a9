"""What the delivered diagrams and decision tables must do, as their owners wrote it down, and that nothing of them is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
