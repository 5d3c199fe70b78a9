"""Migrations: running processes go over to another version of their diagram, and back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Session

from api import context
from api.blueprint import Blueprint
from api.paging import PageQuery, filters, select_page, sort_field
from api.schemas import Flag, Id, Instant, Line, Representation, Schema, columns
from committee import versions
from engine.versions.models import Migration
from store.paging import Page

blp = Blueprint("migrations", "Running processes that go over to another version of their diagram, and back.")

SORTS = {"created_at": Migration.created_at}
MOST_PAIRS = 1_000


class WishSchema(Schema):
    """Which instances go over to this version, and how."""

    source_id = Id(required=True, data_key="from", metadata={"description": "The version that they have now."})
    instance_ids = fields.List(
        Id(),
        data_key="instances",
        validate=validate.Length(min=1, max=versions.MAX_INSTANCES),
        metadata={
            "description": f"Without it every running instance of that version, at most {versions.MAX_INSTANCES}."
        },
    )
    mapping = fields.Dict(
        keys=Line(),
        values=Line(),
        load_default=dict,
        validate=validate.Length(max=MOST_PAIRS),
        metadata={"description": "Element of the older version: the one that takes its place. Others keep their ids."},
    )
    recompute = Flag(
        load_default=False,
        metadata={"description": "Compute due dates and timers again where the new version says them otherwise."},
    )
    reason = Line(2000, metadata={"description": "Stays in the history of each case. A dry run needs none."})
    dry_run = Flag(load_default=False, metadata={"description": "Only tell what would be; nothing is changed."})

    @validates_schema
    def _has_reason(self, data: dict[str, Any], **_: Any) -> None:
        if not data["dry_run"] and "reason" not in data:
            raise ValidationError("Say why: it stays in the history of each case.", "reason")


class InstructionSchema(Representation):
    """What becomes of what stands at an element."""

    old = fields.String(metadata={"description": "Id of the element in the older version."})
    name = fields.String()
    new = fields.String(allow_none=True, metadata={"description": "None: what stands there cannot go over."})
    why = fields.String(allow_none=True, metadata={"description": "Why nothing takes its place."})
    perhaps = fields.String(allow_none=True, metadata={"description": "A new element of the same kind and name."})


class MigratedInstanceSchema(Representation):
    """What became, or would become, of one instance."""

    instance_id = fields.UUID()
    case_id = fields.UUID(allow_none=True)
    state = fields.String(metadata={"description": "moved, refused (it stays where it is) or undone."})
    sentences = fields.List(fields.String(), metadata={"description": "What changes, or why it cannot go over."})


class MigratedSchema(Representation):
    """What a migration did, or would do."""

    id = fields.UUID(allow_none=True, metadata={"description": "Of the migration; a dry run has none."})
    instructions = fields.List(fields.Nested(InstructionSchema), metadata={"description": "The plan."})
    results = fields.List(fields.Nested(MigratedInstanceSchema))
    left = fields.Integer(metadata={"description": "Instances that are left for another call."})


class MigrationSchema(Representation):
    """A migration: who, when, why, from where to where."""

    id = fields.UUID()
    source_id = fields.UUID(data_key="from")
    target_id = fields.UUID(data_key="to")
    mapping = fields.Dict(keys=fields.String(), values=fields.String())
    recompute = fields.Boolean()
    reason = fields.String()
    created_at = Instant()
    created_by = fields.UUID(allow_none=True)


class WholeMigrationSchema(MigrationSchema):
    """A migration with what became of each instance."""

    results = fields.List(fields.Nested(MigratedInstanceSchema))


class MigrationQuery(PageQuery):
    """Which migrations."""

    target_id = Id(data_key="to", metadata={"description": "Those to this version."})
    sort = sort_field(SORTS, "-created_at")


@blp.post("/definitions/<uuid:definition_id>/migrations")
@blp.creates(MigratedSchema, body=WishSchema, location=False, status=200)
def migrate(body: dict[str, Any], definition_id: UUID) -> versions.Outcome:
    """Carry running instances over to this version; with dry_run only tell what that would do to each.

    Each goes over whole or stays as it is, and says why. Tasks keep their ids, who has claimed them, their drafts and deadlines.
    """
    reason, dry_run = body.pop("reason", ""), body.pop("dry_run")
    wish = versions.Wish(target_id=definition_id, **body)
    if dry_run:
        return versions.preview(context.database(), context.actor(), wish)
    return versions.migrate(context.database(), context.actor(), wish, reason)


@blp.get("/migrations")
@blp.lists(MigrationSchema, MigrationQuery)
def list_migrations(query: dict[str, Any]) -> Page[Migration]:
    """What was carried over, latest first."""
    with context.database().reading() as db:
        return select_page(db, versions.find_migrations(context.actor(), **filters(query)), query, SORTS, Migration.id)


@blp.get("/migrations/<uuid:migration_id>")
@blp.reads(WholeMigrationSchema)
def read_migration(migration_id: UUID) -> dict[str, Any]:
    """One migration with what became of each instance."""
    with context.database().reading() as db:
        return _whole(db, versions.read_migration(db, context.actor(), migration_id))


@blp.post("/migrations/<uuid:migration_id>/undo")
@blp.acts(WholeMigrationSchema, versioned=False)
def undo_migration(migration_id: UUID) -> dict[str, Any]:
    """Take back every instance that has not moved on since; the others say why they cannot be."""
    told = {each.instance_id: each for each in versions.undo(context.database(), context.actor(), migration_id)}
    with context.database().reading() as db:
        whole = _whole(db, versions.read_migration(db, context.actor(), migration_id))
    return {**whole, "results": [told.get(each.instance_id, each) for each in whole["results"]]}


def _whole(db: Session, migration: Migration) -> dict[str, Any]:
    return {**columns(migration), "results": versions.migrated_instances(db, migration)}
