"""Create campaign, its teams and its instruments."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("companion_measures", sa.JSON(), nullable=False),
        sa.Column("items_per_page", sa.Integer(), nullable=False),
        sa.Column("retest_after_days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("items_per_page > 0", name="pages_hold_items"),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_campaign_trust_id_trust"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_trust_id", "campaign", ["trust_id"])

    op.create_table(
        "campaign_instrument",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "perspective IN ('service_user', 'carer', 'professional')",
            name="known_perspective",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_instrument_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_instrument"),
        sa.UniqueConstraint(
            "campaign_id",
            "perspective",
            name="uq_campaign_instrument_campaign_id_perspective",
        ),
    )
    op.create_table(
        "campaign_team",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_team_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_campaign_team_team_id_team"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "team_id", name="pk_campaign_team"),
    )


def downgrade():
    op.drop_table("campaign_team")
    op.drop_table("campaign_instrument")
    op.drop_index("ix_campaign_trust_id", "campaign")
    op.drop_table("campaign")
