"""Completing tasks over HTTP: a real API process, 1, 4 and 16 clients, beside the least that Flask can do durably."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import workload
from bench.clients import Load, completion, load, request
from bench.floor import ROWS
from bench.lab import KINDS, POSTGRESQL, SQLITE, Lab
from bench.naive import Store
from bench.processes import serving
from bench.report import Result, Table, Target
from bench.timing import alternate, median
from bench.workload import Region

CLIENTS = (1, 4, 16)
WARM_UP = 40


def measure(lab: Lab) -> Result:
    """On each database, and with a second API process on PostgreSQL."""
    table = Table(
        "Completing tasks over HTTP",
        ["Database", "Clients", "API processes", "Completions/s", "p50, ms", "p99, ms", "Bare endpoint/s", "Ratio"],
        note="Bare endpoint: Flask on the same server, one row selected for update, changed and committed.",
    )
    commits = Table("The bare commit in the same run", ["Database", "Commits/s, one client"])
    result = Result([table, commits])
    for kind in lab.track(KINDS, "Complete over HTTP"):
        commits.add(kind, _bare_commits(lab, kind))
        _measure_on(lab, kind, table, result)
    return result


def _measure_on(lab: Lab, kind: str, table: Table, result: Result) -> None:
    address = lab.new_address(kind)
    url = f"sqlite:///{address}" if kind == SQLITE else address
    count = lab.often(480, 96)
    with lab.database(kind) as database, ExitStack() as stack:
        region = Region(database)
        floor, _ = stack.enter_context(serving(url, lab.folder, "bench.floor"))
        one, _ = stack.enter_context(serving(database.url, lab.folder))
        rates = {}
        for clients in lab.track(CLIENTS, f"Clients on {kind}"):
            bare = _bare(floor, count * 2, clients)
            rates[clients] = found = _complete(region, [one], count, clients)
            table.add(kind, clients, 1, found.rate, found.p50, found.p99, bare.rate, found.rate / bare.rate)
            if kind == POSTGRESQL and clients == 4:
                promise = "Completing over HTTP on PostgreSQL, 4 clients, by the bare endpoint's rate"
                result.targets.append(Target(promise, found.rate / bare.rate, 0.6, at_most=False))
        if kind == POSTGRESQL:
            two, _ = stack.enter_context(serving(database.url, lab.folder))
            single, both = (_complete(region, ports, count * 2, 8) for ports in ([one], [one, two]))
            table.add(kind, 8, 1, single.rate, single.p50, single.p99, "–", "–")
            table.add(kind, 8, 2, both.rate, both.p50, both.p99, "–", "–")
            promise = "Two API processes on PostgreSQL by one (database, clients and APIs share the machine's cores)"
            result.targets.append(Target(promise, both.rate / single.rate, 1.7, at_most=False))


def _complete(region: Region, ports: Sequence[int], count: int, clients: int) -> Load:
    tasks = region.open_tasks(region.start(count + WARM_UP))
    messages = [completion(task, region.tokens[workload.OFFICER], workload.ANSWER) for task in tasks]
    load(ports, messages[:WARM_UP], clients)
    return load(ports, messages[WARM_UP:], clients)


def _bare(port: int, count: int, clients: int) -> Load:
    messages = [request("POST", f"/rows/{number % ROWS}") for number in range(count)]
    load([port], messages[:WARM_UP], clients)
    return load([port], messages, clients)


def _bare_commits(lab: Lab, kind: str) -> float:
    address = lab.new_address(kind)
    store = Store(Path(address) if kind == SQLITE else address)
    return 1000 / median(alternate([store.bare_commit], lab.often(300, 60))[0].passed)
