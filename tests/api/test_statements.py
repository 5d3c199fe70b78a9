"""How often a verb asks the database. Each statement is a trip to the server: one more is noticed here, whatever the machine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from api.app import create_app
from bench import workload
from bench.workload import OFFICER, Region
from committee import processes
from engine.models import Timer
from store import clock
from store.database import Database
from store.settings import Settings
from tests.support.statements import Statement, executed, plan


def kinds(statements: list[Statement]) -> list[str]:
    """What each statement does to which table."""
    words = [text.replace("\n", " ").split() for text, _ in statements]
    tables = {"SELECT": "FROM", "DELETE": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}
    return [f"{each[0]} {each[each.index(tables[each[0]]) + 1]}" for each in words]


def test_completing_a_task_over_http_takes_eight_statements(database: Database) -> None:
    region = Region(database)
    first, second = region.open_tasks(region.start(2))
    client = create_app(Settings(), database).test_client()
    for task in first, second:  # the first reads the diagram and the form, which are kept from then on
        headers = {"Authorization": f"Bearer {region.tokens[OFFICER]}", "If-Match": f'"{task.hex}.1"'}
        with executed(database) as statements:
            answer = client.post(
                f"/api/v1/tasks/{task}/complete", headers=headers, json={"values": dict(workload.ANSWER)}
            )
        assert answer.status_code == 200, answer.text
    assert kinds(statements) == [
        "SELECT api_token", "SELECT task", "UPDATE task", "SELECT body", "SELECT definition", "UPDATE instance",
        "INSERT task", "INSERT event",
    ]  # fmt: skip


def test_claiming_a_task_takes_four_statements(database: Database) -> None:
    region = Region(database)
    (task,) = region.open_tasks(region.start(1))
    client = create_app(Settings(), database).test_client()
    with executed(database) as statements:
        headers = {"Authorization": f"Bearer {region.tokens[OFFICER]}"}
        assert client.post(f"/api/v1/tasks/{task}/claim", headers=headers).status_code == 200
    assert kinds(statements) == ["SELECT api_token", "SELECT task", "UPDATE task", "INSERT event"]


def test_firing_a_timer_takes_seven_statements(database: Database) -> None:
    region = Region(database, {"waits.bpmn": workload.waiting_diagram("waits", "P1D")})
    region.start(2, "waits")
    with database.transaction() as db:
        db.execute(update(Timer).values(due_at=clock.now() - timedelta(minutes=1)))
    for _ in range(2):
        with executed(database) as statements:
            fired = processes.fire_next_timer(database)
        assert fired is not None and fired.error is None
    assert kinds(statements) == [
        "SELECT timer", "UPDATE task", "DELETE timer", "SELECT body", "UPDATE instance", "INSERT task", "INSERT event",
    ]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_timers_due_at_one_instant_are_taken_in_the_order_of_their_index(database: Database) -> None:
    """What is due on a day is due at its midnight: to sort it all for each firing would take the square of its number."""
    with executed(database) as statements:
        assert processes.fire_next_timer(database) is None
    (asked,) = statements
    assert "SEARCH timer USING INDEX ix_timer_due_at" in plan(database, asked)
    assert "ORDER BY" not in plan(database, asked)
