"""`handslag test`: a process owner says what a diagram must do, and is told in sentences where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.scenarios.model import Case, Questions, Step, Story, Then
from tests.cli.conftest import ROOT, Answer, Handslag
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, MESSAGE, NAMES, TIMER, boundary, event, gateways

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Test = Callable[..., Answer]
NOWHERE = {"HANDSLAG_DATABASE_URL": "sqlite:////nowhere/at/all.db"}


@pytest.fixture
def tested(handslag: Handslag, tmp_path: Path) -> Test:
    """`tested(scenarios, p=diagram)`: what the command says of scenarios beside diagrams, as JSON; no database is there."""

    def run(scenarios: str, *options: str, **diagrams: bytes) -> Answer:
        (tmp_path / "scenarios").mkdir(exist_ok=True)
        path = tmp_path / "scenarios" / "told.yaml"
        path.write_text(scenarios)
        for name, data in diagrams.items():
            (tmp_path / f"{name}.bpmn").write_bytes(data)
        return handslag("test", str(path), *options, **NOWHERE)

    return run


def sentences(answer: Answer) -> list[str]:
    return [problem["sentence"] for told in answer.json["scenarios"] for problem in told["problems"]]


def missing(answer: Answer, process: str = "p") -> list[str]:
    found = next(each for each in answer.json["coverage"] if each["key"] == process)
    return [part["id"] for part in found["parts"] if not part["times"]]


def story(*steps: str, ends: str = "completed", more: str = "") -> str:
    lines = "".join(f"  - {step}\n" for step in steps)
    said = f"steps:\n{lines}" if lines else ""
    return f"scenario: s\nprocess: p\nat: 2026-03-02\n{more}{said}ends: {ends}\n"


GATE = '<exclusiveGateway id="gate" name="Godkänt?"/>'
APPROVAL = bpmn(
    ENDS + task("write").replace('name="write"', 'name="Skriv"') + task("approve") + GATE,
    "start > write > approve > gate; gate > end : approved\ngate > write *",
)
WAITING = bpmn(
    ENDS + task("ask") + boundary("late", "ask", TIMER) + event("answer", "intermediateCatchEvent", MESSAGE),
    "start > ask > answer > end; late > end",
    declared=NAMES,
)


def test_a_scenario_that_holds_says_so_and_what_it_has_not_passed(tested: Test) -> None:
    told = story("complete: write", "{complete: approve, with: {approved: true}, then: {open: []}}")
    answer = tested(told, "--json", p=APPROVAL)
    assert (answer.code, answer.json["status"], sentences(answer)) == (0, "passed", [])
    covered = answer.json["coverage"][0]
    assert (covered["elements"], covered["flows"]) == ({"passed": 5, "all": 5}, {"passed": 4, "all": 5})
    assert missing(answer) == ["f4_gate_write"]
    assert tested(told, "--full", "--json", p=APPROVAL).code == 1, "with --full everything must be passed"


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("open: [write]", "After 'Skriv' (write) the open tasks should be 'Skriv' (write), but were 'approve'."),
        ("passed: [approve]", "After 'Skriv' (write), 'approve' should have been passed, but was not. Passed was 'Skriv' (write)."),
        ("not_passed: [write]", "After 'Skriv' (write), 'Skriv' (write) should not have been passed, but was."),
        ("data: {n: 4, m: 1}", "After 'Skriv' (write), 'n' should be 4, but is 3."),
        ("waiting_for: [Answer]", "After 'Skriv' (write) it should wait for 'Answer', but waits for nothing from outside."),
        ("timers: {gate: 2026-03-16}", "After 'Skriv' (write) the timer 'Godkänt?' (gate) should be set for 2026-03-16, but is not set."),
        ("due: {approve: 2026-03-04}", "After 'Skriv' (write), 'approve' should be due on 2026-03-04, but is due on no day."),
        ("given_to: {approve: {m: 1}}", "After 'Skriv' (write), of what 'approve' was given, 'm' should be 1, but is not set."),
        ("given_to: {gate: {m: 1}}", "After 'Skriv' (write), 'Godkänt?' (gate) should have been given something, but was not come to."),
        ("decided: {route: {way: 1}}", "After 'Skriv' (write), 'route' should have been decided, but was not."),
        ("open: [aprove]", "No diagram here has an element 'aprove'. Did you mean 'approve'?"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said_as_a_person_would(tested: Test, then: str, said: str) -> None:
    answer = tested(
        story(f"{{complete: write, with: {{n: 3}}, then: {{{then}}}}}", ends="waiting"), "--json", p=APPROVAL
    )
    assert (answer.code, answer.json["status"]) == (1, "failed")
    assert sentences(answer)[0] == said
    assert answer.json["scenarios"][0]["problems"][0]["line"] == 5


def test_what_cannot_be_done_and_a_wrong_end_are_said(tested: Test) -> None:
    closed = tested(story("complete: approve"), "--json", p=APPROVAL)
    assert sentences(closed) == ["'approve' should be completed, but is not open. Open is 'Skriv' (write)."]
    early = tested(story("complete: write"), "--json", p=APPROVAL)
    assert sentences(early) == ["At the end it should be completed, but is waiting. It waits at 'approve'."]
    unheard = tested(story("message: Nobody", ends="waiting"), "--json", p=APPROVAL)
    assert sentences(unheard) == ["Nobody waited for the message 'Nobody'."]
    failing = tested(story("complete: write", "{complete: approve, with: {approved: 3}}"), "--json", p=APPROVAL)
    assert sentences(failing)[0].startswith("After 'approve' it failed: The condition 'approved'")


def test_people_are_shown_file_line_and_sentence(tested: Test) -> None:
    answer = tested(story("complete: approve"), p=APPROVAL)
    assert answer.code == 1
    assert "told.yaml:5  'approve' should be completed" in answer.out
    assert "0 of 1 scenarios hold" in answer.out
    assert "not passed: flow approve → Godkänt?" in answer.out


def test_time_passes_and_messages_come(tested: Test) -> None:
    timer = "{then: {timers: {late: 2026-03-16}, open: [ask]}}"
    late = tested(story(timer, "{until: 2026-03-16, then: {passed: [late, end]}}"), "--json", p=WAITING)
    assert (late.code, sentences(late)) == (0, [])
    assert missing(late) == ["ask", "answer", "f1_ask_answer", "f2_answer_end"], "what was interrupted is not passed"
    told = story("complete: ask", "{message: Answer, with: {stance: yes}, then: {data: {stance: yes}}}")
    assert tested(told, "--json", p=WAITING).code == 0
    assert sentences(tested(story("{advance: P13D, then: {passed: [late]}}", ends="waiting"), "--json", p=WAITING)) == [
        "On 2026-03-15, 'late' should have been passed, but was not. Passed was nothing."
    ]


def test_a_message_reaches_only_whom_its_keys_name(tested: Test) -> None:
    keyed = "<extensionElements><handslag:correlation name='town' value='=town'/></extensionElements>"
    data = bpmn(
        ENDS + event("answer", "intermediateCatchEvent", keyed + MESSAGE), "start > answer > end", declared=NAMES
    )
    given = "given: {town: umea}\n"
    assert tested(story("{message: Answer, with: {town: umea}}", more=given), "--json", p=data).code == 0
    without = tested(story("{message: Answer, with: {stance: yes}}", ends="waiting", more=given), "--json", p=data)
    assert "Nobody waited for the message 'Answer' with such keys" in sentences(without)[0]


def test_what_nobody_hears_and_nothing_asks_for_is_told_with_its_line(tested: Test) -> None:
    more = "operations: {plan: {fits: true}}\n"
    answer = tested(story("{signal: Nada}", "{then: {}, operations: {plann: {}}}", ends="waiting"), "--json", p=WAITING)
    assert sentences(answer) == ["Nothing asks for the operation 'plann'."]
    assert sentences(tested(story(ends="waiting", more=more), "--json", p=WAITING)) == [
        "Nothing asks for the operation 'plan'."
    ]
    heard = tested(story("{signal: Nada}", ends="waiting"), "--json", p=WAITING).json["scenarios"][0]["problems"]
    assert heard == [{"line": 5, "sentence": "Nobody waited for the signal 'Nada', and signals are not kept."}]


def test_deadlines_are_told_and_moved(tested: Test) -> None:
    timer = '<timerEventDefinition><timeDate>=deadline("reply_by")</timeDate></timerEventDefinition>'
    data = bpmn(ENDS + event("wait", "intermediateCatchEvent", timer), "start > wait > end")
    steps = (
        "{then: {timers: {wait: 2026-04-01}}}",
        "{functions: {deadline: {reply_by: 2026-05-01}}, then: {timers: {wait: 2026-05-01}}}",
        "{until: 2026-04-30, then: {not_passed: [wait]}}",
        "until: 2026-05-01",
    )
    known = "functions: {deadline: {reply_by: 2026-04-01}}\n"
    assert tested(story(*steps, more=known), "--json", p=data).code == 0
    silent = tested(story(*steps), "--json", p=data)
    assert silent.json["scenarios"][0]["notes"] == [
        'deadline("reply_by") was asked for, and the scenario says nothing of it: it gave nothing.'
    ]


def test_operations_answer_one_after_the_other_or_end_in_an_error(tested: Test) -> None:
    given = "<extensionElements><handslag:operation name='plan'/></extensionElements>"
    body = ENDS + task("plan", "serviceTask", given) + gateways(exclusive="gate") + task("mend")
    body += boundary("no", "plan", '<errorEventDefinition errorRef="e1"/>')
    data = bpmn(body, "start > plan > gate; gate > end : fits\ngate > plan *\nno > mend > end", declared=NAMES)
    twice = tested(story(more="operations: {plan: [{fits: false}, {fits: true}]}\n"), "--json", p=data)
    assert (twice.code, missing(twice)) == (0, ["mend", "no", "f4_no_mend", "f5_mend_end"])
    fails = story("{complete: mend}", more="operations: {plan: {error: NoSlot}}\n")
    assert tested(fails, "--json", p=data).code == 0


def test_who_does_what_and_with_what_is_looked_at(tested: Test) -> None:
    who = '<extensionElements><handslag:performer role="head" body="=body"/></extensionElements>'
    told = '<extensionElements><handslag:operation name="tell"/><handslag:input name="subject" value="Klart"/></extensionElements>'
    data = bpmn(ENDS + task("ask", inner=who) + task("tell", "serviceTask", told), "start > ask > tell > end")
    steps = "{complete: ask, by: %s, then: {given_to: {tell: {subject: %s, body: stab}}}}"
    for right in ("head", "head of stab"):
        assert tested(story(steps % (right, "Klart"), more="given: {body: stab}\n"), "--json", p=data).code == 0
    wrong = tested(story(steps % ("chair of run", "Nej"), more="given: {body: stab}\n"), "--json", p=data)
    assert sentences(wrong) == [
        "'ask' should be for chair of run, but is for head of stab.",
        "After 'ask', of what 'tell' was given, 'subject' should be \"Nej\", but is \"Klart\".",
    ]


CALLING = bpmn(
    ENDS + '<callActivity id="call" name="Beslut" calledElement="inner"/>' + boundary("none", "call", '<errorEventDefinition errorRef="e1"/>')
    + task("mend"),
    "start > call > end; none > mend > end",
    declared=NAMES,
)  # fmt: skip
INNER = bpmn(
    '<startEvent id="begin"/>' + task("work") + gateways(exclusive="gate") + '<endEvent id="done"/>'
    + event("no_slot", "endEvent", '<errorEventDefinition errorRef="e1"/>'),
    "begin > work > gate; gate > done : fits\ngate > no_slot *",
    process="inner",
    declared=NAMES,
)  # fmt: skip


def test_called_processes_are_run_or_answered(tested: Test) -> None:
    run = tested(story("{complete: call/work, with: {fits: true}}"), "--json", p=CALLING, inner=INNER)
    assert (run.code, missing(run, "inner")) == (0, ["no_slot", "f3_gate_no_slot"])
    steps = ("{then: {open: [call]}}", "{complete: call, error: NoSlot, then: {passed: [none]}}", "complete: mend")
    answered = tested(story(*steps, more="answered: [inner]\n"), "--json", p=CALLING, inner=INNER)
    assert (answered.code, sentences(answered)) == (0, [])
    assert missing(answered) == ["call", "f1_call_end"]


def test_a_process_may_have_to_end_in_an_error(tested: Test) -> None:
    told = story("{complete: work, with: {fits: false}}", ends="{error: NoSlot}").replace(
        "process: p", "process: inner"
    )
    assert tested(told, "--json", inner=INNER).code == 0
    other = tested(told.replace("NoSlot", "Other"), "--json", inner=INNER)
    assert "which nothing in it catches" in sentences(other)[0]
    fits = tested(told.replace("fits: false", "fits: true"), "--json", inner=INNER)
    assert sentences(fits) == ["It should end in the error 'NoSlot', but it is completed."]


def test_scenarios_share_what_is_given_and_go_on_from_each_other(tested: Test) -> None:
    told = """
