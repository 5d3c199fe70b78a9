"""A page asks nobody what they may not answer: a form that would be refused for its sender's role is not shown."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from lxml import html

from tests.support.region import REFERRAL
from tests.support.site import Site

PEOPLE = (
    "registrator", "handlaggare", "chef", "sekreterare", "ordforande", "justerare", "pkd", "kommunalrad", "processagare",
    "ledare", "drift", "umea",
)  # fmt: skip
WRITTEN = {"date": "2021-06-30", "time": "09:00", "number": "1", "text": "Ord", None: "Ord"}
"""In a field that is empty, by its type: a role is asked for only when something can be read."""
OLD = {"version": "0", "action": "?"}
"""Where somebody may send it, little comes of it."""


def _staged(site: Site) -> list[str]:
    """The addresses of all pages of forms, in a region in which each can be asked for."""
    region, case = site.region, site.region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    put_to = region("umea").get("/consultees").json["items"][0]
    deadline = region("chef").get("/deadlines?limit=200").json["items"][0]["id"]
    meeting, free = region.meeting("run_au", "2021-03-31"), region("registrator").post("/cases", REFERRAL).json["id"]
    item = region("sekreterare").post(f"{meeting}/agenda", {"case_id": free, "role": "decision"}).json["id"]
    instance = region("drift").get("/instances").json["items"][0]["id"]
    task = region.waiting("registrator")["register_referral"]
    return [
        *(f"{case}/{verb}" for verb in ("assign", "withdraw", "extension", "reply_by", "documents")),
        f"/consultees/{put_to['id']}/answer",
        f"/consultations/{put_to['id']}?way=time",
        f"/referrals/{put_to['referral_id']}/stop",
        f"/deadlines/{deadline}/extend",
        *(meeting + part for part in ("", "/move", "/summon", "/attendance")),
        *(f"/agenda-items/{item}", f"/tasks/{task}", f"/operation/processes/{instance}"),
        *("/meetings/new", "/register", "/register/new", "/studio/drafts", "/studio/new/form", "/studio/new/process"),
        *("/operation/mail", "/operation/incidents", "/operation/backups"),
    ]


def _filled(form: Any) -> dict[str, str]:
    found = {name: value for name, value in form.form_values() if isinstance(value, str)}
    for field in form.xpath(".//input[@name] | .//textarea[@name]"):
        if field.get("type") == "radio":
            found.setdefault(field.name, field.get("value"))
        elif field.get("type") in WRITTEN:
            found[field.name] = found.get(field.name) or WRITTEN[field.get("type")]
    for field in form.xpath(".//select[@name]"):
        found[field.name] = found.get(field.name) or field.value_options[-1]
    return found | OLD


def test_nobody_is_asked_what_they_may_not_answer(site: Site) -> None:
    asked, in_vain = 0, []
    for address in _staged(site):
        for who in PEOPLE:
            page = site.get(who, address)
            if page.status_code != HTTPStatus.OK:
                assert page.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.FOUND), address
                continue
            for form in html.fromstring(page.text).xpath("//main//form[@method='post']"):
                asked += 1
                sent = site.post(who, form.get("action") or address, data=_filled(form))
                if sent.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                    in_vain.append((who, address, form.get("action")))
    assert asked > len(PEOPLE)
    assert in_vain == []
