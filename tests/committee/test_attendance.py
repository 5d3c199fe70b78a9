"""Who serves: members for their term, substitutes in their place, and more than half of them to decide (KL 6:27)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from committee import people, profile
from store import clock
from store.errors import Conflict, Invalid
from store.events import Event
from tests.support.region import Region

Travel = Callable[[datetime | timedelta], None]
MEMBERS, SUBSTITUTES = ("anna", "bo", "cia"), ("siv", "tor")


@pytest.fixture
def region(region: Region) -> Region:
    """RUN has four members, among them its chair, and two substitutes."""
    for key in (*MEMBERS, *SUBSTITUTES):
        people.add_person(region.database, _tenant(region), key, key.title(), kind="elected")
        people.give_role(region.database, _tenant(region), key, "run", "member" if key in MEMBERS else "substitute")
    return region


@pytest.fixture
def meeting(region: Region) -> str:
    """RUN on 15 April with two items, summoned."""
    found = region.meeting("run", "2021-04-15")
    for _ in range(2):
        case = region("registrator").post("/cases", {"case_type": "external_referral", "title": "Remiss"})
        assert (
            region("sekreterare").post(f"{found}/agenda", {"case_id": case.json["id"], "role": "decision"}).status_code
            == 201
        )
    region.change("sekreterare", found, "summon")
    return found


def test_a_substitute_serves_in_the_place_of_a_member_who_is_away(region: Region, meeting: str) -> None:
    assert _serving(region, meeting, 1) == ["Anna", "Bo", "Cia", "Orvar Ordförande"]
    assert _away(region, meeting, "anna", substitute="siv").status_code == 201
    assert _away(region, meeting, "bo", substitute="tor", from_position=2).status_code == 201
    assert _serving(region, meeting, 1) == ["Bo", "Cia", "Orvar Ordförande", "Siv"]
    assert _serving(region, meeting, 2) == ["Cia", "Orvar Ordförande", "Siv", "Tor"]
    noted = region("sekreterare").get(f"{meeting}/absences").json["items"]
    assert [each["from_position"] for each in noted] == [1, 2]


def test_who_is_disqualified_steps_out_of_one_item_and_comes_back(region: Region, meeting: str) -> None:
    made = _away(region, meeting, "anna", substitute="siv", ground="disqualified", from_position=1, to_position=1)
    assert made.status_code == 201
    assert "Anna" not in _serving(region, meeting, 1)
    assert "Anna" in _serving(region, meeting, 2)


def test_what_was_noted_by_mistake_is_taken_back_until_the_minutes_are_adjusted(
    region: Region, meeting: str, travel: Travel
) -> None:
    made = _away(region, meeting, "anna", substitute="siv", ground="disqualified", from_position=1, to_position=1)
    noted, kept = made.json["id"], _away(region, meeting, "bo", substitute="tor").json["id"]
    address = f"/absences/{noted}/take-back"
    assert region("handlaggare").post(address).status_code == 403
    assert region("umea").post(address).status_code == 404
    assert region("sekreterare").post(address).json["person_id"] == _person(region, "anna")
    assert "Anna" in _serving(region, meeting, 1)
    assert region("sekreterare").post(address).status_code == 404
    with region.database.reading() as db:
        told = db.scalars(select(Event).where(Event.type == "absence.taken_back")).one()
    assert (told.data["person_id"], told.data["ground"]) == (_person(region, "anna"), "disqualified")
    travel(clock.at(date(2021, 4, 15), 12))
    for item in region("sekreterare").get(f"{meeting}/agenda").json["items"]:
        said = {"outcome": "noted", "text": "Noteras."}
        assert region("sekreterare").post(f"/agenda-items/{item['id']}/outcome", said).status_code == 201
    region.change("sekreterare", meeting, "adjust", adjusted_on="2021-04-15")
    assert region("sekreterare").post(f"/absences/{kept}/take-back").status_code == 409


@pytest.mark.parametrize(
    ("who", "more", "status", "words"),
    [
        ("anna", {"substitute": "bo"}, 409, "no substitute"),
        ("siv", {}, 409, "a seat in the body"),
        ("anna", {"ground": "disqualified", "from_position": 1}, 422, "one item"),
        ("anna", {"from_position": 2, "to_position": 2}, 422, "serves no more"),
        ("anna", {"from_position": 2, "to_position": 1}, 422, "first before the last"),
    ],
)
def test_what_cannot_be_is_refused(
    region: Region, meeting: str, who: str, more: dict[str, Any], status: int, words: str
) -> None:
    answer = _away(region, meeting, who, **more)
    assert answer.status_code == status, answer.text
    assert words in answer.text


def test_nobody_is_in_two_places(region: Region, meeting: str) -> None:
    assert _away(region, meeting, "anna", substitute="siv").status_code == 201
    assert "noted as away" in _away(region, meeting, "anna", from_position=2).json["detail"]
    assert "serves for somebody else" in _away(region, meeting, "bo", substitute="siv").json["detail"]
    outsider = region("handlaggare").post(
        f"{meeting}/absences", {"person_id": region("chef").get("/me").json["person_id"]}
    )
    assert outsider.status_code == 403


def test_half_of_the_members_are_too_few_to_decide_but_can_note_and_table(
    region: Region, meeting: str, travel: Travel
) -> None:
    travel(clock.at(date(2021, 4, 15), 12))
    for who in ("anna", "bo"):
        assert _away(region, meeting, who).status_code == 201
    first, second = (
        f"/agenda-items/{each['id']}" for each in region("sekreterare").get(f"{meeting}/agenda").json["items"]
    )
    refused = region("sekreterare").post(f"{first}/outcome", {"outcome": "adopted", "text": "Bifall."})
    assert (refused.status_code, refused.json["code"]) == (409, "no_quorum")
    assert "Only 2 of 4 members" in refused.json["detail"]
    tabled = region("sekreterare").post(f"{second}/outcome", {"outcome": "table", "text": "Bordläggs."})
    assert tabled.status_code == 201
    absences = region("sekreterare").get(f"{meeting}/absences").json["items"]
    assert [each["substitute_id"] for each in absences] == [None, None]


def test_a_role_for_a_term_ends_with_it(region: Region) -> None:
    people.add_person(region.database, _tenant(region), "dag", "Dag", kind="elected")
    held = people.give_role(region.database, _tenant(region), "dag", "run", "member", term_key="2027-2030")
    assert (held.start_date, held.end_date) == (date(2027, 1, 1), date(2030, 12, 31))
    late = people.give_role(
        region.database, _tenant(region), "dag", "run", "member", start=date(2028, 3, 1), term_key="2027-2030"
    )
    assert (late.start_date, late.end_date) == (date(2028, 3, 1), date(2030, 12, 31))
    with pytest.raises(Invalid, match="within it"):
        people.give_role(
            region.database, _tenant(region), "dag", "run", "member", start=date(2026, 3, 1), term_key="2027-2030"
        )
    terms = region("sekreterare").get("/terms").json["items"]
    assert [each["applies_to"] for each in terms] == ["assembly", "committees"]


def test_who_comes_back_for_another_term_has_had_the_first_one_too(region: Region, travel: Travel) -> None:
    tenant = _tenant(region)

    def times() -> list[tuple[str | None, str | None]]:
        bodies = {each["key"]: each["id"] for each in region("chef").get("/bodies?limit=200").json["items"]}
        found = region("chef").get(f"/bodies/{bodies['run']}/members?role=member&sort=start_date&limit=200").json
        return [(each["start_date"], each["end_date"]) for each in found["items"] if each["name"] == "Dag"]

    people.add_person(region.database, tenant, "dag", "Dag", email="dag@demo.invalid", kind="elected")
    people.give_role(region.database, tenant, "dag", "run", "member", start=date(2019, 1, 1), end=date(2022, 12, 31))
    people.give_role(region.database, tenant, "dag", "run", "member", term_key="2027-2030")
    both = [("2019-01-01", "2022-12-31"), ("2027-01-01", "2030-12-31")]
    assert times() == both
    with pytest.raises(Conflict, match="from 2019-01-01 to 2022-12-31 already"):
        people.give_role(region.database, tenant, "dag", "run", "member", start=date(2022, 6, 1))
    assert times() == both
    travel(clock.at(date(2023, 3, 1), 8))
    assert "Sammanträdet är inställt" not in _cancelled(region, "dag"), "the role has ended"
    people.give_role(region.database, tenant, "dag", "run", "member", end=date(2023, 12, 31))
    assert times() == [both[0], ("2023-03-01", "2023-12-31"), both[1]]
    assert "Sammanträdet är inställt" in _cancelled(region, "dag")
    people.end_role(region.database, tenant, "dag", "run", "member")
    assert times() == both, "it was held on no day"


def test_samrad_says_how_many_of_its_seats_are_taken_on_each_side(region: Region) -> None:
    people.give_role(region.database, _tenant(region), "anna", "samrad", "member")
    bodies = {each["key"]: each["id"] for each in region("sekreterare").get("/bodies?limit=200").json["items"]}
    parts = region("sekreterare").get(f"/bodies/{bodies['samrad']}").json["composition"]
    counted = {part["source_body_id"]: (part["expected_seats"], part["seated"]) for part in parts}
    assert counted == {bodies["run"]: (6, 2), bodies["pkd_au"]: (7, 1)}, "Anna and the chair; Karin of PKD AU"


def _cancelled(region: Region, key: str) -> list[str]:
    """What somebody was written to when a meeting of RUN was cancelled."""
    made = region("sekreterare").post("/meetings", {"body": "run", "starts_at": "2023-09-14T09:00:00+02:00"})
    region.change("sekreterare", str(made.headers["Location"]), "cancel", reason="Snöstorm")
    return region.mails(key)


def _tenant(region: Region) -> UUID:
    with region.database.reading() as db:
        return profile.tenant_of(db, "vasterbotten").id


def _away(region: Region, meeting: str, who: str, *, substitute: str | None = None, **more: Any) -> Any:
    if substitute is not None:
        more["substitute_id"] = _person(region, substitute)
    return region("sekreterare").post(f"{meeting}/absences", {"person_id": _person(region, who), **more})


def _person(region: Region, key: str) -> str:
    with region.database.reading() as db:
        return str(people.person_of(db, _tenant(region), key).id)


def _serving(region: Region, meeting: str, position: int) -> list[str]:
    items = region("sekreterare").get(f"{meeting}/agenda").json["items"]
    found = next(each["id"] for each in items if each["position"] == position)
    return [each["name"] for each in region("sekreterare").get(f"/agenda-items/{found}/serving").json["items"]]
