"""Keep what a campaign says in its notices, and which of it a person had read."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "campaign_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("is_research", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_notice_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_notice")),
        sa.UniqueConstraint(
            "campaign_id",
            "version",
            name=op.f("uq_campaign_notice_campaign_id_version"),
        ),
    )
    with op.batch_alter_table("campaign") as table:
        # What runs already stays open; what is made from now on waits.
        table.add_column(
            sa.Column(
                "awaits_notice", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    with op.batch_alter_table("consent") as table:
        table.add_column(sa.Column("notice_version", sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table("consent") as table:
        table.drop_column("notice_version")
    with op.batch_alter_table("campaign") as table:
        table.drop_column("awaits_notice")
    op.drop_table("campaign_notice")
