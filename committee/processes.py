"""The processes of the organisation: what is deployed, what is checked, and how a step that fails is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.meetings import start_cycles
from committee.organisations import Body, Organization, administration, body_id
from engine import definitions as deployed
from engine import incidents, instances, messages, starts, timers
from engine.bpmn.check import CheckContext
from engine.bpmn.model import EventType
from engine.errors import DefinitionNotFound, InstanceSuspended, StepFailed
from engine.feel import Value, from_json
from engine.functions import FunctionContext, bound_functions
from engine.models import Definition, Incident, Instance, Message, Task
from engine.operations import operations
from engine.performers import Candidate, resolved_by
from store.database import Database
from store.errors import Conflict, HandslagError, Invalid, NotFound, Stale, Unavailable
from store.query import equal, narrowed
from store.sentences import say
from store.settings import Settings


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer whose turn it was; `error` when its step failed."""

    timer_id: UUID
    error: Exception | None = None


def deploy(store: Database, actor: Actor, files: Mapping[str, bytes]) -> list[Definition]:
    """Put files in use together. Raises DiagramRefused with every error of every file."""
    access.require(actor, "process_owner")
    with first_step(), store.transaction() as db:
        take_turn(db, actor.organization_id)
        context = check_context(db, actor.organization_id)
        made = deployed.deploy(db, actor.organization_id, files, context=context, actor_id=actor.person_id)
        start_cycles(db, actor.organization_id)
        return made


