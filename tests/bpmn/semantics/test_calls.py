"""Call activities: processes and global tasks, in which version, with what, and how they end (BPMN 2.0 §10.3.6, §10.2.7)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import definitions, instances
from engine.bpmn.check import CheckContext
from engine.errors import DiagramRefused
from engine.models import Instance, Task
from store.database import Database
from store.ids import new_id
from tests.bpmn.semantics.rows import called, check
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, ERROR, ESCALATION, MESSAGE, SIGNAL, TIMER, boundary, event, handler
from tests.support.semantics import Row

A, B = task("a"), task("b")
GLOBAL = '<callActivity id="a" calledElement="g"/>'
OPERATION = '<extensionElements><handslag:operation name="plan"/></extensionElements>'
DECISION = '<extensionElements><handslag:decision ref="plan"/></extensionElements>'
MAPPED = '<extensionElements><handslag:input name="given" value="=x + 1"/><handslag:output name="y" value="=found"/></extensionElements>'
ALL = '<extensionElements><handslag:call binding="latest" inputs="all" outputs="all"/><handslag:output name="y" value="=found + x"/></extensionElements>'
EACH = "<multiInstanceLoopCharacteristics><extensionElements><handslag:loop {}/></extensionElements></multiInstanceLoopCharacteristics>"
INNER = called('<startEvent id="qs"/><userTask id="w"/><endEvent id="qe"/>', "qs > w > qe")
LONGER = called('<startEvent id="qs"/><userTask id="w"/><userTask id="w2"/><endEvent id="qe"/>', "qs > w > w2 > qe")
FAILS = called(f'<startEvent id="qs"/><userTask id="w"/><endEvent id="qe">{ERROR}</endEvent>', "qs > w > qe")
RISES = called(
    f'<startEvent id="qs"/>{event("up", "intermediateThrowEvent", ESCALATION)}<userTask id="w"/><endEvent id="qe"/>',
    "qs > up > w > qe",
)
SAID = '<extensionElements><handslag:output name="why" value="=v"/></extensionElements>'
GIVES = b'<extensionElements><handslag:input name="v" value="=1 + 1"/></extensionElements>'
ESCALATES = called(f'<startEvent id="qs"/><endEvent id="qe">{ESCALATION}</endEvent>', "qs > qe")
CALLS = called('<startEvent id="qs"/><callActivity id="c" calledElement="r"/><endEvent id="qe"/>', "qs > c > qe")
WORKS = called(f'<startEvent id="qs"/>{task("w", "serviceTask", OPERATION)}<endEvent id="qe"/>', "qs > w > qe")
STOPS = called(
    '<startEvent id="qs"/><parallelGateway id="two"/><userTask id="w"/><userTask id="w2"/>'
    '<endEvent id="qe"><terminateEventDefinition/></endEvent>',
    "qs > two; two > w > qe; two > w2 > qe",
)
SENDS = called(f'<startEvent id="qs"/><userTask id="w"/><endEvent id="qe">{MESSAGE}</endEvent>', "qs > w > qe")


def call(inner: str = "", key: str = "a") -> str:
    """A call activity of the other process of the file."""
    return f'<callActivity id="{key}" calledElement="q">{inner}</callActivity>'


def shared(kind: str, inner: str = "") -> bytes:
    """A global task."""
    return f'<{kind} id="g" name="g">{inner}</{kind}>'.encode()


ROWS = [
    Row("a called process sees its inputs alone and gives its outputs alone", ENDS + call(MAPPED), "start > a > end", more=INNER, data={"x": 1},
        does='w={"found": 5}', ends_with={"y": 5, "found": None, "given": None}, trace="start a+ qs w+ | w- qe a- end"),
    Row("a called process without outputs gives nothing", ENDS + call(), "start > a > end", more=INNER, does='w={"found": 5}', ends_with={"found": None},
        trace="start a+ qs w+ | w- qe a- end"),
    Row("an error end of a called process is caught at the call", ENDS + call() + B + boundary("no", "a", ERROR), "start > a > end; no > b > end", more=FAILS,
        does="w; b", trace="start a+ qs w+ | w- qe a? no b+ | b- end"),
    Row("an error end of a called process that nothing catches stops the step of the caller too", ENDS + call(), "start > a > end", more=FAILS, does="w", status="failed",
        trace="start a+ qs w+ | w- qe qe?"),
    Row("an escalation of a called process is caught at the call, and the call goes on", ENDS + call() + B + boundary("late", "a", ESCALATION, interrupting=False),
        "start > a > end; late > b > end", more=RISES, does="b; w", trace="start a+ qs up w+ late b+ | b- end | w- qe a- end"),
    Row("an escalation with which a called process ends is caught at the call, which ends with it", ENDS + call() + B + boundary("late", "a", ESCALATION, interrupting=False),
        "start > a > end; late > b > end", more=ESCALATES, does="b", trace="start a+ qs qe late b+ a- end | b- end"),
    Row("an escalation with which a called process ends interrupts the call that catches it", ENDS + call() + B + boundary("late", "a", ESCALATION),
        "start > a > end; late > b > end", more=ESCALATES, does="b", trace="start a+ qs qe a! late b+ | b- end"),
    Row("an escalation with which a called process ends is only noted when nobody catches it", ENDS + call() + B, "start > a > b > end", more=ESCALATES, does="b",
        trace="start a+ qs qe a- b+ | b- end"),
    Row("an escalation goes out through calls of calls", ENDS + call() + B + boundary("late", "a", ESCALATION), "start > a > end; late > b > end",
        more=CALLS + RISES.replace(b'"q"', b'"r"').replace(b'"q', b'"r'), does="b", trace="start a+ qs c+ rs up w+ a! late b+ c! w! | b- end"),
    Row("an error goes out through calls of calls", ENDS + call() + B + boundary("no", "a", ERROR), "start > a > end; no > b > end",
        more=CALLS + FAILS.replace(b'"q"', b'"r"').replace(b'"q', b'"r'), does="w; b", trace="start a+ qs c+ rs w+ | w- re c? a? no b+ | b- end"),
    Row("an error brings what it says to the call that catches it", ENDS + call() + B + boundary("no", "a", SAID + ERROR), "start > a > end; no > b > end",
        more=FAILS.replace(b"<errorEventDefinition", GIVES + b"<errorEventDefinition"), does="w; b", ends_with={"why": 2, "v": None},
        trace="start a+ qs w+ | w- qe a? no b+ | b- end"),
    Row("an operation's error in a called process is caught at the call", ENDS + call() + B + boundary("no", "a", ERROR), "start > a > end; no > b > end",
        more=WORKS, answers=(("plan", "NoSlot"),), does="b", trace="start a+ qs w+ w? a? no b+ | b- end"),
    Row("a task's error in a called process is caught at the call, and cancels what goes on beside it", ENDS + call() + B + boundary("no", "a", ERROR),
        "start > a > end; no > b > end", more=STOPS, does="w=!NoSlot; b", trace="start a+ qs two w+ w2+ | w? w2! a? no b+ | b- end"),
    Row("a terminate end of a called process ends that alone", ENDS + call() + B, "start > a > b > end", more=STOPS, does="w; b",
        trace="start a+ qs two w+ w2+ | w- qe w2! a- b+ | b- end"),
    Row("a call that is interrupted cancels the called process where it stands", ENDS + call() + B + boundary("late", "a", TIMER), "start > a > end; late > b > end",
        more=LONGER, does="w; advance P14D; b", trace="start a+ qs w+ | w- w2+ | a! late b+ w2! | b- end"),
    Row("a terminate end of the caller cancels the called process", ENDS.replace('<endEvent id="end"/>', event("end", "endEvent", "<terminateEventDefinition/>"))
        + call() + B + '<parallelGateway id="fork"/>', "start > fork; fork > a > end; fork > b > end", more=INNER, does="b", trace="start fork a+ b+ qs w+ | b- end a! w!"),
    Row("an event subprocess that interrupts the caller cancels the called process", ENDS + call() + handler("h", MESSAGE, "x"), "start > a > end", more=INNER,
        does="message Answer; x", trace="start a+ qs w+ | a! h+ h_start x+ w! | x- h-"),
    Row("an event subprocess may call", ENDS + A.replace('"a"', '"t"') + handler("h", MESSAGE, "x").replace(task("x"), call(key="x")), "start > t > end", more=INNER,
        does="message Answer; w", trace="start t+ | t! h+ h_start x+ qs w+ | w- qe x- h-"),
    Row("a called process can send a message to its caller", ENDS + call() + event("m", "intermediateCatchEvent", MESSAGE) + '<parallelGateway id="fork"/>',
        "start > fork; fork > a > end; fork > m > end", more=SENDS, does="w", trace="start fork a+ m+ qs w+ | w- qe a- end m- end"),
    Row("several calls at once each have inputs of their own, and their answers stand in the order of the items",
        ENDS + call(MAPPED + EACH.format('collection="=all" element="x" output="ys" outputElement="=y"')), "start > a > end", more=INNER, data={"all": [1, 2]},
        does='w={"found": 5}; w={"found": 6}', ends_with={"ys": [5, 6]}, trace="start a+ a+ a+ qs w+ qs w+ | w- qe a- | w- qe a- a- end"),
    Row("an error of one of several calls cancels the others", ENDS + call(EACH.format('collection="=all" element="x"')) + B + boundary("no", "a", ERROR),
        "start > a > end; no > b > end", more=FAILS, data={"all": [1, 2]}, does="w; b", trace="start a+ a+ a+ qs w+ qs w+ | w- qe a! a? a? no b+ w! | b- end"),
    Row("a call may give and take every variable", ENDS + '<callActivity id="a" calledElement="q">' + ALL + "</callActivity>" + B, "start > a > b > end",
        data={"x": 1}, more=INNER, does='w={"found": 5}; b', ends_with={"x": 1, "found": 5, "y": 6}, trace="start a+ qs w+ | w- qe a- b+ | b- end"),
    Row("a global user task is called", ENDS + GLOBAL.replace("/>", f">{MAPPED}</callActivity>") + B, "start > a > b > end", more=shared("globalUserTask"), data={"x": 1},
        does='g={"found": 5}; b', ends_with={"y": 5}, trace="start a+ g+ | g- a- b+ | b- end"),
    Row("a global manual task is called", ENDS + GLOBAL, "start > a > end", more=shared("globalManualTask"), does="g", trace="start a+ g+ | g- a- end"),
    Row("a global task that does nothing is called", ENDS + GLOBAL, "start > a > end", more=shared("globalTask"), trace="start a+ g a- end"),
    Row("a global script task runs its operation", ENDS + GLOBAL.replace("/>", f">{MAPPED}</callActivity>"), "start > a > end", data={"x": 1},
        more=shared("globalScriptTask", OPERATION), answers=(("plan", {"found": 7}),), ends_with={"y": 7}, trace="start a+ g a- end"),
    Row("a global business rule task asks its decision", ENDS + GLOBAL.replace("/>", f">{MAPPED}</callActivity>"), "start > a > end", data={"x": 1},
        more=shared("globalBusinessRuleTask", DECISION), answers=(("plan", {"found": 7}),), ends_with={"y": 7}, trace="start a+ g a- end"),
    Row("several calls of a global task are interrupted together", ENDS + GLOBAL.replace("/>", ">" + EACH.format('collection="=all"') + "</callActivity>")
        + B + boundary("stop", "a", SIGNAL), "start > a > end; stop > b > end", data={"all": [1, 2]}, more=shared("globalUserTask"), does="g; signal Moved; b",
        trace="start a+ a+ a+ g+ g+ | g- a- | a! a! stop b+ g! | b- end"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_calls_run(row: Row) -> None:
    check(row)


def deployed(database: Database, tenant: object, **files: bytes) -> None:
    """Put files in use together, unchecked against what an organisation has."""
    with database.transaction() as db:
        named = {f"{name}.bpmn": data for name, data in files.items()}
        definitions.deploy(db, tenant, named, context=CheckContext())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "says",
    [
        "an escalation with which a called process ends interrupts the call that catches it",
        "an escalation with which a called process ends is only noted when nobody catches it",
        "an escalation goes out through calls of calls",
    ],
)
def test_calls_end_in_the_database_as_they_do_when_tried(database: Database, says: str) -> None:
    tenant = new_id()
    row = next(row for row in ROWS if row.says == says)
    deployed(database, tenant, p=row.diagram)
    with database.transaction() as db:
        instances.start(db, definitions.latest(db, tenant, "process", "p"), {})
        assert db.scalars(select(Task.element_id).where(Task.state == "open")).all() == ["b"]
        running = db.scalars(select(Instance.process_key).where(Instance.status == "running")).all()
        assert running == ["p"]


def test_an_error_of_a_called_process_in_the_database_reaches_the_caller_of_its_caller(database: Database) -> None:
    tenant = new_id()
    row = next(row for row in ROWS if row.says == "an error goes out through calls of calls")
    deployed(database, tenant, p=row.diagram)
    with database.transaction() as db:
        instances.start(db, definitions.latest(db, tenant, "process", "p"), {})
    with database.transaction() as db:
        (open_task,) = db.scalars(select(Task))
        instances.complete_task(db, open_task, {}, actor_id=None)
        assert db.scalars(select(Task.element_id).where(Task.state == "open")).all() == ["b"]
        ended = db.execute(select(Instance.process_key, Instance.status, Instance.error_code)).all()
        assert sorted(map(tuple, ended), key=str) == [
            ("p", "running", None),
            ("q", "failed", "NoSlot"),
            ("r", "failed", "NoSlot"),
        ]


def version(name: str, tag: str = "") -> bytes:
    """A version of the called process with one task."""
    data = bpmn(ENDS + task(name), f"start > {name} > end", process="q")
    return data.replace(b'id="q"', f'id="q" handslag:versionTag="{tag}"'.encode()) if tag else data


@pytest.mark.parametrize(
    ("binding", "expected"),
    [("latest", "third"), ("deployment", "second"), ('versionTag" versionTag="2026-1', "first")],
)
def test_a_call_starts_the_version_that_it_binds(database: Database, binding: str, expected: str) -> None:
    tenant = new_id()
    bound = f'<extensionElements><handslag:call binding="{binding}"/></extensionElements>'
    caller = bpmn(ENDS + call(bound), "start > a > end")
    deployed(database, tenant, q=version("first", "2026-1"))
    deployed(database, tenant, p=caller, q=version("second"))
    deployed(database, tenant, q=version("third"))
    with database.transaction() as db:
        instances.start(db, definitions.latest(db, tenant, "process", "p"), {})
        assert db.scalars(select(Task.element_id)).all() == [expected]


def test_a_call_may_be_bound_to_any_version_that_is_deployed(database: Database) -> None:
    tenant = new_id()
    deployed(database, tenant, q=version("first", "2026-1"))

    def deploy(tag: str, **others: bytes) -> None:
        bound = f'<extensionElements><handslag:call binding="versionTag" versionTag="{tag}"/></extensionElements>'
        files = {"p.bpmn": bpmn(ENDS + call(bound), "start > a > end")} | {
            f"{key}.bpmn": data for key, data in others.items()
        }
        with database.transaction() as db:
            context = CheckContext(processes=frozenset({"q"}), tags=definitions.tags(db, tenant))  # type: ignore[arg-type]
            definitions.deploy(db, tenant, files, context=context)  # type: ignore[arg-type]

    deploy("2026-1", q=version("second", "2026-2"))
    deploy("2026-3", q=version("third", "2026-3"))
    with pytest.raises(DiagramRefused):
        deploy("2026-4")


def test_an_instance_stays_with_its_version_whatever_is_deployed_later(database: Database) -> None:
    tenant = new_id()
    deployed(database, tenant, q=version("old"))
    with database.transaction() as db:
        instances.start(db, definitions.latest(db, tenant, "process", "q"), {})
    deployed(database, tenant, q=version("new"))
    with database.transaction() as db:
        (open_task,) = db.scalars(select(Task))
        instances.complete_task(db, open_task, {}, actor_id=None)
        assert db.scalars(select(Instance.status)).all() == ["completed"]
