"""A case that stands wrong: the operator looks where, moves it, holds it and lets it go on, each with a reason that stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from committee.organisations import Person
from engine.models import Message, Subscription, Task, Timer
from store.database import Database
from store.events import Outbox
from store.settings import Settings
from tests.api.conftest import Caller, Callers
from tests.api.test_cases import complete, deploy, open_case, the_task
from tests.support.diagrams import OPENING, bpmn
from tests.support.parts import boundary
from worker.tick import expire_messages, fire_timers

Travel = Callable[[datetime | timedelta], None]


def work(key: str, performer: str = 'role="officer" body="stab"') -> str:
    """A task for somebody."""
    extension = f"<extensionElements><handslag:performer {performer}/></extensionElements>"
    return f'<userTask id="{key}" name="{key.title()}">{extension}</userTask>'


DAYS = "<timerEventDefinition><timeDuration>P{}D</timeDuration></timerEventDefinition>"
BY = '<timerEventDefinition><timeDate>=deadline("reply_by")</timeDate></timerEventDefinition>'
STRAIGHT = bpmn(
    OPENING
    + work("write")
    + boundary("late", "write", DAYS.format(3), interrupting=False)
    + work("approve", 'role="chair" body="run"')
    + boundary("slow", "approve", DAYS.format(7), interrupting=False)
    + work("remind")
    + '<endEvent id="end"/>',
    "start > write > approve > end; late > remind; slow > remind; remind > end",
    process="small_referral",
)
NOTIFY = """<serviceTask id="tell" name="Tell"><extensionElements><handslag:operation name="notify"/>
  <handslag:input name="role" value="officer"/><handslag:input name="body" value="stab"/>
  <handslag:input name="subject" value="Nu"/></extensionElements></serviceTask>"""
BUSY = bpmn(
    OPENING
    + work("write")
    + boundary("late", "write", DAYS.format(3), interrupting=False)
    + boundary("reply_by", "write", BY, interrupting=False)
    + work("remind")
    + '<callActivity id="ask" calledElement="asking"/><parallelGateway id="fork"/>'
    + """<intermediateCatchEvent id="answer"><extensionElements><handslag:correlation name="case_id" value="=case_id"/>
      </extensionElements><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
      <intermediateCatchEvent id="storm"><signalEventDefinition signalRef="s1"/></intermediateCatchEvent>"""
    + work("read")
    + work("shelter")
    + NOTIFY
    + '<endEvent id="end"/>',
    "start > fork > write > end; fork > ask > end; fork > answer > read > end; fork > storm > shelter > end; "
    "late > remind > tell > end; reply_by > remind",
    process="small_referral",
    declared='<message id="m1" name="Answer"/><signal id="s1" name="Storm"/>',
)
ASKING = bpmn(
    '<startEvent id="start"/>' + work("reply") + '<endEvent id="end"/>', "start > reply > end", process="asking"
)
STORM = bpmn(
    OPENING + '<endEvent id="end"><signalEventDefinition signalRef="s1"/></endEvent>',
    "start > end",
    process="storm",
    declared='<signal id="s1" name="Storm"/>',
)


class Running:
    """The one instance of a case, as the operator sees it."""

    def __init__(self, operator: Caller, case: str) -> None:
        self.operator = operator
        (found,) = [each for each in operator.get(f"/instances?case_id={case}").json["items"] if not each["parent_id"]]
        self.case, self.address = case, f"/instances/{found['id']}"

    @property
    def standing(self) -> dict[str, Any]:
        """What stands or listens, by element."""
        return {each["element_id"]: each for each in self.operator.get(self.address).json["standing"]}

    def ask(self, verb: str, body: dict[str, Any], **headers: str) -> Any:
        tag = self.operator.get(self.address).headers["ETag"]
        return self.operator.post(f"{self.address}/{verb}", body, headers={"If-Match": tag, **headers})

    def do(self, verb: str, **body: Any) -> Any:
        answer = self.ask(verb, body)
        assert answer.status_code == 200, answer.text
        return answer.json


def begun(people: Callers, **files: bytes) -> Running:
    answer = deploy(people, **files)
    assert answer.status_code == 201, answer.text
    return Running(people.operator, open_case(people).json["id"])


def waiting(people: Callers, name: str = "officer") -> list[str]:
    """The elements at which tasks wait for somebody."""
    return sorted(task["element_id"] for task in getattr(people, name).get("/tasks").json["items"])


def history(people: Callers, case: str, type_: str) -> list[dict[str, Any]]:
    return list(people.officer.get(f"/cases/{case}/events?type={type_}").json["items"])


def test_a_case_that_stands_at_the_wrong_step_is_moved_and_its_history_says_who_and_why(
    people: Callers, database: Database
) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    assert complete(people, "officer", {}).status_code == 200
    assert (waiting(people), waiting(people, "chair")) == ([], ["approve"]), "the officer was too quick"
    stands = running.standing
    assert {key: (it["kind"], it["waits_for"]) for key, it in stands.items()} == {
        "approve": ("activity", ["user"]),
        "slow": ("boundary", ["timer"]),
    }
    assert stands["slow"]["within"] == stands["approve"]["key"] and stands["slow"]["due_at"]
    asked = {"acts": [{"cancel": stands["approve"]["key"]}, {"begin_before": "write"}], "reason": "Yttrandet saknas"}
    told = running.do("modification", **asked, dry_run=True)
    assert [each["name"] for each in told["cancelled"]] == ["Approve", "slow"]
    assert [each["name"] for each in told["begun"]] == ["Write", "late"]
    assert (waiting(people), waiting(people, "chair")) == ([], ["approve"]), "a dry run changes nothing"
    assert history(people, running.case, "instance.modified") == []
    done = running.do("modification", **asked)
    assert [each["element_id"] for each in done["begun"]] == ["write", "late"]
    assert (waiting(people), waiting(people, "chair")) == (["write"], [])
    with database.reading() as db:
        assert [timer.element_id for timer in db.scalars(select(Timer))] == ["late"]
        assert db.scalars(select(Task.state).where(Task.key == stands["approve"]["key"])).one() == "cancelled"
    (event,) = history(people, running.case, "instance.modified")
    assert event["actor_id"] == people.operator.get("/me").json["person_id"]
    assert event["data"] == {
        "reason": "Yttrandet saknas",
        "acts": [{"cancel": stands["approve"]["key"]}, {"begin_before": "write"}],
        "cancelled": ["approve"],
        "begun": ["write"],
        "names": {"approve": "Approve", "write": "Write"},
    }
    assert complete(people, "officer", {}).status_code == 200
    assert complete(people, "chair", {}).status_code == 200
    assert running.operator.get(running.address).json["status"] == "completed"
    over = running.ask("modification", {"acts": [{"begin_before": "write"}], "reason": "Igen"})
    assert (over.status_code, over.json["code"]) == (409, "instance_ended")


def test_a_case_is_done_again_from_a_step_with_other_variables(people: Callers) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    running.do("modification", acts=[{"variables": {"points": 3}}, {"restart_from": "approve"}], reason="Omtag")
    assert (waiting(people), waiting(people, "chair")) == ([], ["approve"])


def test_only_who_mends_processes_may_and_only_with_a_reason_and_what_they_have_seen(people: Callers) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    body = {"acts": [{"cancel": "write"}, {"begin_before": "approve"}], "reason": "Fel steg"}
    tag = {"If-Match": people.manager.get(running.address).headers["ETag"]}
    for name, status in {"officer": 403, "manager": 403, "umea": 403, "owner": 200}.items():
        answer = getattr(people, name).post(f"{running.address}/modification", body, headers=tag)
        assert answer.status_code == status, (name, answer.text)
    assert people.officer.get(running.address).status_code == 403
    assert people.operator.get("/instances/01900000-0000-7000-8000-000000000000").json["code"] == "instance_not_found"
    stale = people.operator.post(f"{running.address}/modification", body, headers=tag)
    assert stale.status_code == 412 and "gone on since" in stale.json["detail"]
    assert people.operator.post(f"{running.address}/modification", body).status_code == 428
    for wrong in (
        {"acts": body["acts"]},
        {**body, "reason": " "},
        {**body, "acts": []},
        {**body, "acts": [{}]},
        {**body, "acts": [{"cancel": "write", "begin_before": "end"}]},
        {**body, "acts": [{"cancel": "write", "within": "3"}]},
        {**body, "acts": [{"begin_before": "no place"}]},
    ):
        assert running.ask("modification", wrong).status_code == 422, wrong


def test_what_has_no_meaning_is_refused_with_a_sentence_and_changes_nothing(people: Callers) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    before = running.operator.get(running.address)
    for acts, status, code in (
        ([{"cancel": "approve"}], 409, "move_refused"),
        ([{"cancel": "999"}], 409, "move_refused"),
        ([{"cancel": "write"}], 409, "move_refused"),
        ([{"cancel": "write"}, {"begin_before": "nowhere"}], 422, "element_unknown"),
    ):
        answer = running.ask("modification", {"acts": acts, "reason": "Fel"})
        assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert running.operator.get(running.address).json == before.json
    assert (
        running.do("modification", acts=[{"cancel": "write"}], reason="Dubblett", may_end=True)["status"] == "cancelled"
    )
    assert waiting(people) == []


def test_a_modification_whose_answer_was_lost_is_sent_again_and_done_once(people: Callers) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    body = {"acts": [{"begin_before": "remind"}], "reason": "Påminn"}
    headers = {"If-Match": running.operator.get(running.address).headers["ETag"], "Idempotency-Key": "one"}
    answers = [running.operator.post(f"{running.address}/modification", body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200] and answers[0].json == answers[1].json
    assert waiting(people) == ["remind", "write"]


@pytest.fixture
def held(people: Callers, travel: Travel) -> Running:
    """A case at a task, a call, a message and a signal, that the operator holds."""
    assert deploy(people, asking__bpmn=ASKING).status_code == 201
    running = begun(people, p__bpmn=BUSY, storm__bpmn=STORM)
    assert waiting(people) == ["reply", "write"]
    running.do("suspend", reason="Avsändaren ändrar sig")
    return running


def test_nothing_is_done_in_a_suspended_case_and_people_are_told_why(people: Callers, held: Running) -> None:
    assert [case["id"] for case in people.manager.get("/cases?status=suspended").json["items"]] == [held.case]
    listed = people.officer.get("/tasks").json["items"]
    assert [task["suspended"] for task in listed] == [True, True]
    for task in listed:
        address = f"/tasks/{task['id']}"
        tag = {"If-Match": people.officer.get(address).headers["ETag"]}
        for answer in (
            people.officer.post(f"{address}/complete", {"values": {}}, headers=tag),
            people.officer.post(f"{address}/claim"),
        ):
            assert (answer.status_code, answer.json["code"]) == (409, "instance_suspended")
            assert (
                "Operator suspended this process on 2021-02-15: Avsändaren ändrar sig. Wait until"
                in answer.json["detail"]
            )
        assert people.officer.put(f"{address}/draft", {"values": {"a": 1}}, headers=tag).status_code == 200
    suspended = people.manager.get(f"/instances?suspended=true&case_id={held.case}").json["items"]
    assert sorted(each["process_key"] for each in suspended) == ["asking", "small_referral"]
    assert people.manager.get("/instances?suspended=false").json["items"] == []
    case = f"/cases/{held.case}"
    tag = {"If-Match": people.registrar.get(case).headers["ETag"]}
    assert (
        people.registrar.post(f"{case}/withdraw", {"reason": "Nej"}, headers=tag).json["code"] == "instance_suspended"
    )
    assert held.ask("suspend", {"reason": "Igen"}).json["code"] == "instance_suspended"
    (child,) = [each for each in suspended if each["parent_id"]]
    tag = {"If-Match": people.operator.get(f"/instances/{child['id']}").headers["ETag"]}
    refused = people.operator.post(f"/instances/{child['id']}/resume", {"reason": "Bara den"}, headers=tag)
    assert (refused.status_code, refused.json["code"]) == (409, "instance_is_called")


def test_what_comes_to_a_suspended_case_is_kept_and_comes_to_it_when_it_is_resumed(
    people: Callers, database: Database, held: Running, travel: Travel
) -> None:
    sent = people.operator.post(
        "/messages", {"name": "Answer", "correlation": {"case_id": held.case}, "payload": {"x": 1}}
    )
    assert sent.status_code in (200, 201), sent.text
    assert people.registrar.post("/cases", {"case_type": "storm", "title": "Storm"}).status_code == 201
    travel(timedelta(days=4))
    assert fire_timers(database) == 0
    assert waiting(people) == ["reply", "write"]
    with database.reading() as db:
        assert db.scalars(select(Message.state)).one() == "waiting"
    held.do("resume", reason="Klart")
    assert waiting(people) == ["read", "reply", "shelter", "write"]
    assert people.officer.get(f"/cases/{held.case}").json["status"] == "received", "as it was"
    assert fire_timers(database) == 1, "it fires late"
    assert waiting(people) == ["read", "remind", "reply", "shelter", "write"]
    assert not any(task["suspended"] for task in people.officer.get("/tasks").json["items"])
    with database.reading() as db:
        assert db.scalars(select(Message.state)).one() == "delivered"
        assert db.scalars(select(Subscription)).all() == []
    (suspended,), (resumed,) = (history(people, held.case, f"instance.{verb}") for verb in ("suspended", "resumed"))
    assert (suspended["data"]["reason"], resumed["data"]["reason"]) == ("Avsändaren ändrar sig", "Klart")
    assert len(suspended["data"]["called"]) == 1
    assert held.ask("resume", {"reason": "Igen"}).json["code"] == "instance_not_suspended"


def test_what_is_begun_in_a_suspended_case_waits_until_it_is_resumed(
    people: Callers, database: Database, held: Running
) -> None:
    with database.transaction() as db:
        db.execute(update(Person).values(email="x@region.example"))
    acts = [{"begin_before": "tell"}, {"cancel": "ask"}, {"begin_before": "ask"}, {"begin_before": "write"}]
    held.do("modification", acts=acts, reason="Gör om")
    assert all(task["suspended"] for task in people.officer.get("/tasks").json["items"])
    assert waiting(people) == ["write", "write"], "the process that was called has been cancelled, and not called again"
    with database.reading() as db:
        assert db.scalars(select(Outbox)).all() == []
    held.do("resume", reason="Klart")
    assert waiting(people) == ["reply", "write", "write"]
    with database.reading() as db:
        assert len(db.scalars(select(Outbox)).all()) == 1


def test_a_called_process_goes_with_its_call_and_is_not_ended_behind_its_back(people: Callers) -> None:
    assert deploy(people, asking__bpmn=ASKING).status_code == 201
    running = begun(people, p__bpmn=BUSY)
    (child,) = [each for each in people.operator.get("/instances").json["items"] if each["parent_id"]]
    tag = {"If-Match": people.operator.get(f"/instances/{child['id']}").headers["ETag"]}
    body = {"acts": [{"cancel": "reply"}], "reason": "Nej", "may_end": True}
    answer = people.operator.post(f"/instances/{child['id']}/modification", body, headers=tag)
    assert (answer.status_code, answer.json["code"]) == (409, "move_refused")
    done = people.operator.post(
        f"/instances/{child['id']}/modification",
        {"acts": [{"cancel": "reply"}, {"begin_before": "end"}], "reason": "Behövs inte"},
        headers=tag,
    )
    assert (done.status_code, done.json["status"]) == (200, "completed"), done.text
    assert "ask" not in running.standing, "the call has ended with it"


def test_a_task_that_was_read_before_the_hold_is_read_again_after_it(people: Callers) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    task, tag = the_task(people, "officer")
    running.do("suspend", reason="Vänta")
    running.do("resume", reason="Fortsätt")
    stale = people.officer.post(f"/tasks/{task}/complete", {"values": {}}, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert complete(people, "officer", {}).status_code == 200


def test_a_case_whose_process_is_ended_while_it_is_held_is_held_no_more(people: Callers, held: Running) -> None:
    acts = [{"cancel": each} for each in ("write", "ask", "answer", "storm")]
    assert held.do("modification", acts=acts, reason="Dubblett", may_end=True)["status"] == "cancelled"
    assert people.officer.get(f"/cases/{held.case}").json["status"] == "received"
    assert (waiting(people), people.operator.get("/instances").json["items"]) == ([], [])


def test_a_deadline_that_moves_while_a_case_is_held_moves_what_depends_on_it(
    people: Callers, database: Database, travel: Travel
) -> None:
    assert deploy(people, asking__bpmn=ASKING).status_code == 201
    assert deploy(people, p__bpmn=BUSY).status_code == 201
    running = Running(people.operator, open_case(people, reply_by="2021-03-01").json["id"])
    running.do("suspend", reason="Anstånd")
    (deadline,) = people.officer.get(f"/deadlines?case_id={running.case}&kind=reply_by").json["items"]
    address = f"/deadlines/{deadline['id']}"
    tag = {"If-Match": people.registrar.get(address).headers["ETag"]}
    moved = people.registrar.post(f"{address}/extend", {"new_date": "2021-04-01", "reason": "Ja"}, headers=tag)
    assert moved.status_code == 200, moved.text
    assert running.standing["reply_by"]["due_at"] == "2021-03-31T22:00:00Z"
    assert waiting(people) == ["reply", "write"]


def test_messages_do_not_grow_too_old_for_a_case_that_is_held(
    people: Callers, database: Database, held: Running, travel: Travel
) -> None:
    for case in (held.case, "01900000-0000-7000-8000-000000000000"):
        sent = people.operator.post("/messages", {"name": "Answer", "correlation": {"case_id": case}})
        assert sent.status_code == 201, sent.text
    travel(timedelta(days=500))
    assert expire_messages(database, Settings()) == 1
    held.do("resume", reason="Klart")
    assert "read" in waiting(people)


@pytest.mark.parametrize("turn", range(3))
def test_a_task_that_is_done_while_the_case_is_being_held_is_done_before_or_not_at_all(
    people: Callers, turn: int
) -> None:
    running = begun(people, p__bpmn=STRAIGHT)
    task, tag = the_task(people, "officer")
    hold = {"If-Match": running.operator.get(running.address).headers["ETag"]}
    together = Barrier(2)

    def complete_it() -> Any:
        together.wait(30)
        return people.officer.post(f"/tasks/{task}/complete", {"values": {}}, headers={"If-Match": tag})

    def hold_it() -> Any:
        together.wait(30)
        return people.operator.post(f"{running.address}/suspend", {"reason": "Vänta"}, headers=hold)

    with ThreadPoolExecutor(2) as pool:
        done, suspended = [each.result(30) for each in [pool.submit(complete_it), pool.submit(hold_it)]]
    outcomes = {(200, 412): "approve", (409, 200): "write", (412, 200): "write"}
    assert outcomes[done.status_code, suspended.status_code] in running.standing, (done.text, suspended.text)
    tasks = people.manager.get("/tasks?whose=all").json["items"]
    assert [each["suspended"] for each in tasks] == [suspended.status_code == 200]
