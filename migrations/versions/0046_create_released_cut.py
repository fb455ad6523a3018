"""Let out cross-cuts of a trust's year."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "released_cut",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("cut", sa.String(length=64), nullable=False),
        sa.Column("cell", sa.String(length=200), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_released_cut_trust_id_trust"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_cut"),
        sa.UniqueConstraint(
            *("trust_id", "perspective", "series", "year", "cut", "cell", "scale"),
            name="uq_released_cut_of_year",
        ),
    )


def downgrade():
    op.drop_table("released_cut")
