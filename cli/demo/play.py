"""What a scenario is written with: people do their steps, meetings are held, time goes on, and it is all told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cli.demo.actors import Actor, DemoFailed
from cli.demo.stage import Stage
from cli.demo.timeline import WORKER, Entry, Timeline
from store import clock

SECRETARY = "sekreterare"
MANAGER = "ledare"
WORKING_HOUR = 9
MEETING_HOUR = 10
ADJUSTMENT_DAYS = 5
ROLES = {
    "registrar": "registrator", "officer": "handläggare", "head": "chef", "secretary": "sekreterare",
    "chair": "ordförande", "director": "direktör", "member": "ledamöter", "adjuster": "justerare",
}  # fmt: skip
SAMRAD = {
    "handshake": "Parterna skakar hand", "differs": "Parterna är inte överens",
    "neither_agrees": "Ingen av parterna instämmer", "not_handled": "Inte behandlat",
    "region_not_handled": "Inte behandlat av regionen", "municipalities_not_handled": "Inte behandlat av kommunerna",
}  # fmt: skip
POSITIONS = {
    "agrees": "instämmer", "agrees_with_input": "instämmer med medskick", "differs": "har en annan mening",
    "not_handled": "har inte tagit ställning",
}  # fmt: skip
OUTCOMES = {
    "adopted": "bifall", "rejected": "avslag", "noted": "noteras", "forwarded": "förslag",
    "refer_back": "återremiss", "table": "bordläggning", "not_handled": "utgår",
}  # fmt: skip
"""What people call the outcomes of `POST /agenda-items/{id}/outcome`."""
STANCES = {
    "approve": "tillstyrker", "approve_with_comments": "tillstyrker med synpunkter", "object": "avstyrker",
    "no_opinion": "har inget att erinra", "abstain": "avstår",
}  # fmt: skip
"""What people call the answers of those who are consulted."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story: when its clock begins, and how it goes."""

    key: str
    title: str
    begins: date
    play: Callable[[Play], None]


