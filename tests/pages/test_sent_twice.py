"""Every form of the pages sent twice, as a double click, a reload or a step back sends it: the second changes nothing.

A new form must be sent here too, or be told of among those that need not be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from lxml import html
from sqlalchemy import func, select

from committee import sessions
from store import clock
from store.base import Base
from store.settings import Settings
from tests.support.region import REFERRAL
from tests.support.site import Site
from tests.support.studio import HANDSHAKE, RENAMED, changed, versions
from web.app import create_app

LOG = ("event", "api_token")
"""Tables that keep what was asked for, too, when it changed nothing; and a sign-in of somebody for each time."""
NOTHING_KEPT = {
    "sign_in.begin", "sign_in.end", "sign_in.choose_language",  # the reader's own cookie
    "studio_drafts.check", "studio_editors.decide", "studio_trials.go_on",  # questions with much to say
    "studio_deploy.run_scenarios", "studio.run_scenarios", "studio_migrate.act",  # work in memory, then by verbs
}  # fmt: skip
BY_SCRIPTS = {"tasks.keep_draft", "agenda.keep_draft", "studio_drafts.copy"}
"""What a page sends by itself: written over what was kept, or the same copy again."""
BY_STATE = {
    "operation.mend_incident", "operation.mend_mail", "operation.back_up", "instances.mend", "studio_migrate.undo",
    "agenda.record_samrad", "work.act", "work.forget_view", "operation.send_all_again",
}  # fmt: skip
"""What they do to something in one state, after which it has another, or name the version of it (tests of their own)."""
Travel = Callable[[datetime | timedelta], None]


class Twice:
    """Somebody who presses every button twice."""

    def __init__(self, site: Site) -> None:
        self.site, self.sent = site, Counter[str]()
        self.addresses = create_app(Settings(), site.database).url_map.bind("localhost")

    def __call__(self, who: str, page: str, to: str = "", files: Any = None, **fields: str) -> str:
        """Send the form of a page that goes `to` an address; where the first time leads."""
        forms = html.fromstring(self.site.get(who, page).text).xpath("//main//form[@method='post']")
        form = next(each for each in forms if re.search(f"{to}$", (each.get("action") or page).partition("?")[0]))
        action = form.get("action") or page
        data = {name: str(value) for name, value in form.form_values() if name != "file"}
        data |= {name.replace("__", "."): value for name, value in fields.items()}
        first = self.site.post(who, action, data=data, files=files)
        assert first.status_code == 303, (action, first.status_code, _complaint(first.text))
        kept = self.rows()
        second = self.site.post(who, action, data=data, files=files)
        assert second.status_code in (303, 404, 409, 422), (action, second.status_code)
        assert self.rows() == kept, f"{action}: the second time made something more"
        self.sent[self.addresses.match(action.partition("?")[0], "POST")[0]] += 1
        return first.headers["Location"]

    def rows(self) -> dict[str, int]:
        """How many there are in every table but the log."""
        tables = [table for table in Base.metadata.sorted_tables if table.name not in LOG]
        with self.site.database.reading() as db:
            return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def _complaint(page: str) -> str:
    return " ".join(html.fromstring(page).xpath("string(//main//*[@role='alert'])").split())


@pytest.fixture
def twice(site: Site) -> Twice:
    return Twice(site)


def of_cases(site: Site, twice: Twice) -> None:
    region, letter = site.region, EmailMessage()
    letter["Subject"] = "Remiss om vägar"
    letter.set_content("Hej")
    twice("registrator", "/register", "/list", {"file": ("l.csv", b"title,ministry,sender_reference,reply_by\nX,,,\n")})
    came = twice("registrator", "/register", "/mail", {"file": ("x.eml", letter.as_bytes())})
    incoming = came.rpartition("=")[2]
    twice("registrator", "/register", f"{incoming}/aside")
    twice("registrator", "/register?state=set_aside", f"{incoming}/back")
    twice("registrator", came)
    twice("registrator", "/register/new", title="Ny lag", sender="Departementet", reply_by="2021-06-30")
    case = region.registered()
    kept = twice("handlaggare", f"{case}/documents", "", {"file": ("a.txt", b"one")}, kind="incoming")
    document = re.search(r"/documents/[0-9a-f-]{36}(?=\")", site.get("handlaggare", kept).text)
    assert document is not None
    twice("handlaggare", document.group(), "", {"file": ("a.txt", b"two")})
    deadline = next(
        each["id"] for each in region("chef").get("/deadlines?limit=200").json["items"] if each["kind"] == "draft"
    )
    twice("handlaggare", f"/deadlines/{deadline}/extend", new_date="2021-04-12", reason="Sjuk", granted_by="Chefen")
    question = {"field__mode": "remiss", "field__question": "Hur berörs kommunen?"}
    confirming = f"/tasks/{region.waiting('handlaggare')['confirm_consultation']}"
    twice("handlaggare", confirming, confirming, action="draft", **question)
    twice("handlaggare", confirming, confirming, action="complete", **question)
    put_to = {key: region(key).get("/consultees").json["items"][0]["id"] for key in ("umea", "mala", "asele")}
    twice("umea", f"/consultations/{put_to['umea']}?way=time", "/more-time", new_date="2021-03-30", reason="Nämnden")
    twice("umea", f"/consultations/{put_to['umea']}?way=abstain", "/abstain", reason="Berörs inte")
    answer = {
        "action": "complete",
        "field__answer_kind": "approve",
        "field__answer_text": "Ja",
        "field__decided_by": "KS",
    }
    twice("mala", f"/consultations/{put_to['mala']}?way=questions", "/answer", **answer)
    twice("registrator", f"/consultees/{put_to['asele']}/answer", answer_kind="approve", text="Ja", decided_by="KS")
    referral = region("asele").get("/consultees").json["items"][0]["referral_id"]
    twice("handlaggare", f"/referrals/{referral}/stop", reason="Tiden är ute")
    twice("registrator", f"{case}/withdraw", reason="Återkallad av avsändaren")


def of_meetings(site: Site, twice: Twice, travel: Travel) -> None:
    region, who, items = site.region, "sekreterare", []
    twice(who, "/meetings/new", **{"day-run_au": "2022-06-01", "time-run_au": "09:00"})
    later = region.meeting("run_au", "2022-06-01")
    twice(who, f"{later}/move?day=2022-06-02&time=09:00", "/move", day="2022-06-02", time="09:00", reason="Krock")
    twice(who, f"{later}/move", "/cancel", cancel_reason="Utgår")
    meeting = region.meeting("run_au", "2021-03-31")
    for title in ("Första ärendet", "Andra ärendet", "Tredje ärendet"):
        case = region("registrator").post("/cases", REFERRAL | {"title": title}).json["id"]
        added = twice(who, f"{meeting}?find={title[:6]}", f"{meeting}/agenda", case_id=case, role="decision")
        items.append(f"/agenda-items/{added.rpartition('#item-')[2]}")
    twice(who, meeting, f"{items[1]}/order")
    twice(who, items[2], "/withdraw", reason="Dras tillbaka")
    twice(who, f"{meeting}/summon")
    twice(who, items[0], "/completions", description="Ett yttrande från länsstyrelsen")
    members = html.fromstring(site.get(who, f"{meeting}/attendance").text).xpath("//*[@name='person_id']/option/@value")
    twice(who, f"{meeting}/attendance", person_id=members[1], ground="disqualified", from_position="2")
    twice(who, f"{meeting}/attendance", "/take-back")
    travel(clock.at(date(2021, 3, 31), 12))
    site.admit(who, sessions.begin_demo(site.database, "vasterbotten", who))
    for item in items[:2]:
        twice(who, item, "/outcome", outcome="table", method="acclamation", text="AU bordlägger ärendet.")
    twice(who, items[0], "/correct", text="AU beslutar så.")
    twice(who, meeting, "/adjust", adjusted_on="2021-03-31")
    twice(who, meeting, "/notice", notice_posted_on="2021-03-31")


def of_the_studio(site: Site, twice: Twice) -> None:
    who = "processagare"
    twice(who, "/studio/new/form", "/studio", name="Jämställdhet")
    made = twice(
        who, "/studio/drafts", "/studio/drafts", {"file": (f"{HANDSHAKE}.bpmn", changed(f"{HANDSHAKE}.bpmn", RENAMED))}
    )
    renamed = twice(who, made, made, action="rename", name="Samråd 2")
    twice(who, f"{renamed}/deploy", action="deploy")
    old = versions(site)[f"{HANDSHAKE}:1"]
    twice(who, old, "/restore")
    twice(who, "/work?text=x", "/work/views", name="Sent")


def test_what_is_sent_twice_is_done_once(site: Site, twice: Twice, travel: Travel) -> None:
    of_cases(site, twice)
    of_the_studio(site, twice)
    of_meetings(site, twice, travel)
    taking = {rule.endpoint for rule in twice.addresses.map.iter_rules() if "POST" in (rule.methods or ())}
    assert taking - set(twice.sent) - NOTHING_KEPT - BY_SCRIPTS - BY_STATE == set()
