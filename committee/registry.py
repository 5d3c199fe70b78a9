"""Registries (diarier) and their numbers. Every region writes them differently, so the pattern is data."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store import clock
from store.base import Base, Identified
from store.errors import Invalid, NotFound
from store.sentences import say

_TOKEN = re.compile(r"\{(prefix|year|yy|seq(?::0(?P<width>[1-9]))?)\}")


class Registry(Identified, Base):
    """A registry with its prefix and pattern: `{prefix} {seq}-{year}` gives `RUN 12-2027`."""

    __tablename__ = "registry"

    key: Mapped[str]
    prefix: Mapped[str]
    pattern: Mapped[str]

    __table_args__ = (UniqueConstraint("organization_id", "key"),)


class RegistryYear(Identified, Base):
    """The last number given in a registry in a year. Its row is locked while a number is given, so none is skipped."""

    __tablename__ = "registry_year"

    registry_id: Mapped[UUID]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("registry_id", "year"),)


def require_pattern(pattern: str) -> str:
    """Refuse a pattern that would give one number twice or holds an unknown token."""
    rest = _TOKEN.sub("", pattern)
    if "{seq" not in pattern or not re.search(r"\{(year|yy)\}", pattern):
        raise Invalid(
            say(
                "The pattern '%(pattern)s' needs {seq} and {year} or {yy}, or two cases would get one number.",
                pattern=pattern,
            )
        )
    if "{" in rest or "}" in rest:
        raise Invalid(
            say(
                "The pattern '%(pattern)s' holds an unknown token. Known: prefix, year, yy, seq, seq:05.",
                pattern=pattern,
            )
        )
    return pattern


def formatted(pattern: str, prefix: str, year: int, seq: int) -> str:
    """A registry number by its pattern."""

    def token(found: re.Match[str]) -> str:
        name = found[1].partition(":")[0]
        values = {"prefix": prefix, "year": str(year), "yy": f"{year % 100:02}", "seq": str(seq)}
        return values[name].zfill(int(found["width"] or 0))

    return _TOKEN.sub(token, require_pattern(pattern))


def next_number(db: Session, organization_id: UUID, key: str) -> str:
    """The next number of a registry this year, in the verb's transaction."""
    registry = db.scalar(
        select(Registry).where(Registry.organization_id == organization_id, Registry.key == key).with_for_update()
    )
    if registry is None:
        raise NotFound(say("There is no registry '%(key)s'. Check the organisation profile.", key=key))
    year = clock.today().year
    row = db.scalar(select(RegistryYear).where(RegistryYear.registry_id == registry.id, RegistryYear.year == year))
    if row is None:
        row = RegistryYear(organization_id=organization_id, registry_id=registry.id, year=year, last=0)
        db.add(row)
    row.last += 1
    db.flush()
    return formatted(registry.pattern, registry.prefix, year, row.last)
