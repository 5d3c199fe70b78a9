"""What every table has in common."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Date, DateTime, Dialect, LargeBinary, MetaData, Numeric, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from store import clock
from store.ids import new_id

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")
"""For data that is queried or shown. Never for hashes or process state: JSONB reorders keys."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, always comes back aware in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def __repr__(self) -> str:
        """As migrations write it."""
        return "UtcDateTime()"

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = clock.require_aware(value).astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Typed declarative base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: Date(),
        UUID: Uuid(),
        str: String(),
        bytes: LargeBinary(),
        Decimal: Numeric(),
        dict[str, Any]: JSON_TYPE,
        list[Any]: JSON_TYPE,
        list[str]: JSON_TYPE,
    }


class Identified:
    """Mixin: a row with its own key, of one organisation (the tenant)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID]
    """The organisation whose installation, registry and people this row belongs to.

    Not indexed alone: nearly all rows have the same, and SQLite would take that index for a better one. What lists by
    organisation has an index that begins with it.
    """


class Versioned:
    """Mixin: optimistic version of what people edit. A flush over a version that has moved on raises Stale."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]
