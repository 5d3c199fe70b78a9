"""Expressions of Camunda 7 mean in FEEL what they mean there, or are refused with a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.imports.juel import MAX_TEXT, to_feel
from engine.bpmn.imports.pieces import NotTranslatable
from engine.feel import Value, parse
from store import clock

ORDER: dict[str, Value] = {
    "a": "x", "b": Decimal(4), "yes": True, "no": False, "nothing": None, "empty_list": [], "list": ["p", "q"], "text": "Umeå",
    "order": {"lines": [{"price": Decimal(3)}, {"price": Decimal(5)}]}, "days": Decimal(3), "loopCounter": Decimal(1),
    "numberOfCompletedInstances": Decimal(2), "numberOfInstances": Decimal(4),
}  # fmt: skip
MEANS: list[tuple[str, Value]] = [
    ("${a == 'x' && b > 3}", True),
    ("#{a eq 'y' or b le 4}", True),
    ('${a != "x" || !(b lt 4)}', True),
    ("${!yes}", False), ("${!nothing}", True), ("${!(nothing && yes)}", True), ("${not (a == 'x')}", False),
    ("${empty nothing && empty empty_list && empty ''}", True),
    ("${!empty list and not empty a and not empty b}", True),
    ("${no ? 'first' : yes ? 'second' : 'third'}", "second"),
    ("${b - (2 - 1) - 1}", Decimal(2)), ("${-b + 2 * 3 / 6}", Decimal(-3)), ("${b mod 3 + -7 % 2}", Decimal(0)), ("${(1 + 2) * b}", Decimal(12)),
    ("${order.lines[1].price == 5}", True), ("${order['lines'].get(0).price}", Decimal(3)),
    ("${list.size() == 2 && list.contains('q') && text.contains('me')}", True),
    ("${text.startsWith('U') && text.toLowerCase().endsWith('å') && text.length() == 4 && !text.isEmpty()}", True),
    ("${a.equals('x') && a.concat('y').equalsIgnoreCase('XY')}", True),
    ("${execution.getVariable('b') == 4 && execution.hasVariable('a')}", True),
    ("${b == '4' && yes == 'true' && 'false' == no}", True),
    ("${nrOfCompletedInstances / nrOfInstances >= 0.5}", True), ("${loopCounter}", Decimal(0)),
    ("${yes == b > 3}", True), ("${b <= 4 != no}", True), ("${no == yes ? 1 : 2}", Decimal(2)),
    ("${(b / 3).intValue()}", Decimal(1)), ("${(-b / 3).longValue()}", Decimal(-1)), ("${(b / 8).doubleValue()}", Decimal("0.5")),
    ("${execution.getVariable('loopCounter')}", Decimal(0)), ("${execution.getVariable('nrOfInstances') - 1}", Decimal(3)),
    ("P${days}D", "P3D"), ("R3/PT${days}H", "R3/PT3H"), ('${a} & "${text}"', 'x & "Umeå"'), ("plain", "plain"),
    (r"${'it\'s'}", "it's"), ("${null == nothing}", True), ("${1.5e1}", Decimal(15)),
]  # fmt: skip
REFUSED: list[tuple[str, str]] = [
    ("${mailer.send(order, 'x')}", "calls 'send' of 'mailer'"),
    ("${execution.processInstanceId}", "execution"),
    ("${execution.setVariable('a', 1)}", "execution.setVariable"),
    ("${S(order).prop('x')}", "calls 'S'"),
    ("${authorizationService.check()}", "authorizationService"),
    ("${list[b]}", "may be a number or a name"),
    ("${order['a key']}", "cannot be a name"),
    ("${some}", "cannot be a name"),
    ("${'1' + 2}", "calculates with the text"),
    ("${a < 'y'}", "which of two texts is greater"),
    ("${a == }", "A value is missing"),
    ("${a b}", "cannot follow"),
    ("${a = 1}", "'='"),
    ("${a", "not ended"),
    ("${'a}", "cannot stand"),
    ("${x -> x + 1}", "missing"),
    ("${}", "A value is missing"),
    ("${" + "(" * 50 + "a" + ")" * 50 + "}", "nested"),
    ("${" + "!" * 50 + "a}", "nested"),
    ("${a" + ".contains(1)" * 30 + "}", "too long"),
    ("${" + "a" * MAX_TEXT + "}", "characters"),
]


@pytest.mark.parametrize(("text", "value"), MEANS, ids=[text for text, _ in MEANS])
def test_an_expression_has_the_same_value_in_feel(text: str, value: Value) -> None:
    assert parse(to_feel(text)).evaluate(ORDER) == value


@pytest.mark.parametrize(("text", "part"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_what_feel_cannot_say_is_refused_with_a_sentence_and_a_hint(text: str, part: str) -> None:
    with pytest.raises(NotTranslatable) as refused:
        to_feel(text)
    assert part in refused.value.message
    assert refused.value.hint.endswith(".")


def test_dates_of_java_are_moved_as_dates_of_feel() -> None:
    written = parse(to_feel("${dateTime().plusDays(3).minusWeeks(days).plusHours(1).toDate()}")).evaluate(ORDER)
    meant = parse('now() + duration("P3D") - duration("P21D") + duration("PT1H")').evaluate({})
    assert isinstance(written, type(clock.now()))
    assert isinstance(meant, type(written))
    assert abs((written - meant).total_seconds()) < 60


PARTS = [
    "a", "b.c", "execution", ".getVariable('x')", "'t'", '"u"', "1", "2.5", "true", "null", "empty ", "!", "-", "+", "*", "/", "%", "&&",
    "||", " and ", " or ", "==", "!=", "<", ">=", "?", ":", "(", ")", "[0]", "['k']", ".size()", ".contains(", ",", "}", "${", "#{", " ", "é", "\\", "'", "in", "some",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=25).map("".join) | st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_whatever_is_written_is_feel_or_refused(text: str) -> None:
    try:
        parse(to_feel("${" + text + "}"))
    except NotTranslatable as refused:
        assert refused.message
        assert refused.hint
