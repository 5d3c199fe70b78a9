"""`handslag demo` with real processes: the stories end as they must, and one that does not is told with exit code 1."""

from __future__ import annotations

from datetime import date

import pytest

from cli.demo import same_day_reply
from store.database import Database
from tests.cli.conftest import Handslag


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_story_ends_as_it_must(handslag: Handslag) -> None:
    told = handslag("demo", "--json")
    assert (told.code, told.err) == (0, "")
    stories = {story["key"]: story for story in told.json}
    assert {"a", "b", "c"} <= set(stories)
    for story in stories.values():
        assert story["failures"] == []
        assert all(check["held"] for check in story["checks"])
        days = [entry["day"] for entry in story["entries"]]
        assert days == sorted(days)
    acting = {entry["who"] for entry in stories["a"]["entries"]}
    assert {"Ragna Registrator", "Handläggare, Umeå kommun", "Bevakningen"} <= acting


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_story_plays_on_a_database_that_is_named_if_it_is_empty(handslag: Handslag, database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    assert handslag("demo", "--only", "c", "--database-url", url).code == 0
    again = handslag("demo", "--only", "c", "--database-url", url)
    assert again.code != 0
    assert "empty database" in again.err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_story_that_ends_otherwise_is_told_and_fails(handslag: Handslag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_day_reply, "REPLY_BY", date(2023, 5, 22))
    told = handslag("demo", "--only", "c")
    assert told.code == 1
    assert "✗" in told.out
    assert "(c) Planned day of decision: 2023-05-17, expected 2023-05-23" in told.err
    assert "'draft_statement' does not wait for handlaggare" in told.err
