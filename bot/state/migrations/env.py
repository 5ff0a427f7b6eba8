"""What Alembic runs around the migrations: they share the connection, and so the transaction, of ``open_state``."""

from alembic import context

from bot.state.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
