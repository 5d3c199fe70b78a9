"""A region sets up its own register, without the demo's people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.app import create_app
from committee import access, profile, roles
from store.database import Database
from store.settings import Settings
from tests.api.conftest import Caller
from tests.cli.conftest import ROOT, Handslag
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS


def test_a_region_loads_its_profile_adds_people_and_gives_out_tokens(
    handslag: Handslag, database: Database, tmp_path: Path
) -> None:
    assert handslag("organization", "load").code == 0
    assert handslag("person", "add", "anna.berg", "Anna Berg", "--email", "anna.berg@region.example").code == 0
    assert handslag("person", "role", "anna.berg", "run_au", "secretary").code == 0
    token = handslag("token", "issue", "anna.berg", "--days", "30").out.strip()

    anna = Caller(create_app(Settings(environment="production"), database).test_client(), token)
    me = anna.get("/me").json
    assert (me["name"], [role["body"] for role in me["roles"]]) == ("Anna Berg", ["run_au"])
    assert handslag("person", "list", "--json").json == [
        {
            "key": "anna.berg",
            "name": "Anna Berg",
            "email": "anna.berg@region.example",
            "roles": ["secretary (run_au)"],
            "coming_roles": [],
        }
    ]
    handslag("person", "role", "anna.berg", "run_au", "secretary", "--remove")
    assert anna.get("/me").json["roles"] == []
    handslag("token", "revoke", "anna.berg")
    assert anna.get("/me").status_code == 401


def test_a_role_that_is_still_to_begin_is_seen_and_can_be_taken_back(handslag: Handslag) -> None:
    def roles() -> tuple[list[str], list[str]]:
        (anna,) = handslag("person", "list", "--json").json
        return anna["roles"], anna["coming_roles"]

    handslag("organization", "load")
    handslag("person", "add", "anna", "Anna Berg")
    role = ("person", "role", "anna", "run", "secretary")
    handslag(*role, "--to", "2030-12-31")
    handslag(*role, "--from", "2091-01-01", "--to", "2091-12-31")
    handslag(*role, "--from", "2092-01-01")
    today, first, second = "secretary (run)", "secretary (run) from 2091-01-01", "secretary (run) from 2092-01-01"
    assert roles() == ([today], [first, second])
    assert "2092-01-01" in handslag("person", "list").out
    handslag(*role, "--remove", "--from", "2092-01-01")
    assert roles() == ([today], [first])
    handslag(*role, "--remove")
    assert roles() == ([], [first])
    handslag(*role, "--remove")
    assert roles() == ([], [])
    assert handslag(*role, "--remove").code == 3


def test_a_role_that_nothing_knows_is_refused_with_those_that_there_are(handslag: Handslag, tmp_path: Path) -> None:
    handslag("organization", "load")
    handslag("person", "add", "anna", "Anna Berg")
    refused = handslag("person", "role", "anna", "run", "secretery")
    assert refused.code == 3
    assert "secretary" in refused.err
    assert handslag("person", "role", "anna", "run", "secretery", "--anyway").code == 0
    drawn = tmp_path / "own.bpmn"
    performer = '<extensionElements><handslag:performer role="economist" body="run"/></extensionElements>'
    drawn.write_bytes(bpmn(ENDS + task("count", "userTask", performer), "start > count > end"))
    assert handslag("person", "role", "anna", "run", "economist").code == 3
    handslag("deploy", str(drawn))
    assert handslag("person", "role", "anna", "run", "economist").code == 0


def test_the_table_of_roles_has_every_role_that_the_gate_and_the_delivered_files_know() -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == roles.ROLES
    gate = "".join(path.read_text() for path in (ROOT / "committee").rglob("*.py"))
    asked = re.findall(r"(?:require\(actor|\.has\(|_WRITERS = \(|OVERSEERS = \(|SEATED = \()([^)]*)\)", gate)
    named = {role for text in asked for role in re.findall(r'"(\w+)"', text)}
    drawn = {
        role
        for path in (ROOT / "processes").glob("*.bpmn")
        for role in re.findall(r'performer role="([^="]+)"', path.read_text())
    }
    assert {"registrar", "substitute", "manager"} & named and "adjuster" in drawn
    assert named | drawn | {*access.STAFF_ROLES} <= roles.ROLES.keys()


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
