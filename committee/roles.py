"""The roles that a person may have in a body: those that the gate knows, and those that the diagrams in use give work to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from engine import definitions
from engine.models import Definition

ROLES = {
    "registrar": "Registers what comes in and goes out, opens cases, notes answers that came by other ways.",
    "officer": "Handles the cases that are given to them; in the office of a municipality: answers for it.",
    "head": "Gives cases to officers, and sees every case; is told of what is late.",
    "director": "Sees every case and what is late.",
    "secretary": "Keeps the meetings of the body: agenda, summons, outcomes, minutes, notice.",
    "chair": "Presides over the body, and sits in it.",
    "first_vice": "Sits in the body, as its first vice chair.",
    "second_vice": "Sits in the body, as its second vice chair.",
    "member": "Sits in the body.",
    "substitute": "Takes the place of a member who is away.",
    "adjuster": "Adjusts the minutes of the body.",
    "process_owner": "Deploys diagrams, decision tables and forms; sees and mends running processes.",
    "manager": "Sees everything in the organisation, and what is late.",
    "operator": "Keeps it running: incidents, mended processes, metrics.",
}
"""Roles that the gate or the delivered diagrams know, and what who has one may do."""


def known(db: Session, organization_id: UUID) -> set[str]:
    """The roles that mean something here: `ROLES`, and those that a diagram in use names."""
    return ROLES.keys() | {
        node.performer.role
        for process in _in_use(db, organization_id)
        for node in definitions.compiled(db, process).process.scope.walk()
        if node.performer is not None and not node.performer.role.startswith("=")
    }


def _in_use(db: Session, organization_id: UUID) -> list[UUID]:
    """The newest version of each process."""
    processes = (Definition.organization_id == organization_id) & (Definition.kind == "process")
    newest = select(Definition.key, func.max(Definition.number)).where(processes).group_by(Definition.key)
    versions = tuple_(Definition.key, Definition.number)
    return list(db.scalars(select(Definition.id).where(processes, versions.in_(newest))))
