"""(c) Ds 2023:3: the reply was due on the very day of RUN's meeting, 23 May 2023.

Minutes that are adjusted in the ordinary way would come five days too late: RUN decides, the paragraph is adjusted at
once, and the answer leaves the same day. RUN's days are the real ones; those of RUN AU and samråd follow the custom of
two weeks before. The people and what they write are invented.
"""

from __future__ import annotations

from datetime import date

from cli.demo.play import Play, Scenario

ARRIVAL = date(2023, 3, 20)
REPLY_BY = date(2023, 5, 23)
AU, SAMRAD, RUN = date(2023, 5, 9), date(2023, 5, 10), date(2023, 5, 23)


def play(play: Play) -> None:
    """From arrival to answer."""
    play.calendar({"run_au": AU, "samrad": SAMRAD, "run": RUN})
    _arrives(play)
    _is_written(play)
    _is_prepared(play)
    _is_decided(play)
    _ended(play)


def _arrives(play: Play) -> None:
    play.open_case(
        "registrator", "external_referral", "Remiss av departementspromemorian Ds 2023:3", sender="Regeringskansliet",
        sender_reference="Ds 2023:3", reply_by=REPLY_BY,
    )  # fmt: skip
    play.do("registrator", "register_referral")
    play.on(date(2023, 3, 22))
    play.do(
        "chef", "triage_referral", "svara; kommunerna berörs inte särskilt", handling="answer", importance=2,
        municipal_interest=False, goal_setting=False, sender_allows_extension=False,
    )  # fmt: skip
    play.do("chef", "assign_officer", case_officer_id=play.person("handlaggare"))
    play.tell("RUN meets on the day the reply is due: the plan says immediate adjustment, two months ahead.")
    play.check("Planned day of decision", play.deadline("decision")["due_on"], RUN.isoformat())


def _is_written(play: Play) -> None:
    play.on(date(2023, 4, 14))
    play.do(
        "handlaggare", "draft_statement", "tillstyrker med synpunkter", position="approve_with_comments",
        summary="Region Västerbotten tillstyrker förslagen med synpunkter på genomförandet i glest befolkade delar.",
    )  # fmt: skip
    play.on(date(2023, 4, 18))
    play.do("chef", "approve_statement", "godkänt", approved=True)
    play.on(date(2023, 4, 21))
    play.do(
        "handlaggare", "deliver_material", proposal="RUN föreslås anta yttrandet och justera paragrafen omedelbart."
    )


def _is_prepared(play: Play) -> None:
    play.on(date(2023, 5, 2))
    play.summon("run_au", AU)
    play.on(date(2023, 5, 3))
    play.summon("samrad", SAMRAD)
    play.on(AU, 12)
    play.decide("run_au", AU, "forwarded", "Arbetsutskottet föreslår RUN att anta yttrandet.")
    play.do("sekreterare", "include_samrad_item", proposal="Arbetsutskottets förslag till yttrande.")
    play.on(SAMRAD, 12)
    play.samrad(SAMRAD, "agrees", "agrees")
    play.on(date(2023, 5, 11))
    play.do("sekreterare", "write_samrad_extract", notes="Regionen och kommunerna skakar hand om förslaget.")
    play.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet. Paragrafen justeras omedelbart.")


def _is_decided(play: Play) -> None:
    play.on(date(2023, 5, 15))
    play.minutes("run_au", AU)
    play.minutes("samrad", SAMRAD)
    play.on(date(2023, 5, 16))
    play.summon("run", RUN)
    play.on(RUN, 11)
    play.decide("run", RUN, "adopted", "RUN antar yttrandet som sitt eget.", immediate_adjustment=True)
    play.on(RUN, 14)
    play.do("registrator", "dispatch_statement", "svaret går samma dag", channel="email")
    play.on(date(2023, 5, 29))
    play.minutes("run", RUN)
    play.do("handlaggare", "close_case", cleaned=True)


def _ended(play: Play) -> None:
    (decision,) = play.decisions("run")
    play.check("Decided by RUN, by paragraph", decision["paragraph"], 1)
    play.check("Decided on the day the reply was due", decision["decided_on"], REPLY_BY.isoformat())
    play.check("Adjusted at once", decision["immediate_adjustment"], True)
    play.check_answered(REPLY_BY)


SCENARIO = Scenario("c", "Ds 2023:3: beslut och svar samma dag", ARRIVAL, play)
