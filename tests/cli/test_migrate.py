"""`handslag migrate`: told beforehand, done with a reason, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Database
from tests.cli.conftest import Handslag
from tests.support.region import Region
from tests.support.versions import REFERRAL, deploy, renamed, with_assessment

ME = ("--as", "processagare")
WAY = ("migrate", "external_referral:1", "external_referral:2")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_migration_is_told_done_and_taken_back(
    database: Database, tmp_path: Path, handslag: Handslag, travel: object
) -> None:
    region = Region(database, tmp_path)
    region.registered()
    deploy(region, with_assessment())
    told = handslag(*WAY)
    assert told.code == 0
    assert "RUN 1-2021" in told.out and "goes over" in told.out and "Nothing was changed" in told.out
    assert "It stands at 'Skriv yttrande och tjänsteskrivelse'" in told.out
    assert handslag(*WAY, "--yes", *ME).code == 2, "it needs a reason"
    assert handslag(*WAY, "--yes", "--reason", "x").code == 2, "and a name"
    assert handslag(*WAY, "--yes", "--reason", "x", "--as", "handlaggare").code == 3, "of somebody who may"
    assert handslag(*WAY, "--map", "draft_statement").code == 2
    done = handslag(*WAY, "--yes", "--reason", "Ny policy", *ME, "--json").json
    assert [each["state"] for each in done["results"]] == ["moved"]
    assert handslag(*WAY).out.startswith("No instance of that version runs.")
    back = handslag("migrate", "--undo", done["migration"], *ME)
    assert (back.code, "is back" in back.out, "It stands where it stood before." in back.out) == (0, True, True)
    assert "Nothing of that migration is left" in handslag("migrate", "--undo", done["migration"], *ME).out
    assert [each["state"] for each in handslag(*WAY, "--json").json["results"]] == ["moved"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_has_moved_on_stays_when_the_rest_is_taken_back_and_gives_another_exit_code(
    database: Database, tmp_path: Path, handslag: Handslag, travel: object
) -> None:
    region = Region(database, tmp_path)
    region.registered()
    deploy(region, with_assessment())
    done = handslag(*WAY, "--yes", "--reason", "Ny policy", *ME, "--json").json
    region.do("handlaggare", "draft_statement", position="approve", summary="Kort")
    back = handslag("migrate", "--undo", done["migration"], *ME)
    assert back.code == 1
    assert "stays" in back.out and "has moved on" in back.out and "goes over" not in back.out
    again = handslag("migrate", "--undo", done["migration"], *ME, "--json")
    assert (again.code, [each["state"] for each in again.json["results"]]) == (1, ["moved"])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_go_over_gives_another_exit_code(
    database: Database, tmp_path: Path, handslag: Handslag, travel: object
) -> None:
    region = Region(database, tmp_path)
    region.registered()
    deploy(region, renamed(REFERRAL, "draft_statement", "write_statement"))
    told = handslag(*WAY)
    assert told.code == 1
    assert (
        "'Skriv yttrande och tjänsteskrivelse' (draft_statement) is not in the new version. Perhaps --map" in told.out
    )
    assert "stays" in told.out
    mapped = handslag(*WAY, "--map", "draft_statement=write_statement")
    assert mapped.code == 0
    assert "goes on as write_statement" in mapped.out
