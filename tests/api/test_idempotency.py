"""A creating request that is sent twice happens once, whenever a process dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.idempotency import KEPT
from engine.models import Message
from store import clock, events
from store.database import Database
from tests.api.conftest import Caller, Callers

MESSAGE = {"name": "StatementLate", "correlation": {"case_id": "one"}}


def publish(caller: Caller, key: str, body: dict[str, Any] = MESSAGE) -> Any:
    return caller.post("/messages", body, headers={"Idempotency-Key": key})


def messages(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Message)) or 0


def test_a_repeat_gets_the_same_answer_and_nothing_happens_again(people: Callers, database: Database) -> None:
    first, second = publish(people.operator, "k"), publish(people.operator, "k")
    assert first.status_code == second.status_code == 201
    assert first.data == second.data
    assert second.headers["Idempotency-Replayed"] == "true"
    assert messages(database) == 1


def test_the_order_of_names_in_the_body_does_not_make_it_another_request(people: Callers, database: Database) -> None:
    publish(people.operator, "k")
    assert publish(people.operator, "k", dict(reversed(MESSAGE.items()))).status_code == 201
    assert messages(database) == 1


def test_a_key_is_for_one_request_only(people: Callers, database: Database) -> None:
    publish(people.operator, "k")
    other = publish(people.operator, "k", {**MESSAGE, "name": "MaterialReady"})
    assert other.status_code == 422
    assert other.json["code"] == "idempotency_key_reused"
    assert messages(database) == 1


def test_two_people_may_choose_the_same_key(people: Callers, database: Database) -> None:
    assert publish(people.operator, "k").json["id"] != publish(people.owner, "k").json["id"]


def test_after_a_refusal_the_key_serves_the_corrected_request(people: Callers, database: Database) -> None:
    assert publish(people.operator, "k", {"name": "Not a name"}).status_code == 422
    assert publish(people.operator, "k").status_code == 201


def test_a_key_is_forgotten_after_a_day(people: Callers, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(people.operator, "k")
    later = clock.now() + KEPT + timedelta(seconds=1)
    monkeypatch.setattr(clock, "_source", lambda: later)
    publish(people.operator, "k")
    assert messages(database) == 2


def test_when_the_process_dies_before_the_commit_nothing_has_happened_and_the_repeat_is_the_first(
    people: Callers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(session: Session) -> None:
        session.flush()
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(events, "seal", die)
        with pytest.raises(KeyboardInterrupt):
            publish(people.operator, "k")
    assert messages(database) == 0
    assert publish(people.operator, "k").status_code == 201
    assert messages(database) == 1


def test_of_many_at_once_one_is_carried_out(people: Callers, database: Database) -> None:
    together = Barrier(6)

    def go(_: int) -> Any:
        together.wait()
        return publish(people.operator, "k")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(go, range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.json["code"] == "idempotency_in_flight" for answer in answers if answer.status_code == 409)
    assert messages(database) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 129, "å"])
def test_a_key_that_is_no_key_is_refused(people: Callers, key: str) -> None:
    assert publish(people.operator, key).status_code == 422
