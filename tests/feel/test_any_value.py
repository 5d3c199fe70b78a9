# ruff: noqa: DTZ901 - dates and times without a zone are values of FEEL
"""Whatever values meet whatever operator or function, the outcome is a value or a limit, never another error."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelError, Range, YearsMonthsDuration, dump, load, parse, to_json
from engine.feel.builtins import BUILTINS

EXTREMES: list[Any] = [
    *(Decimal(text) for text in ("0", "-0", "1", "-1", "2.5", "1e6144", "-1e6144", "1e-6143", "9" * 34, "0.1", "7")),
    *(date.min, date.max, date(2024, 2, 29), datetime.min, datetime.max, datetime.max.replace(tzinfo=UTC)),
    datetime.min.replace(tzinfo=ZoneInfo("Europe/Stockholm")), datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    *(timedelta.min, timedelta.max, timedelta(0), timedelta(microseconds=1), time.min, time.max),
    time(1, tzinfo=ZoneInfo("Europe/Stockholm")), time(1, tzinfo=UTC),
    *(YearsMonthsDuration(months) for months in (0, -1, 12 * 10**9 - 1)),
    *("", "a", "2027-04-08", "P1D", "[1..2]", "(", "a{9999999}", "\\", "\ud800", "🙂", "-999999999-01-01", "1e7000", None, True, []),
    *({"key": "a", "value": Decimal(1)}, {"a": {"@type": "x"}}, Range(Decimal(1), None), Range(None, date.max), [[[[]]]]),
]  # fmt: skip
SIMPLE = st.one_of(st.sampled_from(EXTREMES), st.decimals(-100, 100, places=1), st.text(max_size=5))
ANY = st.one_of(SIMPLE, st.lists(SIMPLE, max_size=4))


def outcome(text: str, variables: dict[str, Any]) -> None:
    try:
        value = parse(text).evaluate(variables)
        json.dumps(to_json(value), allow_nan=False)
        stored = dump(value)
    except FeelError as error:
        assert error.message
        return
    assert dump(load(stored)) == stored


@pytest.mark.parametrize("name", sorted(BUILTINS))
@settings(max_examples=40)
@given(args=st.lists(ANY, max_size=4))
def test_any_function_takes_any_values(name: str, args: list[Any]) -> None:
    names = [f"x{number}" for number in range(len(args))]
    outcome(f"{name}({', '.join(names)})", dict(zip(names, args, strict=True)))


@pytest.mark.parametrize(
    "text",
    ["a + b", "a - b", "a * b", "a / b", "a ** b", "-a", "a = b", "a < b", "a >= b", "a in b", "a between b and c", "a[b]", "[a..b]",
     "for i in a..b return i", "for i in [a..b] return i", "some x in a satisfies b", "a.year", "a.hour", "a.days", "a.time offset",
     "a instance of list<number>", "if a then b else c", "string([a, b])", "a in [b..c]", "(function(x: date and time) x)(a)"],
)  # fmt: skip
@settings(max_examples=100)
@given(a=ANY, b=ANY, c=ANY)
def test_any_operator_takes_any_values(text: str, a: Any, b: Any, c: Any) -> None:
    outcome(text, {"a": a, "b": b, "c": c})
