"""Forms of tasks as people fill them in: nothing is decided by leaving something out, and nothing written is lost."""

from __future__ import annotations

from tests.support.site import Site

SUMMARY = "Länet tillstyrker huvudförslaget."


def test_what_is_not_answered_is_no_refusal_and_what_is_sent_back_comes_with_its_reason(site: Site) -> None:
    region = site.region
    case = region.registered(municipal_interest=False)
    region.do("handlaggare", "draft_statement", position="approve", summary=SUMMARY)
    approving = f"/tasks/{region.waiting('chef')['approve_statement']}"
    unanswered = site.post("chef", approving, data={"action": "complete"})
    assert unanswered.status_code == 422 and "Beslut om utkastet&#39; måste fyllas i." in unanswered.text
    without = site.post("chef", approving, data={"action": "complete", "field.approved": "false"})
    assert without.status_code == 422 and "den som omarbetar läser det" in without.text
    said = {"action": "complete", "field.approved": "false", "field.comment": "Skriv om kostnaderna."}
    assert site.post("chef", approving, data=said).status_code == 303
    rework = site.get("handlaggare", f"/tasks/{region.waiting('handlaggare')['revise_statement']}").text
    assert "Skriv om kostnaderna." in rework and "approve_statement" not in region.open_in(case)
