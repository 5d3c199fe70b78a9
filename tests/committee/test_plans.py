"""What a case holds is looked for by the case: also where the database has counted nothing, as SQLite seldom has."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from committee import casedays, casefile, documents, referrals
from tests.support.people import acting
from tests.support.region import REFERRAL, Region
from tests.support.statements import executed, plan

GROWING = ("deadline", "document", "consultee", "task", "event", "subscription", "incident")
"""Tables that grow with the register, of which a case has few rows."""


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_what_a_case_holds_is_found_by_the_case_and_not_among_all_of_the_organisation(region: Region) -> None:
    case_id = UUID(region("registrator").post("/cases", REFERRAL).json["id"])
    officer = acting(region.database, "handlaggare")
    with executed(region.database) as statements, region.database.reading() as db:
        casefile.read_casefile(db, officer, case_id)
        casedays.read_days(db, officer, case_id)
        db.scalars(documents.find_documents(officer, case_id=case_id)).all()
        db.scalars(referrals.find_consultees(officer, case_id=case_id)).all()
    plans = "\n".join(plan(region.database, each) for each in statements)
    widely = (
        rf"SCAN (?:{'|'.join(GROWING)})|SEARCH (?:{'|'.join(GROWING)}) USING .*\(organization_id=\?(?: AND state=\?)?\)"
    )
    assert re.findall(widely, plans) == []
    assert all(f"SEARCH {table} USING" in plans for table in ("deadline", "document", "consultee", "task"))
