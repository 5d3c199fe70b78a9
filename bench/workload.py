"""What is measured: a small case that people pass round, with a branch, a join, a deadline and a form.

start > a > agreed? > b > split > c, d > join > e (at most 30 days) > more? > a …
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from committee import access, processes, profile
from committee.access import Actor
from committee.organisations import Person
from engine import definitions, instances
from engine.feel import Value
from engine.models import Task
from store.database import Database
from store.settings import Settings
from tests.support.diagrams import bpmn

KEY = "bench_case"
FORM = "bench_step"
PERFORMER = '<handslag:performer role="officer" body="stab"/>'
FLOWS = """
    start > a > agreed; agreed > b : ok; agreed > rejected *
    b > split > c > join; split > d > join; join > e > more
    more > a : again; more > end *
    late > end_late
"""
VARIABLES: dict[str, Any] = {"ok": True, "again": True, "officer": "u1"} | {
    f"name_{n}": f"värde {n}" for n in range(24)
}
"""As many routing values as a real case has."""
ANSWER: dict[str, Any] = {"again": True, "note": "Underlaget är komplett."}
OFFICER, MANAGER = "handlaggare", "ledare"


def diagram(due: str = "P30D") -> bytes:
    """The case; `due` is the text of its timer, which SpiffWorkflow reads as Python."""
    extra = f'<extensionElements>{PERFORMER}<handslag:form ref="{FORM}"/></extensionElements>'
    steps = "".join(f'<userTask id="{key}" name="Steg {key.upper()}">{extra}</userTask>' for key in "abcde")
    gateways = "".join(f'<exclusiveGateway id="{key}" name="{key}"/>' for key in ("agreed", "more"))
    gateways += "".join(f'<parallelGateway id="{key}"/>' for key in ("split", "join"))
    events = '<startEvent id="start"/>' + "".join(f'<endEvent id="{key}"/>' for key in ("rejected", "end", "end_late"))
    timer = f"<timerEventDefinition><timeDuration>{due}</timeDuration></timerEventDefinition>"
    boundary = f'<boundaryEvent id="late" attachedToRef="e" cancelActivity="true">{timer}</boundaryEvent>'
    return bpmn(events + steps + gateways + boundary, FLOWS, process=KEY)


def waiting_diagram(key: str, due: str) -> bytes:
    """A case whose only step has a timer; when it fires, another step follows."""
    steps = "".join(
        f'<userTask id="{step}" name="Steg {step}"><extensionElements>{PERFORMER}</extensionElements></userTask>'
        for step in ("ask", "remind")
    )
    timer = f"<timerEventDefinition><timeDuration>{due}</timeDuration></timerEventDefinition>"
    boundary = f'<boundaryEvent id="late" attachedToRef="ask">{timer}</boundaryEvent>'
    events = '<startEvent id="start"/><endEvent id="end"/><endEvent id="end_late"/>'
    return bpmn(events + steps + boundary, "start > ask > end; late > remind > end_late", process=key)


def form() -> bytes:
    """The form of every step."""
    fields = [
        {"type": "checkbox", "key": "again", "label": "Ett varv till"},
        {"type": "textarea", "key": "note", "label": "Anteckning", "validate": {"maxLength": 5000}},
    ]
    return orjson.dumps({"type": "default", "id": FORM, "schemaVersion": 18, "components": fields})


class Region:
    """The demo organisation with the measured process in a migrated database."""

    def __init__(self, database: Database, extra: Mapping[str, bytes] | None = None) -> None:
        self.database = database
        settings = Settings()
        users = profile.load_demo(database, settings)
        self.tokens = {user.key: user.token for user in users}
        files = {f"{FORM}.form": form(), f"{KEY}.bpmn": diagram(), **(extra or {})}
        with database.transaction() as db:
            self.tenant: UUID = profile.tenant_of(db, settings.region).id
            context = processes.check_context(db, self.tenant)
            definitions.deploy(db, self.tenant, files, context=context)

    def actor(self, key: str = OFFICER) -> Actor:
        """Somebody of the organisation."""
        with self.database.reading() as db:
            return access.actor_of(db, db.scalars(select(Person).where(Person.key == key)).one())

    def start(self, count: int, key: str = KEY, *, each: int = 100) -> list[UUID]:
        """Start instances, many in a transaction; give their ids."""
        made: list[UUID] = []
        while len(made) < count:
            with self.database.transaction() as db:
                definition = definitions.latest(db, self.tenant, "process", key)
                for _ in range(min(each, count - len(made))):
                    made.append(instances.start(db, definition, values()).id)
        return made

    def open_tasks(self, instance_ids: list[UUID] | None = None) -> list[UUID]:
        """The tasks that are open in instances; without them, all."""
        with self.database.reading() as db:
            found = db.execute(select(Task.id, Task.instance_id).where(Task.state == "open")).all()
        wanted = set(instance_ids) if instance_ids is not None else None
        return [task_id for task_id, instance_id in found if wanted is None or instance_id in wanted]


def values() -> dict[str, Value]:
    """The variables that a case starts with."""
    return dict(VARIABLES)
