"""Two officers hand in the same task at the same instant, to a real server: one is first, the other is told so."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from committee import access, cases, processes, tasks
from committee.access import store_token
from committee.cases import Case
from committee.organisations import Body, Membership, Person
from engine import definitions, instances
from engine.errors import TaskNotOpen
from engine.models import Instance, Task
from store.database import Database
from store.errors import Conflict
from tests.api.register import PEOPLE
from tests.faults.conftest import start
from tests.faults.crew import crew
from tests.support.diagrams import OPENING, bpmn

TASKS = 10


def test_of_two_officers_who_complete_a_task_at_once_one_wins(office: Database, tmp_path: Path) -> None:
    tokens = {"Hanna": PEOPLE["officer"].token, "Gun": "hs_test_second_officer"}
    second = _second_officer(office, tokens["Gun"])
    start(office, TASKS)
    together = Barrier(2)
    with crew(office, tmp_path) as (api, _), ThreadPoolExecutor(2) as pool:

        def complete(name: str) -> list[httpx.Response]:
            headers = {"Authorization": f"Bearer {tokens[name]}"}
            answers = []
            for task in tasks:
                tag = api.client.get(task, headers=headers).headers["ETag"]
                together.wait(30)
                answers.append(
                    api.client.post(
                        f"{task}/complete", json={"values": {"text": name}}, headers={**headers, "If-Match": tag}
                    )
                )
            return answers

        with office.reading() as db:
            tasks = [f"/api/v1/tasks/{key}" for key in db.scalars(select(Task.id))]
        pairs = list(zip(*pool.map(complete, tokens), strict=True))
    with office.reading() as db:
        done = {str(task.id): task for task in db.scalars(select(Task))}
    for pair in pairs:
        (name, won), (_, lost) = sorted(zip(tokens, pair, strict=True), key=lambda each: each[1].status_code)
        assert won.status_code == 200, won.text
        assert lost.status_code in (409, 412), lost.text
        assert lost.json()["code"] in ("task_not_open", "stale") and lost.json()["detail"].endswith(".")
        task = done[won.json()["id"]]
        assert task.result is not None and task.result["text"] == name
        assert (task.completed_by == second) == (name == "Gun")


def _second_officer(office: Database, token: str) -> object:
    with office.transaction() as db:
        body = db.scalars(select(Body).where(Body.key == "stab")).one()
        person = Person(organization_id=body.organization_id, key="gun", name="Gun", kind="official")
        db.add(person)
        db.flush()
        db.add(Membership(organization_id=body.organization_id, person_id=person.id, body_id=body.id, role="officer"))
        store_token(db, person, "test", token)
        return person.id


PARENT = bpmn(
    """<startEvent id="start"/><callActivity id="ask" name="Ask" calledElement="called"/>
    <boundaryEvent id="over" attachedToRef="ask"><timerEventDefinition><timeDuration>PT0S</timeDuration>
    </timerEventDefinition></boundaryEvent><endEvent id="end"/><endEvent id="late"/>""",
    "start > ask > end; over > late",
    process="calling",
)
CALLED = bpmn('<startEvent id="s"/><userTask id="t" name="T"/><endEvent id="e"/>', "s > t > e", process="called")
ROUNDS = 40


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_call_that_is_cancelled_while_its_last_task_is_completed_waits_for_nobody_who_waits_for_it(
    office: Database,
) -> None:
    with office.transaction() as db:
        tenant = db.scalars(select(Body.organization_id).limit(1)).one()
        files = {"calling.bpmn": PARENT, "called.bpmn": CALLED}
        made = definitions.deploy(db, tenant, files, context=processes.check_context(db, tenant))
        calling = next(each for each in made if each.key == "calling")
    together = Barrier(2)

    def time_is_up(_: UUID) -> str:
        together.wait(30)
        fired = processes.fire_next_timer(office)
        return "passed over" if fired is None else "fired" if fired.error is None else repr(fired.error)

    def complete(task_id: UUID) -> str:
        together.wait(30)
        try:
            with office.transaction() as db:
                task, instance = instances.take_task(db, task_id) or (None, None)
                assert task is not None
                instances.complete_task(db, task, {}, actor_id=None, locked=instance)
        except TaskNotOpen:
            return "too late"
        return "completed"

    seen = Counter[tuple[str, str]]()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            with office.transaction() as db:
                caller = instances.start(db, calling, {})
                task_id = db.scalars(select(Task.id).where(Task.process_key == "called", Task.state == "open")).one()
            pair = pool.submit(time_is_up, task_id), pool.submit(complete, task_id)
            seen[pair[0].result(), pair[1].result()] += 1
            with office.reading() as db:
                ended = db.scalars(select(Instance.status).where(Instance.status != "completed")).all()
            assert set(ended) <= {"cancelled"}, "one of the two is done, and all ends"
            assert caller is not None
    assert set(seen) <= {("fired", "too late"), ("passed over", "completed")}, seen


TAKEN_OVER = bpmn(
    OPENING
    + """<userTask id="take"><extensionElements><handslag:performer role="officer" body="stab"/></extensionElements>
    </userTask><serviceTask id="over"><extensionElements><handslag:operation name="transfer_case"/>
    <handslag:input name="receiver" value="Umeå"/></extensionElements></serviceTask><endEvent id="end"/>""",
    "start > take > over > end",
    process="taken_over",
)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_case_that_is_withdrawn_while_a_step_ends_it_has_one_end(office: Database) -> None:
    with office.transaction() as db:
        tenant = db.scalars(select(Body.organization_id).limit(1)).one()
        definitions.deploy(db, tenant, {"over.bpmn": TAKEN_OVER}, context=processes.check_context(db, tenant))
        found = select(Person).where(Person.key.in_(("registrar", "officer"))).order_by(Person.key.desc())
        registrar, officer = (access.actor_of(db, person) for person in db.scalars(found))
    together = Barrier(2)

    def withdraw(case_id: UUID, _: UUID) -> str:
        together.wait(30)
        try:
            return cases.withdraw_case(office, registrar, case_id, "Avsändaren drog tillbaka den.").status
        except Conflict:
            return "too late"

    def complete(_: UUID, task_id: UUID) -> str:
        together.wait(30)
        try:
            tasks.complete_task(office, officer, task_id, {})
        except TaskNotOpen:
            return "too late"
        return "transferred"

    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            case_id = cases.open_case(office, registrar, "taken_over", "Stärkt äganderätt").id
            with office.reading() as db:
                task_id = db.scalars(select(Task.id).where(Task.case_id == case_id)).one()
            ends = [pool.submit(act, case_id, task_id) for act in (withdraw, complete)]
            with office.reading() as db:
                assert {end.result() for end in ends} == {"too late", db.get_one(Case, case_id).status}
                assert set(db.scalars(select(Instance.status))) <= {"completed", "cancelled"}
