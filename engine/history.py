"""What happens to an instance, as the log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.models import Instance
from store import events


def record(
    db: Session, instance: Instance, type_: str, *, actor_id: UUID | None, data: Mapping[str, Any] | None = None
) -> None:
    """Append an event about an instance, in its case, to the verb's transaction."""
    events.record(
        db,
        instance.organization_id,
        type_,
        "instance",
        instance.id,
        actor_id=actor_id,
        case_id=instance.case_id,
        instance_id=instance.id,
        data=data,
    )
