"""A process owner changes a diagram that cases run on, sees what would happen to them, and carries them over."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from committee import deadlines
from committee.cases import Case
from engine import timers
from engine.models import Definition, Instance, Subscription, Task, Timer
from store import clock
from store.base import Base
from store.database import Database
from store.events import Event
from tests.support.region import Region
from tests.support.versions import REFERRAL, STEP, deploy, renamed, with_assessment

COUNTS = ("version", "advances")
DRAFT = {"position": "approve", "summary": "Kort"}


def migrate(region: Region, source: str, target: str, **more: Any) -> Any:
    body = {"from": source, "reason": "Ny policy för jämställdhet."} | more
    answer = region("processagare").post(f"/definitions/{target}/migrations", body)
    assert answer.status_code == 200, answer.text
    return answer.json


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """What is there of instances and their waits; versions and instants of writing left out."""
    with database.reading() as db:
        tables: list[type[Base]] = [Instance, Task, Timer, Subscription]
        return {
            table.__tablename__: [
                {column.key: getattr(row, column.key) for column in table.__table__.columns if column.key not in COUNTS}
                for row in db.scalars(select(table).order_by(table.id))  # type: ignore[attr-defined]
            ]
            for table in tables
        }


def test_cases_at_several_steps_go_over_and_through_the_new_step(region: Region) -> None:
    early = region("registrator").post(
        "/cases", {"case_type": "external_referral", "title": "Tidig", "sender": "D", "reply_by": "2021-06-30"}
    )
    assert early.status_code == 201, early.text
    late = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", **DRAFT)
    source, target = deploy(region, with_assessment())

    seen = migrate(region, source, target, dry_run=True)
    assert (seen["id"], {each["state"] for each in seen["results"]}) == (None, {"moved"})
    assert len(seen["results"]) == 2
    done = migrate(region, source, target)
    assert [each["sentences"] for each in done["results"]] == [each["sentences"] for each in seen["results"]]

    region.do("chef", "approve_statement", approved=True)
    assert region.open_in(late) == [STEP]
    region.do("handlaggare", STEP)
    assert STEP not in region.open_in(late)
    region.do("registrator", "register_referral")
    assert "triage_referral" in region.open_in(f"/cases/{early.json['id']}")


def test_a_task_stays_claimed_with_its_draft_deadline_and_timers(region: Region) -> None:
    region.registered(municipal_interest=False)
    task = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    region("handlaggare").post(f"{task}/claim")
    tag = region("handlaggare").get(task).headers["ETag"]
    saved = region("handlaggare").put(f"{task}/draft", {"values": {"text": "Halvskrivet"}}, headers={"If-Match": tag})
    assert saved.status_code == 200, saved.text
    before = rows(region.database)
    source, target = deploy(region, with_assessment())
    migrate(region, source, target)
    after = rows(region.database)
    assert [each["definition_id"] for each in after["instance"]] != [
        each["definition_id"] for each in before["instance"]
    ]
    for table in ("task", "timer", "subscription"):
        assert after[table] == before[table]


def test_a_case_that_stands_at_a_removed_step_stays_and_says_why(region: Region) -> None:
    region.registered(municipal_interest=False)
    without = renamed(REFERRAL, "draft_statement", "write_statement")
    source, target = deploy(region, without)
    before = rows(region.database)
    (result,) = migrate(region, source, target)["results"]
    assert result["state"] == "refused"
    assert result["sentences"] == [
        "'Skriv yttrande och tjänsteskrivelse' is not in the new version. Say which element takes its place."
    ]
    assert rows(region.database) == before
    (result,) = migrate(region, source, target, mapping={"draft_statement": "write_statement"})["results"]
    assert result["state"] == "moved"
    region.do("handlaggare", "write_statement", **DRAFT)
    assert "approve_statement" in region.waiting("chef")


def test_what_was_carried_over_is_taken_back_to_the_byte_until_it_moves_on(region: Region) -> None:
    region.registered(municipal_interest=False)
    changed = with_assessment().replace(
        b'<handslag:performer role="officer" body="=administration" />',
        b'<handslag:performer role="head" body="=administration" />',
        1,
    )
    source, target = deploy(region, renamed(changed, "draft_near", "draft_close"))
    before = rows(region.database)
    migration = migrate(region, source, target)
    assert rows(region.database) != before
    assert "draft_statement" in region.waiting("chef"), "the lane has another performer now"
    undone = region("processagare").post(f"/migrations/{migration['id']}/undo")
    assert {each["state"] for each in undone.json["results"]} == {"undone"}
    assert rows(region.database) == before

    again = migrate(region, source, target)
    region.do("chef", "draft_statement", **DRAFT)
    refused = region("processagare").post(f"/migrations/{again['id']}/undo").json["results"]
    assert [each["state"] for each in refused] == ["moved"]
    assert "has moved on" in refused[0]["sentences"][0]


def test_what_is_taken_back_has_the_days_to_which_its_deadlines_have_moved(region: Region) -> None:
    case = UUID(region.registered(municipal_interest=False).rpartition("/")[2])

    def days() -> dict[str, date]:
        with region.database.reading() as db:
            asked = db.scalars(select(Timer).where(Timer.element_id.in_(("reply_by_passed", "reply_is_late"))))
            tasks = db.scalars(select(Task).where(Task.element_id == "draft_statement")).all()
            timed = {each.element_id: clock.local_date(each.due_at) for each in asked if each.due_at}
            return timed | {each.element_id: each.due_on for each in tasks if each.due_on}

    drawn = renamed(REFERRAL, "reply_by_passed", "reply_is_late")
    source, target = deploy(region, drawn.replace(b'deadline("draft")', b'deadline("reply_by")'))
    assert days().keys() == {"reply_by_passed", "draft_statement"}
    migration = migrate(region, source, target, recompute=True)
    assert days() == {"reply_is_late": date(2021, 5, 1), "draft_statement": date(2021, 4, 30)}
    with region.database.transaction() as db:
        tenant = db.get_one(Case, case).organization_id
        deadlines.set_deadline(db, tenant, case, "reply_by", date(2021, 6, 30))
        deadlines.set_deadline(db, tenant, case, "draft", date(2021, 5, 26))
        timers.rearm(db, tenant, case)
    undone = region("processagare").post(f"/migrations/{migration['id']}/undo")
    assert {each["state"] for each in undone.json["results"]} == {"undone"}
    assert days() == {"reply_by_passed": date(2021, 7, 1), "draft_statement": date(2021, 5, 26)}


def test_who_migrated_when_and_why_is_in_the_history_of_the_case(region: Region) -> None:
    region.registered()
    source, target = deploy(region, with_assessment())
    migration = migrate(region, source, target)
    with region.database.reading() as db:
        (event,) = db.scalars(select(Event).where(Event.type == "instance.migrated")).all()
        assert event.data["reason"] == "Ny policy för jämställdhet."
        assert event.actor_id is not None
        assert event.case_id is not None
    told = region("ledare").get(f"/migrations/{migration['id']}").json
    assert (told["reason"], told["from"], told["to"]) == ("Ny policy för jämställdhet.", source, target)


def test_only_those_who_own_or_run_processes_migrate(region: Region) -> None:
    source, target = deploy(region, with_assessment())
    body = {"from": source, "reason": "x"}
    for person, status in {"handlaggare": 403, "ledare": 403, "drift": 200}.items():
        assert region(person).post(f"/definitions/{target}/migrations", body).status_code == status, person
    assert region("drift").post(f"/definitions/{target}/migrations", {"from": source}).status_code == 422
    wrong = {"from": source, "dry_run": True, "mapping": {"draft_statement": "plan_case"}}
    assert "cannot take the place" in region("drift").post(f"/definitions/{target}/migrations", wrong).json["detail"]


def test_instances_stay_on_their_version_until_somebody_carries_them_over(region: Region) -> None:
    region.registered()
    source, target = deploy(region, with_assessment())
    region.registered()
    with region.database.reading() as db:
        key = {each.id: str(each.id) for each in db.scalars(select(Definition))}
        on = [
            key[each.definition_id]
            for each in db.scalars(
                select(Instance).where(Instance.process_key == "external_referral").order_by(Instance.id)
            )
        ]
    assert on == [source, target]
