"""Alembic's way in: it runs on the connection that `store.migrate` gives."""

from alembic import context

from store.base import Base
from store.migrate import load_tables

load_tables()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
