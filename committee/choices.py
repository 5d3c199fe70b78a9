"""What a process owner can choose from when a diagram names something outside itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import processes
from committee.access import Actor
from committee.organisations import Body
from engine.models import Definition
from engine.operations import Operation, operations


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that is deployed or registered, as it is now."""

    deployed: Sequence[Definition]
    bodies: Sequence[Body]
    operations: Mapping[str, Operation]

    def of_kind(self, kind: str) -> list[Definition]:
        """The newest version of each `process`, `decisions` or `form`."""
        return [each for each in self.deployed if each.kind == kind]


def choices(db: Session, actor: Actor) -> Choices:
    """What the actor's organisation has."""
    deployed = db.scalars(processes.definitions(actor, latest=True).order_by(Definition.kind, Definition.name)).all()
    bodies = db.scalars(select(Body).where(Body.organization_id == actor.organization_id).order_by(Body.name)).all()
    return Choices(deployed, bodies, operations())
