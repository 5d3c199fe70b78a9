"""`handslag diff`: two files, or two versions that are deployed, told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Handslag

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
REFERRAL = (PROCESSES / "external_referral.bpmn").read_bytes()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_diff_tells_files_and_deployed_versions_apart(handslag: Handslag, tmp_path: Path) -> None:
    changed = tmp_path / "external_referral.bpmn"
    changed.write_bytes(REFERRAL.replace(b'name="Registrera remissen"', 'name="Diarieför"'.encode()))
    files = handslag("diff", str(PROCESSES / "external_referral.bpmn"), str(changed))
    assert files.code == 0
    assert files.out.strip() == "'Registrera remissen' is now called 'Diarieför'.  (register_referral)"
    handslag("db", "upgrade")
    handslag("organization", "load")
    everything = sorted(map(str, [*PROCESSES.glob("*.*"), *PROCESSES.glob("forms/*.form")]))
    assert handslag("deploy", *everything).code == 0
    assert handslag("diff", "external_referral:1", "external_referral").out.strip() == "Nothing has changed."
    assert handslag("deploy", str(changed)).code == 0
    answer = handslag("diff", "external_referral:1", "external_referral:2", "--json")
    assert [(each["id"], each["aspect"]) for each in answer.json] == [("register_referral", "name")]
    assert handslag("diff", "external_referral:1", "nothing").code == 3


def test_a_file_that_is_not_there_is_said_so(handslag: Handslag) -> None:
    assert handslag("diff", "a.bpmn", "b.bpmn").code == 2
