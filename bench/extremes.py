"""What grows elsewhere: a loop of 1,000 laps over a join, 290 asked at once, 50 calls deep, 5,000 elements."""

from __future__ import annotations

from collections.abc import Callable

from bench.lab import SQLITE, Lab
from bench.report import Result, Table, Target
from bench.timing import median, milliseconds
from bench.workload import PERFORMER, Region
from committee import processes
from committee.tasks import complete_task
from engine import definitions
from engine.definitions import compile_process
from engine.expressions import Evaluator
from engine.feel import Value
from engine.functions import FunctionContext
from engine.spiff import Run, WaitKind
from store.ids import new_id
from tests.support.diagrams import bpmn

DEPTH, MUNICIPALITIES, ELEMENTS, LAPS = 50, 290, 5_000, 1_000
EXTENSIONS = f"<extensionElements>{PERFORMER}</extensionElements>"


def measure(lab: Lab) -> Result:
    """Each on its own."""
    table = Table("Extremes (SQLite; kernel alone where it says so)", ["What", "Milliseconds", "State, kB"])
    result = Result([table])
    parts: tuple[Callable[[Lab, Table, Result], None], ...] = (_laps, _municipalities, _calls, _elements)
    for part in lab.track(parts, "Extremes"):
        part(lab, table, result)
    return result


class Stepper:
    """An instance in the kernel that is saved and restored at every step."""

    def __init__(self, diagram: bytes, variables: dict[str, Value]) -> None:
        self.program = compile_process(diagram, "p", new_id()).program
        self.evaluate = Evaluator(FunctionContext(None, None, None))
        self.state = Run.start(self.program, variables, self.evaluate).save()

    def step(self) -> None:
        """Restore, complete the first open task, save."""
        run = Run.restore(self.program, self.state, self.evaluate)
        first = next(wait for wait in run.snapshot().waiting if wait.kind is WaitKind.USER)
        run.complete(first.key, {})
        run.snapshot()
        self.state = run.save()


def _laps(lab: Lab, table: Table, result: Result) -> None:
    steps = "".join(f'<userTask id="{key}" name="{key}"/>' for key in "ab")
    gateways = '<exclusiveGateway id="again"/><parallelGateway id="split"/><parallelGateway id="join"/>'
    events = '<startEvent id="start"/><endEvent id="end"/>'
    flows = "start > again; again > split : more; again > end *; split > a > join; split > b > join; join > again"
    stepper = Stepper(bpmn(events + gateways + steps, flows), {"more": True})
    taken = [milliseconds(stepper.step) for _ in lab.track(range(2 * lab.often(LAPS, 200)), "Laps")]
    first, last = median(taken[:100]), median(taken[-100:])
    table.add("a step in the first 50 laps over a parallel join, kernel", first, len(stepper.state) / 1000)
    table.add(f"a step in the last 50 of {len(taken) // 2:,} laps, kernel", last, len(stepper.state) / 1000)
    result.targets.append(Target(f"A lap over a join after {len(taken) // 2:,} laps by the first", last / first, 1.1))


def _municipalities(lab: Lab, table: Table, result: Result) -> None:
    loop = '<handslag:loop collection="=all" element="one" output="answers" outputElement="=stance"/>'
    asked = (
        '<userTask id="ask" name="ask"><multiInstanceLoopCharacteristics>'
        f"<extensionElements>{loop}</extensionElements></multiInstanceLoopCharacteristics></userTask>"
    )
    events = '<startEvent id="start"/><endEvent id="end"/>'
    everyone: list[Value] = [f"kommun {number}" for number in range(MUNICIPALITIES)]
    stepper = Stepper(bpmn(events + asked, "start > ask > end"), {"all": everyone, "stance": "approve"})
    size = len(stepper.state) / 1000
    taken = [milliseconds(stepper.step) for _ in range(lab.often(40, 10))]
    table.add(f"one answer of {MUNICIPALITIES} asked at once, kernel", median(taken), size)
    result.targets.append(Target(f"State with {MUNICIPALITIES} open at once", size, 100, unit="kB"))


def _calls(lab: Lab, table: Table, _result: Result) -> None:
    files = {f"call{number}.bpmn": _calling(number) for number in range(DEPTH)}
    with lab.database(SQLITE) as database:
        region = Region(database, files)
        taken: list[list[float]] = [[], []]
        for _ in range(lab.often(10, 3)):
            taken[0].append(milliseconds(lambda: region.start(1, "call0")))
            (task,) = region.open_tasks()
            taken[1].append(milliseconds(lambda: complete_task(database, region.actor(), task, {})))  # noqa: B023
    table.add(f"start of {DEPTH} processes that call each other", median(taken[0]), "–")
    table.add(f"the innermost task done, and {DEPTH} processes ended", median(taken[1]), "–")


def _calling(number: int) -> bytes:
    inner = f'<callActivity id="work" name="work" calledElement="call{number + 1}"/>'
    if number == DEPTH - 1:
        inner = f'<userTask id="work" name="work">{EXTENSIONS}</userTask>'
    events = '<startEvent id="start"/><endEvent id="end"/>'
    return bpmn(events + inner, "start > work > end", process=f"call{number}")


def _elements(lab: Lab, table: Table, _result: Result) -> None:
    keys = [f"t{number}" for number in range(lab.often(ELEMENTS, 1_000) // 2)]
    tasks = "".join(f'<userTask id="{key}" name="{key}">{EXTENSIONS}</userTask>' for key in keys)
    flows = " > ".join(["start", *keys, "end"])
    diagram = bpmn(f'<startEvent id="start"/>{tasks}<endEvent id="end"/>', flows, process="large")
    with lab.database(SQLITE) as database:
        region = Region(database)
        with database.reading() as db:
            context = processes.check_context(db, region.tenant)
        checked = milliseconds(lambda: definitions.check_files({"large.bpmn": diagram}, context))
        with database.transaction() as db:
            deployed = milliseconds(
                lambda: definitions.deploy(db, region.tenant, {"large.bpmn": diagram}, context=context)
            )
        begun = milliseconds(lambda: region.start(1, "large"))
        (task,) = region.open_tasks()
        stepped = milliseconds(lambda: complete_task(database, region.actor(), task, {}))
    elements = 2 * len(keys)
    table.add(f"{elements:,} elements: check", checked, "–")
    table.add(f"{elements:,} elements: deploy (with the check)", deployed, "–")
    table.add(f"{elements:,} elements: start of the first instance (compiles)", begun, "–")
    table.add(f"{elements:,} elements: its first step", stepped, "–")
