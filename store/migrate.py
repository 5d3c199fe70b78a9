"""Migrations: the database is brought to this release's tables, and checked against them."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.base import Base
from store.database import Database
from store.errors import NotUpgraded

TABLE_MODULES = (
    "store.events",
    "store.simulation",
    "engine.models",
    "engine.versions.models",
    "committee.organisations",
    "committee.access",
    "committee.registry",
    "committee.cases",
    "committee.deadlines",
    "committee.meetings",
    "committee.terms",
    "committee.attendance",
    "committee.agenda",
    "committee.delegations",
    "committee.item_drafts",
    "committee.decisions",
    "committee.appeals",
    "committee.samrad",
    "committee.referrals",
    "committee.consultee_extensions",
    "committee.documents",
    "committee.drafts",
    "committee.saved_views",
    "committee.incoming",
    "api.idempotency",
)
"""Modules that define tables. Imported by name, since the layers above may not be imported from here."""


def load_tables() -> None:
    """Let every table be known to the metadata."""
    for module in TABLE_MODULES:
        if find_spec(module) is not None:
            importlib.import_module(module)


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to a revision; without one to the newest. Raises Unavailable."""
    with database.connection() as connection:
        command.upgrade(_config(connection=connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to a revision."""
    with database.connection() as connection:
        command.downgrade(_config(connection=connection), revision)


def is_current(database: Database) -> bool:
    """Whether the database stands at this release's revision. Raises Unavailable."""
    with database.connection() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether a revision is this release's or an older one, from which `upgrade` leads on."""
    return revision in {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def differences(database: Database) -> list[object]:
    """How the tables of the database differ from those of this release; empty when they do not."""
    load_tables()
    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, Base.metadata))


def require_current(database: Database) -> None:
    """Refuse to work on a database of another release. Raises NotUpgraded, Unavailable."""
    if not is_current(database):
        raise NotUpgraded


def _config(*, connection: object = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(message: str) -> None:
    """Write a new migration from the difference to an empty, upgraded database (developers)."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/migration.db")
        upgrade(database)
        with database.engine.connect() as connection:
            number = len(list(ScriptDirectory.from_config(_config()).walk_revisions())) + 1
            config = _config(connection=connection)
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    _revision(sys.argv[2] if len(sys.argv) > 2 else "change")
