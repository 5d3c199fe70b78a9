"""The migrations make exactly the tables that the release works with."""

from __future__ import annotations

import pytest

from store import migrate
from store.database import Database
from store.errors import Misconfigured


def test_migrations_and_models_are_the_same(database: Database) -> None:
    assert migrate.differences(database) == []
    migrate.require_current(database)


def test_migrations_go_down_and_up_again(database: Database) -> None:
    migrate.downgrade(database, "base")
    with pytest.raises(Misconfigured, match="handslag db upgrade"):
        migrate.require_current(database)
    migrate.upgrade(database)
    assert migrate.differences(database) == []