def check(store: Database, actor: Actor, files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """All findings of files, errors first."""
    access.require(actor, "process_owner")
    with store.reading() as db:
        context = check_context(db, actor.organization_id)
    return deployed.check_files(files, context)


def definitions(
    actor: Actor, *, kind: str | None = None, key: str | None = None, latest: bool = False
) -> Select[Definition]:
    """The versions of what is deployed."""
    found = select(Definition).where(Definition.organization_id == actor.organization_id)
    if kind is not None:
        found = found.where(Definition.kind == kind)
    if key is not None:
        found = found.where(Definition.key == key)
    if latest:
        other = Definition.__table__.alias("other")
        newest = select(func.max(other.c.number)).where(
            other.c.organization_id == Definition.organization_id,
            other.c.kind == Definition.kind,
            other.c.key == Definition.key,
        )
        found = found.where(Definition.number == newest.scalar_subquery())
    return found


def definition(db: Session, actor: Actor, definition_id: UUID) -> Definition:
    """One version. Raises DefinitionNotFound."""
    found = db.get(Definition, definition_id)
    if found is None or found.organization_id != actor.organization_id:
        raise DefinitionNotFound("There is no such definition.")
    return found


def content(db: Session, found: Definition) -> bytes:
    """The file as it was deployed."""
    return deployed.content(db, found)


def take_turn(db: Session, organization_id: UUID) -> None:
    """Wait until nobody else of the organisation has a turn: what may be there once only is looked for and made in it.

    Each version that is deployed gets the next number, and is checked against those before it.
    """
    row = select(Organization.id).where(Organization.id == organization_id)
    db.scalar(row.with_for_update(key_share=True))  # but not its key, which what others write refers to


def check_context(db: Session, organization_id: UUID) -> CheckContext:
    """What the organisation knows that a diagram may name."""
    rows = db.execute(
        select(Definition.kind, Definition.key).where(Definition.organization_id == organization_id).distinct()
    ).all()
    known = {kind: {key for found, key in rows if found == kind} for kind, _ in rows}
    bodies = db.scalars(select(Body.key).where(Body.organization_id == organization_id)).all()
    return CheckContext(
        operations=frozenset(operations()),
        functions=frozenset(bound_functions(FunctionContext(None, organization_id, None))),
        bodies=frozenset(bodies) or None,
        forms=frozenset(known.get("form", ())),
        decisions=frozenset(known.get("decisions", ())),
        processes=frozenset(known.get("process", ())),
        started=deployed.started_by_messages(db, organization_id),
        tags=deployed.tags(db, organization_id),
    )


@resolved_by
def candidate(
    db: Session, organization_id: UUID, body_key: str | None, organization_key: str | None, role: str
) -> Candidate:
    """The body and role behind a performer of a diagram."""
    if organization_key is not None:
        return Candidate(administration(db, organization_id, organization_key).id, role)
    if body_key is not None:
        return Candidate(body_id(db, organization_id, body_key), role)
    return Candidate(None, role)


@contextmanager
def step(store: Database, action: str, data: Mapping[str, Any], task_id: UUID) -> Iterator[Session]:
    """The transaction of a verb that steps the instance of a task. A fault rolls it back and becomes an incident.

    The incident keeps what was being done, so that nothing that a person sent is lost. Raises StepFailed.
    """
    actor_id = data.get("actor_id")
    try:
        with store.transaction() as db:
            yield db
            instance = _instance_of(db, task_id)
            failed = incidents.of_task(db, instance.id, str(task_id)) if instance.has_incident else None
            if failed is not None:  # somebody did the task anew, before an operator did
                incidents.resolve(db, failed, actor_id=UUID(actor_id) if actor_id else None)
    except Exception as error:
        if not incidents.is_fault(error):
            raise
        with store.transaction() as db:
            task = db.get_one(Task, task_id)
            instance, sender = db.get_one(Instance, task.instance_id), UUID(actor_id) if actor_id else None
            made = incidents.open_incident(db, instance, action, data, error, sender, element_id=task.element_id)
        raise StepFailed(
            "A step of the process failed. Nothing was changed, what you sent is kept, and the operator has been told.",
            incident_id=str(made.id),
        ) from error


def _instance_of(db: Session, task_id: UUID) -> Instance:
    return db.get_one(Instance, db.get_one(Task, task_id).instance_id)


def fire_next_timer(store: Database) -> Fired | None:
    """Fire the timer that has been due for longest, in a transaction of its own; None when none is due.

    A firing that fails is rolled back and counted in a second transaction. What cannot heal by itself becomes an
    incident at once; anything else is tried again later, and becomes one after `timers.MAX_ATTEMPTS`.
    Raises Unavailable when not even that can be written.
    """
    claimed: tuple[UUID, UUID] | None = None
    try:
        with store.transaction() as db:
            taken = timers.take_due(db)
            if taken is None:
                return None
            timer, instance = taken
            claimed = timer.id, timer.instance_id
            timers.fire(db, timer, instance)
    except Exception as error:
        if claimed is None:
            raise
        _count_failure(store, *claimed, error)
        return Fired(claimed[0], error)
    return Fired(claimed[0])


def _count_failure(store: Database, timer_id: UUID, instance_id: UUID, error: Exception) -> None:
    with store.transaction() as db:
        held = timers.put_off(db, timer_id, for_good=incidents.is_fault(error))
        if held is not None:
            timer, tried = held
            instance, data = db.get_one(Instance, instance_id), {"timer_id": str(timer_id)}
            at = timer.element_id
            incidents.open_incident(db, instance, "fire_timer", data, error, None, element_id=at, attempts=tried)


def fire_next_start(store: Database) -> Fired | None:
    """Start the process whose timer has been due for longest, in a transaction of its own; None when none is due.

    A start that fails is treated as a firing that fails is: tried again later, and an incident at last.
    """
    claimed: UUID | None = None
    try:
        with store.transaction() as db:
            timer = starts.take_due(db)
            if timer is None:
                return None
            claimed = timer.id
            starts.fire(db, timer)
    except Exception as error:
        if claimed is None:
            raise
        with store.transaction() as db:
            held = starts.put_off(db, claimed, for_good=incidents.is_fault(error))
            if held is not None:
                start, tried = held
                data = {"start_timer_id": str(claimed), "definition_id": str(start.definition_id)}
                incidents.open_incident(db, start, "start_process", data, error, None, attempts=tried)
        return Fired(claimed, error)
    return Fired(claimed)


def meet_conditions(store: Database, actor: Actor, variables: Mapping[str, Any]) -> list[Instance]:
    """Start the processes whose conditional start events are true of some variables."""
    access.require(actor, "operator", "process_owner")
    with first_step(), store.transaction() as db:
        return starts.meet_conditions(db, actor.organization_id, _values(variables), actor_id=actor.person_id)


def publish(
    store: Database,
    actor: Actor,
    name: str,
    correlation: Mapping[str, Any],
    payload: Mapping[str, Any],
    *,
    unique_key: str | None = None,
) -> Message:
    """Publish a message from outside; it waits until somebody waits for it."""
    access.require(actor, "operator", "process_owner")
    with first_step(), store.transaction() as db:
        _require_no_case(db, actor.organization_id, name)
        return messages.publish(
            db,
            actor.organization_id,
            name,
            _values(correlation),
            _values(payload),
            unique_key=unique_key,
            actor_id=actor.person_id,
        )


def _require_no_case(db: Session, organization_id: UUID, name: str) -> None:
    """Refuse a message that would start the process of a case without its case: one that a person starts by a form."""
    for definition, _ in deployed.started_by(db, organization_id, EventType.MESSAGE, name):
        if definition.start_form is not None:
            raise Invalid(
                say(
                    "'%(name)s' opens a case of '%(definition)s'. Open it with POST /cases, which registers it.",
                    name=name,
                    definition=definition.key,
                )
            )


def expire_next_message(store: Database, settings: Settings) -> bool:
    """Drop one message that nobody has waited for in time; say whether there was one."""
    with store.transaction() as db:
        return messages.expire_next(db, settings.message_days, settings.message_days_by_name) is not None


def find_incidents(
    actor: Actor, *, state: str | None = "open", case_id: UUID | None = None, element_id: str | None = None
) -> Select[Incident]:
    """The incidents of the organisation; `element_id` is an element of a diagram."""
    access.require(actor, "operator", "process_owner", "manager")
    return narrowed(
        select(Incident).where(Incident.organization_id == actor.organization_id),
        equal(Incident.state, state),
        equal(Incident.case_id, case_id),
        equal(Incident.element_id, element_id),
    )


def retry_incident(store: Database, actor: Actor, incident_id: UUID) -> Incident:
    """Do again what failed. It fails again with StepFailed, or the incident is resolved."""
    access.require(actor, "operator")
    try:
        with store.transaction() as db:
            incident = db.get(Incident, incident_id, with_for_update=True)
            if incident is None or incident.organization_id != actor.organization_id:
                raise NotFound("There is no such incident.")
            if incident.state != "open":
                raise Conflict("This incident is already resolved.")
            incident.attempts += 1
            with _again():
                _do_again(db, incident)
            incidents.resolve(db, incident, actor_id=actor.person_id)
            return incident
    except StepFailed as failed:
        with store.transaction() as db:
            incidents.fail_again(db.get_one(Incident, incident_id, with_for_update=True), failed.__cause__ or failed)
        raise


def skip_incident(store: Database, actor: Actor, incident_id: UUID, reason: str) -> Incident:
    """Close an incident without doing its step again. Raises NotFound, Conflict."""
    access.require(actor, "operator")
    with store.transaction() as db:
        incident = db.get(Incident, incident_id, with_for_update=True)
        if incident is None or incident.organization_id != actor.organization_id:
            raise NotFound("There is no such incident.")
        incidents.skip(db, incident, reason, actor_id=actor.person_id)
        return incident


@contextmanager
def _again() -> Iterator[None]:
    """Whatever refuses the step now is told as the step's failure, not as a fault of the request to retry."""
    try:
        yield
    except (Unavailable, Stale, InstanceSuspended):
        raise  # nothing was tried
    except Exception as error:
        why = error.message if isinstance(error, HandslagError) else say("It failed unexpectedly; see the log.")
        raise StepFailed(say("The step failed again. %(why)s Mend that first, then retry.", why=why)) from error


@contextmanager
def first_step() -> Iterator[None]:
    """A verb whose first step may fail: nothing is there yet that an incident could hang on, so it is only refused."""
    try:
        yield
    except Exception as error:
        if not incidents.is_fault(error) or isinstance(error, StepFailed):
            raise
        why = error.message if isinstance(error, HandslagError) else say("A step failed unexpectedly.")
        raise StepFailed(say("Nothing was changed: the process cannot take this step. %(why)s", why=why)) from error


def _do_again(db: Session, incident: Incident) -> None:
    if incident.action == "complete_task":
        task, instance = instances.take_task(db, UUID(incident.action_data["task_id"])) or (None, None)
        assert task is not None  # tasks are never deleted
        done_by = incident.action_data.get("actor_id")
        instances.complete_task(
            db, task, incident.action_data["submission"], actor_id=UUID(done_by) if done_by else None, locked=instance
        )
    elif incident.action == "fire_timer":
        timers.retry(db, UUID(incident.action_data["timer_id"]))
    elif incident.action == "start_process":
        starts.retry(db, UUID(incident.action_data["start_timer_id"]))


def _values(given: Mapping[str, Any]) -> dict[str, Value]:
    return {name: from_json(value) for name, value in given.items()}
