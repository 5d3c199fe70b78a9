"""Decisions of our own: what a process owner draws is decided as it is drawn, and what is wrong with it is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionFailed, DmnError, check, read
from engine.feel import NativeFunction

NAMESPACES = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}


def definitions(*content: str, version: str = "1.3") -> bytes:
    inside = "\n".join(content)
    return (
        f'<definitions xmlns="{NAMESPACES[version]}" id="d" name="d" namespace="urn:d">{inside}</definitions>'.encode()
    )


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(name: str, logic: str, *requires: str, type_ref: str = "") -> str:
    needs = "".join(
        f'<informationRequirement><requiredDecision href="#{item}"/></informationRequirement>' for item in requires
    )
    variable = f'<variable name="{name}" typeRef="{type_ref}"/>' if type_ref else ""
    return f'<decision id="{name}" name="{name}">{variable}{needs}{logic}</decision>'


def table(inputs: Sequence[str], outputs: Sequence[str], *rules: str, policy: str = "UNIQUE", extra: str = "") -> str:
    """Rules are written `test | test -> output | output`."""
    columns = "".join(
        f"<input><inputExpression><text>{escape(text)}</text></inputExpression></input>" for text in inputs
    )
    columns += "".join(f'<output name="{name}">{extra}</output>' for name in outputs)
    rows = ""
    for number, rule in enumerate(rules, 1):
        asked, answered = rule.split(" -> ")
        cells = "".join(f"<inputEntry><text>{escape(cell.strip())}</text></inputEntry>" for cell in asked.split("|"))
        cells += "".join(
            f"<outputEntry><text>{escape(cell.strip())}</text></outputEntry>" for cell in answered.split("|")
        )
        rows += f'<rule id="rule_{number}">{cells}</rule>'
    name, _, aggregation = policy.partition(" by ")
    aggregator = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="table" hitPolicy="{name}"{aggregator}>{columns}{rows}</decisionTable>'


def decide(data: bytes, name: str = "route", **variables: Any) -> Any:
    given_ = {key: Decimal(value) if type(value) is int else value for key, value in variables.items()}
    return read(data).decide(name, given_)


@pytest.mark.parametrize("version", NAMESPACES)
def test_a_table_of_any_version_is_read(version: str) -> None:
    data = definitions(
        decision("route", table(["days"], ["route"], '< 14 -> "immediate"', '>= 14 -> "ordinary"')), version=version
    )
    assert decide(data, days=13) == "immediate"
    assert decide(data, days=14) == "ordinary"


OVERLAPPING = ["> 1 -> 10", "> 2 -> 30", "> 3 -> 20"]
ORDER = "<outputValues><text>30, 20, 10</text></outputValues>"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", 10), ("RULE ORDER", [10, 30, 20]), ("COLLECT", [10, 30, 20]), ("COLLECT by SUM", 60),
        ("COLLECT by MIN", 10), ("COLLECT by MAX", 30), ("COLLECT by COUNT", 3), ("PRIORITY", 30),
        ("OUTPUT ORDER", [30, 20, 10]),
    ],
)  # fmt: skip
def test_hit_policies_choose_among_the_rules_that_fit(policy: str, expected: Any) -> None:
    data = definitions(decision("route", table(["x"], ["y"], *OVERLAPPING, policy=policy, extra=ORDER)))
    assert decide(data, x=9) == expected


def test_the_order_of_the_answers_may_stand_at_their_type() -> None:
    kind = '<itemDefinition name="tY"><typeRef>number</typeRef><allowedValues><text>30, 20, 10</text></allowedValues></itemDefinition>'
    drawn = decision("route", table(["x"], ["y"], *OVERLAPPING, policy="OUTPUT ORDER"))
    data = definitions(kind, drawn.replace('<output name="y">', '<output name="y" typeRef="tY">'))
    assert decide(data, x=9) == [30, 20, 10]


def test_a_hit_policy_that_does_not_exist_is_named_as_it_is_written() -> None:
    (found,) = check(definitions(decision("a", table(["b"], ["y"], "- -> 1", policy="BEST"))))[:1]
    assert found.sentence == "The hit policy 'BEST' does not exist."


def test_an_answer_that_is_not_among_the_output_values_is_advice() -> None:
    inputs = '<inputData id="x" name="x"/>'
    rules = ["< 2 -> 10", "[2..3) -> 15", ">= 3 -> 10 + 5"]
    found = check(definitions(inputs, decision("route", table(["x"], ["y"], *rules, extra=ORDER))))
    assert [(one.rule, one.severity) for one in found] == [("output-values", "advice")]
    assert found[0].sentence == "Rule 2 of 'route' answers 15, which is not among the output values of 'y'."


def test_several_rules_where_one_may_fit_is_an_error_that_names_them() -> None:
    data = definitions(decision("route", table(["x"], ["y"], *OVERLAPPING)))
    with pytest.raises(DecisionFailed, match="Rules 1, 2 of the table 'route'"):
        decide(data, x=3)
    assert read(data).decide("route", {"x": Decimal(3)}, strict=False) is None


def test_rules_that_differ_under_any_are_an_error() -> None:
    data = definitions(decision("route", table(["x"], ["y"], "> 1 -> 1", "> 2 -> 1", "> 3 -> 2", policy="ANY")))
    assert decide(data, x=3) == 1
    with pytest.raises(DecisionFailed, match="different answers"):
        decide(data, x=4)


def test_no_rule_is_an_error_unless_there_is_a_default() -> None:
    data = definitions(decision("route", table(["x"], ["y"], "> 1 -> 1")))
    with pytest.raises(DecisionFailed, match="No rule of the table 'route' fits"):
        decide(data, x=0)
    default = "<defaultOutputEntry><text>7</text></defaultOutputEntry>"
    assert decide(definitions(decision("route", table(["x"], ["y"], "> 1 -> 1", extra=default))), x=0) == 7
    assert decide(definitions(decision("route", table(["x"], ["y"], "> 1 -> 1", policy="COLLECT"))), x=0) == []


def test_a_table_with_several_outputs_gives_a_context() -> None:
    data = definitions(
        decision("route", table(["x"], ["route", "rung"], 'true -> "ordinary" | 1', 'false -> "extra" | 3'))
    )
    assert decide(data, x=False) == {"route": "extra", "rung": 3}


def test_a_decision_uses_others_and_functions_of_the_product() -> None:
    stop = NativeFunction("working days before", ("date", "days"), lambda day, days: day - timedelta(days=int(days)))
    data = definitions(
        decision("latest day", literal("working days before(reply by, 3)")),
        decision("route", table(["today()", "latest day"], ["route"], '- | < @"2027-04-08" -> "late"', '- | - -> "in time"',
                                policy="FIRST"), "latest day"),
    )  # fmt: skip
    decisions = read(data, functions=[stop.name])
    assert decisions.decide("route", {"reply by": date(2027, 4, 8)}, functions={stop.name: stop}) == "late"


def test_boxed_expressions_are_decided() -> None:
    context = (
        "<context>"
        '<contextEntry><variable name="base"/>' + literal("2") + "</contextEntry>"
        '<contextEntry><variable name="twice"/><functionDefinition><formalParameter name="n"/>' + literal("n * base")
        + "</functionDefinition></contextEntry>"
        "<contextEntry><invocation>" + literal("twice") + '<binding><parameter name="n"/>' + literal("x") + "</binding></invocation>"
        "</contextEntry></context>"
    )  # fmt: skip
    relation = (
        '<relation><column name="name"/><column name="seats"/>'
        + "".join(f"<row>{literal(name)}{literal(seats)}</row>" for name, seats in (('"RUN"', "13"), ('"AU"', "5")))
        + "</relation>"
    )
    listed = f"<list>{literal('1')}{literal('x')}</list>"
    data = definitions(decision("a", context), decision("b", relation), decision("c", listed))
    assert decide(data, "a", x=4) == 8
    assert decide(data, "b") == [{"name": "RUN", "seats": 13}, {"name": "AU", "seats": 5}]
    assert decide(data, "c", x=2) == [1, 2]


def test_knowledge_is_invoked_and_inputs_are_typed() -> None:
    data = definitions(
        '<itemDefinition name="tStance"><typeRef>string</typeRef><allowedValues><text>"support","oppose"</text></allowedValues>'
        "</itemDefinition>",
        '<inputData id="i" name="stance"><variable name="stance" typeRef="tStance"/></inputData>',
        '<businessKnowledgeModel id="k" name="shout"><encapsulatedLogic><formalParameter name="s" typeRef="string"/>'
        + literal("upper case(s)")
        + "</encapsulatedLogic></businessKnowledgeModel>",
        '<decision id="route" name="route"><informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        + literal("shout(stance)")
        + "</decision>",
    )
    assert decide(data, stance="oppose") == "OPPOSE"
    with pytest.raises(DecisionFailed, match="'stance' is not one of those that are allowed"):
        decide(data, stance="perhaps")
    with pytest.raises(DecisionFailed, match="'stance' is not of the type string"):
        decide(data, stance=1)
    notes: list[str] = []
    assert read(data).decide("route", {"stance": "perhaps"}, notes=notes, strict=False) is None
    assert "not one of those that are allowed" in notes[0]


def test_functions_may_call_themselves_and_each_other() -> None:
    def knowledge(name: str, text: str, *requires: str) -> str:
        needs = "".join(
            f'<knowledgeRequirement><requiredKnowledge href="#{item}"/></knowledgeRequirement>' for item in requires
        )
        logic = f'<encapsulatedLogic><formalParameter name="n"/>{literal(text)}</encapsulatedLogic>'
        return f'<businessKnowledgeModel id="{name}" name="{name}">{logic}{needs}</businessKnowledgeModel>'

    needs = '<knowledgeRequirement><requiredKnowledge href="#even steps"/></knowledgeRequirement>'
    data = definitions(
        knowledge("even steps", "if n = 0 then true else odd steps(n - 1)", "odd steps"),
        knowledge("odd steps", "if n = 0 then false else even steps(n - 1)", "even steps"),
        decision("route", needs + literal("[even steps(7), even steps(8)]")),
    )
    assert check(data, functions=()) == []
    assert decide(data) == [False, True]


def test_a_decision_and_a_service_of_one_name_are_not_chosen_between() -> None:
    service = '<decisionService id="s" name="a"><outputDecision href="#d"/></decisionService>'
    data = definitions(decision("a", literal("1")).replace('id="a"', 'id="d"'), service)
    assert decide(data, "d") == 1
    with pytest.raises(DecisionFailed, match="Ask by id: d, s"):
        decide(data, "a")


def test_a_file_has_the_decision_that_diagrams_will_ask_it_for() -> None:
    data = definitions(decision("route", literal("1")))
    assert check(data, asked="route") == []
    assert [finding.rule for finding in check(data, asked="rout")] == ["decision-name"]


def test_a_text_without_quotes_is_pointed_at() -> None:
    data = definitions(
        '<inputData id="i" name="days"/>', decision("route", table(["days"], ["route"], "< 14 -> immediate", '>= 14 -> "ordinary"'))
    )  # fmt: skip
    (found,) = check(data)
    assert (found.rule, found.severity) == ("unknown-name", "advice")
    assert '"immediate"' in found.hint


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "decisions-unreadable"),
        (b"<definitions", "decisions-unreadable"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions>&a;</definitions>', "decisions-unreadable"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "decisions-unreadable"),
        (definitions("<a>" * 200 + "</a>" * 200), "decisions-unreadable"),
        (definitions(), "no-decision"),
        (definitions(decision("a", literal("1 +"))), "expression-syntax"),
        (definitions(decision("a", literal("(" * 5000))), "expression-syntax"),
        (definitions(decision("a", literal("frobnicate(1)"))), "unknown-function"),
        (definitions(decision("a", literal("1"), "b")), "requirement-missing"),
        (definitions(decision("a", literal("b"), "b"), decision("b", literal("a"), "a")), "requirement-cycle"),
        (definitions(decision("a", literal("1")), decision("a", literal("2"))), "duplicate-id"),
        (definitions(decision("a", literal("1")), decision("a", literal("2")).replace('id="a"', 'id="b"')), "duplicate-name"),
        (definitions(*[decision(f"d{n}", literal(f'"{"1+" * 45_000}"')) for n in range(12)]), "too-large"),
        (definitions(decision("a", literal("1"))).replace(b"<definitions ", b'<definitions expressionLanguage="juel" '), "expression-language"),
        (definitions(decision("a", literal("1"), type_ref="tNothing")), "unknown-type"),
        (definitions('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>', decision("a", literal("1"))), "type-cycle"),
        (definitions(decision("a", '<functionDefinition kind="Java"/>')), "external-function"),
        (definitions('<import name="i" namespace="urn:i" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'), "import-missing"),
        (definitions(decision("a", '<literalExpression expressionLanguage="juel"><text>1</text></literalExpression>')), "expression-language"),
        (definitions(decision("a", table(["x"], ["y"], "- | - -> 1"))), "rule-cells"),
        (definitions(decision("a", table(["x"], ["y"], "- -> 1", policy="BEST"))), "hit-policy"),
        (definitions(decision("a", table(["x"], ["y", "z"], "- -> 1 | 2", policy="COLLECT by SUM"))), "aggregation"),
        (definitions(decision("a", table(["x"], ["y", "z"], "- -> 1 | 2", policy="COLLECT by COUNT"))), "aggregation"),
        (definitions(decision("a", table(["x"], ["y"], "- -> 1", policy="PRIORITY"))), "output-order"),
        (definitions(decision("a", table(["x"], ["y"], "- -> 1", policy="OUTPUT ORDER"))), "output-order"),
        (definitions(decision("a", "<list>" * 100 + "</list>" * 100)), "too-deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_refused(data: bytes, rule: str) -> None:
    errors = [finding for finding in check(data, functions=()) if finding.severity == "error"]
    assert rule in {finding.rule for finding in errors}
    assert all(finding.sentence and finding.hint for finding in errors)
    if rule not in ("unknown-function", "no-decision"):
        with pytest.raises(DmnError):
            read(data)


@pytest.mark.parametrize(
    ("rules", "policy", "rule", "sentence"),
    [
        (
            ["< 5 | true -> 1", ">= 5 | - -> 2"],
            "UNIQUE",
            "rule-gap",
            "No rule of 'route' fits when x < 5 and y is false.",
        ),
        (["<= 5 | - -> 1", ">= 5 | - -> 2"], "UNIQUE", "rule-overlap", "Rules 1, 2 of 'route' fit at once when x is 5"),
        (["- | - -> 1", ">= 5 | - -> 2"], "FIRST", "rule-unreachable", "Rule 2 of 'route' is never reached"),
    ],
)
def test_gaps_overlaps_and_dead_rules_are_advice(rules: list[str], policy: str, rule: str, sentence: str) -> None:
    inputs = '<inputData id="x" name="x"/><inputData id="y" name="y"/>'
    data = definitions(inputs, decision("route", table(["x", "y"], ["z"], *rules, policy=policy)))
    found = {finding.rule: finding for finding in check(data)}
    assert found.keys() == {rule}
    assert found[rule].sentence.startswith(sentence)
    assert found[rule].severity == "advice"


def rules_of_advice(*tests: str, policy: str = "UNIQUE") -> list[str]:
    rules = [f"{test} -> {number}" for number, test in enumerate(tests)]
    inputs = '<inputData id="x" name="x"/>'
    found = check(definitions(inputs, decision("route", table(["x"], ["y"], *rules, policy=policy))))
    assert all(len(finding.sentence) < 200 for finding in found)
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("tests", "found"),
    [
        (['< @"2024-01-01T00:00:00"', '>= @"2024-01-01T00:00:00Z"'], []),
        (['< @"2024-01-01T00:00:00+01:00"', '>= @"2024-01-01T00:00:00Z"'], ["rule-gap"]),
        (['<= @"9999-12-31T23:59:59@Europe/Stockholm"', '< @"0001-01-01T00:00:00+14:00"'], []),
        (['<= @"9999-12-31"', '> @"9999-12-31"'], []),
        (["< 9e6144", "> 9.5e6144"], ["rule-gap"]),
        (["< 9.999999999999999999999999999999999e6144"], ["rule-gap"]),
        (["<= -9e6144", "> 9.5e6144", "(-9e6144..9.5e6144]"], []),
        (["<= 1e40", "> 1e40"], []),
        (["<= 1e40"], ["rule-gap"]),
        (['["a".."f"]', '["h".."z"]', '< "a"', '> "z"'], ["rule-gap"]),
        (['["a".."h")', '["h".."z"]', '< "a"', '> "z"'], []),
        (['["a".."f"]', '["f".."z"]', '< "a"', '> "z"'], ["rule-overlap"]),
        (['["b".."g"]', '("b".."c")', "-"], ["rule-overlap"] * 2),
        (['"a"', 'not("a")'], []),
        (['"a"', '"b"'], ["rule-gap"]),
    ],
)  # fmt: skip
def test_values_at_the_edges_and_without_an_order_never_stop_the_checker(tests: list[str], found: list[str]) -> None:
    assert rules_of_advice(*tests) == found


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        (["< 10", "> 12"], "x is in [10..12]"),
        (["<= 10", ">= 12"], "x is in (10..12)"),
        (["< 10", "> 10"], "x is 10"),
        (["< 10"], "x >= 10"),
        ([">= 10", "[3..4]"], "x < 3"),
        (["> 10", "[10..10]", "< 3", "[3..5)"], "x is in [5..10)"),
        (['< @"2031-04-01"', '> @"2031-04-30"'], "x is in [2031-04-01..2031-04-30]"),
        (['"a"', '"b"'], 'x is "another value"'),
    ],
)
def test_a_gap_is_told_whole(tests: list[str], told: str) -> None:
    rules = [f"{test} -> {number}" for number, test in enumerate(tests)]
    inputs = '<inputData id="x" name="x"/>'
    found = check(definitions(inputs, decision("route", table(["x"], ["y"], *rules))))
    assert found[0].sentence == f"No rule of 'route' fits when {told}."


def test_a_rule_beyond_numbers_that_one_does_not_move_can_be_reached() -> None:
    assert rules_of_advice("<= 1e40", "> 1e40", policy="FIRST") == []


CELLS = st.sampled_from(["-", "1", "2", "< 2", ">= 2", "[1..3]", "not(2)", "1, 3", "(1..3)"])


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.tuples(*[st.decimals(-1, 5, places=1)] * 2))
def test_the_checker_agrees_with_the_table(rows: list[tuple[str, str]], asked: tuple[Decimal, Decimal]) -> None:
    rules = [f"{a} | {b} -> {number}" for number, (a, b) in enumerate(rows)]
    data = definitions(decision("route", table(["x", "y"], ["z"], *rules, policy="COLLECT")))
    hits = read(data).decide("route", {"x": asked[0], "y": asked[1]})
    unique = definitions(decision("route", table(["x", "y"], ["z"], *rules)))
    found = {finding.rule for finding in check(unique)}
    assert isinstance(hits, list)
    if not hits:
        assert "rule-gap" in found
    if len(hits) > 1:
        assert "rule-overlap" in found


@given(st.binary())
def test_any_bytes_give_findings(data: bytes) -> None:
    assert check(data)
    assert check(definitions(decision("a", data.decode("latin-1").replace("\x00", ""))))


def test_the_rules_that_fit_are_told() -> None:
    rules = ("< 5 -> 1", "< 10 -> 2", "- -> 3")
    data = definitions(decision("d", table(["n"], ["r"], *rules, policy="COLLECT by COUNT")))
    hits: list[tuple[str, str]] = []
    assert read(data).decide("d", {"n": Decimal(7)}, hits=hits) == 2
    assert hits == [("table", "rule_2"), ("table", "rule_3")]
    unnamed = data.replace(b' id="table"', b"").replace(b' id="rule_2"', b"")
    hits.clear()
    read(unnamed).decide("d", {"n": Decimal(7)}, hits=hits)
    assert hits == [("d", "2"), ("d", "rule_3")]
