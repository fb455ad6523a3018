"""Prove the head of the audit's chain with a key that the database does not hold.

A chain that is there gets its proof where head and events agree; where they do not,
its end was changed before, and the proof stays empty so that `prom audit verify`
says so. A new database begins with the head of no events.
"""

import hashlib
import hmac

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

START = "0" * 64
HEAD = sa.table(
    "audit_head",
    sa.column("id", sa.Integer),
    sa.column("n", sa.Integer),
    sa.column("seal", sa.String),
    sa.column("proof", sa.String),
)


def upgrade():
    proof = sa.Column("proof", sa.String(64), nullable=False, server_default="")
    op.add_column("audit_head", proof)
    connection = op.get_bind()
    n = connection.scalar(sa.text("SELECT count(*) FROM audit_event"))
    newest = connection.scalar(
        sa.text("SELECT hash FROM audit_event ORDER BY id DESC LIMIT 1")
    )
    here = (n, newest or START)
    held = connection.execute(sa.select(HEAD.c.n, HEAD.c.seal)).first()
    if held is None and n == 0:
        row = {"id": 1, "n": 0, "seal": START, "proof": proof_of(*here)}
        connection.execute(HEAD.insert().values(row))
    elif held is not None and tuple(held) == here:
        connection.execute(HEAD.update().values(proof=proof_of(*here)))


def downgrade():
    with op.batch_alter_table("audit_head") as table:
        table.drop_column("proof")


def proof_of(n, newest):
    key = current_app.config["PROM"].derived_key("audit head").encode()
    return hmac.new(key, f"{n}:{newest}".encode(), hashlib.sha256).hexdigest()
