"""One step of one instance: load, complete a task, save, commit. Naive SpiffWorkflow against Handslag's kernel."""

from __future__ import annotations

from pathlib import Path

from bench import workload
from bench.lab import SQLITE, Lab
from bench.naive import Naive, Store
from bench.report import Result, Table, Target
from bench.timing import Taken, alternate
from engine.definitions import compile_process
from engine.expressions import Evaluator
from engine.feel import Value
from engine.functions import FunctionContext
from engine.spiff import Run, Waiting, WaitKind
from store.ids import new_id

HISTORIES = (0, 100, 1000)
ANSWER: dict[str, Value] = dict(workload.ANSWER)


class Kernel:
    """One instance of the measured case, kept as the naive one is: a row of state and rows of open tasks."""

    def __init__(self, store: Store, key: int) -> None:
        self.store, self.key, self.steps = store, key, 0
        self.program = compile_process(workload.diagram(), workload.KEY, new_id()).program
        self.evaluate = Evaluator(FunctionContext(None, None, None))
        run = Run.start(self.program, workload.values(), self.evaluate)
        store("INSERT INTO inst VALUES (?, ?)", key, run.save().decode())

    def grow(self, steps: int) -> None:
        """Go on in memory until so many steps have been made."""
        run = self._restored()
        while self.steps < steps:
            run.complete(_open(run)[0].key, ANSWER)
            self.steps += 1
        self.store.write_state(self.key, run.save().decode())

    def step(self) -> None:
        """Load, complete the first open task, save, commit. Nothing but the program is kept in memory."""
        run = self._restored()
        run.complete(_open(run)[0].key, ANSWER)
        waiting, text = _open(run), run.save().decode()
        self.store(self.store.begin)
        self.store("UPDATE inst SET state = ? WHERE id = ?", text, self.key)
        self.store("DELETE FROM task WHERE inst = ?", self.key)
        for wait in waiting:
            self.store("INSERT INTO task VALUES (?, ?, ?)", self.key, wait.element_id, "u1")
        self.store("COMMIT")

    def size(self) -> int:
        """Bytes of the saved state."""
        (state,) = self.store("SELECT state FROM inst WHERE id = ?", self.key).fetchone()
        return len(state.encode())

    def _restored(self) -> Run:
        (state,) = self.store("SELECT state FROM inst WHERE id = ?", self.key).fetchone()
        return Run.restore(self.program, state.encode(), self.evaluate)


def _compared(naive: Naive, kernel: Kernel, times: int) -> tuple[Taken, Taken]:
    theirs, _, own = alternate([naive.step, naive.rewind, kernel.step], times)
    return theirs, own


def _open(run: Run) -> list[Waiting]:
    return [wait for wait in run.snapshot().waiting if wait.kind is WaitKind.USER]


def measure(lab: Lab) -> Result:
    """Steps after 0, 100 and 1,000 steps of history."""
    store = Store(Path(lab.new_address(SQLITE)))
    table = Table(
        "One step: load, complete, save, commit (SQLite, every commit waits for the disk)",
        ["Steps of history", "Naive, ms (a core's)", "Handslag's kernel, ms", "Ratio", "Naive, kB", "Handslag, kB"],
        note=f"{len(workload.VARIABLES)} variables. In brackets the work of a core, without waiting. The naive way recurses through its history; it ends where it says so.",
    )
    result = Result([table])
    times = lab.often(25, 5)
    kernels: dict[int, Kernel] = {}
    for history in lab.track(HISTORIES, "One step"):
        kernel = kernels[history] = Kernel(store, 2 * history)
        kernel.grow(history)
        sizes = [kernel.size() / 1000]
        if lab.quick and history > 100:
            continue
        naive = Naive(store, 2 * history + 1)
        if not naive.grow(history):
            table.add(history, f"fails after {naive.steps}", alternate([kernel.step], times)[0], "–", "–", *sizes)
            continue
        sizes = [naive.size() / 1000, *sizes]
        theirs, own = _compared(naive, kernel, times)
        table.add(history, theirs, own, theirs.half / own.half, *sizes)
        if history == 100:
            promise = "A step after 100 steps of history: naive SpiffWorkflow's time by the kernel's"
            result.targets.append(Target(promise, theirs.half / own.half, 10, at_most=False))
    young, old = alternate([kernels[0].step, kernels[1000].step], times * 4)
    promise = "The kernel's step after 1,000 steps by its step on a young instance (a core's work)"
    result.targets.append(Target(promise, old.work / young.work, 1.1))
    return result
