"""Incidents: a step that failed was rolled back; what was being done is kept, so that an operator can do it again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import StepFailed
from engine.models import Incident, Instance, StartTimer
from store import clock, events
from store.errors import Conflict, HandslagError

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
) -> Incident:
    """Record a failed step of an instance, or of a timer that was to start one, in a transaction after the roll-back.

    The sentence is for people; the detail names the kind of fault and its place, and holds no personal data.
    """
    instance = of if isinstance(of, Instance) else None
    if instance is not None:
        instance.has_incident = True
    made = Incident(
        organization_id=of.organization_id,
        instance_id=instance.id if instance else None,
        case_id=instance.case_id if instance else None,
        element_id=getattr(error, "element_id", None),
        action=action,
        action_data=dict(data),
        code=error.code if isinstance(error, HandslagError) else "internal",
        sentence=str(error) if isinstance(error, HandslagError) else "A step of the process failed unexpectedly.",
        detail=f"{type(error).__name__} at {_place(error)}",
        state="open",
        created_at=clock.now(),
    )
    db.add(made)
    db.flush()
    if not isinstance(error, HandslagError):
        log.error("incident %s: a step failed unexpectedly", made.id, exc_info=error)
    events.record(
        db,
        made.organization_id,
        "incident.opened",
        "incident",
        made.id,
        actor_id=actor_id,
        case_id=made.case_id,
        instance_id=made.instance_id,
        data={"code": made.code, "action": action},
    )
    return made


def resolve(db: Session, incident: Incident, *, actor_id: UUID | None) -> None:
    """Close an incident after its step has been done again."""
    _close(db, incident, "resolved", actor_id, None)


def skip(db: Session, incident: Incident, reason: str, *, actor_id: UUID | None) -> None:
    """Close an incident whose step is not to be done again: the instance was mended in another way, or needs nothing.

    It stands where it stood; what is kept is who decided so, and why.
    """
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
    events.record(
        db,
        incident.organization_id,
        f"incident.{state}",
        "incident",
        incident.id,
        actor_id=actor_id,
        case_id=incident.case_id,
        instance_id=incident.instance_id,
        data=data,
    )


def _place(error: Exception) -> str:
    """File and line of the innermost frame, without the machine's folders."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    path = trace.tb_frame.f_code.co_filename.replace("\\", "/").split("/")
    return f"{'/'.join(path[-2:])}:{trace.tb_lineno}"
