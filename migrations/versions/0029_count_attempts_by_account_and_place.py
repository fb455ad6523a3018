"""Count attempts by kind, account and place.

Rows of before are forgotten: they mattered for half an hour.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDICES = {
    "ix_attempt_account_place_at": ["account", "place", "at"],
    "ix_attempt_place_at": ["place", "at"],
    "ix_attempt_kind_at": ["kind", "at"],
    "ix_attempt_at": ["at"],
}


def upgrade():
    op.drop_index("ix_attempt_key_at", "attempt")
    op.drop_table("attempt")
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    for name, columns in INDICES.items():
        op.create_index(name, "attempt", columns)


def downgrade():
    for name in INDICES:
        op.drop_index(name, "attempt")
    op.drop_table("attempt")
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_key_at", "attempt", ["key", "at"])
