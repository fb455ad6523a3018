"""Create keyed form."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "keyed_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("first_keyer_id", sa.Integer(), nullable=False),
        sa.Column("second_keyer_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("second", sa.JSON(), nullable=True),
        sa.Column("resolved", sa.JSON(), nullable=True),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_keyer_id <> second_keyer_id", name="two_people"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_keyed_form_assessment_id_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["first_keyer_id"],
            ["staff_user.id"],
            name="fk_keyed_form_first_keyer_id_staff_user",
        ),
        sa.ForeignKeyConstraint(
            ["second_keyer_id"],
            ["staff_user.id"],
            name="fk_keyed_form_second_keyer_id_staff_user",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_keyed_form"),
        sa.UniqueConstraint("assessment_id", name="uq_keyed_form_assessment_id"),
    )


def downgrade():
    op.drop_table("keyed_form")
