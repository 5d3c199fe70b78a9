"""Forms of tasks as people fill them in: nothing is decided by leaving something out, and nothing written is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import expect

from tests.support.site import Site

Travel = Callable[[datetime | timedelta], None]

SUMMARY = "Länet tillstyrker huvudförslaget."


def test_what_is_not_answered_is_no_refusal_and_what_is_sent_back_comes_with_its_reason(
    site: Site, travel: Travel
) -> None:
    region = site.region
    case = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary=SUMMARY)
    approving = f"/tasks/{region.waiting('chef')['approve_statement']}"
    unanswered = site.post("chef", approving, data={"action": "complete"})
    assert SUMMARY in unanswered.text, "the draft is there to read"
    assert unanswered.status_code == 422 and "Beslut om utkastet” måste fyllas i." in unanswered.text
    without = site.post("chef", approving, data={"action": "complete", "field.approved": "false"})
    assert without.status_code == 422 and "den som omarbetar läser det" in without.text
    said = {"action": "complete", "field.approved": "false", "field.comment": "Skriv om kostnaderna."}
    sent = site.post("chef", approving, data=said | {"place": "case"})
    assert sent.status_code == 303
    receipt = site.get("chef", sent.headers["location"]).text
    assert "är klart. Beslut om utkastet: Skickas tillbaka för omarbetning." in receipt
    assert "Ärendet väntar nu på ”Omarbeta yttrandet” (Handläggare, Staben)." in receipt
    rework = site.get("handlaggare", f"/tasks/{region.waiting('handlaggare')['revise_statement']}").text
    assert "Skriv om kostnaderna." in rework and "approve_statement" not in region.open_in(case)
    assert f">{SUMMARY}</textarea>" in rework, "a rework begins with what there is"

    region.do("handlaggare", "revise_statement", position="approve", summary=f"{SUMMARY} Kostnaden är känd.")
    region.do("chef", "approve_statement", approved=True)
    region.do("handlaggare", "deliver_material", proposal="AU föreslår nämnden att anta yttrandet.", memo="Skriv.")
    item = region.item(au := region.meeting("run_au", "2021-03-31"))
    read = site.get("ordforande", item).text
    assert "AU föreslår nämnden" in read and "Tjänsteskrivelse" in read and "Kostnaden är känd." in read

    region.change("sekreterare", au, "summon")
    travel(datetime.fromisoformat("2021-03-31T12:00:00+00:00"))
    region("sekreterare").post(f"{item}/outcome", {"outcome": "forwarded", "text": "Enligt förslaget."})
    to_send = site.get("sekreterare", f"/tasks/{region.waiting('sekreterare')['include_samrad_item']}").text
    assert ">AU föreslår nämnden att anta yttrandet.</textarea>" in to_send and "Kostnaden är känd." in to_send
    region.do("sekreterare", "include_samrad_item", proposal="Nämnden föreslås anta yttrandet.")
    to_comment = site.get("pkd", f"/tasks/{region.waiting('pkd')['samrad_preinput']}").text
    assert "Nämnden föreslås anta yttrandet." in to_comment and "Kostnaden är känd." in to_comment


def test_what_is_written_survives_taking_the_step_and_is_never_poured_into_another(site: Site) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    drafting = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    written = {"field.position": "approve", "field.summary": SUMMARY, "place": "case"}
    assert site.post("handlaggare", drafting, data={"action": "claim", **written}).status_code == 303
    assert SUMMARY in site.get("handlaggare", drafting).text
    assert site.post("handlaggare", drafting, data={"action": "complete", **written}).status_code == 303
    late = site.post("handlaggare", drafting, data={"action": "complete", **written, "field.summary": "Andra fliken."})
    assert late.status_code == 409 and "Det du skrev kunde inte tas emot" in late.text
    assert late.text.count("Andra fliken.") == 1 and SUMMARY in late.text and "readonly" in late.text
    assert "<h1" in late.text and "Skriv yttrande och tjänsteskrivelse" in late.text


def _hidden(page: str) -> dict[str, str]:
    """What the form of a step carries beside what is written in it."""
    form = page[page.index("task-form") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)"[^>]* value="([^"]*)"', form[: form.index("</form>")]))


def test_ones_own_second_window_takes_the_step_in_peace_but_writes_over_nothing(site: Site) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    drafting = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    one, other = (_hidden(site.get("handlaggare", drafting).text) for _ in range(2))
    assert site.post("handlaggare", drafting, data={**one, "action": "claim"}).status_code == 303
    for summary in ("Länet", "Länet tillstyrker."):  # as the page keeps it while it is written
        kept = site.post("handlaggare", f"{drafting}/draft", data={**one, "field.summary": summary})
        assert kept.status_code == 200, kept.text
    unseen = site.post("handlaggare", f"{drafting}/draft", data={**other, "field.summary": "Länet avstyrker."})
    assert unseen.status_code == 409 and "Du har skrivit vidare i ett annat fönster" in unseen.text
    assert site.post("handlaggare", drafting, data={**other, "action": "release"}).status_code == 303
    sent = {"action": "complete", "field.position": "approve", "field.summary": "Länet avstyrker."}
    told = site.post("handlaggare", drafting, data={**other, **sent})
    assert told.status_code == 409 and "I det andra fönstret skrev du detta" in told.text
    assert "Länet tillstyrker.</dd>" in told.text and "Länet avstyrker.</textarea>" in told.text
    assert "Någon annan" not in told.text
    assert site.post("handlaggare", drafting, data={**_hidden(told.text), **sent}).status_code == 303


def test_the_way_back_to_a_step_brings_what_is_kept_of_it_now(site: Site) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    drafting = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    page = site.visit("handlaggare", drafting)
    page.get_by_label("Sammanfattning").fill("Länet tillstyrker.")
    page.get_by_role("link", name="Mitt arbete").click()  # at once: it waits until that is kept
    expect(page.get_by_role("heading", name="Mitt arbete", level=1)).to_be_visible()
    assert "Länet tillstyrker.</textarea>" in site.get("handlaggare", drafting).text
    meanwhile = _hidden(site.get("handlaggare", drafting).text) | {"field.summary": "Länet avstyrker."}
    assert site.post("handlaggare", f"{drafting}/draft", data=meanwhile).status_code == 200
    page.go_back()
    expect(page.get_by_label("Sammanfattning")).to_have_value("Länet avstyrker.")

    later = meanwhile | {"field.summary": "Länet avstyrker förslaget."}
    assert site.post("handlaggare", f"{drafting}/draft", data=later).status_code == 200
    page.get_by_label("Sammanfattning").fill("Länet avvaktar.")
    expect(page.get_by_text("Inte sparat.")).to_be_visible()
    expect(page.get_by_text("Spara till senare” visar båda")).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.get_by_role("link", name="Mitt arbete").click()
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(page.get_by_label("Sammanfattning")).to_have_value("Länet avvaktar.")
    page.get_by_role("button", name="Spara till senare").click()
    expect(page.get_by_text("Länet avstyrker förslaget.")).to_be_visible()


def test_what_is_refused_is_kept_at_once_and_only_what_is_kept_is_said_to_be(site: Site) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    drafting = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    for place, summary in (("task", "Länet tillstyrker."), ("case", "Länet avstyrker.")):
        written = {"action": "complete", "place": place, "field.summary": summary}
        refused = site.post("handlaggare", drafting, data=written)
        assert refused.status_code == 422 and summary in refused.text and "Det du skrev sparades" in refused.text
        assert f">{summary}</textarea>" in site.get("handlaggare", drafting).text, "as kept, whoever opens the step"

    unseen = _hidden(site.get("handlaggare", drafting).text) | {"seen": "else"}
    site.post("handlaggare", f"{drafting}/draft", data={"field.summary": "Länet avvaktar."})
    stale = site.post("handlaggare", drafting, data={**unseen, "action": "complete", "field.summary": "Länet lyssnar."})
    assert stale.status_code == 409 and "Länet lyssnar.</textarea>" in stale.text
    assert "Det du skrev sparades" not in stale.text and "är inte sparat än" in stale.text


def test_a_step_that_is_done_is_late_only_if_it_was(site: Site, travel: Travel) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    drafting = f"/tasks/{region.waiting('handlaggare')['draft_statement']}"
    region.do("handlaggare", "draft_statement", position="approve", summary=SUMMARY)
    approving = f"/tasks/{region.waiting('chef')['approve_statement']}"
    travel(timedelta(days=90))
    assert "dagar sen" in site.get("chef", approving).text
    region.do("chef", "approve_statement", approved=True)
    in_time, late = site.get("handlaggare", drafting).text, site.get("chef", approving).text
    assert "dagar sen" not in in_time + late
    assert "<dt>Klart</dt><dd>15 feb." in in_time and ", Hanna Handläggare</dd>" in in_time
    assert "Försenat" not in in_time and "Tagen av" not in in_time
    assert "<dt>Klart</dt><dd>16 maj" in late and "Försenat" in late


def test_what_came_of_the_samrad_is_before_those_who_adapt_to_it_and_those_who_decide(
    site: Site, travel: Travel
) -> None:
    region = site.region
    region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary=SUMMARY)
    region.do("chef", "approve_statement", approved=True)
    region.do("handlaggare", "deliver_material", proposal="AU föreslår.")
    region.change("sekreterare", au := region.meeting("run_au", "2021-03-31"), "summon")
    travel(datetime.fromisoformat("2021-03-31T12:00:00+00:00"))
    region("sekreterare").post(f"{region.item(au)}/outcome", {"outcome": "forwarded", "text": "Enligt förslaget."})
    region.do("sekreterare", "include_samrad_item", proposal="Nämnden föreslås anta yttrandet.")
    region.do("pkd", "samrad_preinput", text="Kostnaden bör utredas.")
    item = region.item(together := region.meeting("samrad", "2021-04-01"))
    assert "Kostnaden bör utredas." in site.get("sekreterare", item).text
    region.change("sekreterare", together, "summon")
    travel(datetime.fromisoformat("2021-04-01T12:00:00+00:00"))
    stands = {"region_position": "agrees", "municipal_position": "agrees_with_input"}
    region("sekreterare").post(f"{item}/samrad", stands | {"municipal_input": "Staten ska betala."})
    region.do("sekreterare", "write_samrad_extract", notes="Parterna skakar hand.")
    adapting = site.get("handlaggare", f"/tasks/{region.waiting('handlaggare')['adjust_to_samrad']}").text
    assert all(said in adapting for said in ("Staten ska betala.", "Kostnaden bör utredas.", "Parterna skakar hand."))
    region.do("handlaggare", "adjust_to_samrad", position="approve", summary=f"{SUMMARY} Staten betalar.")
    region.do("handlaggare", "deliver_material", proposal="RUN antar yttrandet.")
    to_decide = site.get("ordforande", region.item(region.meeting("run", "2021-04-15"))).text
    assert "Kostnaden bör utredas." in to_decide and "Parterna skakar hand." in to_decide
