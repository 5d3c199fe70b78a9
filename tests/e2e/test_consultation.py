"""A consultation that goes otherwise than drawn up: stopped before all have answered, and answered all the same."""

from __future__ import annotations

from tests.support.region import Region


def test_a_consultation_that_is_stopped_goes_on_with_what_has_come(region: Region) -> None:
    case = region.registered()
    region.do("handlaggare", "confirm_consultation", mode="remiss", question="Vad anser kommunen?")
    (referral,) = region("umea").get("/referrals").json["items"]
    assert (referral["question"], referral["mode"], referral["stopped_at"]) == ("Vad anser kommunen?", "remiss", None)
    region.do("umea", "answer_consultation", answer_kind="approve", answer_text="Tillstyrks.")

    stop = f"/referrals/{referral['id']}/stop"
    assert region("umea").post(stop, {"reason": "Nej"}).status_code == 403
    assert region("handlaggare").post(stop, {"reason": "Departementet har återkallat förslaget."}).status_code == 200
    assert region("handlaggare").post(stop, {"reason": "Igen"}).status_code == 409
    assert region.waiting("mala") == {}
    assert "compile_consultation" in region.open_in(case)
    statuses = [each["status"] for each in region("chef").get("/consultees?limit=50").json["items"]]
    assert sorted(set(statuses)) == ["answered", "stopped"] and statuses.count("answered") == 1

    (mala,) = region("mala").get("/consultees").json["items"]
    late = region("registrator").post(
        f"/consultees/{mala['id']}/answer", {"answer_kind": "object", "answer_text": "Nej."}
    )
    assert late.json["status"] == "late"
    assert region.mails("handlaggare")[-1] == "Ett svar har kommit in efter remisstiden"
