"""(a) SOU 2020:73 Stärkt äganderätt, flexibla skyddsformer och naturvård i skogen: sent in February 2021, due 30 April.

All fifteen municipalities are asked: twelve answer in time, Malå abstains, Dorotea is late, Storuman is silent. RUN
refers the statement back once; the second time only an immediate adjustment is in time. The day of the reply is the real
one; the meetings of 2021, the people and what they write are invented.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from cli.demo.play import MANAGER, STANCES, Play, Scenario

ARRIVAL = date(2021, 2, 1)
REPLY_BY = date(2021, 4, 30)
AU_1, SAMRAD_1, RUN_1 = date(2021, 3, 11), date(2021, 3, 12), date(2021, 3, 25)
AU_2, SAMRAD_2, RUN_2 = date(2021, 4, 14), date(2021, 4, 15), date(2021, 4, 28)
ABSTAINING, LATE, SILENT = "mala", "dorotea", "storuman"
ANSWERS = {
    date(2021, 2, 10): {"umea": "approve", "skelleftea": "approve_with_comments", "lycksele": "approve_with_comments"},
    date(2021, 2, 12): {"vannas": "approve", "nordmaling": "approve", ABSTAINING: "abstain"},
    date(2021, 2, 16): {"vindeln": "approve_with_comments", "robertsfors": "approve", "norsjo": "object"},
    date(2021, 2, 18): {
        "bjurholm": "approve", "sorsele": "object", "vilhelmina": "approve_with_comments", "asele": "approve_with_comments",
    },
}  # fmt: skip


def play(play: Play) -> None:
    """From arrival to answer."""
    play.calendar(
        {"run_au": AU_1, "samrad": SAMRAD_1, "run": RUN_1},
        {"run_au": AU_2, "samrad": SAMRAD_2, "run": RUN_2},
    )
    _arrives(play)
    _municipalities_answer(play)
    _is_written(play)
    _first_round(play)
    _second_round(play)
    _ended(play)


def _arrives(play: Play) -> None:
    play.open_case(
        "registrator", "external_referral",
        "SOU 2020:73 Stärkt äganderätt, flexibla skyddsformer och naturvård i skogen", sender="Miljödepartementet",
        sender_reference="SOU 2020:73", reply_by=REPLY_BY,
    )  # fmt: skip
    play.file(
        "registrator", "Missiv", "Remissinstanserna ombeds svara senast den 30 april 2021.", document_type="cover_note"
    )
    play.do("registrator", "register_referral")
    play.on(date(2021, 2, 2))
    play.do(
        "chef", "triage_referral", "svara, och fråga kommunerna", handling="answer", importance=1,
        municipal_interest=True, goal_setting=False, sender_allows_extension=True,
    )  # fmt: skip
    play.do("chef", "assign_officer", case_officer_id=play.person("handlaggare"))
    play.check("Planned day of decision", play.deadline("decision")["due_on"], RUN_1.isoformat())


def _municipalities_answer(play: Play) -> None:
    play.on(date(2021, 2, 3))
    question = "Hur påverkas skogsägare och friluftsliv i kommunen av flexibla skyddsformer?"
    play.do("handlaggare", "confirm_consultation", "delning till alla 15", mode="delning", question=question)
    for day, answers in ANSWERS.items():
        play.on(day)
        for municipality, kind in answers.items():
            play.do(municipality, "answer_consultation", STANCES[kind], answer_kind=kind)
    play.on(date(2021, 2, 19))
    play.tell("The day to answer has passed; the worker has closed the question for the two who were silent.")
    play.do(
        "handlaggare",
        "compile_consultation",
        summary="Tio tillstyrker, två avstyrker, en avstår, två har inte hörts av.",
    )


def _is_written(play: Play) -> None:
    play.do(
        "handlaggare", "draft_statement", "tillstyrker med synpunkter", position="approve_with_comments",
        summary="Region Västerbotten tillstyrker flexibla skyddsformer men saknar en analys för fjällnära skog.",
    )  # fmt: skip
    play.on(date(2021, 2, 22))
    play.do("handlaggare", "merge_views", summary="Kommunernas synpunkter på friluftsliv och ersättning är inarbetade.")
    play.on(date(2021, 2, 23))
    play.do("chef", "approve_statement", "godkänt", approved=True)
    play.on(date(2021, 2, 24))
    _late_answer(play)
    play.do("handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet.")


def _late_answer(play: Play) -> None:
    """A letter that comes after the day is registered all the same."""
    asked = _consultees(play)[LATE]
    answer = {"answer_kind": "approve", "answer_text": "Dorotea kommun tillstyrker."}
    play.actor("registrator").post(f"/consultees/{asked['id']}/answer", answer)
    play.note("registrator", "Dorotea kommuns svar kommer med posten", date.fromisoformat(asked["reply_by"]))
    play.file(
        "registrator", "Yttrande från Dorotea kommun", answer["answer_text"], document_type="answer", subject_type="consultee",
        subject_id=asked["id"],
    )  # fmt: skip


def _first_round(play: Play) -> None:
    play.on(date(2021, 3, 4))
    play.summon("run_au", AU_1)
    play.on(date(2021, 3, 5))
    play.summon("samrad", SAMRAD_1)
    play.on(AU_1, 12)
    play.decide("run_au", AU_1, "forwarded", "Arbetsutskottet föreslår RUN att anta yttrandet.")
    play.do("sekreterare", "include_samrad_item", proposal="Arbetsutskottets förslag till yttrande.")
    play.do("pkd", "samrad_preinput", text="Ersättningen till enskilda skogsägare behöver bli tydligare.")
    play.on(SAMRAD_1, 12)
    play.samrad(SAMRAD_1, "agrees", "agrees_with_input", municipal_input="Tydligare om ersättning.")
    play.on(date(2021, 3, 15))
    play.do("sekreterare", "write_samrad_extract", notes="Handslag, med medskick från kommunerna om ersättning.")
    play.on(date(2021, 3, 16))
    play.do(
        "handlaggare", "adjust_to_samrad", "medskicket inarbetat", position="approve_with_comments",
        summary="Region Västerbotten tillstyrker, med synpunkter på fjällnära skog och ersättning.",
    )  # fmt: skip
    play.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet.")
    play.minutes("run_au", AU_1)
    play.minutes("samrad", SAMRAD_1)
    play.on(date(2021, 3, 18))
    play.summon("run", RUN_1)
    play.on(RUN_1, 12)
    instruction = "Beskriv vad förslagen betyder för sysselsättningen i inlandet."
    play.decide("run", RUN_1, "refer_back", "Ärendet återremitteras.", instruction=instruction)


def _second_round(play: Play) -> None:
    play.on(date(2021, 3, 26))
    play.do(
        "handlaggare", "revise_statement", "om sysselsättning i inlandet", position="approve_with_comments",
        summary="Region Västerbotten tillstyrker, med synpunkter på fjällnära skog, ersättning och sysselsättning.",
    )  # fmt: skip
    play.on(date(2021, 3, 29))
    play.do("chef", "approve_statement", "godkänt", approved=True)
    play.tell("Two days before the reply is due is RUN's next meeting: only an immediate adjustment is in time.")
    play.check(
        "Planned day of decision after the referral back", play.deadline("decision")["due_on"], RUN_2.isoformat()
    )
    play.do("handlaggare", "deliver_material", proposal="RUN föreslås anta det omarbetade yttrandet.")
    play.on(date(2021, 3, 30))
    play.minutes("run", RUN_1)
    play.on(date(2021, 4, 7))
    play.summon("run_au", AU_2)
    play.on(date(2021, 4, 8))
    play.summon("samrad", SAMRAD_2)
    play.on(AU_2, 12)
    play.decide("run_au", AU_2, "forwarded", "Arbetsutskottet föreslår RUN att anta yttrandet.")
    play.do("sekreterare", "include_samrad_item", proposal="Arbetsutskottets förslag till omarbetat yttrande.")
    play.on(SAMRAD_2, 12)
    play.samrad(SAMRAD_2, "agrees", "agrees")
    play.on(date(2021, 4, 16))
    play.do("sekreterare", "write_samrad_extract", notes="Handslag om det omarbetade yttrandet.")
    play.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet. Paragrafen justeras omedelbart.")
    play.on(date(2021, 4, 19))
    play.minutes("run_au", AU_2)
    play.minutes("samrad", SAMRAD_2)
    play.on(date(2021, 4, 21))
    play.summon("run", RUN_2)
    play.on(RUN_2, 12)
    play.decide("run", RUN_2, "adopted", "RUN antar yttrandet som sitt eget.", immediate_adjustment=True)
    play.on(RUN_2, 15)
    play.do("registrator", "dispatch_statement", "med kopia till kommunerna", channel="email")
    play.on(date(2021, 5, 3))
    play.minutes("run", RUN_2)
    play.do("handlaggare", "close_case", cleaned=True)


def _ended(play: Play) -> None:
    asked = _consultees(play)
    count = Counter(each["status"] for each in asked.values())
    play.check("Municipalities asked", len(asked), 15)
    play.check("Answered, abstained", (count["answered"], count["abstained"]), (12, 1))
    for status, expected in (("abstained", ABSTAINING), ("late", LATE), ("no_reply", SILENT)):
        play.check(f"Municipality {status}", [key for key in asked if asked[key]["status"] == status], [expected])
    play.check("Handshake", [_handshake(play, day) for day in (SAMRAD_1, SAMRAD_2)], [True, True])
    run = [d for d in play.decisions("run") if d["kind"] != "noted"]
    play.check("What RUN decided", [(d["kind"], d["decided_on"]) for d in run], [
        ("refer_back", RUN_1.isoformat()), ("adopted", RUN_2.isoformat()),
    ])  # fmt: skip
    play.check("Paragraph of the decision", f"RUN § {run[-1]['paragraph']}", "RUN § 2")
    (statement,) = play.actor(MANAGER).all(f"/cases/{play.case['id']}/documents", document_type="statement")
    newest = (statement["newest"]["number"], statement["newest"]["state"])
    play.check("Version of the statement that was sent", newest, (3, "dispatched"))
    play.check("Adjusted at once", run[-1]["immediate_adjustment"], True)
    play.check_answered(RUN_2)


def _handshake(play: Play, day: date) -> bool:
    stands = play.actor("ledare").all(f"/agenda-items/{play.item('samrad', day)['id']}/samrad")
    return bool(stands) and all(each["handshake"] for each in stands)


def _consultees(play: Play) -> dict[str, dict[str, str]]:
    """Those who were asked, by key of the municipality."""
    keys = {each["id"]: str(each["key"]) for each in play.actor("ledare").all("/organizations")}
    asked = play.actor("ledare").all("/consultees", case_id=play.case["id"])
    return {keys[each["consulted_id"]]: each for each in asked}


SCENARIO = Scenario("a", "SOU 2020:73 Stärkt äganderätt: kommunerna tillfrågas, återremiss, svar i tid", ARRIVAL, play)
