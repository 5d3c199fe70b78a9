"""Two who need the same rows in opposite orders: one gets through, the other is told to try again; nobody hangs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import update

from store import clock
from store.database import Database
from store.errors import Busy
from store.events import Outbox
from store.ids import new_id


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(database: Database) -> None:
    first, second = new_id(), new_id()
    with database.transaction() as db:
        for key in (first, second):
            db.add(
                Outbox(
                    id=key, organization_id=new_id(), key="k", channel="email", payload={}, due_at=clock.now(),
                    created_at=clock.now(),
                )
            )  # fmt: skip
    together = Barrier(2)

    def change(order: tuple[UUID, UUID]) -> str:
        try:
            with database.transaction() as db:
                db.execute(update(Outbox).where(Outbox.id == order[0]).values(error=str(order)))
                together.wait(30)
                db.execute(update(Outbox).where(Outbox.id == order[1]).values(error=str(order)))
        except Busy as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, [(first, second), (second, first)])) == ["busy", "done"]
