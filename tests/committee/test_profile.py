"""Organisation profiles: what is wrong in one is said, all of it; what is right is loaded, as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from committee import profile
from committee.agenda import AgendaItem
from committee.delegations import Delegation
from committee.meetings import Meeting
from committee.organisations import Body, Organization
from store import clock
from store.database import Database
from store.errors import Misconfigured
from tests.support.region import Region

REGIONS = Path(__file__).parents[2] / "processes" / "regions"
Travel = Callable[[datetime | timedelta], None]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('kind = "region"', 'kind = "kingdom"', "organization.kind: Input should be 'region' or 'municipality'"),
        ('deciding_body = "run"', 'deciding_body = "runn"', "chain.deciding_body: There is no body 'runn'."),
        ('deciding_body = "run"', 'deciding_bod = "run"', "chain.deciding_bod: Extra inputs are not permitted."),
        ("{seq}-{year}", "{year}", "registry.0 (main): The pattern '{prefix} {year}' needs {seq}"),
        ('parent = "run"', 'parent = "samrad"', "body.3 (run_au): It names the body 'samrad', which does not come"),
        ('key = "run_au"', 'key = "run"', "There are two bodies with this key."),
        ("seats = 6", 'seats = "six"', "body.7.composition.0.seats: Input should be a valid integer."),
        ("reply_by = 10", "reply_buy = 10", "reminders.reply_buy"),
        ('roles = { stab = ["registrar"] }', 'roles = { staff = ["registrar"] }', "There is no body 'staff'."),
        ("[chain]", "[chain", "vasterbotten.toml cannot be read"),
    ],
)
def test_a_mistake_is_said_with_its_place(tmp_path: Path, before: str, after: str, sentence: str) -> None:
    text = (REGIONS / "vasterbotten.toml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "vasterbotten.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        profile.read_profile(path)
    assert sentence in refused.value.message


def test_an_advisory_body_cannot_be_made_to_decide(tmp_path: Path) -> None:
    path = tmp_path / "vasterbotten.toml"
    text = (REGIONS / "vasterbotten.toml").read_text(encoding="utf-8")
    text = text.replace(
        'kind = "joint_consultation"\nauthoritative = false', 'kind = "joint_consultation"\nauthoritative = true'
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match="joint_consultation only advises"):
        profile.read_profile(path)


def test_two_regions_live_beside_each_other_and_are_loaded_again_without_doubles(
    database: Database, travel: Travel
) -> None:
    for name in ("vasterbotten", "gotland", "vasterbotten", "gotland"):
        with database.transaction() as db:
            profile.load_profile(db, profile.read_profile(REGIONS / f"{name}.toml"))
    with database.reading() as db:
        tenants = db.scalars(select(Organization).where(Organization.id == Organization.organization_id)).all()
        assert sorted(tenant.key for tenant in tenants) == ["gotland", "vasterbotten"]
        boards = db.scalars(select(Body).where(Body.key == "rs")).all()
        assert len(boards) == len({board.organization_id for board in boards}) == 2
        gotland = next(tenant for tenant in tenants if tenant.key == "gotland")
        neighbours = select(func.count()).where(
            Organization.organization_id == gotland.id, Organization.kind == "municipality"
        )
        assert db.scalar(neighbours) == 1, "only itself: there is nobody to consult"


def test_a_point_that_the_profile_delegates_no_more_ends_but_can_still_be_cited(
    database: Database, travel: Travel
) -> None:
    given = profile.read_profile(REGIONS / "vasterbotten.toml")
    shorter = {**given, "delegation": given["delegation"][1:]}
    found: list[dict[str, date | None]] = []
    for version in (given, shorter, given):
        with database.transaction() as db:
            profile.load_profile(db, version)
            found.append({point.point: point.valid_to for point in db.scalars(select(Delegation))})
    in_force = dict.fromkeys(("1.1", "1.2", "2.1"))
    assert found == [in_force, {**in_force, "1.1": date(2021, 2, 14)}, in_force]


def test_a_referral_on_gotland_goes_from_the_committee_to_the_board_without_samrad(
    database: Database, tmp_path: Path, travel: Travel
) -> None:
    region = Region(database, tmp_path, name="gotland", head="direktor")
    case = region.registered(municipal_interest=False)
    assert region("direktor").get(case).json["registry_number"] == "RS 2021/1"
    region.do("handlaggare", "draft_statement", position="approve", summary="Region Gotland tillstyrker.")
    region.do("direktor", "approve_statement", approved=True)
    _treat(region, travel, "regu", "forwarded")
    assert region.open_in(case) == ["deliver_material"]
    _treat(region, travel, "rs", "adopted")
    region.do("registrator", "dispatch_statement", channel="email")
    assert region("direktor").get(case).json["status"] == "dispatched"
    with database.reading() as db:
        roles = set(db.scalars(select(AgendaItem.role)))
    assert roles == {"preparation", "decision"}


def _treat(region: Region, travel: Travel, body: str, outcome: str) -> None:
    """Papers, summons, meeting and adjusted minutes of the meeting on whose agenda the case is."""
    region.do("handlaggare", "deliver_material", proposal="Förslag till beslut.")
    with region.database.reading() as db:
        waiting = (
            select(Meeting).join(AgendaItem, AgendaItem.meeting_id == Meeting.id).join(Body, Body.id == Meeting.body_id)
        )
        meeting = db.scalars(waiting.where(Body.key == body, AgendaItem.state == "confirmed")).one()
    address = f"/meetings/{meeting.id}"
    region.change("sekreterare", address, "summon")
    travel(clock.at(meeting.day, 13))
    answer = region("sekreterare").post(
        f"{region.item(address)}/outcome", {"outcome": outcome, "text": "Enligt förslaget."}
    )
    assert answer.status_code == 201, answer.text
    region.change("sekreterare", address, "adjust", adjusted_on=meeting.day.isoformat())
