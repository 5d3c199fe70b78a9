"""Simulated time is moved by the operator, forward, and only where the settings say that time is simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.app import create_app
from store.database import Database
from store.settings import Settings
from tests.api.conftest import Caller, Callers
from tests.api.register import PEOPLE


def test_the_operator_moves_time_forward_and_not_back(people: Callers) -> None:
    moved = people.operator.post("/clock", {"at": "2021-03-28T02:30:00+02:00"})
    assert moved.json == {
        "now": "2021-03-28T00:30:00Z", "today": "2021-03-28", "mode": "simulated", "timers_due": 0, "next_timer_at": None,
    }  # fmt: skip
    back = people.operator.post("/clock", {"at": "2021-03-27T00:00:00Z"})
    assert back.status_code == 422
    assert "does not go back" in back.json["detail"]


def test_nobody_else_moves_time(people: Callers) -> None:
    assert people.officer.post("/clock", {"days": 1}).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"at": "2021-03-28T02:30:00"}, {"at": "2021-03-28T02:30:00Z", "days": 1}, {"days": -1}]
)
def test_a_time_that_is_not_one_is_refused(people: Callers, body: dict[str, object]) -> None:
    assert people.operator.post("/clock", body).status_code == 422


def test_where_time_is_real_there_is_no_clock_to_move(people: Callers, database: Database, tmp_path: Path) -> None:
    real = create_app(Settings(data_dir=tmp_path), database)
    operator = Caller(real.test_client(), PEOPLE["operator"].token)
    moved = operator.post("/clock", {"days": 1})
    assert operator.get("/clock").status_code == moved.status_code == 404
    assert "HANDSLAG_CLOCK=simulated" in moved.json["detail"]
