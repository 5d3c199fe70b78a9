"""The lists that people open: their tasks, what is late, a case with its history; small register against large."""

from __future__ import annotations

import base64
from collections.abc import Callable, Container, Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

import flask
import orjson

from api.app import create_app
from bench.bulk import MANAGER, OFFICER, fill, middle
from bench.lab import KINDS, Lab
from bench.report import Result, Table, Target
from bench.timing import alternate, median, percentile
from bench.workload import Region
from committee.tasks import ways_to
from store.database import Database
from store.settings import Settings

SECRETARY = "sekreterare"
COUNTS = "counts per body and step"
"""Grows with what it counts; no page of it is a part of the whole."""


def measure(lab: Lab) -> Result:
    """Every list at 10,000 and at 200,000 open tasks, through the API without the network."""
    return compared(lab, "Lists", _prepared, lab.often(40, 8), grows=(COUNTS,))


def compared(
    lab: Lab,
    what: str,
    prepare: Callable[[Database, int], Mapping[str, Callable[[], object]]],
    times: int,
    *,
    grows: Container[str] = (),
    quick_ms: float = 0,
) -> Result:
    """Questions, which `prepare` gives by name, to a small and a large register, in turn, on both databases.

    The target is the worst ratio of those that neither are known to grow nor answer within `quick_ms` also when it is large.
    """
    small, large = (2_000, 20_000) if lab.quick else (10_000, 200_000)
    table = Table(
        f"{what} at {small:,} and {large:,} open tasks, ms (50 rows a page, without the network)",
        ["Database", "Asked for", f"{small:,}: p50", "p95", f"{large:,}: p50", "p95", "Ratio of p50"],
        note="As many tasks done as open; deep is the page in the middle of the list. One task in twelve is overdue.",
    )
    result = Result([table])
    for kind in lab.track(KINDS, what):
        with lab.database(kind) as first, lab.database(kind) as second:
            asked = [prepare(database, size) for database, size in ((first, small), (second, large))]
            worst = ("all are quick", 0.0)
            for name in lab.track(list(asked[0]), f"{what} on {kind}"):
                one, other = (taken.passed for taken in alternate([questions[name] for questions in asked], times))
                ratio = median(other) / median(one)
                table.add(kind, name, median(one), percentile(one, 0.95), median(other), percentile(other, 0.95), ratio)
                if name not in grows and median(other) > quick_ms:
                    worst = max(worst, (name, ratio), key=lambda found: found[1])
        promise = f"{what} on {kind} at {large:,} open tasks by at {small:,}: the worst ({worst[0]})"
        result.targets.append(Target(promise, worst[1], 1.2))
    return result


def _prepared(database: Database, count: int) -> dict[str, Callable[[], object]]:
    region = Region(database)
    case_id = fill(region, count)
    return _questions(region, create_app(Settings(), database), case_id)


def _questions(region: Region, app: flask.Flask, case_id: UUID) -> dict[str, Callable[[], object]]:
    client = app.test_client()

    def ask(who: str, path: str, **query: object) -> Callable[[], object]:
        address = f"/api/v1{path}?{urlencode(query)}"
        headers = {"Authorization": f"Bearer {region.tokens[who]}"}

        def answer() -> None:
            found = client.get(address, headers=headers)
            if found.status_code != 200:
                raise RuntimeError(found.text)

        return answer

    officers = middle(region.database, *ways_to(region.actor(OFFICER), "bodies"))
    everyones = middle(region.database)
    return {
        "my open tasks": ask(OFFICER, "/tasks", whose="mine"),
        "tasks of my role": ask(OFFICER, "/tasks"),
        "tasks of my role, deep": ask(OFFICER, "/tasks", cursor=_cursor(*officers)),
        "tasks of my five bodies": ask(SECRETARY, "/tasks"),
        "all tasks": ask(MANAGER, "/tasks", whose="all"),
        "all tasks, deep": ask(MANAGER, "/tasks", whose="all", cursor=_cursor(*everyones)),
        "overdue tasks": ask(MANAGER, "/tasks", whose="all", overdue="true"),
        "overdue steps and deadlines": ask(MANAGER, "/overdue"),
        "at risk": ask(MANAGER, "/at-risk"),
        "a case": ask(OFFICER, f"/cases/{case_id}"),
        "a case's history": ask(OFFICER, f"/cases/{case_id}/events"),
        "cases": ask(OFFICER, "/cases"),
        COUNTS: ask(MANAGER, "/counts"),
    }


def _cursor(day: date | None, key: UUID) -> str:
    """The cursor that a page ending at this place would have given."""
    return base64.urlsafe_b64encode(orjson.dumps(["due_on", day, str(key)])).decode().rstrip("=")
