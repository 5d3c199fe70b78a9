"""What a municipality sees of a question that the region no longer wants an answer to."""

from __future__ import annotations

from sqlalchemy import select

from committee.organisations import Person
from tests.pages.test_municipality import asked, form_of, question
from tests.support.site import Site


def test_a_question_leaves_the_municipalities_when_its_case_is_withdrawn(site: Site) -> None:
    case, address = asked(site), question(site, "umea")
    begun = {**form_of(site, "umea"), "action": "draft", "field.answers": ["Halva svaret", ""]}
    assert site.post("umea", f"{address}/answer", data=begun).status_code == 303
    site.region.change("registrator", case, "withdraw", reason="Återtaget av departementet")
    listed = site.get("umea", "/consultations").text
    assert "Att besvara (0)" in listed and "Utan svar (1)" in listed
    page = site.get("umea", address).text
    assert "Regionen avslutade ärendet (återkallat) den 15 feb." in page and "Halva svaret" in page
    assert "Svarsdagen har gått" not in page and "registrator@demo.invalid" in page
    assert "Regionen väntar inte längre på ert svar" in site.region.mails("umea")
    row = site.get("registrator", f"{case}/statements").text
    assert "tillfrågad" not in row and "avbruten" in row
    assert "Registrera svar" in row, "what is sent all the same can be kept"


def test_the_page_of_a_question_names_no_registrar_whom_the_register_cannot_reach(site: Site) -> None:
    asked(site)
    (found,) = site.region("umea").get("/consultees").json["items"]
    with site.database.transaction() as db:
        for person in db.scalars(select(Person).where(Person.key == "registrator")):
            person.email = None
    site.post("handlaggare", f"/referrals/{found['referral_id']}/stop", data={"reason": "Det brådskar"})
    page = site.get("umea", f"/consultations/{found['id']}").text
    assert "Regionen drog tillbaka frågan den 15 feb." in page and "registrator" not in page
