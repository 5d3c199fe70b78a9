"""(d) The regional development strategy (RUS) of Västerbotten, from its directive in 2018 to the assembly in autumn 2020.

Known of the real case: analysis and planning from spring to autumn 2018, thematic dialogues from 7 November to 5 December
2018, a second dialogue with proposals from actors in spring 2019, drafting in autumn 2019, consultation in the winter of
2019/20, and a decision of the regional assembly that was planned for spring 2020 and came in autumn. The days between,
the themes, who answered what, and the people are invented; the region is as it has been since 2019 all the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from cli.demo.actors import DemoFailed
from cli.demo.play import STANCES, Play, Scenario
from cli.demo.timeline import Entry

BEGINS = date(2018, 3, 12)
PLANNED = date(2020, 6, 16)
FIRST_DIALOGUE, LAST_DIALOGUE = date(2018, 11, 7), date(2018, 12, 5)
DIRECTIVE = date(2018, 5, 23)
SAMRAD_1, RELEASE = date(2019, 10, 24), date(2019, 12, 5)
CONSULTATION_BY, EXTENDED = date(2020, 3, 31), date(2020, 4, 30)
AU, SAMRAD_2, RUN = date(2020, 9, 3), date(2020, 9, 4), date(2020, 9, 17)
RS, RF = date(2020, 10, 13), date(2020, 11, 24)
NOTICE, LEGAL_FORCE = date(2020, 12, 2), date(2020, 12, 24)
DIALOGUES = {
    FIRST_DIALOGUE: "Ett inkluderande samhälle",
    date(2018, 11, 14): "Kompetens och utbildning",
    date(2018, 11, 27): "Innovation och näringsliv",
    LAST_DIALOGUE: "Tillgänglighet och klimat",
}
ACTORS = {"umea": "approve_with_comments", "skelleftea": "approve_with_comments", "lansstyrelsen": "approve",
          "umea_universitet": "approve_with_comments", "sametinget": "object", "foretagarna": "approve"}  # fmt: skip
AGENCIES = {
    "lansstyrelsen": "approve_with_comments", "tillvaxtverket": "approve", "boverket": "no_opinion",
    "sametinget": "approve_with_comments", "region_norrbotten": "approve", "region_vasternorrland": "no_opinion",
    "umea_universitet": "approve_with_comments", "foretagarna": "approve", "rf_sisu": "approve",
}  # fmt: skip
SILENT, ABSTAINING, LATER = "trafikverket", "bjurholm", "asele"
LATER_ANSWERED = date(2020, 4, 28)


def play(play: Play) -> None:
    """From directive to legal force."""
    _is_commissioned(play)
    _dialogues_are_held(play)
    _actors_propose(play)
    _draft_is_released(play)
    _is_consulted_on(play)
    _is_late(play)
    _is_proposed(play)
    _is_adopted(play)
    _ended(play)


def _is_commissioned(play: Play) -> None:
    play.open_case("registrator", "internal_strategy", "Regional utvecklingsstrategi för Västerbottens län till 2030")
    play.do("registrator", "register_strategy")
    play.calendar({"run": DIRECTIVE})
    play.on(date(2018, 4, 9))
    play.do(
        "handlaggare", "write_directive", "en strategi till 2030 i bred dialog", adopt_by=PLANNED,
        summary="Ta fram en regional utvecklingsstrategi till 2030, i dialog med kommuner, myndigheter och civilsamhälle.",
    )  # fmt: skip
    play.do("handlaggare", "deliver_material", proposal="RUN föreslås anta direktivet.")
    play.on(date(2018, 5, 15))
    play.summon("run", DIRECTIVE)
    play.on(DIRECTIVE, 12)
    play.decide("run", DIRECTIVE, "adopted", "RUN antar uppdragsdirektivet.")
    play.on(date(2018, 5, 28))
    play.minutes("run", DIRECTIVE)
    play.on(date(2018, 8, 17))
    play.do(
        "handlaggare", "analyse", summary="Den gamla strategin utvärderad; omvärld, demografi och näringsliv beskrivna."
    )


def _dialogues_are_held(play: Play) -> None:
    play.on(date(2018, 8, 30))
    themes = list(DIALOGUES.values())
    play.do("handlaggare", "plan_dialogues", ", ".join(themes), themes=themes, dialogues_by=LAST_DIALOGUE)
    for day, theme in DIALOGUES.items():
        play.on(day, 16)
        _hold(play, theme, day)


def _hold(play: Play, theme: str, day: date) -> None:
    """Complete the dialogue of a theme: they all wait at one step, each with its theme."""
    officer = play.actor("handlaggare")
    for task in officer.all("/tasks", case_id=play.case["id"]):
        address = f"/tasks/{task['id']}"
        if task["element_id"] == "hold_dialogue" and officer.get(address)["given"]["theme"] == theme:
            values = {"held_on": day.isoformat(), "summary": f"Dialog om {theme.lower()}.", "participants": 40}
            officer.change(address, "complete", values=values)
            play.note("handlaggare", f"{task['name']}: {theme}", LAST_DIALOGUE)
            return
    raise DemoFailed(f"No dialogue on '{theme}' waits for the officer.")


def _actors_propose(play: Play) -> None:
    """The second dialogue: a document is shared, not yet sent out, and actors propose what should change."""
    play.on(date(2019, 1, 18))
    play.do(
        "handlaggare", "write_dialogue_document", "sex aktörer bjuds in", actors=list(ACTORS), views_by=date(2019, 5, 31),
        summary="Vad hösten gav, och ett första förslag till mål: en region där tillit skapar utvecklingskraft.",
    )  # fmt: skip
    question = "Vad behöver ändras, och vad vill ni själva bidra med?"
    play.do("handlaggare", "confirm_consultation", "delning av underlaget", mode="delning", question=question)
    play.on(date(2019, 5, 28))
    _answer(play, ACTORS)
    play.on(date(2019, 6, 4))
    play.do("handlaggare", "compile_consultation", summary="Sex aktörer har lämnat ändringsförslag.")


def _draft_is_released(play: Play) -> None:
    play.calendar({"samrad": SAMRAD_1, "run": RELEASE})
    play.on(date(2019, 9, 27))
    play.do("handlaggare", "draft_strategy", summary="Utkast: vision, fyra prioriteringar och hur de följs upp.")
    play.do("sekreterare", "include_samrad_item", proposal="Utkastet till regional utvecklingsstrategi.")
    play.on(date(2019, 10, 17))
    play.summon("samrad", SAMRAD_1)
    play.on(SAMRAD_1, 12)
    play.samrad(SAMRAD_1, "agrees", "agrees_with_input", municipal_input="Inlandets villkor behöver synas mer.")
    play.on(date(2019, 10, 28))
    play.minutes("samrad", SAMRAD_1)
    play.do("sekreterare", "write_samrad_extract", notes="Handslag om att gå ut på remiss, med medskick om inlandet.")
    play.do("handlaggare", "deliver_material", proposal="RUN beslutar att sända strategin på remiss.")
    play.on(date(2019, 11, 28))
    play.summon("run", RELEASE)
    play.on(RELEASE, 12)
    play.decide("run", RELEASE, "adopted", "RUN beslutar om remissversionen.")
    play.on(date(2019, 12, 10))
    play.minutes("run", RELEASE)


def _is_consulted_on(play: Play) -> None:
    """Fifteen municipalities and ten others are asked beside each other; one agency says nothing."""
    play.on(date(2019, 12, 11))
    others = [*AGENCIES, SILENT]
    play.do(
        "handlaggare", "plan_remiss", f"alla kommuner och {len(others)} andra", consultation_by=CONSULTATION_BY,
        other_consultees=others,
    )  # fmt: skip
    for _ in ("municipalities", "others"):
        question = "Är prioriteringarna de rätta, och hur vill ni bidra?"
        play.do("handlaggare", "confirm_consultation", "remiss", mode="remiss", question=question)
    play.on(date(2020, 3, 20))
    _asks_for_time(play)
    play.on(date(2020, 3, 27))
    municipalities = sorted(_waiting_municipalities(play) - {LATER})
    _answer(play, {key: "abstain" if key == ABSTAINING else "approve_with_comments" for key in municipalities})
    _answer(play, AGENCIES)
    play.on(date(2020, 4, 1))
    play.tell("The day has passed; the worker has closed the question for Trafikverket, which was silent.")
    play.do("handlaggare", "compile_consultation", summary="Myndigheter, regioner, lärosäten och civilsamhälle.")
    play.on(LATER_ANSWERED)
    _answer(play, {LATER: "approve"})
    play.do("handlaggare", "compile_consultation", summary="Kommunerna: fjorton svar, en avstår.")


def _asks_for_time(play: Play) -> None:
    asked = play.actor(LATER).all("/consultees", case_id=play.case["id"])
    body = {
        "new_date": EXTENDED.isoformat(),
        "reason": "Kommunstyrelsens möte i mars är inställt på grund av pandemin.",
    }
    play.actor(LATER).post(f"/consultees/{asked[0]['id']}/ask-extension", body)
    play.note(LATER, f"Begär anstånd till {EXTENDED}: mötet i mars är inställt", CONSULTATION_BY)
    play.do("handlaggare", "grant_consultee_extension", "beviljas", granted=True)


def _is_late(play: Play) -> None:
    """What was planned for spring does not hold: the deadline is moved, with its reason, and both days are kept."""
    play.on(date(2020, 5, 8))
    play.do("handlaggare", "write_remiss_report", summary="Per punkt: vad som har tagits in, och varför inte.")
    deadline = play.deadline("decision")
    reason = "Remisstiden förlängdes under pandemin; fullmäktige behandlar strategin i höst."
    play.actor("chef").change(f"/deadlines/{deadline['id']}", "extend", new_date=RF.isoformat(), reason=reason)
    play.note("chef", "Beslutet i fullmäktige flyttas från våren till hösten", RF)
    play.calendar({"run_au": AU, "samrad": SAMRAD_2, "run": RUN}, {"rs": RS}, {"rf": RF})
    play.on(date(2020, 6, 12))
    play.do("handlaggare", "revise_strategy", summary="Bearbetad strategi: inlandets villkor, uppföljning och roller.")


def _is_proposed(play: Play) -> None:
    play.do("handlaggare", "deliver_material", proposal="RUN föreslås ställa sig bakom strategin.")
    play.on(date(2020, 8, 27))
    play.summon("run_au", AU)
    play.on(date(2020, 8, 28))
    play.summon("samrad", SAMRAD_2)
    play.on(AU, 12)
    play.decide("run_au", AU, "forwarded", "Arbetsutskottet föreslår RUN att föreslå fullmäktige att anta strategin.")
    play.do("sekreterare", "include_samrad_item", proposal="Arbetsutskottets förslag.")
    play.on(SAMRAD_2, 12)
    play.samrad(SAMRAD_2, "agrees", "agrees")
    play.on(date(2020, 9, 7))
    play.minutes("run_au", AU)
    play.minutes("samrad", SAMRAD_2)
    play.do("sekreterare", "write_samrad_extract", notes="Regionen och kommunerna skakar hand om strategin.")
    play.do("handlaggare", "deliver_material", proposal="RUN föreslår fullmäktige att anta strategin.")
    play.on(date(2020, 9, 10))
    play.summon("run", RUN)
    play.on(RUN, 12)
    play.decide("run", RUN, "forwarded", "RUN föreslår regionfullmäktige att anta strategin.")
    play.on(date(2020, 9, 22))
    play.minutes("run", RUN)


def _is_adopted(play: Play) -> None:
    """The executive prepares, the assembly decides; three weeks after the notice the decision is in legal force."""
    for body, day, outcome, proposal, adjusted in (
        ("rs", RS, "forwarded", "RS tillstyrker.", date(2020, 10, 20)),
        ("rf", RF, "adopted", "Fullmäktige antar strategin.", NOTICE),
    ):
        play.do("handlaggare", "deliver_material", proposal=proposal)
        play.on(date.fromisoformat(play.meeting(body, day)["summons_due"]))
        play.summon(body, day)
        play.on(day, 12)
        play.decide(body, day, outcome, proposal)
        play.on(adjusted)
        play.minutes(body, day)
    play.on(LEGAL_FORCE)
    play.tell("Nobody has appealed: the decision is in legal force from the day after the last one to appeal.")
    play.on(date(2021, 1, 8))
    play.do(
        "handlaggare", "publish_strategy", "gäller till 2030", valid_from=LEGAL_FORCE, valid_to=date(2030, 12, 31),
        accessible=True,
    )  # fmt: skip
    play.on(date(2021, 1, 15))
    play.do("handlaggare", "close_case", cleaned=True)


def _ended(play: Play) -> None:
    manager = play.actor("ledare")
    bodies = {body["id"]: str(body["key"]) for body in manager.all("/bodies")}
    decisions = manager.all("/decisions", case_id=play.case["id"], sort="decided_on")
    told = [(bodies[each["body_id"]], each["kind"], each["decided_on"]) for each in decisions]
    play.check("The way through the bodies", [body for body, _, _ in told], ["run", "run", "run_au", "run", "rs", "rf"])
    play.check("Adopted by the assembly", told[-1], ("rf", "adopted", RF.isoformat()))
    play.check("In legal force", decisions[-1]["legal_force_on"], LEGAL_FORCE.isoformat())
    count = Counter(each["status"] for each in _consultees(play))
    play.check("Answered, abstained, silent", (count["answered"], count["abstained"], count["no_reply"]), (29, 1, 1))
    play.check("Adopted by the day that was set in the end", play.deadline("decision")["state"], "met")
    moved = manager.all(f"/deadlines/{play.deadline('decision')['id']}/extensions")
    play.check("The day that was planned first", [each["old_date"] for each in moved], [PLANNED.isoformat()])
    play.check_meetings()
    play.check_closed()


def _answer(play: Play, answers: Mapping[str, str]) -> None:
    """Municipalities answer their tasks; the others write letters, which the registrar takes in. One line for each stance."""
    invited = {each["key"]: each for each in _consultees(play) if each["status"] == "invited"}
    told: dict[tuple[str, str], list[str]] = {}
    for key, kind in answers.items():
        given = {"answer_kind": kind, "answer_text": f"{invited[key]['name']} {STANCES[kind]}."}
        if key in play.stage.actors:
            task = play.waiting(key)["answer_consultation"]
            play.actor(key).change(f"/tasks/{task['id']}", "complete", values=given)
        else:
            play.actor("registrator").post(f"/consultees/{invited[key]['id']}/answer", given)
        who = "Kommunerna" if key in play.stage.actors else play.actor("registrator").name
        told.setdefault((who, kind), []).append(invited[key]["name"])
    due = date.fromisoformat(invited[next(iter(answers))]["reply_by"])
    for (who, kind), names in told.items():
        play.timeline.add(Entry(play.today, who, f"Svar: {', '.join(names)} {STANCES[kind]}", due))


def _waiting_municipalities(play: Play) -> set[str]:
    asked = _consultees(play)
    return {each["key"] for each in asked if each["status"] == "invited" and each["key"] in play.stage.actors}


def _consultees(play: Play) -> list[dict[str, Any]]:
    """Those who were asked in the case, with key and name."""
    manager = play.actor("ledare")
    known = {each["id"]: each for each in manager.all("/organizations")}
    asked = manager.all("/consultees", case_id=play.case["id"])
    return [each | {name: known[each["consulted_id"]][name] for name in ("key", "name")} for each in asked]


SCENARIO = Scenario("d", "RUS 2018–2020: från direktiv till fullmäktiges beslut hösten 2020", BEGINS, play)
