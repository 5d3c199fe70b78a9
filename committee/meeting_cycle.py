"""The process of a meeting: one instance each, from the opened agenda to the archived minutes.

The instance follows the meeting: its dates are the meeting's own, and what somebody does with the meeting directly
(summons, adjustment, notice) is told to it by message, so that no task stays open for what has been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from engine import definitions, instances, messages, timers
from engine.errors import DefinitionNotFound
from store import clock

if TYPE_CHECKING:
    from committee.meetings import Meeting
    from committee.organisations import Body
    from engine.feel import Value
    from engine.models import Definition

PROCESS = "meeting_cycle"
"""Key of the process that carries a meeting."""


def process(db: Session, organization_id: UUID) -> Definition | None:
    """The newest version of the process; None for an organisation that lets its meetings go without one."""
    try:
        return definitions.latest(db, organization_id, "process", PROCESS)
    except DefinitionNotFound:
        return None


def start(db: Session, meeting: Meeting, of: Body, definition: Definition | None) -> None:
    """Start the process of a meeting that is still to come, in the verb's transaction."""
    if definition is None or meeting.day < clock.today():
        return
    variables: dict[str, Value] = {
        "meeting_id": str(meeting.id),
        "body": of.key,
        "authoritative": of.authoritative,
    }
    meeting.instance_id = instances.start(db, definition, variables).id
    db.flush()


def tell(
    db: Session,
    meeting: Meeting,
    name: str,
    *,
    actor_id: UUID | None,
    payload: Mapping[str, Value] | None = None,
) -> None:
    """Publish a message to the process of a meeting; without a process there is nobody to tell."""
    if meeting.instance_id is None:
        return
    keys = {"meeting_id": str(meeting.id)}
    messages.publish(db, meeting.organization_id, name, keys, payload, actor_id=actor_id)


def follow(db: Session, meeting: Meeting) -> None:
    """Compute the timers and due dates of a meeting's process again, after the meeting has moved."""
    if meeting.instance_id is not None:
        timers.rearm_instance(db, meeting.organization_id, meeting.instance_id)
