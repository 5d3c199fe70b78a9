"""`handslag try`: a process owner sees what a diagram does before anybody depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Answer, Handslag
from tests.support.diagrams import bpmn, task
from tests.support.parts import CONDITION, ENDS, ERROR, MESSAGE, NAMES, TIMER, boundary, event, gateways

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Try = Callable[..., Answer]
START = "2026-03-02T08:00:00+01:00"


@pytest.fixture
def tried(handslag: Handslag, tmp_path: Path) -> Try:
    """`tried(diagram, "--auto")`: what the command says of a diagram, as JSON; no database is there."""

    def run(data: bytes, *options: str) -> Answer:
        path = tmp_path / "tried.bpmn"
        path.write_bytes(data)
        nowhere = {"HANDSLAG_DATABASE_URL": "sqlite:////nowhere/at/all.db"}
        return handslag("try", str(path), "--at", START, *options, "--json", **nowhere)

    return run


def events(answer: Answer) -> list[str]:
    """The trace in short: `ask entered`."""
    return [f"{row['element']} {row['event']}" for row in answer.json["trace"]]


def elements(rows: list[dict[str, Any]]) -> list[str]:
    return [row["element"] for row in rows]


APPROVAL = bpmn(
    ENDS
    + task("write")
    + task("approve")
    + gateways(exclusive="gate")
    + '<serviceTask id="send" name="Send"><extensionElements><handslag:operation name="send_reply"/></extensionElements></serviceTask>',
    "start > write > approve > gate; gate > send : approved and number = 7\ngate > write *\nsend > end",
)


def test_numbers_keep_every_digit(tried: Try) -> None:
    told = '<handslag:output name="told" value="=string(d)"/><handslag:output name="more" value="=x + 2"/>'
    body = ENDS + f'<scriptTask id="tell" name="Tell"><extensionElements>{told}</extensionElements></scriptTask>'
    answer = tried(bpmn(body, "start > tell > end"), "--data", '{"x": 9007199254740993, "d": 12345678901234567.89}')
    assert answer.json["data"]["x"] == 9007199254740993
    assert answer.json["data"]["more"] == 9007199254740995
    assert answer.json["data"]["told"] == "12345678901234567.89"


def test_what_a_token_passes_is_told_in_order_with_its_time(tried: Try) -> None:
    answer = tried(APPROVAL, "--data", '{"number": 7}', "--complete", "write")
    assert (answer.code, answer.json["status"]) == (0, "waiting")
    assert events(answer) == ["start entered", "start completed", "write entered", "write completed", "approve entered"]
    row = answer.json["trace"][2]
    assert (row["name"], row["type"], row["at"]) == ("write", "userTask", START)
    assert elements(answer.json["open"]) == ["approve"]


def test_options_of_different_kinds_are_played_in_the_order_given(tried: Try) -> None:
    body = ENDS + task("ask") + boundary("late", "ask", TIMER) + task("remind")
    data = bpmn(body, "start > ask > end; late > remind > end")
    first = tried(data, "--advance", "P20D", "--complete", "remind")
    assert (first.json["status"], first.json["trace"][-1]["at"]) == ("completed", "2026-03-22T08:00:00+01:00")
    late = next(row for row in first.json["trace"] if row["element"] == "late")
    assert late["at"] == "2026-03-16T08:00:00+01:00", "a timer fires when it is due, not when time has passed"
    beyond = tried(data, "--until", "8999-12-31", "--advance", "P1100Y")
    assert (beyond.code, beyond.json["problem"]) == (1, "A timer must fall due between the years 1 and 9999.")
    second = tried(data, "--complete", "remind", "--advance", "P20D")
    assert (second.code, second.json["status"]) == (1, "failed")
    assert "Open is 'ask'" in second.json["problem"]


def test_auto_does_every_task_but_those_that_are_named_later(tried: Try) -> None:
    answer = tried(
        APPROVAL, "--auto", "--complete", "approve=" + json.dumps({"approved": True}), "--data", '{"number": 7}'
    )
    assert (answer.code, answer.json["status"]) == (0, "completed")
    assert "send completed" in events(answer)
    assert answer.json["notes"], "that the operation was not run is said"


def test_a_process_that_starts_itself_ends_with_a_sentence(tried: Try) -> None:
    body = event("start", "startEvent", MESSAGE) + event("end", "endEvent", MESSAGE)
    answer = tried(bpmn(body, "start > end", declared=NAMES), "--message", "Answer")
    assert (answer.code, answer.json["status"]) == (1, "failed")
    assert "send at its end what starts it" in answer.json["problem"]
    assert len(answer.json["trace"]) < 300


def test_a_loop_without_end_ends_with_a_sentence(tried: Try) -> None:
    body = ENDS + task("ask") + gateways(exclusive="gate")
    answer = tried(bpmn(body, "start > ask > gate; gate > end : x = 1\ngate > ask *"), "--auto", "--data", '{"x": 0}')
    assert (answer.code, answer.json["status"]) == (1, "failed")
    assert "loop without end" in answer.json["problem"]


def test_operations_answer_what_they_are_told_or_fail_as_a_bpmn_error(tried: Try) -> None:
    given = "<extensionElements><handslag:operation name='plan'/></extensionElements>"
    body = ENDS + task("plan", "serviceTask", given) + task("write") + task("mend")
    body += boundary("no", "plan", '<errorEventDefinition errorRef="e1"/>')
    data = bpmn(body, "start > plan > write > end; no > mend > end", declared=NAMES)
    well = tried(data, "--operation", 'plan={"route": "ordinary"}')
    assert (elements(well.json["open"]), well.json["data"]) == (["write"], {"route": "ordinary"})
    ill = tried(data, "--operation", "plan=!NoSlot")
    assert elements(ill.json["open"]) == ["mend"]
    assert "plan failed" in events(ill)


def test_messages_wait_for_whoever_waits_for_them(tried: Try) -> None:
    body = ENDS + task("ask") + event("answer", "intermediateCatchEvent", MESSAGE)
    data = bpmn(body, "start > ask > answer > end", declared=NAMES)
    early = tried(data, "--message", 'Answer:{"stance": "yes"}', "--complete", "ask")
    assert (early.json["status"], early.json["data"]) == ("completed", {"stance": "yes"})
    none = tried(data, "--auto")
    assert [(row["kind"], row["what"]) for row in none.json["waiting_for"]] == [("message", "Answer")]


KEYED = "<extensionElements><handslag:correlation name='town' value='=town'/></extensionElements>"
EACH = "<multiInstanceLoopCharacteristics><extensionElements><handslag:loop collection='=towns' element='town'/></extensionElements></multiInstanceLoopCharacteristics>"
ASKING = bpmn(
    ENDS + task("ask", "receiveTask", KEYED + EACH).replace("<receiveTask", '<receiveTask messageRef="m1"'),
    "start > ask > end",
    declared=NAMES,
)
TOWNS = ("--data", '{"towns": ["umea", "vindeln"]}')


@pytest.mark.parametrize("said", ["", ':{"stance": "yes"}', ':{"town": "malung"}', ':{"town": null}'])
def test_a_message_without_the_keys_of_a_wait_is_not_for_it(tried: Try, said: str) -> None:
    answer = tried(ASKING, *TOWNS, "--message", f"Answer{said}")
    waits = [(row["what"], row["correlation"]) for row in answer.json["waiting_for"]]
    assert waits == [("Answer", {"town": "umea"}), ("Answer", {"town": "vindeln"})]
    early = ("--message", 'Answer:{"town": "vindeln"}', "--message", 'Answer:{"town": "umea"}')
    assert tried(ASKING, *TOWNS, *early).json["status"] == "completed"


def test_what_nobody_waits_for_and_nothing_asks_for_is_said(tried: Try) -> None:
    def notes(*options: str) -> list[str]:
        return [str(note) for note in tried(ASKING, *TOWNS, *options).json["notes"]]

    assert notes("--message", 'Answer:{"town": "umea"}') == []
    assert notes("--message", "Anser") == ["Nobody waited for the message 'Anser'. Did you mean 'Answer'?"]
    assert notes("--message", 'Answer:{"town": "malung"}') == [
        'Nobody waited for the message \'Answer\' with such keys: it is waited for with town = "umea"; town = "vindeln".'
    ]
    assert notes("--signal", "Nada") == ["Nobody waited for the signal 'Nada', and signals are not kept."]
    assert notes("--operation", "plann={}") == ["Nothing asks for 'plann'."]
    assert notes("--operation", "deadlin={}") == ["Nothing asks for 'deadlin'. Did you mean 'deadline'?"]


def test_people_are_shown_what_tells_one_wait_from_another(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "tried.bpmn"
    path.write_bytes(ASKING)
    assert 'town = "vindeln"' in handslag("try", str(path), *TOWNS).out
    path.write_bytes(bpmn(ENDS + task("write", inner=EACH), "start > write > end"))
    assert 'town = "vindeln"' in handslag("try", str(path), *TOWNS).out


def test_a_process_that_a_message_starts_waits_for_it(tried: Try) -> None:
    body = f'<startEvent id="start">{MESSAGE}</startEvent><endEvent id="end"/>' + task("ask")
    data = bpmn(body, "start > ask > end", declared=NAMES)
    assert elements(tried(data).json["waiting_for"]) == ["start"]
    assert elements(tried(data, "--message", "Answer").json["open"]) == ["ask"]


def test_a_process_that_a_timer_starts_waits_for_its_time(tried: Try) -> None:
    start = event("start", "startEvent", TIMER + CONDITION)
    data = bpmn(start + task("look") + '<endEvent id="end"/>', "start > look > end")
    waiting = tried(data)
    assert (waiting.json["status"], waiting.json["trace"]) == ("waiting", [])
    (timer,), (condition,) = waiting.json["timers"], waiting.json["waiting_for"]
    assert (timer["element"], timer["due_at"], timer["instance"]) == ("start", "2026-03-16T08:00:00+01:00", None)
    assert (condition["kind"], condition["what"]) == ("condition", "days < 3")
    assert events(tried(data, "--advance", "P14D")) == ["start entered", "start completed", "look entered"]
    assert elements(tried(data, "--data", '{"days": 2}').json["open"]) == ["look"]


def test_a_called_process_is_in_the_same_file_or_is_answered_for(tried: Try) -> None:
    body = ENDS + '<callActivity id="call" calledElement="inner"/>'
    outer = bpmn(body, "start > call > end")
    inner = bpmn('<startEvent id="s2"/>' + task("work") + '<endEvent id="e2"/>', "s2 > work > e2", process="inner")
    drawn = inner[inner.index(b"<process") : inner.index(b"</definitions>")].replace(b'id="f', b'id="g')
    answer = tried(outer.replace(b"</definitions>", drawn + b"</definitions>"), "--auto")
    assert answer.json["status"] == "completed"
    assert events(answer)[2:-2] == [
        "call entered", "s2 entered", "s2 completed", "work entered", "work completed", "e2 entered", "e2 completed",
        "call completed",
    ]  # fmt: skip
    alone = tried(outer)
    assert [row["kind"] for row in alone.json["waiting_for"]] == ["call"]
    assert tried(outer, "--complete", "call").json["status"] == "completed"


def test_a_call_of_a_version_that_the_file_does_not_hold_is_refused(tried: Try) -> None:
    bound = '<extensionElements><handslag:call binding="versionTag" versionTag="v1"/></extensionElements>'
    outer = bpmn(ENDS + f'<callActivity id="call" calledElement="inner">{bound}</callActivity>', "start > call > end")
    inner = bpmn('<startEvent id="s2"/><endEvent id="e2"/>', "s2 > e2", process="inner")
    drawn = inner[inner.index(b"<process") : inner.index(b"</definitions>")].replace(b'id="f', b'id="g')
    both = outer.replace(b"</definitions>", drawn + b"</definitions>")
    assert (tried(both).code, tried(both).json["status"]) == (2, "refused")
    assert tried(both.replace(b'id="inner"', b'id="inner" handslag:versionTag="v1"')).json["status"] == "completed"


def test_a_deadline_of_a_case_is_answered_or_missed_aloud(tried: Try) -> None:
    timer = '<timerEventDefinition><timeDate>=deadline("reply_by")</timeDate></timerEventDefinition>'
    data = bpmn(ENDS + event("wait", "intermediateCatchEvent", timer), "start > wait > end")
    silent = tried(data, "--advance", "P1Y")
    assert (silent.json["status"], silent.json["timers"][0]["due_at"]) == ("waiting", None)
    assert "deadline" in silent.json["notes"][0]
    told = tried(data, "--operation", 'deadline={"reply_by": "2026-04-01"}', "--until", "2026-04-01")
    assert (told.json["status"], told.json["trace"][-1]["at"]) == ("completed", "2026-04-01T00:00:00+02:00")


def test_what_is_wrong_is_refused_and_what_is_advice_is_not(tried: Try) -> None:
    wrong = tried(bpmn('<startEvent id="start"/><serviceTask id="t"/>', "start > t"))
    assert (wrong.code, wrong.json["status"]) == (2, "refused")
    assert "operation-required" in {found["rule"] for found in wrong.json["findings"]}
    advice = tried(bpmn('<startEvent id="start"/>' + task("t"), "start > t"), "--auto")
    assert (advice.code, advice.json["status"]) == (0, "completed")
    assert advice.json["findings"]


def test_a_gateway_without_a_way_out_fails_and_says_where(tried: Try) -> None:
    body = ENDS + gateways(exclusive="gate") + task("a")
    answer = tried(bpmn(body, "start > gate; gate > a : x = 1; gate > end : x = 2; a > end"), "--data", '{"x": 3}')
    assert (answer.code, answer.json["status"]) == (1, "failed")
    assert events(answer)[-1] == "gate failed"


def test_a_failure_is_told_where_it_was_and_all_else_as_it_stood_before(tried: Try) -> None:
    body = ENDS + gateways(parallel="both") + task("a") + task("z") + event("broken", "endEvent", ERROR)
    split = bpmn(body, "start > both > a > broken; both > z > end", declared=NAMES)
    answer = tried(split, "--complete", 'a={"x": 0}')
    assert (answer.json["status"], events(answer)[-1]) == ("failed", "broken failed")
    assert (elements(answer.json["open"]), answer.json["data"]) == (["a", "z"], {})
    chosen = bpmn(ENDS + task("a") + task("b"), "start > a; a > b : x > 1; b > end")
    again = tried(chosen, "--data", '{"x": 7}', "--complete", 'a={"x": 0}')
    assert (elements(again.json["open"]), again.json["data"], events(again)[-1]) == (["a"], {"x": 7}, "a failed")


def test_a_timer_that_has_fired_for_good_is_no_longer_waited_for(tried: Try) -> None:
    body = ENDS + task("ask") + boundary("late", "ask", TIMER, interrupting=False) + task("remind")
    data = bpmn(body, "start > ask > end; late > remind > end")
    assert elements(tried(data).json["timers"]) == ["late"]
    assert tried(data, "--advance", "P15D").json["timers"] == []


def test_sentences_and_tables_have_the_words_of_feel(handslag: Handslag, tried: Try, tmp_path: Path) -> None:
    assert tried(ASKING).json["problem"] == "The collection '=towns' of 'ask' is null, not a list."
    unknown = tried(bpmn(ENDS + task("a"), "start > a; a > end : x = 1"), "--auto", "--data", '{"x": null}')
    assert "None" not in unknown.json["problem"]
    path = tmp_path / "tried.bpmn"
    path.write_bytes(APPROVAL)
    shown = handslag("try", str(path), "--data", '{"yes": true, "none": [null], "text": "a"}').out
    assert "[null]" in shown
    assert "true" in shown
    assert "None" not in shown
    assert "True" not in shown


def test_people_get_a_picture(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "tried.bpmn"
    path.write_bytes(APPROVAL)
    answer = handslag("try", str(path), "--complete", "write")
    assert answer.code == 0
    assert "● approve" in answer.out
    assert "✓ write" in answer.out


def test_people_get_errors_alone_and_how_much_advice_there_is(handslag: Handslag, tmp_path: Path) -> None:
    path = tmp_path / "tried.bpmn"
    path.write_bytes(bpmn('<startEvent id="start"/>' + task("t"), "start > t"))
    advised = handslag("try", str(path)).out
    assert "advice about the files: see handslag check." in advised
    assert "end event" not in advised.lower()


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--process", "q", "no process 'q'"),
        ("--at", "soon", "no date such as 2026-03-02"),
        ("--at", "2026-02-30", "no date such as"),
        ("--at", "9999-12-31", "must lie in the years"),
        ("--until", "igår", "no date such as"),
        ("--until", "2026-02-30", "no date such as"),
        ("--advance", "14", "no duration such as P14D"),
        ("--advance", "14D", "no duration such as P14D"),
        ("--advance", "P99999999D", "too long"),
        ("--data", "[1]", "must be a JSON object"),
        ("--data", "[" * 50_000, "is not JSON"),
        ("--data", '{"x": NaN}', "not finite"),
        ("--message", "Answer:[1]", "must be a JSON object"),
        ("--message", 'Answer:{"x": "\\ud800"}', "half of a character"),
        ("--complete", "write=[1]", "must be a JSON object"),
        ("--complete", "=", "names nothing"),
        ("--operation", "plan", "plan={}"),
        ("--opt", "x", "No such option"),
    ],
)
def test_an_option_that_is_written_wrongly_is_said_and_refused(tried: Try, option: str, text: str, said: str) -> None:
    wrong = tried(APPROVAL, option, text)
    assert (wrong.code, wrong.json["code"]) == (2, "usage")
    assert said in wrong.json["detail"]
    assert said in " ".join(wrong.err.split())


def test_instants_may_leave_the_seconds_out_here_and_in_diagrams(tried: Try) -> None:
    dated = "<timerEventDefinition><timeDate>2026-03-09T09:00</timeDate></timerEventDefinition>"
    data = bpmn(ENDS + event("wait", "intermediateCatchEvent", dated), "start > wait > end")
    early, late = tried(data, "--until", "2026-03-09T08:59"), tried(data, "--until", "2026-03-09T09:00")
    assert (early.json["status"], early.json["at"]) == ("waiting", "2026-03-09T08:59:00+01:00")
    assert (late.json["status"], late.json["trace"][-1]["at"]) == ("completed", "2026-03-09T09:00:00+01:00")
    assert tried(data, "--until", "2026-03-09T07:59Z").json["at"] == "2026-03-09T08:59:00+01:00"


def test_a_cycle_that_is_a_duration_is_told_what_it_lacks(tried: Try) -> None:
    cycle = "<timerEventDefinition><timeCycle>P1D</timeCycle></timerEventDefinition>"
    data = bpmn(
        ENDS + task("ask") + boundary("again", "ask", cycle, interrupting=False), "start > ask > end; again > end"
    )
    (found,) = [found for found in tried(data).json["findings"] if found["rule"] == "timer-literal"]
    assert "R/P1D for ever, R3/P1D three times" in found["sentence"]


OPTIONS = ("--process", "--data", "--at", "--complete", "--message", "--signal", "--advance", "--until", "--operation")
JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of), max_leaves=5)  # fmt: skip
SAID = st.one_of(
    st.text(st.characters(exclude_characters="\x00"), max_size=30),
    st.text("0123456789-:T.Z+@PRDMYHSW/=", max_size=20),
    st.builds(lambda name, by, value: f"{name}{by}{json.dumps(value)}", st.sampled_from(["write", "Answer", "", "ö"]), st.sampled_from("=:"), JSONS),
    st.builds(json.dumps, JSONS),
    st.datetimes().map(str) | st.datetimes().map(lambda each: each.isoformat()) | st.dates().map(str),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(OPTIONS), SAID), min_size=1, max_size=3))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_of_an_option_is_more_than_refused(tried: Try, said: list[tuple[str, str]]) -> None:
    answer = tried(ASKING, *TOWNS, *(f"{option}={text}" for option, text in said))
    assert answer.code in (0, 1, 2)
    assert answer.json["detail"] if answer.code == 2 else answer.json["status"]
