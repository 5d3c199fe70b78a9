"""The managers' figures: each is counted right, and has as many rows behind it, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import astuple
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from committee import board
from committee.access import Actor
from committee.board import Figures
from committee.cases import Case
from committee.deadlines import Deadline
from committee.organisations import Body, Person
from committee.overview import ALL, Wanted
from engine.models import Task
from store import clock
from store.database import Database
from store.errors import Forbidden
from store.ids import new_id
from tests.api.register import open_task, populate
from tests.support.people import acting

Travel = Callable[[datetime | timedelta], None]
TODAY = date(2021, 2, 15)
"""A Monday; at risk is what is due until Wednesday, coming until 11 April."""


@pytest.fixture
def manager(database: Database, travel: Travel) -> Actor:
    """Who watches, in a register without any case."""
    populate(database)
    return acting(database, "manager")


class Stage:
    """Rows about work, put in as they stand after the processes have written them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._instance = open_task(database, "stab", "officer", state="cancelled")
        with database.reading() as db:
            self.tenant = db.get_one(Task, self._instance).organization_id
            self.instance_id = db.get_one(Task, self._instance).instance_id
            self.bodies = {body.key: body.id for body in db.scalars(select(Body))}
            self.people = {person.key: person.id for person in db.scalars(select(Person))}

    def case(self, officer: str | None = None, slack: int | None = None, reply_in: int | None = None) -> UUID:
        """A case, its slack, and in how many days it is to be answered."""
        with self.database.transaction() as db:
            made = Case(
                organization_id=self.tenant, title="Äganderätt", case_type="referral", status="in_work",
                received_at=clock.now(), case_officer_id=self.people[officer] if officer else None, slack_days=slack,
            )  # fmt: skip
            db.add(made)
            db.flush()
            if reply_in is not None:
                due_on = TODAY + timedelta(days=reply_in)
                db.add(Deadline(organization_id=self.tenant, case_id=made.id, kind="reply_by", due_on=due_on))
            return made.id

    def task(
        self, case: UUID | None, body: str | None, due_in: int | None, step: str = "draft", process: str = "referral"
    ) -> None:
        """An open task that is due in so many days."""
        with self.database.transaction() as db:
            due_on = None if due_in is None else TODAY + timedelta(days=due_in)
            db.add(
                Task(
                    organization_id=self.tenant,
                    instance_id=self.instance_id,
                    case_id=case,
                    key=new_id().hex,
                    process_key=process,
                    element_id=step,
                    name=step.title(),
                    candidate_body_id=self.bodies[body] if body else None,
                    locals={},
                    due_on=due_on,
                    created_at=clock.now(),
                )
            )


def test_what_waits_is_late_or_soon_will_be_is_counted_by_where_it_stands(database: Database, manager: Actor) -> None:
    stage = Stage(database)
    forest, school = stage.case("officer", slack=-4, reply_in=60), stage.case(reply_in=-1)
    for due_in in (-3, -1, 0, 2, 3, 55, 56, None):
        stage.task(forest, "stab", due_in)
    stage.task(school, "run", -1, "decide")
    stage.task(None, None, 2, "summon", "meeting")
    with database.reading() as db:

        def seen(side: str, wanted: Wanted = ALL) -> dict[tuple[str | None, str | None], tuple[int, ...]]:
            return {
                (row.name, row.process_key): astuple(row.figures) for row in board.standings(db, manager, side, wanted)
            }

        # waiting, overdue, at risk, coming
        assert seen("body") == {("stab", None): (8, 2, 2, 4), ("run", None): (1, 1, 0, 0), (None, None): (1, 1, 2, 1)}
        assert seen("case_officer") == {("Officer", None): (8, 2, 3, 4), (None, None): (2, 2, 1, 1)}
        assert seen("process") == {("referral", None): (9, 4, 3, 4), ("meeting", None): (1, 0, 1, 1)}
        assert seen("step") == {
            ("Draft", "referral"): (8, 2, 2, 4), ("Decide", "referral"): (1, 1, 0, 0), ("Svarsdag", "referral"): (0, 1, 0, 0),
            ("Plan", "referral"): (0, 0, 1, 0), ("Summon", "meeting"): (1, 0, 1, 1),
        }  # fmt: skip
        assert board.total(board.standings(db, manager, "body")) == Figures(10, 4, 4, 5)
        assert seen("body", Wanted(no_case_officer=True)) == {("run", None): (1, 1, 0, 0), (None, None): (1, 1, 1, 1)}


def test_every_figure_has_as_many_rows_behind_it(database: Database, manager: Actor) -> None:
    stage, chance = Stage(database), random.Random(1)
    cases = [
        stage.case(chance.choice([None, "officer", "manager"]), chance.choice([None, -1, 2, 9]), chance.randint(-9, 70))
        for _ in range(12)
    ]
    for _ in range(60):
        due_in = chance.choice([None, *range(-20, 70)])
        stage.task(
            chance.choice([None, *cases]), chance.choice([None, "stab", "run"]), due_in,
            chance.choice(["draft", "reply_by"]), chance.choice(["referral", "asking"]),
        )  # fmt: skip
    with database.reading() as db:
        figures = 0
        for wanted, side in _looks(stage):
            for row in board.standings(db, manager, side, wanted):
                within = row.within(side, wanted)
                for figure in board.LISTS:
                    behind = board.listed(db, manager, figure, within, limit=500)
                    assert len(behind) == getattr(row.figures, figure), (side, row, figure)
                    figures += len(behind)
        assert figures > 500
        for week in board.weeks(db, manager):
            within = Wanted(due_from=week.start, due_before=week.end)
            assert len(board.listed(db, manager, "coming", within, limit=500)) == week.tasks + week.deadlines


def _looks(stage: Stage) -> Iterator[tuple[Wanted, str]]:
    officer = stage.people["officer"]
    narrowings = (
        Wanted(), Wanted(body="run"), Wanted(no_body=True), Wanted(process_key="referral"), Wanted(case_officer_id=officer),
        Wanted(no_case_officer=True), Wanted(step="reply_by"), Wanted(text="ägande"),
    )  # fmt: skip
    return ((wanted, side) for wanted in narrowings for side in board.SIDES)


def test_the_board_is_for_those_who_lead(database: Database, manager: Actor) -> None:
    for other in (acting(database, who) for who in ("officer", "chair", "umea")):
        with database.reading() as db:
            with pytest.raises(Forbidden):
                board.standings(db, other, "body")
            with pytest.raises(Forbidden):
                board.weeks(db, other)
            with pytest.raises(Forbidden):
                board.listed(db, other, "overdue")
