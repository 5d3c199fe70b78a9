"""FEEL says what the standard says. Every row is an expression, what it reads, and what it gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import (
    FeelSyntaxError,
    NativeFunction,
    Range,
    YearsMonthsDuration,
    parse,
    parse_unary_tests,
    strip_marker,
)
from store import clock

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def value(text: str, **variables: Any) -> Any:
    return parse(text).evaluate({name: _feel(given) for name, given in variables.items()})


def _feel(given: Any) -> Any:
    if isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given)
    if isinstance(given, list):
        return [_feel(item) for item in given]
    if isinstance(given, dict):
        return {key: _feel(item) for key, item in given.items()}
    return given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("10 - 2 - 3", 5),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3 = 1", False),
        ("1 / 0", None),
        ('1 + "a"', None),
        ('"re" + "miss"', "remiss"),
        ('"\\u00e5\\n\\"" = "å\n\\""', True),
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("not(null)", None),
        ('1 = "1"', None),
        ("null = null", True),
        ("null != 1", True),
        ("1 < null", None),
        ('"a" < "b"', True),
        ("5 between 1 and 5", True),
        ("5 in [1..5)", False),
        ("5 in (1..5]", True),
        ("5 in ]1..5[", False),
        ("1 in (1..5]", False),
        ("1 in [1..5]", True),
        ("5 in (> 3, = 1)", True),
        ("5 in (1, 2)", False),
        ("if null then 1 else 2", 2),
        ("if 1 = 1 then if false then 1 else 2 else 3", 2),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in 1..4 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3]),
        ("for i in [1, 2], j in [10, 20] return i + j", [11, 21, 12, 22]),
        ("some i in [1, 2] satisfies i > 1", True),
        ("every i in [1, 2] satisfies i > 1", False),
        ("every i in [] satisfies i > 1", True),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][4]", None),
        ("[{a: 1}, {a: 2}][a > 1].a", [2]),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"with space": 1}.with space', 1),
        ("{f: function(x) x * 2, y: f(4)}.y", 8),
        ("(function(x: number) x + 1)(2)", 3),
        ('(function(x: number) x + 1)("2")', None),
        ("1 instance of number", True),
        ("[1] instance of list<number>", True),
        ("{a: 1} instance of context<a: string>", False),
        ("null instance of number", False),
        ('@"2027-04-08" instance of date', True),
        ('@"P1D" instance of days and time duration', True),
        ("1 // a comment\n + /* another */ 1", 2),
        ("count([1, 2])", 2),
        ("sum(1, 2, 3)", 6),
        ("mean([1, 2])", Decimal("1.5")),
        ("median([3, 1, 2])", 2),
        ("mode([1, 2, 2])", [2]),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ('substring("handslag", -4)', "slag"),
        ('substring(string: "handslag", start position: 1, length: 4)', "hand"),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('replace("a+b", "+", "$1", "q")', "a$1b"),
        ('replace("§ 12", "(\\d+)", "<$1>")', "§ <12>"),
        ('matches("Region Västerbotten", "^region", "i")', True),
        ('matches("a", "(?=a)")', None),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ('string([1, "a", {b: 1.50}])', '[1, "a", {b: 1.50}]'),
        ('number("1 000,5", " ", ",")', Decimal("1000.5")),
        ("decimal(2.5, 0)", 2),
        ("round half up(2.5, 0)", 3),
        ("modulo(-12, 5)", 3),
        ("distinct values([1, 2, 1])", [1, 2]),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ('get value({a: 1}, "a")', 1),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ("before([1..5), [5..9])", True),
        ('range("[1..3)") = [1..3)', True),
        ('range("[..3]")', None),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
        ('context put({a: 1}, ["b", "c"], 2)', None),
        ("(function(x: number) x)([1])", 1),
        ("(function(x: number) x)([[1]])", None),
        ("[1..5].end included", True),
    ],
)  # fmt: skip
def test_an_expression_gives(text: str, expected: Any) -> None:
    got = value(text)
    assert got == _feel(expected)
    assert isinstance(got, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2024-02-29") + duration("P1Y")', date(2025, 2, 28)),
        ('date("2024-01-31") + duration("P1M")', date(2024, 2, 29)),
        ('@"2026-03-29" - @"2026-03-28"', timedelta(days=1)),
        ('date("2026-02-29")', None),
        ('@"2026-10-25T02:30:00@Europe/Stockholm"', datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)),
        ('@"2027-04-08T12:00:00Z" = @"2027-04-08T14:00:00@Europe/Stockholm"', True),
        ('@"2027-04-08T12:00:00Z".hour', Decimal(12)),
        ('time("13:30:00") + duration("P1DT1H")', time(14, 30)),
        ('duration("P1Y6M")', YearsMonthsDuration(18)),
        ('duration("P1Y6M") / 2', YearsMonthsDuration(9)),
        ('duration("P1DT12H") * 2', timedelta(days=3)),
        ('duration("P1Y1D")', None),
        ('years and months duration(@"2024-12-24", @"2026-01-01")', YearsMonthsDuration(12)),
        ('day of week(@"2027-04-08")', "Thursday"),
        ('week of year(@"2027-01-01")', Decimal(53)),
        ('string(@"P1DT2H") + string(@"-P14M")', "P1DT2H-P1Y2M"),
        ('date and time(@"2027-04-08", @"10:00:00Z")', datetime(2027, 4, 8, 10, tzinfo=UTC)),
        ('@"2027-04-08" in [@"2027-04-01"..@"2027-04-30"]', True),
    ],
)
def test_dates_and_durations(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "matches"),
    [
        ("SE-2027/112", r"^[A-ZÅÄÖ]{2}-\d{4}/\d+$", "", True),
        ("h", r"[\i-[h]]", "", False),
        ("é", r"^\p{IsLatin-1Supplement}$", "", True),
        ("a\rb", "a.b", "", False),
        ("a\rb", "a.b", "s", True),
        ("a\n", "a$", "", False),
        ("a\nb", "^b$", "m", True),
        ("hello world", r"hello\ s world", "x", True),
        ("hello world", "hello[ ]world", "x", True),
        ("a.b", "A.B", "qi", True),
        ("axb", "a.b", "q", False),
        ("&", "[a&&b]", "", True),
        *((text, pattern, "", None) for text, pattern in (
            ("a", "(?=a)"), ("a", "(?i)A"), ("aa", "a++"), ("a", "[[:alpha:]]"), ("]", "[]a]"), ("a", "a{,2}"), ("a", "*a"), ("a", "a]"),
            ("a", "(a"), ("a", r"\b"), ("a", "[a"), ("a", r"\p"), ("a", "\\"),
        )),
    ],
)  # fmt: skip
def test_patterns_are_those_of_xpath(text: str, pattern: str, flags: str, matches: bool | None) -> None:
    got = parse("matches(text, pattern, flags)").evaluate({"text": text, "pattern": pattern, "flags": flags})
    assert got is matches


def test_a_day_is_twenty_four_hours_over_the_nights_of_daylight_saving() -> None:
    moved = value('@"2026-03-28T12:00:00@Europe/Stockholm" + @"P1D"')
    assert moved.astimezone(UTC) == datetime(2026, 3, 29, 11, tzinfo=UTC)
    assert moved.hour == 13


def test_today_is_the_day_in_stockholm() -> None:
    assert value("today()") == clock.now().astimezone(clock.STOCKHOLM).date()


@pytest.mark.parametrize(
    ("tests", "given", "holds"),
    [
        ("-", 1, True),
        ("", 1, True),
        ("< 5", 4, True),
        ("1, 2", 3, False),
        ("[1..3], > 10", 11, True),
        ("not(1, 2)", 3, True),
        ("not(< 5)", 3, False),
        ("? > 2 and ? < 5", 3, True),
        ('"ordinary"', "ordinary", True),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("null", None, True),
        ("[1, 2]", 2, True),
    ],
)
def test_a_cell_of_a_table_holds(tests: str, given: Any, holds: bool) -> None:
    assert parse_unary_tests(tests).evaluate({"limit": Decimal(7)}, input_value=_feel(given)) is holds


def test_names_may_hold_spaces_and_operators_when_they_are_known() -> None:
    known = {"reply by": date(2027, 4, 8), "days-left": Decimal(3), "days": Decimal(9), "left": Decimal(1)}
    assert parse("reply by").evaluate(known) == date(2027, 4, 8)
    assert parse("days-left").evaluate(known) == 8
    assert parse("days-left", names=known).evaluate(known) == 3
    assert parse("if days-left > 1 then reply by else null", names=known).evaluate(known) == date(2027, 4, 8)


def test_a_function_of_the_product_is_called_by_place_or_by_name() -> None:
    function = NativeFunction(
        "working days before", ("date", "days"), lambda day, days: day - timedelta(days=int(days))
    )
    functions = {function.name: function}
    for text in ("working days before(day, 3)", "working days before(days: 3, date: day)"):
        expression = parse(text, functions=functions)
        assert expression.called == {"working days before"}
        assert expression.free_names == {"day"}
        assert expression.evaluate({"day": date(2027, 4, 8)}, functions) == date(2027, 4, 5)


def test_what_makes_no_sense_is_null_and_says_why() -> None:
    notes: list[str] = []
    assert parse("missing + 1").evaluate({}, notes=notes) is None
    assert notes[0] == "'missing' has no value here."


def test_an_expression_tells_what_it_reads() -> None:
    expression = parse("for m in municipalities return m.stance = wanted and count(answers[stance = other]) > 1")
    assert expression.free_names == {"municipalities", "wanted", "answers"}
    assert expression.called == {"count"}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("1 +", 1, 4), ("a =\n = b", 2, 2), ("f(1", 1, 4), ('"open', 1, 1), ("1 2", 1, 3), ("", 1, 1), ("x ; y", 1, 3)],
)
def test_a_text_that_is_no_expression_is_refused_at_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as refused:
        parse(text)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.hint


def test_an_open_range_has_one_end() -> None:
    assert value("(> 5)") == Range(Decimal(5), None, start_included=False, end_included=False)


def test_the_marker_of_an_expression_is_taken_off() -> None:
    assert strip_marker(" = a = b") == "a = b"
    assert strip_marker("a = b") == "a = b"
