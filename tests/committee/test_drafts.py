"""Drafts of the studio: nobody loses what was written, and nobody writes over another."""

from __future__ import annotations

import pytest

from committee import drafts, processes
from committee.access import Actor
from committee.drafts import DraftNotFound
from engine.definitions import latest
from store.database import Database
from store.errors import Forbidden, Invalid, Stale
from tests.support.people import acting
from tests.support.region import Region


@pytest.fixture
def owner(region: Region) -> Actor:
    return acting(region.database, "processagare")


def _referral(database: Database, actor: Actor) -> tuple[drafts.Draft, bytes]:
    with database.reading() as db:
        version = latest(db, actor.organization_id, "process", "external_referral")
        content = processes.content(db, version)
    return drafts.begin(database, actor, version.id), content


def test_a_draft_of_a_version_begins_as_it_and_two_clicks_make_one(region: Region, owner: Actor) -> None:
    draft, deployed = _referral(region.database, owner)
    assert drafts.content(draft) == deployed
    assert _referral(region.database, owner)[0].id == draft.id
    changed = drafts.save(region.database, owner, draft.id, deployed + b"\n", version=1)
    assert changed.version == 2
    assert _referral(region.database, owner)[0].id != draft.id


def test_nobody_writes_over_what_another_window_has_saved(region: Region, owner: Actor) -> None:
    draft, deployed = _referral(region.database, owner)
    drafts.save(region.database, owner, draft.id, deployed + b"\n", version=1)
    with pytest.raises(Stale):
        drafts.save(region.database, owner, draft.id, deployed + b"\n\n", version=1)
    same = drafts.save(region.database, owner, draft.id, deployed + b"\n", version=2)
    assert same.version == 2, "what is the same makes no new version"


def test_only_process_owners_write_drafts_and_others_do_not_know_of_them(region: Region, owner: Actor) -> None:
    draft, content = _referral(region.database, owner)
    officer = acting(region.database, "handlaggare")
    with pytest.raises(Forbidden):
        drafts.save(region.database, officer, draft.id, content, version=1)
    with region.database.reading() as db, pytest.raises(DraftNotFound):
        drafts.read_draft(db, officer, draft.id)


def test_a_draft_is_renamed_and_thrown_away(region: Region, owner: Actor) -> None:
    draft = drafts.begin_with(region.database, owner, "  Ny  process ", "ny.bpmn", b"<x/>")
    assert (draft.name, draft.kind) == ("Ny process", "process")
    renamed = drafts.rename(region.database, owner, draft.id, "Jämställdhet", version=1)
    drafts.discard(region.database, owner, draft.id, version=renamed.version)
    with region.database.reading() as db, pytest.raises(DraftNotFound):
        drafts.read_draft(db, owner, draft.id)


@pytest.mark.parametrize(
    "name", ["virus.exe", "../up.bpmn", ".bpmn", "x" * 300 + ".bpmn"], ids=["program", "folder", "no name", "long"]
)
def test_a_file_that_cannot_be_deployed_makes_no_draft(region: Region, owner: Actor, name: str) -> None:
    with pytest.raises(Invalid):
        drafts.begin_with(region.database, owner, "Fil", name, b"")
