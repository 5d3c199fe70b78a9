"""(b) SOU 2022:14 Sänk tröskeln till en god bostad: due 22 August 2022, a month before RUN's meeting on 21 September.

It arrives the day after the stop for papers to the last meeting before the summer. The ladder of deadlines shows months
ahead that no meeting is in time: nobody could prepare it for an extra one, more time is asked for and refused, the chair
decides and RUN is told at its next meeting. The reply-by date and RUN's day in September are the real ones (how the
region in fact solved it is not known); the days in June, the people and what they write are invented.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.demo.play import MANAGER, Play, Scenario

ARRIVAL = date(2022, 5, 19)
REPLY_BY = date(2022, 8, 22)
CHAIR_DECIDES, SENT = date(2022, 8, 15), date(2022, 8, 16)
AU_IN_JUNE, SAMRAD_IN_JUNE, RUN_IN_JUNE = date(2022, 6, 2), date(2022, 6, 3), date(2022, 6, 16)
AU, SAMRAD, RUN = date(2022, 9, 7), date(2022, 9, 8), date(2022, 9, 21)


def play(play: Play) -> None:
    """From arrival to the report at RUN."""
    play.calendar(
        {"run_au": AU_IN_JUNE, "samrad": SAMRAD_IN_JUNE, "run": RUN_IN_JUNE},
        {"run_au": AU, "samrad": SAMRAD, "run": RUN},
    )
    _arrives(play)
    _is_seen(play)
    _more_time_is_refused(play)
    _is_written(play)
    _is_decided(play)
    _is_reported(play)
    _ended(play)


def _arrives(play: Play) -> None:
    play.open_case(
        "registrator", "external_referral", "SOU 2022:14 Sänk tröskeln till en god bostad", sender="Finansdepartementet",
        sender_reference="SOU 2022:14", reply_by=REPLY_BY,
    )  # fmt: skip
    play.do("registrator", "register_referral")


def _is_seen(play: Play) -> None:
    """The manager sees on the first day that no meeting is in time."""
    (row,) = _at_risk(play)
    days = (REPLY_BY - play.today).days
    play.note(MANAGER, f"Läser listan över ärenden i riskzonen: {row['what']}", date.fromisoformat(row["due_on"]))
    play.check(f"On the at-risk list {days} days before the reply is due", row["what"], f"Beslut kan fattas {RUN}")
    play.check("Ways that no longer fit", _closed(play), ["ordinary", "immediate", "extra", "au_delegated"])
    slack = play.actor(MANAGER).get(f"/cases/{play.case['id']}")["slack_days"]
    play.check("Working days that RUN's decision comes too late", -slack, 24)


def _more_time_is_refused(play: Play) -> None:
    play.on(date(2022, 5, 20))
    play.do(
        "chef", "triage_referral", "svara; gäller mål och inriktning, delegeras inte", handling="answer", importance=1,
        municipal_interest=False, goal_setting=True, sender_allows_extension=True,
    )  # fmt: skip
    play.do("chef", "assign_officer", case_officer_id=play.person("handlaggare"))
    play.check("Rung of the ladder in May", _rung(play), "4 extension")
    play.on(date(2022, 5, 24))
    play.do(
        "handlaggare", "ask_extension", "till fredagen efter RUN", new_date=date(2022, 9, 23),
        reason="Nämnden sammanträder den 21 september.",
    )  # fmt: skip
    play.on(date(2022, 5, 25))
    play.summon("run_au", AU_IN_JUNE)
    play.on(date(2022, 5, 27))
    play.summon("samrad", SAMRAD_IN_JUNE)
    play.on(date(2022, 5, 30))
    play.actor("registrator").post(f"/cases/{play.case['id']}/extension-answer", {"granted": False})
    play.note("registrator", "Departementets svar registreras: inget anstånd")
    play.check("Rung of the ladder when more time is refused", _rung(play), "6 chair")
    play.tell(
        "Two rungs of the ladder are gone, and a matter of goals is not delegated: the chair will have to decide."
    )


def _is_written(play: Play) -> None:
    play.on(date(2022, 6, 7))
    play.minutes("run_au", AU_IN_JUNE)
    play.minutes("samrad", SAMRAD_IN_JUNE)
    play.on(date(2022, 6, 9))
    play.summon("run", RUN_IN_JUNE)
    play.on(date(2022, 6, 13))
    play.do(
        "handlaggare", "draft_statement", "tillstyrker med synpunkter", position="approve_with_comments",
        summary="Region Västerbotten tillstyrker förslagen men saknar regionernas roll i bostadsförsörjningen.",
    )  # fmt: skip
    play.on(date(2022, 6, 16))
    play.do("chef", "approve_statement", "godkänt", approved=True)
    play.on(date(2022, 6, 21))
    play.minutes("run", RUN_IN_JUNE)
    play.check("What waits now", sorted(play.waiting("ordforande")), ["record_chair_decision"])


def _is_decided(play: Play) -> None:
    play.on(CHAIR_DECIDES)
    play.do(
        "ordforande", "record_chair_decision", "antar yttrandet på nämndens vägnar (KL 6:39)",
        text="Yttrandet antas på Regionala utvecklingsnämndens vägnar.",
        urgency_reason="Svarsdagen infaller före nämndens sammanträde och anstånd har nekats.",
    )  # fmt: skip
    play.on(SENT)
    play.do("registrator", "dispatch_statement", channel="email")
    play.on(date(2022, 8, 19))
    play.do("handlaggare", "close_case", cleaned=True)
    play.check("On the at-risk list when the answer has left", _at_risk(play), [])


def _is_reported(play: Play) -> None:
    play.on(date(2022, 8, 31))
    play.summon("run_au", AU)
    play.on(date(2022, 9, 1))
    play.summon("samrad", SAMRAD)
    play.on(date(2022, 9, 12))
    play.minutes("run_au", AU)
    play.minutes("samrad", SAMRAD)
    play.on(date(2022, 9, 14))
    play.summon("run", RUN)
    play.on(RUN, 12)
    play.decide("run", RUN, "noted", "Anmälan av ordförandens beslut läggs till handlingarna.")
    play.on(date(2022, 9, 26))
    play.minutes("run", RUN)


def _ended(play: Play) -> None:
    by_chair, noted = play.decisions("run")
    points = {point["id"]: point["ground"] for point in play.actor(MANAGER).all("/delegations", body="run")}
    play.check(
        "Decided on RUN's behalf by",
        by_chair["decided_by"] == play.person("ordforande") and by_chair["method"],
        "chair",
    )
    play.check("Ground in the delegation register", points[by_chair["delegation_id"]], "KL 6:39")
    play.check("Decided in time", by_chair["decided_on"], CHAIR_DECIDES.isoformat())
    item = play.item("run", RUN)
    play.check(
        "Reported to the next RUN", (by_chair["reported_item_id"] == item["id"], item["state"]), (True, "handled")
    )
    numbers = [(d["series"], d["kind"], d["paragraph"]) for d in (by_chair, noted)]
    play.check("Numbers", numbers, [("delegation", "adopted", 1), ("minutes", "noted", 1)])
    play.check_answered(SENT)


def _plan(play: Play) -> dict[str, Any]:
    return play.actor(MANAGER).get(f"/cases/{play.case['id']}/plan")


def _rung(play: Play) -> str:
    """The way that the table of the ladder chooses now."""
    plan = _plan(play)
    return f"{plan['rung']} {plan['route']}"


def _closed(play: Play) -> list[str]:
    return [rung["route"] for rung in _plan(play)["ladder"] if not rung["fits"]]


def _at_risk(play: Play) -> list[dict[str, Any]]:
    rows = play.actor(MANAGER).all("/at-risk")
    return [row for row in rows if row["case_id"] == play.case["id"] and row["kind"] == "plan"]


SCENARIO = Scenario("b", "SOU 2022:14: svaret ska in före nämnden; ordförandebeslut som anmäls", ARRIVAL, play)
