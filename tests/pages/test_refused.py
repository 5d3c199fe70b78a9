"""What is written and refused: it comes back, on every page; and what no form could take is not carried along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lxml import html
from playwright.sync_api import expect

from tests.support.region import REFERRAL
from tests.support.site import Site

SEND = "field => { field.form.noValidate = true; field.form.requestSubmit(field.form.querySelector('button')); }"
"""As it stands, however the browser would have it."""
WRITE = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})); }"
"""Also where the field stands in a part of the page that is folded up."""


@dataclass(frozen=True, slots=True)
class Small:
    """A form: who opens its page, where, and what is written in which of its fields after it was sent too early."""

    who: str
    address: Callable[[Site], str]
    field: str
    button: str = ""
    """Where two forms have a field of one name, the `value` of the right one's button."""
    text: str = "Skrivet efter ett försök."


def _asked(site: Site) -> str:
    """The id of a case on which municipalities have been asked."""
    case = site.region.registered()
    site.region.do("handlaggare", "confirm_consultation", mode="remiss", question="Hur berörs kommunen?")
    return case


def _put_to(site: Site, key: str) -> dict[str, str]:
    _asked(site)
    found: dict[str, str] = site.region(key).get("/consultees").json["items"][0]
    return found


def _of_umea(way: str) -> Callable[[Site], str]:
    return lambda site: f"/consultations/{_put_to(site, 'umea')['id']}?way={way}"


def _stop(site: Site) -> str:
    return f"/referrals/{_put_to(site, 'umea')['referral_id']}/stop"


def _deadline(site: Site) -> str:
    site.region.registered()
    found = site.region("chef").get("/deadlines?limit=200").json["items"]
    return f"/deadlines/{next(each['id'] for each in found if each['kind'] == 'draft')}/extend"


def _move(site: Site, query: str = "") -> str:
    return f"{site.region.meeting('run_au', '2021-03-31')}/move{query}"


def _item(site: Site) -> str:
    case = site.region("registrator").post("/cases", REFERRAL).json["id"]
    agenda = f"{site.region.meeting('run_au', '2021-03-31')}/agenda"
    made = site.region("sekreterare").post(agenda, {"case_id": case, "role": "decision"})
    return f"/agenda-items/{made.json['id']}"


def _instance(site: Site) -> str:
    case = site.region.registered().rpartition("/")[2]
    found = site.region("drift").get(f"/instances?case_id={case}").json["items"]
    return f"/operation/processes/{next(each['id'] for each in found if each['parent_id'] is None)}"


FORMS = {
    "abstaining": Small("umea", _of_umea("abstain"), "reason"),
    "more time": Small("umea", _of_umea("time"), "reason"),
    "an answer that came by post": Small(
        "registrator", lambda site: f"/consultees/{_put_to(site, 'umea')['id']}/answer", "text"
    ),
    "waiting no more": Small("handlaggare", _stop, "reason"),
    "withdrawing a case": Small("registrator", lambda site: f"{site.region.registered()}/withdraw", "reason"),
    "moving a day": Small("handlaggare", _deadline, "reason"),
    "moving a meeting": Small("sekreterare", lambda site: _move(site, "?day=2021-04-01&time=09:00"), "reason"),
    "cancelling a meeting": Small("sekreterare", _move, "cancel_reason"),
    "taking an item off": Small("sekreterare", _item, "reason"),
    "moving a process on": Small("drift", _instance, "reason", "preview"),
    "suspending a process": Small("drift", _instance, "reason", "suspend"),
    "a new draft": Small("processagare", lambda site: "/studio/new/form", "name"),
    "planning meetings": Small("sekreterare", lambda site: "/meetings/new", "day-run", text="2022-06-01"),
    "registering": Small("registrator", lambda site: "/register/new", "sender"),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_written_after_a_refused_try_comes_back_by_reloading_and_on_the_way_back(site: Site, name: str) -> None:
    small = FORMS[name]
    page = site.visit(small.who, small.address(site))
    pressed = f":has(button[value='{small.button}'])" if small.button else ""
    field = page.locator(f"main form[method=post]{pressed} [name='{small.field}']:not([type=hidden])")
    with page.expect_navigation():
        field.evaluate(SEND)
    assert page.locator("body[data-refused]").count() == 1
    field.evaluate(WRITE, small.text)
    page.reload()
    expect(field).to_have_value(small.text)
    page.goto("/")
    page.go_back()
    expect(field).to_have_value(small.text)
    assert page.locator("body[data-refused]").count() == 0


def test_a_text_that_no_form_takes_is_shown_once_to_be_shortened_and_not_kept(site: Site) -> None:
    address = f"/consultations/{_put_to(site, 'umea')['id']}"
    (form,) = html.fromstring(site.get("umea", f"{address}?way=questions").text).xpath("//form[@data-keep]")
    fields = {name: str(value) for name, value in form.form_values() if name != "file"}
    site.post("umea", f"{address}/answer", data=fields | {"action": "draft", "field.answer_text": "Förra"})
    huge = {"action": "hand-in", "field.answer_kind": "object", "field.answer_text": "å" * 2_000_000}
    sent = {"data": fields | huge, "files": {"file": ("", b"")}}
    refused = site.post("umea", f"{address}/answer", **sent)
    assert refused.status_code == 422 and refused.text.count("å" * 1_900_000) == 1 and "längre än" in refused.text
    assert site.post("umea", form.get("data-keep"), **sent).status_code == 413
    again = site.get("umea", f"{address}?way=questions").text
    assert "Förra" in again and len(again) < 100_000


def test_what_is_written_in_the_last_moment_before_a_reload_stands_there_after_it_and_is_kept(site: Site) -> None:
    site.region("registrator").post("/cases", REFERRAL)
    page = site.visit("registrator", f"/tasks/{site.region.waiting('registrator')['register_referral']}")
    text = page.get_by_label("Kommentar")
    with page.expect_response("**/draft"):
        text.fill("Först")
    page.route(
        "**/draft", lambda route: route.fulfill(status=204)
    )  # what is sent on leaving comes too late for the reload
    text.fill("Sist av allt")
    page.reload()
    expect(text).to_have_value("Sist av allt")
    page.unroute("**/draft")
    with page.expect_response("**/draft") as kept:
        text.press_sequentially("!")
    assert kept.value.status == 200, "it comes from the same window"
    page.goto("/work")
    page.go_back()
    expect(text).to_have_value("Sist av allt!")


def test_whoever_sends_one_form_is_asked_about_what_stands_in_another(site: Site) -> None:
    page = site.visit("drift", _instance(site))
    sent, other = (page.locator(f"form:has(button[value={name}]) [name=reason]") for name in ("preview", "suspend"))
    other.evaluate(WRITE, "Kanske vilar det.")
    sent.evaluate(WRITE, "Fel väg.")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    sent.evaluate(SEND)
    assert [question for question in asked if question.startswith("Du har också skrivit i ett annat formulär")] == asked
    expect(other).to_have_value("Kanske vilar det.")
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        sent.evaluate(SEND)
    assert len(asked) == 1
