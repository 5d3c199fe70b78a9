"""Values survive the store, and numbers and dates keep their laws."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import Range, YearsMonthsDuration, dump, from_json, load, parse, to_json
from store.errors import Invalid

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
DATES = st.dates(date(1, 1, 2), date(9998, 12, 30))
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=-5)), ZoneInfo("Europe/Stockholm")])
SCALARS = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.integers().map(Decimal).filter(lambda number: len(str(number)) < 34),
    st.text(), DATES, st.times(), st.datetimes(timezones=ZONES, allow_imaginary=False),
    st.timedeltas(), st.integers(-(10**6), 10**6).map(YearsMonthsDuration),
    st.builds(Range, NUMBERS, NUMBERS, st.booleans(), st.booleans()),
)  # fmt: skip
KEYS = st.one_of(st.text(), st.sampled_from(["typename", "@type", "@value", "@date", "date"]))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(VALUES)
def test_a_value_comes_back_from_the_store_as_it_was(value: Any) -> None:
    back = load(json.loads(json.dumps(dump(value))))
    assert back == value
    assert type(back) is type(value)
    if isinstance(value, datetime):
        assert back.utcoffset() == value.utcoffset()


def test_the_second_of_two_equal_hours_stays_the_second() -> None:
    night = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Stockholm"), fold=1)
    assert load(dump(night)).timestamp() == night.timestamp()
    assert parse("date and time(string(night)) = night").evaluate({"night": night}) is True
    assert parse("string(night)").evaluate({"night": night}) == "2026-10-25T02:30:00+01:00"


@given(VALUES)
def test_a_value_can_be_shown_to_people(value: Any) -> None:
    json.dumps(to_json(value))


DIGITS = st.integers(-(10**34) + 1, 10**34 - 1)


@given(st.builds(lambda digits, places: Decimal(digits).scaleb(places), DIGITS, st.integers(-60, 60)))
def test_whole_numbers_keep_every_digit_as_json_and_others_those_of_a_double(number: Decimal) -> None:
    exact = json.dumps(dump(number))
    assert load(json.loads(exact)) == number
    assert from_json(json.loads(str(number), parse_float=Decimal)) == number
    plain = json.loads(json.dumps(to_json(number)))
    if number == number.to_integral_value():
        assert type(plain) is int
        assert from_json(plain) == number
    else:
        assert plain == float(number)


def test_whole_numbers_texts_and_lists_are_plain_in_the_store() -> None:
    assert dump({"days": Decimal(3), "route": "ordinary", "list": [True, None]}) == {
        "days": 3, "route": "ordinary", "list": [True, None],
    }  # fmt: skip


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_that_somebody_sent_is_taken_or_refused(data: Any) -> None:
    try:
        from_json(data)
    except Invalid as error:
        assert error.message


@pytest.mark.parametrize(
    "data",
    [float("nan"), float("inf"), {"a": [object()]}, Decimal("1e7000")],
    ids=["nan", "inf", "object", "too large"],
)
def test_json_that_is_none_is_refused(data: Any) -> None:
    with pytest.raises(Invalid):
        from_json(data)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_numbers_keep_their_laws(a: Decimal, b: Decimal, c: Decimal) -> None:
    variables = {"a": a, "b": b, "c": c}
    for law in ("a + b = b + a", "a * b = b * a", "(a + b) + c = a + (b + c)", "a - b = -(b - a)", "a < b or a >= b",
                "a between min(a, b) and max(a, b)", "if b = 0 then true else abs(a / b * b - a) <= 0.000001"):  # fmt: skip
        assert parse(law).evaluate(variables) is True, law


@given(DATES, st.integers(-400, 400), st.integers(0, 40))
def test_dates_keep_their_laws(day: date, days: int, months: int) -> None:
    if not 2 < day.year + days // 365 < 9990:
        return
    variables = {"day": day, "days": timedelta(days=days), "months": YearsMonthsDuration(months)}
    for law in ("(day + days) - days = day", "(day + days) - day = days", "day + months >= day", "date(string(day)) = day",
                "(day + months).day <= day.day", "years and months duration(day, day + months) <= months"):  # fmt: skip
        assert parse(law).evaluate(variables) is True, law


@given(st.times(), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_time_goes_around_the_clock(of_day: time, duration: timedelta) -> None:
    assert parse("(t + d) - d = t").evaluate({"t": of_day, "d": duration}) is True


@given(st.datetimes(timezones=ZONES, allow_imaginary=False))
def test_a_date_and_time_is_read_back_from_its_text(moment: datetime) -> None:
    assert parse("date and time(string(m)) = m").evaluate({"m": moment}) is True
