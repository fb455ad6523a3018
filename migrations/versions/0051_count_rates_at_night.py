"""Keep how many of a team were invited and answered, as counted every night."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "released_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("n_invited", sa.Integer(), nullable=False),
        sa.Column("n_answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_released_rate_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_released_rate_team_id_team"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_rate"),
        sa.UniqueConstraint(
            *("trust_id", "perspective", "team_id"),
            name="uq_released_rate_trust_id_perspective_team_id",
        ),
    )


def downgrade():
    op.drop_table("released_rate")
