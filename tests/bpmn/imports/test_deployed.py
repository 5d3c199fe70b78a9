"""A foreign diagram in use: the file is kept as it came, and what runs is what was read."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine import definitions, instances
from engine.bpmn.check import CheckContext
from engine.errors import DiagramRefused
from engine.feel import Value
from engine.models import Instance, Task
from store.database import Database
from store.ids import new_id
from tests.bpmn.imports.test_mapping import diagram, held, service, user

ASK = diagram(
    user(
        'camunda:candidateGroups="${group}" camunda:dueDate="${by}"',
        held("<camunda:properties><camunda:property name='kept' value='as it is'/></camunda:properties>"),
    ),
    process='camunda:versionTag="2031-1"',
)
GIVEN: dict[str, Value] = {"group": "secretary", "by": "2031-04-30"}


def test_the_file_is_kept_as_it_came_and_runs_as_it_was_read(database: Database) -> None:
    tenant = new_id()
    with database.transaction() as db:
        (made,) = definitions.deploy(db, tenant, {"theirs.bpmn": ASK}, context=CheckContext())
        assert (definitions.content(db, made), made.version_tag) == (ASK, "2031-1")
        instances.start(db, made, GIVEN)
        (asked,) = db.scalars(select(Task))
        assert (asked.candidate_role, asked.due_on) == ("secretary", date(2031, 4, 30))
        instances.complete_task(db, asked, {}, actor_id=None)
        assert db.scalars(select(Instance.status)).all() == ["completed"]


def test_code_of_another_engine_is_not_put_in_use(database: Database) -> None:
    listens = held('<camunda:executionListener event="start" class="x.Y"/>')
    with database.transaction() as db, pytest.raises(DiagramRefused) as refused:
        definitions.deploy(
            db, new_id(), {"a.bpmn": diagram(service('camunda:class="x.Z"', listens))}, context=CheckContext()
        )
    assert [error["rule"] for error in refused.value.errors or ()] == ["other-engine-code"]
