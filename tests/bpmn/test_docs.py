"""docs/bpmn.md is true: its tables are compared with the code, and every cell and example is drawn and checked."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from inspect import getsource
from pathlib import Path
from pkgutil import iter_modules

import pytest

from committee import deadlines, functions  # noqa: F401 - registers the functions
from committee.meetings import Meeting
from engine.bpmn.check import check
from engine.bpmn.check.catalogue import CATALOGUE
from engine.bpmn.check.extensions import EXTENSIONS, GLOBAL_TASKS
from engine.bpmn.check.unsupported import UNSUPPORTED, Unsupported
from engine.bpmn.model import ACTIVITIES, NodeType
from engine.functions import FunctionContext, bound_functions
from store import clock
from tests.bpmn import semantics
from tests.support.diagrams import bpmn, task
from tests.support.kernel import program
from tests.support.parts import (
    CONDITION,
    ENDS,
    ERROR,
    ESCALATION,
    MESSAGE,
    NAMES,
    SIGNAL,
    TIMER,
    boundary,
    event,
    handler,
    subprocess_of,
    undone_by,
)

PAGE_OF_CONSTRUCTS = Path(__file__).parents[2] / "docs" / "semantics.md"
PAGE = (Path(__file__).parents[2] / "docs" / "bpmn.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def code(cell: str) -> list[str]:
    """What a cell writes in the font of code."""
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_rules_is_the_checker_s() -> None:
    written = {code(rule)[0]: (severity, holds, hint) for rule, severity, holds, hint in rows("Rules")}
    assert written == {rule: (each.severity, each.holds, each.hint) for rule, each in CATALOGUE.items()}


def test_the_table_of_what_is_refused_is_the_checker_s() -> None:
    assert [(what, instead) for what, _, instead in rows("Refused")] == [
        (entry.construct, entry.hint) for entry in UNSUPPORTED
    ]


def test_the_table_of_functions_is_the_product_s() -> None:
    known = bound_functions(FunctionContext(None, None, None)).values()
    written = {code(function)[0]: code(gives) for function, gives in rows("Functions")}
    assert set(written) == {f"{each.name}({', '.join(each.parameters)})" for each in known}
    assert tuple(written["deadline(kind)"]) == deadlines.KINDS
    day = Meeting(starts_at=clock.at(date(2026, 3, 2), 9))
    _, *around = written["own deadline(id, kind)"]
    assert [kind for kind in around if day.date_of(kind) is None] == []
    assert around == re.findall(r'^            "(\w+)":', getsource(Meeting.date_of), re.MULTILINE), "all of them"


STORE = '<dataStore id="store" name="archive"/>'
WRITES_A_STORE = (
    '<dataStoreReference id="archive" dataStoreRef="store"/><ioSpecification><dataOutput id="o" name="said"/></ioSpecification>'
    "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>archive</targetRef></dataOutputAssociation>"
)
KEYED = '<collaboration id="c"><correlationKey id="key"/></collaboration>'
ASKED = '<startEvent id="asked"><extensionElements><handslag:form ref="f"/></extensionElements></startEvent>'
BEHAVES = (
    '<multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="bad"><loopCardinality>2</loopCardinality>'
    "</multiInstanceLoopCharacteristics>"
)
REFUSED = {
    "a script": (ENDS + task("e", "scriptTask", "<script>1 + 1</script>"), ""),
    "data store": (ENDS + task("e", inner=WRITES_A_STORE), STORE),
    "correlationKey": (ENDS + task("e"), KEYED),
    "waits for all": (event("start", "startEvent", MESSAGE + SIGNAL).replace("<startEvent", '<startEvent parallelMultiple="true"') + task("e") + '<endEvent id="end"/>', ""),
    "form starts too": (event("start", "startEvent", TIMER) + ASKED + task("e") + '<sequenceFlow id="x" sourceRef="asked" targetRef="e"/><endEvent id="end"/>', ""),
    "throws several": (ENDS + event("e", "intermediateThrowEvent", SIGNAL + "<compensateEventDefinition/>") + task("a") + undone_by("a", "ua") + '<sequenceFlow id="x" sourceRef="e" targetRef="a"/>', ""),
    "several triggers": (ENDS + event("e", "intermediateCatchEvent", MESSAGE + ERROR), ""),
    "behavior": (ENDS + task("e", inner=BEHAVES), '<errorEventDefinition id="bad" errorRef="e1"/>'),
    "a process without": (task("e") + '<endEvent id="end"/>', "", "e > end"),
    "subprocess without": (ENDS + subprocess_of("e", task("x") + task("y"), ""), ""),
    "several start events": (ENDS + subprocess_of("e", '<startEvent id="other"/>' + task("x") + task("y") + "[[begin > x; other > y]]"), ""),
    "is cancelled": (ENDS + '<transaction id="e"><startEvent id="a"/><endEvent id="b"><cancelEventDefinition/></endEvent>[[a > b]]</transaction>', ""),
    "waitingForStart": (ENDS + '<complexGateway id="e"><activationCondition>waitingForStart</activationCondition></complexGateway><parallelGateway id="g"/><sequenceFlow id="x" sourceRef="start" targetRef="g"/><sequenceFlow id="y" sourceRef="g" targetRef="e"/><sequenceFlow id="z" sourceRef="g" targetRef="e"/>', ""),
    "process itself": (ENDS + task("e") + handler("h", "<compensateEventDefinition/>", "x"), ""),
}  # fmt: skip
"""Words of each line of the table -> the smallest diagram that uses it."""


@pytest.mark.parametrize("entry", UNSUPPORTED, ids=lambda entry: entry.construct)
def test_each_line_of_what_is_refused_is_refused_with_its_hint_and_nothing_else(entry: Unsupported) -> None:
    (body, declared, *ways) = next(drawn for words, drawn in REFUSED.items() if words in entry.construct)
    told = check(bpmn(body, "".join(ways) or "start > e > end", declared=NAMES + declared))
    assert {(each.rule, each.hint) for each in told if each.severity == "error"} == {(entry.rule, entry.hint)}


def test_every_kind_of_node_runs_or_is_refused() -> None:
    running = {name for what, _ in rows("Runs") for name in code(what)}
    assert running == {kind.value for kind in NodeType}


def test_the_table_of_extension_elements_is_the_checker_s() -> None:
    activities, short = {kind.value for kind in ACTIVITIES}, {}
    for name, where, attributes, _ in rows("Extension elements"):
        places = set(code(where)) | (activities if "activities" in where else set())
        places |= GLOBAL_TASKS if "global tasks" in where else set()
        written = set(code(attributes))
        short[code(name)[0]] = (
            places,
            {item.rstrip("?") for item in written},
            {item for item in written if not item.endswith("?")},
        )
    assert short == {
        f"handslag:{name}": (set(each.places), set(each.required | each.optional), set(each.required))
        for name, each in EXTENSIONS.items()
    }


def test_the_page_of_constructs_names_every_row_and_no_other() -> None:
    modules = (import_module(found.name) for found in iter_modules(semantics.__path__, f"{semantics.__name__}."))
    says = [row.says for module in modules for row in getattr(module, "ROWS", ())]
    written = re.findall(r"^- (.+)$", PAGE_OF_CONSTRUCTS.read_text(), re.MULTILINE)
    assert sorted(written) == sorted(set(says)), "docs/semantics.md names the rows of tests/bpmn/semantics"
    assert len(says) == len(set(says)), "two rows say the same"


TRIGGERS = {
    "none": "", "message": MESSAGE, "timer": TIMER, "signal": SIGNAL, "conditional": CONDITION, "error": ERROR,
    "escalation": ESCALATION, "link": '<linkEventDefinition name="L"/>', "terminate": "<terminateEventDefinition/>",
    "compensation": "<compensateEventDefinition/>", "cancel": "<cancelEventDefinition/>",
}  # fmt: skip
CAUGHT = event("caught", "intermediateCatchEvent", '<linkEventDefinition name="L"/>')
THROWN = event("thrown", "intermediateThrowEvent", '<linkEventDefinition name="L"/>')


UNDONE = task("a") + undone_by("a", "ua")


def drawn(place: str, trigger: str) -> bytes:
    """The smallest diagram with an event of a trigger at a place."""
    given, around = TRIGGERS[trigger], {"link": {"catch": THROWN, "throw": CAUGHT}}.get(trigger, {}).get(place, "")
    first = "start"
    if trigger == "compensation" and place in ("throw", "end"):
        around, first = UNDONE, "start > a"
    match place:
        case "process start":
            return bpmn(
                event("s", "startEvent", given) + '<endEvent id="end"/>' + task("t"), "s > t > end", declared=NAMES
            )
        case "event subprocess" | "event subprocess beside":
            inner = handler("h", given, "x", interrupting=place == "event subprocess")
            body, flows = ENDS + subprocess_of("t", task("y") + inner + "[[begin > y]]"), "start > t > end"
        case "catch":
            ways = "start > thrown; e > end" if around else "start > e > end"
            body, flows = ENDS + event("e", "intermediateCatchEvent", given) + around, ways
        case "throw":
            ways = "start > e; caught > end" if around == CAUGHT else f"{first} > e > end"
            body, flows = ENDS + event("e", "intermediateThrowEvent", given) + around, ways
        case "boundary" | "boundary beside":
            body, flows = _at_an_edge(trigger, interrupting=place == "boundary")
        case _:
            body, flows = '<startEvent id="start"/>' + event("e", "endEvent", given) + around, f"{first} > e"
            if trigger == "cancel":
                body, flows = _at_an_edge(trigger, interrupting=True)
    return bpmn(body, flows, declared=NAMES)


def _at_an_edge(trigger: str, *, interrupting: bool) -> tuple[str, str]:
    edge = boundary("b", "t", TRIGGERS[trigger], interrupting=interrupting)
    if trigger == "compensation":
        handling = '<userTask id="u" isForCompensation="true"/><association id="x" sourceRef="b" targetRef="u"/>'
        return ENDS + task("t") + edge + handling, "start > t > end"
    if trigger == "cancel":
        inside = (
            '<transaction id="t"><startEvent id="begin"/>'
            + event("no", "endEvent", TRIGGERS[trigger])
            + "[[begin > no]]"
        )
        return ENDS + inside + "</transaction>" + edge, "start > t > end; b > end"
    return ENDS + task("t") + edge, "start > t > end; b > end"


EVENTS_HEAD = next(line for line in PAGE.splitlines() if line.startswith("| trigger"))
PLACES = [cell.strip() for cell in EVENTS_HEAD.strip("|").split("|")][1:]
CELLS = [(row[0], place, mark) for row in rows("Events") for place, mark in zip(PLACES, row[1:], strict=True)]


@pytest.mark.parametrize(("trigger", "place", "mark"), CELLS)
def test_an_event_runs_where_the_table_says_so_and_is_refused_elsewhere(trigger: str, place: str, mark: str) -> None:
    data = drawn(place, trigger)
    errors = [finding.sentence for finding in check(data) if finding.severity == "error"]
    assert (mark == "runs") == (not errors), errors
    if mark == "runs":
        program(data)


def test_the_table_of_events_is_whole() -> None:
    assert [row[0] for row in rows("Events")] == list(TRIGGERS)
    assert len(PLACES) == 8


EXAMPLES = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_copied(example: str) -> None:
    body, names = example.replace("bpmn:", ""), '<message id="Answer" name="Answer"/>'
    found = re.search(r' id="(\w+)"', body)
    assert found is not None
    if "<lane " in body:
        data = bpmn(f"<laneSet>{body}</laneSet>" + ENDS + task("draft"), "start > draft > end")
    elif "<startEvent" in body:
        data = bpmn(body + '<endEvent id="end"/>', f"{found[1]} > end")
    elif "<process " in body:
        data = bpmn(ENDS, "start > end").replace(b'<process id="p" isExecutable="true">', body.encode())
    else:
        data = bpmn(ENDS + body, f"start > {found[1]} > end", declared=names)
    assert [finding for finding in check(data) if finding.severity == "error"] == []