process: p
at: 2026-03-02
given: {approved: false, n: 1}
scenarios:
  - scenario: Skrivet
    steps:
      - complete: write
      - then: {open: [write]}  # does not hold, and is said once
    ends: waiting
  - scenario: Godkänt
    after: Skrivet
    given: {approved: true}
    steps:
      - {complete: approve, then: {passed: [gate, end], data: {n: 1}}}
    ends: completed
"""
    answer = tested(told, "--json", p=APPROVAL)
    assert [(each["scenario"], each["holds"]) for each in answer.json["scenarios"]] == [
        ("Skrivet", False),
        ("Godkänt", True),
    ]
    only = tested(told, "--only", "godk", "--json", p=APPROVAL)
    assert (only.code, len(only.json["scenarios"])) == (0, 1)
    assert tested(told, "--only", "ingen", p=APPROVAL).code == 2


def test_one_of_several_is_chosen_by_what_it_sees(tested: Test) -> None:
    loop = '<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection="=towns" element="town"/></extensionElements></multiInstanceLoopCharacteristics>'
    data = bpmn(ENDS + task("ask", inner=loop), "start > ask > end")
    given = "given: {towns: [umea, vindeln]}\n"
    steps = (
        "{then: {open: [ask, ask]}}",
        "{complete: ask, where: {town: vindeln}}",
        "{complete: ask, where: {town: vindeln}}",
    )
    answer = tested(story(*steps, more=given), "--json", p=data)
    assert sentences(answer) == ["'ask' where town = \"vindeln\" should be completed, but is not open. Open is 'ask'."]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (story("compleet: x"), 5, "'compleet' is not known here. Did you mean 'complete'?"),
        ("process: p\nscenaros:\n- {scenario: a}", 2, "'scenaros' is not known here. Did you mean 'scenarios'?"),
        (story("advance: soon"), 5, "must be a duration"),
        (story("{until: 9999-12-31}"), 5, "must lie in the years"),
        (story("{complete: a, by: the head of all}"), 5, "must be a role"),
        (story("{message: a, by: head}"), 5, "go with complete only"),
        (story("{complete: a, message: b}"), 5, "has complete and message at once"),
        (story("{complete: 3}"), 5, "must be a text"),
        (story().replace("at: 2026-03-02\n", ""), 1, "'at' is missing"),
        (story().replace("2026-03-02", "soon"), 3, "must be a date"),
        (story(ends="done"), 4, "'completed', 'waiting' or {error: CODE}"),
        (story(more="at: 2026-03-03\n"), 4, "'at' stands twice"),
        ("a: &x [1]\nb: [*x, *x]", 1, "not read"),
        ("a: !!python/object:os.system x", 1, "not read"),
        ("[" * 10_000, 1, "deep"),
        ("a: [1", 1, "not YAML"),
        ("- 1", 1, "A file is a scenario"),
        ("process: p\nscenarios:\n- {scenario: a, after: b}", 3, "no scenario 'b'"),
        ("process: p\nscenarios:\n- {scenario: a, after: a}", 3, "in a circle"),
        ("process: p\nsteps: []\nscenarios:\n- {scenario: a}", 2, "belongs in a scenario"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tested: Test, text: str, line: int, said: str) -> None:
    answer = tested(text, "--json", p=APPROVAL)
    assert (answer.code, answer.json["status"], answer.json["scenarios"]) == (3, "refused", [])
    (found,) = answer.json["findings"]
    assert (found["line"], said in found["sentence"]) == (line, True), found


def test_all_mistakes_of_a_file_are_told_at_once(tested: Test) -> None:
    told = "process: p\nat: 2026-03-02\nscenarios:\n- scenario: a\n  steps:\n  - complet: x\n  - {then: {opn: []}}\n  ends: waiting\n- {scenario: b}\n"
    found = [
        (each["line"], each["sentence"].partition(" is ")[0])
        for each in tested(told, "--json", p=APPROVAL).json["findings"]
    ]
    assert found == [(6, "'complet'"), (7, "'opn'"), (9, "'ends'")]


def test_a_diagram_that_is_refused_runs_nothing(tested: Test) -> None:
    answer = tested(story(), "--json", p=bpmn('<startEvent id="start"/><serviceTask id="t"/>', "start > t"))
    assert (answer.code, answer.json["status"], answer.json["scenarios"]) == (3, "refused", [])
    assert "operation-required" in {found["rule"] for found in answer.json["findings"]}


def test_a_decision_is_asked_case_by_case(handslag: Handslag, tmp_path: Path) -> None:
    (tmp_path / "way.dmn").write_text(WAY)
    told = "scenario: s\ndecision: way\ncases:\n- {given: {days: 3}, gives: {way: chair}, rules: [short]}\n- {given: {days: 9}, gives: {way: chair}}\n"
    (tmp_path / "way.yaml").write_text(told)
    answer = handslag("test", str(tmp_path), "--json", **NOWHERE)
    assert sentences(answer) == ['In case 2 \'way\' should be "chair", but is "run".']
    rules: list[dict[str, Any]] = answer.json["coverage"][0]["parts"]
    assert [(rule["id"], rule["times"]) for rule in rules] == [("short", 1), ("2", 0), ("long", 1)]


def _rule(key: str, asked: str, way: str) -> str:
    cells = f'<inputEntry><text>{asked}</text></inputEntry><outputEntry><text>"{way}"</text></outputEntry>'
    return f"<rule{key}>{cells}<outputEntry><text>1</text></outputEntry></rule>"


WAY = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Väg" namespace="urn:d">'
    '<decision id="way" name="way"><decisionTable id="t"><input><inputExpression><text>days</text></inputExpression></input>'
    '<output name="way"/><output name="n"/>'
    + _rule(' id="short"', "[0..4]", "chair") + _rule("", "&lt; 0", "none") + _rule(' id="long"', "&gt; 4", "run")
    + "</decisionTable></decision></definitions>"
)  # fmt: skip


def test_the_documentation_names_every_word_and_its_examples_hold(handslag: Handslag, tmp_path: Path) -> None:
    documentation = (ROOT / "docs" / "scenarios.md").read_text()
    told = (Story, Step, Then, Questions, Case)
    words = {field.alias or name for model in told for name, field in model.model_fields.items()}
    assert {word for word in words if f"`{word}" not in documentation and f"{word}:" not in documentation} == set()
    examples = re.findall(r"```yaml\n(.*?)```", documentation, re.DOTALL)
    for number, example in enumerate(examples):
        (tmp_path / f"{number}.yaml").write_text(example)
    answer = handslag("test", str(tmp_path), "--processes", str(ROOT / "processes"), "--json", **NOWHERE)
    assert (answer.code, sentences(answer), len(answer.json["scenarios"])) == (0, [], 3)
