"""Create plans and population tables, held for a campaign or kept with a run."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "run_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("n_sent", sa.Integer(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attached_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('plan', 'population')", name="known_kind"),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_run_attachment_campaign_id_campaign",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["validation_run.id"],
            name="fk_run_attachment_run_id_validation_run",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["attached_by_id"],
            ["staff_user.id"],
            name="fk_run_attachment_attached_by_id_staff_user",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run_attachment"),
        sa.UniqueConstraint("run_id", "kind", name="uq_run_attachment_run_id_kind"),
    )
    op.create_index("ix_run_attachment_campaign_id", "run_attachment", ["campaign_id"])


def downgrade():
    op.drop_table("run_attachment")
