"""The append-only log of what happened, and the outbox of what is to be sent because of it.

Both are written inside the verb's transaction, never after it. The log is chained by hash when the worker seals it
(`committee/audit.py`), so that appending needs no lock that all verbs would queue at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from store import clock
from store.base import Base, Identified


class Event(Base):
    """One thing that happened: who, when, what, to which subject, in which case."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    organization_id: Mapped[UUID]
    at: Mapped[datetime]
    type: Mapped[str]
    """Verb in the past tense with its noun first: `task.completed`, `deadline.extended`."""
    actor_id: Mapped[UUID | None]
    """The person; None when the system itself acted (timer, operation)."""
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_event_case_id_seq", "case_id", "seq"),
        Index("ix_event_organization_id_seq", "organization_id", "seq"),
    )


class Outbox(Identified, Base):
    """Something to send after the commit, at least once, under a stable key."""

    __tablename__ = "outbox"

    key: Mapped[str]
    """Stable key of the side effect: the receiver can recognise a repetition by it."""
    channel: Mapped[str]
    """`email` (more channels are plug-ins of the worker)."""
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="pending")
    """`pending` -> `sent` or, after too many attempts, `failed` -> `pending` again or `given_up`, as an operator says."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """Earliest instant of the next attempt. While one is under way: when its claim lapses and another worker may try."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    given_up_at: Mapped[datetime | None]
    given_up_by: Mapped[UUID | None]
    given_up_because: Mapped[str | None]
    case_id: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        Index("ix_outbox_due", "state", "due_at", "id"),
        Index("ix_outbox_state", "organization_id", "state", "created_at", "id"),
    )


def record(
    session: Session,
    organization_id: UUID,
    type: str,  # noqa: A002 - the column's name
    subject_type: str,
    subject_id: UUID,
    *,
    actor_id: UUID | None = None,
    case_id: UUID | None = None,
    instance_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append an event to the verb's transaction."""
    session.info.setdefault("events", []).append(
        {
            "organization_id": organization_id,
            "at": clock.now(),
            "type": type,
            "actor_id": actor_id,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "case_id": case_id,
            "instance_id": instance_id,
            "data": dict(data or {}),
        }
    )


def send(
    session: Session,
    organization_id: UUID,
    key: str,
    channel: str,
    payload: Mapping[str, Any],
    *,
    case_id: UUID | None = None,
) -> None:
    """Put something into the outbox in the verb's transaction."""
    instant = clock.now()
    session.add(
        Outbox(
            organization_id=organization_id,
            key=key,
            channel=channel,
            payload=dict(payload),
            due_at=instant,
            created_at=instant,
            case_id=case_id,
        )
    )
    session.info["wake"] = True


def seal(session: Session) -> None:
    """Write the transaction's events in one statement and wake the workers; called once, just before the commit."""
    rows = session.info.pop("events", [])
    session.flush()
    if rows:
        session.connection().execute(insert(Event.__table__), rows)  # type: ignore[arg-type]
    if session.info.pop("wake", False) and session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql("NOTIFY handslag_due")
