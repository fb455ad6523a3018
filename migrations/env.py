"""Runs the migrations against the application's own database."""

from alembic import context
from flask import current_app

from surveyapp import database, models  # noqa: F401 (declares the tables)
from surveyapp.extensions import db

SEQUENCE = "{:04d}"


def plain_type(kind, thing, autogen_context):
    """Write our column types as the plain ones they are: a migration outlives them."""
    if kind == "type" and isinstance(thing, database.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, database.EncryptedText):
        return "sa.LargeBinary()"
    return False


def number(migration_context, revision, directives):
    """Number a new migration after the last one; an unchanged schema makes none."""
    script = directives[0] if directives else None
    if script is None or (script.upgrade_ops and script.upgrade_ops.is_empty()):
        directives[:] = []
        return
    head = migration_context.script.get_current_head() or "0000"
    script.rev_id = SEQUENCE.format(int(head) + 1)


def run():
    """Apply each migration in a transaction of its own, foreign keys set aside.

    SQLite changes a table by copying it, which would delete the rows that point
    at it; the keys are checked again before the commit.
    """
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=plain_type,
            process_revision_directives=number,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"rows point at nothing: {broken[:3]}")
            connection.rollback()
            connection.connection.execute("PRAGMA foreign_keys=ON")


with current_app.app_context():
    run()
