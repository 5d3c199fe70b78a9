"""No text makes the process hang, eat memory or reach Python."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import Expression, FeelError, FeelSyntaxError, dump, parse, parse_unary_tests

HOSTILE_TEXTS = [
    "(" * 10**6,
    *("(" * 90_000, "[" * 90_000, "-" * 90_000, "if " * 30_000, "{a:" * 15_000, "f(" * 40_000, "a." * 40_000 + "b"),
    *(
        "not(" * 20_000,
        "x in (" * 15_000,
        "a[" * 40_000,
        "for x in " * 10_000,
        "function(x) " * 8_000,
        '"' + "\\" * 90_000,
    ),
    *("1 = " * 20_000 + "1", "/*" * 40_000, "@" * 90_000, "a instance of list<" * 4_000),
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: text[:8])
def test_a_text_that_is_too_deep_or_too_long_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(FeelSyntaxError):
        parse(text)
    assert time.process_time() - started < 2


HOSTILE_EXPRESSIONS = [
    "for i in 1..10**9 return i",
    "for i in 1..1000, j in 1..1000, k in 1..1000 return i",
    "every i in 1..100000, j in 1..100000 satisfies true",
    "{f: function(g) g(g), x: f(f)}.x",
    'for i in 1..40 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1]',
    "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]",
    "string({a: [1, 1], " + ", ".join(f"{chr(98 + i)}: [{chr(97 + i)}, {chr(97 + i)}]" for i in range(24)) + "}.y)",
    "flatten(for i in 1..1000 return 1..1000)",
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")',
    'matches("a", "a{9999999}")',
    'matches("a", "((((a{99}){99}){99}){99}){99}")',
    'matches("a", "' + "(a?" * 600 + ")" * 600 + '")',
    'replace("' + "a" * 3000 + 'b", "(a|aa)+c", "")',
]


@pytest.mark.parametrize("text", HOSTILE_EXPRESSIONS, ids=lambda text: text[:40])
def test_an_expression_that_would_never_end_is_stopped(text: str) -> None:
    started = time.process_time()
    try:
        parse(text).evaluate({})
    except (FeelError, FeelSyntaxError) as error:
        assert error.message
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "count(for i in 1..10 return substring(text, 2))",
        'count(for i in 1..10 return substring before(text + "c", "c"))',
        'count(for i in 1..10 return substring after(text, "b"))',
        "for i in 1..10 return number(digits)",
        "for i in 1..10 return text",
        "[[text .. text], [text .. text], [text .. text]]",
        "concatenate(" + "items, " * 200 + "items)",
        *(
            f"for i in 1..200 return {function}(items)"
            for function in ("all", "any", "product", "context merge", "string join", "mode", "min")
        ),
        "shared instance of list<list<number>>",
        "(function(x: list<list<number>>) 1)(shared)",
        "sort(shared, function(a: list<number>, b: list<number>) false)",
        "for i in 1..1000 return range(text)",
        'for i in 1..100 return matches("' + "a" * 24 + 'c", "(a|aa)+b")',
        'for i in 1..100 return matches("x", "(?:ab|c){4" + string(i + 99) + "}")',
    ],
    ids=lambda text: text[:40],
)
def test_work_on_long_values_is_counted(text: str) -> None:
    items = [Decimal(1)] * 100_000
    variables = {"text": "b" * 900_000, "digits": "1" * 900_000, "items": items, "shared": [items[:2000]] * 1000}
    started = time.process_time()
    with pytest.raises(FeelError):
        parse(text).evaluate(variables)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    ["().__class__", '"".__class__', "x.__class__.__mro__", "[].append", '"a".upper()', "count.__globals__", "x.real"],
)
def test_nothing_of_python_can_be_reached(text: str) -> None:
    try:
        value = parse(text).evaluate({"x": Decimal(1)})
    except FeelSyntaxError:
        return
    assert value in (None, [])


@pytest.mark.parametrize("text", ['function(a) external {java: {class: "java.lang.Math"}}', "function(a) external a"])
def test_an_external_function_is_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError, match="external"):
        parse(text)


def test_a_function_is_no_value_to_keep() -> None:
    with pytest.raises(FeelError):
        dump(parse("function(x) x").evaluate({}))


@given(st.one_of(st.text(), st.text(alphabet='ab1 .,:=<>()[]{}"+-*/@?\n', max_size=40)))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (parse, parse_unary_tests):
        try:
            expression = read(text)
        except FeelSyntaxError:
            continue
        assert isinstance(expression, Expression)
        try:
            expression.evaluate({"a": Decimal(1), "b": [Decimal(2)]})
        except FeelError as error:
            assert error.message


_WORDS = ["if", "then", "else", "for", "in", "return", "a", "1", "+", "-", "(", ")", "[", "]", "..", "and", "or", "=", "{", "}", ":",
          '"s"', "some", "satisfies", "function", "between", "not", ".", ",", "date", "?", "instance of", "number", "@"]  # fmt: skip


@given(st.lists(st.sampled_from(_WORDS), max_size=25))
def test_any_order_of_words_is_read_or_refused(words: list[str]) -> None:
    test_any_text_is_read_or_refused.hypothesis.inner_test(" ".join(words))  # type: ignore[attr-defined]
