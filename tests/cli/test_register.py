"""A region sets up its own register, without the demo's people."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.app import create_app
from committee import profile
from store.database import Database
from store.settings import Settings
from tests.api.conftest import Caller
from tests.cli.conftest import Handslag


def test_a_region_loads_its_profile_adds_people_and_gives_out_tokens(
    handslag: Handslag, database: Database, tmp_path: Path
) -> None:
    assert handslag("organization", "load").code == 0
    assert handslag("person", "add", "anna.berg", "Anna Berg", "--email", "anna.berg@region.example").code == 0
    assert handslag("person", "role", "anna.berg", "run_au", "secretary").code == 0
    token = handslag("token", "issue", "anna.berg", "--days", "30").out.strip()

    anna = Caller(create_app(Settings(environment="production"), database).test_client(), token)
    me = anna.get("/me").json
    assert (me["name"], [role["body_key"] for role in me["roles"]]) == ("Anna Berg", ["run_au"])
    assert handslag("person", "list", "--json").json == [
        {"key": "anna.berg", "name": "Anna Berg", "email": "anna.berg@region.example", "roles": ["secretary (run_au)"]}
    ]
    handslag("person", "role", "anna.berg", "run_au", "secretary", "--remove")
    assert anna.get("/me").json["roles"] == []
    handslag("token", "revoke", "anna.berg")
    assert anna.get("/me").status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ("person", "add", "../../x", "Anna"),
        ("person", "add", "anna", "A" * 500),
        ("person", "add", "anna", "Anna", "--email", "not an address"),
        ("person", "role", "nobody", "run_au", "secretary"),
        ("token", "issue", "nobody"),
        ("token", "issue", "anna", "--days", "100000"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_sentence(handslag: Handslag, arguments: tuple[str, ...]) -> None:
    handslag("organization", "load")
    answer = handslag(*arguments)
    assert answer.code == 3
    assert answer.err.strip().endswith((".", "list"))


def test_production_knows_no_token_of_the_demo(database: Database, tmp_path: Path) -> None:
    users = profile.load_demo(database, Settings())
    stranger = Caller(create_app(Settings(environment="production"), database).test_client(), users[0].token)
    assert stranger.get("/me").status_code == 401
