"""Who may do a task. The engine only carries the answer; the domain gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Candidate:
    """The body whose members may do it, and the role they must have there."""

    body_id: UUID | None
    role: str | None


Resolver = Callable[["Session", UUID, str | None, str | None, str], Candidate]
"""(session, organisation, key of the body, key of the organisation, role) -> candidate."""

_resolver: list[Resolver] = []


def resolved_by(resolver: Resolver) -> Resolver:
    """Register the domain's resolver; the last one registered counts."""
    _resolver[:] = [resolver]
    return resolver


def resolve(db: Session, organization_id: UUID, body: str | None, organization: str | None, role: str) -> Candidate:
    """The candidate for a performer; without a domain nobody in particular."""
    if not _resolver:
        return Candidate(None, role)
    return _resolver[0](db, organization_id, body, organization, role)
