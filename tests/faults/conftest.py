"""An office with tasks that wait for its officers, in a process whose next step is the worker's."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from committee import processes
from committee.organisations import Body
from engine import definitions, instances
from engine.models import Timer
from store.database import Database
from tests.api.register import populate
from tests.api.test_cases import FORM
from tests.support.diagrams import OPENING, OPENING_FORM, bpmn

DIAGRAM = bpmn(
    OPENING
    + """
    <userTask id="write" name="Skriv"><extensionElements>
      <handslag:performer role="officer" body="stab"/><handslag:form ref="write"/></extensionElements></userTask>
    <intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition>
    </intermediateCatchEvent><endEvent id="end"/>""",
    "start > write > wait > end",
    process="small_referral",
)


@pytest.fixture
def office(database: Database) -> Database:
    """The register, with the process in use."""
    set_up(database)
    return database


def set_up(database: Database) -> None:
    """Fill an empty database."""
    populate(database)
    with database.transaction() as db:
        tenant = db.scalars(select(Body.organization_id).limit(1)).one()
        for files in ({"write.form": FORM, "opening.form": OPENING_FORM}, {"small_referral.bpmn": DIAGRAM}):
            definitions.deploy(db, tenant, files, context=processes.check_context(db, tenant))


def start(office: Database, number: int) -> None:
    """Start instances; each has a task for the officers."""
    with office.transaction() as db:
        tenant = db.scalars(select(Body.organization_id).limit(1)).one()
        definition = definitions.latest(db, tenant, "process", "small_referral")
        for _ in range(number):
            instances.start(db, definition, {})


def is_drained(office: Database) -> bool:
    """Whether nothing is left to fire."""
    with office.reading() as db:
        return not db.scalar(select(func.count()).select_from(Timer))
