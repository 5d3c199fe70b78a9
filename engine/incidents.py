"""Incidents: a step that failed was rolled back; what was being done is kept, so that an operator can do it again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import StepFailed, element_of
from engine.models import Incident, Instance, StartTimer
from store import clock, events
from store.errors import Conflict, HandslagError
from store.sentences import say

UNEXPECTED = say("A step of the process failed unexpectedly.")
log = logging.getLogger("handslag.engine")


def is_fault(error: Exception) -> bool:
    """Whether an exception is a fault of a step (an incident), rather than an answer to whoever asked."""
    return not isinstance(error, HandslagError) or isinstance(error, StepFailed) or getattr(error, "is_fault", False)


def open_incident(
    db: Session,
    of: Instance | StartTimer,
    action: str,
    data: Mapping[str, Any],
    error: Exception,
    actor_id: UUID | None,
    *,
    element_id: str | None = None,
    attempts: int = 1,
) -> Incident:
    """Record a failed step of an instance, or of a timer that was to start one, in a transaction after the roll-back.

    `element_id` is where the step began, for an error that does not say at which element it came about.
    Of a task that is handed in again while its incident is open, that incident keeps what was sent last.
    """
    instance = of if isinstance(of, Instance) else None
    if instance is not None:
        found = of_task(db, instance.id, data["task_id"]) if "task_id" in data else None
        if found is not None:
            found.action_data = dict(data)
            fail_again(found, error)
            return found
        instance.has_incident = True
    made = Incident(
        organization_id=of.organization_id,
        instance_id=instance.id if instance else None,
        case_id=instance.case_id if instance else None,
        action=action,
        action_data=dict(data),
        element_id=element_id,
        attempts=attempts,
        state="open",
        created_at=clock.now(),
    )
    _describe(made, error)
    db.add(made)
    db.flush()
    _log(made, error)
    _record(db, made, "incident.opened", actor_id, {"code": made.code, "action": action})
    return made


def of_task(db: Session, instance_id: UUID, task_id: str) -> Incident | None:
    """The open incident of a task: when it was handed in last, a step failed."""
    opened = select(Incident).where(Incident.instance_id == instance_id, Incident.state == "open")
    return next((each for each in db.scalars(opened) if each.action_data.get("task_id") == task_id), None)


def fail_again(incident: Incident, error: BaseException) -> None:
    """Count one more attempt, and say why that one failed."""
    incident.attempts += 1
    _describe(incident, error)
    _log(incident, error)


def _describe(incident: Incident, error: BaseException) -> None:
    """The sentence is for people; the detail names the kind of fault and its place, and holds no personal data."""
    code, why = (error.code, error.message) if isinstance(error, HandslagError) else ("internal", UNEXPECTED)
    incident.element_id = element_of(error) or incident.element_id
    incident.code, incident.sentence = code, why
    incident.detail = f"{type(error).__name__} at {_place(error)}"


def resolve(db: Session, incident: Incident, *, actor_id: UUID | None) -> None:
    """Close an incident after its step has been done again."""
    _close(db, incident, "resolved", actor_id, None)


def skip(db: Session, incident: Incident, reason: str, *, actor_id: UUID | None) -> None:
    """Close an incident whose step is not to be done again: the instance was mended in another way, or needs nothing.

    It stands where it stood; what is kept is who decided so, and why.
    """
    incident.skip_reason = reason
    _close(db, incident, "skipped", actor_id, {"reason": reason})


def _close(db: Session, incident: Incident, state: str, actor_id: UUID | None, data: Mapping[str, Any] | None) -> None:
    if incident.state != "open":
        raise Conflict("This incident is already resolved.")
    incident.state = state
    incident.resolved_at = clock.now()
    incident.resolved_by = actor_id
    db.flush()
    if incident.instance_id is not None:
        left = select(Incident.id).where(Incident.instance_id == incident.instance_id, Incident.state == "open")
        if db.scalar(left.limit(1)) is None:
            db.get_one(Instance, incident.instance_id).has_incident = False
    _record(db, incident, f"incident.{state}", actor_id, data)


def _record(db: Session, incident: Incident, type_: str, actor_id: UUID | None, data: Mapping[str, Any] | None) -> None:
    events.record(
        db,
        incident.organization_id,
        type_,
        "incident",
        incident.id,
        actor_id=actor_id,
        case_id=incident.case_id,
        instance_id=incident.instance_id,
        data=data,
    )


def _log(incident: Incident, error: BaseException) -> None:
    if not isinstance(error, HandslagError):
        log.error("incident %s: a step failed unexpectedly", incident.id, exc_info=error)


def _place(error: BaseException) -> str:
    """File and line of the innermost frame, without the machine's folders."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    path = trace.tb_frame.f_code.co_filename.replace("\\", "/").split("/")
    return f"{'/'.join(path[-2:])}:{trace.tb_lineno}"
