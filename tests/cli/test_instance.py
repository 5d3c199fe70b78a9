"""An operator on the machine itself mends a case that stands wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Database
from tests.cli.conftest import Handslag
from tests.support.region import Region

WHY = ("--reason", "Fel steg", "--as", "drift")


@pytest.fixture
def case(database: Database, tmp_path: Path) -> str:
    """A case that has just come in; its id."""
    return (
        Region(database, tmp_path)("registrator")
        .post("/cases", {"case_type": "external_referral", "title": "Remiss", "reply_by": "2099-04-30"})
        .json["id"]
    )


def standing(handslag: Handslag, which: str) -> dict[str, str]:
    """Element to key."""
    shown = handslag("instance", "show", which, "--json").json
    return {token["element_id"]: token["key"] for each in shown for token in each["standing"]}


def test_a_token_is_seen_tried_and_moved(handslag: Handslag, case: str) -> None:
    stands = standing(handslag, case)
    key = stands["register_referral"]
    table = handslag("instance", "show", case).out
    assert "register_referral" in table and "user" in table
    assert "2099-05-01 00:00 " in table, "when a timer fires, as clocks in Sweden show it"
    tried = handslag("instance", "move", case, "--from", key, "--to", "triage_referral", *WHY, "--dry-run", "--json")
    assert (tried.code, tried.json["dry_run"]) == (0, True), tried.err
    assert standing(handslag, case) == stands
    moved = handslag("instance", "move", case, "--from", key, "--to", "triage_referral", *WHY)
    assert moved.code == 0 and "triage_referral" in moved.out, moved.err
    assert "register_referral" not in standing(handslag, case)
    assert handslag("instance", "restart", case, "register_referral", *WHY).code == 0
    assert "register_referral" in standing(handslag, case)


def test_what_cannot_be_done_ends_with_3_and_a_sentence(handslag: Handslag, case: str) -> None:
    for arguments, says in (
        (("cancel", case, "register_referral", *WHY), "move_refused: Nothing would go on"),
        (("move", case, "--from", "999", "--to", "triage_referral", *WHY), "move_refused: Nothing goes on under"),
        (("restart", case, "nowhere", *WHY), "element_unknown: "),
        (("show", "RUN-1"), "not_found: No process runs for 'RUN-1'"),
        (("suspend", case, "--reason", "Vänta", "--as", "handlaggare"), "forbidden: "),
        (("resume", case, *WHY), "instance_not_suspended: "),
    ):
        answer = handslag("instance", *arguments)
        assert (answer.code, answer.err.startswith(says)) == (3, True), (arguments, answer.err)
    assert handslag("instance", "suspend", case, "--as", "drift").code == 2, "without a reason"


def test_a_case_is_held_let_go_and_ended(handslag: Handslag, case: str) -> None:
    held = handslag("instance", "suspend", case, *WHY)
    assert held.code == 0, held.err
    assert "suspended: Fel steg" in handslag("instance", "show", case).out
    assert handslag("instance", "resume", case, *WHY, "--json").json["suspended_at"] is None
    ended = handslag("instance", "cancel", case, "register_referral", "--end", *WHY, "--json")
    assert ended.json["status"] == "cancelled", ended.err
    assert handslag("instance", "show", case).code == 3
