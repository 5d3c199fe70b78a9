"""Tables: migrations, and what is needed to take each of them back.

State machine of a migrated instance: moved -> undone; refused stays refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Identified
from store.said import Sentences


class Migration(Identified, Base):
    """Running instances carried from one version of a process to another: who, when, why, by which plan."""

    __tablename__ = "migration"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"), index=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"), index=True)
    mapping: Mapped[dict[str, Any]]
    """Element of the older version -> the one that takes its place; the others keep their ids."""
    recompute: Mapped[bool]
    """Whether due dates and timers that are said otherwise in the new version were computed again."""
    reason: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class MigratedInstance(Identified, Base):
    """What became of one instance."""

    __tablename__ = "migrated_instance"

    migration_id: Mapped[UUID] = mapped_column(ForeignKey("migration.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), index=True)
    case_id: Mapped[UUID | None]
    state: Mapped[str]
    """`moved`, `refused` or `undone`."""
    sentences: Mapped[list[str]] = mapped_column(Sentences())
    """What changed, or why it could not be carried over."""
    state_before: Mapped[bytes | None]
    """The kernel's state as it was, byte for byte; None where nothing can be taken back."""
    rows_before: Mapped[list[Any]]
    """What its rows said, and what the migration made of it (`engine.versions.rows`)."""
    advances_after: Mapped[int | None]
    """What the instance's `advances` was when it had been carried over: while it is that, it has not moved on."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]

    __table_args__ = (UniqueConstraint("migration_id", "instance_id"),)
