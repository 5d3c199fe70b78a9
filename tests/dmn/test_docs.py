"""docs/dmn.md is true: its tables are compared with the code, and its example is checked and decided."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from engine.dmn import DecisionFailed, check, read
from engine.dmn.table import HIT_POLICIES
from engine.feel import Value, parse
from engine.feel.tree import BUILTINS
from engine.feel.values import type_name

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dmn.md").read_text()
EXAMPLE = PAGE.split("```xml\n", 1)[1].split("```", 1)[0].encode()


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(heading: str) -> list[str]:
    """What the first column of a table names, in the font of code."""
    rows = [line for line in section(heading).splitlines() if line.startswith("|")][2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_the_example_has_no_findings_and_decides_what_it_says() -> None:
    assert check(EXAMPLE, asked="reminder_level", functions=()) == []
    decisions = read(EXAMPLE)

    def level(days: int, kind: str) -> Value:
        return decisions.decide("reminder_level", {"days_left": Decimal(days), "kind": kind})

    assert [level(2, "referral"), level(3, "referral"), level(3, "initiative"), level(14, "referral")] == [
        "manager", "officer", "none", "none",
    ]  # fmt: skip
    with pytest.raises(DecisionFailed, match="not one of those that are allowed"):
        level(2, "letter")


def test_the_table_of_hit_policies_is_the_engine_s() -> None:
    assert tuple(first_cells("Decision tables")) == HIT_POLICIES


def test_the_functions_are_those_of_the_language() -> None:
    listed = section("FEEL").rsplit("stand beside them:", 1)[1]
    assert set(re.findall(r"`([^`]+)`", listed)) == set(BUILTINS)


def test_what_is_written_as_a_type_is_of_it() -> None:
    rows = [line for line in section("FEEL").splitlines() if line.startswith("|")][2:]
    for row in rows:
        types, written = (re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[1:3])
        assert {type_name(parse(text).evaluate({})) for text in written} == set(types)


def test_every_finding_has_its_place_on_the_page() -> None:
    code = "".join(path.read_text() for path in sorted((ROOT / "engine" / "dmn").glob("*.py")))
    told = set(re.findall(r'(?:add|_finding|Finding)\([^"]*?(?:"", )*"([a-z]+(?:-[a-z]+)+)"', code))
    told |= set(re.findall(r'"(?:error|advice)", "([a-z-]+)"', code))
    assert len(told) > 20
    assert told == set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section("Refused")))