class Play:
    """One scenario on the stage. Its case is the one that it opened last."""

    def __init__(self, stage: Stage, timeline: Timeline) -> None:
        self.stage = stage
        self.timeline = timeline
        self.case: dict[str, Any] = {}
        self.today = clock.local_date(stage.now)
        self._seen = 0
        self._meetings: list[str] = []
        bodies = self.actor(MANAGER).all("/bodies")
        self.bodies = {body["key"]: str(body["short_name"]) for body in bodies}
        self._advisory = {body["key"] for body in bodies if not body["authoritative"]}

    def actor(self, key: str) -> Actor:
        """A person's own HTTP client."""
        return self.stage.actor(key)

    def tell(self, sentence: str) -> None:
        """A sentence of narration."""
        self.timeline.tell(sentence)

    def check(self, sentence: str, found: object, expected: object) -> None:
        """What must be true at the end."""
        self.timeline.check(sentence, found, expected)

    def on(self, day: date, hour: int = WORKING_HOUR) -> None:
        """Go on to a day; what falls due until then is done by the worker, each thing in its time."""
        for instant in self.stage.travel(clock.at(day, hour)):
            self.today = clock.local_date(instant)
            self._tell_reminders()

    def calendar(self, *chains: Mapping[str, date]) -> None:
        """Put meetings into the calendar: each chain holds bodies and days, the preparing body first."""
        for chain in chains:
            preparing: str | None = None
            for body, day in chain.items():
                wanted: dict[str, Any] = {"body": body, "starts_at": clock.at(day, MEETING_HOUR).isoformat()}
                if preparing is not None:
                    wanted["prepared_by_id"] = preparing
                made = self.actor(SECRETARY).post("/meetings", wanted)
                preparing = preparing or str(made["id"])
                self._meetings.append(str(made["id"]))
            days = ", ".join(f"{self.bodies[body]} {day}" for body, day in chain.items())
            self._add(self.actor(SECRETARY), f"I kalendern: {days}")

    def person(self, key: str) -> str:
        """A person's id, as forms ask for it."""
        return str(self.actor(key).me["person_id"])

    def open_case(self, who: str, case_type: str, title: str, **known: Any) -> dict[str, Any]:
        """Something arrives and becomes a case."""
        given = {name: value.isoformat() if isinstance(value, date) else value for name, value in known.items()}
        self.case = self.actor(who).post("/cases", {"case_type": case_type, "title": title, **given})
        self._seen = 0
        self._add(self.actor(who), f"Ärendet kommer in: {title}", known.get("reply_by"))
        return self.case

    def file(self, who: str, title: str, text: str, **about: str) -> None:
        """A person files a document in the case; `about` are the fields of `POST /cases/{id}/documents`."""
        address = f"/cases/{self.case['id']}/documents"
        filed = self.actor(who).upload(address, f"{title}.txt", text.encode(), title=title, **about)
        self._add(self.actor(who), f"Handling {filed['serial']} i ärendet: {title}")

    def waiting(self, who: str) -> dict[str, dict[str, Any]]:
        """The tasks of the case that a person may do now, by step."""
        tasks = self.actor(who).all("/tasks", case_id=self.case["id"])
        return {str(task["element_id"]): task for task in tasks}

    def do(self, who: str, step: str, note: str = "", /, **values: Any) -> dict[str, Any]:
        """Complete a task of the case with the fields of its form; dates are given as dates."""
        waiting = self.waiting(who)
        if step not in waiting:
            raise DemoFailed(f"'{step}' does not wait for {who} on {self.today}, only {sorted(waiting) or 'nothing'}.")
        task = waiting[step]
        given = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        done = self.actor(who).change(f"/tasks/{task['id']}", "complete", values=given)
        due = date.fromisoformat(task["due_on"]) if task["due_on"] else None
        self._add(self.actor(who), f"{task['name']}{': ' if note else ''}{note}", due)
        self._tell_reminders()
        return done

    def meeting(self, body: str, day: date) -> dict[str, Any]:
        """The meeting of a body on a day."""
        found = self.actor(SECRETARY).all("/meetings", body=body)
        meeting = next((each for each in found if each["day"] == day.isoformat()), None)
        if meeting is None:
            raise DemoFailed(f"'{body}' has no meeting on {day}, only on {[each['day'] for each in found]}.")
        return meeting

    def item(self, body: str, day: date) -> dict[str, Any]:
        """The item of the case on a meeting's agenda."""
        items = self.actor(SECRETARY).all(f"/meetings/{self.meeting(body, day)['id']}/agenda")
        item = next(
            (each for each in items if each["case_id"] == self.case["id"] and each["state"] != "withdrawn"), None
        )
        if item is None:
            raise DemoFailed(f"The case is not on the agenda of '{body}' on {day}.")
        return item

    def summon(self, body: str, day: date) -> None:
        """The secretary sends the summons of a meeting."""
        meeting = self.meeting(body, day)
        self.actor(SECRETARY).change(f"/meetings/{meeting['id']}", "summon")
        due = date.fromisoformat(meeting["summons_due"])
        self._add(self.actor(SECRETARY), f"Kallelse till {self.bodies[body]} {day}", due)
        self._tell_reminders()

    def decide(self, body: str, day: date, outcome: str, text: str, **more: Any) -> dict[str, Any]:
        """A body deals with the case; the secretary records its outcome, and the decision is given back."""
        meeting = self.meeting(body, day)
        self._open(meeting, day)
        given = {"outcome": outcome, "text": text, **more}
        decision = self.actor(SECRETARY).post(f"/agenda-items/{self.item(body, day)['id']}/outcome", given)
        at_once = " Omedelbar justering." if decision["immediate_adjustment"] else ""
        cited = f"{self.bodies[body]} {day} § {decision['paragraph']} ({OUTCOMES[outcome]}): {text}{at_once}"
        self._add(self.actor(SECRETARY), cited)
        self._meeting_step(meeting, "close_meeting", all_items_handled=True)
        self._tell_reminders()
        return decision

    def samrad(self, day: date, region: str, municipalities: str, **inputs: Any) -> None:
        """Both sides of samråd say where they stand."""
        meeting = self.meeting("samrad", day)
        self._open(meeting, day)
        positions = {"region_position": region, "municipal_position": municipalities, **inputs}
        item = self.actor(SECRETARY).post(f"/agenda-items/{self.item('samrad', day)['id']}/samrad", positions)
        self._add(
            self.actor(SECRETARY),
            f"Samråd: {SAMRAD[item['outcome']]}. Regionen {POSITIONS[region]}, kommunerna {POSITIONS[municipalities]}.",
        )
        self._meeting_step(meeting, "close_meeting", all_items_handled=True)

    def minutes(self, body: str, day: date) -> None:
        """The minutes of a meeting are written; those of a body that decides are adjusted, given notice of, published."""
        meeting = self.meeting(body, day)
        address = f"/meetings/{meeting['id']}"
        self._open(meeting, day)
        self._meeting_step(meeting, "close_meeting", all_items_handled=True)
        self._meeting_step(meeting, "draft_minutes")
        told = f"Anteckningarna från {self.bodies[body]} {day} är skrivna"
        if body not in self._advisory:
            today = self.today.isoformat()
            self.actor(SECRETARY).change(address, "adjust", adjusted_on=today)
            posted = self.actor(SECRETARY).change(address, "notice", notice_posted_on=today)
            self._meeting_step(meeting, "screen_publish", screened=True)
            until = posted["last_appeal_on"]
            told = f"Protokollet från {self.bodies[body]} {day} är justerat och anslaget; kan överklagas till {until}"
        self._add(self.actor(SECRETARY), told)

    def note(self, who: str, what: str, due: date | None = None) -> None:
        """Tell what a person did through `actor`."""
        self._add(self.actor(who), what, due)
        self._tell_reminders()

    def deadline(self, kind: str) -> dict[str, Any]:
        """The case's deadline of a kind."""
        found = self.actor(MANAGER).all("/deadlines", case_id=self.case["id"])
        deadline = next((each for each in found if each["kind"] == kind), None)
        if deadline is None:
            raise DemoFailed(f"The case has no deadline '{kind}', only {sorted(each['kind'] for each in found)}.")
        return deadline

    def decisions(self, body: str) -> list[dict[str, Any]]:
        """What a body has decided in the case, oldest first."""
        found = self.actor(MANAGER).all("/decisions", case_id=self.case["id"], sort="decided_on")
        ids = {each["id"]: each["key"] for each in self.actor(MANAGER).all("/bodies")}
        return [decision for decision in found if ids[decision["body_id"]] == body]

    def check_answered(self, on: date) -> None:
        """The answer left on a day and in time, the case and its meetings are over, and no step has failed."""
        self.check_meetings()
        self.check("The answer left", self._done_on("dispatch_statement"), on.isoformat())
        self.check("Answered in time", self.deadline("reply_by")["state"], "met")
        self.check_closed()

    def check_closed(self) -> None:
        """Nothing is left to do in the case, and no step has failed."""
        self.check("Status of the case", self.actor(MANAGER).get(f"/cases/{self.case['id']}")["status"], "closed")
        self.check("Open tasks of the case", self._open_tasks(), [])
        self.check("Steps that failed (incidents)", len(self.actor(MANAGER).all("/incidents")), 0)

    def check_meetings(self) -> None:
        """Nothing is left to do in the meetings that the play put into the calendar."""
        meetings = {
            each["instance_id"] for each in self.actor(SECRETARY).all("/meetings") if each["id"] in self._meetings
        }
        tasks = self.actor(MANAGER).all("/tasks", whose="all")
        self.check("Open tasks of its meetings", [t["name"] for t in tasks if t["instance_id"] in meetings], [])

    def _done_on(self, step: str) -> str | None:
        """The day on which a task of the case was completed."""
        done = self.actor(MANAGER).all("/tasks", whose="all", state="completed", case_id=self.case["id"])
        days = [clock.local_date(datetime.fromisoformat(t["completed_at"])) for t in done if t["element_id"] == step]
        return days[0].isoformat() if days else None

    def _open(self, meeting: dict[str, Any], day: date) -> None:
        """Roll call, substitutes, and who adjusts the minutes."""
        adjust_on = (day + timedelta(days=ADJUSTMENT_DAYS)).isoformat()
        self._meeting_step(meeting, "open_meeting", adjusters="Anna Andersson, Bo Berg", adjust_on=adjust_on)

    def _meeting_step(self, meeting: dict[str, Any], step: str, **values: Any) -> None:
        """The secretary takes a step of a meeting's own process, if it waits."""
        secretary = self.actor(SECRETARY)
        for task in secretary.all("/tasks"):
            if (task["instance_id"], task["element_id"]) == (meeting["instance_id"], step):
                secretary.change(f"/tasks/{task['id']}", "complete", values=values)

    def _open_tasks(self) -> list[str]:
        tasks = self.actor(MANAGER).all("/tasks", whose="all", case_id=self.case["id"])
        return [str(task["name"]) for task in tasks]

    def _news(self) -> list[dict[str, Any]]:
        """The events of the case since last time, oldest first."""
        events: list[dict[str, Any]] = []
        for event in self.actor(MANAGER).each(f"/cases/{self.case['id']}/events", sort="-at", limit=15):
            if event["seq"] <= self._seen:
                break
            events.append(event)
        self._seen = max((event["seq"] for event in events), default=self._seen)
        return events[::-1]

    def _add(self, who: Actor, what: str, due: date | None = None) -> None:
        self.timeline.add(Entry(self.today, who.name, what, due))

    def _tell_reminders(self) -> None:
        """Tell whom the process wrote to since last time; one line for each subject."""
        if not self.case:
            return
        told: dict[str, list[str]] = {}
        for event in self._news():
            if event["type"] == "case.reminded":
                data = event["data"]
                role, body = ROLES.get(data["role"], data["role"]), self.bodies.get(data["body"], data["body"])
                told.setdefault(data["subject"], []).append(f"{role}, {body}")
        for subject, receivers in told.items():
            to = "; ".join(receivers) if len(receivers) < 4 else f"{len(receivers)} mottagare"
            self.timeline.add(Entry(self.today, WORKER, f"Till {to}: {subject}"))
