"""Create adaptive sittings and exposures: which item was given at which step."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STOP_REASONS = "'precise', 'no_gain', 'longest', 'exhausted', 'wish', 'all_questions'"


def upgrade():
    op.create_table(
        "adaptive_sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("calibration", sa.String(length=80), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("stop_reason", sa.String(length=16)),
        sa.CheckConstraint(
            f"stop_reason IN ({STOP_REASONS})",
            name="known_stop_reason",
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_adaptive_sitting_assessment_id_assessment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_adaptive_sitting"),
        sa.UniqueConstraint("assessment_id", name="uq_adaptive_sitting_assessment_id"),
    )
    op.create_table(
        "exposure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("theta", sa.Double(), nullable=False),
        sa.Column("se", sa.Double(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["adaptive_sitting.id"],
            name="fk_exposure_sitting_id_adaptive_sitting",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_exposure"),
        sa.UniqueConstraint(
            "sitting_id", "item_id", name="uq_exposure_sitting_id_item_id"
        ),
        sa.UniqueConstraint("sitting_id", "step", name="uq_exposure_sitting_id_step"),
    )


def downgrade():
    op.drop_table("exposure")
    op.drop_table("adaptive_sitting")
