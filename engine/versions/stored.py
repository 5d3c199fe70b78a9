"""Versions that are deployed: found by what people call them, and compared."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import definitions
from engine.errors import DefinitionNotFound
from engine.models import Definition
from engine.versions.change import Change
from engine.versions.diff import diff
from store.errors import Invalid
from store.sentences import say

KINDS = ("process", "decisions", "form")


def named(db: Session, organization_id: UUID, name: str, kinds: tuple[str, ...] = KINDS) -> Definition:
    """The version that is called `KEY:NUMBER`, or the one in use of a `KEY`. Raises DefinitionNotFound."""
    key, _, number = name.rpartition(":") if name.rpartition(":")[2].isdecimal() else (name, "", "")
    for kind in kinds:
        versions = select(Definition).where(
            Definition.organization_id == organization_id, Definition.kind == kind, Definition.key == key
        )
        if number:
            versions = versions.where(Definition.number == int(number[:9]))
        if (found := db.scalar(versions.order_by(Definition.number.desc()).limit(1))) is not None:
            return found
    raise DefinitionNotFound(
        say("'%(name)s' is not deployed. Give KEY or KEY:NUMBER of one that is, or a file.", name=name)
    )


def difference(db: Session, older: Definition, newer: Definition) -> list[Change]:
    """All that differs between two deployed versions. Raises Invalid where they are not of one kind."""
    if older.kind != newer.kind:
        raise Invalid(
            say(
                "A %(older)s cannot be compared with a %(newer)s. Choose two of one kind.",
                older=older.kind,
                newer=newer.kind,
            )
        )
    process = newer.key if older.key == newer.key and newer.kind == "process" else None
    return diff(newer.kind, definitions.content(db, older), definitions.content(db, newer), process)
