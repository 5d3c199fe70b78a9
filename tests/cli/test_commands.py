"""The commands say what they did, also to machines, and their exit codes mean something."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from uuid import UUID

import click
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cli.main import COMMANDS, cli
from cli.output import err
from committee import documents, profile
from committee.cases import Case
from committee.documents import DocumentVersion
from engine.models import Definition
from store import clock, simulation
from store.database import Database
from store.files import FileStore
from store.ids import new_id
from store.settings import Settings
from tests.cli.conftest import Handslag

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
FORM = PROCESSES / "forms" / "register_referral.form"


def test_overdue_is_quiet_until_something_is_late(handslag: Handslag) -> None:
    assert handslag("overdue").code == 78, "the organisation has not been loaded yet"
    handslag("organization", "load")
    answer = handslag("overdue", "--json")
    assert (answer.code, answer.json) == (0, [])


def test_a_command_in_real_time_says_that_the_clock_of_the_database_has_been_moved(
    handslag: Handslag, database: Database
) -> None:
    handslag("organization", "load")
    assert "moved" not in handslag("overdue").err
    simulation.set_clock(database, clock.at(date(2031, 4, 30), 8))
    answer = handslag("overdue", "--json")
    assert "moved to 2031-04-30" in answer.err
    assert answer.json == []
    assert handslag("overdue", HANDSLAG_CLOCK="simulated").err == ""


def test_files_with_errors_are_not_deployed(handslag: Handslag, database: Database, tmp_path: Path) -> None:
    handslag("organization", "load")
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text("<definitions/>")
    answer = handslag("deploy", str(FORM), str(wrong))
    assert answer.code == 1
    assert "wrong.bpmn" in answer.out
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Definition)) == 0
    deployed = handslag("deploy", str(FORM), "--json")
    assert [(row["kind"], row["key"], row["version"]) for row in deployed.json] == [("form", "register_referral", 1)]
    assert handslag("deploy", str(FORM), "--json").json == []


def test_a_refusal_is_json_for_machines(handslag: Handslag, tmp_path: Path) -> None:
    handslag("organization", "load")
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text("<definitions/>")
    refused = handslag("deploy", "--json", str(wrong))
    assert refused.code == 1
    assert refused.json["code"] == "diagram_refused"
    assert refused.json["errors"][0]["file"] == "wrong.bpmn"


def test_deploying_without_files_puts_in_use_what_is_new_in_the_processes_folder(handslag: Handslag) -> None:
    handslag("organization", "load")
    first = handslag("deploy", "--json").json
    assert {"process external_referral", "form register_referral", "decisions decision_route"} <= {
        f"{row['kind']} {row['key']}" for row in first
    }
    assert handslag("deploy", "--json").json == []


@pytest.mark.parametrize("wrong", [{"HANDSLAG_PORT": "abc"}, {"HANDSLAG_ENVIRONMENT": "production", "HANDSLAG_CLOCK": "simulated"}])  # fmt: skip
def test_a_wrong_setting_is_told_by_its_own_exit_code(handslag: Handslag, wrong: dict[str, str]) -> None:
    for command in ("run", "overdue"):
        answer = handslag(command, **wrong)
        assert answer.code == 78
        assert answer.err.startswith("misconfigured: ")


def test_an_empty_database_is_said_to_be_empty(
    handslag: Handslag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(err, "width", 40)
    answer = handslag("overdue", HANDSLAG_DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert answer.code == 78
    assert "is empty" in answer.err and "Run: handslag db upgrade" in answer.err, "on one line, to be copied"


def test_a_command_that_is_written_wrongly_says_how_to_write_it(handslag: Handslag) -> None:
    answer = handslag("deploy", "no-such-file.bpmn")
    assert answer.code == 2
    assert "no-such-file.bpmn" in answer.err


def test_the_database_is_checked_and_brought_up_to_date(handslag: Handslag, tmp_path: Path) -> None:
    new = {"HANDSLAG_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    assert handslag("db", "check", **new).code == 1
    assert handslag("db", "upgrade", **new).code == 0
    assert handslag("db", "upgrade", **new).code == 0
    assert handslag("db", "check", **new).code == 0


def test_starting_again_takes_back_nothing_that_was_deployed_since(database: Database, tmp_path: Path) -> None:
    settings = Settings()
    profile.load_demo(database, settings)
    first = profile.deploy_processes(database, settings)
    assert first
    changed = tmp_path / "forms"
    changed.mkdir()
    (changed / FORM.name).write_text(FORM.read_text().replace("\n", "\n\n", 1))
    assert len(profile.deploy_processes(database, Settings(processes_dir=changed))) == 1
    assert profile.deploy_processes(database, settings) == []


def test_every_setting_says_what_it_means_and_shows_no_password(handslag: Handslag) -> None:
    url = "postgresql://region:hemligt@db.example/handslag"
    rows = handslag("settings", "--json", HANDSLAG_DATABASE_URL=url, HANDSLAG_SMTP_PASSWORD="hemligt").json
    assert all(row["meaning"] for row in rows)
    assert "hemligt" not in str(rows)
    assert "hemligt" not in handslag("settings", HANDSLAG_DATABASE_URL=url, HANDSLAG_SMTP_PASSWORD="hemligt").out


def test_files_that_are_lost_or_left_over_are_found(handslag: Handslag, database: Database, tmp_path: Path) -> None:
    assert handslag("documents", "check", "--json").json == {"missing": [], "damaged": [], "unnamed": []}
    kept = FileStore(tmp_path / "files", 100).keep(io.BytesIO(b"left by an upload that failed")).sha256
    assert handslag("documents", "check", "--json").json["unnamed"] == [kept]
    with database.transaction() as db:
        db.add(DocumentVersion(organization_id=new_id(), document_id=_document(db), number=1, file_name="a.pdf", size=1,
                               media_type="application/pdf", sha256="0" * 64, created_at=clock.now()))  # fmt: skip
    answer = handslag("documents", "check")
    assert answer.code == 1
    assert "missing" in answer.out and "0" * 64 in answer.out


def _document(db: Session) -> UUID:
    tenant = new_id()
    case = Case(organization_id=tenant, title="x", case_type="p", status="received", received_at=clock.now())
    db.add(case)
    db.flush()
    return documents.open_document(db, case, "incoming", "document", "x", actor_id=None).id


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=300) == COMMANDS[name][1]
