"""The pages that list or count: a small register against a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import select

from bench.bulk import MANAGER, OFFICER, fill
from bench.lab import Lab
from bench.lists import SECRETARY, compared
from bench.report import Result
from bench.workload import Region
from committee import board, heat, sessions
from committee.cases import Case
from store.database import Database
from store.settings import Settings
from web.app import create_app

REGISTRAR, OPERATOR, OWNER, MUNICIPALITY = "registrator", "drift", "processagare", "umea"
SORTS = ("title", "registry_number", "reply_by", "slack_days", "received_at")
LIMIT_MS = 100
"""Quick in any case, however it has grown."""


def measure(lab: Lab) -> Result:
    """Every page that could grow with the register, as the server answers it, without browser and network."""
    return compared(lab, "Pages", _prepared, lab.often(20, 4), quick_ms=LIMIT_MS)


def _prepared(database: Database, count: int) -> dict[str, Callable[[], object]]:
    region = Region(database)
    return questions(region, fill(region, count))


def questions(region: Region, case_id: UUID) -> dict[str, Callable[[], object]]:
    """What each asks of a register, by what it is called in the report."""
    settings = Settings()
    app = create_app(settings, region.database)

    def ask(who: str, path: str) -> Callable[[], object]:
        client = app.test_client()
        client.set_cookie("handslag_session", sessions.begin_demo(region.database, settings.region, who))

        def answer() -> None:
            found = client.get(path)
            if found.status_code != 200:
                raise RuntimeError(found.text)

        return answer

    with region.database.reading() as db:
        number = db.scalar(select(Case.registry_number).where(Case.id == case_id))
        officer = region.actor(OFFICER).person_id
    return {name: ask(who, path) for name, who, path in _addresses(case_id, number or "", officer)}


def _addresses(case_id: UUID, number: str, officer: UUID) -> Iterator[tuple[str, str, str]]:
    yield "my work", OFFICER, "/work"
    yield "my work, taken", OFFICER, "/work?whose=mine"
    yield "my work, five bodies", SECRETARY, "/work"
    yield "my work, late", OFFICER, "/work?overdue=1"
    yield "my work, within a week", OFFICER, "/work?days=7"
    yield "my work, about a word", OFFICER, "/work?text=remiss"
    yield "my work, about what is not there", OFFICER, "/work?text=finns+inte"
    yield "my work, of a process", OFFICER, "/work?process=external_referral"
    yield "all work", MANAGER, "/work?whose=all"
    yield "all work, late", MANAGER, "/work?whose=all&overdue=1"
    yield "all work, of a body", MANAGER, "/work?whose=all&body=run_au"
    yield "all work, about what is not there", MANAGER, "/work?whose=all&text=finns+inte"
    for sort in SORTS:
        yield f"cases by {sort}", OFFICER, f"/cases?sort={sort}"
        yield f"cases by {sort}, backwards", OFFICER, f"/cases?sort=-{sort}"
    yield "cases with a word", OFFICER, "/cases?text=remiss"
    yield "cases by number", OFFICER, f"/cases?text={number.replace(' ', '+')}"
    yield "cases with what is not there", OFFICER, "/cases?text=finns+inte"
    yield "cases that stand", OFFICER, "/cases?status=consulting"
    yield "cases of an officer", OFFICER, f"/cases?officer={officer}"
    yield "cases that are late", OFFICER, "/cases?overdue=1"
    yield "cases, ended ones too", OFFICER, "/cases?ended=1"
    yield "cases of a municipality", MUNICIPALITY, "/cases"
    yield "a case", OFFICER, f"/cases/{case_id}"
    yield "a case's timeline", OFFICER, f"/cases/{case_id}/timeline"
    yield "the tray", REGISTRAR, "/register"
    yield "the year of meetings", SECRETARY, "/meetings"
    yield "meetings", SECRETARY, "/meetings/list"
    yield from _of_those_who_watch()


def _of_those_who_watch() -> Iterator[tuple[str, str, str]]:
    for figure in board.LISTS:
        yield f"the board's {figure}", MANAGER, f"/board/due?figure={figure}"
    for state in heat.STATES:
        yield f"the heat's {state}", MANAGER, f"/board/steps?state={state}"
    yield "the board's months", MANAGER, "/board/months"
    yield "library of processes", OWNER, "/studio"
    yield "versions of a process", OWNER, "/studio/library/process/bench_case"
    yield "operation", OPERATOR, "/operation"
    yield "running processes", OPERATOR, "/operation/processes"
    yield "running processes of a kind", OPERATOR, "/operation/processes?process=external_referral"
    yield "processes with a failed step", OPERATOR, "/operation/processes?which=incident"
    yield "suspended processes", OPERATOR, "/operation/processes?which=suspended"
    yield "failed steps", OPERATOR, "/operation/incidents"
    yield "timers", OPERATOR, "/operation/timers"
    yield "mail that was sent", OPERATOR, "/operation/mail?state=sent"
    yield "mail that failed", OPERATOR, "/operation/mail"
