"""The register that the API's tests run on: few rows, known tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee.access import store_token
from committee.agenda import place
from committee.cases import Case
from committee.deadlines import set_deadline
from committee.meetings import add_meeting
from committee.organisations import Body, Membership, Organization, Person
from committee.referrals import open_referral
from committee.statements import write
from engine import definitions, instances
from engine.bpmn.check import CheckContext
from engine.models import Definition, Deployment, Instance, Resource, Task
from store import clock, events
from store.database import Database
from store.ids import new_id
from tests.support.diagrams import bpmn


@dataclass(frozen=True)
class Known:
    """A person with a role in a body."""

    body: str
    role: str

    @property
    def token(self) -> str:
        """The same in every test run, so that a failure can be repeated."""
        return f"hs_test_{self.body}_{self.role}"


PEOPLE = {
    "operator": Known("stab", "operator"),
    "owner": Known("stab", "process_owner"),
    "manager": Known("stab", "manager"),
    "officer": Known("stab", "officer"),
    "registrar": Known("stab", "registrar"),
    "secretary": Known("run", "secretary"),
    "chair": Known("run", "chair"),
    "au_secretary": Known("run_au", "secretary"),
    "samrad_secretary": Known("samrad", "secretary"),
    "umea": Known("umea_kansli", "officer"),
}

BODIES = {
    "stab": ("administration", False),
    "run": ("committee", True),
    "run_au": ("subcommittee", True),
    "samrad": ("joint_consultation", False),
    "umea_kansli": ("administration", False),
}


def populate(database: Database) -> None:
    """Write the register."""
    with database.transaction() as db:
        tenant = new_id()
        owners = {"vasterbotten": tenant, "umea": new_id()}
        for key, owner in owners.items():
            kind = "region" if owner == tenant else "municipality"
            db.add(Organization(id=owner, organization_id=tenant, key=key, name=key.title(), kind=kind))
        db.flush()
        bodies = {}
        for key, (kind, authoritative) in BODIES.items():
            belongs_to = {"umea_kansli": owners["umea"], "samrad": None}.get(key, tenant)
            body = Body(
                organization_id=tenant,
                key=key,
                name=key,
                short_name=key,
                kind=kind,
                authoritative=authoritative,
                owner_id=belongs_to,
            )
            db.add(body)
            bodies[key] = body
        db.flush()
        for key, known in PEOPLE.items():
            person = Person(organization_id=tenant, key=key, name=key.title(), kind="official")
            db.add(person)
            db.flush()
            held = {known.body: known.role, **({"run": "substitute"} if known.body == "samrad" else {})}
            for body_key, role in held.items():
                db.add(Membership(organization_id=tenant, person_id=person.id, body_id=bodies[body_key].id, role=role))
            store_token(db, person, "test", known.token)


def known_ids(database: Database) -> dict[str, list[str]]:
    """Ids of things that exist, by their names in paths; so that random questions meet something."""
    task_id = open_task(database, "stab", "officer")
    with database.transaction() as db:
        body = db.scalars(select(Body).where(Body.key == "run")).one()
        tenant = body.organization_id
        case = Case(
            organization_id=tenant, title="Äganderätt", case_type="p", status="received", received_at=clock.now()
        )
        db.add(case)
        db.flush()
        deadline = set_deadline(db, tenant, case.id, "send", clock.today())
        task = db.get_one(Task, task_id)
        definition_id = db.get_one(Instance, task.instance_id).definition_id
        task.case_id = case.id
        meeting = add_meeting(db, body, clock.now() + timedelta(days=60))
        item = place(db, meeting, case, "decision")
        referral, (consultee,) = open_referral(db, case, "remiss", ["umea"], clock.today() + timedelta(days=28), None)
        events.record(db, tenant, "case.opened", "case", case.id, case_id=case.id)
        found = {"task_id": task_id, "body_id": body.id, "case_id": case.id}
        found |= {"deadline_id": deadline.id, "definition_id": definition_id}
        found |= {"meeting_id": meeting.id, "item_id": item.id, "consultee_id": consultee.id}
        found["referral_id"] = referral.id
        found["instance_id"] = _running(db, tenant, case)
        found["document_id"] = write(db, case, "statement", "Tillstyrks.", actor_id=None).document_id
        return {name: [str(each)] for name, each in found.items()}


def _running(db: Session, tenant: UUID, case: Case) -> UUID:
    """A process that waits for a person."""
    waits = bpmn('<startEvent id="s"/><userTask id="t" name="T"/><endEvent id="e"/>', "s > t > e", process="waits")
    definitions.deploy(db, tenant, {"waits.bpmn": waits}, context=CheckContext())
    definition = definitions.latest(db, tenant, "process", "waits")
    return instances.start(db, definition, {}, case_id=case.id).id


def open_task(database: Database, body: str, role: str, **columns: Any) -> UUID:
    """A task that waits for a role in a body, as the engine writes it; it belongs to no running process."""
    with database.transaction() as db:
        owner = db.scalars(select(Body).where(Body.key == body)).one()
        tenant = owner.organization_id
        key = f"p{new_id().hex}"
        diagram = bpmn('<startEvent id="s"/><endEvent id="e"/>', "s > e", process=key)
        resource = Resource(organization_id=tenant, sha256=new_id().hex, content=diagram)
        deployment = Deployment(organization_id=tenant, deployed_at=clock.now())
        db.add_all([resource, deployment])
        db.flush()
        definition = Definition(
            organization_id=tenant, kind="process", key=key, number=1, name="p", file_name="p.bpmn",
            resource_id=resource.id, deployment_id=deployment.id, deployed_at=clock.now(),
        )  # fmt: skip
        db.add(definition)
        db.flush()
        instance_id = new_id()
        instance = Instance(
            id=instance_id, root_id=instance_id, organization_id=tenant, definition_id=definition.id, process_key="p",
            state=b"", started_at=clock.now(),
        )  # fmt: skip
        db.add(instance)
        db.flush()
        task = Task(
            organization_id=tenant, instance_id=instance.id, key="k", process_key="p", element_id="e", name="Skriv",
            candidate_body_id=owner.id, candidate_role=role, locals={}, created_at=clock.now(), **columns,
        )  # fmt: skip
        db.add(task)
        db.flush()
        return task.id
