"""What becomes of tasks, timers, subscriptions and called processes when their instance goes over, and when it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from engine import suspension
from engine.errors import InstanceSuspended
from engine.models import Instance
from engine.modification import modify_instance
from engine.spiff import Write
from store.database import Database
from store.ids import new_id
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS, MESSAGE, NAMES, SIGNAL, boundary, event
from tests.versions.office import Office
from worker.tick import fire_timers

Travel = Callable[[datetime | timedelta], None]


@pytest.fixture
def office(database: Database, travel: object) -> Office:
    return Office(database)


def drawn(body: str, flows: str, **more: str) -> bytes:
    return bpmn(ENDS + body, flows, declared=NAMES, **more)


def timer(text: str) -> str:
    return f"<timerEventDefinition><timeDuration>{text}</timeDuration></timerEventDefinition>"


def says(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def hold(office: Office, instance_id: UUID, *, again: bool = False) -> None:
    """Suspend an instance, or let it go on again."""
    verb = suspension.resume if again else suspension.suspend
    with office.database.transaction() as db:
        verb(db, db.get_one(Instance, instance_id, with_for_update=True), "Prov", actor_id=None)


def form(*keys: str) -> bytes:
    fields = ", ".join(f'{{"type": "textfield", "key": "{key}"}}' for key in keys)
    return f'{{"components": [{fields}]}}'.encode()


def test_deadlines_stay_unless_the_plan_says_that_they_are_computed_again(office: Office) -> None:
    def version(days: int) -> bytes:
        due = says(f'<handslag:due date="=date(&quot;2021-03-{days:02}&quot;)"/>')
        late = boundary("late", "a", timer(f"P{days}D"), interrupting=False)
        return drawn(task("a", inner=due) + late, "start > a > end; late > end")

    first = office.deploy(p_bpmn=version(1))
    office.start(first)
    before = office.rows()
    second, third = office.deploy(p_bpmn=version(8)), office.deploy(p_bpmn=version(9))
    office.migrate(first, second)
    assert office.one("task")["due_on"] == date(2021, 3, 1)
    assert office.one("timer")["due_at"] == before["timer"][0]["due_at"]
    done = office.migrate(second, third, recompute=True)
    told = "The timer 'late' then fires at 2021-02-24 10:00, was 2021-02-16 10:00."
    assert told in done.results[0].sentences, "as clocks in Sweden show it"
    assert office.one("task")["due_on"] == date(2021, 3, 9)
    assert office.one("timer")["due_at"] == before["timer"][0]["due_at"] + timedelta(days=8)


def test_a_draft_stays_whole_and_it_is_told_what_the_new_form_does_not_ask_for(office: Office) -> None:
    diagram = drawn(task("a", inner=says('<handslag:form ref="f"/>')), "start > a > end")
    first = office.deploy(p_bpmn=diagram, f_form=form("text", "note"))
    office.start(first)
    officer = new_id()
    office.change("a", draft={"text": "Halv", "note": "x"}, assignee_id=officer)
    before = office.rows()
    second = office.deploy(p_bpmn=diagram.replace(b'name="a"', b'name="b"'), f_form=form("text"))
    done = office.migrate(first, second)
    assert "Of the draft of 'b' the new form does not ask for: note." in done.results[0].sentences
    row = office.one("task")
    assert (row["draft"], row["assignee_id"], row["name"]) == ({"text": "Halv", "note": "x"}, officer, "b")
    assert office.undo(done) == ["undone"]
    assert office.rows() == before


def test_what_a_person_has_changed_since_stays_when_it_is_taken_back(office: Office) -> None:
    diagram = drawn(task("a", inner=says('<handslag:form ref="f"/>')), "start > a > end")
    first = office.deploy(p_bpmn=diagram, f_form=form("text", "note"))
    office.start(first)
    office.change("a", draft={"text": "Halv", "note": "x"})
    done = office.migrate(first, office.deploy(p_bpmn=diagram.replace(b'name="a"', b'name="b"'), f_form=form("text")))
    officer = new_id()
    office.change("a", draft={"text": "Hel"}, assignee_id=officer)
    assert office.undo(done) == ["undone"]
    row = office.one("task")
    assert (row["draft"], row["assignee_id"], row["name"]) == ({"text": "Hel"}, officer, "a")


def test_timers_and_messages_at_an_open_step_come_and_go_and_come_back(office: Office, travel: Travel) -> None:
    older = drawn(task("a") + boundary("late", "a", timer("P2D")), "start > a > end; late > end")
    newer = drawn(
        task("a") + boundary("stop", "a", MESSAGE) + boundary("later", "a", timer("P9D")),
        "start > a > end; stop > end; later > end",
    )
    first = office.deploy(p_bpmn=older)
    office.start(first)
    before = office.rows()
    travel(timedelta(days=1))
    done = office.migrate(first, office.deploy(p_bpmn=newer))
    after = office.rows()
    assert [row["element_id"] for row in after["timer"]] == ["later"]
    assert after["timer"][0]["due_at"] == before["timer"][0]["due_at"] + timedelta(days=8), "it begins now"
    assert [row["element_id"] for row in after["subscription"]] == ["stop"]
    assert office.undo(done) == ["undone"]
    assert office.rows() == before
    travel(timedelta(days=1))
    assert fire_timers(office.database) == 1
    assert office.open == []


def test_a_message_that_had_come_moves_the_instance_on_which_cannot_be_taken_back(office: Office) -> None:
    first = office.deploy(p_bpmn=drawn(task("a"), "start > a > end"))
    office.start(first)
    office.publish("Answer")
    newer = drawn(task("a") + boundary("stop", "a", MESSAGE) + task("b"), "start > a > end; stop > b > end")
    done = office.migrate(first, office.deploy(p_bpmn=newer))
    assert office.open == ["b"]
    assert done.results[0].sentences[-1] == "It goes on at once, and then cannot be taken back."
    assert office.undo(done) == ["moved"]
    assert office.open == ["b"]


def test_a_message_finds_the_instance_under_its_new_name(office: Office) -> None:
    waiting = event("w", "intermediateCatchEvent", MESSAGE)
    first = office.deploy(p_bpmn=drawn(waiting + task("b"), "start > w > b > end"))
    office.start(first)
    office.migrate(first, office.deploy(p_bpmn=drawn(waiting.replace("m1", "m2") + task("b"), "start > w > b > end")))
    office.publish("Answer")
    assert office.open == []
    office.publish("Withdrawn")
    assert office.open == ["b"]


def test_a_called_process_goes_on_and_comes_back_to_the_call_by_its_new_name(office: Office) -> None:
    called = bpmn(ENDS + task("inner"), "start > inner > end", process="q")

    def calling(key: str) -> bytes:
        return drawn(f'<callActivity id="{key}" calledElement="q"/>' + task("after"), f"start > {key} > after > end")

    first = office.deploy(p_bpmn=calling("c"), q_bpmn=called)
    office.start(first)
    before = office.rows()
    second = office.deploy(p_bpmn=calling("d"))
    (refused,) = office.migrate(first, second).results
    assert refused.state == "refused"
    done = office.migrate(first, second, {"c": "d"})
    assert "'q', which it called, keeps its own version." in done.results[0].sentences
    assert office.undo(done) == ["undone"]
    assert office.rows() == before
    office.migrate(first, second, {"c": "d"})
    office.do("inner")
    office.do("after")
    assert {row["status"] for row in office.rows()["instance"]} == {"completed"}


def test_more_instances_than_fit_into_one_request_are_counted(office: Office) -> None:
    first = office.deploy(p_bpmn=drawn(task("a"), "start > a > end"))
    for _ in range(3):
        office.start(first)
    done = office.migrate(first, office.deploy(p_bpmn=drawn(task("a") + task("b"), "start > a > b > end")), most=2)
    assert (len(done.results), done.left) == (2, 1)


def test_a_suspended_instance_goes_over_and_stays_suspended(office: Office) -> None:
    first = office.deploy(p_bpmn=drawn(task("a") + task("b"), "start > a > b > end"))
    chosen = office.start(first)
    with office.database.transaction() as db:
        suspension.suspend(db, db.get_one(Instance, chosen), "Väntar", actor_id=None)
    office.migrate(first, office.deploy(p_bpmn=drawn(task("a") + task("c"), "start > a > c > end")))
    assert office.one("task")["suspended"]
    with pytest.raises(InstanceSuspended):
        office.do("a")
    with office.database.transaction() as db:
        suspension.resume(db, db.get_one(Instance, chosen), "Klart", actor_id=None)
    office.do("a")
    assert office.open == ["c"]


@pytest.mark.parametrize("recompute", [False, True])
def test_the_keys_of_a_message_stay_and_that_is_told_where_the_new_version_says_others(
    office: Office, recompute: bool
) -> None:
    def version(key: str) -> bytes:
        keyed = says(f'<handslag:correlation name="{key}" value="=view"/>') + MESSAGE
        return drawn(event("wait", "intermediateCatchEvent", keyed), "start > wait > end")

    first = office.deploy(p_bpmn=version("view"))
    office.start(first, view="support")
    before = office.one("subscription")
    (result,) = office.migrate(first, office.deploy(p_bpmn=version("other")), recompute=recompute).results
    assert "A message still finds 'wait' by the keys of the older version, which stay." in result.sentences
    assert office.one("subscription") == before


def test_a_migration_can_be_undone_after_a_suspension_in_which_nothing_went_on(office: Office) -> None:
    first = office.deploy(p_bpmn=drawn(task("a") + task("b"), "start > a > b > end"))
    chosen = office.start(first)
    before = office.rows()
    second = office.deploy(p_bpmn=drawn(task("a") + task("c"), "start > a > c > end"))
    done = office.migrate(first, second)
    hold(office, chosen)
    assert office.undo(done) == ["undone"]
    hold(office, chosen, again=True)
    assert office.rows() == before

    done = office.migrate(first, second)
    hold(office, chosen)
    hold(office, chosen, again=True)
    assert office.undo(done) == ["undone"]
    assert office.rows() == before
    office.do("a")
    assert office.open == ["b"]


def test_a_migration_cannot_be_undone_once_the_instance_was_changed_or_went_on_while_it_was_resumed(
    office: Office,
) -> None:
    first = office.deploy(p_bpmn=drawn(task("a"), "start > a > end"))
    chosen = office.start(first)
    second = office.deploy(p_bpmn=drawn(task("a") + boundary("m", "a", SIGNAL), "start > a > end; m > end"))
    done = office.migrate(first, second)
    hold(office, chosen)
    office.signal("Moved")
    hold(office, chosen, again=True)
    assert office.undo(done) == ["moved"]

    changed = office.start(first)
    done = office.migrate(first, second)
    with office.database.transaction() as db:
        modify_instance(db, db.get_one(Instance, changed), [Write({"view": True})], "Rättas", actor_id=None)
    assert office.undo(done) == ["moved"]


def test_an_instance_that_could_not_go_on_in_the_new_version_is_left_as_it_was(office: Office) -> None:
    """A join opens there, and behind it no condition is true."""
    split = '<parallelGateway id="fork"/><parallelGateway id="join"/><exclusiveGateway id="x"/>' + task("a") + task("b")
    older = drawn(split, "start > fork > a > join > x > end; fork > b > join")
    more = "start > fork > a > join > x; fork > b > end; x > end : = 1 = 2; x > z : = 1 = 3; z > end"
    first = office.deploy(p_bpmn=older)
    office.start(first)
    office.do("a")
    before = office.rows(without=())
    (result,) = office.migrate(first, office.deploy(p_bpmn=drawn(split + task("z"), more))).results
    assert result.state == "refused"
    assert result.sentences == ["No condition after 'x' is true and there is no default flow. Draw one."]
    assert office.rows(without=()) == before


def test_a_version_in_which_a_join_would_starve_is_refused(office: Office) -> None:
    split = '<parallelGateway id="fork"/><parallelGateway id="join"/>' + task("a") + task("b") + task("c")
    older = drawn(split, "start > fork > a > join > end; fork > b > join; fork > c > end")
    choice = '<exclusiveGateway id="x"/>'
    newer = drawn(
        split + choice, "start > x; x > fork : = 1 = 1; x > b *; b > end; fork > a > join > end; fork > c > join"
    )
    first = office.deploy(p_bpmn=older)
    office.start(first)
    office.do("c")
    office.do("a")
    (result,) = office.migrate(first, office.deploy(p_bpmn=newer)).results
    assert result.sentences == ["In the new version a token could come to wait at 'join' for others that never come."]
