"""Let leads note what was tried, and from when."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "improvement_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= started_on",
            name="ck_improvement_note_in_order",
        ),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_improvement_note_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_improvement_note_team_id_team"
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"],
            ["staff_user.id"],
            name="fk_improvement_note_written_by_id_staff_user",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_improvement_note"),
    )
    op.create_index(
        "ix_improvement_note_trust", "improvement_note", ["trust_id", "team_id"]
    )


def downgrade():
    op.drop_index("ix_improvement_note_trust", "improvement_note")
    op.drop_table("improvement_note")
