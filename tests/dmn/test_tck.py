"""The public compatibility kit is the measure of DMN and FEEL: level 2 whole, level 3 at least 95 %."""

from __future__ import annotations

import pytest

from tests.dmn.tck import kit, play


@pytest.mark.parametrize(("level", "least"), [("compliance-level-2", 1.0), ("compliance-level-3", 0.975)])
def test_the_compatibility_kit_passes(level: str, least: float, capsys: pytest.CaptureFixture[str]) -> None:
    place = kit()
    if place is None:
        pytest.skip("The kit is not here: set HANDSLAG_DMN_TCK to a copy of https://github.com/dmn-tck/tck TestCases.")
    outcomes = list(play(place / level))
    passed = sum(outcome.passed for outcome in outcomes)
    failed = "\n".join(
        f"  {item.case}: wanted {item.expected!r}, got {item.got!r}" for item in outcomes if not item.passed
    )
    with capsys.disabled():
        print(f"\nDMN kit, {level}: {passed} of {len(outcomes)} ({passed / len(outcomes):.1%})")  # noqa: T201 - the figures are asked for
    assert outcomes
    assert passed / len(outcomes) >= least, failed
