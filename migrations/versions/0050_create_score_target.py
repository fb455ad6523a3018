"""Keep targets and step changes of charts, with who set them and when."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "score_target",
        *_of_a_chart("score_target"),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_who("score_target", "set", False),
        *_who("score_target", "closed", True),
        sa.CheckConstraint(
            "value > 0 AND value < 100", name="ck_score_target_on_the_scale"
        ),
    )
    op.create_table(
        "chart_step",
        *_of_a_chart("chart_step"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_who("chart_step", "set", False),
        *_who("chart_step", "undone", True),
    )
    for table in ("score_target", "chart_step"):
        op.create_index(f"ix_{table}_trust", table, ["trust_id", "perspective"])


def downgrade():
    op.drop_table("chart_step")
    op.drop_table("score_target")


def _of_a_chart(table):
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name=f"fk_{table}_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=f"fk_{table}_team_id_team"
        ),
    )


def _who(table, what, may_be_empty):
    return (
        sa.Column(f"{what}_by_id", sa.Integer(), nullable=may_be_empty),
        sa.Column(f"{what}_at", sa.DateTime(timezone=True), nullable=may_be_empty),
        sa.ForeignKeyConstraint(
            [f"{what}_by_id"],
            ["staff_user.id"],
            name=f"fk_{table}_{what}_by_id_staff_user",
        ),
    )
